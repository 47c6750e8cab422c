"""The receptive field: which part of the input a unit looks at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from autograd import ArgumentError, ArgumentTypeError

from .activation_layers import Activate, LeakyReLU, PReLU
from .checks import count, listed
from .convolution import LocalLayer
from .module import Module
from .networks import Sequential
from .pooling import Pool2d
from .regularisation import Dropout

Extent = tuple[int, int]


def receptive_field(
    layers: Module | Iterable[Module], *unit: int, input_size: tuple[int, ...] | None = None
) -> list[Extent]:
    """(first, last) place of the input, along each axis, that the unit at this place depends on.

    Going back through a layer, [a, b] becomes [a·S − P, b·S − P + F − 1]. Places in the padding
    are included, as negative numbers or beyond the end, unless the input's size is given.
    """
    fields = [(place, place) for place in [count(i, "the unit's place", least=0) for i in unit]]
    for layer in reversed(list(_flat(layers))):
        if isinstance(layer, (LocalLayer, Pool2d)):
            if len(fields) != len(layer.window.size):
                axes = len(layer.window.size)
                raise ArgumentError(f"{layer} has {axes} axes, but the unit has {len(fields)}")
            fields = [layer.window.seen(axis, *field) for axis, field in enumerate(fields)]
        elif not isinstance(layer, (Activate, LeakyReLU, PReLU, Dropout)):
            raise ArgumentError(f"{layer} does not look at its input through a window")
    if input_size is not None:
        sizes = listed(input_size, "receptive_field(input_size=…)")
        if len(sizes) != len(fields):
            raise ArgumentError(f"the input has {len(sizes)} axes, but the unit has {len(fields)}")
        fields = [(max(a, 0), min(b, n - 1)) for (a, b), n in zip(fields, sizes, strict=True)]
    return fields


def _flat(layers: Module | Iterable[Module]) -> Iterator[Module]:
    """The layers, those inside a Sequential included."""
    for layer in [layers] if isinstance(layers, Module) else listed(layers, "receptive_field"):
        if not isinstance(layer, Module):
            raise ArgumentTypeError(f"receptive_field(layers, …) needs Modules, not {layer!r}")
        if isinstance(layer, Sequential):
            yield from _flat(layer.layers)
        else:
            yield layer
