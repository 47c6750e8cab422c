"""Comparisons of arguments alone, such as the losses' checks of targets: every replay makes them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Value
from autograd.compiler import jit

WEIGHTS = [[Value(0.3 * i - 0.2 * j + 0.1) for i in range(3)] for j in range(3)]
X = np.linspace(-1.0, 1.0, 12).reshape(4, 3)


def outputs(xs: Any) -> list[Any]:
    return [[ag.dot(w, x) for w in WEIGHTS] for x in xs]


def probabilities(xs: Any) -> list[Any]:
    return [ag.sigmoid(row[0]) for row in outputs(xs)]


def firsts(xs: Any) -> list[Any]:
    return [row[0] for row in outputs(xs)]


ROWS = np.eye(3)[[0, 2, 1, 1]]
SIGNS = np.array([1.0, -1.0, -1.0, 1.0])
SHARES = np.array([0.0, 1.0, 0.25, 1.0])
BINARY = (SHARES, 1.0 - SHARES)
LOSSES: dict[str, Any] = {
    "hinge": (lambda x, y: nn.hinge_loss(firsts(x), y), (SIGNS, -SIGNS), 0.5 * SIGNS),
    "binary": (lambda x, y: nn.binary_cross_entropy(probabilities(x), y), BINARY, SHARES + 0.5),
    "logits": (
        lambda x, y: nn.binary_cross_entropy_with_logits(firsts(x), y), BINARY, SHARES - 0.5,
    ),
    "classes": (lambda x, y: nn.cross_entropy(outputs(x), y), (ROWS, ROWS[::-1].copy()), -ROWS),
    "sum": (lambda x, y: nn.cross_entropy(outputs(x), y), (ROWS, 0.5 * ROWS + 0.5 / 3), 2 * ROWS),
    "nll": (lambda x, y: nn.nll_loss(outputs(x), y), (ROWS, ROWS[::-1].copy()), 0.9 * ROWS),
    "variances": (
        lambda x, y: nn.gaussian_nll_loss(firsts(x), SHARES, y), (SHARES, SHARES + 1.0), -SHARES,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("loss", "good", "bad"), LOSSES.values(), ids=LOSSES.keys())
def test_wrong_targets_are_refused_at_any_call(loss: Any, good: Any, bad: Any) -> None:
    f = jit(loss)
    for targets in (*good, *good, bad, *good, bad):
        if targets is bad:
            with pytest.raises(ag.AutogradError) as found:
                f(X, targets)
            with pytest.raises(type(found.value)) as expected:
                loss(X, targets)
            assert str(found.value) == str(expected.value)
            with pytest.raises(type(found.value)):
                f.value_and_grad(X, targets)
        else:
            result = f(X, targets)
            assert result.op == "jit"
            assert result.data == pytest.approx(loss(X, targets).data, rel=1e-12)


@pytest.mark.parametrize(("loss", "good", "bad"), LOSSES.values(), ids=LOSSES.keys())
def test_good_targets_make_one_program(loss: Any, good: Any, bad: Any) -> None:
    """Whatever they are: the comparisons come out alike."""
    runs = []

    def counted(x: Any, y: Any) -> Any:
        runs.append(None)
        return loss(x, y)

    f = jit(counted)
    for targets in good * 3:
        f(X, targets)
    assert len(runs) <= 4


@pytest.mark.parametrize("place", range(4))
def test_one_wrong_target_in_a_batch(place: int) -> None:
    f = jit(lambda x, y: nn.hinge_loss([ag.dot(WEIGHTS[0], x)], [y]), batch=True)
    for _ in range(3):
        assert f(X, SIGNS).op == "jit"
        wrong = SIGNS.copy()
        wrong[place] = 0.5
        for door in (f, f.value_and_grad):
            with pytest.raises(ag.ArgumentError, match="hinge_loss needs targets"):
                door(X, wrong)


def test_the_checks_are_no_part_of_the_source() -> None:
    f = jit(lambda x, y: nn.cross_entropy(outputs(x), y))
    f(X, ROWS)
    assert "sum_exp - dot" in f.source
    assert f.source.count("y") < 20
    assert "return loss, (" in f.source
    assert "_y" not in f.source


def test_a_comparison_of_arguments_chooses_the_program() -> None:
    f = jit(lambda x, y: ag.dot(WEIGHTS[0], x) if x[0] + x[1] > y else ag.dot(WEIGHTS[1], x) ** 2)
    for y in (-1.0, 3.0, -1.0, 0.0, 9.0, float("nan")):
        for x in (X[3], X[0], Value(1.0) * X[3]):
            expected = WEIGHTS[0] if x[0] + x[1] > y else WEIGHTS[1]
            assert f(x, y).data == pytest.approx(
                ag.dot(expected, x).data ** (1 if expected is WEIGHTS[0] else 2), rel=1e-12
            )


def test_in_a_replay_of_the_graph_around_it() -> None:
    f = jit(lambda x: ag.dot(WEIGHTS[0], x) if x[0] > 0.0 else ag.dot(WEIGHTS[1], x))
    xs = [Value(1.0), Value(2.0), Value(3.0)]
    result = f(xs)
    graph = ag.trace(result)
    assert graph.forward({xs[0]: 2.0})[result] == pytest.approx(f([2.0, 2.0, 3.0]).data)
    with pytest.raises(ag.AutogradError, match="comes out otherwise"):
        graph.forward({xs[0]: -1.0})


def test_training_refuses_wrong_targets_as_before() -> None:
    model = nn.MLP(3, [1], seed=0)
    sgd = nn.SGD(model.parameters(), lr=0.1)
    good = [list(map(float, row)) for row in X], [1.0, -1.0, -1.0, 1.0]
    options: dict[str, Any] = {
        "loss": nn.hinge_loss, "optimizer": sgd, "epochs": 2, "progress": False, "jit": True,
    }  # fmt: skip
    assert len(nn.fit(model, good, **options).loss) == 2
    with pytest.raises(ag.ArgumentError, match="target"):
        nn.fit(model, (good[0], [1.0, -1.0, 0.5, 1.0]), **options)
