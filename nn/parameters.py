"""An array of parameters that is made when it is first needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextvars import Context
from itertools import product
from math import isfinite, prod
from random import Random
from threading import RLock
from typing import Any

from autograd import ArgumentError, Value
from autograd.contexts import READS, refuse
from autograd.real import as_number

from .checks import function
from .initialisers import Initialiser, constant
from .nested import Shape, flattened, nested, shape_of
from .read_only import ReadOnly, refuse_write
from .scopes import put

LIMIT = 10**8  # Values that one array may be asked to make; more would fill the memory

_making = RLock()


class ParameterArray:
    """Values in the shape of an array: counted at once, made on first use.

    The first `unit_axes` axes number the units (neurons, filters); what belongs to one unit is a
    row of `rows`, lies in the unit's scope and is labelled w1, w2, … there, or b where it is alone.
    The start of each is drawn with the number of inputs that a unit adds up, `fan_in`.
    """

    __slots__ = (
        "shape", "_letter", "_unit", "_unit_axes", "_fan_in", "_start", "_seed", "_path",
        "_values", "_rows",
    )  # fmt: skip

    def __init__(
        self,
        shape: Shape,
        letter: str,
        start: Initialiser,
        seed: int = 0,
        unit: str = "",
        unit_axes: int = 1,
        fan_in: int | None = None,
    ) -> None:
        self.shape = shape
        self._letter, self._seed = letter, seed
        self._start = function(start, "an initialiser")
        self._unit, self._unit_axes = unit, unit_axes if unit else 0
        self._fan_in = fan_in or self._row_length
        self._path = ""
        self._values: list[Value] | None = None
        self._rows: list[list[Value]] | None = None

    @property
    def size(self) -> int:
        """How many parameters there are; none is made for the answer."""
        return prod(self.shape)

    @property
    def is_made(self) -> bool:
        """Whether there are Values yet."""
        return self._values is not None

    @property
    def values(self) -> list[Value]:
        """The parameters from left to right."""
        if self._values is None:
            with _making:  # two threads must not each make their own
                if self._values is None:
                    # in a context of their own: they belong to no program that is being traced
                    self._values = Context().run(self._made)
        return self._values

    @property
    def rows(self) -> list[list[Value]]:
        """The parameters of each unit."""
        if self._rows is None:
            n, values = self._row_length, self.values
            self._rows = [values[i : i + n] for i in range(0, len(values), n)]
        return self._rows

    @property
    def data(self) -> Any:
        """The plain numbers, as nested lists to be read; assigning replaces all of them."""
        refuse(READS)
        return nested([value.data for value in self.values], self.shape, ReadOnly)

    @data.setter
    def data(self, numbers: Any) -> None:
        for value, x in zip(self.values, self.checked(numbers, "this array"), strict=True):
            value.data = x

    def mapped(self, function: Callable[[Value], Any]) -> Any:
        """The function of each parameter, as nested lists."""
        return nested([function(value) for value in self.values], self.shape)

    def checked(self, numbers: Any, name: str) -> list[float]:
        """Nested numbers as a flat list, refused unless they are finite and fit the shape."""
        return finite(numbers, self.shape, name)

    def named(self, name: str) -> Iterator[tuple[str, Value]]:
        """(name[i][j], parameter) for each of them."""
        for place, value in zip(_places(self.shape), self.values, strict=True):
            yield f"{name}{place}", value

    def share(self, values: list[Value]) -> None:
        """Use parameters that another array has made."""
        if len(values) != self.size:
            raise ArgumentError(f"{self!r} has {self.size} parameters, but got {len(values)}")
        self._values, self._rows = values, None

    def move_to(self, path: str) -> None:
        """Put the parameters into the scope of the module that they belong to."""
        self._path = path
        if self._values is not None:
            self._put_into_scopes(self._values)

    def _made(self) -> list[Value]:
        if self.size > LIMIT:
            raise ArgumentError(f"{self!r}: {self.size} parameters are too many to be made here")
        source, n_outputs = Random(self._seed), prod(self.shape[: self._unit_axes])
        labels = [self._letter]
        if len(self.shape) > self._unit_axes:
            labels = [f"{self._letter}{i + 1}" for i in range(self._row_length)]
        values = [
            Value(self._start(source, self._fan_in, n_outputs), labels[i % len(labels)])
            for i in range(self.size)
        ]
        self._put_into_scopes(values)
        return values

    def _put_into_scopes(self, values: list[Value]) -> None:
        """Strings are made once a unit, not once a parameter."""
        path, n = self._path, self._row_length
        for unit in range(len(values) // n):
            if self._unit:
                path = f"{self._path}/{self._unit}{unit}".removeprefix("/")
            put(values[unit * n : unit * n + n], path)

    @property
    def _row_length(self) -> int:
        return prod(self.shape[self._unit_axes :])

    def __len__(self) -> int:
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        return iter(nested(self.values, self.shape, ReadOnly))

    def __getitem__(self, i: int) -> Any:
        """The Value, or the nested lists of Values, at place i of the first axis."""
        n = self.size // self.shape[0]
        start = range(self.shape[0])[i] * n
        return nested(self.values[start : start + n], self.shape[1:], ReadOnly)

    def __setitem__(self, i: Any, part: Any) -> None:
        """Refused: a model keeps its Values, and is given other numbers."""
        refuse_write(self, i, part)

    def __repr__(self) -> str:
        return f"ParameterArray{self.shape}"


def finite(numbers: Any, shape: Shape, name: str) -> list[float]:
    """Nested numbers of this shape as a flat list of finite floats."""
    if (found := shape_of(numbers, name)) != shape:
        raise ArgumentError(f"{name} has shape {shape}, but got numbers of shape {found}")
    leaves = flattened(numbers)
    for x, place in zip(leaves, _places(shape), strict=True):
        if isinstance(x, bool) or (n := as_number(x)) is None or not isfinite(n):
            raise ArgumentError(f"{name}{place} is a finite number, not {x!r}")
    return [float(x) for x in leaves]


def _places(shape: Shape) -> Iterator[str]:
    """[0][0], [0][1], …"""
    for place in product(*map(range, shape)):
        yield "".join([f"[{i}]" for i in place])


def biases_of(bias: ParameterArray | None, n: int) -> Sequence[Value | None]:
    """The biases of n units, which may have none."""
    return [None] * n if bias is None else bias.values


def without_bias(bias: ParameterArray | None) -> str:
    """What the repr of a layer says of its bias."""
    return ", bias=False" if bias is None else ""


def array_of(part: Any, name: str) -> ParameterArray | None:
    """A Value, or nested lists or tuples of nothing else, as an array, if they are inputs."""
    values = []
    for value in _leaves(part):
        if type(value) is not Value or value.op is not None:
            return None
        values.append(value)
    if not values:
        return None
    array = ParameterArray(shape_of(part, name), name, constant(0.0))
    array.share(values)
    return array


def as_list(part: Any) -> Any:
    """NumPy's array of objects as nested lists, anything else as it is."""
    return part.tolist() if str(getattr(part, "dtype", "")) == "object" else part


def _leaves(part: Any, around: tuple[Any, ...] = ()) -> Iterator[Any]:
    """What is in nested lists and tuples; a list that is inside itself is a leaf there."""
    if isinstance(part, (list, tuple)) and not any(part is outer for outer in around):
        for item in part:
            yield from _leaves(item, (*around, part))
    else:
        yield part
