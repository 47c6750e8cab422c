"""Every notebook in a real JupyterLab in a real Chromium, untrusted and trusted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .lab import count, lab, opened, run_all, trust
from .reading import PATHS, parameters, read

pytestmark = pytest.mark.browser
STEPPER = ".gradtable-stepper iframe"
SHRUNK = """() => Math.min(...[...document.querySelectorAll('img[src^="data:image/svg"]')].filter(
    (image) => image.checkVisibility()).map((image) => image.clientWidth / image.naturalWidth), 1)"""
PICTURES = """() => [...document.querySelectorAll('.jp-OutputArea-output img')].filter(
    (image) => image.complete && image.naturalWidth > 0 && image.checkVisibility()
               && image.clientWidth > 50).length"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A JupyterLab that sees all notebooks for the first time, and trusts none."""
    nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed")
    folder = tmp_path_factory.mktemp("notebooks")
    for path in PATHS:
        notebook = read(path)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.execution_count = None  # numbers mean that it has run here
        nbformat.write(notebook, folder / path.name)
    with lab(folder, tmp_path_factory.mktemp("jupyter")) as running:
        yield running


@pytest.fixture
def context(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    yield context
    context.close()


def stored(notebook: Any) -> list[dict[str, str]]:
    """What the outputs hold, by kind."""
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    return [output.data for output in outputs if "data" in output]


def pictures_in(data: dict[str, str]) -> int:
    """How many pictures an output shows without scripts."""
    drawn = "image/png" in data or "image/svg+xml" in data
    return max(data.get("text/html", "").count("<img "), int(drawn))


@pytest.mark.parametrize("path", parameters())
def test_it_shows_its_pictures_and_once_trusted_runs_and_steps(
    address: str, context: Any, path: Path
) -> None:
    notebook = read(path)
    html = "".join(data.get("text/html", "") for data in stored(notebook))
    pictures = sum(map(pictures_in, stored(notebook)))
    steppers, steps = html.count("<iframe "), html.count("<details>")
    page = opened(context, address, path.name, len(notebook.cells))

    check_pictures(page, pictures)
    assert count(page, ".jp-OutputArea-output iframe") == 0
    assert count(page, ".jp-OutputArea-output details") == steps
    assert pictures >= 1
    assert page.evaluate(SHRUNK) > 0.84  # so that the numbers can be read
    if steppers:
        check_a_folded_table(page)

    trust(page)
    page.wait_for_function(f"document.querySelectorAll('{STEPPER}').length == {steppers}")
    run_all(page)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    prompts = page.locator(".jp-CodeCell .jp-InputPrompt").all_inner_texts()
    assert prompts == [f"[{k}]:" for k in range(1, len(code) + 1)]
    assert count(page, '.jp-OutputArea-output[data-mime-type*="stderr"]') == 0
    assert count(page, '.jp-OutputArea-output[data-mime-type*="error"]') == 0
    check_pictures(page, pictures - steppers)  # in their place the steppers
    assert count(page, STEPPER) == steppers
    for i in range(steppers):
        check_a_stepper(page, page.locator(STEPPER).nth(i))


def check_pictures(page: Any, expected: int) -> None:
    """So many pictures are there to be seen, if not at once."""
    for _ in range(60):
        if (shown := page.evaluate(PICTURES)) == expected:
            return
        page.wait_for_timeout(250)
    assert shown == expected


def check_a_folded_table(page: Any) -> None:
    """The fourth step without scripts: folded away, and there when its summary is clicked."""
    step = page.locator(".jp-OutputArea-output details:not(:has(details))").nth(3)
    table = step.locator("table")
    assert not table.is_visible()
    for whole in step.locator("xpath=ancestor::details/summary").all():
        whole.click()
    step.locator("summary").click()
    assert table.is_visible()
    assert (
        table.locator("td").last.inner_text().strip()
        == step.locator("summary").inner_text().rpartition("= ")[2]
    )


def check_a_stepper(page: Any, frame: Any) -> None:
    """It goes on by click and by key, and no key does anything to the notebook around it."""
    stepper = frame.content_frame
    position = stepper.locator("#position")
    stepper.locator("#where b").wait_for()
    assert not frame.locator("xpath=preceding-sibling::div").is_visible()
    last = int(position.get_attribute("max"))
    before = count(page, ".jp-Notebook .jp-Cell")
    assert position.input_value() == "1"
    stepper.locator("#next").click()
    assert position.input_value() == "2"
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert position.input_value() == "5"
    for key in ("b", "a", "d", "d", "x", "m", "Enter", "End"):
        page.keyboard.press(key)
    assert int(position.input_value()) == last > 5
    assert stepper.locator("#where b").inner_text() in ("Backward pass", "forward pass")
    assert count(page, ".jp-Notebook .jp-Cell") == before
