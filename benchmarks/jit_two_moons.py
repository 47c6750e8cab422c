"""micrograd's two-moons demo (2-16-16-1, hinge loss, weight decay), one full-batch step of SGD.

OPENBLAS_NUM_THREADS=1 python benchmarks/jit_two_moons.py
"""

from __future__ import annotations

import itertools
import random
import time

import numpy as np
from measure import interleaved, machine, ratio, spread

from autograd import Value, backprop, jit

RATE, DECAY, POINTS = 1e-3, 1e-4, 100


def two_moons(n: int):
    """Two interleaved half circles with noise, and their labels ±1."""
    rng = np.random.default_rng(0)
    angle = np.linspace(0.0, np.pi, n // 2)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1.0 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    points = np.concatenate([upper, lower]) + rng.normal(scale=0.1, size=(n, 2))
    return points, np.repeat([-1.0, 1.0], n // 2)


class Network:
    """Written one multiplication at a time, as in micrograd."""

    def __init__(self, widths: list[int]) -> None:
        r = random.Random(1)
        self.layers = [
            [([Value(r.uniform(-1, 1)) for _ in range(n)], Value(0.0)) for _ in range(m)]
            for n, m in itertools.pairwise(widths)
        ]

    def __call__(self, x: list):
        for depth, layer in enumerate(self.layers):
            x = [sum((wi * xi for wi, xi in zip(w, x, strict=True)), b) for w, b in layer]
            x = [z.relu() for z in x] if depth < len(self.layers) - 1 else x
        return x[0]

    def parameters(self) -> list[Value]:
        return [p for layer in self.layers for w, b in layer for p in (*w, b)]


def loss_of(network: Network):
    def loss(points, labels):
        scores = [network(list(point)) for point in points]
        losses = [(1 + -label * score).relu() for label, score in zip(labels, scores, strict=True)]
        return sum(losses) * (1.0 / len(losses)) + DECAY * sum(p * p for p in network.parameters())

    return loss


def arrays(network: Network) -> list[np.ndarray]:
    found = []
    for layer in network.layers:
        found.append(np.array([[v.data for v in w] for w, _ in layer]))
        found.append(np.array([b.data for _, b in layer]))
    return found


def by_hand(network: Network, x, y):
    parameters = w1, b1, w2, b2, w3, b3 = arrays(network)

    def step():
        z1 = x @ w1.T + b1
        h1 = np.maximum(z1, 0.0)
        z2 = h1 @ w2.T + b2
        h2 = np.maximum(z2, 0.0)
        margin = 1.0 - y * (h2 @ w3[0] + b3)
        loss = np.maximum(margin, 0.0).mean() + DECAY * sum(np.vdot(p, p) for p in parameters)
        ds = -y * (margin > 0.0) / len(x)
        dz2 = ds[:, None] * w3[0] * (z2 > 0.0)
        dz1 = (dz2 @ w2) * (z1 > 0.0)
        gradients = (dz1.T @ x, dz1.sum(0), dz2.T @ h1, dz2.sum(0), ds @ h2, ds.sum())
        for p, g in zip(parameters, gradients, strict=True):
            p -= RATE * (g + 2.0 * DECAY * p)
        return loss

    return step


def by_torch(network: Network, x, y):
    try:
        import torch
    except ImportError:
        return {}
    torch.set_num_threads(1)
    parameters = [torch.tensor(a, requires_grad=True) for a in arrays(network)]
    w1, b1, w2, b2, w3, b3 = parameters
    x, y = torch.tensor(x), torch.tensor(y)
    optimizer = torch.optim.SGD(parameters, RATE)

    def step():
        optimizer.zero_grad()
        h = torch.relu(torch.relu(x @ w1.T + b1) @ w2.T + b2)
        loss = torch.relu(1.0 - y * (h @ w3[0] + b3)).mean()
        (loss + DECAY * sum((p * p).sum() for p in parameters)).backward()
        optimizer.step()

    return {"PyTorch": step}


def contestants():
    x, y = two_moons(POINTS)
    network = Network([2, 16, 16, 1])
    loss = loss_of(network)
    through_arrays, through_values = jit(loss), jit(loss)
    through_arrays(x, y)
    named = through_arrays.parameters
    parameters = network.parameters()

    def by_arrays():
        _, _, gradients = through_arrays.value_and_grad(x, y)
        for name, p in named.items():
            p -= RATE * gradients[name]

    def by_values():
        for p in parameters:
            p.grad = 0.0
        through_values(x, y).backward()
        for p in parameters:
            p.data -= 0.0 * p.grad  # the arrays above have these numbers too

    hand = {"NumPy by hand": by_hand(network, x, y)} | by_torch(network, x, y)
    return hand | {"jit, arrays": by_arrays, "jit, loss.backward()": by_values}, loss, (x, y)


if __name__ == "__main__":
    print(machine("numpy", "torch"))
    runs, loss, data = contestants()
    seconds = interleaved(runs, rounds=30, repeat=20)
    for name in runs:
        by_arrays = ratio(seconds, "jit, arrays", name)
        by_values = ratio(seconds, "jit, loss.backward()", name)
        print(f"{name:22} {spread(seconds[name]):32} jit takes {by_arrays:.2f}, {by_values:.2f}")
    start = time.perf_counter()
    backprop(loss(*data))
    eager = time.perf_counter() - start
    middle = sorted(seconds["jit, arrays"])[len(seconds["jit, arrays"]) // 2]
    print(f"eager                  {eager:.3f} s: {eager / middle:.0f} times as long")
