"""What a jitted function promises beyond its numbers."""

from __future__ import annotations

import math
import re
import warnings

import numpy as np
import pytest

import autograd as ag
from autograd import ArgumentError, AutogradError, DomainError, RangeError, Value, backprop
from autograd.compiler import EagerWarning, jit


@pytest.fixture
def weights() -> list[Value]:
    return [Value(0.5, "w1"), Value(-1.5, "w2"), Value(2.0, "w3")]


def test_parameters_changed_between_calls_are_seen(weights: list[Value]) -> None:
    f = jit(lambda x: ag.tanh(ag.dot(weights, x)))
    for data in (0.25, -3.0):
        weights[1].data = data
        assert f([1.0, 2.0, 3.0]).data == pytest.approx(math.tanh(6.5 + 2 * data), rel=1e-12)


def test_the_result_is_one_node_on_parameters_and_arguments(weights: list[Value]) -> None:
    f = jit(lambda x: ag.tanh(ag.dot(weights, x)))
    x = Value(0.3, "x")
    y = f([x, 1.0, 2.0])
    assert set(y.parents) == {*weights, x}
    expected = ag.tanh(ag.dot(weights, [x, 1.0, 2.0]))
    a, b = backprop(y * 2), backprop(expected * 2)
    assert [a[p] for p in (*weights, x)] == pytest.approx([b[p] for p in (*weights, x)], rel=1e-12)


def test_an_argument_that_is_also_a_parameter_gets_the_whole_gradient(weights: list[Value]) -> None:
    f = jit(lambda x: weights[0] * weights[1] * x)
    y, expected = f(weights[0]), weights[0] * weights[1] * weights[0]
    assert backprop(y)[weights[0]] == pytest.approx(backprop(expected)[weights[0]], rel=1e-12)


def test_a_second_derivative_goes_through(weights: list[Value]) -> None:
    x = Value(0.3)
    y = jit(lambda x: ag.tanh(weights[0] * x) * x)(x)
    first = backprop(y, create_graph=True)[x]
    again = backprop(ag.tanh(weights[0] * x) * x, create_graph=True)[x]
    assert backprop(first)[x] == pytest.approx(backprop(again)[x], rel=1e-12)
    assert backprop(first)[weights[0]] == pytest.approx(backprop(again)[weights[0]], rel=1e-12)


def test_backward_adds_to_grad(weights: list[Value]) -> None:
    f = jit(lambda: ag.dot(weights, weights))
    f().backward()
    f().backward()
    assert [w.grad for w in weights] == pytest.approx([4 * w.data for w in weights], rel=1e-12)


@pytest.mark.parametrize("form", ["<", "<=", ">", ">=", "bool", "max", "sorted"])
def test_branches_are_never_frozen(form: str) -> None:
    def f(x):
        y = x[0] * 1.0
        taken = {"<": lambda: y < x[1], "<=": lambda: y <= x[1], ">": lambda: y > x[1],
                 ">=": lambda: x[1] >= y, "bool": lambda: bool(ag.relu(y))}  # fmt: skip
        if form == "max":
            return max(y, x[1]) * 3.0
        if form == "sorted":
            return sorted([y, x[1]])[0] * 3.0
        return y * x[1] if taken[form]() else y + x[1]

    g = jit(f)
    points = [[1.0, 2.0], [3.0, 2.0], [-1.0, 2.0], [2.0, 2.0], [1.5, 2.0], [5.0, 4.0]]
    for point in points * 2:
        assert g(point).data == f([Value(p) for p in point]).data


def test_a_branch_that_differs_within_a_batch() -> None:
    f = lambda x: x * x if x > 0.0 else -x  # noqa: E731
    g = jit(f, batch=True, reduce=None)
    assert [y.data for y in g(np.array([1.0, 2.0]))] == [1.0, 4.0]
    with pytest.warns(EagerWarning, match="not come out alike for all samples"):
        assert [y.data for y in g(np.array([1.0, -2.0, 3.0]))] == [1.0, 2.0, 9.0]
    assert [y.data for y in g(np.array([-1.0, -2.0]))] == [1.0, 2.0]


def test_constants_that_change_are_seen(weights: list[Value]) -> None:
    class Settings:
        rate = 1.0

    settings, table, array = Settings(), [1.0, 2.0], np.array([1.0, 2.0])
    settings.rate = 1.0
    scale = 1.0
    f = jit(lambda x: weights[0] * x * scale * settings.rate * table[1] * array[0])
    assert f(3.0).data == 3.0
    scale = 2.0
    assert f(3.0).data == 6.0
    settings.rate = 10.0
    assert f(3.0).data == 60.0
    table[1] = 1.0
    assert f(3.0).data == 30.0
    array[0] = -1.0
    assert f(3.0).data == -30.0


@pytest.mark.parametrize("batch", [False, True])
def test_edges_raise_the_eager_error(batch: bool) -> None:
    wide = [Value(1.0) for _ in range(40)]

    def f(x):
        return ag.sum([ag.log(w * x) for w in wide]) + ag.exp(x)

    g = jit(f, batch=batch)
    point = (lambda x: np.array([2.0, x])) if batch else (lambda x: x)
    assert math.isfinite(g(point(1.0)).data)
    for x, error in ((-1.0, DomainError), (0.0, DomainError), (1000.0, RangeError)):
        with pytest.raises(error) as raised:
            g(point(x))
        with pytest.raises(error) as eager:
            f(x)
        assert str(raised.value).split(", but")[0] == str(eager.value).split(", but")[0]


def test_carried_infinities_and_dead_branches() -> None:
    f = jit(lambda x: x * 1e308 * 10.0)
    assert f(1.0).data == math.inf
    w = Value(0.0)
    g = jit(lambda x: ag.where(x > 5.0, ag.sqrt(w), 0.0 * w) + w)
    assert backprop(g(1.0))[w] == backprop(ag.where(0.0, ag.sqrt(w), 0.0 * w) + w)[w]


def test_what_cannot_be_compiled_runs_eagerly_and_says_so_once() -> None:
    w = Value(2.0)

    def f(x):
        with ag.no_grad():
            norm = w * x
        return w * x / norm

    g = jit(f)
    with pytest.warns(EagerWarning, match="no_grad"):
        assert g(3.0).data == 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert g(5.0).data == 1.0
    assert "eagerly" in g.explain()


def test_the_source_runs_alone_with_numpy(weights: list[Value]) -> None:
    rows = [[1.0, 2.0, 3.0], [4.0, 5.0, -6.0], [7.0, 1.0, 0.5]] * 4
    f = jit(lambda: ag.sum([ag.tanh(ag.dot(weights, row)) for row in rows]))
    value = f().data
    names = {"np": np}
    exec(f.source, names)
    everything = {**f.parameters, **f.constants}
    inputs = names["forward"].__code__.co_varnames[: names["forward"].__code__.co_argcount]
    assert names["forward"](*[everything[name] for name in inputs])[0] == pytest.approx(
        value, rel=1e-12
    )


def test_the_array_level_door(weights: list[Value]) -> None:
    rows = np.arange(12.0).reshape(4, 3) / 7.0
    f = jit(lambda x: ag.sum([ag.tanh(ag.dot(weights, row)) for row in x]) / 4.0)
    value, by_rows, by_parameters = f.value_and_grad(rows)
    (name,) = f.parameters
    f.parameters[name] -= 0.1 * by_parameters[name]
    assert [w.data for w in weights] == [0.5, -1.5, 2.0]
    lower, _, _ = f.value_and_grad(rows)
    assert lower < value
    with pytest.raises(AutogradError, match="changed"):
        by_rows[0]
    f.write_back()
    assert f(rows).data == pytest.approx(lower, rel=1e-12)
    assert [w.data for w in weights] == f.parameters[name].tolist()


def test_nothing_that_is_returned_aliases_what_is_kept(weights: list[Value]) -> None:
    rows = np.arange(12.0).reshape(4, 3) / 7.0
    f = jit(lambda x: ag.sum([ag.dot(weights, row) for row in x]))
    value, by_rows, by_parameters = f.value_and_grad(rows)
    for array in (*by_parameters.values(), by_rows[0]):
        array += 100.0
    again, rows_again, parameters_again = f.value_and_grad(rows)
    assert again == value
    np.testing.assert_array_equal(rows_again[0], [[0.5, -1.5, 2.0]] * 4)
    for array in parameters_again.values():
        np.testing.assert_allclose(array, rows.sum(axis=0), rtol=1e-12)


def test_changing_an_argument_in_place_does_not_change_recorded_gradients(
    weights: list[Value],
) -> None:
    x = np.array([1.0, 2.0, 3.0])
    y = jit(lambda x: ag.dot(weights, x))(x)
    x[:] = 0.0
    assert [backprop(y)[w] for w in weights] == [1.0, 2.0, 3.0]


def test_several_results_keep_their_structure(weights: list[Value]) -> None:
    f = jit(lambda x: {"a": [w * x for w in weights], "b": ag.sum(weights) * x})
    got = f(2.0)
    assert [v.data for v in got["a"]] == [1.0, -3.0, 4.0]
    assert got["b"].data == 2.0
    assert backprop(got["a"][1])[weights[1]] == 2.0
    assert backprop(got["b"])[weights[0]] == 2.0


def test_changed_shapes_trace_again(weights: list[Value]) -> None:
    f = jit(lambda x: ag.sum([weights[0] * v for v in x]))
    for n in (1, 5, 3, 40, 5):
        assert f([1.0] * n).data == 0.5 * n


def test_a_decorator_with_options(weights: list[Value]) -> None:
    @jit(batch=True, reduce="sum")
    def f(x):  # type: ignore[no-untyped-def]
        return ag.dot(weights, x)

    assert f([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]).data == 2.5
    with pytest.raises(ArgumentError, match="reduce"):
        jit(reduce="all")(lambda x: x)


def test_batches_that_do_not_fit_are_refused(weights: list[Value]) -> None:
    f = jit(lambda x, y: weights[0] * x * y, batch=(True, False))
    assert f(np.array([1.0, 3.0]), 2.0).data == 2.0
    with pytest.raises(ArgumentError, match="length"):
        jit(lambda x, y: x * y * weights[0], batch=True)(np.ones(3), np.ones(2))
    with pytest.raises(ArgumentError, match="batch marks"):
        f(np.ones(3))


def test_explain_counts_nodes(weights: list[Value]) -> None:
    f = jit(lambda x: ag.sum([ag.tanh(ag.dot(weights, row)) for row in x]))
    f(np.ones((20, 3)))
    assert "41 scalar nodes, besides inputs, in 3 blocks" in f.explain()
    assert len(f.graph) == 41 + 60 + 3


def test_explain_tells_what_was_not_grouped(weights: list[Value]) -> None:
    f = jit(lambda x: ag.tanh(weights[0] * x))
    f(1.0)
    assert f.explain().startswith("2 scalar nodes, besides inputs, in straight lines")
    assert "not grouped:\n  2 nodes: too few of a kind" in f.explain()
    g = jit(lambda x: weights[0] * x)
    g(1.0)
    assert "not grouped:\n  1 node: too few of a kind" in g.explain()


def test_explain_gives_the_written_nodes_of_each_block(weights: list[Value]) -> None:
    def f(xs):
        scores = [sum((w * v for w, v in zip(weights, x, strict=True)), 0.0) for x in xs]
        losses = [(1 + -s).relu() for s in scores]
        return sum(losses) / len(losses) + 0.1 * sum(w * w for w in weights)

    g = jit(f)
    g(np.ones((20, 3)))
    text = g.explain()
    total = int(re.match(r"\d+", text)[0])
    assert total == 20 * (6 + 3) + 20 + 1 + 6 + 1 + 1
    assert sum(map(int, re.findall(r"for (\d+) nodes?$", text, re.MULTILINE))) == total
    assert re.search(r"matrix product.*, for 120 nodes", text)


def test_a_model_can_be_an_argument() -> None:
    class Model:
        def __init__(self, w: float) -> None:
            self.w, self.power = Value(w), 2

    def f(model, x, training=True):
        return ag.sum([(model.w * x) ** model.power for _ in range(30 if training else 10)])

    g, small, large = jit(f), Model(1.0), Model(2.0)
    for _ in range(2):
        assert g(small, 3.0).data == 270.0
        assert g(large, 3.0, False).data == 360.0
    small.power = 1
    assert g(small, 3.0).data == 90.0
    assert set(g(small, 3.0).parents) == {small.w}


def test_a_second_derivative_is_refused_where_the_parameters_have_changed() -> None:
    w = Value(2.0)
    y = jit(lambda x: ag.tanh(w * x))(0.5)
    assert backprop(y)[w] == pytest.approx(0.5 / math.cosh(1.0) ** 2, rel=1e-12)
    w.data = 3.0
    assert backprop(y)[w] == pytest.approx(0.5 / math.cosh(1.0) ** 2, rel=1e-12)
    with pytest.raises(AutogradError, match="changed"):
        backprop(y, create_graph=True)


CHOSEN = {
    "a number": lambda p, x: ag.where(1.0, 2.0, x),
    "a parameter": lambda p, x: ag.where(1.0, p, x),
    "the power 0": lambda p, x: x**0.0 * p,
    "a product of numbers": lambda p, x: ag.dot([-0.5], [-0.5], ag.tanh(x)),
}


@pytest.mark.parametrize("choose", CHOSEN.values(), ids=CHOSEN)
@pytest.mark.parametrize("batch", [False, True])
def test_what_is_left_of_a_shorter_formula_keeps_its_shape(choose, batch) -> None:  # type: ignore[no-untyped-def]
    p, samples = Value(0.7, "p"), [[0.1, 0.9], [0.3, 0.2], [0.8, 0.4]]

    def f(x):  # type: ignore[no-untyped-def]
        return ag.logsumexp([ag.relu(x[0]), *[choose(p, t) for t in x]])

    def mean(xs):  # type: ignore[no-untyped-def]
        return ag.sum([f(x) for x in xs]) / 3.0

    found = jit(f, batch=True)(samples) if batch else jit(mean)(samples)
    expected = mean([list(map(Value, x)) for x in samples])
    assert found.data == pytest.approx(expected.data, rel=1e-12)
    assert backprop(found).get(p, 0.0) == pytest.approx(backprop(expected).get(p, 0.0), rel=1e-12)
