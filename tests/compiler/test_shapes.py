"""Programs whose arrays have awkward shapes: a batch of one, sums over windows."""

from __future__ import annotations

import pytest

import autograd as ag
import nn
from autograd import Value, backprop, dot
from autograd.compiler import jit


@pytest.fixture
def weights() -> list[Value]:
    return [Value(0.1 * i + 0.3) for i in range(12)]


def _agrees(f, weights, x) -> None:
    eager, compiled = f(x), jit(f)(x)
    assert compiled.data == pytest.approx(eager.data, rel=1e-12)
    expected, found = backprop(eager), backprop(compiled)
    for w in weights:
        assert found.get(w, 0.0) == pytest.approx(expected.get(w, 0.0), rel=1e-12)


def _squares(weights, X):
    squares = [x * x for x in X[0]]
    return ag.sum([dot(weights[3 * i : 3 * i + 3], squares) for i in range(3)])


def _centred(weights, X):
    mean = ag.sum(X[0]) / 3
    return ag.sum([dot(weights[3 * i : 3 * i + 3], [x - mean for x in X[0]]) ** 2 for i in (0, 1)])


def _squares_beside_themselves(weights, X):
    squares = [x**2 for x in X[0]]
    return ag.sum(
        [dot(weights[3 * i :], [*X[0], *[0.0] * (9 - 3 * i)]) + squares[i] for i in range(3)]
    )


@pytest.mark.parametrize("f", [_squares, _centred, _squares_beside_themselves])
def test_a_batch_of_one_is_compiled(f, weights: list[Value]) -> None:
    _agrees(lambda X: f(weights, X), weights, [[1.0, 2.0, 3.5]])


@pytest.mark.parametrize("last", [nn.Softmax(), nn.LayerNorm(3), nn.Tanh()], ids=repr)
def test_a_network_on_a_batch_of_one_is_compiled(last: nn.Module) -> None:
    model = nn.Sequential(nn.LayerNorm(4), nn.Layer(4, 3, seed=0), last)
    _agrees(
        lambda X: nn.mse_loss([model(x) for x in X], [[0.1, 0.2, 0.3]]),
        model.parameters(),
        [[1.0, 2.0, 0.5, -1.0]],
    )


def _convolved(kernel, channels):
    return ag.sum([
        sum(kernel[2 * q + p] * channels[p][j + q] for p in range(2) for q in range(2))
        for j in range(2)
    ])  # fmt: skip


def test_windows_are_named_before_any_block_uses_them(weights: list[Value]) -> None:
    def centred(X):
        means = [ag.sum(column) / 3 for column in zip(*X, strict=True)]
        rows = [[x - m for x, m in zip(row, means, strict=True)] for row in X]
        return _convolved(weights, list(zip(*rows, strict=True)))

    def bent(X):
        return _convolved(weights, [[ag.tanh(row[p]) for row in X] for p in range(2)])

    for f in (centred, bent):
        _agrees(f, weights[:4], [[1.0, 2.5], [3.0, 4.0], [5.5, 7.0]])
