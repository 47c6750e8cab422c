"""Trainings and decisions: the loss over the epochs, classes in the plane, optimisers' ways.

A function draws into the `axes` it is given, or into a figure of its own, and returns the Axes, for
more to be added.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

from autograd import no_grad
from autograd.errors import ArgumentError, ArgumentTypeError

from .canvas import (
    COLOURS,
    DASHES,
    GREY,
    MARKERS,
    checked_function,
    listed,
    number_of,
    own_axes,
    plain_text,
    points_of,
    pyplot,
)
from .text import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_history(history: Any, *, log: bool = False, axes: Axes | None = None) -> Axes:
    """The losses over the epochs, and beside them the metrics: of a History, or of a mapping.

    Numbers alone are losses. In `axes` that are given all share one panel. The Axes returned are
    those of the losses.
    """
    losses, metrics = _curves(history)
    panels = {"loss": losses, "metrics": metrics} if axes is None else {"": losses | metrics}
    panels = {kind: curves for kind, curves in panels.items() if curves}
    if not panels:
        raise ArgumentError("plot_history: no epoch was finished, there is nothing to plot")
    places = [axes] if axes is not None else _side_by_side(len(panels))
    for place, (kind, curves) in zip(places, panels.items(), strict=True):
        for i, (name, numbers) in enumerate(curves.items()):
            _curve(place, i, name, range(1, len(numbers) + 1), numbers)
        _quiet(place, "epoch", kind if len(curves) > 1 else next(iter(curves)))
        if log and kind != "metrics":
            place.set_yscale("log")
        if len(curves) > 1:
            place.legend(frameon=False)
        place.locator_params(axis="x", integer=True, min_n_ticks=1)
    return places[0]


def _side_by_side(count: int) -> list[Axes]:
    _, grid = pyplot().subplots(
        1, count, figsize=(4.6 * count, 3.4), layout="constrained", squeeze=False
    )
    return list(grid.flat)


def _curves(history: Any) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """The losses, and everything else, by name."""
    if isinstance(history, Mapping):
        named = {str(name): numbers for name, numbers in history.items()}
    elif hasattr(history, "loss"):
        validation = getattr(history, "validation_loss", [])
        metrics = getattr(history, "metrics", {})
        named = {"loss": history.loss, "validation loss": validation, **metrics}
    else:
        named = {"loss": listed(history)}
        if not isinstance(named["loss"], list):
            raise ArgumentTypeError(
                "plot_history needs a History, a mapping from names to numbers, or numbers, not "
                f"{history!r:.80}"
            )
    curves = {name: _numbers(name, numbers) for name, numbers in named.items()}
    found = {name: numbers for name, numbers in curves.items() if numbers}
    losses = {name: numbers for name, numbers in found.items() if "loss" in name}
    return losses, {name: numbers for name, numbers in found.items() if name not in losses}


def _numbers(name: str, numbers: Any) -> list[float]:
    """One number an epoch; where it is not finite the curve has a gap."""
    found = listed(numbers)
    if not isinstance(found, list):
        raise ArgumentTypeError(
            f"plot_history: {name} needs a list of numbers, but got {numbers!r:.80}"
        )
    return [number_of(x, f"plot_history: {name}", finite=False) for x in found]


def _curve(axes: Axes, i: int, name: str, xs: Any, ys: Any) -> None:
    """A line that differs from the others by colour, dashes and, where it is short, markers."""
    style: dict[str, Any] = {
        "color": COLOURS[i % len(COLOURS)],
        "linestyle": DASHES[i % len(DASHES)],
    }
    marker = MARKERS[i % len(MARKERS)] if len(ys) <= 20 else ""
    axes.plot(xs, ys, label=plain_text(name), marker=marker, markersize=4, **style)


def _quiet(axes: Axes, below: str, beside: str) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlabel(below)
    axes.set_ylabel(plain_text(beside))


def plot_decision(
    model: Callable[..., Any],
    xs: Sequence[Sequence[float]],
    ys: Sequence[Any],
    *,
    threshold: float | None = None,
    resolution: int = 60,
    axes: Axes | None = None,
) -> Axes:
    """Where in the plane a model decides for which class, with the samples on top.

    A model with one output decides at the threshold, by default half way between the two targets
    (0 for targets −1 and 1, ½ for 0 and 1); one with several decides for the largest.
    """
    checked_function(model, "plot_decision(model, …)")
    points, classes = _samples(xs, ys)
    kinds = sorted(set(classes))
    middle = (kinds[0] + kinds[-1]) / 2
    cut = middle if threshold is None else number_of(threshold, "plot_decision(…, threshold=)")
    grid_x, grid_y = (_span([p[axis] for p in points], resolution) for axis in (0, 1))
    with no_grad():
        outputs = [[_outputs(model([x, y]), "model") for x in grid_x] for y in grid_y]
    axes = own_axes(axes, 4.4, 4.0)
    for i, ahead in enumerate(_leads(outputs, cut)):
        if max(map(max, ahead)) > 0:
            far = max(map(max, ahead))
            axes.contourf(
                grid_x, grid_y, ahead, [0, far], colors=[COLOURS[i % len(COLOURS)]], alpha=0.3
            )
            if min(map(min, ahead)) < 0:
                axes.contour(grid_x, grid_y, ahead, [0], colors="black", linewidths=0.8)
    for i, kind in enumerate(kinds):
        chosen = [p for p, c in zip(points, classes, strict=True) if c == kind]
        axes.scatter(
            [p[0] for p in chosen], [p[1] for p in chosen], color=COLOURS[i % len(COLOURS)],
            marker=MARKERS[i % len(MARKERS)], edgecolor="white", linewidth=0.7, label=short(kind),
        )  # fmt: skip
    _quiet(axes, "x₁", "x₂")
    axes.legend(frameon=True, framealpha=0.85, edgecolor="none", title="target")
    return axes


def _leads(outputs: list[list[list[float]]], cut: float) -> list[list[list[float]]]:
    """For each class, by how much it is ahead of the best of the others at each place."""
    if len(outputs[0][0]) == 1:
        above = [[o[0] - cut for o in row] for row in outputs]
        return [[[-lead for lead in row] for row in above], above]
    return [
        [[o[k] - max(o[:k] + o[k + 1 :]) for o in row] for row in outputs]
        for k in range(len(outputs[0][0]))
    ]


def _samples(xs: Any, ys: Any) -> tuple[list[tuple[float, float]], list[float]]:
    """Points of the plane and the class of each, one-hot targets included."""
    points = points_of(xs, "plot_decision(model, xs, …)")
    targets = listed(ys)
    if not isinstance(targets, list):
        raise ArgumentTypeError(f"plot_decision needs a list of targets, but got {ys!r:.80}")
    classes = [_class(y) for y in targets]
    if len(classes) != len(points):
        raise ArgumentError(f"plot_decision got {len(points)} samples and {len(classes)} targets")
    return points, classes


def _class(y: Any) -> float:
    target = listed(y)
    if not isinstance(target, list):
        return number_of(target, "plot_decision")
    numbers = [number_of(x, "plot_decision") for x in target]
    return float(numbers.index(max(numbers))) if len(numbers) > 1 else numbers[0]


def _span(numbers: Sequence[float], count: int) -> list[float]:
    """Evenly spaced, a little beyond the numbers on both sides."""
    if type(count) is not int or count < 2:
        raise ArgumentError(f"resolution= is a whole number of at least 2 points, not {count!r}")
    low, high = min(numbers), max(numbers)
    margin = 0.12 * (high - low) or 1.0
    step = (high - low + 2 * margin) / (count - 1)
    return [low - margin + i * step for i in range(count)]


def _outputs(output: Any, whose: str) -> list[float]:
    found = listed(output)
    what = f"an output of the {whose}"
    many = found if isinstance(found, list) and found else [found]
    return [number_of(x, what, finite=False) for x in many]


def plot_paths(
    surface: Callable[[float, float], Any],
    paths: Mapping[str, Sequence[Sequence[float]]],
    *,
    resolution: int = 80,
    axes: Axes | None = None,
) -> Axes:
    """The ways that optimisers took over one surface f(x, y), drawn on its contour lines."""
    checked_function(surface, "plot_paths(surface, …)")
    if not isinstance(paths, Mapping) or not paths:
        raise ArgumentTypeError(
            f"plot_paths needs paths, points of two numbers each, by name, but got {paths!r:.80}"
        )
    ways = {name: points_of(path, f"plot_paths: {name}") for name, path in paths.items()}
    points = [p for way in ways.values() for p in way]
    axes = own_axes(axes, 5.4, 4.2)
    grid_x, grid_y = (_span([p[axis] for p in points], resolution) for axis in (0, 1))
    with no_grad():
        heights = [[_outputs(surface(x, y), "surface")[0] for x in grid_x] for y in grid_y]
    axes.contour(grid_x, grid_y, heights, levels=_levels(heights), colors=GREY, linewidths=0.6)
    for i, (name, way) in enumerate(ways.items()):
        _curve(axes, i, name, [p[0] for p in way], [p[1] for p in way])
        axes.plot(*way[-1], marker=MARKERS[i % len(MARKERS)], color=COLOURS[i % len(COLOURS)])
    axes.plot(*points[0], marker="x", color="black", markersize=8, linestyle="", label="start")
    _quiet(axes, "x", "y")
    axes.legend(frameon=True, framealpha=0.85, edgecolor="none")
    return axes


def _levels(heights: Sequence[Sequence[float]]) -> list[float]:
    """Levels with as much of the surface between any two of them, so that valleys show."""
    numbers = sorted(h for row in heights for h in row if isfinite(h))
    if not numbers:
        raise ArgumentError("plot_paths: the surface is nowhere finite around the paths")
    chosen = [numbers[i * (len(numbers) - 1) // 18] for i in range(1, 18)]
    return sorted(set(chosen)) or [numbers[0]]
