"""Activations as layers of their own, named as PyTorch's modules, for use in `Sequential`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import leaky_relu

from .activations import WHOLE, Activation, checked, elementwise, name_of
from .checks import count, inputs_for, real
from .initialisers import constant
from .module import Module
from .nested import mapped
from .parameters import ParameterArray


class Activate(Module):
    """f of every number of whatever shape; softmax and log_softmax of the whole list."""

    def __init__(self, activation: Activation) -> None:
        self.activation = checked(activation, "Activate")

    def forward(self, inputs: Any) -> Any:
        """The activations in the shape of the inputs."""
        with self._scope():
            if isinstance(self.activation, str) and self.activation in WHOLE:
                return WHOLE[self.activation](inputs)
            return mapped(elementwise(self.activation), inputs, self)

    def __repr__(self) -> str:
        return f"Activate({name_of(self.activation)})"


def Identity() -> Activate:
    """z."""
    return Activate("linear")


def ReLU() -> Activate:
    """max(0, z)."""
    return Activate("relu")


def Sigmoid() -> Activate:
    """1 / (1 + e^−z)."""
    return Activate("sigmoid")


def Tanh() -> Activate:
    """tanh z."""
    return Activate("tanh")


def Softplus() -> Activate:
    """log(1 + e^z)."""
    return Activate("softplus")


def Softmax() -> Activate:
    """e^zᵢ / Σ e^zⱼ."""
    return Activate("softmax")


def LogSoftmax() -> Activate:
    """zᵢ − log Σ e^zⱼ."""
    return Activate("log_softmax")


def _leaky(slope: Any) -> Callable[[Any], Any]:
    return lambda x: leaky_relu(x, slope)


class LeakyReLU(Module):
    """max(0, z) + α min(0, z) with a fixed α; α = −1 is the absolute value."""

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = real(negative_slope, "LeakyReLU(negative_slope=…)")

    def forward(self, inputs: Any) -> Any:
        """The activations in the shape of the inputs."""
        with self._scope():
            return mapped(_leaky(self.negative_slope), inputs, self)

    def __repr__(self) -> str:
        return f"LeakyReLU({self.negative_slope!r})"


class PReLU(Module):
    """max(0, z) + α min(0, z) with a learned α, one for all inputs or one for each."""

    def __init__(self, num_parameters: int = 1, init: float = 0.25) -> None:
        n = count(num_parameters, "PReLU(num_parameters=…)")
        self.weight = ParameterArray((n,), "α", constant(real(init, "PReLU(init=…)")))

    def forward(self, inputs: Any) -> Any:
        """The activations in the shape of the inputs; of several α, one for each input."""
        slopes = self.weight.values
        with self._scope():
            if len(slopes) == 1:
                return mapped(_leaky(slopes[0]), inputs, self)
            xs = inputs_for(self, inputs, len(slopes))
            return [mapped(_leaky(slope), x, self) for x, slope in zip(xs, slopes, strict=True)]

    def __repr__(self) -> str:
        return f"PReLU({self.weight.size})"
