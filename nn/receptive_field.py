"""The receptive field: which part of the input a unit looks at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from autograd import ArgumentError

from .convolution import Convolution, LocallyConnected2d
from .module import Module
from .networks import Sequential
from .pooling import Pool2d
from .regularisation import Dropout
from .simple import Activate, LeakyReLU, PReLU

Extent = tuple[int, int]


def receptive_field(
    layers: Module | Iterable[Module], *unit: int, input_size: tuple[int, ...] | None = None
) -> list[Extent]:
    """(first, last) place of the input, along each axis, that the unit at this place depends on.

    Going back through a layer, [a, b] becomes [a·S − P, b·S − P + F − 1]. Places in the padding
    are included, as negative numbers or beyond the end, unless the input's size is given.
    """
    fields = [(place, place) for place in unit]
    for layer in reversed(list(_flat(layers))):
        if isinstance(layer, (Convolution, LocallyConnected2d, Pool2d)):
            if len(fields) != len(layer.window.size):
                axes = len(layer.window.size)
                raise ArgumentError(f"{layer} has {axes} axes, but the unit has {len(fields)}")
            fields = [layer.window.seen(axis, *field) for axis, field in enumerate(fields)]
        elif not isinstance(layer, (Activate, LeakyReLU, PReLU, Dropout)):
            raise ArgumentError(f"{layer} does not look at its input through a window")
    if input_size is not None:
        ends = [n - 1 for n in input_size]
        fields = [(max(a, 0), min(b, end)) for (a, b), end in zip(fields, ends, strict=True)]
    return fields


def _flat(layers: Module | Iterable[Module]) -> Iterator[Module]:
    """The layers, those inside a Sequential included."""
    for layer in [layers] if isinstance(layers, Module) else layers:
        if isinstance(layer, Sequential):
            yield from _flat(layer.layers)
        else:
            yield layer
