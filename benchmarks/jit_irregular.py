"""A random scalar expression in which there is nothing to group: replays beside eager mode.

python benchmarks/jit_irregular.py
"""

from __future__ import annotations

import random
import time

from measure import interleaved, machine, ratio, spread

import autograd as ag
from autograd import Value, backprop, jit

NODES = 10_000


def expression(nodes: int):
    r = random.Random(0)
    inputs = [Value(r.uniform(0.5, 1.5)) for _ in range(20)]
    places = [(r.randrange(8), r.randint(1, 200), r.randint(1, 200)) for _ in range(nodes // 2)]
    kinds = [
        lambda a, b: a + b * 0.5,
        lambda a, b: a - ag.tanh(b),
        lambda a, b: ag.sin(a * b),
        lambda a, b: a / (2.0 + ag.sin(b)),
        lambda a, b: ag.tanh(a) * b,
        lambda a, b: ag.sigmoid(a) + b,
        lambda a, b: ag.exp(ag.sin(a)) - b,
        lambda a, b: ag.maximum(ag.sin(a), b * 0.25),
    ]

    def f():
        values = list(inputs)
        for kind, i, j in places:
            n = len(values)
            values.append(kinds[kind](values[-min(i, n)], ag.sin(values[-min(j, n)])))
        return ag.sum([ag.tanh(v) for v in values[-50:]])

    return f


if __name__ == "__main__":
    print(machine("numpy"))
    f = expression(NODES)
    g = jit(f)
    start = time.perf_counter()
    g()
    print(f"{len(g.graph)} nodes, first call {time.perf_counter() - start:.2f} s")
    runs = {
        "eager": lambda: backprop(f()),
        "jit, arrays": g.value_and_grad,
        "jit": lambda: backprop(g()),
    }
    seconds = interleaved(runs, rounds=10)
    for name in runs:
        faster = ratio(seconds, "eager", name)
        print(f"{name:12} {spread(seconds[name]):32} {faster:.1f} times as fast")
