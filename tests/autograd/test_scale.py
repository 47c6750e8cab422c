"""Large graphs: cost that grows in proportion, depth that is limited by memory alone.

Cost is counted, in instructions that the interpreter runs, and not timed.
"""

from __future__ import annotations

import copy
import gc
import pickle
import sys
from collections.abc import Callable
from typing import Any

import pytest

import autograd
from autograd import Value, backprop, checkpoint, dot, grad, trace
from tests.work import instructions

LIMIT = 150  # frames: far fewer than the graphs are deep


@pytest.fixture
def shallow_stack() -> Any:
    """Python may nest only a little deeper than it is now."""
    depth, frame = 0, sys._getframe()
    while frame is not None:
        depth, frame = depth + 1, frame.f_back  # type: ignore[assignment]
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(depth + LIMIT)
    yield
    sys.setrecursionlimit(before)


# ── graphs of n nodes ─────────────────────────────────────────────────────────────────────────────


def chain(n: int) -> Value:
    u = x = Value(0.5)
    for _ in range(n):
        u = u * x
    return u


def chain_by_second_operand(n: int) -> Value:
    u = x = Value(0.5)
    for _ in range(n):
        u = x * u
    return u


def chain_of_sums(n: int) -> Value:
    u = x = Value(0.5)
    for _ in range(n):
        u = autograd.sum([x, u, x])
    return u


def fan(n: int) -> Value:
    x = Value(0.5)
    return autograd.sum([x * i for i in range(n)])


def wide_over_wide(n: int) -> Value:
    """A sum of n nodes, each of which is used by ten dots."""
    inner = [Value(0.1) * 2 for _ in range(n // 10)]
    return autograd.sum([dot(inner, inner) for _ in range(10)])


def diamond(n: int) -> Value:
    u = Value(0.5)
    for _ in range(n):
        u = u + u
    return u


def ladder(n: int) -> Value:
    a, b = Value(0.5), Value(0.4)
    for _ in range(n // 2):
        a, b = a * b, (a + b) * 0.5
    return a + b


def checkpoints(n: int) -> Value:
    u = Value(0.5)
    f = checkpoint(lambda v: v * 0.5)
    for _ in range(n):
        u = f(u)
    return u


GRAPHS = [chain, chain_by_second_operand, chain_of_sums, fan, wide_over_wide, diamond, ladder]
ACTS: dict[str, Callable[[Value], Any]] = {
    "trace": lambda u: trace(u),
    "backprop": lambda u: backprop(u),
    "backward": lambda u: u.backward(),
    "graph b": lambda u: backprop(u, create_graph=True),
    "forward": lambda u: trace(u).forward(),
    "forward steps": lambda u: list(trace(u).forward_steps()),
    "backward steps": lambda u: list(trace(u).backward_steps()),
    "edges": lambda u: trace(u).edges,
    "deepcopy": lambda u: copy.deepcopy(u),
    "deepcopy nodes": lambda u: copy.deepcopy([*trace(u)]),
    "pickle": lambda u: pickle.loads(pickle.dumps(u)),
    "pickle graph": lambda u: pickle.loads(pickle.dumps(trace(u))),
    "pickle table": lambda u: pickle.loads(pickle.dumps(backprop(u))),
    "pickle graph b": lambda u: pickle.loads(pickle.dumps(backprop(u, create_graph=True))),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("build", GRAPHS, ids=lambda build: build.__name__)
def test_cost_grows_in_proportion(build: Callable[[int], Value], act: str) -> None:
    """Twice the nodes, twice the work."""
    small, large = (build(n) for n in (150, 300))
    ACTS[act](small)  # what is loaded or made once
    ratio = instructions(lambda: ACTS[act](large)) / instructions(lambda: ACTS[act](small))
    assert ratio < 2.3


@pytest.mark.parametrize("build", [*GRAPHS, checkpoints], ids=lambda build: build.__name__)
def test_building_grows_in_proportion(build: Callable[[int], Value]) -> None:
    build(10)
    assert instructions(lambda: build(300)) / instructions(lambda: build(150)) < 2.3


def test_checkpoints_grow_in_proportion() -> None:
    small, large = checkpoints(100), checkpoints(200)
    backprop(small)
    ratio = instructions(lambda: backprop(large)) / instructions(lambda: backprop(small))
    assert ratio < 2.3


def test_tables_of_large_graphs_are_shown_in_part() -> None:
    """What is printed does not grow; finding the numbers of the nodes may."""
    small, large = (backprop(chain(n)) for n in (1000, 4000))
    assert len(str(large)) < 1.2 * len(str(small))
    assert len(large._repr_html_()) < 1.2 * len(small._repr_html_())
    assert len(repr(trace(chain(4000)))) < 100


def test_derivatives_of_functions_grow_in_proportion() -> None:
    def f(n: int) -> Callable[[Any], Any]:
        def loop(x: Any) -> Any:
            for _ in range(n):
                x = (x * 0.9).sin()
            return x

        return loop

    grad(f(10))(0.5)
    ratio = instructions(lambda: grad(f(300))(0.5)) / instructions(lambda: grad(f(150))(0.5))
    assert ratio < 2.3


def test_a_diamond_of_60_layers() -> None:
    """2⁶⁰ paths, 61 nodes."""
    x = Value(1.0)
    u = v = x
    for _ in range(60):
        u, v = u + u, v * 2
    assert len(trace(u)) == 61
    assert backprop(u)[x] == backprop(v)[x] == 2.0**60
    assert backprop(u, create_graph=True)[x].data == 2.0**60
    w = x
    for _ in range(60):
        w = (w * w).sqrt()
    assert backprop(backprop(w, create_graph=True)[x])[x] == pytest.approx(0.0, abs=1e-9)


DEEP = 10_000


@pytest.mark.usefixtures("shallow_stack")
@pytest.mark.parametrize(
    "build", [chain, chain_by_second_operand, chain_of_sums, ladder], ids=lambda b: b.__name__
)
def test_no_recursion_anywhere(build: Callable[[int], Value]) -> None:
    """On a stack of 150 frames."""
    u = build(DEEP)
    assert len(trace(u)) >= DEEP
    table = backprop(u)
    graph = backprop(u, create_graph=True)
    assert len(graph) == len(table)
    assert len(list(trace(u).forward_steps())) == len(list(trace(u).backward_steps())) == len(table)
    assert str(table)
    assert table._repr_html_()
    assert repr(u)
    assert len(trace(u).edges) > DEEP
    u.backward()
    assert len(trace(copy.deepcopy(u))) == len(table)
    assert len(trace(pickle.loads(pickle.dumps(u)))) == len(table)
    del graph, table, u


def test_wide_nodes_over_inner_nodes() -> None:
    """10,000 operands, each a node; used by several wide nodes."""
    inner = [Value(0.001 * i) * 2 for i in range(10_000)]
    u = dot(inner, inner) + autograd.sum(inner) + autograd.logsumexp(inner) + autograd.max(inner)
    table = backprop(u)
    assert len(table) == 20_000 + 7
    assert table[inner[-1]] == pytest.approx(2 * 19.998 + 1 + 1 + 0.002, rel=1e-3)


def test_deep_and_wide_at_once() -> None:
    layer = [Value(0.01 * i) for i in range(40)]
    for _ in range(40):
        layer = [dot(layer, layer[k:] + layer[:k]).tanh() for k in range(40)]
    u = autograd.sum(layer)
    assert len(trace(u)) == 40 + 2 * 40 * 40 + 1
    assert len(backprop(u)) == 3241


@pytest.mark.long
def test_ten_million_nodes() -> None:
    """Built, traced, differentiated and freed, with the collector off."""
    n = 10_000_000
    gc.collect()
    gc.disable()
    try:
        u = x = Value(1.0)
        for _ in range(n):
            u = u * 1.0
        assert len(trace(u)) == n + 1
        table = backprop(u)
        assert len(table) == n + 1
        assert table[x] == 1.0
        del table
        u.backward()
        assert x.grad == 1.0
        nodes = sum(type(thing) is Value for thing in gc.get_objects())
        assert nodes > n
        del u
        assert sum(type(thing) is Value for thing in gc.get_objects()) <= nodes - n
    finally:
        gc.enable()


@pytest.mark.long
def test_600_000_nodes_twice_differentiated_and_copied() -> None:
    n = 300_000
    u = x = Value(1.0)
    for _ in range(n):
        u = u * 1.0 + 0.0
    second = backprop(u, create_graph=True)
    assert second[x].data == 1.0
    assert len(trace(pickle.loads(pickle.dumps(u)))) == 2 * n + 1
    assert len(trace(copy.deepcopy(u))) == 2 * n + 1
