"""jit: micrograd's two-moons demo (2-16-16-1, hinge loss, weight decay), one full SGD step."""

from __future__ import annotations

import random
import statistics
import time

import measure
import micrograd.engine
import micrograd.nn
import numpy as np
import torch
from two_moons import DECAY, POINTS, RATE, Network, arrays, loss_of, two_moons

from autograd import backprop, jit
from nn import SGD


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

    return step


def by_arrays(network: Network, x, y):
    """The array-level door."""
    loss = jit(loss_of(network))
    loss(x, y)
    parameters = loss.parameters

    def step():
        _, _, gradients = loss.value_and_grad(x, y)
        for name, p in parameters.items():
            p -= RATE * gradients[name]

    return step


def by_values(network: Network, x, y):
    """The usual loop."""
    loss, optimizer = jit(loss_of(network)), SGD(network.parameters(), lr=RATE)

    def step():
        optimizer.zero_grad()
        loss(x, y).backward()
        optimizer.step()

    return step


def by_micrograd(x, y):
    random.seed(1)
    model = micrograd.nn.MLP(2, [16, 16, 1])

    def step():
        values = [list(map(micrograd.engine.Value, row)) for row in x]
        scores = list(map(model, values))
        losses = [(1 + -t * s).relu() for t, s in zip(y, scores, strict=True)]
        loss = sum(losses) * (1.0 / len(losses)) + DECAY * sum(p * p for p in model.parameters())
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= RATE * p.grad

    return step


def seconds_of(run, rounds: int) -> list[float]:
    found = []
    for _ in range(rounds):
        start = time.perf_counter()
        run()
        found.append(time.perf_counter() - start)
    return found


def main() -> None:
    torch.set_num_threads(1)
    x, y = two_moons(POINTS)
    runs = {
        "NumPy by hand": by_hand(Network(), x, y),
        "PyTorch": by_torch(Network(), x, y),
        "arrays": by_arrays(Network(), x, y),
        "Values": by_values(Network(), x, y),
    }
    seconds = measure.interleaved(runs, rounds=60, repeat=20)
    without = {k: v for k, v in seconds.items() if k != "Values"}
    measure.comparison(
        "jit, through `value_and_grad`", without, "arrays",
        {"NumPy by hand": "≤ 1.25", "PyTorch": "≤ 0.4"},
    )  # fmt: skip
    print()
    without = {k: v for k, v in seconds.items() if k != "arrays"}
    measure.comparison(
        "jit, through `loss.backward(); optimizer.step()`", without, "Values",
        {"NumPy by hand": "≤ 3"},
    )  # fmt: skip
    print()
    network = Network()
    loss = loss_of(network)
    jitted = statistics.median(seconds["arrays"])
    slow = {
        "gradtable, eager": seconds_of(lambda: backprop(loss(x.tolist(), y.tolist())), 7),
        "micrograd": seconds_of(by_micrograd(x, y), 7),
    }
    measure.table(
        ["graphs of scalars", "time", "times as long as jit, arrays", "bar"],
        [[name, measure.spread(times), f"{statistics.median(times) / jitted:,.0f}",
          "≥ 3,000" if name == "micrograd" else ""] for name, times in slow.items()],
    )  # fmt: skip


if __name__ == "__main__":
    measure.with_deep_stack(main)
