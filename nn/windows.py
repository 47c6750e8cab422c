"""Windows that slide over an input: where they lie, how many there are, what is in each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import prod
from typing import Any

from autograd import ArgumentError

from .checks import count, listed
from .nested import Shape, flattened, is_leaf, shape_of

Pairs = tuple[tuple[int, int], ...]

OUTSIDE = -1  # the index of a place in the padding


@dataclass(frozen=True)
class Window:
    """Extent F, stride S and padding P (before, after) of a window, along each axis."""

    size: Shape
    stride: Shape
    padding: Pairs

    def places(self, input_size: Shape, layer: object = "the window") -> Shape:
        """(W − F + P_before + P_after)/S + 1 along each axis; what does not divide is an error."""
        if len(input_size) != len(self.size):
            raise ArgumentError(
                f"{layer} slides along {len(self.size)} axes, not {len(input_size)}"
            )
        counts = []
        rows = zip(input_size, self.size, self.stride, self.padding, strict=True)
        for length, extent, stride, (before, after) in rows:
            room = length - extent + before + after
            if room < 0 or room % stride:
                why = "is negative" if room < 0 else f"is no multiple of the stride {stride}"
                raise ArgumentError(
                    f"{layer} does not fit an input of size {input_size}: "
                    f"{length} − {extent} + {before} + {after} = {room} {why}"
                )
            counts.append(room // stride + 1)
        return tuple(counts)

    def seen(self, axis: int, first: int, last: int) -> tuple[int, int]:
        """The first and last place of the input that the windows first … last look at."""
        start = -self.padding[axis][0]
        stride, extent = self.stride[axis], self.size[axis]
        return start + first * stride, start + last * stride + extent - 1

    @property
    def shown_padding(self) -> str:
        """The padding as the repr of a layer has it."""
        if not any(map(any, self.padding)):
            return ""
        even = all(before == after for before, after in self.padding)
        return f", padding={tuple([n for n, _ in self.padding]) if even else 'same'!r}"


def window_of(
    axes: int, size: Any, stride: Any, padding: Any, name: str, padding_fits: bool = False
) -> Window:
    """A window from PyTorch's arguments: one number, or one for each axis; padding also "same"."""
    extents = per_axis(size, axes, f"{name}(kernel_size=…)")
    strides = extents if stride is None else per_axis(stride, axes, f"{name}(stride=…)")
    if padding == "same":
        if set(strides) != {1}:
            raise ArgumentError(f'{name}(padding="same") needs stride 1, not {stride!r}')
        pairs: Pairs = tuple([((n - 1) // 2, n // 2) for n in extents])
    else:
        sides = per_axis(0 if padding == "valid" else padding, axes, f"{name}(padding=…)", 0)
        pairs = tuple([(n, n) for n in sides])
    if padding_fits and any(2 * before > n for (before, _), n in zip(pairs, extents, strict=True)):
        raise ArgumentError(f"{name}(padding=…) is at most half of {extents}, not {padding!r}")
    return Window(extents, strides, pairs)


def per_axis(n: Any, axes: int, what: str, least: int = 1) -> Shape:
    """A whole number for each axis, from one for all or from a sequence of them."""
    numbers = (n,) * axes if is_leaf(n) else listed(n, what)
    if len(numbers) != axes:
        raise ArgumentError(f"{what} is one number or {axes}, not {n!r}")
    return tuple([count(x, what, least) for x in numbers])


@lru_cache(maxsize=64)
def patch_indices(window: Window, channels: int, size: Shape) -> tuple[tuple[int, ...], ...]:
    """For each place of the window, which entries of the flat input lie in it, all channels."""
    area = prod(size)
    return tuple(
        [
            tuple(
                [
                    OUTSIDE if (i := _flat_index(window, place, offset, size)) < 0 else c * area + i
                    for c in range(channels)
                    for offset in product(*map(range, window.size))
                ]
            )
            for place in product(*map(range, window.places(size)))
        ]
    )


def _flat_index(window: Window, place: Shape, offset: Shape, size: Shape) -> int:
    """The place in the flat input, OUTSIDE in the padding."""
    index = 0
    rows = zip(place, offset, window.stride, window.padding, size, strict=True)
    for p, o, stride, (before, _), length in rows:
        at = p * stride + o - before
        if not 0 <= at < length:
            return OUTSIDE
        index = index * length + at
    return index


def image_of(layer: object, x: Any, channels: int, axes: int) -> tuple[list[Any], Shape]:
    """The numbers of an input (channels, …) and its size; one channel may be left out."""
    shape = shape_of(x, layer)
    if len(shape) == axes and channels == 1:
        shape = (1, *shape)
    if len(shape) != axes + 1 or shape[0] != channels:
        size = "length" if axes == 1 else "height, width"
        raise ArgumentError(
            f"{layer} needs an input of shape ({channels}, {size}), but got one of {shape}"
        )
    return flattened(x), shape[1:]
