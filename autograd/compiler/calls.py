"""The arguments of a call: arrays of numbers, and what is part of the program itself.

Floats, Values, arrays, and lists that hold nothing but numbers, are inputs: a program runs on any
of them. A whole number, a truth value, a text, None and any other object is part of the program;
with `exact`, so are whole numbers in lists and arrays (f needs them as they are, to pick or count).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np

from ..real import number
from ..structure import leaves, mapped
from ..value import Value

_STATIC = (bool, np.bool_, str, bytes, type(None))
_WHOLE = (int, np.integer)

Shape = tuple[int, ...]
_FLOAT = np.dtype(float)


class Call:
    """One call taken apart.

    arguments  the positional ones, then those given by `keywords`
    arrays     the inputs, as arrays of floats, and their `names`
    values     for each array the Values among its numbers, by flat position
    structure  how the arguments are built, apart from the shapes of the arrays
    constants  what is part of the program; `objects` has what is known by its identity
    flags      for each array whether it has a leading axis of samples
    shapes     of the arguments, where these are arrays of floats and nothing else
    """

    __slots__ = (
        "_key", "arguments", "arrays", "constants", "counts", "exact", "flags", "given_names",
        "keywords", "names", "objects", "shapes", "structure", "values",
    )  # fmt: skip

    def __init__(
        self, arguments: tuple[Any, ...], names: Sequence[str], keywords: tuple[str, ...] = (),
        exact: bool = False,
    ) -> None:  # fmt: skip
        self.arguments, self.given_names, self.keywords, self.exact = (
            arguments, names, keywords, exact,
        )  # fmt: skip
        self.arrays: list[Any] = []
        self.values: list[dict[int, Value]] = []
        self.names: list[str] = []
        self.objects: list[Any] = []
        self.counts: list[int] = []  # how many arrays each argument has
        self.flags: list[bool] = []
        constants: list[Hashable] = []
        structure: list[Hashable] = [keywords, exact]
        for i, x in enumerate(arguments):
            before = len(self.arrays)
            structure.append(self._taken(x, self.name_of(i), constants))
            self.counts.append(len(self.arrays) - before)
        self.structure: Hashable = tuple(structure)
        self.constants: Hashable = tuple(constants)
        self.shapes = None if keywords else shapes_of(arguments)
        self._key: Hashable = None

    def name_of(self, i: int) -> str:
        """What an argument is called."""
        names, positional = self.given_names, len(self.arguments) - len(self.keywords)
        if i >= positional:
            return self.keywords[i - positional]
        return names[i] if i < len(names) else f"x{i + 1}"

    @property
    def whole_number(self) -> str:
        """A whole number that is an argument, and so part of the program; or nothing."""
        for i, x in enumerate(self.arguments):
            if isinstance(x, _WHOLE) and not isinstance(x, _STATIC):
                return (
                    f"; {self.name_of(i)} = {x} is a whole number and so part of the program; "
                    f"write {x}.0 to make it an input"
                )
        return ""

    @property
    def key(self) -> Hashable:
        """Equal for calls that one program can serve, where their constants are equal, too."""
        if self._key is None:
            flags = self.flags or [False] * len(self.arrays)
            pairs = zip(self.arrays, flags, strict=True)
            shapes = [a.shape[1:] if flag else a.shape for a, flag in pairs]
            self._key = (self.structure, *shapes, *flags)
        return self._key

    def on(self, arguments: tuple[Any, ...]) -> Call:
        """What `Call(arguments, …)` gives, for other arrays of the same `shapes`."""
        other: Call = object.__new__(Call)
        other.arguments, other.arrays, other.values = arguments, list(arguments), self.values
        other.given_names, other.keywords, other.exact = self.given_names, (), self.exact
        other.names, other.objects, other.counts = self.names, self.objects, self.counts
        other.flags, other.structure, other.constants = self.flags, self.structure, self.constants
        other._key, other.shapes = self.key, self.shapes
        return other

    @property
    def has_whole_numbers(self) -> bool:
        """Whether some inputs are whole numbers, which f may need as they are."""
        return not self.exact and any(map(_holds_whole, self.arguments))

    def like(self, arguments: Sequence[Any], exact: bool | None = None) -> Call:
        """The same call with other arguments."""
        exact = self.exact if exact is None else exact
        return Call(tuple(arguments), self.given_names, self.keywords, exact)

    def given_to(self, f: Callable[..., Any], arguments: Sequence[Any]) -> Any:
        """f of arguments in the places of these."""
        positional = len(arguments) - len(self.keywords)
        named = dict(zip(self.keywords, arguments[positional:], strict=True))
        return f(*arguments[:positional], **named)

    def _taken(self, x: Any, name: str, constants: list[Hashable]) -> Hashable:
        """Enter what an argument holds; how it is built."""
        if type(x) is np.ndarray and (
            x.dtype == _FLOAT or (x.dtype.kind in "iub" and not self.exact)
        ):
            return self._array(x.astype(float, copy=False), name, {}, "ndarray")
        if type(x) is float:
            return self._array(np.asarray(x), name, {}, "")
        if _is_input(x, self.exact):
            return self._numbers(x, name)
        if isinstance(x, Mapping):
            items = [(key, self._taken(x[key], f"{name}_{key}", constants)) for key in x]
            return (type(x).__name__, tuple(items))
        if _is_looked_into(x):
            own = [self._taken(item, f"{name}_{i}", constants) for i, item in enumerate(x)]
            return (type(x).__name__, tuple(own))
        constants.append(self._constant(x))
        return ()

    def _constant(self, x: Any) -> Hashable:
        """Equal for what makes the same program."""
        if isinstance(x, (*_STATIC, *_WHOLE)):
            return (type(x), x)
        if isinstance(x, np.ndarray) and x.dtype.kind in "iub":
            return (x.dtype.str, x.shape, x.tobytes())
        self.objects.append(x)
        return (type(x), id(x))

    def _numbers(self, x: Any, name: str) -> Hashable:
        flat = list(leaves(x))
        values = {i: item for i, item in enumerate(flat) if type(item) is Value}
        numbers = [x.data if type(x) is Value else number(x, "an argument") for x in flat]
        shape, kinds = _form(x) or ((), "")
        return self._array(np.array(numbers, dtype=float).reshape(shape), name, values, kinds)

    def _array(self, array: Any, name: str, values: dict[int, Value], kinds: str) -> Hashable:
        """An input; a program may treat a list otherwise than an array of the same numbers."""
        self.arrays.append(array)
        self.values.append(values)
        self.names.append(name)
        return (kinds, bool(values))

    def with_values(self) -> tuple[list[Any], list[Value]]:
        """The arguments with a fresh Value for each number that is an input, and those Values."""
        fresh: list[Value] = []

        def renewed(x: Any) -> Value:
            fresh.append(Value(x.data if type(x) is Value else x))
            return fresh[-1]

        return self._renewed(renewed, lambda part: part), fresh

    def on_values(self, whole: bool = False) -> tuple[Call, list[Value]]:
        """The call with a fresh Value for each plain number that is an input, and those Values;
        if wanted, also for the whole numbers that are part of the program."""
        fresh: list[Value] = []

        def renewed(x: Any) -> Value:
            if type(x) is not Value:
                x = Value(x)
                fresh.append(x)
            return x  # type: ignore[no-any-return]

        def constant(x: Any) -> Any:
            return renewed(x) if whole and _is_whole(x) and not isinstance(x, _STATIC) else x

        inexact = self.like(self.arguments, exact=False) if whole else self
        return self.like(inexact._renewed(renewed, constant)), fresh

    def _renewed(self, of_number: Any, of_constant: Any) -> list[Any]:
        return [
            self._rebuilt(x, lambda part: mapped(of_number, part), of_constant)
            for x in self.arguments
        ]

    def plain_among(self, fresh: list[Value]) -> set[Value]:
        """Those of the fresh Values that stand in the places of plain numbers."""
        found, start = set(fresh), 0
        for array, values in zip(self.arrays, self.values, strict=True):
            found.difference_update([fresh[start + i] for i in values])
            start += array.size
        return found

    def with_arrays(self, arrays: list[Any]) -> list[Any]:
        """The arguments with these arrays in the places of theirs, and None for what has none."""
        rest = iter(arrays)
        return [self._rebuilt(x, lambda _: next(rest), lambda _: None) for x in self.arguments]

    def _rebuilt(self, x: Any, of_input: Any, of_constant: Any) -> Any:
        if _is_input(x, self.exact):
            return of_input(x)
        if isinstance(x, Mapping):
            return {key: self._rebuilt(x[key], of_input, of_constant) for key in x}
        if not _is_looked_into(x):
            return of_constant(x)
        items = [self._rebuilt(item, of_input, of_constant) for item in x]
        if not isinstance(x, tuple):
            return items
        return type(x)(*items) if hasattr(x, "_fields") else tuple(items)


def shapes_of(arguments: tuple[Any, ...]) -> list[Shape] | None:
    """The shapes of arrays of floats; None where there is anything else."""
    shapes = [x.shape for x in arguments if type(x) is np.ndarray and x.dtype is _FLOAT]
    return shapes if len(shapes) == len(arguments) else None


def _is_input(x: Any, exact: bool) -> bool:
    """Whether x is a number, or nothing but numbers, on which a program can be run."""
    if isinstance(x, np.ndarray):
        if x.dtype.kind == "O":
            return _form(x) is not None
        return x.dtype.kind == "f" or (x.dtype.kind in "iub" and not exact)
    if isinstance(x, (*_STATIC, *_WHOLE, Mapping)):
        return False
    if not isinstance(x, Sequence):
        return _is_number(x)
    return _form(x) is not None and not (exact and _is_whole(x))


def _is_whole(x: Any) -> bool:
    """Whether x is whole numbers or truth values, and nothing else."""
    if isinstance(x, np.ndarray):
        return x.dtype.kind in "iub"
    if isinstance(x, Sequence) and not isinstance(x, (str, bytes)):
        return all(map(_is_whole, x))
    return isinstance(x, (bool, np.bool_, *_WHOLE))


def _holds_whole(x: Any) -> bool:
    """Whether x is, or holds, an array or list of whole numbers."""
    if isinstance(x, Mapping):
        return any(map(_holds_whole, x.values()))
    if not isinstance(x, (Sequence, np.ndarray)) or isinstance(x, (str, bytes)):
        return False
    return _is_whole(x) or (not isinstance(x, np.ndarray) and any(map(_holds_whole, x)))


def _is_looked_into(x: Any) -> bool:
    return isinstance(x, Sequence) and not isinstance(x, (str, bytes))


def _is_number(x: Any) -> bool:
    kind = type(x)
    return kind is Value or (
        isinstance(x, (float, int, np.floating, np.integer))
        or kind.__name__ in ("Fraction", "Decimal")
    )


def _form(x: Any) -> tuple[Shape, str] | None:
    """Shape and kinds of nested sequences of numbers; None where they are not rectangular."""
    if isinstance(x, np.ndarray):
        numbers = x.dtype.kind != "O" or all(map(_is_number, x.flat))
        return (x.shape, "ndarray") if numbers else None
    if not _is_looked_into(x):
        return ((), "") if _is_number(x) else None
    forms = {_form(item) for item in x}
    if len(forms) > 1:
        return None
    form = forms.pop() if forms else ((), "")
    return None if form is None else ((len(x), *form[0]), f"{type(x).__name__} {form[1]}")


def read_once(arguments: Sequence[Any]) -> tuple[Any, ...]:
    """Iterators as lists: f is run more than once at first, and they can be read only once."""
    return tuple([list(x) if hasattr(x, "__next__") else x for x in arguments])
