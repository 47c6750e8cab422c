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
    """Those declared under TYPE_CHECKING in the body of Value."""
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


def test_methods_declared_are_the_methods_generated() -> None:
    assert set(declared_methods()) == generated_methods()


@pytest.mark.parametrize("name", sorted(declared_methods()))
def test_a_declared_method_takes_as_many_arguments_as_the_real_one(name: str) -> None:
    declared, real = declared_methods()[name].args, inspect.signature(getattr(Value, name))
    assert len(declared.args) == len(real.parameters)
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
    real = inspect.signature(getattr(functions, name)).parameters.values()
    for declared in declared_functions()[name]:
        assert len(declared.args.args) == len(real)
        assert len(declared.args.defaults) == sum(p.default is not p.empty for p in real)


@pytest.mark.parametrize("name", functions.__all__)
def test_every_public_function_is_a_row_and_is_documented(name: str) -> None:
    row: Operation = lookup(name)
    assert row.name == name
    documented = [ast.get_docstring(f) for f in declared_functions()[name]]
    assert any(documented)
    if not row.any_number and name != "where":
        assert name in declared_methods()


def test_every_public_function_is_a_name_of_the_package() -> None:
    assert all(getattr(autograd, name) is getattr(functions, name) for name in functions.__all__)


def test_typing_information_is_shipped() -> None:
    assert (PACKAGE / "py.typed").exists()
