"""micrograd's two-moons demo, whose parts the benchmarks share: data, network, loss."""

from __future__ import annotations

import itertools
import random

import numpy as np

from autograd import Value

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
    """2-16-16-1 with ReLU, written one multiplication at a time, as in micrograd."""

    def __init__(self, widths=(2, 16, 16, 1)) -> None:
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


def arrays(network: Network) -> list[np.ndarray]:
    """Weights and biases of each layer."""
    found = []
    for layer in network.layers:
        found.append(np.array([[v.data for v in w] for w, _ in layer]))
        found.append(np.array([b.data for _, b in layer]))
    return found


def loss_of(network: Network):
    """The hinge loss of a batch, with weight decay."""

    def loss(points, labels):
        scores = [network(list(point)) for point in points]
        losses = [(1 + -label * score).relu() for label, score in zip(labels, scores, strict=True)]
        return sum(losses) * (1.0 / len(losses)) + DECAY * sum(p * p for p in network.parameters())

    return loss
