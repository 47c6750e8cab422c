"""Against overfitting and drift: penalties, dropout, normalisation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import autograd
from autograd import Value, dot

from .checks import count, inputs_for, listed, real
from .initialisers import constant
from .module import Module
from .nested import mapped
from .parameters import ParameterArray
from .randomness import Seed, generator


def l2_penalty(parameters: Iterable[Value], strength: float) -> Any:
    """λ Σ w²: weight decay as a term of the loss."""
    weights = listed(parameters, "l2_penalty")
    return real(strength, "l2_penalty(strength=…)", least=0.0) * dot(weights, weights)


def l1_penalty(parameters: Iterable[Value], strength: float) -> Any:
    """λ Σ |w|, which drives small weights to 0."""
    sizes = [autograd.abs(w) for w in listed(parameters, "l1_penalty")]
    return real(strength, "l1_penalty(strength=…)", least=0.0) * autograd.sum(sizes)


class Dropout(Module):
    """In training each number is 0 with probability p, else divided by 1 − p; in use it passes."""

    def __init__(self, p: float = 0.5, seed: Seed = None) -> None:
        self.p = real(p, "Dropout(p=…)", least=0.0, most=1.0)
        self._source = generator(seed)

    def forward(self, inputs: Any) -> Any:
        """The numbers that are left, in the shape of the inputs."""
        if not self.training:
            return inputs
        with self._scope():
            return mapped(lambda x: x * self._factor(), inputs, self)

    def _factor(self) -> float:
        return 0.0 if self._source.random() < self.p else 1.0 / (1.0 - self.p)

    def __repr__(self) -> str:
        return f"Dropout({self.p!r})"


class LayerNorm(Module):
    """yᵢ = wᵢ (xᵢ − mean) / √(variance + ε) + bᵢ over the n numbers of one sample."""

    def __init__(
        self, normalized_shape: int, eps: float = 1e-5, elementwise_affine: bool = True
    ) -> None:
        self.n = count(normalized_shape, "LayerNorm(normalized_shape=…)")
        self.eps = real(eps, "LayerNorm(eps=…)", least=0.0)
        self.weight = self.bias = None
        if elementwise_affine:
            self.weight = ParameterArray((self.n,), "w", constant(1.0))
            self.bias = ParameterArray((self.n,), "b", constant(0.0))

    def forward(self, inputs: Any) -> list[Any]:
        """The normalised numbers."""
        xs = inputs_for(self, inputs, self.n)
        with self._scope():
            mean = autograd.sum(xs) / self.n
            centred = [x - mean for x in xs]
            spread = autograd.sqrt(dot(centred, centred) / self.n + self.eps)
            normal = [x / spread for x in centred]
            if self.weight is None or self.bias is None:
                return normal
            triples = zip(normal, self.weight.values, self.bias.values, strict=True)
            return [dot([w], [x], b) for x, w, b in triples]

    def __repr__(self) -> str:
        eps = "" if self.eps == 1e-5 else f", eps={self.eps!r}"
        affine = ", elementwise_affine=False" if self.weight is None else ""
        return f"LayerNorm({self.n}{eps}{affine})"
