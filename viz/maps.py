"""Weights and images: Hinton diagrams, feature maps, filters, receptive fields.

A function draws into the `axes` it is given, or into a figure of its own, and returns the Axes
(`plot_maps`, which draws several, returns the Figure), for more to be added.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, sqrt
from operator import index
from typing import TYPE_CHECKING, Any

from autograd.errors import ArgumentError, ArgumentTypeError

from .canvas import COLOURS, listed, number_of, own_axes, plain_text, pyplot

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


WIDEST = 0.9  # of a cell: even the largest square of a Hinton diagram stands by itself


def hinton(
    weights: Any,
    shape: tuple[int, int] | None = None,
    *,
    largest: float | None = None,
    title: str = "",
    axes: Axes | None = None,
) -> Axes:
    """A Hinton diagram: a square for each weight, its area the magnitude; white is +, black is −.

    `shape` is (rows, columns) of the image that the weights look at; nested rows have their own.
    `largest` is the magnitude of a full square, for several diagrams on one scale.
    """
    rows = _image(weights, shape, "hinton")
    biggest = max(abs(w) for row in rows for w in row)
    if largest is not None:
        biggest = number_of(largest, "hinton(…, largest=)")
        if biggest < 0:
            raise ArgumentError(f"hinton(…, largest=) is a number from 0 on, not {largest!r}")
    axes = own_axes(axes, 0.4 + 0.35 * len(rows[0]), 0.4 + 0.35 * len(rows))
    from matplotlib.patches import Rectangle

    for y, row in enumerate(rows):
        for x, weight in enumerate(row):
            side = WIDEST * sqrt(min(abs(weight) / biggest, 1.0)) if biggest else 0.0
            corner = (x - side / 2, y - side / 2)
            colour = "white" if weight > 0 else "black"
            if side:
                axes.add_patch(Rectangle(corner, side, side, facecolor=colour, edgecolor="none"))
    axes.set_facecolor("#8c8c8c")
    return _as_image(axes, len(rows), len(rows[0]), title)


def plot_maps(maps: Any, *, titles: Sequence[str] = (), weights: bool = False) -> Figure:
    """Several images on one scale: feature maps in greys or, with `weights`, Hinton diagrams.

    `maps` is nested as deep as it likes, (filters, channels, rows, columns) for instance; the two
    innermost levels are the rows and columns of an image.
    """
    images = _images(maps)
    if not isinstance(titles, Sequence) or len(titles) not in (0, len(images)):
        raise ArgumentError(f"plot_maps needs titles for {len(images)} images, not {titles!r:.80}")
    columns = _even_columns(len(images))
    rows = ceil(len(images) / columns)
    size = (1.5 * columns, 1.6 * rows)
    figure, grid = pyplot().subplots(
        rows, columns, figsize=size, layout="constrained", squeeze=False
    )
    numbers = [x for image in images for row in image for x in row]
    low, high = min(numbers), max(numbers)
    for i, place in enumerate(grid.flat):
        if i >= len(images):
            place.set_axis_off()
            continue
        title = titles[i] if titles else ""
        if weights:
            hinton(images[i], largest=max(-low, high), title=title, axes=place)
        else:
            place.imshow(images[i], cmap="gray", vmin=low, vmax=high)
            _as_image(place, len(images[i]), len(images[i][0]), title)
    return figure  # type: ignore[no-any-return]


def _even_columns(count: int) -> int:
    """How many images to a row, so that the last row is as full as can be."""
    side = ceil(sqrt(count))
    return min(
        range(side, min(count, 2 * side) + 1),
        key=lambda columns: (-count % columns, abs(columns - sqrt(1.6 * count))),
    )


def plot_receptive_field(
    image: Any, field: Sequence[tuple[int, int]], *, title: str = "", axes: Axes | None = None
) -> Axes:
    """An image with the part that a unit sees: `field` is [(first, last) row, … column]."""
    rows = _image(image, None, "plot_receptive_field")
    try:
        (top, bottom), (left, right) = [(index(a), index(b)) for a, b in field]
        if top > bottom or left > right:
            raise ValueError("the last lies before the first")
    except (TypeError, ValueError):
        raise ArgumentError(
            "plot_receptive_field(image, field) needs [(first row, last row), (first column, last "
            f"column)], but got {field!r:.80}"
        ) from None
    axes = own_axes(axes, 3.2, 3.2)
    from matplotlib.patches import Rectangle

    axes.imshow(rows, cmap="gray")
    height, width = len(rows), len(rows[0])
    outside = [
        (-0.5, -0.5, width, top), (-0.5, bottom + 0.5, width, height - 1 - bottom),
        (-0.5, top - 0.5, left, bottom - top + 1),
        (right + 0.5, top - 0.5, width - 1 - right, bottom - top + 1),
    ]  # fmt: skip
    for x, y, w, h in outside:
        if w > 0 and h > 0:
            axes.add_patch(Rectangle((x, y), w, h, facecolor="white", alpha=0.6, edgecolor="none"))
    axes.add_patch(
        Rectangle(
            (left - 0.5, top - 0.5), right - left + 1, bottom - top + 1,
            fill=False, edgecolor=COLOURS[1], linewidth=2.5, clip_on=False,
        )
    )  # fmt: skip
    _as_image(axes, height, width, title)
    axes.set_xlim(min(left, 0) - 0.5, max(right, width - 1) + 0.5)
    axes.set_ylim(max(bottom, height - 1) + 0.5, min(top, 0) - 0.5)
    return axes


def _as_image(axes: Axes, height: int, width: int, title: str) -> Axes:
    axes.set_xlim(-0.5, width - 0.5)
    axes.set_ylim(height - 0.5, -0.5)
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    if title:
        axes.set_title(plain_text(title), fontsize=10)
    return axes


def _images(maps: Any) -> list[list[list[float]]]:
    """All the images in a nested structure."""
    found = listed(maps)
    first = listed(found[0]) if isinstance(found, list) and found else None
    if not isinstance(first, list) or not first:
        raise ArgumentError(
            f"plot_maps needs at least one image of rows and columns, but got {maps!r:.80}"
        )
    if not isinstance(listed(first[0]), list):
        return [_image(found, None, "plot_maps")]
    return [image for inner in found for image in _images(inner)]


def _image(numbers: Any, shape: tuple[int, int] | None, what: str) -> list[list[float]]:
    """Rows of numbers: as they are nested, or cut from one list by the shape."""
    rows = listed(numbers)
    if not isinstance(rows, list) or not rows:
        raise ArgumentTypeError(f"{what} needs rows of numbers, but got {numbers!r:.80}")
    if shape is not None:
        flat = [x for row in rows for x in (row if isinstance(listed(row), list) else [row])]
        columns = _columns(shape, len(flat))
        if not columns:
            raise ArgumentError(f"{what}: {len(flat)} numbers are no image of shape {shape!r:.80}")
        rows = [flat[i : i + columns] for i in range(0, len(flat), columns)]
    image = [[number_of(x, what) for x in _as_row(row, what)] for row in rows]
    if len({len(row) for row in image}) != 1 or not image[0]:
        raise ArgumentError(f"{what} needs rows of one length, but they have {[*map(len, image)]}")
    return image


def _columns(shape: Any, count: int) -> int:
    """The columns of an image of a shape, or 0 where it does not hold so many numbers."""
    try:
        height, width = map(index, shape)
    except (TypeError, ValueError):
        return 0
    return width if height > 0 and height * width == count else 0


def _as_row(row: Any, what: str) -> list[Any]:
    numbers = listed(row)
    if not isinstance(numbers, list):
        raise ArgumentError(f"{what} needs rows of numbers, or a shape for a flat list of them")
    return numbers
