"""Class numbers as arguments of a compiled function: one program for all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import EagerWarning, Value, backprop, jit

MODEL = nn.MLP(4, [5, 3], seed=0)
rng = np.random.default_rng(1)
X = rng.normal(size=(6, 4))
LABELS = [[0, 1, 2, 2, 1, 0], [1, 1, 1, 0, 0, 2], [2, 0, 2, 0, 1, 1], [0, 0, 0, 0, 0, 0]]
KINDS: dict[str, Callable[[list[int]], Any]] = {
    "list": list,
    "tuple": tuple,
    "array": np.array,
    "small": lambda t: np.array(t, dtype=np.uint8),
    "floats": lambda t: np.array(t, dtype=float),
    "list of floats": lambda t: list(map(float, t)),
}
LOSSES: dict[str, Callable[..., Any]] = {
    "cross_entropy": nn.cross_entropy,
    "nll_loss": lambda z, t, **how: nn.nll_loss([nn.log_softmax(x) for x in z], t, **how),
    "negative_log_likelihood": lambda z, t, **how: nn.negative_log_likelihood(
        [nn.softmax(x) for x in z], t, **how
    ),
}


def losses_of(loss: Callable[..., Any], runs: list[None]) -> Callable[[Any, Any], Any]:
    def f(xs: Any, ts: Any) -> Any:
        runs.append(None)
        return loss([MODEL(x) for x in xs], ts)

    return f


def check(f: Any, g: Any, *arguments: Any) -> None:
    """Value and gradients are those of eager mode."""
    found, expected = g(*arguments), f(*arguments)
    assert found.op == "jit"
    assert found.data == pytest.approx(expected.data, rel=1e-12)
    by_node, table = backprop(found), backprop(expected)
    for w in MODEL.parameters():
        assert by_node[w] == pytest.approx(table[w], rel=1e-11, abs=1e-15)
    value, (by_x, _), _ = g.value_and_grad(*arguments)
    assert value == pytest.approx(expected.data, rel=1e-12)
    given = [[Value(x) for x in row] for row in arguments[0]]
    table = backprop(f(given, arguments[1]))
    rows = [[table[x] for x in row] for row in given]
    np.testing.assert_allclose(by_x, rows, rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES.keys())
def test_one_program_for_all_classes(loss: Any, kind: Any) -> None:
    runs: list[None] = []
    g = jit(losses_of(loss, runs))
    for labels in LABELS * 3:
        check(losses_of(loss, []), g, X, kind(labels))
    assert len(runs) <= 4


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES.keys())
def test_of_one_sample(loss: Any, kind: Any) -> None:
    runs: list[None] = []

    def one(x: Any, t: Any) -> Any:
        runs.append(None)
        return loss([MODEL(x)], [t])

    g = jit(one, batch=True)
    for labels in LABELS * 3:
        check(losses_of(loss, []), g, X, kind(labels))
    assert len(runs) <= 6


def test_sums_and_lists_of_losses() -> None:
    total = jit(lambda xs, ts: nn.cross_entropy([MODEL(x) for x in xs], ts, "sum"))
    each = jit(lambda xs, ts: nn.cross_entropy([MODEL(x) for x in xs], ts, "none"))
    for labels in LABELS:
        expected = nn.cross_entropy([MODEL(x) for x in X], labels, "none")
        assert total(X, labels).data == pytest.approx(sum(x.data for x in expected))
        assert [x.data for x in each(X, labels)] == pytest.approx([x.data for x in expected])


def test_a_row_of_logits_and_a_class() -> None:
    g = jit(lambda x, t: nn.cross_entropy(MODEL(x), t), batch=True)
    for labels in LABELS:
        check(losses_of(nn.cross_entropy, []), g, X, labels)


WRONG: dict[str, Any] = {
    "too large": 3,
    "negative": -1,
    "not whole": 1.5,
    "nan": float("nan"),
    "infinite": float("inf"),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES.keys())
def test_wrong_classes_are_refused_at_any_call(
    loss: Any, batch: bool, first: bool, wrong: Any
) -> None:
    f = (lambda x, t: loss([MODEL(x)], [t])) if batch else losses_of(loss, [])
    g = jit(f, batch=batch)
    good = np.array(LABELS[0]).astype(type(wrong))
    bad = good.copy()
    bad[3] = wrong
    for labels in [bad, good, good, bad, good] if first else [good, good, bad, good, bad]:
        for door in (g, g.value_and_grad):
            if labels is good:
                assert door(X, labels)
                assert g(X, labels).op == "jit"
                continue
            with pytest.raises(ag.ArgumentError) as found:
                door(X, labels)
            with pytest.raises(ag.ArgumentError) as expected:
                f(X[3], bad[3]) if batch else f(X, bad)
            assert str(found.value) == str(expected.value)


def test_values_are_no_classes() -> None:
    f = losses_of(nn.cross_entropy, [])
    for function in (f, jit(f)):
        with pytest.raises(ag.ArgumentError, match="is a class from 0 to 2, not Value"):
            function(X, [Value(float(t)) for t in LABELS[0]])


def test_the_source_compares_with_the_classes() -> None:
    g = jit(losses_of(nn.cross_entropy, []))
    g(X, np.array(LABELS[0]))
    (row,) = [name for name, c in g.constants.items() if c.tolist() == [0.0, 1.0, 2.0]]
    assert f"equal = np.where(ts[:, None] == {row}, 1.0, 0.0)\n" in g.source
    assert " - equal) / 6.0\n" in g.source
    assert g.source.count("ts") == 2
    assert sum(node.op == "equal" for node in g.graph.nodes) == 18


def test_classes_that_are_places_run_eagerly_in_the_end() -> None:
    """And what to do about it is said."""
    g = jit(lambda xs, ts: ag.sum([MODEL(x)[t] for x, t in zip(xs, ts, strict=True)]))
    labels = [[i // 9, i // 3 % 3, i % 3, 0, 0, 0] for i in range(27)]
    labels += [[0, 0, 0, 1, 1, i] for i in range(3)] + [[0, 0, 0, 2, 2, i] for i in range(3)]
    with pytest.warns(EagerWarning, match="32 times in a row.*one_hot"):
        results = [g(X, t) for t in labels]
    expected = [sum(MODEL(x)[k].data for x, k in zip(X, t, strict=True)) for t in labels]
    assert [r.data for r in results] == pytest.approx(expected)


def test_a_class_that_nobody_has_may_be_impossible() -> None:
    """Where a probability is 0, its logarithm does not count."""
    g = jit(lambda ps, ts: nn.negative_log_likelihood([[MODEL(X[0])[0] ** 2, *p] for p in ps], ts))
    for labels in LABELS[:3]:
        labels = [1 + t % 2 for t in labels]
        ps = np.array([[0.5, 0.5]] * 6)
        assert g(ps, labels).data == pytest.approx(np.log(2.0))
    ps[2:4, 0] = 0.0
    labels[2:4] = 2, 2
    assert g(ps, labels).op == "jit"
    assert g(ps, labels).data == pytest.approx(np.log(2.0))
