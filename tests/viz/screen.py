"""A page in a real browser, and what is to be read on it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

AXE = [
    Path(os.environ.get("AXE_CORE", "")),
    Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js",
]
CHROMIUM = (
    os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
)


class Screen:
    """A page in the browser that fails the test on any error, and on any request that leaves it."""

    def __init__(self, browser: Any, address: str, **how: Any) -> None:
        how = {"viewport": {"width": 1200, "height": 800}, "reduced_motion": "reduce", **how}
        self.context = browser.new_context(**how)
        self.page = self.context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda message: self.errors.append(message.text))
        self.page.on("request", lambda request: self._note(request.url, address))
        self.page.goto(address)

    def _note(self, url: str, address: str) -> None:
        if url != address and not url.startswith(("data:", "about:")):
            self.errors.append(f"requested {url}")

    def state(self, frame: Any = None) -> dict[str, Any]:
        """What is shown now."""
        state: dict[str, Any] = (frame or self.page).evaluate(_READ)
        return state

    def violations(self, *but: str) -> list[tuple[str, list[str]]]:
        """What axe-core finds wrong with the page, but for some rules."""
        axe = next((path for path in AXE if path.is_file()), None)
        if axe is None:
            pytest.skip(
                "axe-core is not installed (npm install axe-core, or AXE_CORE=…/axe.min.js)"
            )
        self.page.evaluate(axe.read_text("utf-8"))
        rules = {rule: {"enabled": False} for rule in but}
        options = {"iframes": False, "resultTypes": ["violations"], "rules": rules}
        found = self.page.evaluate("(options) => axe.run(document, options)", options)["violations"]
        return [(v["id"], [node["html"] for node in v["nodes"]]) for v in found]

    def close(self) -> None:
        self.context.close()
        assert self.errors == []


_READ = """() => {
  const number = (e) => e && e.textContent ? [e.textContent, e.title] : null;
  const one = (selector) => document.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];
  return {
    where: one("#where").textContent,
    said: one("#said").textContent,
    values: all("#tables tr[id] [data-column=value]").map(number),
    gradients: all("[data-column=gradient]").map(number),
    current: all("tr[aria-current]").map((e) => e.id),
    terms: all(".term").map((term) => [...term.querySelectorAll(".number")].map(number)),
    operands: all("#equation .number:not(.total)").map(number),
    total: number(one("#equation .total") || one("#equation .number")),
    node: all(".node.forward, .node.backward").map((e) => e.id),
    edges: all(".edge.forward, .edge.backward").map((e) => e.id).sort(),
    cards: all(".node").map((e) => [
      e.id, e.matches(".unknown-value") ? null : e.querySelector(".value").textContent,
      e.matches(".unknown-gradient") ? null : e.querySelector(".gradient").textContent]),
    position: Number(one("#position").value),
    count: Number(one("#position").max),
  };
}"""
