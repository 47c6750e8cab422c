"""A JupyterLab of its own, and what one does in its window."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from .reading import ROOT

PATIENCE = 60_000  # milliseconds; the first start of JupyterLab is slow
SETTINGS = {
    "notebook-extension/tracker": '{"windowingMode": "none"}',  # cells out of view stay
    "apputils-extension/notification": '{"fetchNews": "false"}',  # which would cover a corner
}
NUMBERED = """() => [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]
    .every((prompt) => /^\\[\\d+\\]:$/.test(prompt.textContent))"""


@contextmanager
def lab(folder: Path, home: Path) -> Iterator[str]:
    """The address of a JupyterLab on a folder, with its settings and its memory of trust in home."""
    for name, setting in SETTINGS.items():
        file = home / f"lab/user-settings/@jupyterlab/{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True)
        file.write_text(setting)
    folders = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    environment = {
        **os.environ,
        **dict.fromkeys(folders, str(home)),
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "default",
    }
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


def opened(context: Any, address: str, name: str, cells: int) -> Any:
    """The window with a notebook of so many cells."""
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(f"{address}/lab/tree/{name}?reset")
    page.wait_for_function(f"document.querySelectorAll('.jp-Notebook .jp-Cell').length == {cells}")
    return page


def choose(page: Any, menu: str, command: str) -> None:
    """A command in a menu."""
    page.locator(f'.lm-MenuBar-item:has-text("{menu}")').first.click()
    page.locator(f'.lm-Menu-item[data-command="{command}"]').click()


def trust(page: Any) -> None:
    """Say in the command palette that the notebook is to be trusted."""
    choose(page, "View", "apputils:activate-command-palette")
    palette = page.locator("#modal-command-palette")
    palette.locator("input").fill("Trust Notebook")
    palette.locator('[data-command="notebook:trust"]').click()
    page.locator(".jp-Dialog .jp-mod-accept").click()
    page.wait_for_selector(".jp-Dialog", state="detached")


def run_all(page: Any) -> None:
    """Run → Run All Cells, and wait until every cell has a number."""
    choose(page, "Run", "runmenu:run-all")
    page.wait_for_function(NUMBERED, timeout=2 * PATIENCE)


def count(page: Any, selector: str) -> int:
    return int(page.locator(selector).count())
