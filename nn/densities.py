"""Losses of outputs that are distributions: negative log densities."""

from __future__ import annotations

from math import log, pi
from typing import Any

import autograd
from autograd import ArgumentError, logsumexp

from .activations import log_softmax
from .checks import real
from .losses import paired, reduced
from .nested import is_leaf, plain


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
    variances = [v for v, _ in paired(var, target, f"{name}(var=…)")]
    losses = []
    for (mean, y), variance in zip(paired(input, target, name), variances, strict=True):
        if not plain(variance) >= 0.0:
            raise ArgumentError(f"{name} needs variances that are not negative, not {variance!r}")
        losses.append(_gaussian(mean, autograd.maximum(variance, least), y, full))
    return reduced(losses, reduction)


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
    if is_leaf(target):
        logits, means, variances, target = [logits], [means], [variances], [target]
    if not len(logits) == len(means) == len(variances) == len(target):
        sizes = [len(x) for x in (logits, means, variances, target)]
        raise ArgumentError(f"mixture_nll_loss needs lists of one length, but got {sizes}")
    rows = zip(logits, means, variances, target, strict=True)
    return reduced([_mixture(*row) for row in rows], reduction)


def _mixture(logits: Any, means: Any, variances: Any, y: Any) -> Any:
    if not len(logits) == len(means) == len(variances):
        sizes = [len(x) for x in (logits, means, variances)]
        raise ArgumentError(f"mixture_nll_loss needs K logits, means, variances, but got {sizes}")
    components = zip(log_softmax(logits), means, variances, strict=True)
    return -logsumexp([weight - _gaussian(m, v, y, full=True) for weight, m, v in components])
