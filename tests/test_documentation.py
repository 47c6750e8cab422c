"""What README and docstrings show is run and gives what they say."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import autograd

ROOT = Path(__file__).parent.parent
MODULES = [
    f"{package.__name__}.{module.name}"
    for package in (autograd,)
    for module in pkgutil.iter_modules(package.__path__)
]


def test_readme_examples_run() -> None:
    failed, attempted = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert attempted > 20
    assert failed == 0


@pytest.mark.parametrize("name", ["autograd", *MODULES])
def test_docstring_examples_run(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_files_named_in_the_readme_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme.split("## The files, in reading order")[1]
    for folder, cell in re.findall(r"^\| `(\w+)/(.*?)` \|", table, re.MULTILINE):
        for name in re.findall(r"[\w/]+\.py", cell):
            assert (ROOT / folder / name).exists() or (ROOT / name).exists(), name
    for path in re.findall(r"`((?:docs/)?\w+\.md)`", readme):
        assert (ROOT / path).exists(), path
