"""Optimisers: how a gradient moves the parameters. Names, defaults and formulas are PyTorch's.

A rule is arithmetic on an array of parameters θ, their gradients g and what is remembered of
earlier steps. `step` runs it on all parameters at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from autograd import ArgumentError, ArgumentTypeError, Value

from .checks import real
from .optimiser import Optimizer


class SGD(Optimizer):
    """θ ← θ − η g; with momentum v ← μ v + g, θ ← θ − η v; Nesterov's: θ ← θ − η (g + μ v)."""

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-3,
        momentum: float = 0.0,
        *,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        super().__init__(params, lr, weight_decay, (0.0,))
        self.momentum = real(momentum, "momentum", least=0.0)
        self.nesterov = nesterov
        if not isinstance(nesterov, bool):
            raise ArgumentTypeError(f"nesterov is True or False, not {nesterov!r}")
        if nesterov and not momentum:
            raise ArgumentError("SGD(nesterov=True) needs a momentum above 0")

    def rule(self, t: int, theta: Any, gradient: Any, *memory: Any) -> tuple[Any, ...]:
        """θ, v"""
        (velocity,) = memory
        g = self.decayed(theta, gradient)
        if not self.momentum:
            return theta + -self.lr * g, velocity  # NumPy adds to a product in its own place
        velocity = self.momentum * velocity + g
        direction = g + self.momentum * velocity if self.nesterov else velocity
        return theta - self.lr * direction, velocity


class Adagrad(Optimizer):
    """s ← s + g², θ ← θ − η g / (√s + ε), where η falls as η / (1 + (t − 1) lr_decay)."""

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
    ) -> None:
        start = real(initial_accumulator_value, "initial_accumulator_value", least=0.0)
        super().__init__(params, lr, weight_decay, (start,))
        self.initial_accumulator_value = start
        self.lr_decay = real(lr_decay, "lr_decay", least=0.0)
        self.eps = real(eps, "eps", least=0.0)

    def rule(self, t: int, theta: Any, gradient: Any, *memory: Any) -> tuple[Any, ...]:
        """θ, s"""
        (squares,) = memory
        g = self.decayed(theta, gradient)
        squares = squares + g * g
        rate = self.lr / (1.0 + (t - 1) * self.lr_decay)
        return theta - rate * g / (squares**0.5 + self.eps), squares


class RMSprop(Optimizer):
    """s ← α s + (1 − α) g², θ ← θ − η v with v ← μ v + g / (√s + ε)."""

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
    ) -> None:
        super().__init__(params, lr, weight_decay, (0.0, 0.0))
        self.alpha = real(alpha, "alpha", least=0.0, below=1.0)
        self.eps = real(eps, "eps", least=0.0)
        self.momentum = real(momentum, "momentum", least=0.0)

    def rule(self, t: int, theta: Any, gradient: Any, *memory: Any) -> tuple[Any, ...]:
        """θ, s, v"""
        squares, velocity = memory
        g = self.decayed(theta, gradient)
        squares = self.alpha * squares + (1.0 - self.alpha) * g * g
        velocity = self.momentum * velocity + g / (squares**0.5 + self.eps)
        return theta - self.lr * velocity, squares, velocity


class Adam(Optimizer):
    """m ← β₁m + (1−β₁)g, s ← β₂s + (1−β₂)g², θ ← θ − η m̂ / (√ŝ + ε).

    m̂ = m/(1−β₁ᵗ) and ŝ = s/(1−β₂ᵗ) make up for the start at 0.
    """

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr, weight_decay, (0.0, 0.0))
        if not isinstance(betas, Sequence) or len(betas) != 2:
            raise ArgumentTypeError(f"betas are two numbers, not {betas!r}")
        self.betas = tuple([real(beta, "betas", least=0.0, below=1.0) for beta in betas])
        self.eps = real(eps, "eps", least=0.0)

    def rule(self, t: int, theta: Any, gradient: Any, *memory: Any) -> tuple[Any, ...]:
        """θ, m, s; weight decay adds λθ to the gradient"""
        return self._adapted(t, theta, self.decayed(theta, gradient), *memory)

    def _adapted(self, t: int, theta: Any, g: Any, mean: Any, square: Any) -> tuple[Any, ...]:
        beta1, beta2 = self.betas
        mean = beta1 * mean + (1.0 - beta1) * g
        square = beta2 * square + (1.0 - beta2) * g * g
        unbiased_mean = mean / (1.0 - beta1**t)
        unbiased_square = square / (1.0 - beta2**t)
        return theta - self.lr * unbiased_mean / (unbiased_square**0.5 + self.eps), mean, square


class AdamW(Adam):
    """Adam with weight decay apart from the gradient: θ ← θ − η λ θ before the step."""

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay)

    def rule(self, t: int, theta: Any, gradient: Any, *memory: Any) -> tuple[Any, ...]:
        """θ, m, s"""
        return self._adapted(t, theta - self.lr * self.weight_decay * theta, gradient, *memory)
