"""The same program gives the same bits in every run, every process, and every order of memory."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

import autograd
from autograd import Value, backprop, trace

PROGRAM = """
import random, struct
import autograd
from autograd import Value, backprop, dot, trace, checkpoint, hessian

draw = random.Random(7)
nodes = [Value(draw.uniform(-1, 1), f"x{i}") for i in range(20)]
for i in range(400):
    a, b, c = (draw.choice(nodes) for _ in range(3))
    made = draw.choice((
        lambda: (a * b).tanh(), lambda: a + b * c, lambda: dot([a, b, c], [c, a, b], b).sin(),
        lambda: autograd.sum([a, b, c, a]), lambda: autograd.logsumexp([a, b, c]),
        lambda: autograd.maximum(a, b), lambda: checkpoint(lambda x, y, a=a: (x * y + a).tanh())(b, c),
        lambda: autograd.prod([a, b, c]), lambda: a / (b * b + 1),
    ))()
    nodes.append(made)
junk = [object() for _ in range(JUNK)]  # moves what comes after to other addresses
output = autograd.sum(nodes[-30:]).tanh() + autograd.sum([n * n for n in nodes[-9:]])
table = backprop(output)
graph = backprop(output, create_graph=True)
numbers = [*table.values(), *[g.data for g in graph.values()], *backprop(graph[nodes[0]]).values()]
order = [n.label or n.op for n in trace(output)]
rows = hessian(lambda p: autograd.logsumexp([p[0] * p[1], p[1].sin(), p[2]]))([0.1, 0.7, -0.4])
numbers += [x for row in rows for x in row]
text = str(table)
"""


def bits(junk: int = 0) -> str:
    names: dict[str, object] = {"JUNK": junk}
    exec(PROGRAM + DIGEST, names)
    return str(names["digest"])


DIGEST = """
import hashlib
packed = struct.pack(f"{len(numbers)}d", *numbers) + "|".join(order).encode() + text.encode()
digest = hashlib.sha256(packed).hexdigest()
"""


@pytest.mark.parametrize("seed", ["0", "1", "4242", "random"])
def test_bit_identical_in_other_processes(seed: str) -> None:
    root = Path(autograd.__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", f"JUNK = {len(seed) * 999}\n{PROGRAM}{DIGEST}\nprint(digest)"],
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == bits()


def test_bit_identical_in_one_process() -> None:
    assert {bits(junk) for junk in (0, 10, 12345)} == {bits()}


def test_sums_run_in_the_order_of_the_program() -> None:
    """Consumers add to a gradient from the output back: the rounding is always the same."""
    x = Value(0.1)
    terms = [x * factor for factor in (1e16, 3.0, -1e16, 7.0)]
    u = terms[0]
    for term in terms[1:]:
        u = u + term
    assert {backprop(u)[x] for _ in range(20)} == {backprop(u)[x]}
    first = [n.op for n in trace(u)]
    assert all([n.op for n in trace(u)] == first for _ in range(20))


def test_the_digest_sees_the_last_bits() -> None:
    assert hashlib.sha256(b"0").hexdigest() != bits()
    names: dict[str, object] = {"JUNK": 0}
    exec(PROGRAM.replace("-1, 1", "-1, 1.000000000000001") + DIGEST, names)
    assert names["digest"] != bits()
