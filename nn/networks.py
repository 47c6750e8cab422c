"""Networks: modules one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd import ArgumentError, ArgumentTypeError

from .activation_layers import Activate
from .activations import checked, is_of_one_number, name_of
from .checks import count, how_made, takes_one
from .initialisers import Initialiser
from .layers import Layer
from .module import Module
from .nested import Shape
from .parameters import without_bias
from .randomness import Seed, generator


class Sequential(Module):
    """f(x) = layerₙ(… layer₁(layer₀(x))); `layers` is the list of them.

    Activations and autograd's functions of one number may be among them, which are taken of every
    number, and other functions, which are called with all that the layer before them gave.
    """

    def __init__(self, *layers: Module | Callable[[Any], Any]) -> None:
        if not layers:
            raise ArgumentError("Sequential(…) needs at least one layer")
        self.layers = [_as_module(layer) for layer in layers]

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


class Whole(Module):
    """A function of a whole input, as a layer."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.function = function

    def forward(self, inputs: Any) -> Any:
        """What the function makes of the inputs."""
        with self._scope():
            return self.function(inputs)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Refused: nobody knows."""
        raise ArgumentError(f"it is not known what shape {self!r} gives for {input_shape}")

    def __repr__(self) -> str:
        return name_of(self.function)


def _as_module(layer: Any) -> Module:
    """A layer of a `Sequential`, where it is a function as a Module."""
    if isinstance(layer, Module):
        return layer
    made_of = "Sequential(…) is made of Modules and functions of one argument"
    if isinstance(layer, (list, tuple)):
        raise ArgumentTypeError(f"{made_of}, not a list of them, for which: Sequential(*layers)")
    if not takes_one(layer) or getattr(layer, "__module__", "") == "math":  # that takes no Values
        raise ArgumentTypeError(f"{made_of}, not {layer!r}{how_made(layer)}")
    function = checked(layer, "Sequential(…)")
    return Activate(function) if is_of_one_number(function) else Whole(layer)


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
            raise ArgumentError(
                f"MLP(widths=…) is the list of the layers' widths, at least one, not {widths!r}"
            )
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
        output = f", output={name_of(layers[-1].activation)}{without_bias(layers[0].bias)}"
        return f"MLP({layers[0].n_inputs}, {widths}{hidden}{output})"
