"""A compiled program: the blocks, the source, and the functions made of it."""

from __future__ import annotations

import linecache
import weakref
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from operator import itemgetter
from threading import Lock
from typing import Any

import numpy as np

from .blocks import Block, View
from .edges import raising
from .errors import NotCompilable
from .fusing import fuse
from .grouping import groups_of
from .layout import Layout
from .linking import Step, linked
from .naming import RESERVED, name_blocks
from .scalars import ARGUMENT, NODE, PARAMETER, Scalars, scalars_of
from .source import Source, emit
from .straight_program import OUTCOMES, StraightProgram
from .tracing import Recording
from .writing import Names

_numbers = count(1)
EDGES_A_GROUP = 6  # operands in a group, on average, below which arrays do not pay


def compiled_program(
    recording: Recording, shapes: list[tuple[int, ...]], batched: list[bool], names: list[str],
    reduce: str | None,
) -> Program | StraightProgram:  # fmt: skip
    """The program of a recording: of arrays where there is something to group."""
    scalars = scalars_of(recording)
    fuse(scalars)
    argument_of = [i for i, s in enumerate(shapes) for _ in range(int(np.prod(s, dtype=int)))]
    groups = groups_of(scalars, argument_of)
    edges = sum(map(len, scalars.operands))
    if edges < EDGES_A_GROUP * len(groups) and not any(batched):
        return StraightProgram(recording, scalars, groups, shapes, names)
    return Program(recording, scalars, groups, shapes, batched, names, reduce)


class Program:
    """What one recording was compiled to."""

    def __init__(
        self, recording: Recording, scalars: Scalars, groups: list[list[int]],
        shapes: list[tuple[int, ...]], batched: list[bool], names: list[str], reduce: str | None,
    ) -> None:  # fmt: skip
        self.written, self.reduce = scalars.written, reduce
        self.structure, self.outputs = recording.structure, len(recording.outputs)
        self.single = recording.single
        layout = _laid_out(scalars, groups, list(zip(shapes, batched, strict=True)))
        self.output = layout.outputs(scalars.outputs, () if self.single else (self.outputs,))
        if any(batched) and reduce != "mean" and not _batched(self.output):
            raise NotCompilable("its result is the same for all samples")
        self.guards = _guards(scalars, layout)
        self.blocks = _needed(
            layout.blocks, [self.output, *[x for _, a, b, _ in self.guards for x in (a, b)]]
        )
        self.arguments = [b for b in layout.blocks if b.kind == ARGUMENT]
        self.parameters = [b for b in self.blocks if b.kind == PARAMETER]
        self.values = scalars.values_at([i for b in self.parameters for i in b.elements.tolist()])
        batch = next((i for i, x in enumerate(batched) if x), None)
        name_blocks(_all(self.arguments, self.blocks), scalars, names, self.output, Names("x"))
        self.batch_name = "" if batch is None else self.arguments[batch].name
        self.scattered = layout.scattered
        _count_written(scalars, layout.blocks)
        for block in layout.blocks:
            block.forget()
        self._variants: dict[tuple[bool, ...], Functions] = {}
        self._lock = Lock()

    def functions(self, wanted: tuple[bool, ...]) -> Functions:
        """Forward and backward, with gradients of the arguments that are wanted."""
        with self._lock:  # the blocks are marked while a variant is made of them
            if wanted not in self._variants:
                self._variants[wanted] = Functions(self, wanted)
            return self._variants[wanted]


def _guards(scalars: Scalars, layout: Layout) -> list[tuple[str, Any, Any, Any]]:
    """The comparisons of a kind together: both sides as views, and how they came out."""
    kinds: dict[Any, list[Any]] = {}
    for left, operator, right, outcome in scalars.guards:
        kind = (operator, *[(scalars.kinds[x], scalars.operations[x]) for x in (left, right)])
        kinds.setdefault(kind, []).append((left, right, outcome))
    found = []
    for (operator, *_), own in kinds.items():
        lefts, rights, outcomes = zip(*own, strict=True)
        shape = (len(own),) if len(own) > 1 else ()
        sides = [layout.outputs(list(side), shape) for side in (lefts, rights)]
        found.append((operator, *sides, np.reshape(outcomes, shape)))
    return found


class Functions:
    """Forward and backward of a program, for some of the arguments."""

    def __init__(self, program: Program, wanted: tuple[bool, ...]) -> None:
        for block, needed in zip(program.arguments, wanted, strict=True):
            block.variable = needed
        blocks = _all(program.arguments, program.blocks)
        for block in blocks:
            if block.operands:
                block.variable = any(
                    isinstance(x, View) and x.block.variable for x in block.operands
                )
        names = Names(program.batch_name)
        names.taken |= {block.name for block in blocks} | RESERVED
        guards = [(a, b) for _, a, b, _ in program.guards]
        self.program = program
        self.source: Source = emit(blocks, program.output, guards, program.reduce, names)
        compiled = executed(self.source.text, file_name())
        self.forward: Callable[..., tuple[Any, ...]] = compiled["forward"]
        self.backward: Callable[..., tuple[Any, ...]] = compiled["backward"]
        self.places = {b.name: i for i, b in enumerate([*program.arguments, *program.parameters])}
        first = len(self.places)
        self.places |= {name: first + i for i, name in enumerate(self.source.constants)}
        self.constants = list(self.source.constants.values())
        self._forward_inputs = self._inputs(self.source.forward_inputs)
        self._backward_inputs = self._inputs(self.source.backward_inputs)

    def _inputs(self, names: list[str]) -> Callable[[list[Any]], tuple[Any, ...]]:
        """The function that picks these out of all inputs."""
        places = [self.places[name] for name in names]
        if len(places) > 1:
            return itemgetter(*places)
        return lambda everything: tuple([everything[i] for i in places])

    def linked(self, parameters: Mapping[str, Any]) -> Step:
        """The quick way to the result and its gradients by these arrays: see `linking`."""
        return linked(self, parameters)

    def run(
        self, arguments: Iterable[Any], parameters: Iterable[Any]
    ) -> tuple[Any, Any, list[Any]]:
        """The result, what backward needs, and all inputs; None where a guard differs."""
        everything = [*arguments, *parameters, *self.constants]
        found = raising(self.forward, *self._forward_inputs(everything))
        if len(found) > 2 and not self.as_recorded(found[2]):
            return None, None, everything
        return found[0], found[1], everything

    def as_recorded(self, sides: tuple[Any, ...]) -> bool:
        """Whether comparisons come out as they did when the program was traced."""
        pairs = zip(sides[::2], sides[1::2], self.program.guards, strict=True)
        return all((OUTCOMES[g[0]](a, b) == g[3]).all() for a, b, g in pairs)

    def gradients(self, kept: Any, everything: list[Any], *seed: Any) -> tuple[Any, ...]:
        """The gradients by the wanted arguments, then by the parameters; they may be infinite."""
        return raising(self.backward, kept, *seed, *self._backward_inputs(everything))


def file_name() -> str:
    """A name for emitted source, as shown in tracebacks."""
    return f"autograd/compiled/program{next(_numbers)}.py"


def executed(source: str, file: str) -> dict[str, Any]:
    """Run emitted source, so that tracebacks and debuggers can show it."""
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    names: dict[str, Any] = {"np": np}
    exec(compile(source, file, "exec"), names)
    weakref.finalize(names["forward"], linecache.cache.pop, file, None).atexit = False
    return names


def _batched(output: Any) -> bool:
    """Whether the result differs from sample to sample."""
    return isinstance(output, View) and output.block.batched


def _laid_out(program: Scalars, groups: list[list[int]], arguments: list[Any]) -> Layout:
    """Place the groups; those that compute from parameters alone come late."""
    layout = Layout(program, arguments)
    waiting: dict[int, list[int]] = {}  # groups by their first node
    group_of = np.full(len(program.kinds), -1)  # for the nodes of waiting groups
    for group in groups:
        table = layout.table(group)
        used = group_of[table]
        for first in np.unique(used[used >= 0]).tolist():
            if first in waiting:
                layout.place(waiting.pop(first))
        if (layout.kinds[table] != NODE).all() and (table >= program.arguments).all():
            waiting[group[0]] = group
            group_of[group] = group[0]
        else:
            layout.place(group)
    for group in waiting.values():
        layout.place(group)
    return layout


def _count_written(program: Scalars, blocks: list[Block]) -> None:
    """Tell each block how many of the traced nodes it replaced."""
    counts = np.ones(len(program.kinds), dtype=np.int64)
    counts[list(program.before.values())] = 0
    for root, absorbed in program.replaced.items():
        counts[root] += absorbed
    for block in blocks:
        if block.kind == NODE and block.form != "join":
            block.written = int(counts[block.elements].sum())


def _needed(blocks: list[Block], outputs: list[Any]) -> list[Block]:
    """The blocks that the outputs depend on, in their order."""
    found = {id(x.block) for x in outputs if isinstance(x, View)}
    for block in reversed(blocks):
        if id(block) in found:
            found.update(id(x.block) for x in block.operands if isinstance(x, View))
    return [block for block in blocks if id(block) in found]


def _all(arguments: list[Block], blocks: list[Block]) -> list[Block]:
    return [*arguments, *[block for block in blocks if block.kind != ARGUMENT]]
