"""Softmax cross-entropy on dense networks: jit beside NumPy by hand, and PyTorch where installed.

OPENBLAS_NUM_THREADS=1 python benchmarks/jit_softmax.py
"""

from __future__ import annotations

import itertools
import random

import numpy as np
from measure import interleaved, machine, ratio, spread

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
    try:
        import torch
    except ImportError:
        return {}
    torch.set_num_threads(1)
    parameters = [torch.tensor(a, requires_grad=True) for a in arrays(layers)]
    w1, b1, w2, b2 = parameters
    inputs, labels = torch.tensor(x), torch.tensor(target.argmax(axis=1))

    def run():
        for p in parameters:
            p.grad = None
        h = torch.relu(inputs @ w1.T + b1)
        torch.nn.functional.cross_entropy(h @ w2.T + b2, labels).backward()

    return {"PyTorch": run}


def compare(widths: list[int], n: int) -> None:
    rng = np.random.default_rng(0)
    layers = network(widths)
    x, target = rng.normal(size=(n, widths[0])), np.eye(widths[-1])[rng.integers(0, widths[-1], n)]
    batch, one = by_hand(layers)
    if n > 1:
        f = jit(loss_of(layers), batch=True)
        contestants = {"NumPy by hand": lambda: batch(x, target)}
        contestants |= by_torch(layers, x, target)
    else:
        x, target = x[0], target[0]
        f = jit(loss_of(layers))
        contestants = {"NumPy by hand": lambda: one(x, target)}
    contestants["jit, arrays"] = lambda: f.value_and_grad(x, target)
    seconds = interleaved(contestants, rounds=30, repeat=20)
    print(f"{'-'.join(map(str, widths))}, {n} at a time")
    for name in contestants:
        print(f"  {name:16} {spread(seconds[name]):32} {ratio(seconds, 'jit, arrays', name):.2f}")


if __name__ == "__main__":
    print(machine("numpy", "torch"))
    print("median (quartiles), and how many times longer jit takes")
    compare([64, 32, 10], 128)
    compare([64, 32, 10], 1)
    compare([784, 100, 10], 128)
