"""The built course: complete, offline, and readable at every width."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.viz.screen import Screen

from .reading import FOLDER, PATHS

for needed in ("nbconvert", "latex2mathml"):
    pytest.importorskip(needed, reason=f"{needed} is not installed")
sys.path.insert(0, str(FOLDER))
course = pytest.importorskip("course")
course_check = pytest.importorskip("course_check")
# Of the formulas in the text, which cannot be scrolled by themselves: where the longest ends.
WIDEST = """() => Math.max(0, ...[...document.querySelectorAll('p math, li math')].filter(
    (formula) => !formula.closest('table') && formula.getAttribute('display') === 'inline'
).map((formula) => formula.getBoundingClientRect().right))"""
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("course")
    course.build(output)
    return output


@pytest.mark.long
def test_every_notebook_is_a_page_and_every_link_leads_somewhere(built: Path) -> None:
    assert {path.name for path in built.glob("*.html")} == {
        "index.html",
        *(f"{path.stem}.html" for path in PATHS),
    }
    assert course_check.problems(built) == []


@pytest.mark.long
def test_the_index_leads_to_every_page(built: Path) -> None:
    page = course_check.read((built / "index.html").read_text(encoding="utf-8"))
    pages = [link for link in page.links if link.endswith(".html")]
    assert pages == [f"{path.stem}.html" for path in PATHS]


@pytest.mark.long
@pytest.mark.browser
def test_two_clicks_lead_from_the_index_to_a_backward_pass(built: Path, browser: Any) -> None:
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.goto((built / "index.html").as_uri())
    page.get_by_text("first backward pass").click()
    stepper = page.locator("iframe").first
    stepper.content_frame.locator("#where b").wait_for()
    assert 0 < stepper.bounding_box()["y"] < 600
    stepper.content_frame.locator("#last").click()
    assert stepper.content_frame.locator("#where").inner_text() == "Backward pass, step 5 of 5"
    page.close()


@pytest.mark.long
def test_pages_are_told_apart_by_their_numbers(built: Path) -> None:
    html = (built / f"{PATHS[4].stem}.html").read_text(encoding="utf-8")
    assert "<title>05 What comes out · gradtable</title>" in html
    assert html.count(">←&nbsp;04 Networks</a>") == html.count(">06 Going downhill&nbsp;→</a>") == 2


@pytest.mark.long
@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1600])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_and_take_nothing_from_elsewhere(
    built: Path, browser: Any, width: int, scheme: str
) -> None:
    for path in sorted(built.glob("*.html")):
        how = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
        screen = Screen(browser, path.as_uri(), **how)
        page = screen.page
        page.evaluate("document.querySelectorAll('details').forEach((one) => one.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path.name
        assert page.evaluate(WIDEST) <= width, path.name
        assert page.evaluate("[...document.images].filter((i) => !i.naturalWidth).length") == 0
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (sum(map(int, paper[4:-1].split(","))) < 200) == (scheme == "dark")
        screen.close()  # which fails on messages in the console and on requests


@pytest.mark.long
@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessibility(built: Path, browser: Any, scheme: str) -> None:
    how = {"viewport": {"width": 360, "height": 900}, "color_scheme": scheme}
    for path in sorted(built.glob("*.html")):
        screen = Screen(browser, path.as_uri(), **how)
        # What can be scrolled gets the focus without our help: the next test.
        assert screen.violations("scrollable-region-focusable") == [], path.name
        screen.close()


@pytest.mark.long
@pytest.mark.browser
def test_wide_code_is_scrolled_by_keys(built: Path, browser: Any) -> None:
    how = {"viewport": {"width": 360, "height": 900}}
    screen = Screen(browser, (built / f"{PATHS[0].stem}.html").as_uri(), **how)
    code = screen.page.locator("pre").first
    assert code.evaluate("e => e.scrollWidth > e.clientWidth")
    screen.page.locator("nav a").nth(1).focus()
    screen.page.keyboard.press("Tab")
    assert code.evaluate("e => e === document.activeElement || e.contains(document.activeElement)")
    screen.page.keyboard.press("ArrowRight")
    screen.page.wait_for_timeout(300)
    assert code.evaluate("e => e.scrollLeft") > 0
    screen.close()


@pytest.mark.long
@pytest.mark.browser
def test_the_stepper_of_a_page_works(built: Path, browser: Any) -> None:
    screen = Screen(browser, (built / f"{PATHS[1].stem}.html").as_uri())
    stepper = screen.page.frame_locator("iframe").first
    where = stepper.locator("#where")
    where.wait_for()
    assert where.inner_text() == "Forward pass, step 1 of 5"
    stepper.locator("#next").click()
    screen.page.keyboard.press("ArrowRight")
    assert where.inner_text() == "Forward pass, step 3 of 5"
    assert not screen.page.locator(".gradtable-stepper > div").first.is_visible()
    screen.close()


@pytest.mark.long
@pytest.mark.browser
def test_without_scripts_the_steps_of_a_page_can_be_unfolded(built: Path, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((built / f"{PATHS[1].stem}.html").as_uri())
    assert page.locator(".gradtable-stepper > iframe:visible").count() == 0
    assert page.locator(".gradtable-stepper summary:visible").count() >= 10
    assert page.locator(".gradtable-stepper img:visible").count() >= 1
    context.close()


def test_formulas_become_mathml_and_code_stays() -> None:
    formulas: list[str] = []
    text = "`$x$` costs $5 and $a_1 < b$:\n\n$$\\frac{a}{b}$$\n\n```\n$HOME and $y$\n```\n"
    marked = course.formulas_set_aside(text.replace("$5", "\\$5"), formulas)
    assert len(formulas) == 2
    assert "<mfrac>" in formulas[1]
    assert 'display="block"' in formulas[1]
    assert "`$x$`" in marked
    assert "$HOME and $y$" in marked
    assert "&#x0003C;" in formulas[0]


def test_a_function_stands_apart_from_a_name_but_not_from_a_bracket() -> None:
    formulas: list[str] = []
    course.formulas_set_aside(
        r"$\log p$ $\log 2$ $\tanh \sigma$ $\log\left(x\right)$ $\cosh^2 x$", formulas
    )
    assert ["mspace" in formula for formula in formulas] == [True, True, True, False, False]


@pytest.mark.parametrize("name", ["f", r"\sigma", r"\tanh", r"\mathrm{relu}"])
def test_a_prime_is_no_exponent(name: str) -> None:
    formula = course.mathml(name + "' = 1", "inline")
    assert "msup" not in formula
    assert "<mo>&#x02032;</mo>" in formula


def test_a_minus_is_a_sign_or_an_operation() -> None:
    signs = [r"w = -0.5", r"(-x)", r"\max(0, -z)", r"w \leftarrow -x"]
    assert all('form="prefix">&#x02212;' in course.mathml(f, "inline") for f in signs)
    others = [r"a - b", r"(a) - b", r"f' - 1", r"x^2 - 1"]
    assert not any("prefix" in course.mathml(f, "inline") for f in others)


def test_spaces_are_those_of_a_textbook() -> None:
    assert '<mo lspace="0em" rspace="0em">&#x0002F;' in course.mathml("a/b", "inline")
    assert "<mo>&#x02202;" not in course.mathml(r"\partial L", "inline")
    assert "<mo>&#x0223C;" in course.mathml(r"z \sim N", "inline")
    assert '<mo rspace="0em">min</mo>' in course.mathml(r"\alpha\min(0, z)", "inline")
    assert '<mo rspace="0em" lspace="0em">max</mo>' in course.mathml(r"\max(0, z)", "inline")
    assert '<mspace width="0.167em" /><mi>log</mi>' in course.mathml(r"y_j \log p_j", "inline")


def test_formulas_with_a_wide_gap_may_stand_below_one_another() -> None:
    assert course.mathml(r"a = b, \qquad c = d", "block").count("<math") == 2
    assert course.mathml(r"\frac{a \qquad b}{c}", "block").count("<math") == 1
    assert course.mathml(r"a \qquad b", "inline").count("<math") == 1


def test_a_sign_stays_with_its_formula() -> None:
    from nbformat.v4 import new_markdown_cell, new_notebook

    html = course.body(new_notebook(cells=[new_markdown_cell("If $x$, then $y$ or\n\n$$z$$.")]))
    assert html.count('<span class="whole"><math') == 1
    assert "</math>,</span> then" in html


def test_a_comment_in_the_text_describes_the_plot() -> None:
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

    text = new_markdown_cell("Look:\n\n<!-- Picture: a line & a dot -->\n<!-- Picture: two -->")
    outputs = [new_output("display_data", {"image/png": PIXEL}) for _ in range(2)]
    html = course.body(new_notebook(cells=[text, new_code_cell("plot()", outputs=outputs)]))
    assert html.index('alt="a line &amp; a dot"') < html.index('alt="two"')
    assert "Picture" not in html
    assert html.count("--width:1px") == 2


def test_drawings_on_one_page_have_different_ids() -> None:
    from autograd import Value
    from viz import draw

    html = course.drawing(draw(Value(2.0, "a") * 3).svg, "p-")["text/html"]
    page = course_check.read(html)
    assert page.ids
    assert all(name.startswith("p-") for name in page.ids)
    assert "url(#p-arrow)" in html
    assert "url(#arrow)" not in html


@pytest.mark.parametrize(
    ("html", "problem"),
    [
        ('<a href="gone.html">x</a>', "leads nowhere"),
        ('<a href="#gone">x</a>', "leads nowhere"),
        ('<script src="https://example.org/x.js"></script>', "from elsewhere"),
        ('<link rel="stylesheet" href="//example.org/x.css">', "from elsewhere"),
        ("<style>@import 'https://example.org/x.css'</style>", "from elsewhere"),
        ('<iframe srcdoc="&lt;img alt=x src=http://example.org/x&gt;"></iframe>', "in a frame"),
        ('<img src="data:,">', "without a description"),
        ('<p id="x"></p><p id="x"></p>', "twice"),
        (r"<p>\frac{1}{2}</p>", "formula as source"),
    ],
)
def test_the_check_finds(tmp_path: Path, html: str, problem: str) -> None:
    (tmp_path / "page.html").write_text(html, encoding="utf-8")
    (found,) = course_check.problems(tmp_path)
    assert problem in found


def test_the_check_passes_a_page_that_is_right(tmp_path: Path) -> None:
    text = '<h1 id="x">x</h1><a href="#x">x</a><a href="page.html">x</a><pre>\\frac</pre>'
    (tmp_path / "page.html").write_text(text, encoding="utf-8")
    assert course_check.problems(tmp_path) == []
