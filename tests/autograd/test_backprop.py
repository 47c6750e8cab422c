"""Backprop: reused nodes, purity, second runs, graph B, the mapping it returns."""

from __future__ import annotations

import inspect
import random
import sys
from collections.abc import Callable, Mapping
from math import exp, inf
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import (
    ArgumentTypeError,
    AutogradError,
    GradientTable,
    NotInGraphError,
    Value,
    backprop,
    dot,
    maximum,
    minimum,
    prod,
    relu,
    tanh,
    trace,
)

REUSED: list[tuple[Callable[[Any], Any], float]] = [
    (lambda x: x * x, 6.0),
    (lambda x: x + x, 2.0),
    (lambda x: x - x, 0.0),
    (lambda x: x / x, 0.0),
    (lambda x: x**x, 27.0 * (1 + 1.0986122886681098)),
    (lambda x: dot([x, x], [x, x]), 12.0),
    (lambda x: dot([x], [x], x), 7.0),
    (lambda x: maximum(x, x), 1.0),
    (lambda x: minimum(x, x), 1.0),
    (lambda x: autograd.max([x, x, x]), 1.0),
    (lambda x: autograd.min([x, x]), 1.0),
    (lambda x: autograd.sum([x, x, x]), 3.0),
    (lambda x: prod([x, x, x]), 27.0),
    (lambda x: autograd.logsumexp([x, x]), 1.0),
    (lambda x: autograd.where(x, x, x), 1.0),
    (lambda x: autograd.clip(x, x, x), 1.0),
    (lambda x: (x * x) * (x * x), 108.0),
    (lambda x: (y := x * x) + y * y, 6.0 + 108.0),
    (lambda x: x, 1.0),
    (lambda x: +x, 1.0),
]


@pytest.mark.parametrize(("f", "expected"), REUSED)
def test_a_node_used_many_times_gets_the_sum_of_its_gradients(
    f: Callable[[Any], Any], expected: float
) -> None:
    x = Value(3.0)
    u = f(x)
    assert backprop(u)[x] == pytest.approx(expected, rel=1e-15)
    assert backprop(u, create_graph=True)[x].data == pytest.approx(expected, rel=1e-15)
    u.backward()
    assert x.grad == pytest.approx(expected, rel=1e-15)


def test_backprop_is_pure() -> None:
    x, y = Value(2.0), Value(3.0)
    x.grad = 5.0
    u = x * y + x.exp()
    seen = ("data", "grad", "label", "scope", "op", "parents", "local_derivatives", "arguments")
    before = [[getattr(n, name) for name in seen] for n in trace(u)]
    first, second = backprop(u), backprop(u)
    backprop(u, create_graph=True)
    assert [[getattr(n, name) for name in seen] for n in trace(u)] == before
    assert first == second
    assert first is not second
    assert list(first.items()) == list(second.items())


def test_a_second_backward_adds_exactly_one_more_gradient_to_every_node() -> None:
    x = Value(0.3)
    y = (x * x).tanh()
    z = y * y + x
    table = backprop(z)
    for times in (1, 2, 3):
        z.backward()
        assert all(node.grad == pytest.approx(times * table[node], rel=1e-15) for node in table)


def test_backward_of_an_inner_node_adds_only_behind_it() -> None:
    x = Value(3.0)
    y = x * x
    z = y * 2
    y.backward()
    assert (x.grad, y.grad, z.grad) == (6.0, 1.0, 0.0)
    z.backward()
    assert (x.grad, y.grad, z.grad) == (18.0, 3.0, 1.0)


def test_changes_of_data_after_building_change_nothing() -> None:
    x, w = Value(2.0), Value(5.0)
    u = x * w + x.exp()
    before, value = backprop(u), u.data
    x.data, w.data = 100.0, -100.0
    assert u.data == value
    assert dict(backprop(u)) == dict(before)
    assert backprop(u)[x] == 5.0 + exp(2.0)
    assert trace(u).forward({x: 1.0, w: 1.0})[u] == 1.0 + exp(1.0)


def test_changes_of_data_are_seen_by_a_replay() -> None:
    x = Value(2.0)
    u = x * 3
    x.data = 7.0
    assert trace(u).forward()[u] == 21.0
    assert u.data == 6.0


def test_the_table_is_a_read_only_mapping() -> None:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    u = x * y
    table = backprop(u)
    assert type(table) is GradientTable
    assert isinstance(table, Mapping)
    assert dict(table) == {x: 3.0, y: 2.0, u: 1.0}
    assert list(table) == list(trace(u)) == [x, y, u]
    assert list(table.values()) == [3.0, 2.0, 1.0]
    assert len(table) == 3
    assert x in table
    assert table.get(x) == 3.0
    assert table.graph.output is u
    for change in (lambda: table.__setitem__(x, 1.0), lambda: table.__delitem__(x)):
        with pytest.raises(AttributeError):
            change()
    with pytest.raises(TypeError):
        hash(table)
    assert all(type(gradient) is float for gradient in table.values())


def test_a_node_outside_the_graph_is_a_key_error_that_says_so() -> None:
    x, stranger = Value(2.0), Value(9.0, "stranger")
    table = backprop(x * x)
    with pytest.raises(KeyError, match=r"'stranger'.* is not among the 2 nodes of this table"):
        table[stranger]
    with pytest.raises(NotInGraphError):
        table[3.0]  # type: ignore[index]
    with pytest.raises(NotInGraphError):
        table[[x]]  # type: ignore[index]
    assert stranger not in table
    assert table.get(stranger) is None
    assert table.get(stranger, 0.0) == 0.0


def test_tables_are_equal_when_their_entries_are() -> None:
    x = Value(2.0)
    u = x * x
    assert backprop(u) == backprop(u)
    assert backprop(u) != backprop(x * x)
    assert backprop(u) != trace(u).forward()
    assert backprop(u) != {u: 1.0, x: 4.0}
    assert trace(u).forward() == trace(u).forward()
    assert trace(u).forward() != trace(u).forward({x: 3})


def test_graph_b_has_one_entry_for_each_node() -> None:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    u = x * y + x.tanh()
    table = backprop(u, create_graph=True)
    assert list(table) == list(trace(u))
    assert {type(entry) for entry in table.values()} == {Value}
    assert len(set(table.values())) == len(table), "no entry stands for two nodes"
    assert {n: entry.data for n, entry in table.items()} == dict(backprop(u))
    assert table[x].label == "∇[x]"
    assert table[u].label == "∇[u5]"


def test_graph_b_leaves_grad_alone() -> None:
    x = Value(2.0)
    backprop(x * x * x, create_graph=True)
    assert x.grad == 0.0


def test_graph_b_depends_on_the_inputs() -> None:
    x, y = Value(2.0), Value(3.0)
    table = backprop(x * x * y, create_graph=True)
    gradient = table[x]
    assert {x, y} <= set(trace(gradient))
    assert backprop(gradient)[y] == 4.0
    assert trace(gradient).forward({x: 10.0, y: 0.5})[gradient] == 10.0


@pytest.mark.parametrize("order", range(1, 7))
def test_derivatives_of_any_order(order: int) -> None:
    """The n-th derivative of x⁶ at 1 is 6!/(6 − n)!, and of exp(2x) at 0 it is 2ⁿ."""
    x, y = Value(1.0), Value(0.0)
    u, v = x**6, (2 * y).exp()
    for _ in range(order):
        u, v = backprop(u, create_graph=True)[x], backprop(v, create_graph=True)[y]
    assert u.data == [6.0, 30.0, 120.0, 360.0, 720.0, 720.0][order - 1]
    assert v.data == 2.0**order


def test_mixed_second_derivatives_agree() -> None:
    draw = random.Random(5)
    for _ in range(20):
        x, y = Value(draw.uniform(0.1, 2)), Value(draw.uniform(0.1, 2))
        u = (x * y).sin() * x.exp() + (x / y).tanh() - y**x + dot([x, y], [y, y], x)
        table = backprop(u, create_graph=True)
        assert backprop(table[x])[y] == pytest.approx(backprop(table[y])[x], rel=1e-13)


def test_the_gradient_of_the_output_is_one() -> None:
    x = Value(3.0)
    assert dict(backprop(x)) == {x: 1.0}
    graph = backprop(x, create_graph=True)
    assert graph[x].data == 1.0
    assert graph[x].parents == ()


def test_gradients_that_cancel_are_zero_and_pass_nothing_on() -> None:
    x = Value(0.0)
    root = x.sqrt()
    u = root - root
    assert backprop(root)[x] == inf
    assert dict(backprop(u)) == {x: 0.0, root: 0.0, u: 1.0}
    assert backprop(u, create_graph=True)[x].data == 0.0


def test_arithmetic_is_exactly_pythons() -> None:
    """a / b is rounded once, a − b is no sum of a and −b rounded apart, and so on."""
    draw = random.Random(0)
    for _ in range(300):
        a, b = (draw.choice((1, -1)) * 10 ** draw.uniform(-9, 9) for _ in range(2))
        x, y = Value(a), Value(b)
        assert (x + y).data == (x + b).data == (a + y).data == a + b
        assert (x - y).data == (x - b).data == (a - y).data == a - b
        assert (x * y).data == (x * b).data == (a * y).data == a * b
        assert (x / y).data == (x / b).data == (a / y).data == a / b
        assert (abs(x) ** y.tanh()).data == abs(a) ** y.tanh().data


def test_gradients_flow_through_long_and_wide_graphs_alike() -> None:
    """Σ w over a fan of 1000, and over a chain of 1000."""
    w = Value(2.0)
    fan = autograd.sum([w * i for i in range(1000)])
    chain = Value(0.0)
    for i in range(1000):
        chain = chain + w * i
    assert backprop(fan)[w] == backprop(chain)[w] == 499500.0


def test_a_graph_of_gradients_is_refused_where_inputs_were_changed() -> None:
    w = Value(2.0, "w")
    loss = (w * 3.0).tanh() * w
    loss.label = "loss"
    before = backprop(loss)[w]
    w.data = 0.8
    assert backprop(loss)[w] == before
    with pytest.raises(AutogradError, match="changed after it was computed: compute loss again"):
        backprop(loss, create_graph=True)
    line = w * 3.0
    w.data = 5.0
    assert backprop(line, create_graph=True)[w].data == 3.0, "its slope is the same anywhere"


@pytest.mark.parametrize("last", [lambda u: u, relu, tanh, lambda u: tanh(-relu(u)) * 3.0])
@pytest.mark.parametrize("bias", [0.5, -50.0])
def test_a_neuron_alone_has_the_gradients_it_has_in_a_larger_graph(
    last: Callable[[Value], Value], bias: float
) -> None:
    """Functions of one number on one operation on inputs take a shorter way than other graphs."""
    draw = random.Random(7).uniform
    weights, xs = ([Value(draw(-1, 1)) for _ in range(5)] for _ in range(2))
    neuron = last(dot(weights, xs, Value(bias)))
    larger = backprop(neuron + weights[0] * 0.0)
    alone = backprop(neuron)
    assert alone.graph.nodes == trace(neuron).nodes
    assert all(alone[node] == larger[node] for node in alone)


def test_inputs_used_twice_by_one_operation_get_the_sum() -> None:
    x, y = Value(2.0), Value(3.0)
    table = backprop(-dot([x, y, x], [y, x, x]))
    assert [table[x], table[y]] == [-(3.0 + 3.0 + 4.0), -(2.0 + 2.0)]


def test_derivatives_that_come_late_are_asked_for_once_and_only_where_needed() -> None:
    asked = []

    @autograd.checkpoint
    def square(x: Value) -> Value:
        asked.append(x.data)
        return x * x

    x = Value(3.0)
    backprop(-square(x))
    backprop(square(+x))
    assert asked == [3.0, 3.0] * 2  # forward and again for the derivative, of either
    backprop(square(x) * 0.0)
    assert asked == [3.0] * 5


@pytest.mark.parametrize("wrong", [np.float32(0.1), Value(1.0), 1j, np.array([1.0])])
def test_data_set_by_hand_to_no_float(wrong: Any) -> None:
    w = Value(2.0, "w")
    w.data = wrong
    with pytest.raises(ArgumentTypeError, match=f"that of w was set to a {type(wrong).__name__}"):
        backprop(w * 2.0)
    w.data = np.float64(0.5)  # type: ignore[assignment]
    assert backprop(w * 3.0)[w] == 3.0


def test_a_backward_pass_that_fails_is_taken_back() -> None:
    a, b = Value(2.0), Value(3.0, "b")
    u, a.grad, b.grad = a * b, 0.1, None  # type: ignore[assignment]
    with pytest.raises(ArgumentTypeError, match=r"no number in .*label='b'"):
        u.backward()
    assert (a.grad, b.grad, u.grad) == (pytest.approx(0.1, rel=1e-14), None, 0.0)


def test_keys_that_are_no_values_are_told_so() -> None:
    with pytest.raises(KeyError, match="'a' is not among the 1 nodes of this table: its keys are"):
        backprop(Value(1.0, "a"))["a"]  # type: ignore[index]


def test_a_backward_that_is_interrupted_adds_nothing() -> None:
    nodes = [Value(float(i)) for i in range(5)]
    output = autograd.dot(nodes, nodes)
    expected = backprop(output)
    code = Value.backward.__code__
    lines = inspect.getsource(Value.backward).splitlines()
    head = code.co_firstlineno + lines.index("            for node, gradient in pairs:")
    for stop in range(2, 8):
        visits = 0

        def interrupt(frame: Any, event: str, _: Any, stop: int = stop) -> Any:
            """Ctrl-C, where Python looks for it: when a loop goes round."""
            nonlocal visits
            visits += frame.f_code is code and event == "line" and frame.f_lineno == head
            if visits == stop:
                raise KeyboardInterrupt
            return interrupt

        before = sys.gettrace()
        sys.settrace(interrupt)
        try:
            with pytest.raises(KeyboardInterrupt):
                output.backward()
        finally:
            sys.settrace(before)
        assert [node.grad for node in (*nodes, output)] == [0.0] * 6
    output.backward()
    assert [node.grad for node in nodes] == [expected[node] for node in nodes]


def test_a_gradient_that_is_too_large_for_a_float_is_refused() -> None:
    a, b = Value(1.0, "a"), Value(2.0, "b")
    b.grad = 10**400
    with pytest.raises(ArgumentTypeError, match=r"no number in .*label='b'"):
        (a * b).backward()
    assert a.grad == 0.0
