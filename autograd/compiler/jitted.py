"""`jit(f)`: trace f once for each structure of its arguments, then replay it as array code."""

from __future__ import annotations

import gc
import inspect
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import update_wrapper
from typing import Any

import numpy as np

from ..errors import ArgumentError, ArgumentTypeError, AutogradError
from ..gradients import gradients_of
from ..graph import trace
from ..structure import leaves, mapped
from ..value import Value
from .calls import Call, rebuilt_arguments
from .compiled import Compiled
from .errors import EagerWarning, NotCompilable
from .program import compiled_program
from .tracing import record
from .watching import Watch

_MOST = 64  # programs for arguments of one structure


def jit(
    f: Callable[..., Any], *, batch: bool | Sequence[bool] = False, reduce: str | None = "mean"
) -> Jitted:
    """f, compiled to the array program that is hidden in its graph.

    With `batch`, f is a function of one sample: the arguments (all, or those marked True) have a
    leading axis of samples, and the result is the mean over them (`reduce` "mean" or "sum"), or
    one value for each (None).
    """
    return Jitted(f, batch, reduce)


class Jitted:
    """A compiled function. Called, it returns a Value that is one node: its parents are the
    parameters, the Values that f uses but does not make, and the Values among the arguments.

    f is run again where it has to be: for arguments of another structure, where a comparison of
    Values comes out otherwise, and where a number that it closes over has changed.
    """

    def __init__(
        self, f: Callable[..., Any], batch: bool | Sequence[bool], reduce: str | None
    ) -> None:
        if not callable(f):
            raise ArgumentTypeError(f"jit(f) needs a function, but got {f!r}")
        if reduce not in ("mean", "sum", None):
            raise ArgumentError(f"reduce is 'mean', 'sum' or None, not {reduce!r}")
        self._f, self._batch, self._reduce = f, batch, reduce
        self._names = _names_of(f)
        self._programs: dict[Any, list[Compiled]] = {}
        self._eager: dict[Any, str] = {}
        self._store: list[tuple[Any, list[Value]]] = []
        self._arguments: tuple[Any, ...] = ()
        self._current: Compiled | None = None
        self.__name__ = getattr(f, "__name__", type(f).__name__)
        update_wrapper(self, f, updated=())

    # ── calls ─────────────────────────────────────────────────────────────────────────────────────

    def __call__(self, *arguments: Any) -> Any:
        """The result of f, as a node whose derivatives come from the compiled backward pass."""
        call = self._call(arguments)
        for compiled in self._candidates(call):
            result = compiled.node(call)
            if result is not None:
                self._current, self._arguments = compiled, arguments
                return result
        return self._eagerly(call)

    def value_and_grad(self, *arguments: Any) -> tuple[float, Any, dict[str, Any]]:
        """The value, its gradients by the arguments, and its gradients by the parameter arrays.

        The parameters are the arrays of `parameters`. The gradients by arguments are computed
        when they are first looked at.
        """
        call = self._call(arguments)
        for compiled in self._candidates(call):
            self._switch(compiled)
            self._arguments = arguments
            found: tuple[float, Any, dict[str, Any]] | None = compiled.value_and_grad(call)
            if found is not None:
                return found
        return self._eager_value_and_grad(call)

    # ── what there is to see ──────────────────────────────────────────────────────────────────────

    @property
    def source(self) -> str:
        """The Python source of the program that ran last."""
        return self._last().functions.source.text

    @property
    def graph(self) -> Any:
        """The graph of f on the arguments of the last call; of a batch that of the first sample."""
        self._last()
        arguments, _ = self._one(self._call(self._arguments)).with_values()
        return trace(*[x for x in leaves(self._f(*arguments)) if type(x) is Value])

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameter arrays of the program that ran last; they may be changed in place."""
        compiled = self._last()
        self._switch(compiled)
        return dict(compiled.arrays)

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
        if self._current is not None:
            self._current.write_back()

    def explain(self) -> str:
        """Which blocks were found, how many nodes each replaced, and what was not grouped."""
        from .explaining import explained

        if self._current is None and self._eager:
            return "\n".join(f"runs eagerly: {reason}" for reason in self._eager.values())
        return explained(self._last().program)

    def _last(self) -> Compiled:
        if self._current is None:
            reason = next(iter(self._eager.values()), "it was not called yet")
            raise AutogradError(f"there is no program of {self.__name__}: {reason}")
        return self._current

    # ── programs ──────────────────────────────────────────────────────────────────────────────────

    def _call(self, arguments: tuple[Any, ...]) -> Call:
        call = Call(arguments, self._names)
        if self._batch:
            call.flags = self._flags(call)
        return call

    def _flags(self, call: Call) -> list[bool]:
        """For each array of the call whether it has a leading axis of samples."""
        marks = self._marks(call)
        if len(marks) != len(call.arguments):
            raise ArgumentError(
                f"batch marks {len(marks)} arguments, but {len(call.arguments)} were given"
            )
        flags = [mark for n, mark in zip(call.counts, marks, strict=True) for _ in range(n)]
        lengths = {a.shape[:1] for a, flag in zip(call.arrays, flags, strict=True) if flag}
        if len(lengths) != 1 or lengths & {(), (0,)}:
            raise ArgumentError(
                "arguments of a batch have leading axes of one length, at least 1, but these have "
                f"{sorted(lengths)}"
            )
        return flags

    def _marks(self, call: Call) -> list[bool]:
        """For each argument whether it has a leading axis of samples."""
        return [True] * len(call.arguments) if self._batch is True else list(self._batch or [])

    def _candidates(self, call: Call) -> Any:
        """The programs that may fit: known ones, then a new one."""
        key = self._key(call)
        if key in self._eager:
            return
        known = self._programs.setdefault(key, [])
        try:
            for compiled in known:
                if compiled.watch.unchanged():
                    compiled.check(call)
                    yield compiled
            known[:] = [compiled for compiled in known if compiled.watch.unchanged()]
            if len(known) == _MOST:
                raise NotCompilable(f"its comparisons come out in more than {_MOST} ways")
            with _without_collector():
                compiled = self._compiled(call)
        except NotCompilable as reason:
            self._give_up(key, str(reason))
            return
        known.insert(0, compiled)
        yield compiled

    def _key(self, call: Call) -> Any:
        if not self._batch:
            return call.key
        flags = call.flags
        pairs = zip(call.arrays, flags, strict=True)
        shapes = [array.shape[1:] if flag else array.shape for array, flag in pairs]
        return (*shapes, *flags, *map(bool, call.values))

    def _compiled(self, call: Call) -> Compiled:
        watch = Watch(self._f, *call.objects)
        flags = call.flags or [False] * len(call.arrays)
        one = self._one(call)
        arguments, fresh = one.with_values()
        recording = record(self._f, arguments, fresh)
        shapes = [array.shape for array in one.arrays]
        program = compiled_program(
            recording, shapes, flags, call.names, self._reduce if self._batch else None
        )
        compiled = Compiled(self, program, watch)
        if self._batch:
            compiled.check(self._few(call))
        else:
            compiled.compare(call, recording.outputs)
        return compiled

    def _one(self, call: Call) -> Call:
        """The call itself, or of a batch the first sample."""
        return Call(self._sample(call, 0), self._names) if self._batch else call

    def _few(self, call: Call) -> Call:
        """The first two samples of a batch."""
        pairs = zip(call.arguments, self._marks(call), strict=True)
        return self._call(tuple([x[:2] if mark else x for x, mark in pairs]))

    def _sample(self, call: Call, i: int) -> tuple[Any, ...]:
        pairs = zip(call.arguments, self._marks(call), strict=True)
        return tuple([x[i] if mark else x for x, mark in pairs])

    def _give_up(self, key: Any, reason: str) -> None:
        if reason not in self._eager.values():
            warnings.warn(f"{self.__name__} runs eagerly: {reason}", EagerWarning, stacklevel=4)
        self._eager[key] = reason

    # ── eager mode ────────────────────────────────────────────────────────────────────────────────

    def _eagerly(self, call: Call) -> Any:
        """f itself, over the samples where there is a batch; its results as Values."""
        if not self._batch:
            return mapped(_as_value, self._f(*call.arguments))
        flags = call.flags
        n = next(len(a) for a, flag in zip(call.arrays, flags, strict=True) if flag)
        results = [mapped(_as_value, self._f(*self._sample(call, i))) for i in range(n)]
        if self._reduce is None:
            return results
        total = sum(results, 0.0)
        return total / n if self._reduce == "mean" else total

    def _eager_value_and_grad(self, call: Call) -> tuple[float, Any, dict[str, Any]]:
        if self._current is not None:
            self._current.write_back()
        values, fresh = call.with_values()
        output = self._eagerly(self._call(values))
        table = dict(zip(*gradients_of(output), strict=True))
        found = np.array([table.get(x, 0.0) for x in fresh])
        cuts = np.cumsum([a.size for a in call.arrays])[:-1]
        pieces = [
            p.reshape(a.shape) for p, a in zip(np.split(found, cuts), call.arrays, strict=True)
        ]
        gradients = {}
        if self._current is not None:
            gradients = self._current.arranged(table)
        return output.data, rebuilt_arguments(call, pieces), gradients

    def _switch(self, compiled: Compiled) -> None:
        """Make the parameter arrays of a program the ones that count."""
        before = self._current
        if before is not compiled and before is not None and before.loaded is not None:
            before.write_back()
        self._current = compiled
        compiled.load()


@contextmanager
def _without_collector() -> Iterator[None]:
    """No garbage collection while very many objects are made that all stay."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _as_value(x: Any) -> Value:
    return x if type(x) is Value else Value(x)


def _names_of(f: Callable[..., Any]) -> list[str]:
    try:
        return [p.name for p in inspect.signature(f).parameters.values()
                if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]  # fmt: skip
    except (TypeError, ValueError):
        return []
