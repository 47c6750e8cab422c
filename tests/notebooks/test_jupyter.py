"""A notebook in a real JupyterLab in a real Chromium, untrusted and trusted."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.viz.screen import CHROMIUM

from .reading import FOLDER, ROOT, read

pytestmark = [pytest.mark.long, pytest.mark.browser]
NAME = "01_values_and_graphs.ipynb"
PATIENCE = 60_000  # milliseconds; the first start of JupyterLab is slow
STEPPER = ".gradtable-stepper iframe"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The notebook as it is stored, and one to be trusted, whose cells do not count as run."""
    folder = tmp_path_factory.mktemp("notebooks")
    (folder / "untrusted.ipynb").write_bytes((FOLDER / NAME).read_bytes())
    notebook = read(FOLDER / NAME)
    notebook.cells[0].source += "\n\nTrusted."  # trust goes by content
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.execution_count = None
    import nbformat

    nbformat.write(notebook, folder / "trusted.ipynb")
    return folder


@pytest.fixture(scope="module")
def lab(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab with settings of its own, that knows one trusted notebook."""
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed")
    home = tmp_path_factory.mktemp("jupyter")
    folders = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    environment = {
        **os.environ,
        **{name: str(home / name.lower()) for name in folders},
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "default",
    }
    trust = [sys.executable, "-m", "jupyter", "trust", "trusted.ipynb"]
    subprocess.run(trust, cwd=folder, env=environment, check=True, capture_output=True)
    address = f"http://127.0.0.1:{free_port()}"
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1"),
        *(f"--port={address.rsplit(':', 1)[1]}", "--ServerApp.port_retries=0"),
        *("--IdentityProvider.token=", f"--ServerApp.root_dir={folder}"),
        *("--LabApp.news_url=None", "--LabApp.check_for_updates_class="
          "jupyterlab.handlers.announcements.NeverCheckForUpdate"),
    ]  # fmt: skip
    with (home / "log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        wait_for(address + "/api/status", server, home / "log")
        yield address
    finally:
        server.terminate()  # which ends its kernels, too
        server.wait(30)


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(address: str, server: Any, log: Path) -> None:
    """Until the server answers."""
    for _ in range(240):
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.25)
    raise AssertionError(log.read_text())


@pytest.fixture
def open_notebook(browser: Any, lab: str) -> Iterator[Any]:
    contexts = []

    def open_it(name: str) -> Any:
        # High enough that every cell is in view: JupyterLab leaves out those that are not.
        context = browser.new_context(viewport={"width": 1400, "height": 12000})
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(f"{lab}/lab/tree/{name}?reset")
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        page.wait_for_selector(".jp-OutputArea-output details", state="attached")
        return page

    yield open_it
    for context in contexts:
        context.close()


def count(page: Any, selector: str) -> int:
    return int(page.locator(selector).count())


def cells(page: Any) -> int:
    return count(page, ".jp-Notebook .jp-Cell")


def test_untrusted_shows_the_picture_and_the_steps_to_unfold(open_notebook: Any) -> None:
    page = open_notebook("untrusted.ipynb")
    assert count(page, ".jp-OutputArea-output iframe") == 0
    picture = page.locator('.jp-OutputArea-output img[src^="data:image/svg+xml"]').first
    picture.wait_for()
    assert picture.evaluate("image => image.complete && image.naturalWidth") > 300
    assert picture.is_visible()
    assert "Gradients" in picture.get_attribute("alt")
    drawings = page.locator('.jp-OutputArea-output:has-text("<drawing: Computation graph of")')
    assert (drawings.count(), count(page, ".jp-RenderedSVG")) == (5, 0)  # text where SVG may not be
    steps = page.locator(".jp-OutputArea-output details")
    assert steps.count() == 10
    summaries = steps.locator("summary").all_inner_texts()
    assert any("c·d" in text and text.endswith("6") for text in summaries)
    table = steps.nth(4).locator("table")
    assert not table.is_visible()
    steps.nth(4).locator("summary").click()
    assert table.is_visible()
    assert table.locator("td").all_inner_texts()[-1].strip() == "6"


def test_trusted_runs_and_the_stepper_works_by_click_and_by_key(open_notebook: Any) -> None:
    page = open_notebook("trusted.ipynb")
    page.wait_for_selector(STEPPER)  # as it is stored, before anything is run
    run_all(page)
    codes = page.locator(".jp-CodeCell .jp-InputPrompt").all_inner_texts()
    assert len(codes) > 5
    assert codes == [f"[{k}]:" for k in range(1, len(codes) + 1)]
    assert count(page, '.jp-OutputArea-output[data-mime-type*="stderr"]') == 0
    assert count(page, ".jp-RenderedSVG img, .jp-RenderedSVG svg") == 5

    stepper = page.frame_locator(STEPPER)
    where = stepper.locator("#where")
    where.wait_for()
    assert not page.locator(".gradtable-stepper > div").is_visible()
    assert where.inner_text() == "Forward pass, step 1 of 5"
    stepper.locator("#next").click()
    assert where.inner_text() == "Forward pass, step 2 of 5"
    before = cells(page)
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    assert where.inner_text() == "Backward pass, step 3 of 5"
    assert stepper.locator("#equation").get_attribute("aria-label").endswith("= 1·2 = 2")
    for key in ("b", "a", "d", "d", "x", "Enter", "End"):
        page.keyboard.press(key)
    assert where.inner_text() == "Backward pass, step 5 of 5"
    assert cells(page) == before
    assert page.locator(".jp-Notebook").first.is_visible()


def run_all(page: Any) -> None:
    """Run → Run All Cells, and wait until every cell has a number."""
    page.locator('.lm-MenuBar-item:has-text("Run")').first.click()
    page.locator('.lm-Menu-item[data-command="runmenu:run-all"]').click()
    page.wait_for_function(
        "() => { const all = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')];"
        " return all.length && all.every((e) => /^\\[\\d+\\]:$/.test(e.textContent)); }"
    )
