"""A program for a call: f is recorded, compared with itself, compiled, and the program tried."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .agreement import same_gradients, same_results
from .calls import Call
from .compiled import Compiled
from .errors import NotCompilable
from .preconditions import Preconditions, parted
from .program import compiled_program
from .recording import recorded
from .tracing import Recording

if TYPE_CHECKING:
    from .function import Function
    from .jitted import Jitted

# Run: what is made by these beforehand uses it
_DERIVATIVES = {"grad", "value_and_grad", "jacobian", "hessian", "hvp", "Run"}


def made_for(owner: Jitted, call: Call) -> Compiled:
    """A new program, which gives for this call what f gives."""
    with _without_collector():
        function = owner.function
        one, batch = function.one(call), function.batch
        watch, recording = recorded(function.f, one, owner.ignored)
        if batch and not recording.single:
            batch.reduced([recording.result])  # which may want one number a sample
        derives = not watch.names.isdisjoint(_DERIVATIVES)
        if derives or (one.arrays and not batch):
            _compare_with_numbers(function, recording, call, derives)
        flags, reduce = call.flags or [False] * len(call.arrays), batch.reduce if batch else None
        shapes = [array.shape for array in one.arrays]

        def program(part: Recording, reduce: str | None = None) -> Any:
            return compiled_program(part, shapes, flags, call.names, reduce)

        before, rest = parted(recording)
        compiled = Compiled(
            owner, program(rest, reduce), Preconditions(before, program), watch, call.constants
        )
        if batch:
            compiled.check(batch.first(2, call))
        else:
            compiled.compare(call, recording)
        return compiled


def _compare_with_numbers(
    function: Function, recording: Recording, call: Call, derives: bool
) -> None:
    """Refuse a function that tells the Values that it was traced with from its arguments."""
    result = function.of_one(call)
    if not same_results(result, recording.result):
        raise NotCompilable("with Values for its numbers it does something else")
    if derives and not same_gradients(result, recording.result, recording.parameters):
        raise NotCompilable(
            "it takes derivatives at plain numbers, which are plain numbers then: give Values "
            "to grad and the like, as in grad(f)(Value(x))"
        )


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
