"""`check_gradients`: derivatives against differences, with a bound on what the differences know."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite

from .derivatives import Run, grad, jacobian
from .errors import ArgumentError, GradientError
from .structure import leaves, rebuilt
from .value import number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def check_gradients(
    f: Callable[..., Any], *point: Any, order: int = 2, tolerance: float = 1e-6
) -> None:
    """Raise where the gradient of f, or for order 2 its Hessian, differs from differences.

    Central differences are extrapolated to step 0 (Ridders' method), which makes them good for
    about ten digits and gives an estimate of their own error. The point should be one at which f
    is smooth.
    """
    if order not in (1, 2):
        raise ArgumentError(f"check_gradients(…, order=) is 1 or 2, not {order!r}")
    numbers = [number(x, "an argument") for x in leaves(list(point))]
    names = _names(point)

    def value(*x: float) -> list[float]:
        run = Run(f, tuple(rebuilt(list(point), x)))
        return [number(run.plain(run.single_output()), "the result of f")]

    def gradient(*x: float) -> list[float]:
        found = grad(f)(*rebuilt(list(point), x))
        return list(leaves(found))

    _compare(value, [gradient(*numbers)], numbers, names, "∂f", tolerance)
    if order == 2:
        rows = [list(leaves(row)) for row in _hessian_rows(f, point, numbers)]
        _compare(gradient, rows, numbers, names, "∂²f", tolerance)


def _hessian_rows(f: Callable[..., Any], point: tuple[Any, ...], numbers: list[float]) -> list[Any]:
    def flat(*x: Any) -> list[Any]:
        return list(leaves(grad(f)(*rebuilt(list(point), x))))

    return list(jacobian(flat)(*numbers))


def _compare(
    function: Callable[..., list[float]],
    claimed: list[list[float]],
    numbers: list[float],
    names: list[str],
    what: str,
    tolerance: float,
) -> None:
    """claimed[i][j] against the difference quotient of function(...)[i] along argument j."""
    for j, name in enumerate(names):
        measured, errors = _differences(function, numbers, j)
        for i, row in enumerate(claimed):
            allowed = tolerance * abs(measured[i]) + 10.0 * errors[i] + 1e-10
            by = f"∂{name}" if what == "∂f" else f"∂{names[i]}∂{name}"
            if not isfinite(errors[i]):
                raise GradientError(
                    f"{what}/{by} is computed as {row[j]!r}, but cannot be measured here: "
                    "differences do not converge, so f may have an edge at this point"
                )
            if not abs(row[j] - measured[i]) <= allowed:
                raise GradientError(
                    f"{what}/{by} is computed as {row[j]!r}, but differences give {measured[i]!r} "
                    f"(off by {abs(row[j] - measured[i]):.3g}, allowed {allowed:.3g})"
                )


def _differences(
    function: Callable[..., list[float]], numbers: list[float], j: int
) -> tuple[list[float], list[float]]:
    """The derivative of each result along argument j, and its error: the best of several scales.

    What suits depends on f: near an edge of its domain the steps must be small, and so they must be
    where it oscillates quickly.
    """
    x = abs(numbers[j])
    best, errors = _extrapolated(function, numbers, j, 0.1 * min(max(x, 0.1), 1.0))
    for step in (0.1 * x, 1e-4, 1e-4 * x):
        if all(e <= 1e-9 * abs(d) + 1e-12 for d, e in zip(best, errors, strict=True)):
            break
        if numbers[j] + step != numbers[j]:
            for i, found in enumerate(zip(*_extrapolated(function, numbers, j, step), strict=True)):
                if found[1] < errors[i]:
                    best[i], errors[i] = found
    return best, errors


def _extrapolated(
    function: Callable[..., list[float]], numbers: list[float], j: int, step: float
) -> tuple[list[float], list[float]]:
    """Ridders' extrapolation of central differences from this step on, and its error."""
    rows: list[list[list[float]]] = []
    best: list[float] = []
    errors: list[float] = []
    for level in range(10):
        row = [_central(function, numbers, j, step)]
        for k in range(1, level + 1):
            factor = 2.0 ** (2 * k)
            row.append(
                [
                    (factor * new - old) / (factor - 1.0)
                    for new, old in zip(row[-1], rows[-1][k - 1], strict=True)
                ]
            )
            for i in range(len(row[k])):
                error = max(abs(row[k][i] - row[k - 1][i]), abs(row[k][i] - rows[-1][k - 1][i]))
                if error <= errors[i] and isfinite(row[k][i]):
                    best[i], errors[i] = row[k][i], error
        if level == 0:
            best, errors = list(row[0]), [float("inf")] * len(row[0])
        rows.append(row)
        step /= 2.0
    return best, errors


def _central(
    function: Callable[..., list[float]], numbers: list[float], j: int, step: float
) -> list[float]:
    above, below = list(numbers), list(numbers)
    above[j] += step
    below[j] -= step
    try:
        pairs = zip(function(*above), function(*below), strict=True)
        return [(a - b) / (above[j] - below[j]) for a, b in pairs]
    except (ArithmeticError, ValueError):  # a large step may leave the domain; smaller ones follow
        return [float("nan")] * len(function(*numbers))


def _names(point: tuple[Any, ...]) -> list[str]:
    """x1, x2[0], x2[1], …: a name for every number among the arguments."""
    names: list[str] = []
    for i, x in enumerate(point, 1):
        inner = list(leaves(x))
        single = len(inner) == 1 and inner[0] is x
        names += [f"x{i}"] if single else [f"x{i}[{k}]" for k in range(len(inner))]
    return names
