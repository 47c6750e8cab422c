"""Samples and targets: split, shuffled, cut into mini-batches, encoded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from autograd import ArgumentError

from .checks import count, items, numeric, real, same_length
from .nested import is_leaf
from .randomness import Seed, generator


def minibatches(
    inputs: Sequence[Any],
    targets: Sequence[Any],
    batch_size: int | None = None,
    seed: Seed = None,
    *,
    shuffle: bool = True,
) -> Iterator[tuple[Any, Any]]:
    """Every sample once, in random order, `batch_size` at a time; None: all at once.

    The last batch is smaller where the size does not divide the number of samples.
    """
    n = same_length(inputs, targets, "minibatches(inputs, targets)")
    size = n if batch_size is None else count(batch_size, "minibatches(batch_size=…)")
    order = list(range(n))
    if shuffle:
        generator(seed).shuffle(order)
    return (
        (_taken(inputs, part), _taken(targets, part))
        for part in (order[start : start + size] for start in range(0, n, size))
    )


def _taken(samples: Any, places: list[int]) -> Any:
    """The samples at these places: of an array an array, else a list."""
    if hasattr(samples, "dtype"):
        return samples[places]
    return [samples[i] for i in places]


def train_test_split(
    inputs: Sequence[Any], targets: Sequence[Any], test_size: float = 0.25, seed: Seed = None
) -> tuple[list[Any], list[Any], list[Any], list[Any]]:
    """(training inputs, test inputs, training targets, test targets), split at random."""
    n = same_length(inputs, targets, "train_test_split(inputs, targets)")
    held_out = round(n * real(test_size, "train_test_split(test_size=…)", least=0.0, below=1.0))
    if not 0 < held_out < n:
        raise ArgumentError(f"test_size={test_size!r} of {n} samples leaves one part empty")
    order = list(range(n))
    generator(seed).shuffle(order)
    test, train = order[:held_out], order[held_out:]
    return (
        [inputs[i] for i in train],
        [inputs[i] for i in test],
        [targets[i] for i in train],
        [targets[i] for i in test],
    )


def one_hot(labels: Any, num_classes: int = -1) -> Any:
    """Class t as the list with 1 at place t and 0 elsewhere; of several a list of lists.

    As many places as there are classes, or, for −1, as the largest class needs.
    """
    many = not is_leaf(labels)
    classes = list(items(labels, "one_hot")) if many else [labels]
    for i, t in enumerate(classes):
        if numeric(t, f"one_hot: label {i}", least=0.0) % 1.0:
            raise ArgumentError(f"one_hot: label {i} is a whole number, not {t!r}")
    largest = int(max(classes, default=0))
    n = largest + 1 if num_classes == -1 else count(num_classes, "num_classes")
    for i, t in enumerate(classes):
        if t >= n:
            raise ArgumentError(f"one_hot: label {i} is a class from 0 to {n - 1}, not {t!r}")
    rows = [[float(k == t) for k in range(n)] for t in classes]
    return rows if many else rows[0]
