"""jit: a convolutional net on 8×8 images (3×3, relu, pool 2×2, dense, softmax), 32 at a time."""

from __future__ import annotations

import random

import measure
import numpy as np
import torch

import autograd as ag
from autograd import Value, jit

FILTERS, IMAGES, CLASSES = 8, 32, 10


def parameters():
    r = random.Random(0)
    filters = [[Value(r.gauss(0, 0.3), f"filter{i}") for i in range(9)] for _ in range(FILTERS)]
    weights = [[Value(r.gauss(0, 0.1)) for _ in range(9 * FILTERS)] for _ in range(CLASSES)]
    return filters, [Value(0.0, "b") for _ in filters], weights, [Value(0.0) for _ in weights]


def loss_of(filters, offsets, weights, biases):
    window = [(i, j) for i in range(3) for j in range(3)]

    def loss(image, target):
        maps = [
            [[ag.relu(ag.dot(f, [image[y + i][x + j] for i, j in window], b)) for x in range(6)]
             for y in range(6)]
            for f, b in zip(filters, offsets, strict=True)
        ]  # fmt: skip
        pooled = [
            ag.max([m[2 * y + i][2 * x + j] for i in (0, 1) for j in (0, 1)])
            for m in maps for y in range(3) for x in range(3)
        ]  # fmt: skip
        z = [ag.dot(w, pooled, b) for w, b in zip(weights, biases, strict=True)]
        return ag.logsumexp(z) - ag.dot(target, z)

    return loss


def by_torch(groups, images, targets):
    torch.set_num_threads(1)
    plain = [
        [[v.data for v in row] if isinstance(row, list) else row.data for row in g] for g in groups
    ]
    kernels, offsets, weights, biases = [
        torch.tensor(p, dtype=torch.float64, requires_grad=True) for p in plain
    ]
    inputs, labels = torch.tensor(images)[:, None], torch.tensor(targets.argmax(axis=1))
    functional = torch.nn.functional

    def step():
        for p in (kernels, offsets, weights, biases):
            p.grad = None
        h = torch.relu(functional.conv2d(inputs, kernels.reshape(-1, 1, 3, 3), offsets))
        h = functional.max_pool2d(h, 2).reshape(len(images), -1)
        functional.cross_entropy(h @ weights.T + biases, labels).backward()

    return step


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    images = rng.normal(size=(IMAGES, 8, 8))
    targets = np.eye(CLASSES)[rng.integers(0, CLASSES, IMAGES)]
    groups = parameters()
    f = jit(loss_of(*groups), batch=True)
    f(images, targets)
    assert f.parameters  # from here on the arrays are the parameters
    runs = {
        "PyTorch": by_torch(groups, images, targets),
        "jit": lambda: f.value_and_grad(images, targets),
    }
    seconds = measure.interleaved(runs, rounds=60, repeat=20)
    measure.comparison("forward and backward", seconds, "jit", {"PyTorch": "≤ 2"})
