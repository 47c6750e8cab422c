"""Random programs: lists of instructions that any kind of number can be sent through.

An instruction is drawn as plain integers and made to fit the numbers that have come up so far, so
that every drawn list is a program inside all domains, with numbers that neither vanish nor explode.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

from autograd import AutogradError, lookup
from autograd.apply import evaluate, local_derivatives

UNARY = (
    "neg", "exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan",
    "sinh", "cosh", "tanh", "erf", "sigmoid", "softplus",
)  # fmt: skip
BINARY = ("+", "-", "*", "/", "**")
MANY = ("sum", "dot", "prod", "logsumexp")
SMOOTH = UNARY + BINARY + MANY
CHOICES = ("abs", "relu", "leaky_relu", "maximum", "minimum", "clip", "where", "max", "min")

CONSTANTS = (2.0, -0.5, 3.0, 0.25, 1.5)
LARGEST, SMALLEST = 50.0, 1e-3


class Instruction(NamedTuple):
    """The operation and its operands: the number of an earlier result, or a constant."""

    name: str
    operands: tuple[int | float, ...]


class Program(NamedTuple):
    inputs: tuple[float, ...]
    instructions: tuple[Instruction, ...]


def programs(
    names: Sequence[str],
    shortest: int = 1,
    longest: int = 30,
    inputs: Any = None,
    zeros: bool = False,
) -> st.SearchStrategy[Program]:
    numbers = st.floats(0.1, 2.0).map(lambda x: round(x, 3)) if inputs is None else inputs
    drawn = st.tuples(st.integers(0, 9999), st.lists(st.integers(0, 9999), min_size=3, max_size=5))
    return st.builds(
        lambda xs, steps: fitted(names, xs, steps, zeros),
        st.lists(numbers, min_size=1, max_size=4),
        st.lists(drawn, min_size=shortest, max_size=longest),
    )


def fitted(names: Sequence[str], xs: list[float], steps: list[Any], zeros: bool = False) -> Program:
    """The program that the drawn integers stand for; with results that are 0 if wanted."""
    values, instructions = list(xs), []
    for choice, picks in steps:
        for k in range(len(names)):
            name = names[(choice + k) % len(names)]
            instruction = Instruction(name, _operands(name, picks, len(values)))
            value = _moderate(instruction, values)
            if value is not None and (value or zeros):
                values.append(value)
                instructions.append(instruction)
                break
    return Program(tuple(xs), tuple(instructions))


def _moderate(instruction: Instruction, values: Sequence[float]) -> float | None:
    """The result, unless it is out of reach or a derivative by an earlier result does not exist."""
    operation = lookup(instruction.name)
    arguments = [_get(values, o) for o in instruction.operands]
    try:
        value = evaluate(operation, arguments)
    except AutogradError:
        return None
    if not (SMALLEST < abs(value) < LARGEST or value == 0):
        return None
    slopes = local_derivatives(operation, arguments, value)
    taken = zip(slopes, instruction.operands, strict=True)
    return value if all(abs(s) < LARGEST for s, o in taken if type(o) is int) else None


def _operands(name: str, picks: list[int], count: int) -> tuple[int | float, ...]:
    many = lookup(name).any_number
    size = len(picks) if many else len(lookup(name).derivatives)
    operands: list[int | float] = [_operand(pick, count) for pick in picks[:size]]
    if name == "clip":
        operands[1:] = [-1.0, 1.0]
    if all(type(o) is float for o in operands):
        operands[0] = count - 1
    return tuple(operands)


def _operand(pick: int, count: int) -> int | float:
    """Mostly the last results, so that programs become deep; sometimes any, or a constant."""
    if pick % 7 == 0:
        return CONSTANTS[pick % len(CONSTANTS)]
    return pick % count if pick % 4 == 0 else max(0, count - 1 - (pick % 4 == 1))


def _get(values: Sequence[Any], operand: int | float) -> Any:
    return operand if type(operand) is float else values[operand]  # type: ignore[index]


def run(program: Program, inputs: Sequence[Any], carry_out: Any) -> Any:
    """The last result (or the first input); `carry_out(name, arguments)` does the operations."""
    values = list(inputs)
    for name, operands in program.instructions:
        values.append(carry_out(name, [_get(values, o) for o in operands]))
    return values[-1]
