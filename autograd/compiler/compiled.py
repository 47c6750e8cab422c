"""A program with its parameters: the arrays that hold them, and replays."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import islice
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from ..contexts import recording
from ..errors import AutogradError
from ..gradients import gradients_of
from ..graph import undisturbed
from ..structure import leaves
from ..value import Value
from .agreement import agree, alike, close_gradients
from .argument_gradients import ArgumentGradients
from .calls import Call
from .edges import check_gradients, raising
from .errors import NotCompilable
from .pieces import Pieces
from .preconditions import Preconditions
from .program import Functions, Program
from .results import nodes_of
from .straight_program import StraightFunctions, StraightProgram
from .tracing import Recording
from .watching import Watch
from .writing import Names

if TYPE_CHECKING:
    from .jitted import Jitted


class Compiled:
    """A program with its parameters."""

    def __init__(
        self, owner: Jitted, program: Program | StraightProgram, preconditions: Preconditions,
        watch: Watch, constants: Any,
    ) -> None:  # fmt: skip
        self.owner, self.program, self.watch, self.constants = owner, program, watch, constants
        self.functions: Functions | StraightFunctions = program.functions(
            (False,) * len(program.arguments)
        )
        self.preconditions = preconditions
        self.values = program.values
        self.arrays: dict[str, Any] = {}
        self.values_of: dict[str, list[Value]] = {}
        self._share(owner.arrays.stored)
        self._step = self.functions.linked(self.arrays)
        self._pieces = Pieces([array.shape for array in self.arrays.values()])
        self._checked: set[Hashable] = set()  # by which Values among the arguments are one
        self._written: list[Any] | None = None  # what was put into the Values last

    def _share(self, store: dict[str, tuple[Any, list[Value]]]) -> None:
        """The arrays; those that another program has for the same parameters are used here too.

        No two arrays of the store have one name.
        """
        values = iter(self.values)
        names = Names("")
        names.taken = {*store, *[block.name for block in self.program.parameters]}
        known = {(array.shape, *own): name for name, (array, own) in store.items()}
        for block in self.program.parameters:
            own = list(islice(values, block.size))
            name = known.get((block.shape, *own), "")
            if not name:
                name = names.fresh(block.name) if block.name in store else block.name
                store[name] = np.empty(block.shape), own
            self.arrays[name], self.values_of[name] = store[name]

    def fresh(self) -> list[Any]:
        """The parameters as the Values have them now, as arrays."""
        return self.split(np.fromiter([x.data for x in self.values], float, len(self.values)))

    def split(self, flat: Any) -> list[Any]:
        """Numbers in the order of the parameters, as arrays."""
        return self._pieces.of(flat)

    def load(self) -> None:
        """Read the Values into the arrays."""
        self._written = None
        for array, fresh in zip(self.arrays.values(), self.fresh(), strict=True):
            array[...] = fresh

    def load_changed(self) -> bool:
        """Read those Values that were changed since the arrays were put into them, if they were."""
        written, self._written = self._written, None
        if written is None:
            return False
        for array, now, then in zip(self.arrays.values(), self.fresh(), written, strict=True):
            np.copyto(array, now, where=now != then)
        return True

    def expect_changes(self) -> None:
        """Values that are changed from now on, before the next call, are still to be read."""
        self._written = self.fresh()

    def write_back(self) -> None:
        """Put the arrays into the Values."""
        for array, own in self._stored():
            for value, x in zip(own, array.ravel().tolist(), strict=True):
                value.data = x
        self._written = [array.copy() for array in self.arrays.values()]

    def write_changed(self) -> None:
        """Put into the Values what was changed in the arrays since all of them were put there."""
        for (array, own), then in zip(self._stored(), self._written or (), strict=False):
            for i in np.flatnonzero(array != then).tolist():
                own[i].data = float(array.flat[i])
            then[...] = array

    def _stored(self) -> Iterator[tuple[Any, list[Value]]]:
        return zip(self.arrays.values(), self.values_of.values(), strict=True)

    def has_arrays_of(self, other: Compiled) -> bool:
        """Whether the arrays of the other program are among those of this one."""
        own = {id(array) for array in self.arrays.values()}
        return all(id(array) in own for array in other.arrays.values())

    # ── replays ───────────────────────────────────────────────────────────────────────────────────

    def value_and_grad(
        self, arrays: Sequence[Any], count: int, call: Callable[[], Call]
    ) -> tuple[float, Any, dict[str, Any]] | None:
        """The array-level door; None where this program does not fit.

        Of the call only the arrays, and the count of its arguments, are needed at once.
        """
        try:
            found = raising(self._step, *arrays)
            if found is None:
                return None
            value, by_name, squares = found
            if not isfinite(squares):
                check_gradients(by_name.values())
        except Exception as problem:
            return self._eager_value_and_grad(call(), problem)
        if not isfinite(value):
            return self.owner.eager_value_and_grad(call())
        return value, ArgumentGradients(count, lambda: self._by_arguments(call(), value)), by_name

    def _by_arguments(self, call: Call, value: float) -> tuple[Any, ...]:
        try:
            functions = self.program.functions((True,) * len(call.arrays))
        except Exception:  # a rule of a user that is not for arrays
            again, found, _ = self.owner.eager_value_and_grad(call)
            if not agree([again], [value]):
                raise _changed() from None
            return tuple(found)
        kept = None
        with suppress(ArithmeticError):  # it did not fail before
            again, kept, everything = functions.run(call.arrays, self.arrays.values())
        if kept is None or float(again) != value:
            raise _changed()
        try:
            found = functions.gradients(kept, everything)
            check_gradients(found)
        except Exception:
            return tuple(self.owner.eager_value_and_grad(call)[1])
        return tuple(call.with_arrays(list(found[: len(call.arrays)])))

    def _eager_value_and_grad(
        self, call: Call, problem: Exception
    ) -> tuple[float, Any, dict[str, Any]]:
        found = self.owner.eager_value_and_grad(call, edge=True)
        self.owner.after_failure(problem, lambda: found[:1])
        return found

    def node(self, call: Call) -> Any:
        """The result as nodes; None where this program does not fit."""
        parameters = self.fresh()
        call.arrays = [array.copy() for array in call.arrays]  # the caller may change theirs
        try:
            value, kept, everything = self.functions.run(call.arrays, parameters)
        except Exception as problem:
            return self.owner.after_failure(problem, lambda: self.owner.function.at_edge(call))
        if kept is None:
            return None
        if not _all_finite(value):
            return self.owner.function.result(call)
        return nodes_of(self, call, parameters, value, (kept, everything))

    def is_for(self, arrays: Sequence[Any], handed_out: Any) -> bool:
        """Whether all that it was traced from is as it was; with its own arrays, but for lists."""
        return self.watch.unchanged(not handed_out) and self.preconditions.hold(arrays)

    def fits(self, call: Call) -> bool:
        """Whether comparisons come out as they did when the program was traced."""
        try:
            return self.functions.run(call.arrays, self.fresh())[1] is not None
        except ArithmeticError:
            return True

    # ── checks ────────────────────────────────────────────────────────────────────────────────────

    def is_checked(self, call: Call) -> bool:
        """Whether the program was compared with f itself on a call like this one."""
        return self._identities(call) in self._checked

    def check_once(self, call: Call, part: Call) -> None:
        """Compare it on a part of the call."""
        if self.check(part):
            self._checked.add(self._identities(call))

    def _identities(self, call: Call) -> Hashable:
        """Which Values among the arguments are one, or are parameters: f may ask with `is`."""
        if not any(call.values):
            return ()
        given = [x for values in call.values for x in values.values()]
        if len(set(given)) == len(given) and self._places.keys().isdisjoint(given):
            return ()
        first: dict[Value, int] = {}
        return tuple([self._places.get(x, first.setdefault(x, len(first))) for x in given])

    @cached_property
    def _places(self) -> dict[Value, int]:
        """The places of the parameters, counted down from −1."""
        return {x: -1 - i for i, x in enumerate(self.values)}

    def check(self, call: Call) -> bool:
        """Compare a replay with f itself, run eagerly; False where that is not possible."""
        replay = self._replayed(call)
        if replay is None:
            return False
        try:
            with recording():
                result = self.owner.function.result(call)
        except (ArithmeticError, ValueError):
            if self.owner.arrays.handed_out:  # the Values may be old
                return False
            raise
        if not all(alike(x, self.program.structure) for x in self.owner.function.parts(result)):
            raise NotCompilable("its result is not built as it was before")
        _compare(replay[0], list(leaves(result)))
        return True

    def compare(self, call: Call, traced: Recording) -> None:
        """Refuse the program where it fits, and gives other numbers or gradients than the trace."""
        replay = self._replayed(call)
        if replay is None:
            return
        found, kept, everything = replay
        _compare(found, traced.outputs)
        if traced.single and self.values and isfinite(found):
            self._compare_gradients(traced.outputs[0], kept, everything)

    def _compare_gradients(self, output: Value, kept: Any, everything: list[Any]) -> None:
        expected = gradients_of(output, self.values)[1][: len(self.values)]
        undisturbed(self._forget_sums)
        try:
            found = np.concatenate(self.functions.gradients(kept, everything), axis=None)
            check_gradients((found, np.array(expected)))
        except Exception:  # an edge, or a rule that is not for arrays: they are computed eagerly
            return
        if not close_gradients(found, expected, output.data):
            raise NotCompilable("the replay did not give the eager gradients")

    def _forget_sums(self) -> None:
        """A sum on each parameter takes more memory than the parameter in its array."""
        for value in self.values:
            value._sum = None

    def _replayed(self, call: Call) -> tuple[Any, Any, list[Any]] | None:
        """A replay; None where the program does not fit, or meets an edge."""
        if not self.preconditions.hold(call.arrays):
            return None
        try:
            replay = self.functions.run(call.arrays, self.fresh())
        except ArithmeticError:
            return None  # the replay proper will say what it is
        except Exception as problem:
            raise NotCompilable(f"its program fails: {problem}") from problem
        return None if replay[1] is None else replay


def _changed() -> AutogradError:
    return AutogradError(
        "the parameters or arguments were changed before the gradients by the arguments were "
        "looked at"
    )


def _all_finite(value: Any) -> bool:
    return isfinite(value) if isinstance(value, float) else bool(np.isfinite(value).all())


def _compare(found: Any, expected: list[Any]) -> None:
    if not agree(found, expected):
        raise NotCompilable("the replay did not give the eager result")
