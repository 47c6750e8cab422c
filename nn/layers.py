"""Dense layers: every unit sees every input."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autograd import ArgumentTypeError, Value, max as largest, scope
from autograd.contexts import place
from autograd.functions import dots

from .activation_layers import PReLU
from .activations import WHOLE, Activation, checked, elementwise, is_one_node, linear, name_of
from .checks import count, inputs_for, listed, shape_for
from .initialisers import Initialiser, constant, kaiming_normal, lecun_normal
from .module import Module
from .nested import Shape
from .parameters import ParameterArray, biases_of, without_bias
from .randomness import Seed, generator, new_seed
from .scopes import put, unit_paths

RECTIFIERS = ("relu", "leaky_relu")


def start_for(activation: Any) -> Initialiser:
    """Weights from N(0, 2/n) before a rectifier, which lets half pass, else from N(0, 1/n)."""
    rectifies = isinstance(activation, PReLU) or activation in RECTIFIERS
    return kaiming_normal if rectifies else lecun_normal


def pre_activations_of(
    layer: Module, rows: Iterable[Any], xs: list[Any], biases: Iterable[Value | None]
) -> list[Value]:
    """bⱼ + Σᵢ wⱼᵢ xᵢ for each row of weights; an input that is no number is the layer's error."""
    try:
        return dots(rows, xs, biases)
    except ArgumentTypeError as error:
        raise ArgumentTypeError(f"{layer}: {error}") from None


class Layer(Module):
    """aⱼ = f(bⱼ + Σᵢ wⱼᵢ xᵢ), all units with one activation; each pre-activation is one `dot` node.

    The activation is a name (see `activations`), "prelu", a function of one pre-activation, or a
    Module, which is given all of them. Biases start at 0, weights as `start_for` says.
    """

    activation: Activation | Module

    def __init__(
        self,
        n_inputs: int,
        n_outputs: int,
        activation: Any = "linear",
        seed: Seed = None,
        *,
        bias: bool = True,
        init: Initialiser | None = None,
    ) -> None:
        name = type(self).__name__
        self.n_inputs = count(n_inputs, f"{name}(n_inputs=…)")
        self.n_outputs = count(n_outputs, f"{name}(n_outputs=…)")
        if not isinstance(activation, Module):
            activation = checked(activation, f"{name}({n_inputs}, {n_outputs})", "prelu")
        self.activation = PReLU() if activation == "prelu" else activation
        start, own_seed = init or start_for(self.activation), new_seed(generator(seed))
        shape = (self.n_outputs, self.n_inputs)
        self.weight = ParameterArray(shape, "w", start, own_seed, "neuron")
        self.bias = (
            ParameterArray((self.n_outputs,), "b", constant(0.0), unit="neuron") if bias else None
        )

    def forward(self, inputs: Any) -> Any:
        """The activations; where there is one unit, its activation itself."""
        activations = self._activated(self.pre_activations(inputs))
        return activations[0] if len(activations) == 1 else activations

    def pre_activations(self, inputs: Any) -> list[Value]:
        """z = W x + b."""
        xs = inputs_for(self, inputs, self.n_inputs)
        return pre_activations_of(self, self.weight.rows, xs, biases_of(self.bias, self.n_outputs))

    def _activated(self, z: list[Value]) -> list[Any]:
        """f(z), with all nodes in the scopes of their units."""
        activation, units = self.activation, unit_paths(self._path, "neuron", len(z))
        place(z, units)
        if isinstance(activation, Module):
            return listed(activation(z), activation)
        if isinstance(activation, str) and activation in WHOLE:
            with self._scope():
                return WHOLE[activation](z)
        if not is_one_node(activation):
            return [self._watched(f"neuron{j}", x) for j, x in enumerate(z)]
        f = elementwise(activation)
        results = z if f is linear else [f(x) for x in z]
        place(results, units)
        return results

    def _watched(self, unit: str, z: Value) -> Any:
        """The activation of one unit when it may take any number of nodes."""
        with self._scope(), scope(unit):
            return elementwise(self.activation)(z)

    def output_shape(self, input_shape: Shape) -> Shape:
        """(n_outputs,)"""
        shape_for(self, input_shape, self.n_inputs)
        return (self.n_outputs,)

    def __repr__(self) -> str:
        return self._shown(f"{self.n_inputs}, {self.n_outputs}")

    def _shown(self, sizes: str) -> str:
        bias = without_bias(self.bias)
        return f"{type(self).__name__}({sizes}, activation={name_of(self.activation)}{bias})"


class Neuron(Layer):
    """a = f(b + Σᵢ wᵢ xᵢ): a layer of one unit."""

    def __init__(
        self,
        n_inputs: int,
        activation: Any = "linear",
        seed: Seed = None,
        *,
        bias: bool = True,
        init: Initialiser | None = None,
    ) -> None:
        super().__init__(n_inputs, 1, activation, seed, bias=bias, init=init)

    def __repr__(self) -> str:
        return self._shown(f"{self.n_inputs}")


class Maxout(Module):
    """aⱼ = max over k of (bⱼₖ + Σᵢ wⱼₖᵢ xᵢ): each unit learns a convex activation of k pieces."""

    def __init__(
        self,
        n_inputs: int,
        n_outputs: int,
        pieces: int = 2,
        seed: Seed = None,
        *,
        init: Initialiser = lecun_normal,
    ) -> None:
        self.n_inputs = count(n_inputs, "Maxout(n_inputs=…)")
        self.n_outputs = count(n_outputs, "Maxout(n_outputs=…)")
        self.pieces = count(pieces, "Maxout(pieces=…)")
        shape = (self.n_outputs, self.pieces, self.n_inputs)
        own_seed = new_seed(generator(seed))
        self.weight = ParameterArray(shape, "w", init, own_seed, "neuron", fan_in=self.n_inputs)
        self.bias = ParameterArray(shape[:2], "b", constant(0.0), unit="neuron")

    def forward(self, inputs: Any) -> Any:
        """The activations; where there is one unit, its activation itself."""
        xs, n = inputs_for(self, inputs, self.n_inputs), self.n_inputs
        outputs = []
        paths = unit_paths(self._path, "neuron", self.n_outputs)
        for weights, biases, path in zip(self.weight.rows, self.bias.rows, paths, strict=True):
            pieces = [weights[k : k + n] for k in range(0, len(weights), n)]
            z = pre_activations_of(self, pieces, xs, biases)
            outputs.append(largest(z))
            put([*z, outputs[-1]], path)
        return outputs[0] if len(outputs) == 1 else outputs

    def output_shape(self, input_shape: Shape) -> Shape:
        """(n_outputs,)"""
        shape_for(self, input_shape, self.n_inputs)
        return (self.n_outputs,)

    def __repr__(self) -> str:
        return f"Maxout({self.n_inputs}, {self.n_outputs}, pieces={self.pieces})"
