"""`jit`: the matrix program that is hidden in a scalar graph."""

from .errors import EagerWarning
from .jitted import Jitted, jit

__all__ = ["EagerWarning", "Jitted", "jit"]
