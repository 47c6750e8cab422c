"""Recurrent networks: one cell, used again at every time step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from autograd import ArgumentError, Value

from .activations import ELEMENTWISE, checked
from .checks import count, inputs_for, listed, shape_for
from .initialisers import uniform
from .layers import pre_activations_of
from .module import Module
from .nested import Shape
from .parameters import ParameterArray, biases_of, without_bias
from .randomness import Seed, generator, new_seed
from .scopes import put, unit_paths


class RNNCell(Module):
    """h′ = f(W_ih x + W_hh h + b); the pre-activation of each unit is one `dot` node.

    Weights and bias start from U(−1/√hidden, 1/√hidden).
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: Any = "tanh",
        seed: Seed = None,
    ) -> None:
        self.input_size = count(input_size, "RNNCell(input_size=…)")
        self.hidden_size = n = count(hidden_size, "RNNCell(hidden_size=…)")
        nonlinearity = checked(nonlinearity, "RNNCell(nonlinearity=…)")
        if nonlinearity not in ELEMENTWISE:
            known = ", ".join(ELEMENTWISE)
            raise ArgumentError(f"RNNCell(nonlinearity=…) is one of {known}, not {nonlinearity!r}")
        self.nonlinearity: str = nonlinearity
        source, start = generator(seed), uniform(n**-0.5)
        self.weight_ih = ParameterArray(
            (n, self.input_size), "w", start, new_seed(source), "neuron"
        )
        self.weight_hh = ParameterArray((n, n), "v", start, new_seed(source), "neuron")
        self.bias = ParameterArray((n,), "b", start, new_seed(source), "neuron") if bias else None

    def forward(self, inputs: Any, hidden: Sequence[Any] | None = None) -> list[Value]:
        """The next hidden state; the first one starts from zeros."""
        xs = inputs_for(self, inputs, self.input_size)
        hs = [0.0] * self.hidden_size if hidden is None else hidden
        xs = [*xs, *inputs_for(f"the hidden state of {self}", hs, self.hidden_size)]
        rows = [[*w, *v] for w, v in zip(self.weight_ih.rows, self.weight_hh.rows, strict=True)]
        z = pre_activations_of(self, rows, xs, biases_of(self.bias, self.hidden_size))
        states = [ELEMENTWISE[self.nonlinearity](z_j) for z_j in z]
        paths = unit_paths(self._path, "neuron", self.hidden_size)
        for z_j, state, path in zip(z, states, paths, strict=True):
            put([z_j, state], path)
        return states

    def unrolled(self, sequence: Iterable[Any], hidden: Sequence[Any] | None = None) -> list[Any]:
        """The hidden state after each time step, the same weights used at each."""
        states = []
        for inputs in listed(sequence, f"{self}.unrolled(sequence)"):
            hidden = self(inputs, hidden)
            states.append(hidden)
        return states

    def output_shape(self, input_shape: Shape) -> Shape:
        """(hidden_size,)"""
        shape_for(self, input_shape, self.input_size)
        return (self.hidden_size,)

    def __repr__(self) -> str:
        shown = f"{self.input_size}, {self.hidden_size}, nonlinearity={self.nonlinearity!r}"
        return f"RNNCell({shown}{without_bias(self.bias)})"
