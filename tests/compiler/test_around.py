"""A jitted function among the other things of the library, and among threads, pickles and copies."""

from __future__ import annotations

import copy
import math
import pickle
import threading
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import AutogradError, DomainError, RangeError, Value, backprop, checkpoint, no_grad
from autograd.compiler import EagerWarning, jit
from nn import MLP, SGD, mse_loss

W = [Value(0.5, "w1"), Value(-1.5, "w2"), Value(2.0, "w3")]


def smooth(x: Any) -> Any:
    return ag.tanh(ag.dot(W, x)) * ag.sum(list(x))


@jit
def decorated(x: Any) -> Any:
    return smooth(x)


class Owner:
    def __init__(self, w: float) -> None:
        self.w = Value(w)

    @jit
    def loss(self, x: Any) -> Any:
        return self.w * x


# ── derivatives ───────────────────────────────────────────────────────────────────────────────────


def test_grad_and_value_and_grad() -> None:
    f, x = jit(smooth), [0.1, 0.2, 0.3]
    for _ in range(3):
        assert ag.grad(f)(x) == pytest.approx(ag.grad(smooth)(x), rel=1e-12)
        assert ag.value_and_grad(f)(x)[0] == pytest.approx(smooth(x).data, rel=1e-12)
    np.testing.assert_allclose(ag.grad(f)(np.array(x)), ag.grad(smooth)(x), rtol=1e-12)


def test_second_derivatives() -> None:
    f, x = jit(smooth), [0.1, 0.2, 0.3]
    np.testing.assert_allclose(ag.hessian(f)(x), ag.hessian(smooth)(x), rtol=1e-12)
    v = [1.0, -1.0, 0.5]
    assert ag.hvp(f)(x, v) == pytest.approx(ag.hvp(smooth)(x, v), rel=1e-12)
    ag.check_gradients(f, x, order=2)


def test_graph_b_around_it() -> None:
    point = [Value(v) for v in (0.1, 0.2, 0.3)]
    found = []
    for f in (smooth, jit(smooth)):
        table = backprop(ag.exp(f(point)) * W[0], create_graph=True)
        again = backprop(table[point[1]] + table[W[2]])
        found.append([again[v] for v in (*W, *point)])
    assert found[1] == pytest.approx(found[0], rel=1e-12)


def test_a_derivative_inside() -> None:
    """f takes a derivative itself: graph B is a part of what is compiled."""
    f = lambda x: ag.grad(lambda y: ag.tanh(W[0] * y) * y)(x) ** 2 + W[1]  # noqa: E731
    g = jit(f)
    for x in (0.3, -0.7, 0.3):
        point = Value(x)
        expected = f(point)
        for _ in range(2):
            got = g(point)
            assert got.data == pytest.approx(expected.data, rel=1e-12)
            a, b = backprop(got), backprop(expected)
            assert [a.get(v, 0.0) for v in (*W, point)] == pytest.approx(
                [b.get(v, 0.0) for v in (*W, point)], rel=1e-12
            )


@pytest.mark.parametrize("order", ["first", "later"])
def test_checkpoint_around_it(order: str) -> None:
    f, point = jit(smooth), [Value(v) for v in (0.1, 0.2, 0.3)]
    if order == "later":
        f(point)
    table, expected = backprop(checkpoint(f)(point)), backprop(smooth(point))
    assert [table[v] for v in (*W, *point)] == pytest.approx(
        [expected[v] for v in (*W, *point)], rel=1e-12
    )


def test_checkpoint_inside_runs_eagerly() -> None:
    f = jit(lambda x: checkpoint(lambda y: ag.tanh(y * W[0]))(x) + W[1])
    with pytest.warns(EagerWarning, match="under checkpoint"):
        y = f(Value(0.3))
    assert backprop(y)[W[1]] == 1.0


@pytest.mark.parametrize("order", ["first", "later"])
def test_under_no_grad(order: str) -> None:
    f = jit(smooth)
    if order == "later":
        f([0.1, 0.2, 0.3])
    with no_grad():
        y = f([0.1, 0.2, 0.3])
    assert (y.parents, y.op) == ((), None)
    assert y.data == pytest.approx(smooth([0.1, 0.2, 0.3]).data, rel=1e-12)
    assert set(f([0.1, 0.2, 0.3]).parents) == set(W)


def test_optimisers_and_replays_of_the_graph_around_it() -> None:
    model = MLP(2, [4, 1], seed=1)
    xs, ys = np.random.default_rng(0).normal(size=(8, 2)), [1.0, -1.0] * 4
    loss = lambda: mse_loss([model(x) for x in xs], ys)  # noqa: E731
    f, runs = jit(loss), []
    for g in (loss, f):
        for p, start in zip(model.parameters(), MLP(2, [4, 1], seed=1).parameters(), strict=True):
            p.data = start.data
        optimizer = SGD(model.parameters(), lr=0.1, momentum=0.9)
        for _ in range(5):
            optimizer.zero_grad()
            value = g()
            value.backward()
            optimizer.step()
        runs.append([value.data, *[p.data for p in model.parameters()]])
    assert runs[1] == pytest.approx(runs[0], rel=1e-12)
    x = Value(0.5)
    doubled = jit(lambda x: ag.tanh(W[0] * x))(x) * 2.0
    assert ag.trace(doubled).forward({x: 1.0})[doubled] == pytest.approx(2 * math.tanh(0.5))


# ── edges ─────────────────────────────────────────────────────────────────────────────────────────

EDGES = [
    (lambda x: ag.log(W[0] * x), 1.0, -1.0, DomainError),
    (lambda x: ag.sqrt(W[0] * x), 1.0, -1.0, DomainError),
    (lambda x: W[0] / (x - 2.0), 1.0, 2.0, ag.DivisionError),
    (lambda x: ag.exp(W[2] * x), 1.0, 400.0, RangeError),
    (lambda x: (W[1] * x) ** W[0], -1.0, 1.0, DomainError),
    (lambda x: ag.asin(x * W[0]), 1.0, 3.0, DomainError),
    (lambda x: ag.cosh(W[2] * x), 1.0, 1e6, RangeError),
]


def eager_error(f: Any, x: Any) -> Exception:
    with pytest.raises(AutogradError) as caught:
        f(x)
    return caught.value


@pytest.mark.parametrize(("f", "fine", "edge", "error"), EDGES)
def test_an_edge_raises_what_eager_mode_raises(
    f: Any, fine: float, edge: float, error: Any
) -> None:
    g = jit(f)
    assert g(Value(fine)).data == pytest.approx(f(Value(fine)).data, rel=1e-12)
    expected = eager_error(f, Value(edge, "x"))
    for _ in range(2):
        with pytest.raises(error) as caught:
            g(Value(edge, "x"))
        assert str(caught.value) == str(expected)
        with pytest.raises(error):
            g.value_and_grad(edge)
    many = jit(lambda xs: ag.sum([f(x) for x in xs]))
    point = [fine] * 20
    assert many(point).data == pytest.approx(20 * f(Value(fine)).data, rel=1e-12)
    with pytest.raises(error) as caught:
        many([*point[:-1], edge])
    assert str(caught.value).split(", but")[0] == str(expected).split(", but")[0]
    batch = jit(f, batch=True)
    batch(np.array(point))
    with pytest.raises(error):
        batch(np.array([*point, edge]))
    assert g(Value(fine)).data == pytest.approx(f(Value(fine)).data, rel=1e-12)


@pytest.mark.parametrize("x", [math.inf, -math.inf, math.nan, 1e308])
def test_what_is_carried_is_carried(x: float) -> None:
    f = lambda v: W[0] * v * 1e10 + ag.sum([w * v for w in W])  # noqa: E731
    g = jit(f)
    g(1.0)
    got, expected = g(x), f(x)
    assert got.data == expected.data or (math.isnan(got.data) and math.isnan(expected.data))
    with pytest.raises(ag.NonFiniteError) as caught:
        backprop(got)
    with pytest.raises(ag.NonFiniteError) as eagerly:
        backprop(expected)
    assert str(caught.value).split("the first")[1] == str(eagerly.value).split("the first")[1]


def test_an_infinite_derivative_is_data() -> None:
    x = Value(0.0)
    g = jit(lambda x: ag.sqrt(x) + W[0])
    assert backprop(g(Value(4.0)))[W[0]] == 1.0
    assert backprop(g(x))[x] == math.inf


# ── threads, copies ───────────────────────────────────────────────────────────────────────────────


def test_threads_calling_one_function() -> None:
    model = MLP(3, [8, 4], seed=1)
    f = jit(lambda x, y: nn.cross_entropy(model(x), y), batch=True)
    g = jit(smooth)
    wrong: list[Any] = []
    barrier = threading.Barrier(6)
    eager: dict[int, float] = {}
    rng = np.random.default_rng(0)
    batches = [(rng.normal(size=(n, 3)), np.eye(4)[rng.integers(0, 4, n)]) for n in (2, 3, 5)]
    for n, (x, y) in enumerate(batches):
        eager[n] = sum(nn.cross_entropy(model(a), list(b)).data for a, b in zip(x, y, strict=True)) / len(x)  # fmt: skip

    def work(k: int) -> None:
        barrier.wait()
        for i in range(15):
            n = (i + k) % 3
            y = f(*batches[n])
            point = [Value(0.1 * k), 0.2, 0.1 * i]
            z = g(point)
            if abs(y.data - eager[n]) > 1e-12 or abs(z.data - smooth(point).data) > 1e-12:
                wrong.append((k, i))
            if abs(backprop(z)[W[0]] - backprop(smooth(point))[W[0]]) > 1e-12:
                wrong.append((k, i, "gradient"))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong


def test_pickle_and_copy() -> None:
    decorated([1.0, 2.0, 3.0])
    assert pickle.loads(pickle.dumps(decorated)) is decorated
    assert copy.deepcopy(decorated) is decorated
    model = MLP(2, [3, 1], seed=1)
    f = jit(model)
    f([1.0, 2.0])
    for other in (pickle.loads(pickle.dumps(f)), copy.deepcopy(f), copy.copy(f)):
        assert other([1.0, 2.0]).data == f([1.0, 2.0]).data
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(jit(lambda x: W[0] * x))
    y = f([1.0, 2.0]) * 2.0
    same = pickle.loads(pickle.dumps(y))
    assert [d for _, d in sorted_entries(same)] == [d for _, d in sorted_entries(y)]


def sorted_entries(y: Value) -> list[tuple[float, float]]:
    table = backprop(y)
    return sorted((v.data, table[v]) for v in ag.trace(y).inputs)


def test_a_method() -> None:
    one, other = Owner(2.0), Owner(3.0)
    for _ in range(2):
        assert (one.loss(4.0).data, other.loss(4.0).data) == (8.0, 12.0)
    assert backprop(other.loss(4.0))[other.w] == 4.0
    assert "v" in one.loss.source
    assert Owner.loss(one, 1.0).data == 2.0


# ── parameter arrays ──────────────────────────────────────────────────────────────────────────────


def big() -> tuple[Any, Any, Any]:
    model = MLP(30, [20, 1], seed=1)
    rows = np.random.default_rng(0).normal(size=(4, 30))
    return model, jit(lambda x: ag.sum([model(row) for row in x])), rows


@pytest.mark.parametrize("i", [0, 1, 17, 333, 640])
def test_until_the_arrays_are_asked_for_each_value_counts(i: int) -> None:
    model, f, rows = big()
    first = f.value_and_grad(rows)[0]
    value = model.parameters()[i]
    value.data += 1.0
    assert f.value_and_grad(rows)[0] == pytest.approx(f(rows).data, rel=1e-12)
    value.data -= 1.0
    assert f.value_and_grad(rows)[0] == first


def test_then_the_arrays_are_the_parameters_until_they_are_written_back() -> None:
    model, f, rows = big()
    f.value_and_grad(rows)
    arrays = f.parameters
    first, last = model.parameters()[0], model.parameters()[-1]
    name, bias = next(iter(arrays)), list(arrays)[-1]
    arrays[name].flat[0] = 5.0
    value = f.value_and_grad(rows)[0]
    first.data = 7.0  # not looked at: the arrays are ahead
    assert f.value_and_grad(rows)[0] == value
    f.write_back()
    assert first.data == 5.0
    assert f(rows).data == pytest.approx(value, rel=1e-12)
    last.data += 2.0
    arrays[name].flat[0] = 6.0  # both are kept
    moved = f.value_and_grad(rows)[0]
    f.write_back()
    assert first.data == 6.0
    assert arrays[bias].flat[-1] == last.data
    assert f(rows).data == pytest.approx(moved, rel=1e-12)


def test_programs_share_the_arrays() -> None:
    _, f, rows = big()
    f.value_and_grad(rows)
    arrays = f.parameters
    for batch in (rows[:2], rows, rows[:3]):
        _, _, gradients = f.value_and_grad(batch)
        for name, gradient in gradients.items():
            arrays[name] -= 0.1 * gradient
    value = f.value_and_grad(rows)[0]
    f.write_back()
    assert f(rows).data == pytest.approx(value, rel=1e-12)


def test_value_and_grad_of_several_results_is_refused() -> None:
    f = jit(lambda x: [W[0] * x, W[1] * x])
    with pytest.raises(ag.ArgumentError, match="one result"):
        f.value_and_grad(2.0)
    with pytest.raises(ag.ArgumentError, match="one result"):
        jit(lambda x: W[0] * x, batch=True, reduce=None).value_and_grad(np.ones(2))


def test_arguments_of_any_structure_get_gradients_of_that_structure() -> None:
    f = jit(lambda d, n, *rest: ag.dot(W, d["x"]) * d["s"][1] * n + ag.sum(rest))
    _, by, _ = f.value_and_grad({"x": [1.0, 2.0, 3.0], "s": (1.0, [2.0][0])}, 3, 5.0, 6.0)
    assert by[0]["x"].tolist() == [3.0, -9.0, 12.0]
    assert [np.asarray(g).tolist() for g in by[0]["s"]] == [0.0, 10.5]
    assert by[1] is None
    assert [float(g) for g in by[2:]] == [1.0, 1.0]
