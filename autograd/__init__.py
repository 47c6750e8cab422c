"""Scalar reverse-mode automatic differentiation that can be watched at work.

>>> from autograd import Value, backprop
>>> a, b = Value(2.0, "a"), Value(1.0, "b")
>>> e = (a + b) * (b + 1)
>>> backprop(e)[b]
5.0
"""

from __future__ import annotations

from . import _neighbour as _neighbour  # first: stops where another package is mixed in
from .checking import check_gradients
from .contexts import count_evaluations, no_grad, scope
from .define import define
from .derivatives import grad, hessian, hvp, jacobian, value_and_grad
from .errors import (
    ArgumentError,
    ArgumentTypeError,
    AutogradError,
    DivisionError,
    DomainError,
    GradientError,
    NonFiniteError,
    NotInGraphError,
    RangeError,
)
from .functions import (
    abs as abs,
    acos,
    asin,
    atan,
    clip,
    cos,
    cosh,
    dot,
    erf,
    exp,
    expm1,
    leaky_relu,
    log,
    log1p,
    logsumexp,
    max as max,
    maximum,
    min as min,
    minimum,
    prod,
    relu,
    sigmoid,
    sign,
    sin,
    sinh,
    softplus,
    sqrt,
    step,
    sum as sum,
    tan,
    tanh,
    where,
)
from .gradients import backprop
from .graph import Graph, trace
from .operation import Operation, lookup, operations
from .recompute import checkpoint
from .tables import GradientTable, ValueTable
from .value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .compiler import EagerWarning as EagerWarning, jit as jit

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """`jit` and its warning load NumPy, and so only when they are asked for."""
    if name not in ("jit", "EagerWarning"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import compiler

    return getattr(compiler, name)


# Not among these, so that `from autograd import *` leaves Python's own: abs, max, min, sum.
__all__ = [
    "Value", "Graph", "GradientTable", "ValueTable", "Operation",
    "trace", "backprop", "checkpoint", "no_grad", "scope", "count_evaluations",
    "grad", "value_and_grad", "jacobian", "hessian", "hvp", "check_gradients",
    "exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan",
    "sinh", "cosh", "tanh", "sigmoid", "softplus", "relu", "leaky_relu", "erf", "sign", "step",
    "maximum", "minimum", "clip", "where", "dot", "prod", "logsumexp",
    "define", "lookup", "operations", "jit", "EagerWarning",
    "AutogradError", "ArgumentError", "ArgumentTypeError", "DivisionError", "DomainError",
    "GradientError", "NonFiniteError", "NotInGraphError", "RangeError",
]  # fmt: skip
