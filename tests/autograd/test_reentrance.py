"""Backprop interrupted by itself: signal handlers, finalisers and debuggers run in the midst of it.

What they do to the same graph may be refused, but must never change the result of what they
interrupt.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

import autograd
from autograd import AutogradError, Value, backprop, trace
from autograd.graph import undisturbed


def intruding(act: Callable[[], Any]) -> Callable[[], Any]:
    """The act, which may be refused with an error of ours."""

    def tried() -> None:
        with suppress(AutogradError):
            act()

    return tried


def graph_of(size: int) -> tuple[Value, Value]:
    x = Value(0.5)
    u = x
    for i in range(size):
        u = autograd.sum([u, x, u * x]) if i % 3 else (u * x + x).sin()
    return x, u


def interrupted(act: Callable[[], Any], intrude: Callable[[], Any], every: int) -> tuple[Any, int]:
    """What `act` gives when `intrude` runs now and then between its lines, and how often it ran."""
    calls = 0
    intrusions = 0

    def watch(frame: Any, event: str, _: Any) -> Any:
        nonlocal calls, intrusions
        if "autograd" not in frame.f_code.co_filename or "tests" in frame.f_code.co_filename:
            return watch
        calls += 1
        if calls % every == 0:
            intrusions += 1
            intrude()  # which is not watched itself
        return watch

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        return act(), intrusions
    finally:
        sys.settrace(before)


ACTS: list[Callable[[Value], Any]] = [
    lambda u: dict(backprop(u)),
    lambda u: trace(u).nodes,
    lambda u: [entry.data for entry in backprop(u, create_graph=True).values()],
]


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("every", [1, 7, 50])
def test_intrusions_between_two_lines(act: Callable[[Value], Any], every: int) -> None:
    _, u = graph_of(10)
    expected = act(u)
    inner = u.parents[0]
    found, count = interrupted(lambda: act(u), intruding(lambda: backprop(inner)), every)
    assert count > 2
    assert found == expected


def test_an_exception_in_the_middle_of_a_walk_spoils_nothing() -> None:
    """As when Ctrl-C comes during backprop."""
    _, u = graph_of(30)
    expected = dict(backprop(u))

    def fail() -> None:
        raise KeyboardInterrupt

    for every in (1, 5, 20, 100):
        with pytest.raises(KeyboardInterrupt):
            interrupted(lambda: backprop(u), fail, every)
        assert dict(backprop(u)) == expected
    thread = threading.Thread(target=lambda: backprop(u))
    thread.start()
    thread.join(10)
    assert not thread.is_alive(), "no lock is left behind"


@pytest.fixture
def alarm() -> Iterator[Callable[[Callable[[], Any], float], None]]:
    if not hasattr(signal, "setitimer"):
        pytest.skip("there are no timers here")
    before = signal.getsignal(signal.SIGALRM)

    def start(act: Callable[[], Any], seconds: float) -> None:
        def handler(*_: object) -> None:
            act()
            signal.setitimer(signal.ITIMER_REAL, seconds)

        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, seconds)

    yield start
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def test_signal_handlers(alarm: Callable[..., None]) -> None:
    _, u = graph_of(2000)
    expected = dict(backprop(u))
    inner, ran = u.parents[0], []
    differentiate = intruding(lambda: backprop(inner))
    alarm(lambda: (differentiate(), ran.append(1)), 0.003)
    for _ in range(40):
        assert dict(backprop(u)) == expected
    assert ran


def test_finalisers() -> None:
    _, u = graph_of(200)
    expected = dict(backprop(u))

    class Last:
        def __init__(self) -> None:
            self.own = self  # freed by the collector, at any time

        def __del__(self) -> None:
            intruding(lambda: backprop(u))()

    for _ in range(300):
        Last()
        assert dict(backprop(u)) == expected
    gc.collect()  # what is left is not to be finalised in the middle of another test


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_fork_while_another_thread_walks() -> None:
    """The child has no such thread, and does not wait for it."""
    _, u = graph_of(30)
    walking, done = threading.Event(), threading.Event()
    thread = threading.Thread(target=undisturbed, args=(lambda: (walking.set(), done.wait(30)),))
    thread.start()
    assert walking.wait(10)
    child = os.fork()
    if child == 0:
        signal.alarm(10)
        os._exit(0 if len(backprop(u)) else 1)
    _, status = os.waitpid(child, 0)
    done.set()
    thread.join()
    assert status == 0
