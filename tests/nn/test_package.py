"""The package as a whole: what it shows, what it loads, what it says of itself."""

from __future__ import annotations

import ast
import doctest
import subprocess
import sys
from pathlib import Path

import pytest

import nn

FILES = sorted(Path(nn.__file__).parent.glob("*.py"))


def test_every_public_name_explains_itself():
    assert len(set(nn.__all__)) == len(nn.__all__)
    for name in nn.__all__:
        assert getattr(nn, name).__doc__, name


def test_the_first_lines_of_the_package_run():
    assert doctest.testmod(nn) == (0, 3)


def test_it_loads_nothing_heavy():
    program = "import sys, nn; print(*{'numpy', 'tqdm', 'sklearn'} & {*sys.modules})"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (found.stdout, found.stderr) == ("\n", "")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_imports_go_one_way_and_no_operation_is_defined(file):
    nodes = list(ast.walk(ast.parse(file.read_text())))
    taken_from = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    modules = {node.module for node in taken_from if not node.level}
    modules |= {a.name for node in nodes if isinstance(node, ast.Import) for a in node.names}
    assert {m.split(".")[0] for m in modules} & {"autograd", "viz", "nn"} <= {"autograd"}
    names = {alias.name for node in taken_from for alias in node.names}
    assert names.isdisjoint({"define", "Operation", "register"})
