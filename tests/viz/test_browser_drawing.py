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


def test_an_image_shrinks_a_little_with_its_cell_and_is_then_scrolled(browser: Any) -> None:
    drawing = draw(Value(2.0, "a") * 3)
    natural = drawing.placement.width
    context = browser.new_context(viewport={"width": 1000, "height": 500})
    window = context.new_page()
    widths = (900, 0.95 * natural, 100)
    window.set_content("".join(f"<div style='width:{w}px'>{drawing.html}</div>" for w in widths))
    images = [window.locator("img").nth(k) for k in range(3)]
    boxes = [image.bounding_box() for image in images]
    expected = [natural, 0.95 * natural, 0.85 * natural]
    assert [box["width"] for box in boxes] == pytest.approx(expected, abs=1)
    ratio = boxes[0]["height"] / boxes[0]["width"]
    assert all(box["height"] == pytest.approx(ratio * box["width"], abs=1) for box in boxes)
    scrolled = "e => e.parentElement.scrollWidth > e.parentElement.clientWidth"
    assert [image.evaluate(scrolled) for image in images] == [False, False, True]
    assert window.evaluate("document.documentElement.scrollWidth") == 1000
    context.close()
