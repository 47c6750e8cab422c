"""Random networks: whatever their shape, the replay gives the eager numbers."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

import autograd as ag
from autograd import Value, backprop
from autograd.compiler import jit

ACTIVATIONS = [
    *[ag.relu, ag.tanh, ag.sigmoid, ag.softplus, ag.leaky_relu, ag.sin],
    *[lambda z: z * z, lambda z: 1 / (1 + ag.exp(-z))],
]


class Network:
    """A random feed-forward network, written in one of several ways."""

    def __init__(self, seed: int) -> None:
        r = self.random = random.Random(seed)
        self.widths = [r.randint(1, 5) for _ in range(r.randint(2, 4))]
        self.activation = r.choice(ACTIVATIONS)
        self.style = r.choice(["dot", "products", "dot without bias"])
        self.skip, self.shared = r.random() < 0.3, r.random() < 0.3
        self.loss = r.choice(["squares", "softmax", "hinge", "largest"])
        self.decay = r.choice([None, "squares", "absolute"])
        self.layers = []
        for n, m in zip(self.widths, self.widths[1:], strict=False):
            weights = [[Value(r.gauss(0, 1)) for _ in range(n)] for _ in range(m)]
            self.layers.append((weights, [Value(r.gauss(0, 1)) for _ in range(m)]))
        self.unused = Value(3.0)

    def parameters(self) -> list[Value]:
        return [p for w, b in self.layers for row in [*w, b] for p in row]

    def unit(self, w: list, x: list, b: Value) -> Value:
        if self.style == "products":
            return sum((wi * xi for wi, xi in zip(w, x, strict=True)), b)
        if self.style == "dot":
            return ag.dot(w, x, b)
        return ag.dot(w, x) + b

    def __call__(self, x: list) -> list:
        for depth, (weights, biases) in enumerate(self.layers):
            z = [self.unit(w, x, b) for w, b in zip(weights, biases, strict=True)]
            h = [self.activation(v) for v in z] if depth < len(self.layers) - 1 else z
            if self.skip and len(h) == len(x):
                h = [a + b for a, b in zip(h, x, strict=True)]
            x = h
        if self.shared:
            x = [v * self.layers[0][1][0] for v in x]
        return x

    def one_loss(self, x: list, target: list) -> Value:
        out = self(x)
        if self.loss == "squares":
            return ag.sum([(o - t) ** 2 for o, t in zip(out, target, strict=True)])
        if self.loss == "softmax":
            return ag.logsumexp(out) - ag.dot(out, target)
        if self.loss == "largest":
            return ag.max([o - t for o, t in zip(out, target, strict=True)])
        return ag.sum([ag.relu(1 - o * t) for o, t in zip(out, target, strict=True)])

    def total(self, samples: list, targets: list) -> Value:
        losses = [self.one_loss(x, t) for x, t in zip(samples, targets, strict=True)]
        total = sum(losses) * (1.0 / len(losses))
        if self.decay == "squares":
            total = total + 1e-2 * sum(p * p for p in self.parameters())
        if self.decay == "absolute":
            total = total + ag.sum([ag.abs(p) for p in self.parameters()]) / 10.0
        return total


def close(a: float, b: float) -> bool:
    return abs(a - b) <= 1e-12 * max(1.0, abs(a), abs(b))


def data(network: Network, n: int, seed: int) -> tuple:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, network.widths[0])), rng.normal(size=(n, network.widths[-1]))


def same(got: Value, expected: Value, variables: list[Value]) -> None:
    assert close(got.data, expected.data)
    a, b = backprop(got), backprop(expected)
    for p in variables:
        assert close(a.get(p, 0.0), b.get(p, 0.0))


@pytest.mark.parametrize("seed", range(40))
def test_a_network_on_a_whole_batch(seed: int) -> None:
    network = Network(seed)
    f = jit(network.total)
    for n in (7, 7, 1):
        samples, targets = data(network, n, seed + n)
        same(f(samples, targets), network.total(samples, targets), network.parameters())


@pytest.mark.parametrize("seed", range(20))
def test_a_network_with_its_data_as_constants(seed: int) -> None:
    network = Network(seed)
    samples, targets = data(network, 5, seed)
    rows, columns = samples.tolist(), targets.tolist()
    same(
        jit(lambda: network.total(rows, columns))(),
        network.total(rows, columns),
        network.parameters(),
    )


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("reduce", ["mean", "sum"])
def test_one_sample_mapped_over_a_batch(seed: int, reduce: str) -> None:
    network = Network(seed)
    f = jit(network.one_loss, batch=True, reduce=reduce)
    for n in (6, 3, 1):
        samples, targets = data(network, n, seed + n)
        expected = ag.sum(
            [network.one_loss(list(x), list(t)) for x, t in zip(samples, targets, strict=True)]
        )
        same(
            f(samples, targets),
            expected / n if reduce == "mean" else expected,
            network.parameters(),
        )


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("batch", [False, True])
def test_gradients_by_arguments(seed: int, batch: bool) -> None:
    network = Network(seed)
    network.decay = None
    f = jit(network.one_loss, batch=True) if batch else jit(network.total)
    samples, targets = data(network, 4, seed)
    value, by_arguments, by_parameters = f.value_and_grad(samples, targets)
    x, t = [[[Value(v) for v in row] for row in a] for a in (samples, targets)]
    expected = network.total(x, t)
    table = backprop(expected)
    assert close(value, expected.data)
    for own, values in zip(by_arguments, (x, t), strict=True):
        np.testing.assert_allclose(
            own, [[table.get(v, 0.0) for v in row] for row in values], rtol=1e-11, atol=1e-13
        )
    assert {k: a.shape for k, a in by_parameters.items()} == {
        k: a.shape for k, a in f.parameters.items()
    }


@pytest.mark.parametrize("seed", range(12))
def test_random_expressions(seed: int) -> None:
    """Scalar graphs with reuse, in which there is nothing to group, or something by chance."""
    r = random.Random(seed)
    leaves = [Value(r.uniform(0.5, 1.5)) for _ in range(6)]
    unary = [
        ag.sin,
        ag.tanh,
        ag.sigmoid,
        ag.abs,
        lambda a: a**2,
        lambda a: a**0.5,
        lambda a: -a,
        ag.relu,
    ]
    many = [ag.sum, ag.logsumexp, ag.max, ag.min, ag.prod]
    plan = [(r.random(), r.random(), r.random(), r.random()) for _ in range(r.choice([20, 300]))]

    def f(x: list) -> Value:
        values = [*leaves, *x]
        for kind, i, j, k in plan:
            a, b = values[int(i * len(values))], values[int(j * len(values))]
            if kind < 0.4:
                values.append(ag.sin(unary[int(k * len(unary))](ag.abs(a) + 0.25)))
            elif kind < 0.8:
                new = [a + b * 0.5, a - b, a * b, a / (2.0 + b * b), a + 3.0, 2.0 - b][int(k * 6)]
                values.append(new if k < 0.3 else ag.tanh(new))
            else:
                values.append(ag.tanh(many[int(k * 5)](values[-4:])))
        return ag.sum(values[-9:]) + sum(v * v for v in values[-3:])

    g = jit(f)
    for _ in range(2):
        point = [Value(r.uniform(-1, 1)) for _ in range(3)]
        same(g(point), f(point), [*leaves, *point])


class Wired:
    """A network with one bias for all units, skipped layers, constants mixed in, and outputs that
    some of its parameters do nothing for."""

    def __init__(self, seed: int) -> None:
        r = random.Random(seed)
        self.widths = [r.randint(1, 6) for _ in range(r.randint(2, 5))]
        self.layers = [
            [[Value(r.gauss(0, 1)) for _ in range(n)] for _ in range(m)]
            for n, m in itertools.pairwise(self.widths)
        ]
        self.bias, self.unused = Value(0.7), Value(1.0)
        self.activation = r.choice([*ACTIVATIONS, ag.abs, lambda z: ag.maximum(z, 0.1), lambda z: ag.clip(z, -1.0, 1.0)])  # fmt: skip
        self.tied, self.skips, self.mixed, self.cut = [r.random() < 0.5 for _ in range(4)]

    def parameters(self) -> list[Value]:
        return [p for rows in self.layers for row in rows for p in row] + [self.bias, self.unused]

    def one(self, x: list, target: float) -> Value:
        states = [list(x)]
        for rows in self.layers:
            h = [
                self.activation(ag.dot(w, states[-1], self.bias if self.tied else None))
                for w in rows
            ]
            if self.skips and len(states) > 1 and len(states[-2]) == len(h):
                h = [a + b for a, b in zip(h, states[-2], strict=True)]
            if self.mixed:
                h[-1] = h[-1] * 0.3 - 1.25
            states.append([*h, 0.5] if self.mixed and rows is not self.layers[-1] else h)
            if self.mixed and rows is not self.layers[-1]:
                states[-1].pop(0)
        out = states[-1][:1] if self.cut else states[-1]
        return ag.logsumexp([*out, target]) + 1e-3 * ag.sum([p * p for p in self.parameters()[:-2]])


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("batch", [False, True])
def test_networks_wired_at_random(seed: int, batch: bool) -> None:
    network = Wired(seed)

    def total(xs, ts):
        return ag.sum([network.one(x, t) for x, t in zip(xs, ts, strict=True)]) / len(xs)

    f = jit(network.one, batch=True) if batch else jit(total)
    rng = np.random.default_rng(seed)
    for _ in range(2):
        xs, ts = rng.normal(size=(4, network.widths[0])), rng.normal(size=4)
        same(f(xs, ts), total(xs, ts), network.parameters())
