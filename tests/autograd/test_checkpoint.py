"""`checkpoint`: the same numbers from fewer stored nodes and more evaluations."""

from __future__ import annotations

from collections.abc import Callable
from math import isnan
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import (
    AutogradError,
    Value,
    backprop,
    checkpoint,
    count_evaluations,
    grad,
    hessian,
    no_grad,
    scope,
    tanh,
    trace,
    where,
)


def block(x: Any, y: Any) -> Any:
    return tanh(x * y) + x.exp() * y


def test_only_inputs_and_outputs_are_kept() -> None:
    x, y = Value(0.3, "x"), Value(-0.8, "y")
    u = checkpoint(block)(x, y)
    assert u.op == "checkpoint"
    assert u.parents == (x, y)
    assert u.data == block(x, y).data
    assert trace(u).nodes == (x, y, u)


def test_the_same_gradients_as_without() -> None:
    x, y = Value(0.3), Value(-0.8)
    plain, stored = block(x, y), checkpoint(block)(x, y)
    assert [backprop(plain)[v] for v in (x, y)] == [backprop(stored)[v] for v in (x, y)]
    assert backprop(stored * stored + x)[x] == pytest.approx(
        backprop(plain * plain + x)[x], rel=1e-15
    )


def test_second_and_third_derivatives() -> None:
    def f(x: Any, y: Any) -> Any:
        return checkpoint(block)(x, y) * x

    def g(x: Any, y: Any) -> Any:
        return block(x, y) * x

    for a, b in zip(hessian(f)(0.3, -0.8), hessian(g)(0.3, -0.8), strict=True):
        assert a == pytest.approx(b, rel=1e-14)
    third = [grad(grad(grad(lambda x, h=h: h(x, -0.8))))(0.3) for h in (f, g)]
    assert third[0] == pytest.approx(third[1], rel=1e-13)


def test_values_that_are_closed_over_are_inputs_too() -> None:
    w, x = Value(0.5, "w"), Value(2.0, "x")
    inner = w * 3
    u = checkpoint(lambda v: tanh(w * v) + inner * v + w)(x)
    assert set(u.parents) == {x, w, inner}
    plain = tanh(w * x) + inner * x + w
    assert backprop(u)[w] == pytest.approx(backprop(plain)[w], rel=1e-15)
    assert backprop(u)[x] == pytest.approx(backprop(plain)[x], rel=1e-15)
    ours, theirs = (backprop(v, create_graph=True) for v in (u, plain))
    for a in (x, w):
        for b in (x, w):
            expected = backprop(theirs[a])[b]
            assert backprop(ours[a])[b] == pytest.approx(expected, rel=1e-14)


def test_a_layer_of_weights() -> None:
    weights = [[Value(0.1 * i - 0.2 * j) for j in range(3)] for i in range(4)]

    def layer(x: list[Any]) -> list[Any]:
        return [tanh(autograd.dot(row, x)) for row in weights]

    x = [Value(0.5), Value(-1.0), Value(2.0)]
    outputs = checkpoint(layer)(x)
    assert [u.data for u in outputs] == [u.data for u in layer(x)]
    loss, plain = (autograd.sum([u * u for u in us]) for us in (outputs, layer(x)))
    for node in [*x, *(w for row in weights for w in row)]:
        assert backprop(loss)[node] == pytest.approx(backprop(plain)[node], rel=1e-14)


STRUCTURES: list[Callable[[Any], Any]] = [
    lambda p: [p["a"] * p["b"][0], p["a"]],
    lambda p: {"u": p["a"] * p["b"][0], "v": [p["b"][1].exp()]},
    lambda p: (p["b"][1], 3.0, p["a"] + 1),
    lambda p: np.array([p["a"], p["a"] * p["b"][0]]),
]


@pytest.mark.parametrize("f", STRUCTURES)
def test_structures_in_and_out(f: Callable[[Any], Any]) -> None:
    from autograd.structure import leaves

    point = {"a": Value(2.0), "b": (Value(3.0), Value(0.5)), "n": 7.0}
    found, expected = list(leaves(checkpoint(f)(point))), list(leaves(f(point)))
    assert type(checkpoint(f)(point)) is type(f(point))
    assert [getattr(u, "data", u) for u in found] == [getattr(u, "data", u) for u in expected]
    for u, v in zip(found, expected, strict=True):
        if type(v) is Value:
            for x in (point["a"], *point["b"]):
                assert backprop(u).get(x, 0.0) == backprop(v).get(x, 0.0)
        else:
            assert u == v


def test_results_that_are_arguments_or_constants_stay_what_they_are() -> None:
    x, w = Value(2.0), Value(3.0)
    assert checkpoint(lambda v: v)(x) is x
    assert checkpoint(lambda v: w)(x) is w
    assert checkpoint(lambda v: 5.0)(x) == 5.0
    same, twice = checkpoint(lambda v: [v, v * 2])(x)
    assert same is x
    assert twice.parents == (x,)


def test_without_values_nothing_is_recorded() -> None:
    assert checkpoint(lambda x: x * x)(3.0) == 9.0
    w = Value(2.0)
    u = checkpoint(lambda x: w * x)(3.0)
    assert u.parents == (w,)
    assert backprop(u)[w] == 3.0


def test_evaluations_are_counted() -> None:
    x, y = Value(0.3), Value(-0.8)
    with count_evaluations() as forward:
        u = checkpoint(block)(x, y)
    with count_evaluations() as backward:
        backprop(u)
    with count_evaluations() as again:
        backprop(u)
    inside = len(trace(block(x, y))) - 2
    assert forward.count == inside + 1
    assert backward.count == again.count == inside


def test_checkpoints_in_checkpoints() -> None:
    def inner(x: Any) -> Any:
        return tanh(x * x) + x

    def outer(x: Any) -> Any:
        f = checkpoint(inner)
        return f(f(x)) * x

    x = Value(0.4)
    stored, plain = checkpoint(outer)(x), inner(inner(x)) * x
    assert len(trace(stored)) == 2
    assert backprop(stored)[x] == pytest.approx(backprop(plain)[x], rel=1e-15)
    second = [backprop(backprop(u, create_graph=True)[x])[x] for u in (stored, plain)]
    assert second[0] == pytest.approx(second[1], rel=1e-14)


def test_one_checkpointed_node_used_by_many() -> None:
    x = Value(0.4)
    u = checkpoint(tanh)(x)
    v = u * u + u
    w = tanh(x)
    assert backprop(v)[x] == pytest.approx(backprop(w * w + w)[x], rel=1e-15)


def test_an_unselected_checkpoint_contributes_nothing() -> None:
    x = Value(0.0)
    root = checkpoint(lambda v: v.sqrt())(x)
    overflow = checkpoint(lambda v: (v + 1e308) * 1e10)(x)
    for u in (where(x > 0, root, 2.0), where(x > 0, overflow, x), autograd.minimum(overflow, x)):
        assert backprop(u).get(x) in (0.0, 1.0)
        assert backprop(u, create_graph=True)[x].data in (0.0, 1.0)


def test_a_function_that_changes_is_noticed() -> None:
    factor = [2.0]
    x = Value(3.0)
    u = checkpoint(lambda v: v * factor[0])(x)
    factor[0] = 5.0
    with pytest.raises(
        AutogradError, match=r"gave 6\.0 the first time and 15\.0 when it was computed again"
    ):
        backprop(u)


def test_a_weight_that_changes_is_noticed() -> None:
    w, x = Value(2.0), Value(3.0)
    u = checkpoint(lambda v: v * w)(x)
    w.data = 5.0
    with pytest.raises(AutogradError, match="must stay the same"):
        backprop(u)


def test_a_weight_that_changes_where_the_result_stays_is_noticed() -> None:
    x, w = Value(2.0), Value(3.0)
    u = checkpoint(lambda a: a * w * w)(x)
    w.data = -3.0
    with pytest.raises(AutogradError, match="must stay the same"):
        backprop(u)


def test_a_list_of_arguments_that_grows_after_is_as_it_was() -> None:
    xs = [Value(2.0), Value(3.0)]
    u = checkpoint(autograd.prod)(xs)
    xs.append(Value(5.0))
    assert [backprop(u).get(x) for x in xs] == [3.0, 2.0, None]


def test_backprop_without_recording() -> None:
    """What is computed again is recorded, also inside `no_grad`."""
    x = Value(2.0)
    u = checkpoint(lambda a: a * a * a)(x)
    with autograd.no_grad():
        assert backprop(u)[x] == 12.0
        assert backprop(u, create_graph=True)[x].data == 12.0
        assert checkpoint(lambda a: a * a)(x).parents == ()


def test_a_result_that_is_not_a_number() -> None:
    """It comes out as without a checkpoint."""
    x = Value(1e308)
    u = checkpoint(lambda a: (a * 10.0) * 0.0)(x)
    assert isnan(u.data)
    y = autograd.where(x, x, u)
    assert backprop(y)[x] == 1.0


def test_an_argument_that_changes_after_is_as_it_was() -> None:
    """As everywhere: the recorded numbers count."""
    x = Value(3.0)
    u = checkpoint(lambda v: v * v)(x)
    x.data = 100.0
    assert backprop(u)[x] == 6.0


def test_replays() -> None:
    w, x = Value(2.0, "w"), Value(3.0, "x")
    u = checkpoint(lambda v: v * v * w)(x) + 1
    graph = trace(u)
    assert graph.forward({x: 5.0})[u] == 51.0
    assert graph.forward()[u] == 19.0
    with pytest.raises(AutogradError, match="cannot be replayed on other weights"):
        graph.forward({w: 3.0})


def test_errors_inside_come_through() -> None:
    x = Value(-1.0, "x")
    with pytest.raises(autograd.DomainError, match=r"log\(x\) needs x > 0"):
        checkpoint(lambda v: v.log())(x)
    assert len(trace(x * 2)) == 2


def test_contexts_and_checkpoints() -> None:
    x = Value(0.5)
    with scope("block"):
        u = checkpoint(tanh)(x)
    assert u.scope == "block"
    with no_grad():
        v = checkpoint(tanh)(x)
    assert v.parents == ()
    assert v.data == u.data


def test_the_name_of_the_function_is_kept() -> None:
    assert checkpoint(block).__name__ == "block"


def test_steps_and_tables_show_a_checkpoint() -> None:
    x = Value(0.5, "x")
    u = checkpoint(tanh)(x)
    assert "checkpoint(x)" in str(backprop(u))
    assert [step.total for step in trace(u).backward_steps()] == list(backprop(u).values())[::-1]
    assert "checkpoint" in str(list(trace(u).forward_steps())[-1])


@pytest.mark.parametrize("depth", [3000])
def test_a_long_chain_of_checkpoints(depth: int) -> None:
    u = x = Value(0.5)
    f = checkpoint(lambda v: v * 0.999 + 0.001)
    for _ in range(depth):
        u = f(u)
    assert len(trace(u)) == depth + 1
    assert backprop(u)[x] == pytest.approx(0.999**depth, rel=1e-10)


def test_memory_against_time() -> None:
    """Segments of √n: about 2√n nodes live at a time in place of n."""

    def segment(x: Any) -> Any:
        for _ in range(100):
            x = (x * 1.01).sin()
        return x

    x = Value(0.7)
    with count_evaluations() as evaluations:
        u = x
        for _ in range(100):
            u = checkpoint(segment)(u)
        found = backprop(u)[x]
    plain = x
    for _ in range(100):
        plain = segment(plain)
    assert found == pytest.approx(backprop(plain)[x], rel=1e-12)
    assert len(trace(u)) == 101
    assert len(trace(plain)) == 20_001
    assert evaluations.count == 2 * 20_000 + 100


def test_arguments_by_name_are_passed_on() -> None:
    x, k = Value(3.0), Value(2.0)
    u = checkpoint(lambda x, k=1.0, *, power=1: k * x**power)(x, k=k, power=2)
    table = backprop(u)
    assert (u.data, table[x], table[k]) == (18.0, 12.0, 9.0)
    assert backprop(backprop(u, create_graph=True)[x])[k] == 6.0
