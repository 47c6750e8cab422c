"""What the plots share: matplotlib, loaded when first needed, colours, numbers from anything."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite
from typing import TYPE_CHECKING, Any

from autograd import Value
from autograd.errors import ArgumentError, ArgumentTypeError, AutogradError
from autograd.real import as_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's colours; whatever differs by colour differs by dashes or marker too.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DASHES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)))
MARKERS = "osD^v*P"
GREY = "#777777"


class PlotsMissingError(AutogradError, ImportError):
    """matplotlib is not installed."""


def pyplot() -> Any:
    """matplotlib.pyplot, or an error that says how to get it."""
    try:
        import matplotlib.pyplot as loaded
    except ImportError as cause:
        raise PlotsMissingError(
            "plots are drawn by matplotlib, which is missing: pip install gradtable[plots]"
        ) from cause
    return loaded


def own_axes(axes: Axes | None, width: float = 5.0, height: float = 3.6) -> Axes:
    """The axes given, or those of a new figure."""
    if axes is not None:
        return axes
    new: Axes = pyplot().subplots(figsize=(width, height), layout="constrained")[1]
    return new


def listed(x: Any) -> Any:
    """Arrays and sequences as lists; anything else as it is."""
    if hasattr(x, "tolist"):
        return x.tolist()
    return list(x) if isinstance(x, Iterable) and not isinstance(x, (str, bytes)) else x


def number_of(x: Any, what: str, *, finite: bool = True) -> float:
    """A number of any kind, or a Value's, as a float."""
    found = x.data if type(x) is Value else as_number(x)
    if found is None or (finite and not isfinite(found)):
        raise ArgumentError(f"{what} needs {'finite ' * finite}numbers, but got {x!r:.80}")
    return found


def points_of(points: Any, what: str) -> list[tuple[float, float]]:
    """Points of the plane."""
    found = listed(points)
    pairs = [listed(p) for p in found] if isinstance(found, list) else []
    if not pairs or any(not isinstance(p, list) or len(p) != 2 for p in pairs):
        raise ArgumentError(f"{what} needs points of two numbers each, but got {points!r:.80}")
    return [(number_of(x, what), number_of(y, what)) for x, y in pairs]


def checked_function(function: Any, what: str) -> None:
    if not callable(function):
        raise ArgumentTypeError(f"{what} needs a function, but got {function!r:.80}")


def plain_text(text: Any) -> str:
    """Text for matplotlib, in which $…$ would be set as mathematics."""
    return str(text).replace("$", r"\$")
