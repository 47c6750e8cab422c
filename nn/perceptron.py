"""Threshold units, Rosenblatt's rule, and Boolean circuits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from autograd import ArgumentError, Value, dot

from .activations import threshold
from .checks import count, inputs_for, numeric, real, same_length
from .initialisers import constant
from .layers import pre_activations_of
from .module import Module
from .nested import flattened
from .parameters import ParameterArray


@dataclass(frozen=True)
class Learning:
    """How learning went: the mistakes of each pass over the data, and whether it settled."""

    mistakes: list[int]
    converged: bool

    def __str__(self) -> str:
        if self.converged:
            return f"no mistakes left after {len(self.mistakes)} passes"
        return (
            f"not settled: {self.mistakes[-1]} mistakes in the last of {len(self.mistakes)} "
            "passes; if the classes cannot be separated by a hyperplane, more passes will not help"
        )


class Perceptron(Module):
    """y = 1 where b + Σᵢ wᵢ xᵢ ≥ 0, else 0 (≥, so that the boundary itself belongs to 1).

    Weights and bias start at 0, or where they are given. What a call gives is a node: its `.data`
    is 0.0 or 1.0, while `==` asks whether two are the same node, as of all Values.
    """

    def __init__(
        self, n_inputs: int, weights: Sequence[float] | None = None, bias: float = 0.0
    ) -> None:
        self.n_inputs = count(n_inputs, "Perceptron(n_inputs=…)")
        self.weight = ParameterArray((self.n_inputs,), "w", constant(0.0))
        self.bias = ParameterArray((), "b", constant(real(bias, "Perceptron(bias=…)")))
        if weights is not None:
            self.weight.data = self.weight.checked(weights, "Perceptron(weights=…)")

    def forward(self, inputs: Any) -> Value:
        """The decision, as a node; `.data` is the number."""
        xs = inputs_for(self, inputs, self.n_inputs)
        with self._scope():
            (z,) = pre_activations_of(self, [self.weight.values], xs, self.bias.values)
            return threshold(z)  # type: ignore[no-any-return]

    def learn(
        self, inputs: Sequence[Any], targets: Sequence[Any], lr: float = 1.0, passes: int = 100
    ) -> Learning:
        """Rosenblatt's rule, w ← w + η (d(x) − y(x)) x, until a pass makes no mistake.

        If none does, it stops after `passes` passes and says so in what it returns.
        """
        samples = _samples(self, inputs, targets)
        for _, d in samples:
            if d not in (0, 1):
                raise ArgumentError(f"{self} learns targets 0 and 1, not {d!r}")
        weights = [*self.weight.data, self.bias.data]
        learning = _settled(
            partial(_corrected, weights, real(lr, "lr", least=0.0)), samples, passes
        )
        self.weight.data, self.bias.data = weights[:-1], weights[-1]
        return learning

    def __repr__(self) -> str:
        return f"Perceptron({self.n_inputs})"


def _settled(
    corrected: Callable[[list[float], Any], bool], samples: list[tuple[Any, Any]], passes: int
) -> Learning:
    """Correct sample after sample, until a pass makes no mistake or as often as is allowed."""
    limit = count(passes, "passes")
    mistakes: list[int] = []
    while len(mistakes) < limit and 0 not in mistakes:
        mistakes.append(sum([corrected(x, d) for x, d in samples]))
    return Learning(mistakes, mistakes[-1] == 0)


def _corrected(weights: list[float], rate: float, x: list[float], d: float) -> bool:
    """One step of Rosenblatt's rule; whether the sample was a mistake."""
    y = float(_dot(weights, x) >= 0.0)
    if y == d:
        return False
    for i, x_i in enumerate([*x, 1.0]):
        weights[i] += rate * (d - y) * x_i
    return True


class MulticlassPerceptron(Module):
    """The class k with the largest Σᵢ wₖᵢ xᵢ + bₖ: one template of weights for each class."""

    def __init__(self, n_inputs: int, n_classes: int) -> None:
        self.n_inputs = count(n_inputs, "MulticlassPerceptron(n_inputs=…)")
        self.n_classes = count(n_classes, "MulticlassPerceptron(n_classes=…)", least=2)
        shape = (self.n_classes, self.n_inputs)
        self.weight = ParameterArray(shape, "w", constant(0.0), unit="class")
        self.bias = ParameterArray(shape[:1], "b", constant(0.0), unit="class")

    def forward(self, inputs: Any) -> list[Value]:
        """The score of each class."""
        xs = inputs_for(self, inputs, self.n_inputs)
        with self._scope():
            return pre_activations_of(self, self.weight.rows, xs, self.bias.values)

    def predict(self, inputs: Any) -> int:
        """The class with the largest score, of equal ones the first."""
        xs = inputs_for(self, inputs, self.n_inputs)
        return _best([[*w, b] for w, b in zip(self.weight.data, self.bias.data, strict=True)], xs)

    def learn(
        self, inputs: Sequence[Any], targets: Sequence[int], lr: float = 1.0, passes: int = 100
    ) -> Learning:
        """On a mistake, w ← w + η x for the right class and w ← w − η x for the guessed one.

        It stops when a pass makes no mistake, or after `passes` passes, and says which.
        """
        samples = _samples(self, inputs, targets)
        for _, d in samples:
            if d not in range(self.n_classes):
                raise ArgumentError(f"{self} learns classes 0 to {self.n_classes - 1}, not {d!r}")
        weights = [[*w, b] for w, b in zip(self.weight.data, self.bias.data, strict=True)]
        learning = _settled(partial(_moved, weights, real(lr, "lr", least=0.0)), samples, passes)
        self.weight.data, self.bias.data = [w[:-1] for w in weights], [w[-1] for w in weights]
        return learning

    def __repr__(self) -> str:
        return f"MulticlassPerceptron({self.n_inputs}, {self.n_classes})"


def _moved(weights: list[list[float]], rate: float, x: list[float], d: float) -> bool:
    """One step of the rule for several classes; whether the sample was a mistake."""
    guess, right = _best(weights, x), int(d)
    if guess == right:
        return False
    for i, x_i in enumerate([*x, 1.0]):
        weights[right][i] += rate * x_i
        weights[guess][i] -= rate * x_i
    return True


def _best(weights: list[list[float]], x: Sequence[float]) -> int:
    scores = [_dot(w, x) for w in weights]
    return scores.index(max(scores))


def _dot(weights: Sequence[float], x: Sequence[float]) -> float:
    """b + Σᵢ wᵢ xᵢ, where b is the last of the weights; added up as in the node."""
    return float(dot(weights[:-1], x, weights[-1]))


def _samples(unit: Any, inputs: Sequence[Any], targets: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Pairs of plain inputs and targets, as many inputs as the unit has."""
    same_length(inputs, targets, f"{unit}.learn(inputs, targets)")
    xs = [[numeric(x_i, "an input") for x_i in inputs_for(unit, x, unit.n_inputs)] for x in inputs]
    return list(zip(xs, flattened(targets, f"{unit}.learn(targets=…)"), strict=True))


def conjunction(literals: Sequence[int]) -> Perceptron:
    """The unit that is 1 where all literals hold: 1 stands for xᵢ, −1 for ¬xᵢ, 0 for neither."""
    signs = _signs(literals)
    return Perceptron(len(signs), signs, bias=-float(signs.count(1)))


def disjunction(literals: Sequence[int]) -> Perceptron:
    """The unit that is 1 where a literal holds: 1 stands for xᵢ, −1 for ¬xᵢ, 0 for neither."""
    signs = _signs(literals)
    return Perceptron(len(signs), signs, bias=float(signs.count(-1)) - 1.0)


def _signs(literals: Sequence[int]) -> list[float]:
    for literal in literals:
        if literal not in (-1, 0, 1):
            raise ArgumentError(f"a literal is 1, −1 or 0, not {literal!r}")
    return [float(literal) for literal in literals]
