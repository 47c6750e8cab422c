"""jit: softmax cross-entropy on dense networks, forward and backward."""

from __future__ import annotations

import itertools
import random

import casadi
import measure
import numpy as np
import torch

import autograd as ag
from autograd import Value, jit


def network(widths: list[int], seed: int = 0):
    r = random.Random(seed)
    return [
        (
            [[Value(r.gauss(0, n**-0.5), f"w{i}") for i in range(n)] for _ in range(m)],
            [Value(0.0, "b") for _ in range(m)],
        )
        for n, m in itertools.pairwise(widths)
    ]


def loss_of(layers):
    def loss(x, target):
        for depth, (weights, biases) in enumerate(layers):
            x = [ag.dot(w, x, b) for w, b in zip(weights, biases, strict=True)]
            x = [ag.relu(z) for z in x] if depth < len(layers) - 1 else x
        return ag.logsumexp(x) - ag.dot(target, x)

    return loss


def arrays(layers) -> list[np.ndarray]:
    found = []
    for weights, biases in layers:
        found.append(np.array([[v.data for v in row] for row in weights]))
        found.append(np.array([v.data for v in biases]))
    return found


def by_hand(layers):
    w1, b1, w2, b2 = arrays(layers)

    def batch(x, target):
        n = len(x)
        z1 = x @ w1.T + b1
        h1 = np.maximum(z1, 0.0)
        z2 = h1 @ w2.T + b2
        e = np.exp(z2 - z2.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        loss = -np.log((p * target).sum(axis=1)).mean()
        dz2 = (p - target) / n
        dz1 = (dz2 @ w2) * (z1 > 0.0)
        return loss, dz1.T @ x, dz1.sum(axis=0), dz2.T @ h1, dz2.sum(axis=0)

    def one(x, target):
        z1 = w1 @ x + b1
        h1 = np.maximum(z1, 0.0)
        z2 = w2 @ h1 + b2
        e = np.exp(z2 - z2.max())
        p = e / e.sum()
        loss = -np.log(p @ target)
        dz2 = p - target
        dz1 = (dz2 @ w2) * (z1 > 0.0)
        return loss, np.outer(dz1, x), dz1, np.outer(dz2, h1), dz2

    return batch, one


def by_torch(layers, x, target):
    torch.set_num_threads(1)
    parameters = [torch.tensor(a, requires_grad=True) for a in arrays(layers)]
    w1, b1, w2, b2 = parameters
    inputs, labels = torch.tensor(x), torch.tensor(target.argmax(axis=1))

    def run():
        for p in parameters:
            p.grad = None
        h = torch.relu(inputs @ w1.T + b1)
        torch.nn.functional.cross_entropy(h @ w2.T + b2, labels).backward()

    return run


def by_casadi(layers, x, target):
    """CasADi's SX: the same scalar graph on its virtual machine, without its Python wrapping."""
    numbers = [casadi.SX.sym("p", *np.shape(a)) for a in arrays(layers)]
    w1, b1, w2, b2 = numbers
    inputs, labels = casadi.SX.sym("x", len(x)), casadi.SX.sym("t", len(target))
    z = w2 @ casadi.fmax(w1 @ inputs + b1, 0.0) + b2
    loss = casadi.logsumexp(z) - casadi.dot(labels, z)
    gradients = [casadi.gradient(loss, p) for p in numbers]
    function = casadi.Function("f", [inputs, labels, *numbers], [loss, *gradients])
    return measure.casadi_run(function, [x, target, *arrays(layers)])


def compare(widths: list[int], n: int, bars: dict[str, str]) -> None:
    rng = np.random.default_rng(0)
    layers = network(widths)
    x, target = rng.normal(size=(n, widths[0])), np.eye(widths[-1])[rng.integers(0, widths[-1], n)]
    batch, one = by_hand(layers)
    if n > 1:
        f = jit(loss_of(layers), batch=True)
        runs = {"NumPy by hand": lambda: batch(x, target), "PyTorch": by_torch(layers, x, target)}
    else:
        x, target = x[0], target[0]
        f = jit(loss_of(layers))
        runs = {"NumPy by hand": lambda: one(x, target), "CasADi SX": by_casadi(layers, x, target)}
    f(x, target)
    assert f.parameters  # from here on the arrays are the parameters
    runs["jit"] = lambda: f.value_and_grad(x, target)
    seconds = measure.interleaved(runs, rounds=40, repeat=20 if widths[0] > 64 else 200)
    sizes = "-".join(map(str, widths))
    title = f"{sizes}, {n} at a time" if n > 1 else f"{sizes}, one sample"
    measure.comparison(title, seconds, "jit", bars)
    print()


if __name__ == "__main__":
    compare([64, 32, 10], 128, {"NumPy by hand": "≤ 1.25"})
    compare([64, 32, 10], 1, {"NumPy by hand": "≤ 1.5", "CasADi SX": "< 1"})
    compare([784, 100, 10], 128, {"NumPy by hand": "≤ 1.15", "PyTorch": "≤ 1.5"})
