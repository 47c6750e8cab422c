"""The functions that are generated from the table: readable, debuggable, and Python like any other."""

from __future__ import annotations

import inspect
import pickle
import random
import traceback

import pytest

import autograd
from autograd import Value, lookup, operations, trace
from autograd.apply import apply
from autograd.eager import source_of


def test_the_source_shows_the_derivative() -> None:
    source = source_of("tanh")
    assert "def tanh(x):" in source
    assert "math.tanh(a)" in source
    assert "numerics.dtanh(a)" in source
    assert "def __mul__(x, y):" in source_of("*")
    assert "def __rmul__(y, x):" in source_of("*")


def test_the_source_of_every_row_compiles() -> None:
    for operation in operations():
        if operation.builtin and not operation.any_number and len(operation.derivatives) < 3:
            try:
                source = source_of(operation.name)
            except autograd.ArgumentError:
                assert operation.name not in autograd.functions.__all__
            else:
                compile(source, operation.name, "exec")


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(autograd.ArgumentError, match="no operation 'cube'"):
        source_of("cube")
    with pytest.raises(autograd.ArgumentError, match="nothing is generated for 'dot'"):
        source_of("dot")


def test_tracebacks_show_the_generated_line() -> None:
    try:
        autograd.maximum(Value(1.0), "a")
    except TypeError as error:
        shown = "".join(traceback.format_exception(error))
    assert "in maximum" in shown
    assert "apply(operation, (x, y))" in shown


def test_functions_have_names_and_signatures() -> None:
    assert autograd.tanh.__name__ == "tanh"
    assert autograd.maximum.__name__ == "maximum"
    assert list(inspect.signature(autograd.tanh).parameters) == ["x"]
    assert inspect.signature(autograd.leaky_relu).parameters["slope"].default == 0.01
    assert Value.__rsub__.__name__ == "__rsub__"


@pytest.mark.parametrize("name", autograd.functions.__all__)
def test_functions_can_be_pickled(name: str) -> None:
    """So that a model with `activation=tanh` can."""
    function = getattr(autograd, name)
    assert pickle.loads(pickle.dumps(function)) is function


def test_constants_are_not_computed_at_run_time() -> None:
    assert "da = 1.0" not in source_of("+")
    assert "_first_derivative = 1.0" in source_of("+")


def test_the_number_of_lines_of_a_node_is_small() -> None:
    """The hot path: what makes a node of two operands stays within 30 lines of straight code."""
    source = source_of("*")
    assert len(source.splitlines()) < 100
    assert "for " not in source
    assert "while" not in source


def test_methods_of_numpys_names_are_the_same_functions() -> None:
    assert Value.arcsin is Value.asin
    assert Value.arccos is Value.acos
    assert Value.arctan is Value.atan
    assert lookup("asin").name == Value(0.5).arcsin().op


@pytest.mark.parametrize("n", [*range(8), 16, 63, 64, 65, 200])
@pytest.mark.parametrize("right", ["Values", "numbers", "some of both"])
@pytest.mark.parametrize("bias", [None, Value(0.3), 0.3])
def test_a_dot_of_few_is_written_out_and_the_same_as_one_of_many(
    n: int, right: str, bias: Value | float | None
) -> None:
    drawn = random.Random(n)
    numbers = [drawn.uniform(-1, 1) * 10.0 ** drawn.randrange(-9, 9) for _ in range(2 * n)]
    operands: list[Value | float] = [Value(x) for x in numbers]
    for i in range(n, 2 * n, {"Values": 2 * n + 1, "numbers": 1, "some of both": 2}[right]):
        operands[i] = numbers[i]
    u = autograd.dot(operands[:n], operands[n:], bias)
    if bias is not None:
        operands.append(bias)
    looped = apply(lookup("dot"), operands)
    if not operands:
        assert u == 0.0
    elif type(u) is float:
        assert (n, u) == (0, 0.3)
    else:
        assert (u.op, u.data) == ("dot", looped.data)
        assert u.parents == looped.parents
        assert u.arguments == looped.arguments == tuple(operands)
        assert u.local_derivatives == looped.local_derivatives
        assert (u._constants is None) == all(type(x) is Value for x in operands)
        assert trace(u).forward()[u] == u.data


def test_what_is_written_out_can_be_read() -> None:
    x, y, b = Value(2.0), Value(3.0), Value(1.0)
    autograd.dot([x, x], [y, 5.0], b)
    assert "u = a0 * a2 + a1 * a3 + a4" in source_of("dot of 5")
