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
from .scalars import Scalars, read_outside
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
    ids = elements_of(inputs)
    places = {i: place for place, i in enumerate([*ids, *program.in_order()])}
    more, read = count(len(places)), constants_of(program)
    for i, place in places.items():
        read[i] = f"v{place}"
    words = Words(read, lambda i: f"g{places[i]}", lambda _: f"v{next(more)}")
    lines = Statements(program, words)
    forward, backward = _lines(lines.forward()), _lines(lines.backward(not single))
    backward += _lines([s for i in ids for s in _of_input(lines, words, i)])
    kept = {read[i] for i in read_outside(program)}.union(*[line.reads for line in backward])
    slopes, seed = {words.gradient(i) for i in ids}, seed_of(single)
    return "\n\n".join([
        *_parts("forward", ["v"], forward, kept),
        _forward(program, inputs, forward, read, single, next(more), names.fresh("numbers")),
        *_parts("backward", ["v", "g", *seed], backward, slopes),
        _backward(backward, len(ids), len(places), seed),
    ]), []  # fmt: skip


def _forward(
    program: Scalars, inputs: list[Block], lines: list[Line], read: list[str], single: bool,
    size: int, numbers: str,
) -> str:  # fmt: skip
    """Calls of the functions that compute the numbers, of which there are so many."""
    given = sum([block.size for block in inputs])
    start = ", ".join(map(_flat, inputs))
    body = [f"{numbers} = [{start}] + [0.0] * {size - given}", *_calls("forward", [numbers], lines)]
    shown = [_LOCAL.sub(lambda found: f"{numbers}[{found[0][1:]}]", text) for text in read]
    result = result_of(program, shown, single, numbers)
    return function_text("forward", [block.name for block in inputs], body, result)


def _backward(lines: list[Line], inputs: int, size: int, seed: list[str]) -> str:
    """Calls of the functions that compute the gradients, of which those by inputs come first."""
    calls = _calls("backward", ["kept", "gradients", *seed], lines)
    body = [f"gradients = [0.0] * {size}", *calls]
    return function_text("backward", ["kept", *seed], body, f"gradients[:{inputs}]")


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
