"""The engine beside micrograd and XAD: build a graph of + * tanh, backprop, drop it.

Run by `make bench` in an environment that holds the peers.
"""

from __future__ import annotations

import gc
import math
import random
import statistics
import time
from collections.abc import Callable
from typing import Any

import measure
import micrograd.engine
import micrograd.nn
import xad.adj_1st
import xad.math

import autograd

SIZES = (1_000, 10_000, 100_000)
Program = Callable[[Callable[[float], Any], Callable[[Any], Any]], Any]


def chain(nodes: int) -> Program:
    """u ← tanh((u + x)·y), again and again, with x = 0 and y = 1 so that no gradient vanishes."""

    def program(value: Callable[[float], Any], tanh: Callable[[Any], Any]) -> Any:
        x, y = value(0.0), value(1.0)
        u = value(0.5)
        for _ in range(nodes // 3):
            u = tanh((u + x) * y)
        return u

    return program


def reusing(nodes: int) -> Program:
    """tanh(a·b + c) of earlier results drawn at random, mostly recent ones."""
    generator = random.Random(1)
    inputs = 10

    def earlier(count: int) -> int:
        reach = 50 if generator.random() < 0.8 else count
        return generator.randrange(max(0, count - reach), count)

    drawn = [
        (earlier(inputs + i), earlier(inputs + i), earlier(inputs + i)) for i in range(nodes // 3)
    ]

    def program(value: Callable[[float], Any], tanh: Callable[[Any], Any]) -> Any:
        values = [value(0.1 * i) for i in range(inputs)]
        for i, j, k in drawn:
            values.append(tanh(values[i] * values[j] + values[k]))
        out = values[-1]
        for u in values[-50:-1]:
            out = out + u
        return out

    return program


def tanh_of_micrograd(x: micrograd.engine.Value) -> micrograd.engine.Value:
    """tanh in micrograd's own way, which the published package does not have."""
    t = math.tanh(x.data)
    out = micrograd.engine.Value(t, (x,), "tanh")

    def _backward() -> None:
        x.grad += (1 - t * t) * out.grad

    out._backward = _backward
    return out


def run_ours(program: Program) -> None:
    autograd.backprop(program(autograd.Value, autograd.tanh))


def run_micrograd(program: Program) -> None:
    program(micrograd.engine.Value, tanh_of_micrograd).backward()


def run_xad(program: Program) -> None:
    with xad.adj_1st.Tape() as tape:
        inputs = []

        def value(x: float) -> Any:
            real = xad.adj_1st.Real(x)
            tape.registerInput(real)
            inputs.append(real)
            return real

        out = program(value, xad.math.tanh)
        tape.registerOutput(out)
        out.derivative = 1.0
        tape.computeAdjoints()
        [x.derivative for x in inputs]


def graphs() -> None:
    print("| graph | nodes | ours | / micrograd | / XAD | micrograd | XAD |")
    print("|---|---|---|---|---|---|---|")
    for shape in (chain, reusing):
        for nodes in SIZES:
            program = shape(nodes)
            seconds = measure.interleaved(
                {
                    "ours": lambda p=program: run_ours(p),
                    "micrograd": lambda p=program: run_micrograd(p),
                    "xad": lambda p=program: run_xad(p),
                },
                rounds=7,
                repeat=max(1, 200_000 // nodes),
            )
            per_node = {k: measure.spread([t / nodes for t in v]) for k, v in seconds.items()}
            print(
                f"| {shape.__name__} | {nodes:,} | {per_node['ours']} "
                f"| {measure.ratio(seconds, 'ours', 'micrograd'):.3f} "
                f"| {measure.ratio(seconds, 'ours', 'xad'):.2f} "
                f"| {per_node['micrograd']} | {per_node['xad']} |",
                flush=True,
            )


def neuron() -> None:
    """A neuron of 16 inputs, forward and backward; the inputs are Values, or plain numbers."""
    generator = random.Random(2)
    numbers = [generator.uniform(-1, 1) for _ in range(32)]
    weights = [autograd.Value(x) for x in numbers[:16]]
    bias = autograd.Value(9.0)  # so that relu lets the gradient through
    theirs = micrograd.nn.Neuron(16)
    inputs = {
        "Values": ([autograd.Value(x) for x in numbers[16:32]],
                   [micrograd.engine.Value(x) for x in numbers[16:32]]),
        "numbers": (numbers[16:32], numbers[16:32]),
    }  # fmt: skip

    def run(x: list[Any]) -> None:
        autograd.backprop(autograd.relu(autograd.dot(weights, x, bias)))

    print("\n| neuron of 16 inputs | ours | micrograd | / micrograd |")
    print("|---|---|---|---|")
    for kind, (own, peer) in inputs.items():
        seconds = measure.interleaved(
            {"ours": lambda x=own: run(x), "micrograd": lambda x=peer: theirs(x).backward()},
            rounds=15,
            repeat=300,
        )
        times = [measure.spread(seconds[name]) for name in ("ours", "micrograd")]
        ratio = measure.ratio_text(seconds, "ours", "micrograd")
        print(f"| {kind} | {' | '.join(times)} | {ratio} |")


def scale() -> None:
    """Time per node from 10^4 to 10^7 nodes, with Python's collector of cycles on and off."""
    print("\n| nodes | whole cycle per node | collector off |")
    print("|---|---|---|")
    for nodes in (10_000, 100_000, 1_000_000, 10_000_000):
        per_node = f"{time_per_node(nodes) * 1e9:.0f} ns"
        gc.disable()
        alone = f"{time_per_node(nodes) * 1e9:.0f} ns"
        gc.enable()
        print(f"| {nodes:,} | {per_node} | {alone} |", flush=True)


def time_per_node(nodes: int) -> float:
    """The median over some whole cycles."""
    program = chain(nodes)
    times = []
    for _ in range(max(1, 300_000 // nodes)):
        start = time.perf_counter()
        run_ours(program)
        times.append((time.perf_counter() - start) / nodes)
    return statistics.median(times)


def main() -> None:
    print(f"{measure.machine('gradtable', 'micrograd', 'xad')}; whole cycles, collector on\n")
    graphs()
    neuron()
    scale()


if __name__ == "__main__":
    measure.with_deep_stack(main)
