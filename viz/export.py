"""PNG and PDF: by a browser, which shows our SVG as it is, or by Graphviz, which draws anew."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from autograd.errors import AutogradError

from .dot import digraph_of
from .layout import graphviz_dot
from .scene import Scene

BROWSERS = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)  # fmt: skip
LARGEST = 8000.0  # pixels a side that browsers paint without trouble
PATIENCE = 60  # seconds


class ExportError(AutogradError, RuntimeError):
    """A drawing cannot be turned into the format asked for on this machine."""


def rendered(scene: Scene, svg: str, size: tuple[float, float], suffix: str) -> bytes:
    """The picture as a PNG or PDF file."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser and max(size) <= LARGEST:
        made = _by_browser(browser, svg, size, suffix)
        if made is not None:
            return made
    if graphviz_dot.available():
        return graphviz_dot.answered(
            scene, digraph_of(scene), suffix, "saving as .svg, .dot or .mmd needs no Graphviz"
        )
    raise ExportError(
        f"saving as .{suffix} needs Graphviz (https://graphviz.org/download/) or a browser such as "
        "Chromium, and neither was found to work; .svg, .dot and .mmd need nothing"
    )


def _by_browser(browser: str, svg: str, size: tuple[float, float], suffix: str) -> bytes | None:
    """None where the browser does not deliver: there may be another way."""
    width, height = (int(side) + 1 for side in size)
    page = (
        f"<!doctype html><meta charset=utf-8><style>@page{{size:{width}px {height}px;margin:0}}"
        f"html,body{{margin:0}}svg{{display:block}}</style>{svg}"
    )
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        source, target = Path(folder, "page.html"), Path(folder, f"page.{suffix}")
        source.write_text(page, encoding="utf-8")
        task = f"--screenshot={target}" if suffix == "png" else f"--print-to-pdf={target}"
        command = [
            browser, "--headless", "--disable-gpu", "--no-first-run", "--hide-scrollbars",
            "--disable-background-networking", "--no-pdf-header-footer",
            "--force-device-scale-factor=2", f"--user-data-dir={folder}/profile",
            f"--window-size={width},{height}", task, *_as_root(), source.as_uri(),
        ]  # fmt: skip
        try:
            subprocess.run(command, capture_output=True, timeout=PATIENCE, check=True)
            return target.read_bytes()
        except (OSError, subprocess.SubprocessError):
            return None


def _as_root() -> list[str]:
    """Chromium refuses its sandbox to the superuser; the page is our own and holds no script."""
    return ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
