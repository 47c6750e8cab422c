"""Every notebook runs from top to bottom, prints what is stored, and has the form of the course."""

from __future__ import annotations

import re
import time
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from .reading import FOLDER, PATHS, answers, code_of, parameters, read
from .running import SECONDS, drift, run

MACHINE = re.compile(r"/(?:home|root|work|tmp|Users)/|[A-Z]:\\\\|ipykernel_\d+|site-packages")
NETWORK = re.compile(
    r"^\s*(?:import|from)\s+(?:urllib|requests|httpx|socket|http|ftplib|aiohttp)\b"
    r"|^\s*[!%]\s*(?:pip|curl|wget|conda)\b|\bfetch_\w+\(",
    re.MULTILINE,
)
HEAD = re.compile(
    r"# \S.*\n+\*Needs: .+ · about \d+ minutes to read · runs in (?:about )?\d+ seconds?\*"
)


@pytest.fixture(scope="module")
def kernels() -> None:
    pytest.importorskip("nbclient", reason="nbclient is not installed")
    pytest.importorskip("ipykernel", reason="ipykernel is not installed")


@pytest.fixture
def notebook(path: Path) -> Any:
    return read(path)


every_notebook = pytest.mark.parametrize("path", parameters())


@pytest.mark.usefixtures("kernels")
@every_notebook
def test_it_runs_and_prints_what_is_stored(notebook: Any) -> None:
    started = time.monotonic()
    fresh = run(notebook)
    assert time.monotonic() - started < SECONDS
    assert drift(notebook.cells, fresh) == []


@every_notebook
def test_first_and_last_cell(notebook: Any, path: Path) -> None:
    assert HEAD.match(notebook.cells[0].source), notebook.cells[0].source
    following = PATHS[PATHS.index(path) + 1 :]
    last = notebook.cells[-1].source.strip().splitlines()[-1]
    assert not following or re.fullmatch(rf"Next: .*\]\({following[0].name}\).*", last), last


@every_notebook
def test_exercises_have_folded_answers_that_are_python(notebook: Any) -> None:
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert re.search(r"^## Exercises?$", text, re.MULTILINE)
    found = answers(notebook)
    assert 2 <= len(found) == text.count("<details") == text.count("</details>")
    for answer in found:
        assert answer.strip()
        assert "```" not in re.sub(r"```\w*\n.*?\n```", "", answer, flags=re.DOTALL)
        for code in code_of(answer):
            compile(code, "answer", "exec")


@every_notebook
def test_cells_are_numbered_and_were_run_in_order(notebook: Any, path: Path) -> None:
    ids = [cell.id for cell in notebook.cells]
    assert ids == sorted(set(ids))
    assert all(re.fullmatch(rf"{path.name[:2]}-\d\d", name) for name in ids)
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))


@every_notebook
def test_stored_without_errors_and_traces_of_a_machine(notebook: Any, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not MACHINE.search(text), MACHINE.search(text)
    assert set(notebook.metadata) <= {"kernelspec", "language_info"}
    for cell in notebook.cells:
        assert cell.metadata == {}
        for output in cell.get("outputs", []):
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output.text


@every_notebook
def test_nothing_is_fetched(notebook: Any) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert not NETWORK.search(cell.source), cell.source
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            assert not re.search(r"!\[[^]]*\]\(\s*https?:|<(?:img|script|iframe)\b", cell.source)


def test_the_index_names_every_notebook() -> None:
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| \[.*?\]\((\w+\.ipynb)\)", index, re.MULTILINE)
    assert named == [path.name for path in PATHS]
    assert set(re.findall(r"\]\((\w+\.ipynb)\)", index)) == set(named)


@pytest.mark.long
@pytest.mark.usefixtures("kernels")
def test_drift_is_noticed() -> None:
    """A stored number that is a digit off, a lost picture, a warning, and a connection."""
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    shown = "from IPython.display import SVG\nSVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>')"
    notebook = new_notebook(cells=[new_code_cell("print(0.1 + 0.2)"), new_code_cell(shown)])
    stored = run(notebook)
    assert drift(stored, deepcopy(stored)) == []
    wrong = deepcopy(stored)
    wrong[0].outputs[0].text = wrong[0].outputs[0].text.replace("4", "3")
    assert len(drift(wrong, stored)) == 1
    lost = deepcopy(stored)
    lost[1].outputs = [new_output("execute_result", {"text/plain": "<IPython…SVG object>"})]
    assert drift(lost, stored)


@pytest.mark.long
@pytest.mark.usefixtures("kernels")
@pytest.mark.parametrize(
    "source",
    [
        "import warnings; warnings.warn('old')",
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "1 / 0",
    ],
)
def test_a_cell_that_fails_warns_or_connects_stops_the_run(source: str) -> None:
    from nbclient.exceptions import CellExecutionError
    from nbformat.v4 import new_code_cell, new_notebook

    with pytest.raises(CellExecutionError, match=r"old|must not connect|ZeroDivisionError"):
        run(new_notebook(cells=[new_code_cell(source)]))
