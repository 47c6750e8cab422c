"""The notebooks of the course, as files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks"
PATHS = sorted(FOLDER.glob("[0-9][0-9]_*.ipynb"))
EVERY_RUN = ("01", "02")
ANSWER = re.compile(
    r"<details[^>]*>\s*<summary>Answer(?: \d+)?</summary>(.*?)</details>", re.DOTALL
)
FENCED = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


def parameters() -> list[Any]:
    """A parameter for each notebook; all but the first two are long."""
    return [
        pytest.param(path, id=path.stem, marks=[] if short(path) else pytest.mark.long)
        for path in PATHS
    ]


def short(path: Path) -> bool:
    return path.name.startswith(EVERY_RUN)


def read(path: Path) -> Any:
    nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
    return nbformat.read(path, as_version=4)


def answers(notebook: Any) -> list[str]:
    """What is folded under each "Answer"."""
    markdown = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    return [answer for source in markdown for answer in ANSWER.findall(source)]


def code_of(answer: str) -> list[str]:
    """The Python in an answer."""
    return FENCED.findall(answer)
