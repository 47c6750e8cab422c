"""Gradient clipping: a long gradient made shorter, in its own direction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import hypot, isfinite
from typing import Any

from autograd import ArgumentTypeError, Value

from .checks import listed, real
from .nested import plain


def clip_grad_norm(
    gradients: Mapping[Value, Any], parameters: Iterable[Value], max_norm: float
) -> Mapping[Value, Any]:
    """g ← g · min(1, max_norm / ‖g‖), for `optimizer.step`; the given table where it fits."""
    if not isinstance(gradients, Mapping):
        raise ArgumentTypeError(f"clip_grad_norm needs a gradient table, but got {gradients!r}")
    table = {p: gradients[p] for p in _values(parameters) if p in gradients}
    factor = factor_for(hypot(*map(plain, table.values())), max_norm)
    return gradients if factor == 1.0 else {p: g * factor for p, g in table.items()}


def clip_grad_norm_(parameters: Iterable[Value], max_norm: float) -> float:
    """The same on every parameter's `.grad`; returns ‖g‖ as it was, as PyTorch's does."""
    values = _values(parameters)
    norm = hypot(*[p.grad for p in values])
    factor = factor_for(norm, max_norm)
    for p in values:
        p.grad *= factor
    return norm


def clip_grad_value_(parameters: Iterable[Value], clip_value: float) -> None:
    """Move every finite `.grad` into [−clip_value, clip_value]; an optimiser refuses the others."""
    bound = real(clip_value, "clip_grad_value_(clip_value=…)", least=0.0)
    for p in _values(parameters):
        if isfinite(p.grad):
            p.grad = max(-bound, min(bound, p.grad))


def factor_for(norm: float, max_norm: float) -> float:
    """min(1, max_norm / norm); what is not finite stays so, for the optimiser to refuse."""
    bound = real(max_norm, "max_norm", least=0.0)
    return bound / norm if isfinite(norm) and norm > bound else 1.0


def _values(parameters: Iterable[Value]) -> list[Value]:
    values = listed(parameters, "clipping")
    for value in values:
        if type(value) is not Value:
            raise ArgumentTypeError(f"clipping needs parameters, which are Values, not {value!r}")
    return values
