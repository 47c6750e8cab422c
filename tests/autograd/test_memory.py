"""Graphs are freed at once, by reference count, with the garbage collector off; nothing leaks.

Nodes have no weak references (a slot less), so they are counted among the objects that Python
tracks.
"""

from __future__ import annotations

import copy
import gc
import pickle
import tracemalloc
from collections.abc import Callable, Iterator

import pytest

import autograd
from autograd import (
    AutogradError,
    Value,
    backprop,
    check_gradients,
    checkpoint,
    dot,
    grad,
    hessian,
    hvp,
    jacobian,
    trace,
)


@pytest.fixture(autouse=True)
def _collector_is_off() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def nodes_alive() -> int:
    return sum(type(thing) is Value for thing in gc.get_objects())


def network() -> Value:
    x, w = [Value(0.5), Value(-1.0)], [Value(0.1), Value(0.2)]
    with autograd.scope("layer"):
        hidden = [dot(w, x, Value(0.3)).tanh() for _ in range(5)]
    return autograd.logsumexp(hidden) + autograd.sum([h * h for h in hidden]) / 2


ACTIONS: dict[str, Callable[[], object]] = {
    "build": network,
    "trace": lambda: list(trace(network()).edges),
    "forward": lambda: trace(network()).forward(),
    "steps": lambda: [*trace(network()).forward_steps(), *trace(network()).backward_steps()],
    "backward": lambda: network().backward(),
    "backprop": lambda: backprop(network()),
    "show": lambda: (str(backprop(network())), backprop(network())._repr_html_()),
    "graph b": lambda: backprop(network(), create_graph=True),
    "twice": lambda: [backprop(g) for g in backprop(network(), create_graph=True).values()],
    "checkpoint": lambda: backprop(checkpoint(lambda x: (x * x).tanh())(Value(0.5))),
    "checkpoint twice": lambda: backprop(
        checkpoint(lambda x: (x * x).tanh())(Value(0.5)), create_graph=True
    ),
    "grad": lambda: grad(lambda x: (x * x).sin())(0.3),
    "jacobian": lambda: jacobian(lambda x: [x * x, x.sin()])(0.3),
    "hessian": lambda: hessian(lambda x, y: (x * y).sin())(0.3, 0.4),
    "hvp": lambda: hvp(lambda x: (x * x).sin())(0.3, 1.0),
    "check": lambda: check_gradients(lambda x: x.tanh(), 0.3),
    "deepcopy": lambda: copy.deepcopy(network()),
    "copy": lambda: copy.copy(network()),
    "pickle": lambda: pickle.loads(pickle.dumps([network(), backprop(network())])),
    "no_grad": lambda: autograd.no_grad()(network)(),
    "count": lambda: autograd.count_evaluations().__enter__,
}


@pytest.mark.parametrize("name", ACTIONS)
def test_dropping_the_result_frees_every_node_at_once(name: str) -> None:
    ACTIONS[name]()
    before = nodes_alive()
    result = ACTIONS[name]()
    del result
    assert nodes_alive() == before


def test_nodes_are_counted_while_they_live() -> None:
    before = nodes_alive()
    u = network()
    assert nodes_alive() == before + len(trace(u))
    table = backprop(u, create_graph=True)
    assert nodes_alive() > before + 2 * len(trace(u))
    del table
    assert nodes_alive() == before + len(trace(u))


def test_an_inner_node_keeps_only_what_is_behind_it() -> None:
    x = Value(2.0)
    before = nodes_alive()
    y = x * x
    z = (y + 1).tanh() * 3
    assert nodes_alive() == before + 4
    del z
    assert nodes_alive() == before + 1
    assert backprop(y)[x] == 4.0


def test_errors_keep_no_nodes() -> None:
    def fail() -> None:
        x = Value(-1.0, "x")
        for act in (
            lambda: x.log(),
            lambda: backprop(x * 1e308 * 1e308),
            lambda: trace(x).index(x + 1),
        ):
            with pytest.raises(AutogradError):
                act()

    fail()
    gc.collect()
    before = nodes_alive()
    fail()
    gc.collect()  # pytest's own records of the exceptions are cycles
    assert nodes_alive() == before


def test_no_memory_is_lost_over_many_runs() -> None:
    def run() -> None:
        for action in ACTIONS.values():
            action()

    run()
    tracemalloc.start()
    try:
        run()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(5):
            run()
        after = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert after - before < 20_000


def _bytes_per_node(build: Callable[[int], Value], count: int = 20_000) -> float:
    build(100)
    tracemalloc.start()
    try:
        kept = build(count)
        used = tracemalloc.get_traced_memory()[0]
        del kept
        left = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert left < used / 20, "freed at once, but for what Python keeps at hand"
    return used / count


def chain(count: int) -> Value:
    u = x = Value(0.5)
    for _ in range(count):
        u = u * x
    return u


def chain_with_numbers(count: int) -> Value:
    u = Value(0.5)
    for _ in range(count):
        u = u * 1.0001
    return u


def test_a_binary_node_takes_at_most_400_bytes() -> None:
    assert _bytes_per_node(chain) <= 400
    assert _bytes_per_node(chain_with_numbers) <= 400


def test_a_node_of_many_operands_takes_two_words_and_a_float_for_each() -> None:
    xs = [Value(float(i)) for i in range(1000)]
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        u = autograd.logsumexp(xs)
        used = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert len(u.parents) == 1000
    assert used <= 1000 * 48 + 1000


@pytest.mark.parametrize("depth", [100_000])
def test_deep_graphs_are_freed_without_recursion(depth: int) -> None:
    before = nodes_alive()
    u = chain(depth)
    del u
    v = x = Value(1.0)
    for _ in range(depth // 3):
        v = autograd.sum([v, x, x])
    del v, x
    w = Value(0.1)
    for _ in range(depth // 10):
        w = checkpoint(lambda v: v * 0.5)(w)
    del w
    assert nodes_alive() == before
