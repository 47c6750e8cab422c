"""Graphs to step through, and labels that try to break out of a page."""

from __future__ import annotations

import random

from autograd import Value, dot, scope, sigmoid, tanh

HOSTILE = (
    "</script><script>document.title='broken'</script>",
    "<b onmouseover=alert(1)>bold</b>",
    "\"'><img src=x onerror=document.title='broken'>",
    "{a|b} \\N \\textbf{x} $y$ %d #1 & ~ ^ _",
    "two\nlines\tand\ra bell \x07 and nul \x00",
    "]]> --> <!-- <![CDATA[",
    "\u202edesrever אבג ١٢",
    "e" + "\u0301" * 30,
    "long " * 2000,
    "{{data}} {{script}}",
    "\u2028 \u2029 \ud83d",
)


def lecture() -> tuple[Value, Value, Value]:
    """L = ½(0 − σ(w₁x₁³ + w₂x₂))² with w = (.02, .01), x = (3, 5), and the two weights."""
    w1, w2 = Value(0.02, "w1"), Value(0.01, "w2")
    inner = w1 * Value(3.0, "x1") ** 3 + w2 * Value(5.0, "x2")
    inner.label = "u_in"
    output = sigmoid(inner)
    output.label = "u_out"
    loss = 0.5 * (0 - output) ** 2
    loss.label = "L"
    return loss, w1, w2


def reused() -> Value:
    """A graph in which one operation uses a node twice, and nodes have no labels."""
    x, y = Value(-1.5), Value(0.25)
    return (x * x + x * y) * (x - y) ** 3


def network(inputs: int, widths: tuple[int, ...], seed: int = 0) -> Value:
    """The squared output of a network of tanh units, each in a scope of its own."""
    source = random.Random(seed)
    xs = [Value(source.gauss(0, 1), f"x{i}") for i in range(inputs)]
    for layer, width in enumerate((*widths, 1)):
        with scope(f"layer{layer}"):
            xs = [_unit(source, k, xs) for k in range(width)]
    return xs[0] ** 2


def _unit(source: random.Random, k: int, xs: list[Value]) -> Value:
    with scope(f"neuron{k}"):
        weights = [Value(source.gauss(0, 0.5), f"w{k}{i}") for i in range(len(xs))]
        return tanh(dot(weights, xs, Value(0.1, f"b{k}")))


def labelled(labels: tuple[str, ...]) -> Value:
    """A sum of products of inputs with these labels."""
    total = Value(1.0, labels[0]) * 2
    for i, label in enumerate(labels, 1):
        total = total + Value(float(i), label) * total
        total.label = label
    return total
