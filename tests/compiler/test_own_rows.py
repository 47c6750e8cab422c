"""Operations of a user's own under jit: their rules may do anything that eager mode allows."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from autograd import Value, backprop, define, dot, jit, operation, step, sum as total, where


@pytest.fixture(autouse=True)
def own_rows() -> Iterator[None]:
    """Rows that a test adds to the table are gone after it."""
    before = dict(operation._table)
    yield
    operation._table.clear()
    operation._table.update(before)


def geometric_mean(*xs: float) -> float:
    return math.exp(sum(map(math.log, xs)) / len(xs))


ROWS: dict[str, tuple[Callable[..., float], Callable[[Any, Any], list[Any]]]] = {
    "counted": (geometric_mean, lambda xs, u: [u / len(xs) / x for x in xs]),
    "mean": (lambda *xs: sum(xs) / len(xs), lambda xs, u: [1 / len(xs) for _ in xs]),
    "told_apart": (
        lambda *xs: xs[0] - sum(xs[1:]),
        lambda xs, u: [1.0] + [-1.0] * (len(xs) - 1),
    ),
    "alike": (lambda *xs: sum(x * x for x in xs), lambda xs, u: [2.0 * x for x in xs]),
    "weighted": (
        lambda *xs: sum(i * x * x for i, x in enumerate(xs)),
        lambda xs, u: [2.0 * i * x for i, x in enumerate(xs)],
    ),
}


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("n", [1, 2, 3, 7])
def test_rows_of_any_number_have_their_own_derivatives(name: str, n: int) -> None:
    row = define(f"{name}_row", *ROWS[name], any_number=True)
    weights = [Value(1.0 + i, f"w{i}") for i in range(n)]

    def loss(xs: Any) -> Any:
        return total([row([w * x for w in weights]) for x in xs])

    compiled, xs = jit(loss), np.linspace(1.0, 4.0, 8)
    for _ in range(2):
        table, expected = backprop(compiled(xs)), backprop(loss(xs))
        for w in weights:
            assert table[w] == pytest.approx(expected[w], rel=1e-12)


def test_a_row_of_any_number_on_one_operand_is_not_taken_for_that_operand() -> None:
    bent = define(
        "bent",
        lambda *xs: sum(x if x <= 1.0 else x * x for x in xs),
        lambda xs, u: [where(step(x - 1.0), 2.0 * x, 1.0) for x in xs],
        any_number=True,
    )
    weights = [Value(0.1 * i) for i in range(5)]
    compiled = jit(lambda x: bent([dot(weights, weights, x)]))
    for x in (0.1, 0.2, 3.0):
        node, expected = compiled(Value(x)), bent([dot(weights, weights, x)])
        assert node.op == "jit"
        assert node.data == pytest.approx(expected.data, rel=1e-12)
        found, wanted = backprop(node), backprop(expected)
        assert [found[w] for w in weights] == pytest.approx([wanted[w] for w in weights], rel=1e-12)


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_source_with_infinities_runs_by_itself(number: float) -> None:
    f = define("cliff", lambda x: x * 1.0, lambda x, u: where(x, 1.0, number))
    w = Value(2.0, "w")
    compiled = jit(lambda x: f(w * x) * 2.0)
    compiled(3.0)
    names: dict[str, Any] = {"np": np}
    exec(compiled.source, names)
    used = set(re.findall(r"\b(?:inf|nan)\b", compiled.source))
    assert used
    assert used <= names.keys()


RULES: dict[str, Callable[[Any, Any], Any]] = {
    "one over a square": lambda x, u: 1 / (1 + abs(x)) ** 2,
    "square of a sum": lambda x, u: (1 + x) ** 2,
    "less a square": lambda x, u: 2 - (1 + x) ** 2,
    "square of a product": lambda x, u: 3 / (x * u) ** 2,
    "square of a negative": lambda x, u: (-x) ** 2,
    "square as an exponent": lambda x, u: 2 ** (x + 1) ** 2,
}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_squares_in_rules_keep_their_brackets(rule: Callable[[Any, Any], Any]) -> None:
    one, w = define("one_row", lambda x: x / (1 + abs(x)), rule), Value(2.0, "w")
    compiled = jit(lambda x: w * one(x))
    for number in (0.5, 0.7, 0.9):
        x = Value(number)
        assert backprop(compiled(x))[x] == pytest.approx(backprop(w * one(x))[x], rel=1e-12)
    assert compiled(x).op == "jit"
