"""Run notebooks and store their outputs: `make outputs`, or `python -m tests.notebooks.store 02 09`."""

from __future__ import annotations

import sys
from typing import Any

import nbformat

from .reading import PATHS
from .running import run


def stored(outputs: list[Any], count: int) -> list[Any]:
    """The outputs as they are kept: the pieces of a stream as one."""
    kept: list[Any] = []
    for output in outputs:
        if output.output_type == "execute_result":
            output.execution_count = count
        output.pop("transient", None)
        last = kept[-1] if kept else None
        if last is not None and output.output_type == "stream" and last.get("name") == output.name:
            last.text += output.text
        else:
            kept.append(output)
    return kept


def main(numbers: list[str]) -> None:
    """Those whose file names begin with one of the numbers; all of them where there is none."""
    for path in PATHS:
        if numbers and path.name[:2] not in numbers:
            continue
        notebook = nbformat.read(path, as_version=4)
        count = 0
        for cell, fresh in zip(notebook.cells, run(notebook), strict=True):
            if cell.cell_type == "code":
                count += 1
                cell.execution_count, cell.outputs = count, stored(fresh.outputs, count)
        nbformat.validate(notebook)
        nbformat.write(notebook, path)
        print(path.name)


if __name__ == "__main__":
    main(sys.argv[1:])
