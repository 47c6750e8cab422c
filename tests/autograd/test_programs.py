"""Random graphs: gradients of whole programs against 50-digit forward-mode differentiation.

How exact floats can be depends on the program. The same program is therefore also run with every
result off by a few rounding errors: the bound is what such errors change.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import mpmath
import pytest
from hypothesis import given, settings, strategies as st
from mpmath import mpf

from autograd import Value, backprop, hessian, lookup, trace
from autograd.apply import apply

from . import oracle
from .programs import CHOICES, SMOOTH, Program, fitted, programs, run
from .samples import near


def on_values(name: str, arguments: Sequence[Any]) -> Any:
    return apply(lookup(name), arguments)


class Dual(NamedTuple):
    """A number and its derivatives by the inputs of the program: forward mode."""

    number: Any
    slopes: tuple[Any, ...]


SLOPES: dict[str, Callable[..., Sequence[Any]]] = {
    "+": lambda x, y: (1, 1),
    "-": lambda x, y: (1, -1),
    "*": lambda x, y: (y, x),
    "/": lambda x, y: (1 / y, -x / y**2),
    "**": lambda x, y: (
        y * mpmath.power(x, y - 1),
        mpmath.power(x, y) * mpmath.log(x) if x > 0 else 0,
    ),
    "neg": lambda x: (-1,),
    "exp": lambda x: (mpmath.exp(x),),
    "expm1": lambda x: (mpmath.exp(x),),
    "log": lambda x: (1 / x,),
    "log1p": lambda x: (1 / (1 + x),),
    "sqrt": lambda x: (1 / (2 * mpmath.sqrt(x)),),
    "sin": lambda x: (mpmath.cos(x),),
    "cos": lambda x: (-mpmath.sin(x),),
    "tan": lambda x: (mpmath.sec(x) ** 2,),
    "asin": lambda x: (1 / mpmath.sqrt(1 - x * x),),
    "acos": lambda x: (-1 / mpmath.sqrt(1 - x * x),),
    "atan": lambda x: (1 / (1 + x * x),),
    "sinh": lambda x: (mpmath.cosh(x),),
    "cosh": lambda x: (mpmath.sinh(x),),
    "tanh": lambda x: (mpmath.sech(x) ** 2,),
    "erf": lambda x: (2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-x * x),),
    "sigmoid": lambda x: (mpmath.sech(x / 2) ** 2 / 4,),
    "softplus": lambda x: (1 / (1 + mpmath.exp(-x)),),
    "sum": lambda *xs: (1,) * len(xs),
    "dot": lambda *xs: (
        *xs[len(xs) // 2 : len(xs) // 2 * 2],
        *xs[: len(xs) // 2],
        *(1,) * (len(xs) % 2),
    ),
    "prod": lambda *xs: [mpmath.fprod(xs[:i] + xs[i + 1 :]) for i in range(len(xs))],
    "logsumexp": lambda *xs: [mpmath.exp(x) / mpmath.fsum(map(mpmath.exp, xs)) for x in xs],
}


def exact_gradient(
    program: Program, inputs: Sequence[Any], noise: random.Random | None = None
) -> list[Any]:
    """[output, its derivative by each input]; with noise, every result is off by some 1e-16."""

    def on_duals(name: str, arguments: Sequence[Any]) -> Dual:
        duals = [a if isinstance(a, Dual) else Dual(mpf(a), (0,) * len(inputs)) for a in arguments]
        numbers = [dual.number for dual in duals]
        local = SLOPES[name](*numbers)
        parts = [
            mpmath.fdot(local, column) for column in zip(*[d.slopes for d in duals], strict=True)
        ]
        off = 1 + mpf(noise.uniform(-2, 2)) * mpf(2) ** -53 if noise else 1
        return Dual(oracle.FUNCTIONS[name](*numbers) * off, tuple(parts))

    units = [tuple(int(i == j) for j in range(len(inputs))) for i in range(len(inputs))]
    result = run(program, [Dual(mpf(x), e) for x, e in zip(inputs, units, strict=True)], on_duals)
    return [result.number, *result.slopes]


def bounds(program: Program, exact: list[Any], depth: int) -> list[Any]:
    noisy = [exact_gradient(program, program.inputs, random.Random(seed)) for seed in range(4)]
    moved = [max(abs(n[k] - exact[k]) for n in noisy) for k in range(len(exact))]
    return [
        50 * m + depth * mpf(2) ** -51 * (abs(e) + mpf(10) ** -12)
        for m, e in zip(moved, exact, strict=True)
    ]


@settings(max_examples=100)
@given(programs(SMOOTH, shortest=8))
def test_gradients_of_programs(program: Program) -> None:
    _compare(program)


@settings(max_examples=6)
@given(
    programs(("sin", "tanh", "*", "+", "dot", "atan", "-", "sigmoid"), shortest=200, longest=300)
)
def test_gradients_of_deep_programs(program: Program) -> None:
    _compare(program)


def test_deep_programs_are_deep() -> None:
    draw = random.Random(8)
    last = [28 * k + 2 for k in range(99)]  # picks that stand for the last result
    steps = [
        (draw.randrange(9999), [draw.choice(last), *[draw.randrange(9999) for _ in range(3)]])
        for _ in range(300)
    ]
    program = fitted(("sin", "tanh", "*", "+", "-"), [0.7, 1.3], steps)
    depth = {0: 0, 1: 0}
    for i, (_, operands) in enumerate(program.instructions, 2):
        depth[i] = 1 + max(depth[o] for o in operands if type(o) is int)
    assert max(depth.values()) >= 200
    _compare(program)


def _compare(program: Program) -> None:
    xs = [Value(x) for x in program.inputs]
    output = run(program, xs, on_values)
    exact = exact_gradient(program, program.inputs)
    table = backprop(output)
    found = [output.data, *[table.get(x, 0.0) for x in xs]]
    depth = 1 + len(program.instructions)
    allowed = bounds(program, exact, depth)
    before_cancelling = _sums_of_absolute_terms(output)
    rounded = [0.0, *[before_cancelling.get(x, 0.0) * depth * 2.0**-52 for x in xs]]
    for f, e, bound, more in zip(found, exact, allowed, rounded, strict=True):
        assert abs(mpf(f) - e) <= bound + more, (f, e, bound, more)


def _sums_of_absolute_terms(output: Value) -> dict[Value, float]:
    """What the terms of each gradient amount to before they cancel: each carries its rounding."""
    sums = dict.fromkeys(trace(output).nodes, 0.0)
    sums[output] = 1.0
    for node in reversed(trace(output).nodes):
        for parent, derivative in zip(node.parents, node.local_derivatives, strict=True):
            sums[parent] += sums[node] * abs(derivative)
    return sums


@settings(max_examples=25)
@given(programs(SMOOTH, shortest=3, longest=8))
def test_hessians_of_programs(program: Program) -> None:
    """Against differences of exact gradients; symmetric by Schwarz's theorem."""
    count = len(program.inputs)
    found = hessian(lambda xs: run(program, xs, on_values))(list(program.inputs))
    exact = []
    for j in range(count):
        step = mpf(10) ** -20
        shifted = [
            [mpf(x) + sign * step * (i == j) for i, x in enumerate(program.inputs)]
            for sign in (1, -1)
        ]
        above, below = (exact_gradient(program, s)[1:] for s in shifted)
        exact.append([(a - b) / (2 * step) for a, b in zip(above, below, strict=True)])
    largest = 1 + max(abs(e) for row in exact for e in row)
    for i in range(count):
        for j in range(count):
            assert abs(found[i][j] - exact[i][j]) <= 1e-9 * largest
            assert abs(found[i][j] - found[j][i]) <= 1e-9 * largest


@settings(max_examples=60)
@given(programs(SMOOTH + CHOICES, shortest=5), st.data())
def test_graph_b_and_replay_agree_with_the_table(program: Program, data: st.DataObject) -> None:
    """Derivative of the replayed program = replay of the derivative."""
    xs = [Value(x) for x in program.inputs]
    output = run(program, xs, on_values)
    table, graph = backprop(output), backprop(output, create_graph=True)
    assert all(near(table[n], graph[n].data, 1e-9) or abs(table[n]) < 1e-12 for n in table)

    moved = {x: x.data * (1 + data.draw(st.floats(-1e-3, 1e-3))) for x in xs if x in table}
    values = trace(output).forward(moved)
    again = [Value(moved.get(x, x.data)) for x in xs]
    rerun = run(program, again, on_values)
    assert values[output] == rerun.data
    b = trace(*[graph[x] for x in moved])
    replayed = b.forward({x: number for x, number in moved.items() if x in b})
    fresh = backprop(rerun)
    for x, y in zip(xs, again, strict=True):
        if x in moved:
            assert near(replayed[graph[x]], fresh[y], 1e-9) or abs(fresh[y]) < 1e-12


@settings(max_examples=40)
@given(programs(SMOOTH + CHOICES))
def test_forward_replays_to_the_last_bit(program: Program) -> None:
    output = run(program, [Value(x) for x in program.inputs], on_values)
    graph = trace(output)
    assert dict(graph.forward()) == {node: node.data for node in graph.nodes}
    position = {node: i for i, node in enumerate(graph.nodes)}
    assert all(position[parent] < position[node] for parent, node in graph.edges)
    assert len(graph.edges) == sum(len(node.parents) for node in graph.nodes)


@pytest.mark.long
@settings(max_examples=1500)
@given(programs(SMOOTH, shortest=20, longest=60))
def test_gradients_of_many_programs(program: Program) -> None:
    _compare(program)
