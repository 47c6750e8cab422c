"""The gradient table of a network arranged by layer, as the matrix formulas have it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autograd import ArgumentError, GradientTable, Value

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
    layers = [(path, module) for path, module in model.named_modules() if isinstance(module, Layer)]
    nodes = _pre_activations([layer for _, layer in layers], table)
    found = [_of_layer(path, layer, nodes, table) for path, layer in layers]
    if not any(gradients.z for gradients in found):
        raise ArgumentError(f"no Layer of {model} has a part in this gradient table")
    return found


def _pre_activations(layers: list[Layer], table: GradientTable) -> Mapping[Value, list[Value]]:
    """First weight of a unit → its pre-activations, one a sample, in topological order."""
    found: dict[Value, list[Value]] = {row[0]: [] for layer in layers for row in layer.weight.rows}
    for node in table.graph.nodes:
        if node.op == "dot" and node.parents[0] in found:
            found[node.parents[0]].append(node)
    return found


def _of_layer(
    name: str, layer: Layer, nodes: Mapping[Value, list[Value]], table: GradientTable
) -> LayerGradients:
    units = [nodes[row[0]] for row in layer.weight.rows]
    samples: list[tuple[Value, ...]] = list(zip(*units, strict=True))

    def gradient(value: Value) -> Any:
        return table.get(value, 0.0)

    return LayerGradients(
        name=name,
        inputs=[_inputs(layer, sample[0]) for sample in samples],
        z=[[node.data for node in sample] for sample in samples],
        deltas=[[gradient(node) for node in sample] for sample in samples],
        weight=layer.weight.mapped(gradient),
        bias=None if layer.bias is None else layer.bias.mapped(gradient),
    )


def _inputs(layer: Layer, z: Value) -> list[float]:
    """The plain numbers that the weights of a pre-activation were multiplied with."""
    n = layer.n_inputs
    return [a.data if isinstance(a, Value) else a for a in z.arguments[n : 2 * n]]
