"""Run a notebook in a fresh kernel, and tell what it printed."""

from __future__ import annotations

import os
from copy import deepcopy
from typing import Any

from .reading import ROOT, answers, code_of

SECONDS = 60
INLINE = "module://matplotlib_inline.backend_inline"  # figures as a notebook shows them

# Before the first cell: a warning is an error, and so is any connection to elsewhere.
GUARD = """
def _guard():
    import socket, warnings
    def refuse(self, address, *more):
        raise OSError(f"a notebook must not connect to {address}")
    socket.socket.connect = socket.socket.connect_ex = refuse
    warnings.simplefilter("error")
_guard(); del _guard
"""


def run(notebook: Any, *, with_answers: bool = True) -> list[Any]:
    """The cells of a copy after a run from top to bottom, then the code of the answers."""
    from nbclient import NotebookClient
    from nbformat.v4 import new_code_cell

    copy = deepcopy(notebook)
    for cell in copy.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    count = len(copy.cells)
    copy.cells.insert(0, new_code_cell(GUARD))
    if with_answers:
        copy.cells += [new_code_cell(c) for answer in answers(copy) for c in code_of(answer)]
    resources = {"metadata": {"path": str(ROOT / "notebooks")}}
    client = NotebookClient(
        copy, timeout=SECONDS, kernel_name="python3", resources=resources, record_timing=False
    )
    client.execute(env={**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": INLINE})
    return list(copy.cells[1 : count + 1])


def printed(outputs: list[Any]) -> list[tuple[str, str]]:
    """(kind, text) of what was printed and of results as text; a stream's pieces as one."""
    texts: list[tuple[str, str]] = []
    for output in outputs:
        if output.output_type == "stream":
            kind, text = output.name, output.text
        elif output.output_type == "error":
            kind, text = "error", f"{output.ename}: {output.evalue}"
        else:
            kind, text = output.output_type, output.data.get("text/plain", "")
        if texts and kind in ("stdout", "stderr") and texts[-1][0] == kind:
            text = texts.pop()[1] + text
        texts.append((kind, text))
    return texts


def kinds(outputs: list[Any]) -> list[list[str]]:
    """The mime types of each result and each picture."""
    return [sorted(output.data) for output in outputs if "data" in output]


def drift(stored: list[Any], fresh: list[Any]) -> list[str]:
    """Where the fresh cells print something else than the stored ones, or show another kind."""
    found = []
    for old, new in zip(stored, fresh, strict=True):
        if old.cell_type != "code":
            continue
        if printed(old.outputs) != printed(new.outputs):
            found.append(f"{old.id}: {printed(old.outputs)} is now {printed(new.outputs)}")
        if kinds(old.outputs) != kinds(new.outputs):
            found.append(f"{old.id}: shows {kinds(old.outputs)}, now {kinds(new.outputs)}")
    return found
