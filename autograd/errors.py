"""What can go wrong: every error of ours is also the Python error one would expect."""

from __future__ import annotations


class AutogradError(Exception):
    """The common base of all errors raised by this library."""


class DomainError(AutogradError, ValueError):
    """An operation was given a number outside its domain, such as log(-1)."""


class DivisionError(AutogradError, ZeroDivisionError):
    """A division by zero, also in the form 0 ** -1."""


class RangeError(AutogradError, OverflowError):
    """A result too large for a float, such as exp(1000)."""


class NonFiniteError(AutogradError, ArithmeticError):
    """Backprop was asked of an output that is infinite or not a number."""


class GradientError(AutogradError, AssertionError):
    """`check_gradients` found a derivative that differs from the measured one."""


class ArgumentError(AutogradError, ValueError):
    """A public function was given an argument of the right type but with a wrong value."""


class ArgumentTypeError(AutogradError, TypeError):
    """A public function was given an argument of the wrong type."""


class NotInGraphError(AutogradError, KeyError):
    """A node was looked up in a graph or table that does not hold it."""

    def __str__(self) -> str:  # KeyError would show the repr of the message
        return str(self.args[0]) if self.args else ""
