"""Optimisers: how a gradient moves the parameters. Names, defaults and formulas are PyTorch's.

A rule is arithmetic on an array of parameters θ, their gradients g and what is remembered of earlier
steps. `step` runs it on all parameters at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Any

from autograd import ArgumentError, ArgumentTypeError, GradientTable, NonFiniteError, Value

from .checks import real

Memory = tuple[Any, ...]  # arrays over the parameters; numbers before the first step


class Optimizer:
    """Moves parameters by its rule, all of them or, where something is not finite, none.

    `step(table)` takes the gradients from a gradient table (a parameter that is not in it has the
    gradient 0), `step()` from the parameters' `.grad`. `lr` may be changed between steps.
    """

    def __init__(
        self, params: Iterable[Value], lr: float, weight_decay: float, memory: Memory
    ) -> None:
        if not isinstance(params, Iterable):
            kind = type(self).__name__
            raise ArgumentTypeError(f"{kind}(params, …) needs model.parameters(), not {params!r}")
        self.parameters = list(params)
        for value in self.parameters:
            if type(value) is not Value or value.op is not None:
                raise ArgumentTypeError(f"parameters are Values that are inputs, not {value!r}")
        if not self.parameters or len(set(self.parameters)) < len(self.parameters):
            what = "none" if not self.parameters else "some of them twice"
            raise ArgumentError(
                f"{type(self).__name__}(params, …) needs parameters, but got {what}"
            )
        self.lr = real(lr, "lr", least=0.0)
        self.weight_decay = real(weight_decay, "weight_decay", least=0.0)
        self.steps = 0
        self.memory = memory

    def rule(self, t: int, theta: Any, gradient: Any, *memory: Any) -> tuple[Any, ...]:
        """The new θ and memory after step t = 1, 2, …"""
        raise NotImplementedError

    def decayed(self, theta: Any, gradient: Any) -> Any:
        """g + λθ: weight decay as a part of the gradient"""
        return gradient + self.weight_decay * theta if self.weight_decay else gradient

    def zero_grad(self) -> None:
        """Set every parameter's `.grad` to 0."""
        for value in self.parameters:
            value.grad = 0.0

    def step(self, gradients: Mapping[Value, Any] | None = None) -> None:
        """One step along a gradient table, or along `.grad`."""
        import numpy as np

        thetas = np.array([p.data for p in self.parameters])
        given = np.array(self._gradients(gradients))
        new, memory = self.moved(thetas, given, self.memory)
        finite = np.isfinite([new, *memory]).all(axis=0)
        if not finite.all():
            raise self._not_finite(given, gradients) or self._too_far(int(finite.argmin()), new)
        self.memory = memory
        self.steps += 1
        for value, theta in zip(self.parameters, new.tolist(), strict=True):
            value.data = theta

    def moved(self, thetas: Any, gradients: Any, memory: Memory) -> tuple[Any, Memory]:
        """The rule on an array of parameters: what they and the memory become."""
        import numpy as np

        with np.errstate(all="ignore"):
            new, *left = self.rule(self.steps + 1, thetas, gradients, *memory)
        return new, tuple(left)

    def _gradients(self, table: Mapping[Value, Any] | None) -> list[float]:
        if table is None:
            return [p.grad for p in self.parameters]
        if not isinstance(table, Mapping):
            raise ArgumentTypeError(f"step(table) needs a gradient table, but got {table!r}")
        found = [table.get(p) for p in self.parameters]
        if all(g is None for g in found):
            raise ArgumentError("none of the optimiser's parameters is in this gradient table")
        return [0.0 if g is None else g.data if type(g) is Value else g for g in found]

    def _too_far(self, i: int, new: Any) -> Exception:
        """The error that names a parameter that a step would move out of range."""
        value = self.parameters[i]
        return NonFiniteError(
            f"a step would make {_named(value)} = {value.data!r} into {float(new[i])!r}; "
            f"the learning rate {self.lr:g} may be too large"
        )

    def _not_finite(self, given: Any, table: Mapping[Value, Any] | None) -> Exception | None:
        """The error that names the parameter, and the node where its gradient went wrong, if so."""
        wrong = [
            (p, g) for p, g in zip(self.parameters, given.tolist(), strict=True) if not isfinite(g)
        ]
        if not wrong:
            return None
        value, g = wrong[0]
        where = ""
        if isinstance(table, GradientTable):
            step = next(step for step in table.steps if not isfinite(step.total))
            consumer = step.terms[0].consumer if step.terms else step.node
            made = f", an operand of {consumer.op!r} ({_named(consumer)} = {consumer.data!r})"
            where = f"; it became so at {step.name} = {step.node.data!r}{made}"
        return NonFiniteError(f"no step along a gradient of {g!r} for {_named(value)}{where}")


def _named(value: Value) -> str:
    """A node by its scope and label."""
    return "/".join([part for part in (value.scope, value.label) if part]) or "a node"


class SGD(Optimizer):
    """θ ← θ − η g; with momentum v ← μ v + g, θ ← θ − η v; Nesterov's: θ ← θ − η (g + μ v)."""

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-3,
        *,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        super().__init__(params, lr, weight_decay, (0.0,))
        self.momentum = real(momentum, "momentum", least=0.0)
        self.nesterov = nesterov
        if nesterov and not momentum:
            raise ArgumentError("SGD(nesterov=True) needs a momentum above 0")

    def rule(self, t: int, theta: Any, gradient: Any, *memory: Any) -> tuple[Any, ...]:
        """θ, v"""
        (velocity,) = memory
        g = self.decayed(theta, gradient)
        velocity = self.momentum * velocity + g if self.momentum else g
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
