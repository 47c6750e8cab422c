"""Numbers that are watched, not minimised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd import ArgumentError, ArgumentTypeError
from autograd.contexts import READS, refuse

from .checks import same_length
from .nested import flattened, plain


def accuracy(outputs: Sequence[Any], targets: Sequence[Any], threshold: float = 0.0) -> float:
    """The fraction of samples that are classified right.

    Of several outputs the largest is the guess, and the target a class or a one-hot list. One
    output means yes above the threshold (0 for logits and margins, 0.5 for probabilities), and the
    target yes where it is positive.
    """
    refuse(READS)
    name = "accuracy(outputs, targets)"
    if callable(outputs):
        raise ArgumentTypeError(
            f"{name} needs outputs, not a model: accuracy([model(x) for x in X], Y)"
        )
    n = same_length(outputs, targets, name)
    pairs = [
        (flattened(o, name), flattened(t, name)) for o, t in zip(outputs, targets, strict=True)
    ]
    return sum([_is_right(o, t, threshold, i) for i, (o, t) in enumerate(pairs)]) / n


def _is_right(output: list[Any], target: list[Any], threshold: float, i: int) -> bool:
    """Whether sample i is classified right."""
    classes = len(output)
    if not classes:
        raise ArgumentError(f"accuracy: output {i} is empty")
    if len(target) not in (1, classes):
        raise ArgumentError(
            f"accuracy: target {i} has {len(target)} entries, but there are {classes} classes"
        )
    if classes == 1:
        return (plain(output[0]) > threshold) == (plain(target[0]) > 0.0)
    right = plain(target[0]) if len(target) == 1 else _largest(target)
    if right not in range(classes):
        raise ArgumentError(
            f"accuracy: target {i} is a class from 0 to {classes - 1}, not {target[0]!r}"
        )
    return _largest(output) == right


def _largest(numbers: list[Any]) -> int:
    data = [plain(x) for x in numbers]
    return data.index(max(data))
