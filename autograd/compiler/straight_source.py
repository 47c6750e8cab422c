"""Straight lines as two functions that read as if they were written by hand.

`forward` takes the inputs under their names, as numbers or lists of numbers; it gives the result
and what `backward` needs. That gives the gradients by all numbers of the inputs, in their order.
"""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import wrap
from typing import Any

import numpy as np

from .blocks import Block
from .naming import identifier
from .scalars import CONSTANT, Scalars
from .source import function_text, tuple_text, unpacked_text, used_names
from .straight import Statement, Statements, Words
from .writing import Names

WIDE = 80  # characters in a list on one line


def short_source(
    program: Scalars, inputs: list[Block], single: bool, names: Names
) -> tuple[str, list[int]]:
    """The source, and which of the inputs `backward` takes."""
    words = _words(program, inputs, names)
    lines = Statements(program, words)
    forward, backward = _texts(lines.forward()), _texts(lines.backward(not single))
    gradients = []
    for block in inputs:
        found = [lines.gradient(i) for i in block.elements.tolist()]
        gradients.append(", ".join([text for text, _ in found]))
        backward += [line for _, own in found for line in _texts(own)]
    result = _listed([text for text in gradients if text])
    used = used_names([*backward, result])
    kept = [words.read[i] for i in lines.order if words.read[i] in used]
    opening = [f"{unpacked_text(kept)} = kept"] if kept else []
    needed = [k for k, block in enumerate(inputs) if block.name in used]
    taken = ["kept", *seed_of(single), *[inputs[k].name for k in needed]]
    given = result_of(program, words.read, single, tuple_text(kept))
    first = function_text("forward", [block.name for block in inputs], forward, given)
    return f"{first}\n\n{function_text('backward', taken, opening + backward, result)}", needed


def _listed(parts: list[str]) -> str:
    """A list as source, in several lines where it is long."""
    if sum(map(len, parts)) < WIDE:
        return f"[{', '.join(parts)}]"
    lines = [line for part in parts for line in wrap(f"{part},", WIDE)]
    return "\n".join(["[", *[f"        {line}" for line in lines], "    ]"])


def _texts(statements: Iterable[Statement]) -> list[str]:
    return [f"{s.name} = {s.text}" for s in statements]


def _words(program: Scalars, inputs: list[Block], names: Names) -> Words:
    """Names from the labels of nodes, and the names and places of inputs."""
    read, stems, number = constants_of(program), dict[int, str](), 0
    for block in inputs:
        for i, place in zip(block.elements.tolist(), np.ndindex(block.shape), strict=True):
            read[i] = block.name + "".join([f"[{k}]" for k in place])
            stems[i] = "_".join([block.name, *map(str, place)])
    for i in program.in_order():
        node = program.nodes[i]
        name = identifier(node.label, "") if node is not None else ""
        if not name:
            number += 1
            name = f"v{number}"
        read[i] = stems[i] = names.fresh(name)

    def derived(stem: str) -> Any:
        return lambda i: names.fresh(stem.format(stems[i]))

    return Words(read, derived("d{}"), derived("{}_slopes"))


# ── what long programs do alike ───────────────────────────────────────────────────────────────────


def elements_of(inputs: list[Block]) -> list[int]:
    """The numbers of the inputs, from left to right."""
    return [i for block in inputs for i in block.elements.tolist()]


def seed_of(single: bool) -> list[str]:
    """What else `backward` takes: with one result nothing."""
    return [] if single else ["seed"]


def constants_of(program: Scalars) -> list[str]:
    """For each element its number as source, where it is a constant."""
    return [
        _literal(x) if kind == CONSTANT else ""
        for kind, x in zip(program.kinds, program.values, strict=True)
    ]


def _literal(x: float) -> str:
    text = repr(x) if x - x == 0.0 else f"float({str(x)!r})"
    return f"({text})" if x < 0 else text


def result_of(program: Scalars, read: list[str], single: bool, kept: str) -> str:
    """What `forward` gives: the result, what is kept, and both sides of each comparison."""
    outputs = ", ".join([read[i] for i in program.outputs])
    sides = [read[i] for left, _, right, _ in program.guards for i in (left, right)]
    parts = [outputs if single else f"[{outputs}]", kept, *([tuple_text(sides)] if sides else [])]
    return ", ".join(parts)
