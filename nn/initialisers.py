"""Random starts: functions of a generator and the numbers of inputs and outputs of a unit."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import sqrt
from random import Random

from .checks import real

Initialiser = Callable[[Random, int, int], float]


def kaiming_normal(source: Random, n_inputs: int, n_outputs: int) -> float:
    """N(0, 2/n_inputs), which keeps the size of what flows through layers of ReLUs."""
    return source.gauss(0.0, sqrt(2.0 / n_inputs))


def lecun_normal(source: Random, n_inputs: int, n_outputs: int) -> float:
    """N(0, 1/n_inputs), the same for units that do not cut half of it off."""
    return source.gauss(0.0, sqrt(1.0 / n_inputs))


def xavier_normal(source: Random, n_inputs: int, n_outputs: int) -> float:
    """N(0, 2/(n_inputs + n_outputs)), a compromise between forward and backward pass."""
    return source.gauss(0.0, sqrt(2.0 / (n_inputs + n_outputs)))


def torch_uniform(source: Random, n_inputs: int, n_outputs: int) -> float:
    """U(−1/√n_inputs, 1/√n_inputs), PyTorch's start of its linear and convolutional layers."""
    bound = 1.0 / sqrt(n_inputs)
    return source.uniform(-bound, bound)


def normal(std: float) -> Initialiser:
    """N(0, std²) whatever the sizes."""
    return partial(_normal, real(std, "normal(std)", least=0.0))


def uniform(bound: float) -> Initialiser:
    """U(−bound, bound) whatever the sizes."""
    return partial(_uniform, real(bound, "uniform(bound)", least=0.0))


def constant(value: float) -> Initialiser:
    """The same number everywhere."""
    return partial(_constant, real(value, "constant(value)"))


# Partial applications of functions of a module can be pickled; closures could not.


def _normal(std: float, source: Random, n_inputs: int, n_outputs: int) -> float:
    return source.gauss(0.0, std)


def _uniform(bound: float, source: Random, n_inputs: int, n_outputs: int) -> float:
    return source.uniform(-bound, bound)


def _constant(value: float, source: Random, n_inputs: int, n_outputs: int) -> float:
    return value
