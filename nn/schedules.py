"""Learning-rate schedules, with PyTorch's names: call `.step()` after each epoch."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi

from autograd import ArgumentTypeError

from .checks import count, function, numeric, real
from .optimiser import Optimizer


class LambdaLR:
    """η = η₀ · factor(epoch), with η₀ the optimiser's rate when the schedule is made."""

    def __init__(self, optimizer: Optimizer, lr_lambda: Callable[[int], float]) -> None:
        if not isinstance(optimizer, Optimizer):
            raise ArgumentTypeError(f"a schedule is for an optimiser, not {optimizer!r}")
        self.optimizer, self.lr_lambda = optimizer, function(lr_lambda, "LambdaLR(lr_lambda=…)")
        self.last_epoch, self.start = 0, optimizer.lr
        self._set()

    def step(self) -> None:
        """Go on to the next epoch."""
        self.last_epoch += 1
        self._set()

    def _set(self) -> None:
        factor = numeric(self.lr_lambda(self.last_epoch), "the schedule's factor", least=0.0)
        self.optimizer.lr = self.start * factor


def StepLR(optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> LambdaLR:
    """η = η₀ γ^⌊epoch / step_size⌋."""
    n = count(step_size, "StepLR(step_size=…)")
    base = real(gamma, "StepLR(gamma=…)", least=0.0)
    return LambdaLR(optimizer, lambda epoch: base ** (epoch // n))


def ExponentialLR(optimizer: Optimizer, gamma: float) -> LambdaLR:
    """η = η₀ γ^epoch."""
    base = real(gamma, "ExponentialLR(gamma=…)", least=0.0)
    return LambdaLR(optimizer, lambda epoch: base**epoch)


def LinearLR(
    optimizer: Optimizer,
    start_factor: float = 1.0 / 3.0,
    end_factor: float = 1.0,
    total_iters: int = 5,
) -> LambdaLR:
    """η goes evenly from start_factor η₀ to end_factor η₀ in total_iters epochs."""
    n = count(total_iters, "LinearLR(total_iters=…)")
    first = real(start_factor, "LinearLR(start_factor=…)", least=0.0)
    rise = real(end_factor, "LinearLR(end_factor=…)", least=0.0) - first
    return LambdaLR(optimizer, lambda epoch: first + rise * min(epoch, n) / n)


def CosineAnnealingLR(optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> LambdaLR:
    """η = η_min + ½ (η₀ − η_min)(1 + cos(π epoch / T_max))."""
    n = count(T_max, "CosineAnnealingLR(T_max=…)")
    least = real(eta_min, "CosineAnnealingLR(eta_min=…)", least=0.0)
    start = getattr(optimizer, "lr", 0.0)

    def factor(epoch: int) -> float:
        rate = least + 0.5 * (start - least) * (1.0 + cos(pi * epoch / n))
        return rate / start if start else 0.0

    return LambdaLR(optimizer, factor)
