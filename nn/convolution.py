"""Layers with local connections: a window slides over the input, each place is one `dot` node.

As everywhere in networks, "convolution" here is cross-correlation: the kernel is not flipped (see
`signals` for both). Inputs are nested lists (channels, height, width), or (channels, length).
"""

from __future__ import annotations

from math import prod
from typing import Any

from autograd import ArgumentError, ArgumentTypeError, dot
from autograd.contexts import place

from .checks import count
from .initialisers import Initialiser, torch_uniform
from .layers import Layer
from .module import Module
from .nested import Shape, nested
from .parameters import ParameterArray, biases_of, without_bias
from .randomness import Seed, generator, new_seed
from .scopes import put, unit_paths
from .windows import Window, image_of, patch_indices, per_axis, window_of


class LocalLayer(Module):
    """A window slides over the input; units that look through it take the dot product."""

    def __init__(
        self, in_channels: int, window: Window, units: Shape, unit: str, bias: bool,
        seed: Seed, init: Initialiser,
    ) -> None:  # fmt: skip
        self.in_channels, self.window = in_channels, window
        kernel, source = (in_channels, *window.size), generator(seed)
        self.weight = ParameterArray(
            (*units, *kernel), "w", init, new_seed(source), unit, len(units)
        )
        self.bias = None
        if bias:
            n = prod(kernel)
            self.bias = ParameterArray(units, "b", init, new_seed(source), unit, len(units), n)

    def _patches(self, inputs: Any) -> tuple[list[list[Any]], Shape]:
        """What the window shows at each place, and the shape of the results."""
        numbers, size = image_of(self, inputs, self.in_channels, len(self.window.size))
        shape = self.output_shape((self.in_channels, *size))
        numbers = [*numbers, 0.0]  # OUTSIDE
        indices = patch_indices(self.window, self.in_channels, size)
        return [[numbers[i] for i in places] for places in indices], shape

    def _options(self) -> str:
        w = self.window
        stride = f", stride={w.stride}" if set(w.stride) != {1} else ""
        return f"{stride}{w.shown_padding}{without_bias(self.bias)}"


class Convolution(LocalLayer):
    """r[k][i] = bₖ + Σ over the channels and places of window i of weight · input.

    Weights and biases start as PyTorch's do, from U(−1/√n, 1/√n) for n weights in a kernel.
    """

    axes: int

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        *,
        bias: bool = True,
        seed: Seed = None,
        init: Initialiser = torch_uniform,
    ) -> None:
        name = type(self).__name__
        self.out_channels = count(out_channels, f"{name}(out_channels=…)")
        window = window_of(self.axes, kernel_size, stride, padding, name)
        channels = count(in_channels, f"{name}(in_channels=…)")
        super().__init__(channels, window, (self.out_channels,), "filter", bias, seed, init)

    def forward(self, inputs: Any) -> Any:
        """One plane of results for each filter."""
        patches, shape = self._patches(inputs)
        biases = biases_of(self.bias, self.out_channels)
        results: list[Any] = []
        paths = unit_paths(self._path, "filter", self.out_channels)
        for w, b, path in zip(self.weight.rows, biases, paths, strict=True):
            plane = [dot(w, patch, b) for patch in patches]
            put(plane, path)
            results += plane
        return nested(results, shape)

    def output_shape(self, input_shape: Shape) -> Shape:
        """(filters, places along each axis)"""
        if len(input_shape) != self.axes + 1 or input_shape[0] != self.in_channels:
            raise ArgumentError(
                f"{self} needs a shape with {self.in_channels} channels first and "
                f"{self.axes} sizes, not {input_shape}"
            )
        return (self.out_channels, *self.window.places(input_shape[1:], self))

    def __repr__(self) -> str:
        shown = f"{self.in_channels}, {self.out_channels}, kernel_size={self.window.size}"
        return f"{type(self).__name__}({shown}{self._options()})"


class Conv1d(Convolution):
    """r[k][i] = bₖ + Σ_c Σ_n weight[k][c][n] · input[c][i·S + n − P]."""

    axes = 1


class Conv2d(Convolution):
    """r[k][i][j] = bₖ + Σ_c Σ_n Σ_m weight[k][c][n][m] · input[c][i·S + n − P][j·S + m − P]."""

    axes = 2


class LocallyConnected2d(LocalLayer):
    """As `Conv2d`, but with weights of its own at each place: weight[k][i][j][c][n][m].

    It must know the size (height, width) of its input, for that decides how many weights there are.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        input_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        *,
        bias: bool = True,
        seed: Seed = None,
        init: Initialiser = torch_uniform,
    ) -> None:
        name = "LocallyConnected2d"
        self.out_channels = count(out_channels, f"{name}(out_channels=…)")
        self.input_size = per_axis(input_size, 2, f"{name}(input_size=…)")
        window = window_of(2, kernel_size, stride, padding, name)
        units = (self.out_channels, *window.places(self.input_size, name))
        channels = count(in_channels, f"{name}(in_channels=…)")
        super().__init__(channels, window, units, "unit", bias, seed, init)

    def forward(self, inputs: Any) -> Any:
        """One plane of results for each filter."""
        patches, shape = self._patches(inputs)
        units = zip(
            self.weight.rows, patches * self.out_channels, biases_of(self.bias, prod(shape)),
            strict=True,
        )  # fmt: skip
        results = [dot(*unit) for unit in units]
        place(results, unit_paths(self._path, "unit", len(results)))
        return nested(results, shape)

    def output_shape(self, input_shape: Shape) -> Shape:
        """(filters, places down, places across)"""
        if input_shape != (self.in_channels, *self.input_size):
            wanted = (self.in_channels, *self.input_size)
            raise ArgumentError(f"{self} needs an input of shape {wanted}, but got {input_shape}")
        return (self.out_channels, *self.window.places(self.input_size, self))

    def __repr__(self) -> str:
        shown = f"{self.in_channels}, {self.out_channels}, kernel_size={self.window.size}"
        return f"LocallyConnected2d({shown}, input_size={self.input_size}{self._options()})"


def dense_as_convolution(layer: Layer, input_shape: Shape) -> Conv2d:
    """The convolution over the full extent of (channels, height, width) that equals a dense layer.

    It shares the layer's weights and biases, so the gradients are the same entries of a table; its
    results come in the shape (n_outputs, 1, 1), before the activation.
    """
    if not isinstance(layer, Layer):
        raise ArgumentTypeError(f"dense_as_convolution needs a Layer, not {layer!r}")
    input_shape = per_axis(input_shape, 3, "dense_as_convolution(input_shape=…)")
    if prod(input_shape) != layer.n_inputs:
        raise ArgumentError(f"{layer} has {layer.n_inputs} inputs, which do not fit {input_shape}")
    channels, height, width = input_shape
    convolution = Conv2d(
        channels, layer.n_outputs, (height, width), bias=layer.bias is not None, seed=0
    )
    convolution.weight.share(layer.weight.values)
    if layer.bias is not None and convolution.bias is not None:
        convolution.bias.share(layer.bias.values)
    return convolution
