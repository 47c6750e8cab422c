"""The gradient table of a network arranged by layer, as the matrix formulas have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograd import ArgumentError, ArgumentTypeError, GradientTable, Value, dot

from .layers import Layer
from .module import Module


@dataclass(frozen=True)
class LayerGradients:
    """One dense layer's part of a gradient table; inputs, z and deltas have one row a sample.

    inputs   v^(l−1)
    z        W v + b
    deltas   δ = ∂L/∂z
    weight   ∂L/∂W = Σ over samples of δ v^(l−1)ᵀ, in the shape of W
    bias     ∂L/∂b = Σ over samples of δ, or None
    """

    name: str
    inputs: list[list[float]]
    z: list[list[float]]
    deltas: list[list[float]]
    weight: list[list[float]]
    bias: list[float] | None


def gradients_by_layer(model: Module, table: GradientTable) -> list[LayerGradients]:
    """What a gradient table says about each `Layer` of a model, in the order of the layers."""
    if not isinstance(model, Module) or not isinstance(table, GradientTable):
        raise ArgumentTypeError(
            f"gradients_by_layer needs a Module and a gradient table, not {model!r} and {table!r}"
        )
    layers = [(name, module) for name, module in model.named_modules() if isinstance(module, Layer)]
    dots: dict[Value, list[Value]] = {}  # first operand → nodes, in topological order
    for node in table.graph.nodes:
        if node.op == "dot":
            dots.setdefault(node.parents[0], []).append(node)
    found = [_of_layer(name, layer, dots, table) for name, layer in layers]
    if not any(gradients.z for gradients in found):
        raise ArgumentError(f"no Layer of {model} has a part in this gradient table")
    return found


def _of_layer(
    name: str, layer: Layer, dots: Mapping[Value, list[Value]], table: GradientTable
) -> LayerGradients:
    units = [_pre_activations(layer, j, dots) for j in range(layer.n_outputs)]
    n = max(map(len, units))
    for j, nodes in enumerate(units):
        if len(nodes) not in (0, n):
            raise ArgumentError(
                f"a unit of {name} = {layer!r} is used for {n} samples, but unit {j} for "
                f"{len(nodes)}"
            )
    inputs = [_inputs(layer, z) for z in next((nodes for nodes in units if nodes), [])]

    def gradient(value: Value) -> Any:
        return table.get(value, 0.0)

    return LayerGradients(
        name=name,
        inputs=inputs,
        z=_by_sample(
            [[z.data for z in nodes] or _unused(layer, j, inputs) for j, nodes in enumerate(units)]
        ),
        deltas=_by_sample([[gradient(z) for z in nodes] or [0.0] * n for nodes in units]),
        weight=layer.weight.mapped(gradient),
        bias=None if layer.bias is None else layer.bias.mapped(gradient),
    )


def _pre_activations(layer: Layer, j: int, dots: Mapping[Value, list[Value]]) -> list[Value]:
    """The nodes bⱼ + Σᵢ wⱼᵢ xᵢ, one for each sample; Σᵢ wⱼᵢ² of weight decay is none of them."""
    row, bias = layer.weight.rows[j], [] if layer.bias is None else [layer.bias.values[j]]
    n = len(row)

    def fits(arguments: Sequence[Any]) -> bool:
        ends = [*arguments[:n], *arguments[2 * n :]]
        return ends == [*row, *bias] and arguments[n] is not row[0]

    return [node for node in dots.get(row[0], []) if fits(node.arguments)]


def _inputs(layer: Layer, z: Value) -> list[float]:
    """The plain numbers that the weights of a pre-activation were multiplied with."""
    n = layer.n_inputs
    return [a.data if isinstance(a, Value) else a for a in z.arguments[n : 2 * n]]


def _unused(layer: Layer, j: int, inputs: list[list[float]]) -> list[float]:
    """The pre-activations of a unit that is not in the graph: the output does not need it."""
    weights, bias = layer.weight.data[j], 0.0 if layer.bias is None else layer.bias.data[j]
    return [dot(weights, x, bias) for x in inputs]


def _by_sample(units: list[list[Any]]) -> list[list[Any]]:
    """From a row a unit to a row a sample."""
    return [list(sample) for sample in zip(*units, strict=True)]
