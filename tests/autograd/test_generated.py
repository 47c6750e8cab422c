"""The functions that are generated from the table: readable, debuggable, and Python like any other."""

from __future__ import annotations

import inspect
import pickle
import traceback

import pytest

import autograd
from autograd import Value, lookup, operations
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
