"""From a call to a recording of what f does with it: run until nothing in it can go stale."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .calls import Call
from .draws import Draws
from .errors import NeverCompilable, NotCompilable
from .reading import reads_noticed
from .tracing import Recording, record
from .watching import Ignored, Watch


def recorded(f: Callable[..., Any], call: Call, ignored: Ignored) -> tuple[Watch, Recording]:
    """What f did, and what it saw.

    What f makes on its first run only does not count. Nor does what it writes but does not use,
    which is added to `ignored`.
    """
    watch, first = _recorded_once(f, call, ignored)
    if watch.unchanged():
        return watch, first
    watch, second = _recorded_once(f, call, ignored)
    if not watch.unchanged():
        if not first.same_as(second):
            raise NeverCompilable("whenever it runs, it changes something that it uses")
        ignored |= watch.changed()
    return Watch(f, *call.objects, ignored=ignored), second


def _recorded_once(f: Callable[..., Any], call: Call, ignored: Ignored) -> tuple[Watch, Recording]:
    watch = Watch(f, *call.objects, ignored=ignored)
    draws = Draws(watch.sources)
    arguments, fresh = call.with_values()
    try:
        with reads_noticed(watch.names) as reads:
            recording = record(
                lambda: call.given_to(f, arguments), fresh, lambda: call.plain_among(fresh)
            )
    finally:
        drawn = draws.taken_back()
    if drawn:
        raise NotCompilable("it draws random numbers, which a program would repeat")
    if reads:
        raise NotCompilable(reads[0])
    return watch, recording
