"""A `Module`: something with parameters, made of parameter arrays and of other modules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from os import PathLike
from typing import Any, TypeVar

from autograd import ArgumentError, ArgumentTypeError, Value, scope
from autograd.contexts import READS, refuse

from .checks import same_names, takes
from .nested import Shape, is_leaf, plain
from .parameters import ParameterArray, array_of, as_list
from .saving import read_state, write_state

_Part = TypeVar("_Part", bound="Module | ParameterArray")


class Module:
    """A function with parameters. Subclasses say in `forward` what they compute.

    Its parameters are what it finds among its attributes: `ParameterArray`s, Values that are
    inputs, and the parameters of Modules, also in lists, tuples, dicts and arrays of objects, to
    any depth. Nests of Values alone are one array. A list called `layers` of other things holds
    `layer0`, `layer1`, …, the lists in it `layer0.0`, `layer0.1`, …, and a dict `d` with the key
    "a" holds `d.a`. These names, joined by dots, are the keys of `state_dict`, and joined by
    slashes the scopes of the nodes.
    """

    training: bool = True
    _path: str | None = None  # the scope of this module, known when its outermost one is first used

    def forward(self, *inputs: Any) -> Any:
        """What the module computes."""
        raise NotImplementedError(
            f"{type(self).__name__} does not say what it computes: no forward"
        )

    def __call__(self, *inputs: Any, **named: Any) -> Any:
        self._place_first()
        try:
            return self.forward(*inputs, **named)
        except TypeError:
            if len(inputs) > 1 and all(map(is_leaf, inputs)):
                self._check_one_list(*inputs, **named)
            raise

    def _check_one_list(self, *numbers: Any, **named: Any) -> None:
        """Refuse the numbers of a sample that were given one by one."""
        if not takes(self.forward, *numbers, **named):
            shown = ", ".join([repr(plain(x)) for x in numbers[:3]] + ["…"] * (len(numbers) > 3))
            raise ArgumentTypeError(
                f"{self} was called with {len(numbers)} numbers; those of a sample are given as "
                f"one list: model([{shown}])"
            ) from None

    def output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the result for an input of this shape: the same, unless overridden."""
        return input_shape

    def __setattr__(self, name: str, part: Any) -> None:
        """Parameters are replaced by others, or by None."""
        fits = part is None or isinstance(part, ParameterArray)
        if not fits and isinstance(vars(self).get(name), ParameterArray):
            raise ArgumentTypeError(
                f"the {name} of a {type(self).__name__} is a ParameterArray, which only another "
                f"one replaces: set numbers by layer.{name}.data = …"
            )
        super().__setattr__(name, part)

    # ── the parts ─────────────────────────────────────────────────────────────────────────────────

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """(name, module) for each module directly inside."""
        for name, part in self._parts().items():
            if isinstance(part, Module):
                yield name, part

    def _arrays(self) -> Iterator[tuple[str, ParameterArray]]:
        """(name, array) for each parameter array, Value or nest of Values that is its own."""
        for name, part in self._parts().items():
            if isinstance(part, ParameterArray):
                yield name, part

    def _parts(self) -> dict[str, Module | ParameterArray]:
        """name → module or array, for all that is found among the attributes."""
        found = [_found(name, attribute) for name, attribute in vars(self).items()]
        return self._named([pair for pairs in found for pair in pairs])

    def _named(self, pairs: Iterable[tuple[str, _Part]]) -> dict[str, _Part]:
        """A dict of these pairs, refused where one would hide another."""
        parts: dict[str, _Part] = {}
        for name, part in pairs:
            if name in parts:
                raise ArgumentError(f"two parts of a {type(self).__name__} are called {name!r}")
            parts[name] = part
        return parts

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """(name, module) for this module, called "", and for all inside, such as "layer0.cell"."""
        return self._walk("", set())

    def _walk(self, path: str, seen: set[int]) -> Iterator[tuple[str, Module]]:
        if id(self) not in seen:
            seen.add(id(self))
            yield path, self
            for name, child in self.named_children():
                yield from child._walk(f"{path}.{name}" if path else name, seen)

    def named_arrays(self) -> dict[str, ParameterArray]:
        """name → parameter array, such as "layer0.weight"."""
        return self._named(
            [
                (f"{path}.{name}" if path else name, array)
                for path, module in self.named_modules()
                for name, array in module._arrays()
            ]
        )

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """(name, parameter) for each parameter, such as "layer0.weight[1][2]"; shared ones once."""
        self._place_first()
        seen: set[Value] = set()
        for name, array in self.named_arrays().items():
            for place, value in array.named(name):
                if value not in seen:
                    seen.add(value)
                    yield place, value

    def parameters(self) -> list[Value]:
        """All parameters, shared ones once."""
        self._place_first()
        arrays = self.named_arrays().values()
        return list(dict.fromkeys([value for array in arrays for value in array.values]))

    def count_parameters(self) -> int:
        """How many parameters there are; none is made for the answer."""
        arrays = set(self.named_arrays().values())
        made = {value for array in arrays if array.is_made for value in array.values}
        return len(made) + sum([array.size for array in arrays if not array.is_made])

    def zero_grad(self) -> None:
        """Set every parameter's `.grad` to 0."""
        for value in self.parameters():
            value.grad = 0.0

    # ── scopes ────────────────────────────────────────────────────────────────────────────────────

    def _place_first(self) -> None:
        """On first use: a module that is in no other one yet is the outermost."""
        if self._path is None:
            self._place("")

    def _place(self, path: str) -> None:
        """Tell every module inside where it is, so that its nodes can say so."""
        for inner, module in self.named_modules():
            module._path = f"{path}/{inner.replace('.', '/')}".strip("/")
            for _, array in module._arrays():
                array.move_to(module._path)

    def _scope(self) -> AbstractContextManager[None]:
        return scope(self._path) if self._path else nullcontext()

    # ── modes ─────────────────────────────────────────────────────────────────────────────────────

    def train(self, mode: bool = True) -> Module:
        """Behave as in training: dropout drops."""
        for _, module in self.named_modules():
            module.training = mode
        return self

    def eval(self) -> Module:
        """Behave as in use: dropout lets everything pass."""
        return self.train(False)

    # ── the numbers ───────────────────────────────────────────────────────────────────────────────

    def state_dict(self) -> dict[str, Any]:
        """name → the numbers of that array, as nested lists of floats."""
        refuse(READS)
        return {name: array.mapped(_number) for name, array in self.named_arrays().items()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over all parameters; refused, and nothing changed, unless names and shapes fit."""
        arrays = self.named_arrays()
        same_names(state, arrays, "the model")
        checked = {name: array.checked(state[name], name) for name, array in arrays.items()}
        for name, array in arrays.items():
            for value, x in zip(array.values, checked[name], strict=True):
                value.data = x

    def save(self, path: str | PathLike[str]) -> None:
        """Write the parameters as JSON: the old file stays whole until the new one is."""
        write_state(self.state_dict(), path)

    def load(self, path: str | PathLike[str]) -> None:
        """Read parameters that `save` wrote; refused, and nothing changed, unless they fit."""
        self.load_state_dict(read_state(path))

    def __str__(self) -> str:
        """Where the module is, and what."""
        return f"{self._path} = {self!r}" if self._path else repr(self)

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({', '.join([repr(part) for _, part in self.named_children()])})"
        )


def _number(value: Value) -> float:
    """Its number, also where one of another kind was set by hand."""
    return plain(value.data)


def _found(
    name: str, part: Any, around: tuple[Any, ...] = ()
) -> Iterator[tuple[str, Module | ParameterArray]]:
    """(name, module or array) for what an attribute is, or holds; `around` are what it is in."""
    if isinstance(part, (Module, ParameterArray)):
        yield name, part
    elif (array := array_of(part := as_list(part), name)) is not None:
        yield name, array
    elif not any(part is outer for outer in around):
        for inner, item in _items(name, part, bool(around) and not isinstance(around[-1], dict)):
            yield from _found(inner, item, (*around, part))


def _items(name: str, part: Any, in_list: bool) -> Iterable[tuple[str, Any]]:
    """(name, item) for the items of a dict, a list or a tuple, but not for plain numbers."""
    if isinstance(part, dict):
        return [(f"{name}.{key}", item) for key, item in part.items()]
    if not isinstance(part, (list, tuple)):
        return []
    stem = f"{name}." if in_list else name.removesuffix("s")
    return [(f"{stem}{i}", x) for i, x in enumerate(part) if not isinstance(x, (float, int))]
