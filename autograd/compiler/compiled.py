"""A program with its parameters: replays, and the nodes that stand for their results."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from ..apply import node_of
from ..contexts import carrying_edges, setting
from ..errors import AutogradError
from ..gradients import gradients_of, graph_of_gradients
from ..operation import Operation
from ..structure import leaves
from ..value import Value
from .calls import Call, rebuilt_arguments
from .program import Functions, Program
from .straight_program import StraightFunctions, StraightProgram
from .watching import Watch

if TYPE_CHECKING:
    from .jitted import Jitted

_UNUSUAL: Any = {"divide": "raise", "over": "raise", "invalid": "raise", "under": "ignore"}
_TOLERANCE = 1e-9
_data = attrgetter("data")


class Compiled:
    """A program with its parameters."""

    def __init__(self, owner: Jitted, program: Program | StraightProgram, watch: Watch) -> None:
        self.owner, self.program, self.watch = owner, program, watch
        self.functions: Functions | StraightFunctions = program.functions(
            (False,) * len(program.arguments)
        )
        self.arrays = {b.name: np.empty(b.shape) for b in program.parameters}
        self.values = program.values
        self.loaded: list[float] | None = None
        self._sentinels = self.values[:: max(1, len(self.values) // 8)]
        self._names = [block.name for block in self.functions.source.gradients]
        self._share(owner._store)

    def _share(self, store: dict[Any, Any]) -> None:
        """Use the arrays that another program has for the same parameters."""
        start = 0
        for block in self.program.parameters:
            own = self.values[start : start + block.size]
            start += block.size
            key = (block.shape, tuple(map(id, own)))
            self.arrays[block.name] = store.setdefault(key, self.arrays[block.name])

    def _fresh(self) -> list[Any]:
        """The parameters as the Values have them now, as arrays."""
        flat = np.fromiter(map(_data, self.values), float, len(self.values))
        return _split(flat, [array.shape for array in self.arrays.values()])

    def load(self) -> None:
        """Read the Values, if they were not read yet or were changed since."""
        if (seen := [x.data for x in self._sentinels]) == self.loaded:
            return
        self.loaded = seen
        for array, fresh in zip(self.arrays.values(), self._fresh(), strict=True):
            array[...] = fresh

    def write_back(self) -> None:
        """Put the arrays into the Values."""
        if self.loaded is None:
            return
        flat = [x for array in self.arrays.values() for x in array.ravel().tolist()]
        for value, x in zip(self.values, flat, strict=True):
            value.data = x
        self.loaded = [x.data for x in self._sentinels]

    # ── replays ───────────────────────────────────────────────────────────────────────────────────

    def value_and_grad(self, call: Call) -> tuple[float, Any, dict[str, Any]] | None:
        """The array-level door; None where this program does not fit."""
        functions = self.functions
        try:
            with np.errstate(**_UNUSUAL):
                value, kept, everything = functions.run(call.arrays, list(self.arrays.values()))
                if kept is None:
                    return None
                gradients = functions.gradients(kept, everything)
        except (FloatingPointError, ArithmeticError, ValueError):
            return self.owner._eager_value_and_grad(call)
        if not isfinite(value):
            return self.owner._eager_value_and_grad(call)
        return (
            float(value),
            ArgumentGradients(self, call, float(value)),
            dict(zip(self._names, gradients, strict=True)),
        )

    def node(self, call: Call) -> Any:
        """The result as nodes; None where this program does not fit."""
        parameters = self._fresh()
        call.arrays = [array.copy() for array in call.arrays]  # the caller may change theirs
        try:
            with np.errstate(**_UNUSUAL):
                value, kept, everything = self.functions.run(call.arrays, parameters)
        except (FloatingPointError, ArithmeticError, ValueError):
            return self.owner._eagerly(call)
        if kept is None:
            return None
        single = isinstance(value, float) or np.ndim(value) == 0
        if not np.isfinite(value).all():
            return self.owner._eagerly(call)
        if single:
            return _Node(self, call, parameters, (), (kept, everything)).made(float(value))
        return self._structured(call, np.asarray(value), parameters)

    def _structured(self, call: Call, values: Any, parameters: list[Any]) -> Any:
        """Several results, in the structure in which f gives them."""
        nodes = np.empty(values.shape, dtype=object)
        for place in np.ndindex(values.shape):
            nodes[place] = _Node(self, call, parameters, place).made(float(values[place]))
        if self.program.single:
            return nodes.tolist()
        if self.owner._batch:
            return [_restored(self.program.recording.result, row) for row in nodes]
        return _restored(self.program.recording.result, nodes)

    def agrees(self, call: Call) -> bool:
        """Whether the replay gives the eager result; errors are left to the caller's own call."""
        small = call
        if self.owner._batch:
            flags = call.flags
            few = [a[:4] if flag else a for a, flag in zip(call.arrays, flags, strict=True)]
            if all(isinstance(x, np.ndarray) for x in call.arguments):
                small = self.owner._call(tuple(few))
        try:
            expected = self.owner._eagerly(small)
        except (ArithmeticError, ValueError):
            return True
        got = self.node(small)
        if got is None:
            return bool(self.owner._batch)
        a = np.array([_plain(x) for x in leaves(got)])
        b = np.array([_plain(x) for x in leaves(expected)])
        return a.shape == b.shape and np.allclose(
            a, b, rtol=_TOLERANCE, atol=1e-300, equal_nan=True
        )

    def arranged(self, table: Any) -> dict[str, Any]:
        """The entries of a gradient table for the parameters, as their arrays."""
        flat = np.array([table.get(x, 0.0) for x in self.values])
        shapes = [array.shape for array in self.arrays.values()]
        return dict(zip(self.arrays, _split(flat, shapes), strict=True))

    def graph(self) -> Any:
        """The graph behind the result that was traced."""
        from ..graph import trace

        return trace(*[x for x in self.program.recording.outputs if type(x) is Value])


class _Node:
    """What a result of a replay needs to answer for its derivatives."""

    __slots__ = ("call", "compiled", "done", "parameters", "place")

    def __init__(
        self, compiled: Compiled, call: Call, parameters: list[Any], place: Any, done: Any = None
    ) -> None:
        self.compiled, self.call, self.parameters, self.place = compiled, call, parameters, place
        self.done = done  # what the forward pass of the result left

    def made(self, data: float) -> Value:
        """The node."""
        arguments = [x for values in self.call.values for x in values.values()]
        if not (self.compiled.values or arguments):
            return Value(data)
        operation = Operation(
            "jit", "", self.rules, any_number=True, forward=self.forward, builtin=False
        )
        return node_of(operation, (*self.compiled.values, *arguments), data, self.derivatives)

    def derivatives(self) -> tuple[float, ...]:
        """By the parameters and the Values among the arguments, from the compiled backward pass."""
        program, call = self.compiled.program, self.call
        wanted = tuple([bool(values) for values in call.values])
        functions = program.functions(wanted)
        try:
            with np.errstate(**_UNUSUAL):
                if self.done and not any(wanted):
                    found = self.compiled.functions.gradients(*self.done)
                else:
                    value, kept, everything = functions.run(call.arrays, self.parameters)
                    found = functions.gradients(kept, everything, *self._seed(value))
        except (FloatingPointError, ArithmeticError, ValueError):
            return self._eager_derivatives()
        count = sum(wanted)
        picked = [found[i].ravel() for i in range(count, len(found))]
        by_values = [v for v in call.values if v]
        picked += [np.asarray(g).ravel()[list(v)] for g, v in zip(found, by_values, strict=False)]
        return tuple(np.concatenate(picked).tolist()) if picked else ()

    def _seed(self, value: Any) -> tuple[Any, ...]:
        if np.ndim(value) == 0:
            return ()
        seed = np.zeros(np.shape(value))
        seed[self.place] = 1.0
        return (seed,)

    def _known(self) -> list[Value]:
        return [*self.compiled.values, *[x for v in self.call.values for x in v.values()]]

    def _again(self) -> Any:
        """The result, computed eagerly from the same numbers."""
        owner = self.compiled.owner
        now = [*owner._call(self.call.arguments).arrays, *self.compiled._fresh()]
        before = [*self.call.arrays, *self.parameters]
        if not all(np.array_equal(x, y, equal_nan=True) for x, y in zip(now, before, strict=True)):
            raise AutogradError(
                f"{owner.__name__} has to be run again for this derivative, but its arguments or "
                "parameters have changed since"
            )
        output = owner._eagerly(self.call)
        return list(leaves(output))[self._flat()] if self.place else output

    def _flat(self) -> int:
        """Which of all results, in order, this is."""
        if len(self.place) == 1:
            return int(self.place[0])
        sample, i = self.place
        return int(sample * len(self.compiled.program.recording.outputs) + i)

    def _eager_derivatives(self) -> tuple[float, ...]:
        known = list(dict.fromkeys(self._known()))
        table = dict(zip(*gradients_of(self._again(), known), strict=True))
        return _shares(self._known(), table)

    def rules(self, parents: Any, u: Any) -> list[Any]:
        """For graph B: f run eagerly, so that its derivatives are nodes."""
        own = self._known()
        if len(own) != len(parents) or any(a is not b for a, b in zip(own, parents, strict=True)):
            raise AutogradError("the rules of a jitted function hold for its own operands only")
        known = list(dict.fromkeys(own))
        with setting(carrying_edges, False):
            table = dict(zip(*graph_of_gradients(self._again(), known), strict=True))
        return list(_shares(self._known(), table))

    def forward(self, *numbers: float) -> float:
        """For a replay of the graph around it: the program on other numbers."""
        shapes = [array.shape for array in self.compiled.arrays.values()]
        n = len(self.compiled.values)
        parameters = _split(np.array(numbers[:n]), shapes)
        given = iter(numbers[n:])
        arrays = []
        for array, values in zip(self.call.arrays, self.call.values, strict=True):
            changed = np.array(array)
            for i in values:
                changed.flat[i] = next(given)
            arrays.append(changed)
        value, kept, _ = self.compiled.functions.run(arrays, parameters)
        if kept is None:
            raise AutogradError(
                "a comparison comes out otherwise on these inputs: run f itself again"
            )
        return float(value[self.place] if self.place else value)


class ArgumentGradients(Sequence[Any]):
    """The gradients by the arguments, one for each, computed when one is first looked at."""

    def __init__(self, compiled: Compiled, call: Call, value: float) -> None:
        self._compiled, self._call, self._value = compiled, call, value
        self._found: tuple[Any, ...] | None = None

    def _all(self) -> tuple[Any, ...]:
        if self._found is None:
            functions = self._compiled.program.functions((True,) * len(self._call.arrays))
            with np.errstate(**_UNUSUAL):
                arrays = list(self._compiled.arrays.values())
                value, kept, everything = functions.run(self._call.arrays, arrays)
                if kept is None or float(value) != self._value:
                    raise AutogradError(
                        "the parameters or arguments were changed before the gradients by the "
                        "arguments were looked at"
                    )
                found = functions.gradients(kept, everything)
            self._found = tuple(
                rebuilt_arguments(self._call, list(found[: len(self._call.arrays)]))
            )
        return self._found

    def __getitem__(self, i: Any) -> Any:
        return self._all()[i]

    def __len__(self) -> int:
        return len(self._call.arguments)

    def __repr__(self) -> str:
        return repr(self._all())


def _shares(known: list[Value], table: Any) -> tuple[Any, ...]:
    """Each Value's derivative; where one is a parent twice, it counts once."""
    seen: set[Value] = set()
    found = []
    for x in known:
        found.append(0.0 if x in seen else table.get(x, 0.0))
        seen.add(x)
    return tuple(found)


def _split(flat: Any, shapes: list[tuple[int, ...]]) -> list[Any]:
    found, start = [], 0
    for shape in shapes:
        size = int(np.prod(shape, dtype=int))
        found.append(flat[start : start + size].reshape(shape))
        start += size
    return found


def _restored(result: Any, nodes: Any) -> Any:
    from ..structure import rebuilt

    return rebuilt(result, list(nodes))


def _plain(x: Any) -> float:
    return float(x.data if type(x) is Value else x)
