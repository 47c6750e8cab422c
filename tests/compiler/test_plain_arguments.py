"""Plain numbers as arguments: jit(f) is f of Values in their places; errors and edges included."""

from __future__ import annotations

import math
import random
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings, strategies as st

import autograd as ag
from autograd import Value, backprop
from autograd.apply import apply
from autograd.compiler import EagerWarning, jit
from autograd.operation import lookup
from autograd.structure import leaves, mapped
from tests.autograd.programs import CHOICES, SMOOTH, Program, programs, run

W = Value(2.0, "w")


def numbers(x: Any) -> list[float]:
    return [leaf.data for leaf in leaves(x)]


def outcome(f: Any, *arguments: Any) -> Any:
    """The numbers of the result, or the error."""
    try:
        return numbers(f(*arguments))
    except Exception as problem:
        return type(problem), str(problem)


def agree(found: Any, expected: Any) -> bool:
    """To 9 digits: random programs may cancel a few."""
    if type(found) is tuple or type(expected) is tuple:
        return bool(found == expected)
    return bool(found == pytest.approx(expected, rel=1e-9, abs=1e-9, nan_ok=True))


def of_values(f: Any, arguments: Any) -> Any:
    return outcome(f, *mapped(Value, list(arguments)))


METHODS: dict[str, tuple[Any, list[tuple[Any, ...]]]] = {
    "one": (lambda x: x.relu(), [(2.0,), (-3.0,), (0.0,), (np.float64(1.5),)]),
    "whole": (lambda x: x.relu() * W, [(2,), (-3,)]),
    "list": (lambda v: v[0].exp() + v[1], [([1.0, 2.0],), ([0.5, -2.0],), ([1, 2],)]),
    "array": (lambda v: v[0].exp() * W, [(np.array([1.0, 2.0]),), (np.array([0.5, 2.0]),)]),
    "dict": (lambda d: d["x"].tanh() * d["y"], [({"x": 1.0, "y": 2.0},), ({"x": 3.0, "y": 0.5},)]),
    "branch": (lambda x: x.exp() if x > 0.0 else x.tanh(), [(1.0,), (-1.0,), (2.0,), (-2.0,)]),
    "keys": (lambda x: backprop(W * x**3, create_graph=True)[x], [(1.0,), (2.0,), (-2.0,)]),
    "matrix": (
        lambda v: ag.sum([x.tanh() * W for x in v]),
        [(np.linspace(-1.0, 1.0, 60),), (np.linspace(0.0, 1.0, 60),)],
    ),
}


@pytest.mark.filterwarnings("ignore:.*'int' object has no attribute")
@pytest.mark.parametrize(("f", "calls"), METHODS.values(), ids=METHODS.keys())
def test_methods_of_values(f: Any, calls: Any) -> None:
    g = jit(f)
    for arguments in calls * 3:
        plain = [x.tolist() if isinstance(x, np.ndarray) else x for x in arguments]
        assert agree(outcome(g, *arguments), of_values(f, plain))
        values = mapped(Value, plain)
        table = backprop(f(*values))
        _, found, _ = g.value_and_grad(*arguments)
        if type(arguments[0]) not in (int, dict):
            expected = [table.get(x, 0.0) for x in leaves(values)]
            assert np.ravel(found[0]) == pytest.approx(expected, rel=1e-12)


def test_what_is_compiled_says_nothing() -> None:
    g = jit(lambda x: x.relu() * W)
    assert [g(x).op for x in (2.0, 3.0, 4.0)] == ["jit"] * 3
    assert jit(lambda x: x.relu())(2.0).parents == ()


def test_a_batch() -> None:
    g = jit(lambda x: x[0].exp() * x[1].tanh() * W, batch=True)
    rows = np.array([[1.0, 2.0], [0.5, -1.0], [0.0, 3.0]])
    expected = np.mean(np.exp(rows[:, 0]) * np.tanh(rows[:, 1]) * 2.0)
    for _ in range(3):
        assert g(rows).data == pytest.approx(expected, rel=1e-12)
        value, (by_rows,), by_name = g.value_and_grad(rows)
        assert (value, by_name["w"]) == (pytest.approx(expected), pytest.approx(expected / 2.0))
        assert by_rows.shape == (3, 2)


def test_what_runs_eagerly() -> None:
    g = jit(lambda x: x * x if x.data > 0 else -x)
    with pytest.warns(EagerWarning, match="reads the plain number"):
        assert g(2.0).data == 4.0
    assert [g(x).data for x in (-3.0, 5.0)] == [3.0, 25.0]
    value, (by_x,), _ = g.value_and_grad(-3.0)
    assert (value, by_x) == (3.0, -1.0)


@pytest.mark.parametrize("shared", [True, False])
def test_random_numbers_are_drawn_once(shared: bool) -> None:
    source: Any = random if shared else random.Random()
    f = lambda x: source.random() * x.tanh() * W  # noqa: E731
    source.seed(3)
    expected = [f(Value(1.0)).data for _ in range(4)]
    source.seed(3)
    g = jit(f)
    with pytest.warns(EagerWarning, match="draws random numbers"):
        results = [g(1.0).data]
    results += [g(1.0).data for _ in range(2)]
    value, _, gradients = g.value_and_grad(1.0)
    assert [*results, value] == expected
    with pytest.raises(ag.AutogradError, match="need a compiled program"):
        gradients["w"]


def test_equality() -> None:
    """Of numbers by value, also where a replay fails, and where f needs Values."""
    f = lambda x, y: ag.sqrt(x) * W if y == 1.0 else ag.log(x)  # noqa: E731
    g = jit(f)
    for x in (4.0, 9.0, 0.0, 16.0, 0.0):
        assert g(x, 1.0).data == g.value_and_grad(x, 1.0)[0] == 2.0 * math.sqrt(x)
        assert outcome(g, x, 2.0) == outcome(lambda x, y: Value(f(x, y)), x, 2.0)
    h = jit(lambda x, y: x.relu() * W if y == 1.0 else x * 3.0)
    relu, else_ = lambda x: x * W.data, lambda x: x * 3.0
    for x, y, expected in ((2.0, 1.0, relu), (3.0, 1.0, relu), (3.0, 2.0, else_), (2.0, 1.0, relu)):
        assert h(x, y).data == h.value_and_grad(x, y)[0] == expected(x)


def test_derivatives_at_numbers_where_f_needs_values() -> None:
    f = lambda x: x.relu() * ag.grad(lambda y: W * y**3)(2.0)  # noqa: E731
    g = jit(f)
    with pytest.warns(EagerWarning, match="derivatives at plain numbers"):
        tables = [backprop(g(3.0))]
    tables.append(backprop(g(3.0)))
    assert [table.get(W, 0.0) for table in tables] == [0.0, 0.0]


FAILING: dict[str, tuple[Any, list[tuple[Any, ...]]]] = {
    "root": (lambda x, y: x**y, [(-1.0, 0.5), (2.0, 3.0), (3.0, 2.0), (-1.0, 0.5)]),
    "hidden root": (lambda x: abs(x**0.5) * W, [(4.0,), (9.0,), (16.0,), (-1.0,)]),
    "power": (lambda y: (-2.0) ** y, [(2.0,), (3.0,), (0.5,)]),
    "fraction": (lambda x: 1 / x, [(2.0,), (0.0,), (3.0,), (4.0,), (0.0,)]),
    "first": (lambda x: 1 / x, [(0.0,), (np.float64(0.0),), (2.0,)]),
    "whole": (lambda x: 1 / x, [(0,), (0.0,), (2.0,)]),
    "whole root": (lambda x: x**0.5, [(-1,), (4,)]),
    "negative": (lambda x: x**-1, [(0.0,), (2.0,), (0.0,)]),
    "square": (lambda x: x**2, [(1e200,), (2.0,), (3.0,), (1e200,)]),
    "hidden square": (lambda x: ag.exp(-((W * x) ** 2)), [*[(2.0,)] * 9, (1e200,), (3.0,)]),
    "array": (
        lambda v: ag.sum([1 / x for x in v]),
        [([0.0] * 40,), ([1.0] * 40,), ([2.0] * 40,), ([0.0] * 40,)],
    ),
    "hidden fraction": (
        lambda v: ag.sum([ag.tanh(1 / x) for x in v]), [([1.0],), ([2.0],), ([0.0],)],
    ),
    "logarithm": (lambda x: x.log() * W, [(1.0,), (2.0,), (-1.0,), (0.0,)]),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:.*runs eagerly")
@pytest.mark.parametrize("array", [False, True])
@pytest.mark.parametrize(("f", "calls"), FAILING.values(), ids=FAILING.keys())
def test_errors_are_those_of_values(f: Any, calls: Any, array: bool) -> None:
    g, h = jit(f), jit(f)
    for arguments in calls * 2:
        expected = of_values(f, arguments)
        if array:
            arguments = [np.array(x) if type(x) is list else x for x in arguments]
        assert agree(outcome(g, *arguments), expected)
        found = outcome(lambda *xs: Value(h.value_and_grad(*xs)[0]), *arguments)
        assert agree(found, expected)


def test_errors_of_a_batch() -> None:
    g = jit(lambda x: 1 / x, batch=True)
    for _ in range(3):
        assert g(np.array([1.0, 2.0])).data == 0.75
        for zeros in ([0.0, 1.0], [1.0, 0.0]):
            with pytest.raises(ag.DivisionError):
                g(np.array(zeros))


def test_edges_do_not_wear_a_function_out() -> None:
    """However many calls meet one, f is compiled once they do not."""
    g = jit(lambda x: 1 / x * W)
    for _ in range(70):
        with pytest.raises(ag.DivisionError):
            g(0.0)
    assert g(2.0).op == "jit"


def test_inside_another_function() -> None:
    inner = jit(lambda x, y: x.relu() * y.exp() * W)
    outer = jit(lambda x: inner(x * W, 0.0) + inner(3.0, x))
    for x in (1.0, 2.0, -1.0, 0.5):
        expected = max(2.0 * x, 0.0) * 2.0 + 6.0 * math.exp(x)
        assert outer(x).data == pytest.approx(expected, rel=1e-12)
        assert outer(x).op == "jit"


@pytest.mark.parametrize("labelled", [Value(-1.0, "p3")])
def test_errors_name_the_arguments(labelled: Value) -> None:
    f = lambda x, y: ag.log(x) * y  # noqa: E731
    with pytest.raises(ag.DomainError, match="'p3'"):
        jit(f)(labelled, 2.0)
    with pytest.raises(ag.DomainError, match="'p3'"):
        jit(lambda x: ag.log(-1.0 * x) if x.data > 0 else ag.log(x))(labelled)


@pytest.mark.parametrize("x", [object(), "abc", 1j, None, [None], {"a": "b"}])
def test_what_is_no_number_is_no_result(x: Any) -> None:
    g = jit(lambda x: x)
    for _ in range(3):
        with pytest.raises(ag.ArgumentTypeError, match="gives numbers"):
            g(x)
        with pytest.raises(ag.ArgumentTypeError, match="gives numbers"):
            g.value_and_grad(x)


NEEDING_NUMBERS: dict[str, tuple[Any, list[Any]]] = {
    "math": (lambda x: W * math.sin(x), [1.0, 2.0, -3.0]),
    "int": (lambda x: W * [3.0, 5.0, 7.0][int(x)], [0.5, 1.5, 2.5]),
    "range": (lambda x: W * len(range(math.floor(x))), [3.5, 4.5]),
    "an infinite result": (lambda x: W * math.exp(x) * 1e308 * 1e308, [1.0, 2.0]),
}


@pytest.mark.parametrize(("f", "xs"), NEEDING_NUMBERS.values(), ids=NEEDING_NUMBERS.keys())
def test_functions_that_need_plain_numbers(f: Any, xs: Any) -> None:
    g = jit(f)
    with pytest.warns(EagerWarning, match="with Values for its numbers it fails"):
        results = [g(xs[0]).data]
    assert [*results, *[g(x).data for x in xs[1:]]] == [f(x).data for x in xs]


def test_which_of_two_errors() -> None:
    """That of Values, if f wants what numbers do not have; else that of the numbers."""

    def with_methods(x: Any) -> Any:
        if x.relu() > 1.0:
            raise LookupError("too large")
        return x

    def with_places(x: Any) -> Any:
        return W * [1.0, 2.0][int(x)]

    for _ in range(2):
        with pytest.raises(LookupError, match="too large"):
            jit(with_methods)(2.0)
        with pytest.raises(IndexError) as found:
            jit(with_places)(5.0)
        assert found.value.__context__ is None


ROOTS: dict[str, Any] = {
    "where": lambda x: ag.where(x > 0, ag.sqrt(x), 0.0),
    "relu": lambda x: ag.relu(ag.sqrt(x) - 1.0),
    "maximum": lambda x: ag.maximum(ag.sqrt(x), 1.0),
    "prod": lambda x: ag.prod([ag.sqrt(x), 0.0]),
}


@pytest.mark.parametrize("f", ROOTS.values(), ids=ROOTS.keys())
@pytest.mark.parametrize("n", [1, 60])
def test_edges_without_errors_are_silent(f: Any, n: int) -> None:
    whole = f if n == 1 else lambda xs: ag.sum([f(x) * W for x in xs])
    g, h = jit(whole), jit(whole)
    for x in (0.0, 1.0, 0.0, 2.0, 0.0, 3.0):
        point = x if n == 1 else np.append(np.linspace(1.0, 2.0, n - 1), x)
        values = Value(x) if n == 1 else list(map(Value, point))
        expected = whole(values)
        table = backprop(expected)
        by_values = [table.get(v, 0.0) for v in leaves(values)]
        assert g(point).data == pytest.approx(expected.data, rel=1e-12)
        again = g(values)
        found = backprop(again)
        assert [found.get(v, 0.0) for v in leaves(values)] == pytest.approx(by_values)
        value, (by_x,), _ = h.value_and_grad(point)
        assert value == pytest.approx(expected.data, rel=1e-12)
        assert np.ravel(by_x) == pytest.approx(by_values, rel=1e-12)
    assert "def forward" in g.source


def test_edges_again_and_again_are_said() -> None:
    """As each of these calls takes the time of an eager one."""
    g = jit(lambda x: ag.where(x > 0, ag.sqrt(x), 0.0) * W)
    x = Value(0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [backprop(g(x))[x] for _ in range(31)] == [0.0] * 31
    with pytest.warns(EagerWarning, match="32 calls .* division"):
        backprop(g(x))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [backprop(g(x))[x] for _ in range(99)] == [0.0] * 99


def carried_out(program: Program, inputs: list[Any]) -> Any:
    """The sum of all results, so that none is of no use: a program would leave it out."""
    results: list[Any] = []

    def carry_out(name: str, arguments: list[Any]) -> Any:
        results.append(apply(lookup(name), arguments))
        return results[-1]

    run(program, inputs, carry_out)
    return sum(results, inputs[0] * 0.0)


@given(
    programs((*SMOOTH, *CHOICES), longest=8),
    st.lists(st.sampled_from([0.0, 1.0, -1.0, 0.5, -2.0, 30.0, 800.0]), min_size=4, max_size=4),
    st.booleans(),
)  # fmt: skip
@settings(max_examples=60, deadline=None, phases=[Phase.explicit, Phase.generate])
def test_random_programs_at_edges(program: Program, edges: list[float], array: bool) -> None:
    """Values, gradients, kinds of errors and their words."""
    f = lambda xs: carried_out(program, list(xs)) + 0.0 * W  # noqa: E731
    g, h = jit(f), jit(f)
    for xs in (edges, list(program.inputs), edges, list(program.inputs), edges):
        point: Any = xs[: len(program.inputs)]
        values = list(map(Value, point))
        expected = outcome(f, values)
        given = np.array(point) if array else point
        assert agree(outcome(g, given), expected)
        if type(expected) is not tuple:
            table = outcome_of_gradients(f(values), values)
            assert agree(outcome_of_door(h, given), table)


def outcome_of_gradients(output: Value, values: list[Value]) -> Any:
    try:
        table = backprop(output)
    except ag.AutogradError as problem:
        return type(problem), ""
    return [table.get(x, 0.0) for x in values]


def outcome_of_door(g: Any, point: Any) -> Any:
    try:
        return np.ravel(g.value_and_grad(point)[1][0]).tolist()
    except ag.AutogradError as problem:
        return type(problem), ""


def test_what_a_call_needs_is_not_what_an_earlier_one_needed() -> None:
    w = Value(2.0, "w")

    def by_kind(x: Any) -> Any:
        return w * x.relu() if x > 0 else (w * x if isinstance(x, float) else w * 100.0)

    f = jit(by_kind)
    assert [f(x).data for x in (1.0, 2.0)] == [2.0, 4.0]
    with pytest.warns(EagerWarning):
        assert f(-1.0).data == -2.0

    def by_name(x: Any, mode: str) -> Any:
        return w * x.relu() if mode == "relu" else w * round(x)

    g = jit(by_name)
    assert [g(x, "relu").data for x in (1.0, 2.0)] == [2.0, 4.0]
    with pytest.warns(EagerWarning):
        assert g(2.6, "round").data == 6.0
