"""What a strict type checker lets pass in a user's program, and what it does not."""

from __future__ import annotations

import typing
from pathlib import Path

import pytest

from autograd import Value

RIGHT = """
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

import autograd
from autograd import Value, clip, dot, exp, leaky_relu, logsumexp, maximum, prod, tanh, where

Array = np.ndarray[Any, np.dtype[np.float64]]


def neuron(w: list[Value], x: list[float], b: Value) -> Value:
    return tanh(dot(w, x, b))


def of_either(w: Sequence[Value], x: Sequence[Value | float]) -> Value:
    return dot(w, x) + dot([1.0, 2.0], w)


def of_many(xs: list[Value]) -> Value:
    return autograd.sum(xs) + autograd.max(xs) * autograd.min(xs) - prod(xs) / logsumexp(xs)


def of_floats(xs: list[float], ks: tuple[int, ...]) -> float:
    return autograd.sum(xs) + prod(ks) + dot(xs, ks) + where(True, 1, 2) + clip(2.0, 1, 2)


def choices(x: Value) -> Value:
    chosen = where(x > 0, x, 0.0) + where(x > 0, 1.0, x) + clip(x, -1, 1)
    return chosen + maximum(0.0, x) + x.maximum(y=1) + x.leaky_relu(slope=0.2)


def numbers(x: Value) -> Value:
    given = Value(Fraction(1, 3)) + Value(Decimal(3)) + Value(True) + Value(np.array(2.0))
    return given + np.float32(2) + np.int64(3) * x + leaky_relu(x, slope=np.float64(0.2))


def arrays(x: Value, a: Array) -> Any:
    return x + a, a * x, exp(a), dot(a, a), autograd.sum(a)
"""

WRONG = """
from autograd import Value, dot, exp
x = Value(1.0)
Value("3")
Value(None)
Value(1j)
Value([1.0])
Value(x)
Value(1.0, 2)
x + "a"
"a" * x
x ** None
x < "a"
x.maximum(other=1.0)
x.leaky_relu(alpha=0.2)
x.clip("a", 2)
y: float = exp(x)
z: float = dot([x], [1.0])
"""


def complaints(program: str, folder: Path) -> list[int]:
    """The lines in which mypy finds errors."""
    mypy = pytest.importorskip("mypy.api", reason="needs mypy")
    file = folder / "program.py"
    file.write_text(program.lstrip())
    found, problem, _ = mypy.run(["--strict", "--config-file=", str(file)])
    assert not problem
    lines = [line.split(":") for line in found.splitlines() if ": error: " in line]
    assert all(Path(place).name == file.name for place, *_ in lines), found
    return sorted({int(number) for _, number, *_ in lines})


def test_right_programs_pass(tmp_path: Path) -> None:
    assert complaints(RIGHT, tmp_path) == []


def test_wrong_lines_do_not(tmp_path: Path) -> None:
    assert complaints(WRONG, tmp_path) == list(range(3, WRONG.count("\n")))


def test_hints_can_be_read_at_run_time() -> None:
    assert typing.get_type_hints(type(Value).__call__)["label"] is str
