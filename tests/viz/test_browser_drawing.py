"""A drawing as an image in a real Chromium: it follows the page around it."""

from __future__ import annotations

import io
from typing import Any

import pytest

from autograd import Value
from viz import draw
from viz.colors import DARK, LIGHT

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("system", ["light", "dark"])
@pytest.mark.parametrize(("page", "colors"), [("light", LIGHT), ("dark", DARK)])
def test_an_image_follows_the_theme_of_the_notebook(
    browser: Any, system: str, page: str, colors: dict[str, str]
) -> None:
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    context = browser.new_context(color_scheme=system)
    window = context.new_page()
    window.set_content(f"<body style='color-scheme:{page}'>{draw(Value(2.0, 'a') * 3).html}")
    shot = image.open(io.BytesIO(window.locator("img").screenshot())).convert("RGB")
    assert "#{:02x}{:02x}{:02x}".format(*shot.getpixel((3, 3))) == colors["paper"]
    context.close()


def test_an_image_has_the_size_of_the_drawing_and_shrinks_with_its_cell(browser: Any) -> None:
    drawing = draw(Value(2.0, "a") * 3)
    context = browser.new_context(viewport={"width": 1000, "height": 500})
    window = context.new_page()
    window.set_content(f"<div>{drawing.html}</div><div style='width:100px'>{drawing.html}</div>")
    free, narrow = [window.locator("img").nth(k).bounding_box() for k in (0, 1)]
    assert free["width"] == pytest.approx(drawing.placement.width, abs=1)
    assert narrow["width"] == pytest.approx(100, abs=0.1)
    assert narrow["height"] == pytest.approx(free["height"] * 100 / free["width"], abs=1)
    context.close()
