"""Random programs against PyTorch in float64: values, gradients, Hessians, also at kinks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from autograd import Value, backprop, hessian, hvp, lookup
from autograd.apply import apply

from .programs import CHOICES, SMOOTH, Program, programs, run

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch")


def _dot(*numbers: Any) -> Any:
    n = len(numbers) // 2
    return sum(
        (a * b for a, b in zip(numbers[:n], numbers[n : 2 * n], strict=True)), sum(numbers[2 * n :])
    )


TORCH: dict[str, Callable[..., Any]] = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y,
    "**": lambda x, y: x**y,
    "neg": lambda x: -x,
    "abs": torch.abs,
    "clip": torch.clamp,
    "leaky_relu": lambda x, slope: torch.where(x > 0, x, slope * x),
    "where": lambda condition, x, y: torch.where(condition != 0, x, y),
    "softplus": lambda x: torch.logaddexp(x, torch.zeros_like(x)),
    "sum": lambda *xs: torch.stack(xs).sum(),
    "prod": lambda *xs: torch.stack(xs).prod(),
    "max": lambda *xs: torch.amax(torch.stack(xs), 0),
    "min": lambda *xs: torch.amin(torch.stack(xs), 0),
    "logsumexp": lambda *xs: torch.logsumexp(torch.stack(xs), 0),
    "dot": _dot,
}


def on_values(name: str, arguments: Sequence[Any]) -> Any:
    return apply(lookup(name), arguments)


def on_tensors(name: str, arguments: Sequence[Any]) -> Any:
    tensors = [
        torch.tensor(a, dtype=torch.float64) if isinstance(a, float) else a for a in arguments
    ]
    return TORCH.get(name, getattr(torch, name, None))(*tensors)


def tensors_of(numbers: Sequence[float]) -> list[Any]:
    return [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in numbers]


def gradients_of(output: Any, inputs: list[Any]) -> list[float]:
    if not output.requires_grad:
        return [0.0] * len(inputs)
    found = torch.autograd.grad(output, inputs, allow_unused=True)
    return [0.0 if g is None else g.item() for g in found]


def _compare(program: Program, tolerance: float) -> None:
    xs, ts = [Value(x) for x in program.inputs], tensors_of(program.inputs)
    ours, theirs = run(program, xs, on_values), run(program, ts, on_tensors)
    assert ours.data == pytest.approx(theirs.item(), rel=tolerance, abs=tolerance)
    table = backprop(ours)
    found = [table.get(x, 0.0) for x in xs]
    expected = gradients_of(theirs, ts)
    size = max([1.0, *[abs(e) for e in expected if e == e]])  # nan: a negative base's exponent
    assert found == pytest.approx(expected, rel=tolerance, abs=tolerance * size, nan_ok=True)


@settings(max_examples=100)
@given(programs(SMOOTH + CHOICES, shortest=5))
def test_gradients_of_programs(program: Program) -> None:
    _compare(program, 1e-9)


KINKS = (
    "abs",
    "relu",
    "maximum",
    "minimum",
    "max",
    "min",
    "clip",
    "+",
    "-",
    "*",
    "neg",
    "sum",
    "prod",
)


@settings(max_examples=150)
@given(programs(KINKS, shortest=2, longest=12, inputs=st.integers(-2, 2).map(float), zeros=True))
def test_conventions_at_kinks_and_ties(program: Program) -> None:
    """Small whole numbers meet zeros and ties all the time; nothing is rounded."""
    _compare(program, 1e-12)


@pytest.mark.parametrize("x", [-2.0, -0.0, 0.0, 1.0])
def test_leaky_relu(x: float) -> None:
    v, t = Value(x), tensors_of([x])
    expected = gradients_of(torch.nn.functional.leaky_relu(t[0], 0.01), t)
    assert [backprop(v.leaky_relu())[v]] == expected


@pytest.mark.parametrize(
    ("x", "y"),
    [(0.0, 0.0), (0.0, 2.0), (0.0, 1.0), (2.0, 0.0), (-2.0, 3.0), (-2.0, 0.0), (3.0, -1.5)],
)
def test_powers(x: float, y: float) -> None:
    """By the base always, by the exponent where the base is not negative."""
    a, b = Value(x), Value(y)
    ts = tensors_of([x, y])
    by_base, by_exponent = gradients_of(ts[0] ** ts[1], ts)
    table = backprop(a**b)
    assert table[a] == pytest.approx(by_base, rel=1e-14)
    if x >= 0:
        assert table[b] == pytest.approx(by_exponent, rel=1e-14)
    assert backprop(a**y)[a] == pytest.approx(by_base, rel=1e-14)


@settings(max_examples=25)
@given(programs(SMOOTH, shortest=2, longest=8))
def test_hessians(program: Program) -> None:
    point = list(program.inputs)
    found = hessian(lambda xs: run(program, xs, on_values))(point)

    def theirs(t: Any) -> Any:
        return run(program, list(t.unbind()), on_tensors)

    expected = torch.autograd.functional.hessian(theirs, torch.tensor(point, dtype=torch.float64))
    size = max(1.0, expected.abs().max().item())
    for row, other in zip(found, expected.tolist(), strict=True):
        assert row == pytest.approx(other, rel=1e-8, abs=1e-9 * size)


@settings(max_examples=15)
@given(programs(SMOOTH, shortest=4, longest=12))
def test_hessian_vector_products(program: Program) -> None:
    point = list(program.inputs)
    vector = [1.0, -0.5, 2.0, 0.25][: len(point)]
    found = hvp(lambda xs: run(program, xs, on_values))(point, vector)

    def theirs(t: Any) -> Any:
        return run(program, list(t.unbind()), on_tensors)

    tensor, direction = (torch.tensor(n, dtype=torch.float64) for n in (point, vector))
    expected = torch.autograd.functional.vhp(theirs, tensor, direction)[1].tolist()
    size = max(1.0, *map(abs, expected))
    assert found == pytest.approx(expected, rel=1e-8, abs=1e-9 * size)


@pytest.mark.long
@settings(max_examples=1500)
@given(programs(SMOOTH + CHOICES, shortest=10, longest=60))
def test_gradients_of_many_programs(program: Program) -> None:
    _compare(program, 1e-7)
