"""What counts as a real number: those of Python, of its standard library and of NumPy."""

from __future__ import annotations

from .errors import ArgumentTypeError, RangeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Decimal
    from fractions import Fraction
    from typing import Any, Protocol

    class NumpyNumber(Protocol):
        """A scalar of NumPy, or an array, with which operators go element by element."""

        @property
        def dtype(self) -> Any: ...
        def __float__(self) -> float: ...

    Number = int | float | Fraction | Decimal | NumpyNumber
else:
    Number = int | float  # for typing.get_type_hints


def number(x: Any, what: str = "a Value") -> float:
    """x as a float, if it is a real number of Python or NumPy."""
    converted = as_number(x)
    if converted is None:
        raise ArgumentTypeError(f"{what} needs a real number, but got {_shown(x)}{_way_out(x)}")
    return converted


def as_number(x: Any) -> float | None:
    """x as a float, or None where x is not a real number."""
    if isinstance(x, (float, int)) or _is_real(x):
        try:
            return float(x)
        except OverflowError:
            raise RangeError(f"{_shown(x)} is too large for a float") from None
        except ValueError:  # a signalling NaN of decimal
            return None
    return None


def _is_real(x: Any) -> bool:
    """Whether x is a Fraction, a Decimal, or a real number of NumPy."""
    shape = getattr(x, "shape", None)
    if shape is None:  # by name, so that their modules need not be loaded
        return any(f"{kind.__module__}.{kind.__name__}" in _REAL for kind in type(x).__mro__)
    if shape != ():  # NumPy's scalars and arrays of no dimension
        return False
    return getattr(getattr(x, "dtype", None), "kind", None) in ("f", "i", "u", "b")


def _way_out(x: Any) -> str:
    """What may have been meant instead of what is no real number."""
    if hasattr(type(x), "local_derivatives"):
        return "; value.data is its plain number"
    if isinstance(x, str):
        return "; float(text) reads the number in a text"
    return "; take its items one by one: [… for x in items]" if isinstance(x, (list, tuple)) else ""


_REAL = ("fractions.Fraction", "decimal.Decimal", "_pydecimal.Decimal")


def _shown(x: Any) -> str:
    try:
        text = repr(x)
    except ValueError:  # Python refuses to print integers of many thousand digits
        text = f"an integer of {x.bit_length()} bits"
    return text if len(text) <= 80 else text[:77] + "..."
