"""`check_gradients`: derivatives against differences, with a bound on what the differences know."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import inf, isfinite, nan, ulp

from .derivatives import Run, grad, jacobian
from .errors import ArgumentError, GradientError
from .gradients import gradients_of
from .real import number
from .structure import leaves, rebuilt
from .value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Estimate = tuple[int, float, float, bool]  # a rank, an error, a slope, whether f is rough

RATIO = 1.7  # of steps; with 2 an oscillation could look alike at all of them
EXACT = (None, "pos")  # inputs, and the copies that `Run` makes of them
CLEAR, FLAT, UNCLEAR = range(3)  # FLAT: f shows no change at all
UNKNOWN = (UNCLEAR, inf, nan, True)


def check_gradients(
    f: Callable[..., Any], *point: Any, order: int = 2, tolerance: float = 1e-6
) -> None:
    """Raise where the gradient of f, or for order 2 its Hessian, differs from differences.

    Central differences of many sizes are extrapolated to step 0, which makes them good for about
    ten digits and gives an estimate of their own error. The point should be one at which f is
    smooth; where the differences cannot decide, the error raised says that. A derivative too
    small to be seen above the rounding of f passes.
    """
    if order not in (1, 2):
        raise ArgumentError(f"check_gradients(…, order=) is 1 or 2, not {order!r}")
    tolerance = number(tolerance, "check_gradients(…, tolerance=)")
    if not 0.0 <= tolerance < inf:
        raise ArgumentError(
            f"check_gradients(…, tolerance=) is finite and 0 or more, not {tolerance!r}"
        )
    numbers = [number(x, "an argument") for x in leaves(list(point))]
    if not all(map(isfinite, numbers)):
        raise ArgumentError(f"check_gradients needs finite numbers, but got {numbers!r}")
    names = _names(point)

    def value(*x: Any) -> list[Any]:
        run = Run(f, tuple(rebuilt(list(point), x)))
        y = run.plain(run.single_output())
        return [y if type(y) is Value else number(y, "the result of f")]

    def gradient(*x: Any) -> list[Any]:
        return list(leaves(grad(f)(*rebuilt(list(point), x))))

    _compare(value, [gradient(*numbers)], numbers, names, "∂f", tolerance)
    if order == 2:
        rows = [list(leaves(row)) for row in jacobian(gradient)(*numbers)]
        _compare(gradient, rows, numbers, names, "∂²f", tolerance)


def _compare(
    function: Callable[..., list[Any]],
    claimed: list[list[float]],
    numbers: list[float],
    names: list[str],
    what: str,
    tolerance: float,
) -> None:
    """claimed[i][j] against the difference quotient of function(...)[i] along argument j."""
    middle = [_with_rounding(y) for y in Run(function, tuple(numbers)).result]
    for j, name in enumerate(names):
        for i, (rank, error, slope, rough) in enumerate(_measured(function, numbers, j, middle)):
            claim, by = claimed[i][j], f"∂{name}" if what == "∂f" else f"∂{names[i]}∂{name}"
            off, doubt = abs(claim - slope), 30.0 * error
            allowed = tolerance * abs(slope) if abs(slope) > doubt else 1e-10
            if off <= allowed or (rank < UNCLEAR and off <= allowed + doubt):
                continue
            computed = f"{what}/{by} is computed as {claim!r}, but "
            if rank == UNCLEAR or rough:
                raise GradientError(
                    f"{computed}cannot be measured here: differences do not converge, so f may "
                    "have an edge at this point, or be known too roughly"
                )
            raise GradientError(
                f"{computed}differences give {slope!r} "
                f"(off by {off:.3g}, allowed {allowed + doubt:.3g})"
            )


def _with_rounding(y: Any) -> tuple[float, float]:
    """A result and Σ |∂y/∂u| ulp(u): as much as rounding the nodes u behind it may change it."""
    if type(y) is not Value:
        return y, ulp(y)
    nodes = zip(*gradients_of(y), strict=True)
    parts = [abs(slope) * ulp(u.data) for u, slope in nodes if u.op not in EXACT]
    return y.data, sum(filter(isfinite, parts))


def _measured(
    function: Callable[..., list[float]],
    numbers: list[float],
    j: int,
    middle: list[tuple[float, float]],
) -> list[Estimate]:
    """The slope of each result along argument j.

    What step suits depends on f: near an edge of its domain it must be small, and so it must be
    where f oscillates quickly; where f is large it must not be. So steps of all sizes are tried,
    until two of them have measured every result well.
    """
    x = abs(numbers[j])
    step, smallest = 0.1 * max(x, 1.0), max(1e-8 * min(x or 1.0, 1.0), 1e-12 * x)
    found: list[list[Estimate]] = []
    while step > smallest and not (len(found) > 1 and all(map(_good, found[-2] + found[-1]))):
        found.append(_with_step(function, numbers, j, step, middle))
        step /= 4.0
    return [_best(estimates) for estimates in zip(*found, strict=True)]


def _good(estimate: Estimate) -> bool:
    rank, error, slope, _ = estimate
    return rank == FLAT or (rank == CLEAR and error <= 1e-8 * abs(slope))


def _best(estimates: Sequence[Estimate]) -> Estimate:
    """The clearest, which is not taken to be better than it agrees with the next."""
    (rank, error, slope, rough), second, *_ = sorted(estimates)
    if rank == second[0]:
        error = max(error, abs(slope - second[2]))
    return rank, error, slope, rough


def _with_step(
    function: Callable[..., list[float]],
    numbers: list[float],
    j: int,
    step: float,
    middle: list[tuple[float, float]],
) -> list[Estimate]:
    """What central differences with this step and three smaller ones say together."""
    pairs: list[tuple[list[float], list[float]]] = []
    widths: list[float] = []
    for k in range(4):
        above, below = list(numbers), list(numbers)
        above[j] += step / RATIO**k
        below[j] -= step / RATIO**k
        widths.append(above[j] - below[j])
        try:
            pairs.append((function(*above), function(*below)))
        except (ArithmeticError, ValueError):  # a large step may leave the domain
            return [UNKNOWN] * len(middle)
    return [
        _estimate([(above[i], below[i]) for above, below in pairs], widths, *known)
        for i, known in enumerate(middle)
    ]


def _estimate(
    pairs: list[tuple[float, float]], widths: list[float], middle: float, rounding: float
) -> Estimate:
    """The slope at step 0, which is clear where f looks like a polynomial at this scale.

    Then the mean of both sides comes out there as the number in the middle, too. What rounding
    hides is not held against f, but the error says so; f is rough where that is not the rounding
    of its result, but of what it is computed from: a quick oscillation could look like that, too.
    """
    slope, error = _at_zero([(a - b) / w for (a, b), w in zip(pairs, widths, strict=True)])
    mean, _ = _at_zero([0.5 * (a + b) for a, b in pairs])
    visible = max([ulp(y) for pair in pairs for y in pair])
    rounding = max(rounding, visible)
    spread = max([abs(y - middle) for pair in pairs for y in pair])
    unlike = max(error * widths[0], abs(mean - middle))
    sharp = unlike <= max(4e-6 * spread, 16.0 * visible)
    rank = (CLEAR if spread else FLAT) if sharp or unlike <= 16.0 * rounding else UNCLEAR
    return rank, error + 2.0 * rounding / widths[-1], slope, not sharp


def _at_zero(row: list[float]) -> tuple[float, float]:
    """An even function, given at four steps, extrapolated to 0 (Richardson), and the error."""
    factor = 1.0
    while len(row) > 1:
        factor *= RATIO * RATIO
        finest = row[-1]
        row = [(factor * fine - coarse) / (factor - 1.0) for coarse, fine in pairwise(row)]
    return row[0], abs(row[0] - finest)


def _names(point: tuple[Any, ...]) -> list[str]:
    """x1, x2[0], x2[1], …: a name for every number among the arguments."""
    names: list[str] = []
    for i, x in enumerate(point, 1):
        inner = list(leaves(x))
        single = len(inner) == 1 and inner[0] is x
        names += [f"x{i}"] if single else [f"x{i}[{k}]" for k in range(len(inner))]
    return names
