"""Activations: functions of one pre-activation, or of all pre-activations of a layer, by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import autograd
from autograd import ArgumentError, ArgumentTypeError

from .checks import how_made, listed, takes_one


def linear(z: Any) -> Any:
    """z itself."""
    return z


def threshold(z: Any) -> Any:
    """1 where z ≥ 0, else 0; the derivative is 0."""
    return 1.0 - autograd.step(-z)


def hard_clip(z: Any) -> Any:
    """max(0, min(1, z)); outside the band the gradient vanishes."""
    return autograd.clip(z, 0.0, 1.0)


def softmax(z: Sequence[Any]) -> list[Any]:
    """e^zᵢ / Σ e^zⱼ, computed as softmax(z − max z), which is the same and cannot overflow."""
    zs = listed(z, "softmax")
    largest = autograd.max(zs)
    exponentials = [autograd.exp(x - largest) for x in zs]
    total = autograd.sum(exponentials)
    return [e / total for e in exponentials]


def log_softmax(z: Sequence[Any]) -> list[Any]:
    """zᵢ − log Σ e^zⱼ."""
    zs = listed(z, "log_softmax")
    total = autograd.logsumexp(zs)
    return [x - total for x in zs]


ELEMENTWISE: dict[str, Callable[[Any], Any]] = {
    "linear": linear,
    "relu": autograd.relu,
    "leaky_relu": autograd.leaky_relu,
    "abs": autograd.abs,
    "sigmoid": autograd.sigmoid,
    "tanh": autograd.tanh,
    "softplus": autograd.softplus,
    "exp": autograd.exp,
    "hard_clip": hard_clip,
    "threshold": threshold,
}
WHOLE: dict[str, Callable[[Sequence[Any]], list[Any]]] = {
    "softmax": softmax,
    "log_softmax": log_softmax,
}

_OF_SEVERAL_NODES = {"threshold", "softmax", "log_softmax"}

Activation = str | Callable[[Any], Any]


def checked(activation: Any, what: str, *more: str) -> Activation:
    """The name of an activation, or a function that has none here.

    `more` are names known to the caller.
    """
    if takes_one(activation):
        named = (name for name, f in (ELEMENTWISE | WHOLE).items() if f is activation)
        return next(named, activation)  # type: ignore[no-any-return]
    if not isinstance(activation, str):
        raise ArgumentTypeError(
            f"{what}: an activation is a name or a function of one number, not {activation!r}"
            f"{how_made(activation)}"
        )
    known = [*ELEMENTWISE, *WHOLE, *more]
    if activation not in known:
        raise ArgumentError(f"{what}: no activation {activation!r}; there are: {', '.join(known)}")
    return activation


def is_one_node(activation: Activation) -> bool:
    """Whether a unit with this activation makes no more than one node for it."""
    return isinstance(activation, str) and activation not in _OF_SEVERAL_NODES


def is_of_one_number(activation: Activation) -> bool:
    """Whether it is a name, or one of autograd's functions of one argument."""
    if isinstance(activation, str):
        return True
    name = getattr(activation, "__name__", "")
    rows = [row.name for row in autograd.operations() if len(row.derivatives) == 1]
    own = getattr(autograd, name, None) is activation
    return own and name in rows and not autograd.lookup(name).any_number


def elementwise(activation: Activation) -> Callable[[Any], Any]:
    """The function of one pre-activation behind an activation that is not in WHOLE."""
    return ELEMENTWISE[activation] if isinstance(activation, str) else activation


def name_of(activation: Any) -> str:
    """How an activation is called in a repr."""
    return getattr(activation, "__name__", None) or repr(activation)
