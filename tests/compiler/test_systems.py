"""Every system of the course that is a function: compiled, it gives the numbers of eager mode."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Value, backprop, trace
from autograd.compiler import jit

rng = np.random.default_rng(3)
N = 5
V = [Value(x, f"v{i}") for i, x in enumerate([0.02, 0.01, 0.3, -0.4, 0.9, 1.3])]
X3, X2 = rng.normal(size=(N, 3)), rng.normal(size=(N, 2))
ROWS = nn.one_hot([0, 2, 1, 1, 0], 3)
SIGNS, BITS = [1.0, -1.0, 1.0, 1.0, -1.0], [1.0, 0.0, 1.0, 1.0, 0.0]
IMAGES = rng.normal(size=(N, 1, 8, 8))


def models(f: Callable[[Any], Any], *layers: Any) -> Callable[..., Any]:
    """A function of all samples: the mean of f over what the layers give for each."""
    model = nn.Sequential(*layers)
    return lambda xs, *ts: (
        ag.sum([f(model(x), *t) for x, *t in zip(xs, *ts, strict=True)]) / len(xs)
    )


def layer(*sizes: int, activation: str = "linear") -> nn.Layer:
    return nn.Layer(*sizes, activation=activation, seed=sum(sizes))


def mixture(out: Any, t: Any) -> Any:
    """−log Σ πₖ N(t; μₖ, σₖ), for two parts."""
    logits, means, scales = out[:2], out[2:4], [ag.softplus(s) for s in out[4:6]]
    parts = [
        p - ag.logsumexp(logits) - ag.log(s) - 0.5 * ((t - m) / s) ** 2
        for p, m, s in zip(logits, means, scales, strict=True)
    ]
    return -ag.logsumexp(parts)


def xor_by_hand(x: Any) -> Any:
    h = [ag.relu(V[2] * x[0] + V[3] * x[1] + V[4]), ag.relu(V[2] * x[0] - V[3] * x[1] + V[5])]
    return V[0] * h[0] - V[1] * h[1]


CELL, OUT = nn.RNNCell(1, 3, seed=1), nn.Neuron(3, seed=2)


def elman(sequence: Any) -> Any:
    return OUT(CELL.unrolled([[x] for x in sequence])[-1])


def adversarial(noise: Any) -> Any:
    fake = GENERATOR(noise)
    return nn.binary_cross_entropy_with_logits(DISCRIMINATOR([fake]), 1.0)


GENERATOR, DISCRIMINATOR = nn.MLP(2, [4, 1], seed=1), nn.MLP(1, [4, 1], seed=2)

SYSTEMS: dict[str, tuple[Any, ...]] = {
    "A4 (a + b)(b + 1)": (lambda a, b: (a + b) * (b + 1), 2.0, 1.0),
    "A5 one sigmoid unit": (lambda x, y: 0.5 * (y - ag.sigmoid(V[0] * x[0] ** 3 + V[1] * x[1])) ** 2, [3.0, 5.0], 0.0),
    "A8 two weights": (lambda x: ag.tanh(V[1] * ag.sigmoid(V[0] * x)), 2.0),
    "A11 f(f(f(w)))": (lambda x: ag.exp(ag.sin(ag.exp(ag.sin(ag.exp(ag.sin(V[2] * x)))))), 0.4),
    "A12 weight decay": (lambda xs: ag.sum([ag.sigmoid(ag.dot(V[:3], x, V[3])) for x in xs]) + 0.1 * ag.sum([v * v for v in V]), X3),
    "B1 linear": (lambda x: ag.dot(V[:3], x, V[3]), X3[0]),
    "B2 threshold": (lambda x: ag.step(ag.dot(V[:3], x, V[3])) + V[4], X3[0]),
    "B3 logistic": (models(nn.binary_cross_entropy_with_logits, nn.Neuron(3, seed=1)), X3, BITS),
    "B6 degree two": (lambda xs: ag.sum([ag.dot(V[:5], [x[0], x[1], x[0] * x[0], x[0] * x[1], x[1] * x[1]], V[5]) ** 2 for x in xs]), X2),
    "C1 linear, squared error": (models(nn.mse_loss, nn.Neuron(2, seed=1)), X2, BITS),
    "C2 xor by hand": (lambda xs: ag.sum([xor_by_hand(x) ** 2 for x in xs]), X2),
    "C5 four, four, one": (models(nn.mse_loss, nn.MLP(3, [4, 4, 1], seed=1)), X3, BITS),
    "C6 softmax layer": (models(lambda z, t: nn.negative_log_likelihood(nn.softmax(z), t), layer(3, 3)), X3, ROWS),
    "C7 a curve": (models(nn.mse_loss, nn.MLP(1, [8, 8, 1], activation="tanh", seed=1)), X3[:, :1], X3[:, 2]),
    "C10 labels": (models(lambda z, t: nn.binary_cross_entropy_with_logits(z, t), layer(3, 3)), X3, ROWS),
    "C12 recurrent": (lambda xs, ts: ag.sum([nn.mse_loss(elman(x), t) for x, t in zip(xs, ts, strict=True)]), X3, BITS),
    "C13 adversarial": (lambda zs: ag.sum([adversarial(z) for z in zs]), X2),
    **{f"D {name}": (models(lambda z: ag.sum(z), layer(3, 4, activation=name), layer(4, 2)), X3)
       for name in ("linear", "relu", "tanh", "sigmoid", "softplus", "leaky_relu")},
    "D maxout": (models(lambda z: ag.sum(z), nn.Maxout(3, 2, 3, seed=1)), X3),
    "D clip": (lambda xs: ag.sum([ag.clip(ag.dot(V[:3], x, V[3]), 0.0, 1.0) for x in xs]), X3),
    "D log-softmax": (models(lambda z, t: nn.nll_loss(nn.log_softmax(z), t), layer(3, 3)), X3, ROWS),
    "D large": (lambda xs: ag.sum([ag.softplus(1000.0 * x) + ag.sigmoid(1000.0 * x) * V[0] + ag.tanh(1000.0 * x) * V[1] for x in xs]), X3[:, 0]),
    "E quadratic cost": (lambda xs, ts: nn.quadratic_cost([[V[0] * v for v in x] for x in xs], ts), X2, X2[::-1]),
    "E absolute error": (models(nn.l1_loss, nn.Neuron(3, seed=1)), X3, BITS),
    "E hinge": (models(nn.hinge_loss, nn.MLP(3, [4, 1], seed=1)), X3, SIGNS),
    "E from probabilities": (models(lambda z, t: nn.binary_cross_entropy(ag.sigmoid(z), t), nn.Neuron(3, seed=1)), X3, [0.2, 0.9, 0.5, 0.1, 0.4]),
    "E cross-entropy": (models(nn.cross_entropy, nn.MLP(3, [4, 3], seed=1)), X3, ROWS),
    "E Gaussian": (models(lambda z, t: 0.5 * ((t - z[0]) / ag.softplus(z[1])) ** 2 + ag.log(ag.softplus(z[1])), layer(3, 2)), X3, BITS),
    "E mixture": (models(mixture, layer(3, 6)), X3, BITS),
    "F penalties": (lambda x: nn.l1_penalty(V, 0.1) + nn.l2_penalty(V, 0.2) + V[0] * x, 1.0),
    "F layer norm": (models(lambda z: ag.sum([v * v for v in z]), layer(3, 4, activation="tanh"), nn.LayerNorm(4)), X3),
    "G2 locally connected": (models(lambda z: ag.sum([v * v for row in z for c in row for v in c]), nn.LocallyConnected2d(1, 2, 3, (8, 8), stride=5, seed=1)), IMAGES),
    "G3 one dimension": (models(lambda z: ag.sum([ag.tanh(v) for row in z for v in row]), nn.Conv1d(1, 2, 3, stride=2, padding=1, seed=1)), IMAGES[:, :, 0, :7]),
    **{f"G4 {pool.__name__}": (models(nn.cross_entropy, pool(2), nn.Flatten(), layer(16, 3)), IMAGES, ROWS)
       for pool in (nn.MaxPool2d, nn.AvgPool2d, nn.L2Pool2d)},
    "G7 conv net": (models(nn.cross_entropy, nn.Conv2d(1, 3, 3, seed=1), nn.MaxPool2d(2), nn.Flatten(), layer(27, 3)), IMAGES, ROWS),
}  # fmt: skip


def values(x: Any) -> Any:
    return [values(item) for item in x] if isinstance(x, (list, np.ndarray)) else Value(x)


def flat(x: Any) -> list[Value]:
    return [v for item in x for v in flat(item)] if isinstance(x, list) else [x]


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_system(name: str) -> None:
    f, *arguments = SYSTEMS[name]
    g = jit(f)
    given = values(arguments[0])
    rest = arguments[1:]
    for _ in range(3):
        got, expected = g(given, *rest), f(given, *rest)
        assert got.data == pytest.approx(expected.data, rel=1e-12)
        one, other = backprop(got), backprop(expected)
        variables = [v for v in trace(expected).inputs if v in one]
        assert {*flat(given)} & {*variables}
        assert [one[v] for v in variables] == pytest.approx(
            [other[v] for v in variables], rel=1e-12, abs=1e-14
        )
    value, by_arguments, _ = jit(f).value_and_grad(arguments[0], *rest)
    assert value == pytest.approx(expected.data, rel=1e-12)
    found = np.ravel(np.asarray(by_arguments[0]))
    table = [other.get(v, 0.0) for v in flat(given)]
    np.testing.assert_allclose(found, table, rtol=1e-11, atol=1e-13)
