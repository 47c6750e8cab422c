"""From an array to a list, as dense layers take it."""

from __future__ import annotations

from math import prod
from typing import Any

from autograd import ArgumentError

from .module import Module
from .nested import Shape, flattened


class Flatten(Module):
    """All numbers of an array, from left to right, as one list."""

    def forward(self, inputs: Any) -> list[Any]:
        """The list."""
        leaves = flattened(inputs, self)
        if not leaves:
            raise ArgumentError(f"{self} needs at least one number, but got {inputs!r}")
        return leaves

    def output_shape(self, input_shape: Shape) -> Shape:
        """(the product of the lengths,)"""
        return (prod(input_shape),)
