"""Networks: modules one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd import ArgumentError, ArgumentTypeError

from .activations import name_of
from .checks import count
from .initialisers import Initialiser
from .layers import Layer
from .module import Module
from .nested import Shape
from .randomness import Seed, generator


class Sequential(Module):
    """f(x) = layerₙ(… layer₁(layer₀(x))); `layers` is the list of them."""

    def __init__(self, *layers: Module) -> None:
        if not layers:
            raise ArgumentError("Sequential(…) needs at least one layer")
        for layer in layers:
            if not isinstance(layer, Module):
                raise ArgumentTypeError(f"Sequential(…) is made of Modules, not {layer!r}")
        self.layers = list(layers)

    def forward(self, inputs: Any) -> Any:
        """The output of the last layer."""
        for layer in self.layers:
            if not layer._path:  # it came after the first call
                self._place(self._path or "")
            inputs = layer(inputs)
        return inputs

    def __getitem__(self, i: int) -> Module:
        return self.layers[i]

    def __len__(self) -> int:
        return len(self.layers)

    def output_shape(self, input_shape: Shape) -> Shape:
        """The shapes of the layers, one after the other."""
        for layer in self.layers:
            input_shape = layer.output_shape(input_shape)
        return input_shape


class MLP(Sequential):
    """v⁰ = x, vˡ = f(Wˡ vˡ⁻¹ + bˡ): layers of the given widths, the last with its own activation.

    `activation` is that of the hidden layers, `output` that of the last one: "linear" for
    regression and for losses from logits, "sigmoid" or "softmax" where probabilities are wanted.
    """

    def __init__(
        self,
        n_inputs: int,
        widths: Sequence[int],
        activation: Any = "relu",
        output: Any = "linear",
        seed: Seed = None,
        *,
        bias: bool = True,
        init: Initialiser | None = None,
    ) -> None:
        if isinstance(widths, str) or not hasattr(widths, "__len__") or not len(widths):
            raise ArgumentError(f"MLP(widths=…) is the list of the layers' widths, not {widths!r}")
        source = generator(seed)
        sizes = [count(n_inputs, "MLP(n_inputs=…)")]
        sizes += [count(n, f"MLP(widths=…), layer {i},") for i, n in enumerate(widths)]
        activations = [activation] * (len(widths) - 1) + [output]
        super().__init__(
            *[
                Layer(n, m, f, source, bias=bias, init=init)
                for n, m, f in zip(sizes, sizes[1:], activations, strict=False)
            ]
        )

    def __repr__(self) -> str:
        layers: Any = self.layers
        widths = [layer.n_outputs for layer in layers]
        hidden = f", activation={name_of(layers[0].activation)}" if len(widths) > 1 else ""
        output = f", output={name_of(layers[-1].activation)}"
        return f"MLP({layers[0].n_inputs}, {widths}{hidden}{output})"
