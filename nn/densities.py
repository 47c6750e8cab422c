"""Losses of outputs that are distributions: negative log densities."""

from __future__ import annotations

from math import log, pi
from typing import Any

import autograd
from autograd import ArgumentError, DomainError, logsumexp

from .activations import log_softmax
from .checks import items, real
from .losses import comparable, larger, paired, reduced
from .nested import flattened, is_leaf, plain


def gaussian_nll_loss(
    input: Any,
    target: Any,
    var: Any,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Any:
    """(1/n) Σ ½ (log σ² + (y − μ)²/σ²) for predicted means and variances; `full` adds ½ log 2π.

    Variances below eps count as eps. A positive output unit for them is softplus.
    """
    name, least = "gaussian_nll_loss", real(eps, "gaussian_nll_loss(eps=…)", least=0.0)
    pairs = paired(input, target, name)
    variances = [var] * len(pairs) if is_leaf(var) else flattened(var, f"{name}(var=…)")
    if len(variances) != len(pairs):
        raise ArgumentError(f"{name} got {len(variances)} variances for {len(pairs)} numbers")
    losses = []
    for (mean, y), variance in zip(pairs, variances, strict=True):
        if not comparable(variance) >= 0.0:
            raise ArgumentError(f"{name} needs variances that are not negative, not {variance!r}")
        losses.append(_gaussian(mean, autograd.maximum(variance, least), y, full))
    return reduced(losses, reduction, larger(input, target))


def _gaussian(mean: Any, variance: Any, y: Any, full: bool) -> Any:
    """½ (log σ² + (y − μ)²/σ²) (+ ½ log 2π)"""
    distance = y - mean
    exponent = 0.5 * (autograd.log(variance) + distance * distance / variance)
    return exponent + 0.5 * log(2.0 * pi) if full else exponent


def mixture_nll_loss(
    logits: Any, means: Any, variances: Any, target: Any, reduction: str = "mean"
) -> Any:
    """−(1/n) Σ log Σₖ softmax(z)ₖ N(y; μₖ, σₖ²): a density with several peaks at once.

    For one number y the other arguments are lists with an entry for each of the K components; for
    a batch, lists of such lists.
    """
    single = is_leaf(target)
    if single:
        logits, means, variances, target = [logits], [means], [variances], [target]
    rows = _rows([logits, means, variances, target], "sample")
    losses = [_mixture(*row) for row in rows]
    return reduced(losses, reduction, 0.0 if single else losses)


def _rows(columns: list[Any], what: str) -> list[tuple[Any, ...]]:
    """What belongs together, one of each column."""
    sizes = [len(items(column, "mixture_nll_loss")) for column in columns]
    if len(set(sizes)) > 1:
        raise ArgumentError(f"mixture_nll_loss needs lists of one length, but got {sizes}")
    if not sizes[0]:
        raise ArgumentError(f"mixture_nll_loss needs at least one {what}")
    return list(zip(*columns, strict=True))


def _mixture(logits: Any, means: Any, variances: Any, y: Any) -> Any:
    _rows([logits, means, variances], "component")
    for variance in variances:
        if not comparable(variance) > 0.0:
            raise DomainError(f"mixture_nll_loss needs positive variances, not {plain(variance)}")
    components = zip(log_softmax(logits), means, variances, strict=True)
    return -logsumexp([weight - _gaussian(m, v, y, full=True) for weight, m, v in components])
