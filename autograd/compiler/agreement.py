"""Whether a replay gives what f gives, up to the order in which numbers are added up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

import numpy as np

from ..gradients import gradients_of
from ..graph import operands_first
from ..structure import is_array, leaves
from ..value import Value

_RELATIVE = 1e-9
_LOST = 1e-12  # what additions in another order may lose, of the largest number added
_CANCELLED = 1e-4  # results below this part of their operands: above, _RELATIVE allows for it


def agree(found: Any, expected: Sequence[Any]) -> bool:
    """Whether the numbers are the same, but for rounding."""
    numbers = [x.data if type(x) is Value else x for x in expected]
    if np.size(found) != len(numbers):
        return False
    return _close(found, numbers, 0.0) or _close(found, numbers, _LOST * _largest_lost(expected))


def same_results(found: Any, expected: Any) -> bool:
    """Whether two results have the same structure and, but for rounding, the same numbers."""
    if not alike(found, expected):
        return False
    return agree([x.data for x in leaves(found)], list(leaves(expected)))


def same_gradients(found: Any, expected: Any, parameters: Sequence[Value]) -> bool:
    """Whether the numbers in two results have the same derivatives by the parameters."""
    pairs = zip(leaves(found), leaves(expected), strict=True)
    return all(agree(_gradients(x, parameters), _gradients(y, parameters)) for x, y in pairs)


def _gradients(output: Value, parameters: Sequence[Value]) -> list[float]:
    table = dict(zip(*gradients_of(output), strict=True))
    return [table.get(x, 0.0) for x in parameters]


def close_gradients(found: Any, expected: Sequence[float], value: float) -> bool:
    """Whether two gradients are the same, but for rounding in sums that nearly cancel."""
    largest = max(map(abs, expected), default=0.0)
    return np.allclose(found, expected, rtol=0.0, atol=1e-6 * largest + 1e-9 * (1.0 + abs(value)))


def alike(found: Any, expected: Any) -> bool:
    """Whether what was found is built as expected, with a Value for each number."""
    if is_array(found) and is_array(expected):
        return bool(found.shape == expected.shape) and all(type(x) is Value for x in found.flat)
    if not isinstance(expected, (Mapping, Sequence)):
        return type(found) is Value
    if not isinstance(expected, type(found)) or len(found) != len(expected):
        return False
    if isinstance(expected, Mapping):
        return list(found) == list(expected) and all(alike(found[k], expected[k]) for k in expected)
    return all(map(alike, found, expected))


def _close(found: Any, numbers: Sequence[float], absolute: float) -> bool:
    found = np.ravel(found)
    return np.allclose(found, numbers, rtol=_RELATIVE, atol=1e-300 + absolute, equal_nan=True)


def _largest_lost(outputs: Sequence[Any]) -> float:
    """The largest number, behind the outputs, of which nearly nothing was left: |a| of a - a."""
    nodes = operands_first([x for x in outputs if type(x) is Value])
    sizes = [(_size(node), node.data) for node in nodes if node._operation is not None]
    lost = [size for size, x in sizes if isfinite(size) and abs(x) < _CANCELLED * size]
    return max(lost, default=0.0)


def _size(node: Value) -> float:
    """The size of the numbers that a node was computed from; of a dot product, of its terms."""
    operation = node._operation
    numbers = [parent.data for parent in node.parents]
    numbers += [x for x in node._constants or () if x is not None]
    largest = max(map(abs, numbers), default=0.0)
    return largest * largest if operation is not None and operation.name == "dot" else largest
