"""`Jitted`: trace f once for each structure of its arguments, then replay it as array code."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from functools import partial, update_wrapper
from threading import RLock
from typing import Any

import numpy as np

from ..contexts import listened, refuse
from ..errors import ArgumentTypeError, AutogradError
from ..graph import trace
from ..structure import leaves
from ..value import Value
from .batches import Batch
from .calls import Call, shapes_of
from .compiled import Compiled
from .eager_gradients import EagerGradients
from .errors import EDGES, NeverCompilable, NotCompilable, PlainResult, warn
from .families import MISSES, Family
from .function import Function
from .making import made_for
from .methods import Method
from .parameter_arrays import ParameterArrays
from .tracing import record
from .watching import Watch

_NUMBERS = re.compile(r"-?\d[\d.e+-]*|\binf\b|\bnan\b")


class Jitted:
    """A compiled function. Called, it returns a Value that is one node: its parents are the
    parameters, the Values that f uses but does not make, and the Values among the arguments.

    f is run again where it has to be: for arguments of another structure, where a comparison comes
    out otherwise, and where something that it closes over has changed. What cannot be compiled runs
    eagerly, and says so once in an `EagerWarning`.
    """

    def __init__(
        self, f: Callable[..., Any], batch: bool | Sequence[bool], reduce: str | None
    ) -> None:
        if not callable(f):
            raise ArgumentTypeError(f"jit(f) needs a function, but got {f!r}")
        own = Batch(batch, reduce)  # refuses what is none
        self.function = Function(f, own if batch else None)
        self._how = (batch, reduce)
        self._families: dict[Any, Family] = {}
        self.arrays = ParameterArrays()
        self._current: Compiled | None = None  # the program that ran last
        self._latest: Callable[[], Call] | None = None  # and what it ran on
        self._repeat: tuple[Compiled, Call] | None = None  # both, where a call like it is plain
        self._said: set[str] = set()
        self._failures = 0  # replays that failed where f itself does not
        self.ignored: dict[Any, Any] = {}  # what f writes, but does not use
        self._lock = RLock()
        self.__name__ = getattr(f, "__name__", type(f).__name__)
        update_wrapper(self, f, updated=())

    # ── calls ─────────────────────────────────────────────────────────────────────────────────────

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """The result of f, as a node whose derivatives come from the compiled backward pass."""
        call = self.function.call(arguments, named)
        if listened():  # part of a function that is being traced itself
            return self.function.result(call)
        return self._through(Compiled.node, self.function.result, call)

    def value_and_grad(
        self, *arguments: Any, **named: Any
    ) -> tuple[float, Sequence[Any], dict[str, Any]]:
        """The value, its gradients by the arguments, and its gradients by the parameter arrays.

        The gradients by arguments are computed when they are first looked at. Until `parameters`
        is asked for, the Values are the parameters; from then on those arrays are, until and unless
        Values are changed after `write_back`.
        """
        refuse("take value_and_grad() out of the jitted function around it")
        if self._repeat and not named and (found := self._repeated(*self._repeat, arguments)):
            return found
        call = self.function.call(arguments, named)
        return self._through(self._by_arrays, self.eager_value_and_grad, call)  # type: ignore[no-any-return]

    def _repeated(
        self, compiled: Compiled, like: Call, arguments: tuple[Any, ...]
    ) -> tuple[float, Sequence[Any], dict[str, Any]] | None:
        """The same where the latest call was like this one: its program is at hand."""
        own = self.arrays.handed_out
        if shapes_of(arguments) != like.shapes or not compiled.is_for(arguments, own):
            return None
        self.arrays.hold(compiled)
        call = partial(like.on, arguments)
        found = compiled.value_and_grad(arguments, len(arguments), call)
        if found is not None:
            self._current, self._latest = compiled, call
        return found

    def _by_arrays(self, compiled: Compiled, call: Call) -> Any:
        self.arrays.hold(compiled)
        return compiled.value_and_grad(call.arrays, len(call.arguments), lambda: call)

    def __get__(self, owner: Any, kind: Any = None) -> Any:
        """In a class, a method."""
        return self if owner is None else Method(self, owner)

    def __repr__(self) -> str:
        return f"<jit of {self.__name__}>"

    def __reduce__(self) -> Any:
        """Pickled and copied by its function; programs are made anew."""
        known: Any = sys.modules.get(getattr(self, "__module__", ""))
        for name in getattr(self, "__qualname__", "").split("."):
            known = getattr(known, name, None)
        return self.__qualname__ if known is self else (Jitted, (self.function.f, *self._how))

    # ── what there is to see ──────────────────────────────────────────────────────────────────────

    @property
    def source(self) -> str:
        """The Python source of the program that ran last."""
        return self._last().functions.source.text

    @property
    def graph(self) -> Any:
        """The graph of f on the arguments of the last call; of a batch that of the first sample."""
        self._last()
        assert self._latest is not None
        call = self.function.one(self._latest())
        values, fresh = call.with_values()
        run = partial(call.given_to, self.function.f, values)
        return trace(*record(run, fresh, lambda: call.plain_among(fresh)).outputs)

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameter arrays of the program that ran last; they may be changed in place."""
        return self.arrays.hand_out(self._last())

    @property
    def parameter_values(self) -> dict[str, list[Value]]:
        """The Values that the numbers of each parameter array came from, from left to right."""
        return dict(self._last().values_of)

    @property
    def constants(self) -> dict[str, Any]:
        """The arrays of numbers that are part of the program that ran last."""
        return dict(self._last().functions.source.constants)

    def write_back(self) -> None:
        """Put the parameter arrays into the Values that they came from."""
        refuse("take write_back() out of the jitted function around it")
        self.arrays.write_back()

    def explain(self) -> str:
        """Which blocks were found, how many nodes each replaced, and what was not grouped."""
        from .explaining import explained

        found = [] if self._current is None else [explained(self._current.program)]
        reasons = dict.fromkeys([f.reason for f in self._families.values() if f.reason])
        found += [f"runs eagerly: {reason}" for reason in reasons]
        return "\n".join(found) if found else explained(self._last().program)

    def _last(self) -> Compiled:
        if self._current is None:
            reasons = (family.reason for family in self._families.values() if family.reason)
            reason = next(reasons, "it was not called yet")
            raise AutogradError(f"there is no program of {self.__name__}: {reason}")
        return self._current

    # ── programs ──────────────────────────────────────────────────────────────────────────────────

    def _through(self, door: Any, eagerly: Any, call: Call) -> Any:
        """What a program that fits the call gives, or else f itself, run eagerly."""
        family = self._families.get(key := call.key)
        if family is None:
            family = self._families.setdefault(key, Family())
        if family.exact:
            return self._through(door, eagerly, call.like(call.arguments, exact=True))
        if family.reason and family.runs_eagerly():
            return eagerly(call)
        for compiled in family.fitting(call, parameters=not self.arrays.handed_out):
            if compiled.is_checked(call) or self._is_trusted(compiled, family, call):
                result = door(compiled, call)
                if result is not None:
                    family.found()
                    self._ran(compiled, call)
                    plain = call.shapes and compiled.is_checked(call)
                    self._repeat = (compiled, call) if plain else None
                    return result
        if family.exact or family.reason:  # found out just now
            return self._through(door, eagerly, call)
        return self._anew(door, eagerly, family, call)

    def _anew(self, door: Any, eagerly: Any, family: Family, call: Call) -> Any:
        """The same, of a program that is made for this call."""
        self.arrays.write_back()  # f is traced with the numbers that count
        batch = self.function.batch
        one = batch and batch.first(1, call)
        if one and any(p.fits(one) for p in family.fitting(one, True)):
            return self._undecided(eagerly, call)
        compiled = self._made(family, call)
        if compiled is None:
            return self._through(door, eagerly, call) if family.exact else eagerly(call)
        result = door(compiled, call) if compiled.preconditions.hold(call.arrays) else None
        if result is None:
            return self._undecided(eagerly, call)
        self._ran(compiled, call)
        return result

    def _ran(self, compiled: Compiled, call: Call) -> None:
        self._current, self._latest = compiled, lambda: call

    def _undecided(self, eagerly: Any, call: Call) -> Any:
        result = eagerly(call)
        self._warn("comparisons do not come out alike for all samples of a batch")
        return result

    def _is_trusted(self, compiled: Compiled, family: Family, call: Call) -> bool:
        """Whether a program, the first time that it is found, gives what f gives eagerly."""
        try:
            batch = self.function.batch
            compiled.check_once(call, batch.first(2, call) if batch else call)
        except NotCompilable as problem:
            family.programs.remove(compiled)
            self._give_up(family, call, problem)
            return False
        return True

    def _made(self, family: Family, call: Call) -> Compiled | None:
        """A new program, or None where there cannot be one."""
        found = self._attempted(family, call)
        if isinstance(found, EDGES):  # f fails for these numbers, which says nothing of others
            family.found()
            self.function.at_edge(call)
            return None
        if isinstance(found, Exception):  # outside of `except`: what f raises is not chained to it
            self._give_up(family, call, found)
            return None
        family.programs.insert(0, found)
        return found

    def _attempted(self, family: Family, call: Call) -> Compiled | Exception:
        try:
            with self._lock:
                family.make_room()
                return made_for(self, call)
        except Exception as problem:  # also what f raises because it was given Values
            return problem

    def _give_up(self, family: Family, call: Call, problem: Exception) -> None:
        """Run calls like this one eagerly from now on; first with exact numbers, if there are."""
        text, self._repeat = str(problem), None
        if not isinstance(problem, NotCompilable):
            self.function.result(call)  # which raises what f raises without jit
            text = f"with Values for its numbers it fails ({type(problem).__name__}: {problem})"
        elif isinstance(problem, PlainResult):
            text += call.whole_number
        if call.has_whole_numbers and not self.function.batch:
            family.exact = True
            return
        family.reason = text
        if not isinstance(problem, NeverCompilable):
            family.watch = Watch(self.function.f, *call.objects)
        self._warn(text)

    def _warn(self, text: str) -> None:
        """Say once, whatever the numbers, that and why calls run eagerly."""
        kind = _NUMBERS.sub("", text)
        if kind not in self._said:
            self._said.add(kind)
            warn(f"{self.__name__} runs eagerly: {text}")

    def eager_value_and_grad(self, call: Call, edge: bool = False) -> tuple[float, Any, Any]:
        """The array-level door of f itself."""
        self.arrays.write_back()
        value, by_arguments, table = self.function.value_and_gradients(call, edge)
        return value, by_arguments, EagerGradients(self, call, table)

    def after_failure(self, problem: Exception, eagerly: Callable[[], Any]) -> Any:
        """What f gives eagerly, or raises, where a replay failed; a word if it often only fails."""
        result = eagerly()
        if np.isfinite([float(getattr(x, "data", x)) for x in leaves(result)]).all():
            self._failures += 1
            if self._failures == MISSES:
                self._warn(f"in {MISSES} calls a replay failed where f itself does not ({problem})")
        return result
