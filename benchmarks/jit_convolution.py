"""A small convolutional net on 8×8 images (3×3 → relu → pool 2×2 → dense → softmax), 32 at a time.

OPENBLAS_NUM_THREADS=1 python benchmarks/jit_convolution.py
"""

from __future__ import annotations

import random

import numpy as np
from measure import interleaved, machine, ratio, spread

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
    try:
        import torch
    except ImportError:
        return {}
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

    return {"PyTorch": step}


if __name__ == "__main__":
    print(machine("numpy", "torch"))
    rng = np.random.default_rng(0)
    images = rng.normal(size=(IMAGES, 8, 8))
    targets = np.eye(CLASSES)[rng.integers(0, CLASSES, IMAGES)]
    groups = parameters()
    f = jit(loss_of(*groups), batch=True)
    runs = by_torch(groups, images, targets)
    runs["jit, arrays"] = lambda: f.value_and_grad(images, targets)
    seconds = interleaved(runs, rounds=30, repeat=20)
    for name in runs:
        slower = ratio(seconds, "jit, arrays", name)
        print(f"{name:12} {spread(seconds[name]):32} jit takes {slower:.2f}")
