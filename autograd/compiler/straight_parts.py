"""Straight lines that are too many for one function: spread over functions of bounded size.

All numbers are in a list v, those of the inputs first, and the gradients by them in a list g. Each
function takes from the lists what it reads, and puts there what others read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import count, pairwise
from typing import NamedTuple

from .blocks import Block
from .scalars import Scalars
from .source import function_text
from .straight import Statement, Statements, Words
from .straight_source import constants_of, elements_of, result_of, seed_of
from .writing import Names

SIZE = 1000  # statements in one function
_LOCAL = re.compile(r"(?<!['\w])[vg]\d+\b")


class Line(NamedTuple):
    """A statement, and the names that it reads."""

    name: str
    text: str
    reads: list[str]


def long_source(
    program: Scalars, inputs: list[Block], single: bool, names: Names
) -> tuple[str, list[int]]:
    """The source, in many functions; `backward` takes no inputs."""
    ids, numbers = elements_of(inputs), names.fresh("numbers")
    places = {i: place for place, i in enumerate([*ids, *program.in_order()])}
    more, read, shown = count(len(places)), constants_of(program), constants_of(program)
    for i, place in places.items():
        read[i], shown[i] = f"v{place}", f"{numbers}[{place}]"
    words = Words(read, lambda i: f"g{places[i]}", lambda _: f"v{next(more)}")
    lines = Statements(program, words)
    forward, backward = _lines(lines.forward()), _lines(lines.backward(not single))
    backward += _lines([s for i in ids for s in _of_input(lines, words, i)])
    results = {read[i] for i in program.outputs} | {
        read[i] for left, _, right, _ in program.guards for i in (left, right)
    }
    kept = results.union(*[line.reads for line in backward])
    seed, start = seed_of(single), ", ".join(map(_flat, inputs))
    text = "\n\n".join([
        *_parts("forward", ["v"], forward, kept),
        function_text(
            "forward", [block.name for block in inputs],
            [f"{numbers} = [{start}] + [0.0] * {next(more) - len(ids)}",
             *_calls("forward", [numbers], forward)],
            result_of(program, shown, single, numbers),
        ),
        *_parts("backward", ["v", "g", *seed], backward, {words.gradient(i) for i in ids}),
        function_text(
            "backward", ["kept", *seed],
            [f"gradients = [0.0] * {len(places)}",
             *_calls("backward", ["kept", "gradients", *seed], backward)],
            f"gradients[:{len(ids)}]",
        ),
    ])  # fmt: skip
    return text, []


def _lines(statements: Iterable[Statement]) -> list[Line]:
    return [Line(s.name, s.text, _LOCAL.findall(s.text)) for s in statements]


def _of_input(lines: Statements, words: Words, i: int) -> list[Statement]:
    """The statements that set the gradient by an input."""
    text, statements = lines.gradient(i)
    return statements or [Statement(words.gradient(i), text)]


def _flat(block: Block) -> str:
    """The numbers of an input, one after another."""
    names, text = [block.name, *[f"row{k}" for k in range(1, len(block.shape))]], ""
    for outer, inner in pairwise(names):
        text += f" for {inner} in {outer}"
    if text:
        return f"*[x{text} for x in {names[-1]}]"
    return f"*{block.name}" if block.shape else block.name


def _slices(lines: list[Line]) -> Iterator[list[Line]]:
    for start in range(0, len(lines), SIZE):
        yield lines[start : start + SIZE]


def _read_before_set(part: list[Line]) -> set[str]:
    known: set[str] = set()
    found: set[str] = set()
    for line in part:
        found.update([name for name in line.reads if name not in known])
        known.add(line.name)
    return found


def _parts(name: str, takes: list[str], lines: list[Line], wanted: set[str]) -> Iterator[str]:
    """The statements as functions, which also keep what is wanted: no input has such a name."""
    read = [_read_before_set(part) for part in _slices(lines)]
    stored = wanted.union(*read)
    for number, (part, own) in enumerate(zip(_slices(lines), read, strict=True), 1):
        texts = [f"{n} = {n[0]}[{n[1:]}]" for n in sorted(own, key=_order)]
        texts += [f"{line.name} = {line.text}" for line in part]
        kept = sorted({line.name for line in part} & stored, key=_order)
        texts += [f"{n[0]}[{n[1:]}] = {n}" for n in kept]
        yield function_text(f"_{name}_{number}", takes, texts, "")


def _calls(name: str, given: list[str], lines: list[Line]) -> list[str]:
    return [f"_{name}_{number}({', '.join(given)})" for number, _ in enumerate(_slices(lines), 1)]


def _order(name: str) -> tuple[str, int]:
    return name[0], int(name[1:])
