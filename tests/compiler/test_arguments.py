"""What eager mode accepts: compiled, or run eagerly with a word; never another number."""

from __future__ import annotations

import warnings
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Value, backprop
from autograd.compiler import EagerWarning, jit

WEIGHTS = [Value(0.5, "w1"), Value(-1.5, "w2"), Value(2.0, "w3")]


def units(x: Any) -> list[Any]:
    return [w * v for w, v in zip(WEIGHTS, x, strict=True)]


def picked(x: Any, i: int) -> Any:
    return ag.logsumexp(units(x)) - units(x)[i]


class Pair(NamedTuple):
    left: Any
    right: Any


def same(f: Any, g: Any, *arguments: Any, **named: Any) -> None:
    """The number and the gradients that eager mode gives."""
    got, expected = g(*arguments, **named), f(*arguments, **named)
    assert got.data == pytest.approx(expected.data, rel=1e-12)
    one, other = backprop(got), backprop(expected)
    for w in WEIGHTS:
        assert one.get(w, 0.0) == pytest.approx(other.get(w, 0.0), rel=1e-12)


X = [1.0, 2.0, 3.0]
ACCEPTED = [
    (picked, [(X, i) for i in (0, 2, 1, 0)]),
    (picked, [(X, np.int64(i)) for i in (0, 2, 1)]),
    (lambda x, rows: ag.sum([picked(x, i) for i in rows]), [(X, [0, 1]), (X, [2, 2]), (X, [0, 1])]),
    (lambda x, rows: ag.sum([picked(x, i) for i in rows]), [(X, np.array(r)) for r in ([0, 1], [2, 1])]),
    (lambda x, n: ag.sum(units(x)) ** n, [(X, 2), (X, 3), (X, 2)]),
    (lambda x, on: ag.sum(units(x)) if on else units(x)[0], [(X, True), (X, False), (X, np.True_)]),
    (lambda x, how: units(x)[0] if how == "first" else units(x)[2], [(X, "first"), (X, "last")]),
    (lambda x, b: ag.sum(units(x)) + (0.0 if b is None else b), [(X, None), (X, 2.0), (X, None)]),
    (lambda d: ag.dot(WEIGHTS, d["x"]) * d["by"]["s"], [({"x": X, "by": {"s": s}},) for s in (2.0, 5.0, 3)]),
    (lambda p: ag.dot(WEIGHTS, p.left) * p.right, [(Pair(X, r),) for r in (2.0, 5.0)]),
    (lambda rows: ag.sum([w * ag.sum(list(r)) for w, r in zip(WEIGHTS, rows, strict=True)]),
     [([[1.0], [2.0, 3.0], [4.0]],), ([[1.0], [2.0, 5.0], [4.0]],), (([1.0], (2.0,), [4.0]),)]),
    (lambda *xs: ag.dot(WEIGHTS, xs), [tuple(X), (3.0, 2.0, 1.0)]),
    (lambda x: ag.dot(WEIGHTS, x), [(np.float32([1, 2, 3]),), (range(3),), ((True, False, True),),
                                     ([Fraction(1, 3), 2, 0.5],), (np.array([Value(1.0), 2.0, 3.0]),)]),
    (lambda x: ag.dot(WEIGHTS, np.asarray(x) + np.asarray(x)), [(X,), (np.array(X),), (X,)]),
    (lambda x: ag.sum([w * len(x + x) * x[0] for w in WEIGHTS]), [(X,), ([4.0, 5.0],)]),
    (lambda x: ag.sum([w * len(x + x) * x[0] for w in WEIGHTS]), [(np.array(X),), ]),
    (lambda x: WEIGHTS[0] * x, [(np.array(3.0),), (3.0,), (np.float64(2.0),), (2,)]),
    (lambda: ag.dot(WEIGHTS, WEIGHTS), [(), ()]),
]  # fmt: skip


@pytest.mark.parametrize(("f", "calls"), ACCEPTED)
def test_accepted_and_compiled(f: Any, calls: list[Any]) -> None:
    g = jit(f)
    for arguments in calls * 2:
        same(f, g, *arguments)
    assert g.source


def test_a_list_and_an_array_are_not_one_program() -> None:
    f = lambda x: ag.sum([WEIGHTS[0] * v for v in x + x])  # noqa: E731
    g = jit(f)
    for x in (X, np.array(X), X, tuple(X)):
        same(f, g, x)
    assert g(X).data == 6.0
    assert g(np.array(X)).data == 6.0
    h = jit(lambda x: WEIGHTS[0] * len(x + x))
    assert [h(x).data for x in (X, np.array(X), X)] == [3.0, 1.5, 3.0]


def test_keyword_arguments() -> None:
    def f(x: Any, /, scale: Any = 1.0, *, power: Any = 2, **rest: Any) -> Any:
        return ag.dot(WEIGHTS, x) ** power * scale + ag.sum([WEIGHTS[0], *rest.values()])

    g = jit(f)
    for named in ({}, {"scale": 3.0}, {"power": 3}, {"scale": 2.0, "power": 1}, {"other": 4.0}):
        for _ in range(2):
            same(f, g, X, **named)
    _, by_arguments, _ = g.value_and_grad(X, scale=3.0)
    assert by_arguments[1] == pytest.approx(ag.dot(WEIGHTS, X).data ** 2, rel=1e-12)


def test_an_iterator_is_read_once() -> None:
    g = jit(lambda xs: ag.dot(WEIGHTS, list(xs)))
    for _ in range(3):
        assert g(iter(X)).data == 3.5
        assert g(x + 1 for x in X).data == 4.5


@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: WEIGHTS[0] * x if y == 1 else WEIGHTS[1] * x,
        lambda x, y: WEIGHTS[0] * x if y != 1.0 else WEIGHTS[1] * x,
        lambda x, y: WEIGHTS[0] * x if y in (1, 3) else WEIGHTS[1] * x,
        lambda x, y: WEIGHTS[0] * x if 2 * y == x else WEIGHTS[1] * x,
        lambda x, y: WEIGHTS[[0.0, 1.0, 2.0].index(y) if y < 3 else 0] * x,
    ],
)
@pytest.mark.parametrize("kind", [float, int, np.float64])
def test_equality_of_numbers_is_guarded(f: Any, kind: Any, batch: bool) -> None:
    g = jit(f, batch=batch)
    for y in (0, 1, 2, 3, 1, 0):
        expected = f(2.0, kind(y)).data
        given = (np.array([2.0, 2.0]), np.array([kind(y)] * 2)) if batch else (2.0, kind(y))
        assert g(*given).data == expected


def test_equality_of_values_goes_by_identity() -> None:
    x, other = Value(1.0), Value(1.0)
    f = lambda v: WEIGHTS[0] * v if v == 1.0 or other == 1.0 else WEIGHTS[1] * v  # noqa: E731
    assert jit(f)(x).data == f(x).data == -1.5
    g = jit(lambda: WEIGHTS[0] if WEIGHTS[0] in WEIGHTS[1:] else WEIGHTS[1] * 1.0)
    assert g().data == -1.5
    assert (x == other, x == x, x != other, x == 1.0, {x: 3}[x]) == (False, True, True, False, 3)


@pytest.mark.parametrize("classes", [[0, 2, 1], np.array([2, 1, 0]), (0, 0, 2)])
def test_class_targets(classes: Any) -> None:
    model = nn.MLP(2, [4, 3], seed=1)
    xs = np.random.default_rng(0).normal(size=(3, 2))
    f = lambda xs, t: nn.cross_entropy([model(x) for x in xs], t)  # noqa: E731
    g = jit(f)
    for targets in (classes, [1, 1, 1], classes):
        got, expected = g(xs, targets), f(xs, targets)
        assert got.data == pytest.approx(expected.data, rel=1e-12)
        one, other = backprop(got), backprop(expected)
        assert [one[p] for p in model.parameters()] == pytest.approx(
            [other[p] for p in model.parameters()], rel=1e-11, abs=1e-14
        )
    assert "weight.T" in g.source


def test_places_that_differ_in_a_batch_run_eagerly_and_say_so() -> None:
    model = nn.MLP(2, [3], seed=1)
    xs, targets = np.random.default_rng(0).normal(size=(3, 2)), np.array([0, 2, 1])
    g = jit(lambda x, t: -nn.log_softmax(model(x))[t], batch=True)
    with pytest.warns(EagerWarning, match="with Values for its numbers it fails"):
        got = g(xs, targets)
    expected = nn.cross_entropy([model(x) for x in xs], targets.tolist())
    assert got.data == pytest.approx(expected.data, rel=1e-12)
    value, (by_xs, _), _ = g.value_and_grad(xs, targets)
    assert value == pytest.approx(expected.data, rel=1e-12)
    assert by_xs.shape == (3, 2)


REFUSED = [
    (lambda x: WEIGHTS[0] * round(x), [3.4, 1.2]),
    (lambda x: WEIGHTS[0] * float(x), [3.4, 1.2]),
    (lambda x: WEIGHTS[0] * int(x), [3.4, 1.2]),
    (lambda x: WEIGHTS[0] * (x % 2.0), [3.4, 1.2]),
    (lambda x: WEIGHTS[0] * {1.0: 5.0, 2.0: 7.0}[x], [1.0, 2.0]),
]


@pytest.mark.parametrize(("f", "points"), REFUSED)
def test_what_does_not_run_on_values_runs_eagerly(f: Any, points: list[float]) -> None:
    g = jit(f)
    with pytest.warns(EagerWarning, match="with Values for its numbers it fails") as warned:
        assert g(points[0]).data == f(points[0]).data
    assert warned[0].filename == __file__
    for x in points:
        assert g(x).data == f(x).data
    assert "runs eagerly" in g.explain()


def test_mistakes_are_raised_as_without_jit() -> None:
    g = jit(lambda x: nowhere * x)  # type: ignore[name-defined]  # noqa: F821
    with pytest.raises(NameError, match="nowhere"):
        g(1.0)
    with pytest.raises(TypeError, match="positional argument"):
        jit(lambda x: WEIGHTS[0] * x)(1.0, 2.0)
    with pytest.raises(ag.ArgumentError, match="one length"):
        jit(lambda x: ag.dot(WEIGHTS, x))([1.0, 2.0])


def test_too_many_constants_run_eagerly() -> None:
    g = jit(lambda x, n: WEIGHTS[0] * x * n)
    with pytest.warns(EagerWarning, match="traced anew 32 times in a row"):
        values = [g(2.0, n).data for n in range(100)]
    assert values == [float(n) for n in range(100)]
    h = jit(lambda x, n: WEIGHTS[0] * x * n)
    assert [h(2.0, float(n)).data for n in range(100)] == values


def test_results_that_are_not_all_values() -> None:
    """The accuracy of micrograd's demo: a number that would be frozen."""

    def f(x: Any) -> Any:
        scores = units(x)
        return ag.sum(scores), sum((s.data > 0) for s in scores) / 3

    g = jit(f)
    with pytest.warns(EagerWarning, match="which is no Value"):
        g(X)
    for x in (X, [-v for v in X]):
        loss, accuracy = g(x)
        assert (loss.data, accuracy.data) == (f(x)[0].data, f(x)[1])
    with pytest.warns(EagerWarning, match="which is no Value"):
        assert jit(lambda x: (WEIGHTS[0] * x, None, "text"))(2.0)[1:] == (None, "text")


def test_several_results_of_a_batch_need_reduce_none() -> None:
    f = jit(lambda x: units(x), batch=True)
    with pytest.raises(ag.ArgumentError, match="reduce=None"):
        f(np.ones((2, 3)))
    rows = jit(lambda x: units(x), batch=True, reduce=None)(np.ones((2, 3)))
    assert [[v.data for v in row] for row in rows] == [[0.5, -1.5, 2.0]] * 2


def test_no_program_is_needed_twice() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        g = jit(picked)
        for _ in range(50):
            for i in (0, 1, 2):
                g(X, i)


def test_a_batch_in_a_dict() -> None:
    f = jit(lambda d, k: WEIGHTS[0] * d["x"] * d["n"]["y"] * k, batch=(True, False), reduce="sum")
    batch = {"x": np.array([1.0, 2.0, 3.0]), "n": {"y": [1, 2, 3]}}
    for _ in range(2):
        assert f(batch, 2.0).data == pytest.approx(14.0, rel=1e-12)
    assert f.value_and_grad(batch, 2.0)[1][0]["x"].tolist() == [1.0, 2.0, 3.0]


def test_what_is_no_function_or_reduction_is_refused_at_once() -> None:
    with pytest.raises(ag.ArgumentTypeError, match="needs a function, but got 3"):
        jit(3)  # type: ignore[arg-type]
    with pytest.raises(ag.ArgumentError, match="'max'"):
        jit(lambda x: x, reduce="max")
    f = jit(picked)
    with pytest.raises(ag.AutogradError, match="not called yet"):
        _ = f.source
    assert repr(f) == "<jit of picked>"


def test_marks_of_a_batch_that_are_none_are_refused() -> None:
    with pytest.raises(ag.ArgumentError, match="batch is True, or True or False for each argument"):
        jit(lambda x: x, batch=3)


def test_an_error_of_f_is_its_own() -> None:
    def f(x):
        return [x][1]

    with pytest.raises(IndexError) as caught:
        jit(f)(1.0)
    assert caught.value.__context__ is None
