"""Pooling: one number for each window of a plane. Inputs are (height, width) or (channels, …)."""

from __future__ import annotations

from typing import Any

import autograd
from autograd import ArgumentError, dot

from .module import Module
from .nested import Shape, flattened, nested, shape_of
from .scopes import full_path, put
from .windows import OUTSIDE, patch_indices, window_of


class Pool2d(Module):
    """Each plane summed up window by window; subclasses say how."""

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        name = type(self).__name__
        self.window = window_of(2, kernel_size, stride, padding, name, padding_fits=True)

    def pooled(self, patch: list[Any]) -> Any:
        """The one number that stands for a window; of the padding nothing is in it."""
        raise NotImplementedError

    def forward(self, inputs: Any) -> Any:
        """The pooled planes."""
        shape = shape_of(inputs, self)
        output_shape = self.output_shape(shape)
        numbers, (height, width) = flattened(inputs), shape[-2:]
        indices = patch_indices(self.window, 1, (height, width))
        results = []
        for start in range(0, len(numbers), height * width):
            for places in indices:
                patch = [numbers[start + i] for i in places if i != OUTSIDE]
                results.append(self.pooled(patch))
        put(results, full_path(self._path))
        return nested(results, output_shape)

    def output_shape(self, input_shape: Shape) -> Shape:
        """(…, places down, places across)"""
        if len(input_shape) not in (2, 3):
            raise ArgumentError(
                f"{self} needs an input (height, width) or (channels, height, width), "
                f"but got one of shape {input_shape}"
            )
        return (*input_shape[:-2], *self.window.places(input_shape[-2:], self))

    def __repr__(self) -> str:
        w = self.window
        return f"{type(self).__name__}({w.size}, stride={w.stride}{w.shown_padding})"


class MaxPool2d(Pool2d):
    """The largest number of each window; equal ones share the gradient evenly."""

    def pooled(self, patch: list[Any]) -> Any:
        """max xᵢ"""
        return autograd.max(patch)


class AvgPool2d(Pool2d):
    """The mean of each window; the zeros of the padding count, as in PyTorch."""

    def pooled(self, patch: list[Any]) -> Any:
        """Σ xᵢ / (height · width of the window)"""
        height, width = self.window.size
        with self._scope():
            return autograd.sum(patch) / (height * width)


class L2Pool2d(Pool2d):
    """√(Σ x²) of each window; where all are 0, so is the gradient."""

    def pooled(self, patch: list[Any]) -> Any:
        """√(Σ xᵢ²)"""
        with self._scope():
            squares = dot(patch, patch)
            return autograd.where(squares, autograd.sqrt(squares), 0.0)
