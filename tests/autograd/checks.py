"""What must hold for every row of the table, as functions of the row: one for each promise.

`test_table` runs all of them on all rows, `test_define` on rows that it adds.
"""

from __future__ import annotations

import math
import operator
import pickle
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np

from autograd import (
    AutogradError,
    Operation,
    Value,
    arrays as array_functions,
    backprop,
    check_gradients,
    lookup,
    numerics,
    trace,
)
from autograd.apply import apply, evaluate, local_derivatives
from autograd.eager import function_for
from autograd.formulas import Formula, derivative_formulas

from .reading import latex_value, text_value
from .samples import Point, arity, edge_points, function_of, near, points, same

OPERATORS: dict[str, Callable[..., Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
    "neg": operator.neg,
    "pos": operator.pos,
    "abs": abs,
}
PYTHON = {"math": math, "numerics": numerics, "lookup": lookup, "nan": math.nan}
ARRAY = {**PYTHON, "np": np, "arrays": array_functions}


def value_and_derivatives_are_forward_and_rules(operation: Operation) -> None:
    for point in points(operation):
        u = function_of(operation)(*map(Value, point))
        assert type(u.data) is float
        assert same(u.data, operation.forward(*point))
        rules = operation.rules(point, u.data)
        assert all(map(same, u.local_derivatives, rules)), (point, u.local_derivatives, rules)
        assert {type(d) for d in u.local_derivatives} == {float}
        assert u.op == operation.name
        assert u.operation is operation
        assert u.data == function_of(operation)(*point), "numbers give the plain number"


def generated_code_makes_the_node_that_apply_makes(operation: Operation) -> None:
    if operation.any_number or operation.name in OPERATORS:
        made = OPERATORS.get(operation.name) or function_of(operation)
    else:
        try:
            made = function_for(operation)
        except TypeError:  # rules that formulas cannot pass through have no generated code
            assert not operation.builtin
            return
    for point in [*points(operation), *edge_points(operation)]:
        for arguments in _some_constant(point):
            _same_outcome(made, operation, arguments)


def _same_outcome(made: Any, operation: Operation, arguments: list[Any]) -> None:
    expected, expected_error = _tried(apply, operation, arguments)
    found, found_error = _tried(made, *arguments)
    assert found_error == expected_error
    if expected_error:
        return
    assert same(found.data, expected.data)
    assert found.op == expected.op
    assert found.parents == expected.parents
    assert all(map(same, found.local_derivatives, expected.local_derivatives))
    pairs = zip(found.arguments, expected.arguments, strict=True)
    assert all(a is b or same(a, b) for a, b in pairs)


def _tried(function: Any, *arguments: Any) -> tuple[Any, tuple[type, str] | None]:
    """The result, or the class and words of the error."""
    try:
        return function(*arguments), None
    except AutogradError as error:
        return None, (type(error), str(error))


def plain_numbers_may_stand_in_any_place(operation: Operation) -> None:
    for point in points(operation, 4):
        full = function_of(operation)(*map(Value, point))
        derivatives = full.local_derivatives
        for arguments in _some_constant(point):
            u = function_of(operation)(*arguments)
            nodes = [i for i, a in enumerate(arguments) if type(a) is Value]
            assert u.data == full.data
            assert u.parents == tuple(arguments[i] for i in nodes)
            assert u.arguments == tuple(arguments)
            assert u.local_derivatives == tuple(derivatives[i] for i in nodes)
            assert all(backprop(u)[arguments[i]] == derivatives[i] for i in nodes)


def gradients_agree_with_differences(operation: Operation) -> None:
    for point in points(operation, 4):
        check_gradients(function_of(operation), *point, order=2)


def second_derivatives_are_derivatives_of_the_rules(operation: Operation) -> None:
    """Graph B differentiated against differences of the rules on floats."""
    for point in points(operation, 4):
        xs = [Value(x) for x in point]
        table = backprop(function_of(operation)(*xs), create_graph=True)
        for i, x in enumerate(xs):

            def rule(*numbers: float, i: int = i) -> float:
                return float(operation.rules(numbers, operation.forward(*numbers))[i])

            second = backprop(table[x])
            for j, y in enumerate(xs):
                measured = _slope(rule, point, j)
                claimed = second.get(y, 0.0)
                assert abs(claimed - measured) <= 1e-7 * max(1.0, abs(measured)), (point, i, j)


def _slope(function: Any, point: Point, j: int) -> float:
    """A central difference of the fourth order."""
    step = 1e-3 * max(abs(point[j]), 0.01)
    at = [function(*[*point[:j], point[j] + k * step, *point[j + 1 :]]) for k in (-2, -1, 1, 2)]
    return (at[0] - 8 * at[1] + 8 * at[2] - at[3]) / (12 * step)


def graph_of_gradients_holds_the_numbers_of_the_table(operation: Operation) -> None:
    for point in points(operation):
        xs = [Value(x) for x in point]
        u = function_of(operation)(*xs)
        table, graph = backprop(u), backprop(u, create_graph=True)
        assert len(graph) == len(table) == len(xs) + 1
        for node in table:
            assert near(table[node], graph[node].data), (point, node)
        replayed = trace(*[graph[node] for node in graph]).forward()
        assert all(same(replayed[graph[node]], graph[node].data) for node in graph)


def arrays_give_the_same_numbers(operation: Operation) -> None:
    """1e-14 relative, more where NumPy goes through a logarithm: there the error grows with it."""
    for size in {len(point) for point in points(operation)}:
        some = [point for point in points(operation) if len(point) == size]
        columns = [np.array(column) for column in zip(*some, strict=True)]
        u = operation.on_arrays(*columns)
        floats = [operation.forward(*point) for point in some]
        assert all(near(x, y) for x, y in zip(np.broadcast_to(u, len(some)), floats, strict=True))
        rules = zip(
            *[operation.rules(p, f) for p, f in zip(some, floats, strict=True)], strict=True
        )
        for found, expected in zip(operation.rules(columns, u), rules, strict=True):
            assert all(map(near, np.broadcast_to(found, len(some)).tolist(), expected))


def edges_raise_or_are_as_ieee_has_it(operation: Operation) -> None:
    """Infinities, zeros and nan: what floats carry NumPy carries, and what raises is not finite."""
    for point in edge_points(operation):
        with np.errstate(all="ignore"):
            expected = float(operation.on_arrays(*[np.array([x]) for x in point])[0])
        try:
            found = evaluate(operation, point)
        except AutogradError:
            assert not math.isfinite(expected) or _refused(operation, point), (point, expected)
        else:
            assert near(found, expected, 1e-12), (point, found, expected)
            _rules_as_ieee_has_them(operation, point, found)


def _rules_as_ieee_has_them(operation: Operation, point: Point, u: float) -> None:
    columns = [np.array([x]) for x in point]
    with np.errstate(all="ignore"):
        rules = operation.rules(columns, np.array([u]))
    expected = [float(np.broadcast_to(rule, (1,))[0]) for rule in rules]
    found = local_derivatives(operation, point, u)
    assert all(near(x, y, 1e-12) for x, y in zip(found, expected, strict=True)), (
        point,
        found,
        expected,
    )


def _refused(operation: Operation, point: Point) -> bool:
    return not all(requirement.holds(*point) for requirement in operation.requires)


def written_python_computes_the_forward_function(operation: Operation) -> None:
    for style, names in (("python", PYTHON), ("array", ARRAY)):
        for point in points(operation, 4):
            numbers = dict(zip("abcdefgh", point, strict=False))
            for arguments in _written_arguments(point):
                text = Formula(operation, *arguments).written(style)
                assert near(float(eval(text, {**names, **numbers})), operation.forward(*point)), (
                    text
                )


def written_derivatives_compute_the_rules(operation: Operation) -> None:
    for style, names in (("python", PYTHON), ("array", ARRAY)):
        for point in points(operation, 4):
            u = operation.forward(*point)
            numbers = {**dict(zip("abcdefgh", point, strict=False)), "u": u}
            for arguments in _written_arguments(point):
                try:
                    formulas = derivative_formulas(operation, arguments, Formula("u"))
                except TypeError:  # a rule of a user's that formulas cannot pass through
                    assert not operation.builtin
                    return
                for formula, rule in zip(formulas, operation.rules(point, u), strict=True):
                    text = formula.written(style)
                    assert near(float(eval(text, {**names, **numbers})), rule, 1e-13), text


def _written_arguments(point: Point) -> Iterator[list[Formula]]:
    """The arguments as names, as numbers, and as sums, differences, products and quotients."""
    letters = [Formula(letter) for letter in "abcdefgh"[: len(point)]]
    yield letters
    yield [Formula(x) for x in point]
    for compound in (
        lambda x: x + 0.0,
        lambda x: 0.0 - (0.0 - x),
        lambda x: 0.0 + -(0.0 - x),
        lambda x: (x * 2.0) / 2.0,
        lambda x: x / 1.0,
    ):
        yield [compound(letter) for letter in letters]


def text_and_latex_are_whole(operation: Operation) -> None:
    """No placeholder is left over, brackets close, and every argument is shown."""
    sizes = [arity(operation)] if not operation.any_number else [1, 2, 5]
    hidden = {"mainly": 2}.get(operation.name, 0)  # shows the formula without its exception
    for size in sizes:
        names = [f"q{i}" for i in range(size)]
        for arguments in (list(map(Formula, names)), [Formula(name) + 1.5 for name in names]):
            text, latex = (Formula(operation, *arguments).written(s) for s in ("text", "latex"))
            assert not set("{}") & set(text), text
            assert not re.search(r"\{\{|\{0\}|\{\}", latex), latex
            assert text.count("(") == text.count(")"), text
            assert latex.count("{") == latex.count("}"), latex
            assert latex.count(r"\left") == latex.count(r"\right"), latex
            assert sum(name in text for name in names) == size - hidden, text
            assert sum(name in latex for name in names) == size - hidden, latex
    assert operation.symbol


def text_and_latex_read_as_what_is_computed(operation: Operation) -> None:
    """Alone on compound arguments, and inside of other operations: brackets are where they must be."""
    if not operation.builtin or operation.name == "mainly":
        return  # others may be displayed in any way; and mainly leaves its exception out
    for point in points(operation, 4):
        numbers = dict(zip("abcdefgh", point, strict=False))
        for arguments in _written_arguments(point):
            formula = Formula(operation, *arguments)
            x = operation.forward(*point)
            for whole, expected in (
                (formula, x),
                (1.5 - formula, 1.5 - x),
                (formula * 2.0, x * 2.0),
                (-3.0 * formula, -3.0 * x),
                (2.5 / (1.0 + formula * formula), 2.5 / (1.0 + x * x)),
                (formula**2.0, x**2.0),
                (2.0 ** (-formula), 2.0**-x),
                (-formula, -x),
            ):
                text, latex = whole.written("text"), whole.written("latex")
                # numbers are shown with six digits, and x² of a small x may be sensitive to them
                assert abs(text_value(text, **numbers) - expected) <= 2e-4 * max(
                    1.0, abs(expected)
                ), text
                assert abs(latex_value(latex, **numbers) - expected) <= 2e-4 * max(
                    1.0, abs(expected)
                ), latex


def nodes_survive_pickling(operation: Operation) -> None:
    for point in points(operation, 2):
        u = function_of(operation)(*map(Value, point))
        copy = pickle.loads(pickle.dumps(u))
        assert copy.operation is operation
        assert (copy.data, copy.local_derivatives) == (u.data, u.local_derivatives)


def _some_constant(point: Sequence[float]) -> Iterator[list[Any]]:
    """The arguments with plain numbers in all possible places (a few of them for long ones)."""
    patterns = list(product((True, False), repeat=len(point)))[:-1]
    for pattern in patterns[:16]:
        yield [Value(x) if node else x for x, node in zip(point, pattern, strict=True)]


CHECKS = (
    value_and_derivatives_are_forward_and_rules,
    generated_code_makes_the_node_that_apply_makes,
    plain_numbers_may_stand_in_any_place,
    gradients_agree_with_differences,
    second_derivatives_are_derivatives_of_the_rules,
    graph_of_gradients_holds_the_numbers_of_the_table,
    arrays_give_the_same_numbers,
    edges_raise_or_are_as_ieee_has_it,
    written_python_computes_the_forward_function,
    written_derivatives_compute_the_rules,
    text_and_latex_are_whole,
    text_and_latex_read_as_what_is_computed,
    nodes_survive_pickling,
)
