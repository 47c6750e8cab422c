"""jit: a random scalar expression in which there is nothing to group, replayed."""

from __future__ import annotations

import random
import statistics

import casadi
import measure

import autograd as ag
from autograd import Value, backprop, jit

NODES = 10_000


def program(nodes: int):
    """A function of numbers of any kind that has operators, with a module for the functions."""
    r = random.Random(0)
    places = [(r.randrange(8), r.randint(1, 200), r.randint(1, 200)) for _ in range(nodes // 2)]

    def run(inputs, m):
        kinds = [
            lambda a, b: a + b * 0.5,
            lambda a, b: a - m.tanh(b),
            lambda a, b: m.sin(a * b),
            lambda a, b: a / (2.0 + m.sin(b)),
            lambda a, b: m.tanh(a) * b,
            lambda a, b: m.cos(a) + b,
            lambda a, b: m.exp(m.sin(a)) - b,
            lambda a, b: (m.maximum if m is ag else m.fmax)(m.sin(a), b * 0.25),
        ]
        values = list(inputs)
        for kind, i, j in places:
            n = len(values)
            values.append(kinds[kind](values[-min(i, n)], m.sin(values[-min(j, n)])))
        total = m.tanh(values[-1])
        for v in values[-50:-1]:
            total = total + m.tanh(v)
        return total

    return run


def by_casadi(run, numbers: list[float]):
    x = casadi.SX.sym("x", len(numbers))
    loss = run(casadi.vertsplit(x), casadi)
    function = casadi.Function("f", [x], [loss, casadi.gradient(loss, x)])
    return measure.casadi_run(function, [numbers])


def main() -> None:
    r = random.Random(1)
    numbers = [r.uniform(0.5, 1.5) for _ in range(20)]
    run, inputs = program(NODES), [Value(x) for x in numbers]
    f = jit(lambda: run(inputs, ag))
    nodes = len(ag.trace(run(inputs, ag)))
    f()
    assert f.parameters  # from here on the arrays are the parameters
    runs = {
        "eager": lambda: backprop(run(inputs, ag)),
        "CasADi SX": by_casadi(run, numbers),
        "jit, arrays": f.value_and_grad,
        "jit, Values": lambda: backprop(f()),
    }
    seconds = measure.interleaved(runs, rounds=30, repeat=3)
    measure.table(
        [f"{nodes:,} nodes, forward and backward", "time", "per node", "eager / it", "bar"],
        [[name, measure.spread(times), f"{statistics.median(times) / nodes * 1e9:.0f} ns",
          measure.ratio_text(seconds, "eager", name), "≥ 5" if name == "jit, arrays" else ""]
         for name, times in seconds.items()],
    )  # fmt: skip


if __name__ == "__main__":
    main()
