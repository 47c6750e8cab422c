"""A program of straight lines, with the same face as a program of arrays."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from .blocks import Block
from .edges import check_gradients, raising
from .linking import Step
from .scalars import ARGUMENT, CONSTANT, PARAMETER, Scalars
from .straight import straight_source
from .tracing import Recording

OUTCOMES: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "!=": operator.ne,
    "==": operator.eq,
}  # fmt: skip
_ROOM = 4096  # words, for which Python takes a chunk of twice that and more


class StraightProgram:
    """What one recording was compiled to, where nothing could be grouped."""

    def __init__(
        self,
        recording: Recording,
        scalars: Scalars,
        shapes: list[tuple[int, ...]],
        names: list[str],
    ) -> None:
        self.written, self.structure = scalars.written, recording.structure
        self.single, self.outputs = recording.single, len(recording.outputs)
        self.values = scalars.values_at(scalars.parameters)
        n = len(scalars.parameters)
        everything = np.array(scalars.parameters)
        self.parameters = [Block("leaf", (n,), everything, kind=PARAMETER)] if n else []
        self.arguments = [
            Block("leaf", s, np.zeros(0, dtype=np.int64), kind=ARGUMENT) for s in shapes
        ]
        for block in self.parameters:
            block.name = "parameters"
        for block, name in zip(self.arguments, names, strict=True):
            block.name = name
        self.blocks = self.parameters
        count = f"{self.written} node{'s' * (self.written != 1)}"
        self.scattered = [f"{count}: too few of a kind for arrays"]
        self._functions = StraightFunctions(self, scalars)

    def functions(self, wanted: tuple[bool, ...]) -> StraightFunctions:
        """The functions; they give the gradients of everything."""
        return self._functions.for_arguments(wanted)


class _Source:
    """The text and what it returns."""

    def __init__(self, text: str, gradients: list[Block]) -> None:
        self.text, self.gradients = text, gradients
        self.constants: dict[str, Any] = {}


class StraightFunctions:
    """Forward and backward on lists of floats."""

    def __init__(self, program: StraightProgram, scalars: Scalars) -> None:
        from .program import executed, file_name

        self.program, self.wanted = program, [False] * len(program.arguments)
        text = _description(program, scalars) + straight_source(scalars, not program.single)
        self.source = _Source(text, program.parameters)
        compiled = executed(self.source.text, file_name())
        self.forward = _with_room(compiled["forward"])
        self.backward = _with_room(compiled["backward"])
        self.outputs, self.guards = scalars.outputs, scalars.guards
        self.empty = [
            x if kind == CONSTANT else None
            for kind, x in zip(scalars.kinds, scalars.values, strict=True)
        ]
        self.leaves = [*range(scalars.arguments), *scalars.parameters]

    def for_arguments(self, wanted: tuple[bool, ...]) -> StraightFunctions:
        """The same, with gradients of some arguments."""
        other: StraightFunctions = object.__new__(StraightFunctions)
        other.__dict__.update(self.__dict__, wanted=list(wanted))
        return other

    def linked(self, parameters: Mapping[str, Any]) -> Step:
        """The function of the arguments that gives the one result and its gradients."""

        def step(*arguments: Any) -> tuple[float, dict[str, Any], float] | None:
            value, kept, everything = self.run(arguments, parameters.values())
            if kept is None:
                return None
            gradients = self.gradients(kept, everything)
            return float(value), dict(zip(parameters, gradients, strict=True)), 0.0

        return step

    def run(
        self, arguments: Iterable[Any], parameters: Iterable[Any]
    ) -> tuple[Any, Any, list[Any]]:
        """The result, the list of values, and all inputs; None where a guard differs."""
        values = self.empty.copy()
        numbers = [x for array in [*arguments, *parameters] for x in array.ravel().tolist()]
        for i, x in zip(self.leaves, numbers, strict=True):
            values[i] = x
        try:
            raising(self.forward, values)
        except ValueError as problem:  # how `math` refuses a number
            raise FloatingPointError(str(problem)) from None
        for left, sign, right, outcome in self.guards:
            if OUTCOMES[sign](values[left], values[right]) != outcome:
                return None, None, []
        if self.program.single:
            return values[self.outputs[0]], values, []
        return np.array([values[i] for i in self.outputs]), values, []

    def gradients(self, kept: Any, everything: list[Any], *seed: Any) -> tuple[Any, ...]:
        """The gradients by the wanted arguments, then by the parameters."""
        found: list[Any] = [0.0] * len(kept)
        raising(self.backward, kept, found, *[s.tolist() for s in seed])
        flat = np.array([found[i] for i in self.leaves])
        check_gradients((flat,))
        gradients, start = [], 0
        for block, wanted in zip(self.program.arguments, self.wanted, strict=True):
            if wanted:
                gradients.append(flat[start : start + block.size].reshape(block.shape))
            start += block.size
        if self.program.parameters:
            gradients.append(flat[start:])
        return tuple(gradients)


def _description(program: StraightProgram, scalars: Scalars) -> str:
    """Comment lines: what is where in the lists."""
    start, parts = 0, []
    for block in program.arguments:
        parts.append(f"{block.name} in {_places(range(start, start + block.size))}")
        start += block.size
    if scalars.parameters:
        parts.append(f"the parameters in {_places(scalars.parameters)}")
    return (
        f"# v: {len(scalars.kinds)} numbers, with {', '.join(parts) or 'nothing'} to begin with.\n"
        f"# forward(v) puts the result into {_places(scalars.outputs)}; backward(v, g) puts the\n"
        "# gradients into g, a list of as many zeros, where their numbers are in v.\n\n"
    )


def _places(ids: Sequence[int]) -> str:
    """v[0], v[3:7] and so on."""
    cuts = [i for i in range(1, len(ids)) if ids[i] != ids[i - 1] + 1]
    runs = [ids[a:b] for a, b in pairwise([0, *cuts, len(ids)]) if b > a]
    return ", ".join(f"v[{r[0]}]" if len(r) == 1 else f"v[{r[0]}:{r[-1] + 1}]" for r in runs)


def _with_room(function: Callable[..., None]) -> Callable[..., None]:
    """The function with a frame so large that those of the functions it calls find room behind it.

    Python takes memory for frames in chunks of 16 kB. Where one ends among calls of large frames,
    each of these calls takes another chunk from the system and gives it back, which costs more
    than what it computes.
    """
    function.__code__ = function.__code__.replace(co_stacksize=_ROOM)
    return function
