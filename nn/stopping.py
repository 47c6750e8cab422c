"""Stopping rules: functions of the history that return a reason to stop, or None."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import ArgumentError

from .checks import count, real
from .history import History

StoppingRule = Callable[[History], Any]


def until_converged(tolerance: float = 1e-4, patience: int = 5) -> StoppingRule:
    """Loop until convergence: until the loss stays in a narrow band for `patience` epochs.

    Narrow means: from the largest to the smallest it is at most `tolerance` times the largest.
    """
    width = real(tolerance, "until_converged(tolerance=…)", least=0.0)
    epochs = count(patience, "until_converged(patience=…)")

    def rule(history: History) -> str | None:
        last = history.loss[-(epochs + 1) :]
        if len(last) <= epochs or max(last) - min(last) > width * max(map(abs, last)):
            return None
        return f"converged: the loss changed by less than {width:g} of itself in {epochs} epochs"

    return rule


def early_stopping(patience: int = 5, min_delta: float = 0.0) -> StoppingRule:
    """Stop when the loss on the validation data has not become smaller for `patience` epochs."""
    epochs = count(patience, "early_stopping(patience=…)")
    least = real(min_delta, "early_stopping(min_delta=…)", least=0.0)

    def rule(history: History) -> str | None:
        losses = history.validation_loss
        if not losses:
            raise ArgumentError("early_stopping needs fit(…, validation=(inputs, targets))")
        if len(losses) <= epochs or min(losses[-epochs:]) < min(losses[:-epochs]) - least:
            return None
        return f"stopped early: no smaller validation loss in {epochs} epochs"

    return rule
