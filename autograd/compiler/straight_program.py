"""A program of straight lines, with the same face as a program of arrays."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from itertools import compress
from typing import Any

import numpy as np

from .. import numerics
from .blocks import Block
from .edges import check_gradients, raising
from .linking import Step
from .naming import RESERVED, identifier, name_parameters
from .parameter_blocks import parameter_blocks
from .pieces import Pieces
from .scalars import ARGUMENT, Scalars
from .standalone import standalone
from .straight_parts import SIZE, long_source
from .straight_source import short_source
from .tracing import Recording
from .writing import Names

OUTCOMES: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "!=": operator.ne,
    "==": operator.eq,
}  # fmt: skip
_OUR_OWN = RESERVED | {"abs", "nan", "gradients", *[f"scalar_{name}" for name in vars(numerics)]}
_ROOM = 4096  # words, for which Python takes a chunk of twice that and more


class StraightProgram:
    """What one recording was compiled to, where nothing could be grouped."""

    def __init__(
        self, recording: Recording, scalars: Scalars, groups: list[list[int]],
        shapes: list[tuple[int, ...]], given: list[str],
    ) -> None:  # fmt: skip
        self.written, self.structure = scalars.written, recording.structure
        self.single, self.outputs = recording.single, len(recording.outputs)
        names = Names("")
        names.taken |= _OUR_OWN
        self.arguments = _arguments(shapes, given, names)
        self.blocks = self.parameters = parameter_blocks(scalars, groups)
        name_parameters(self.parameters, scalars, names)
        self.values = scalars.values_at([i for b in self.parameters for i in b.elements.tolist()])
        count = f"{self.written} node{'s' * (self.written != 1)}"
        self.scattered = [f"{count}: too few of a kind for arrays"]
        self._functions = StraightFunctions(self, scalars, names)
        for block in self.parameters:
            block.forget()

    def functions(self, wanted: tuple[bool, ...]) -> StraightFunctions:
        """The functions; they give the gradients of everything."""
        return self._functions.for_arguments(wanted)


def _arguments(shapes: list[tuple[int, ...]], given: list[str], names: Names) -> list[Block]:
    blocks, start = [], 0
    for shape, name in zip(shapes, given, strict=True):
        stop = start + int(np.prod(shape, dtype=int))
        blocks.append(Block("leaf", shape, np.arange(start, stop), kind=ARGUMENT))
        blocks[-1].name, start = names.fresh(identifier(name, "x")), stop
    return blocks


class _Source:
    """The text; there are no arrays of constants in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.constants: dict[str, Any] = {}


class StraightFunctions:
    """Forward and backward on floats, and on lists of them."""

    def __init__(self, program: StraightProgram, scalars: Scalars, names: Names) -> None:
        from .program import executed, file_name

        self.program, self.wanted = program, [False] * len(program.arguments)
        inputs = [*program.arguments, *program.parameters]
        size = scalars.written + sum([block.size for block in inputs])
        write = short_source if size <= SIZE else long_source
        text, self._needed = write(scalars, inputs, program.single, names)
        self.source = _Source(standalone(text))
        compiled = executed(self.source.text, file_name())
        self.forward, self.backward = compiled["forward"], compiled["backward"]
        if size > SIZE:
            self.forward, self.backward = _with_room(self.forward), _with_room(self.backward)
        self._guards = [(sign, outcome) for _, sign, _, outcome in scalars.guards]
        self._pieces = Pieces([block.shape for block in inputs])

    def for_arguments(self, wanted: tuple[bool, ...]) -> StraightFunctions:
        """The same, with gradients of some arguments."""
        other: StraightFunctions = object.__new__(StraightFunctions)
        other.__dict__.update(self.__dict__, wanted=list(wanted))
        return other

    def linked(self, parameters: Mapping[str, Any]) -> Step:
        """The function of the arguments that gives the one result, its gradients by these arrays,
        and their sum; None where a guard differs."""
        arrays = list(parameters.values())
        pieces = Pieces([array.shape for array in arrays])
        first = sum([block.size for block in self.program.arguments])

        def step(*arguments: Any) -> tuple[float, dict[str, Any], float] | None:
            lists = [x.tolist() for x in (*arguments, *arrays)]
            value, kept, *sides = self.forward(*lists)
            if sides and not self._as_recorded(*sides):
                return None
            slopes = self.backward(kept, *[lists[k] for k in self._needed])[first:]
            gradients = pieces.of(np.array(slopes))
            return float(value), dict(zip(parameters, gradients, strict=True)), sum(slopes)

        return step

    def run(
        self, arguments: Iterable[Any], parameters: Iterable[Any]
    ) -> tuple[Any, Any, list[Any]]:
        """The result, what backward needs, and all inputs; None where a guard differs."""
        lists = [x.tolist() for x in (*arguments, *parameters)]
        value, kept, *sides = raising(self.forward, *lists)
        if sides and not self._as_recorded(*sides):
            return None, None, lists
        return value if self.program.single else np.array(value), kept, lists

    def _as_recorded(self, sides: tuple[float, ...]) -> bool:
        """Whether comparisons come out as they did when the program was traced."""
        pairs = zip(sides[::2], sides[1::2], self._guards, strict=True)
        return all(OUTCOMES[sign](a, b) == outcome for a, b, (sign, outcome) in pairs)

    def gradients(self, kept: Any, everything: list[Any], *seed: Any) -> tuple[Any, ...]:
        """The gradients by the wanted arguments, then by the parameters."""
        inputs = [everything[k] for k in self._needed]
        flat = np.array(raising(self.backward, kept, *[s.tolist() for s in seed], *inputs))
        check_gradients((flat,))
        wanted = [*self.wanted, *[True] * len(self.program.parameters)]
        return tuple(compress(self._pieces.of(flat), wanted))


def _with_room(function: Callable[..., None]) -> Callable[..., None]:
    """The function with a frame so large that those of the functions it calls find room behind it.

    Python takes memory for frames in chunks of 16 kB. Where one ends among calls of large frames,
    each of these calls takes another chunk from the system and gives it back, which costs more
    than what it computes.
    """
    function.__code__ = function.__code__.replace(co_stacksize=_ROOM)
    return function
