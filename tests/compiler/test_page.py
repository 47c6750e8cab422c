"""The examples of docs/jit.md give what the page says, and the map names each file once."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "jit.md"


def test_the_examples_of_the_page_run() -> None:
    failed, attempted = doctest.testfile(str(PAGE), module_relative=False)
    assert attempted > 20
    assert failed == 0


def test_the_map_names_each_file_of_the_compiler_once() -> None:
    _, text = (ROOT / "docs" / "architecture.md").read_text().split("## The compiler, file by file")
    files = {file.name for file in (ROOT / "autograd" / "compiler").glob("*.py")} - {"__init__.py"}
    assert sorted(re.findall(r"`(\w+\.py)`", text)) == sorted(files)
