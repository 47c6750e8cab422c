"""Numbers that are watched, not minimised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .checks import same_length
from .nested import flattened, plain


def accuracy(outputs: Sequence[Any], targets: Sequence[Any], threshold: float = 0.0) -> float:
    """The fraction of samples that are classified right.

    Of several outputs the largest is the guess, and the target a class or a one-hot list. One
    output means yes above the threshold (0 for logits and margins, 0.5 for probabilities), and the
    target yes where it is positive.
    """
    n = same_length(outputs, targets, "accuracy(outputs, targets)")
    pairs = zip(outputs, targets, strict=True)
    return sum([_is_right(flattened(o), flattened(t), threshold) for o, t in pairs]) / n


def _is_right(output: list[Any], target: list[Any], threshold: float) -> bool:
    if len(output) == 1:
        return (plain(output[0]) > threshold) == (plain(target[0]) > 0.0)
    return _largest(output) == (_largest(target) if len(target) > 1 else plain(target[0]))


def _largest(numbers: list[Any]) -> int:
    data = [plain(x) for x in numbers]
    return data.index(max(data))
