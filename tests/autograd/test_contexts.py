"""`no_grad`, `scope`, `count_evaluations`: nesting, decorators, exceptions, threads and tasks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import autograd
from autograd import (
    ArgumentTypeError,
    Value,
    backprop,
    contexts,
    count_evaluations,
    no_grad,
    scope,
    trace,
)


@pytest.fixture(autouse=True)
def _nothing_stays_open() -> Any:
    yield
    assert contexts.watched == 0
    x = Value(1.0)
    assert (x * x).parents == (x, x)
    assert (x * x).scope == ""


MAKERS: list[Callable[[Value], Value]] = [
    lambda x: x + x,
    lambda x: x * 2,
    lambda x: 2 - x,
    lambda x: x.tanh(),
    lambda x: -x,
    lambda x: autograd.sum([x, x, x]),
    lambda x: autograd.dot([x], [2.0]),
    lambda x: autograd.clip(x, 0, 1),
    lambda x: autograd.where(x > 0, x, 0.0),
    lambda x: autograd.maximum(x, 3),
]


@pytest.mark.parametrize("make", MAKERS)
def test_no_grad_records_nothing(make: Callable[[Value], Value]) -> None:
    x = Value(0.5)
    recorded = make(x)
    with no_grad():
        u = make(x)
    assert u.data == recorded.data
    assert (u.op, u.operation, u.parents, u.local_derivatives, u.arguments) == (
        None,
        None,
        (),
        (),
        (),
    )
    assert len(trace(u)) == 1
    assert dict(backprop(u)) == {u: 1.0}
    assert x not in backprop(make(u))


@pytest.mark.parametrize("make", MAKERS)
def test_scope_marks_every_node(make: Callable[[Value], Value]) -> None:
    x = Value(0.5)
    with scope("layer"), scope("neuron"):
        u = make(x)
    assert u.scope == "layer/neuron"
    assert u.parents


def test_no_grad_is_a_decorator() -> None:
    x = Value(2.0)

    @no_grad()
    def f(y: Value, *, factor: float) -> Value:
        """Words."""
        return y * factor

    assert f(x, factor=3.0).data == 6.0
    assert f(x, factor=3.0).parents == ()
    assert (f.__name__, f.__doc__) == ("f", "Words.")
    assert (x * 2).parents == (x,)


def test_no_grad_decorates_no_function_that_goes_on_after_its_call() -> None:
    def generator() -> Any:
        yield Value(1.0) + 1.0

    async def coroutine() -> Value:
        return Value(1.0) + 1.0

    async def both() -> Any:
        yield Value(1.0) + 1.0

    for function in (generator, coroutine, both):
        with pytest.raises(ArgumentTypeError, match=f"cannot decorate {function.__name__}"):
            no_grad()(function)


def test_contexts_nest_and_close_on_errors() -> None:
    x = Value(2.0)
    with no_grad():
        with no_grad():
            pass
        assert (x * 2).parents == (), "the inner one does not end the outer"

    def fail() -> None:
        with no_grad(), scope("a"):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert (x * 2).parents == (x,)
    assert (x * 2).scope == ""


def test_scopes_can_be_opened_again() -> None:
    block, x = scope("a"), Value(1.0)
    with block:
        assert (+x).scope == "a"
    with block, no_grad():
        assert (+x).scope == "a"


def test_evaluations_are_counted() -> None:
    x = Value(2.0)
    with count_evaluations() as outer:
        u = x * x
        with count_evaluations() as inner:
            autograd.dot([x, u], [u, x]).tanh()
        with no_grad():
            autograd.exp(x)
        autograd.exp(2.0)
    x + 1
    assert inner.count == 2
    assert outer.count == 4
    assert repr(inner) == "2 evaluations"


def test_contexts_belong_to_one_thread() -> None:
    x = Value(2.0)
    inside, done = threading.Event(), threading.Event()
    seen: list[Any] = []

    def other() -> None:
        inside.wait(10)
        seen.append(x * 3)
        with scope("other"):
            seen.append(x * 3)
        done.set()

    thread = threading.Thread(target=other)
    thread.start()
    with no_grad(), scope("mine"), count_evaluations() as evaluations:
        inside.set()
        done.wait(10)
        mine = x * 3
    thread.join()
    assert (mine.parents, mine.scope) == ((), "mine")
    assert [(node.parents, node.scope) for node in seen] == [((x,), ""), ((x,), "other")]
    assert evaluations.count == 1


def test_contexts_belong_to_one_task() -> None:
    x = Value(2.0)

    async def recording(name: str) -> Value:
        with scope(name):
            await asyncio.sleep(0)
            return x * 3

    async def silent() -> Value:
        with no_grad():
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            return x * 3

    async def main() -> list[Value]:
        return list(await asyncio.gather(silent(), recording("a"), silent(), recording("b")))

    first, a, second, b = asyncio.run(main())
    assert (first.parents, first.scope, second.parents) == ((), "", ())
    assert (a.parents, a.scope) == ((x,), "a")
    assert (b.parents, b.scope) == ((x,), "b")


def test_a_task_inherits_the_context_it_was_started_in() -> None:
    x = Value(2.0)

    async def child() -> Value:
        return x * 3

    async def main() -> Value:
        with scope("parent"), no_grad():
            task = asyncio.ensure_future(child())
        return await task

    u = asyncio.run(main())
    assert u.data == 6.0


def _train(seed: int) -> list[float]:
    """A program of some length that uses all contexts."""
    x, w = Value(0.1 * seed, "x"), Value(0.3, "w")
    losses = []
    for step in range(30):
        with scope(f"t{seed}"), count_evaluations() as evaluations:
            y = autograd.dot([x, w], [w, x], w).tanh()
            loss = (y - 0.5) ** 2 + autograd.sum([w * w, x * x])
        assert evaluations.count == 8
        assert y.scope == f"t{seed}"
        table = backprop(loss)
        losses.append(loss.data if step else backprop(loss, create_graph=True)[w].data)
        with no_grad():
            new = w - 0.1 * table[w]
        assert new.parents == ()
        w.data = new.data
    return losses


def test_threads_build_and_differentiate_separate_graphs_at_once() -> None:
    expected = [_train(seed) for seed in range(8)]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(4):
            assert list(pool.map(_train, range(8))) == expected


def test_threads_differentiate_one_shared_graph_at_once() -> None:
    x, w = Value(0.3), Value(-0.7)
    u = x
    for _ in range(300):
        u = (u * w + x).tanh()
    v = u * u + u.exp()
    expected = [dict(backprop(node)) for node in (u, v)]
    second = {n: entry.data for n, entry in backprop(v, create_graph=True).items()}

    def work(k: int) -> bool:
        if k % 3 == 2:
            return {n: e.data for n, e in backprop(v, create_graph=True).items()} == second
        output = (u, v)[k % 3]
        assert len(trace(output)) == len(expected[k % 3])
        return dict(backprop(output)) == expected[k % 3]

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(48)))


def test_watching_in_one_thread_costs_other_threads_no_nodes() -> None:
    """Nodes made outside while another thread is inside are ordinary ones."""
    inside, leave = threading.Event(), threading.Event()

    def watch() -> None:
        with no_grad(), scope("there"):
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=watch)
    thread.start()
    inside.wait(10)
    nodes = [make(Value(0.5)) for make in MAKERS]
    fresh = Value(1.0)
    leave.set()
    thread.join()
    assert fresh.scope == ""
    assert all(node.parents and node.scope == "" for node in nodes)


def test_one_object_in_two_tasks() -> None:
    quiet, named = no_grad(), scope("a")

    async def one(seconds: float) -> list[str]:
        found = []
        with named, quiet:
            await asyncio.sleep(seconds)
            found += [(Value(1.0) * 2).scope, str((Value(1.0) * 2).parents)]
        return [*found, (Value(1.0) * 2).scope]

    async def both() -> list[list[str]]:
        return await asyncio.gather(one(0.002), one(0.004))

    before = contexts.watched
    assert asyncio.run(both()) == [["a", "()", ""]] * 2
    assert contexts.watched == before


def test_generators_that_take_turns() -> None:
    def inside(name: str) -> Iterator[str]:
        with scope(name):
            yield (Value(1.0) * 2).scope

    generators = {name: inside(name) for name in "abc"}
    assert [next(generator) for generator in generators.values()] == ["a", "a/b", "a/b/c"]
    for name, left in (("a", "a/b/c"), ("c", "a/b"), ("b", "")):
        generators[name].close()
        assert (Value(1.0) * 2).scope == left


class Interrupt(BaseException):
    """Like Ctrl-C."""


@pytest.mark.parametrize("make", [no_grad, lambda: scope("a")], ids=["no_grad", "scope"])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", [1, 2], ids=["in", "out"])
def test_an_interruption_on_the_way_in_or_out_leaves_nothing_open(
    make: Any, after: bool, call: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, calls = contexts.setting._put, iter(range(1, 10))

    def interrupted(block: Any, *state: Any) -> None:
        now = next(calls) == call
        if now and not after:
            raise Interrupt
        put(block, *state)
        if now:
            raise Interrupt

    monkeypatch.setattr(contexts.setting, "_put", interrupted)
    with pytest.raises(Interrupt), make():
        pass
    assert contexts._opened.get() == ()
    assert (Value(1.0) * 2).parents
    assert (Value(1.0) * 2).scope == ""
