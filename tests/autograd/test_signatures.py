"""What editors and type checkers are told agrees with what is there at run time."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

import autograd
from autograd import Value, functions, lookup
from autograd.operation import Operation

PACKAGE = Path(autograd.__file__).parent
STUB = ast.parse((PACKAGE / "functions.pyi").read_text())


def declared_methods() -> dict[str, ast.FunctionDef]:
    """Those declared under TYPE_CHECKING in the body of Value, but for the constructor."""
    found = declared()
    del found["__init__"]
    return found


def declared() -> dict[str, ast.FunctionDef]:
    tree = ast.parse((PACKAGE / "value.py").read_text())
    (value,) = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "Value"]
    blocks = [n for n in value.body if isinstance(n, ast.If)]
    return {f.name: f for block in blocks for f in block.body if isinstance(f, ast.FunctionDef)}


def declared_functions() -> dict[str, list[ast.FunctionDef]]:
    found: dict[str, list[ast.FunctionDef]] = {}
    for node in STUB.body:
        if isinstance(node, ast.FunctionDef):
            found.setdefault(node.name, []).append(node)
    return found


def generated_methods() -> set[str]:
    """What Value has at run time and its class body does not define."""
    tree = ast.parse((PACKAGE / "value.py").read_text())
    (value,) = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "Value"]
    written = {n.name for n in value.body if isinstance(n, ast.FunctionDef)}
    return {
        name
        for name, thing in vars(Value).items()
        if inspect.isfunction(thing) and name not in written
    }


def test_the_constructor_declared_is_the_one_that_runs() -> None:
    arguments = declared()["__init__"].args
    real = inspect.signature(Value).parameters
    assert [a.arg for a in arguments.args] == ["self", *real]
    assert [ast.literal_eval(x) for x in arguments.defaults] == [real["label"].default]
    assert all(ast.unparse(a.annotation) == real[a.arg].annotation for a in arguments.args[1:])


def test_methods_declared_are_the_methods_generated() -> None:
    assert set(declared_methods()) == generated_methods()


@pytest.mark.parametrize("name", sorted(declared_methods()))
def test_a_declared_method_takes_as_many_arguments_as_the_real_one(name: str) -> None:
    declared, real = declared_methods()[name].args, inspect.signature(getattr(Value, name))
    assert len(declared.args) == len(real.parameters)
    if not name.startswith("__"):
        assert [a.arg for a in declared.args][1:] == list(real.parameters)[1:]
    given = len(declared.defaults)
    assert given == sum(p.default is not p.empty for p in real.parameters.values())


def test_functions_declared_are_the_functions_there() -> None:
    public = {
        name
        for name, thing in vars(functions).items()
        if callable(thing) and name in functions.__all__
    }
    assert public == set(functions.__all__)
    assert public <= set(declared_functions())
    assert all(hasattr(functions, name) for name in declared_functions())


@pytest.mark.parametrize("name", functions.__all__)
def test_a_declared_function_takes_as_many_arguments_as_the_real_one(name: str) -> None:
    real = inspect.signature(getattr(functions, name)).parameters
    several = [p.name for p in real.values() if p.kind is p.VAR_POSITIONAL]
    found = [x.args.vararg.arg for x in declared_functions()[name] if x.args.vararg]
    assert set(found) == set(several)
    for declared in declared_functions()[name]:
        assert [a.arg for a in declared.args.args] == [x for x in real if x not in several]
        given = len(declared.args.defaults)
        assert given == sum(p.default is not p.empty for p in real.values())


@pytest.mark.parametrize("name", functions.__all__)
def test_every_public_function_is_a_row_and_is_documented(name: str) -> None:
    row: Operation = lookup(name)
    assert row.name == name
    documented = [ast.get_docstring(f) for f in declared_functions()[name]]
    assert any(documented)
    if not row.any_number and name != "where":
        assert name in declared_methods()


def test_arguments_can_be_named() -> None:
    x = Value(-1.0)
    assert x.leaky_relu(slope=0.2).data == autograd.leaky_relu(x, slope=0.2).data == -0.2
    assert autograd.leaky_relu(-1.0, slope=0.2) == -0.2
    assert x.maximum(y=1.0).data == autograd.minimum(x=1.0, y=2.0) == 1.0


@pytest.mark.parametrize("name", functions.__all__)
def test_help_says_what_a_function_is(name: str) -> None:
    text = inspect.getdoc(getattr(functions, name))
    assert text is not None
    if not lookup(name).any_number and name not in ("clip", "where"):
        assert "the derivative" in text
        assert inspect.getdoc(getattr(Value, name)) == text


def test_help_is_written_by_the_row() -> None:
    assert autograd.tanh.__doc__ == "tanh(x); the derivative is (1 − tanh(x)²)."
    assert autograd.sqrt.__doc__ == "√(x); the derivative is 0.5 / √(x)."
    assert autograd.leaky_relu.__doc__ == (
        "leaky_relu(x, slope); the derivatives are (1 if [x > 0] else slope) by x "
        "and (0 if [x > 0] else x) by slope."
    )


def test_every_public_function_is_a_name_of_the_package() -> None:
    assert all(getattr(autograd, name) is getattr(functions, name) for name in functions.__all__)


def test_typing_information_is_shipped() -> None:
    assert (PACKAGE / "py.typed").exists()
