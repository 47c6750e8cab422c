"""The stepper in a real Chromium: what the page shows is what the step records say."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from matplotlib.pyplot import imread

from autograd import Value, dot, trace
from autograd.steps import BackwardStep, ForwardStep
from nn import MLP
from viz.stepper import Stepper, step
from viz.text import short

from .graphs import worked_example
from .screen import Screen
from .stepping import HOSTILE, labelled, lecture, network, reused

pytestmark = pytest.mark.browser


@pytest.fixture
def open_page(browser: Any, tmp_path: Path) -> Iterator[Any]:
    opened: list[Screen] = []

    def open_it(stepper: Stepper | str, **how: Any) -> Screen:
        file = tmp_path / f"page{len(opened)}.html"
        file.write_text(stepper if isinstance(stepper, str) else stepper.html, encoding="utf-8")
        opened.append(Screen(browser, file.as_uri(), **how))
        return opened[-1]

    yield open_it
    for screen in opened:
        screen.close()


def exactly(number: list[str] | None) -> float:
    """The number behind what is shown, which must be its rounding."""
    assert number is not None
    shown, full = number
    x = float(full.replace("−", "-").replace("∞", "inf"))
    assert shown.strip("()") == short(x)
    return x


def numbers(shown: list[list[str] | None]) -> list[float | None]:
    return [None if n is None else exactly(n) for n in shown]


def check_forward(state: dict[str, Any], record: ForwardStep, values: list[float]) -> None:
    j = record.index
    assert numbers(state["values"]) == [*values[:j], *[None] * (len(values) - j)]
    assert set(state["gradients"]) == {None}
    assert exactly(state["total"]) == record.result
    if record.operation is not None:
        operands = [values[trace_index - 1] for trace_index in state["operand_indices"]]
        assert [exactly(n) for n in state["operands"]] == operands
    assert state["where"].startswith("Forward pass, step")


def check_backward(state: dict[str, Any], record: BackwardStep, gradients: list[float]) -> None:
    j = record.index
    assert [[exactly(n) for n in term] for term in state["terms"]] == [
        [term.gradient, term.local_derivative] for term in record.terms
    ]
    assert exactly(state["total"]) == record.total
    known = numbers(state["gradients"])
    assert known[: j - 1] == [None] * (j - 1)
    assert known[j - 1 :] == gradients[j - 1 :]
    assert state["where"].startswith("Backward pass, step")


def edges_into(node: Value, graph: Any) -> list[str]:
    j = graph.index(node)
    return sorted(f"edge-u{graph.index(p)}-u{j}-{k}" for k, p in enumerate(node.parents))


def edges_out_of(node: Value, graph: Any) -> list[str]:
    return sorted(
        f"edge-u{graph.index(node)}-u{graph.index(user)}-{k}"
        for user in graph.nodes
        for k, p in enumerate(user.parents)
        if p is node
    )


@pytest.mark.parametrize(
    "make", [worked_example, reused, lambda: lecture()[0], lambda: network(2, (2,))]
)
def test_every_step_shows_what_the_records_say(open_page: Any, make: Any) -> None:
    output = make()
    graph = trace(output)
    forward, backward = list(graph.forward_steps()), list(graph.backward_steps())
    values = [record.result for record in forward]
    gradients = [record.total for record in backward][::-1]
    screen = open_page(step(output))
    for position, record in enumerate([*forward, *backward], 1):
        state = screen.state()
        assert state["position"] == position
        assert state["count"] == len(forward) + len(backward)
        assert state["current"] == [f"row-{record.index}"]
        assert state["node"] == [f"node-u{record.index}"]
        if isinstance(record, ForwardStep):
            pieces = _places(graph, record.node)
            check_forward({**state, "operand_indices": pieces}, record, values)
            assert state["edges"] == edges_into(record.node, graph)
        else:
            check_backward(state, record, gradients)
            assert numbers(state["values"]) == values
            assert state["edges"] == edges_out_of(record.node, graph)
        known = {
            f"node-u{j}": (state["values"][j - 1], state["gradients"][j - 1])
            for j in range(1, len(graph) + 1)
        }
        for card, value, gradient in state["cards"]:
            in_table = known[card]
            assert value == (in_table[0] and in_table[0][0])
            assert gradient == (in_table[1] and f"∇ {in_table[1][0]}")
        screen.page.click("#next", force=True)
    assert screen.state()["position"] == len(forward) + len(backward)


def _places(graph: Any, node: Value) -> list[int]:
    """The operands in the order in which the formula has them."""
    from viz.notation import template_of

    return [graph.index(p) for p in template_of(node).pieces if type(p) is Value]


def test_every_button_by_click(open_page: Any) -> None:
    screen = open_page(step(worked_example()))
    page = screen.page
    places = []
    for button in ("next", "next", "previous", "last", "next", "previous", "first", "previous"):
        page.click(f"#{button}", force=True)  # at the ends they do nothing, and say so
        places.append(screen.state()["position"])
    assert places == [2, 3, 2, 10, 10, 9, 1, 1]


def test_every_key(open_page: Any) -> None:
    screen = open_page(step(worked_example()))
    places = []
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "End", "ArrowRight", "Home", "ArrowLeft"):
        screen.page.keyboard.press(key)
        places.append(screen.state()["position"])
    assert places == [2, 3, 2, 10, 10, 1, 1]


def test_every_control_with_tab_and_enter(open_page: Any) -> None:
    screen = open_page(step(worked_example()))
    press = screen.page.keyboard.press
    reached = []
    for _ in range(7):
        press("Tab")
        reached.append(screen.page.evaluate("document.activeElement.id"))
    assert reached[:7] == ["first", "previous", "play", "next", "last", "position", "drawing"]
    screen.page.focus("#next")
    press("Enter")
    press("Space")
    assert screen.state()["position"] == 3
    screen.page.focus("#position")
    press("ArrowRight")
    assert screen.state()["position"] == 4
    press("End")
    assert screen.state()["position"] == 10
    press("Home")
    assert screen.state()["position"] == 1


def test_the_slider_by_mouse(open_page: Any) -> None:
    screen = open_page(step(worked_example()))
    box = screen.page.locator("#position").bounding_box()
    screen.page.mouse.click(box["x"] + box["width"] - 4, box["y"] + box["height"] / 2)
    assert screen.state()["position"] == 10


def test_play_pauses_ends_and_starts_again(open_page: Any) -> None:
    screen = open_page(step(worked_example()))
    page = screen.page
    page.clock.install()
    page.keyboard.press("Space")
    assert page.get_attribute("#play", "aria-label") == "Pause"
    page.clock.run_for(2400)
    assert screen.state()["position"] == 3
    page.click("#play")
    page.clock.run_for(5000)
    assert screen.state()["position"] == 3
    page.click("#play")
    page.clock.run_for(60_000)
    assert screen.state()["position"] == 10
    assert page.get_attribute("#play", "aria-label") == "Play"
    page.click("#play")
    assert screen.state()["position"] == 1


def test_nothing_plays_by_itself(open_page: Any) -> None:
    screen = open_page(step(worked_example()))
    screen.page.wait_for_timeout(1500)
    assert screen.state()["position"] == 1


def test_what_is_said_aloud(open_page: Any) -> None:
    screen = open_page(step(worked_example()))
    assert screen.state()["said"] == "Forward pass, step 1 of 5: a = 2"
    screen.page.keyboard.press("End")
    screen.page.keyboard.press("ArrowLeft")
    assert screen.state()["said"] == "Backward pass, step 4 of 5: ∇[b] = 2·1 + 3·1 = 5"
    assert screen.page.get_attribute("#said", "aria-live") == "polite"
    assert screen.page.get_attribute("#equation", "aria-label") == "∇[b] = 2·1 + 3·1 = 5"


def test_textbook_typography_where_nodes_have_no_label(open_page: Any) -> None:
    screen = open_page(step(reused()))
    screen.page.keyboard.press("End")
    html = screen.page.inner_html("#equation")
    assert html.count("<sup>(1)</sup>") >= 2
    assert screen.page.locator("#equation .fraction").count() >= 1
    assert "∂" in screen.page.inner_text("#equation")


def test_a_training_run_is_stepped_too(open_page: Any) -> None:
    loss, w1, _ = lecture()
    screen = open_page(step(loss, descend=[w1], learning_rate=0.01, iterations=2))
    runs = step(loss, descend=[w1], learning_rate=0.01, iterations=2).runs
    position = 0
    for r, run in enumerate(runs):
        for record in (*run.forward, *run.backward, *run.updates):
            state = screen.state()
            assert state["where"].startswith(f"Iteration {r + 1} of 3, ")
            if isinstance(record, ForwardStep):
                assert exactly(state["total"]) == record.result
            elif isinstance(record, BackwardStep):
                assert exactly(state["total"]) == record.total
            else:
                assert exactly(state["total"]) == record.after
                assert exactly(state["values"][record.position - 1]) == record.after
            position += 1
            assert state["position"] == position
            screen.page.keyboard.press("ArrowRight")
    assert w1.data == 0.02
    screen.page.click("button:text-is('2')")
    assert screen.state()["where"] == "Iteration 2 of 3, forward pass, step 1 of 12"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1600])
def test_no_page_is_wider_than_its_window(open_page: Any, scheme: str, width: int) -> None:
    loss, w1, _ = lecture()
    screen = open_page(
        step(loss, descend=[w1]), viewport={"width": width, "height": 800}, color_scheme=scheme
    )
    for key in ("Home", "ArrowRight", "End", "ArrowLeft"):
        screen.page.keyboard.press(key)
        assert screen.page.evaluate("document.documentElement.scrollWidth") <= width
    paper = screen.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") == (scheme == "light")


def test_nothing_jumps_while_stepping(open_page: Any) -> None:
    screen = open_page(step(lecture()[0]))
    page = screen.page
    page.click("#last")
    page.click("#first")
    where = """() => ["#position", "#drawing", "#tables", "#row-12"].map((selector) => {
      const box = document.querySelector(selector).getBoundingClientRect();
      return [box.left, box.width];
    })"""
    places = []
    for _ in range(24):
        places.append(page.evaluate(where))
        page.keyboard.press("ArrowRight")
    assert all(place == places[0] for place in places)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessibility(open_page: Any, scheme: str) -> None:
    loss, w1, _ = lecture()
    screen = open_page(step(loss, descend=[w1]), color_scheme=scheme)
    for key in ("Home", "ArrowRight", "End", "PageUp"):
        screen.page.keyboard.press(key)
        assert screen.violations() == []


def test_hostile_labels_are_text(open_page: Any) -> None:
    screen = open_page(step(labelled(HOSTILE)))
    for _ in range(3):
        screen.page.keyboard.press("End")
        screen.page.keyboard.press("ArrowLeft")
    assert "broken" not in screen.page.title().split("</script>")[0]
    assert screen.page.evaluate("document.querySelectorAll('img, b[onmouseover]').length") == 0
    assert screen.page.evaluate("document.scripts.length") == 2
    names = screen.page.evaluate(
        "[...document.querySelectorAll('tbody tr')].map((r) => r.cells[1].textContent)"
    )
    assert any(name.startswith("</script><script>") for name in names)
    assert max(map(len, names)) <= 60


def test_a_tall_drawing_shrinks_a_little_to_be_seen_whole(open_page: Any) -> None:
    screen = open_page(step(MLP(2, [2, 1])([1.0, 1.0])), viewport={"width": 1400, "height": 900})
    box = screen.page.evaluate("""(() => {
        const box = document.getElementById("drawing"), svg = box.querySelector("svg");
        const scale = svg.clientWidth / svg.getAttribute("width");
        return [scale, box.scrollHeight - box.clientHeight];
    })()""")
    assert 0.7 <= box[0] < 1.2
    assert box[1] == 0


def test_a_large_graph_folds_and_steps(open_page: Any) -> None:
    output = network(10, (16, 16))
    graph = trace(output)
    assert len(graph) > 300
    screen = open_page(step(output))
    screen.page.click("#last")
    state = screen.state()
    assert state["node"] == [step_card(output)]
    assert len(state["cards"]) < 300
    record = list(graph.backward_steps())[-1]
    assert exactly(state["total"]) == record.total


def step_card(output: Value) -> str:
    """The card that stands for u1."""
    from autograd import backprop
    from viz.drawing import scene_of

    return scene_of(backprop(output)).home[1]


def notebook(output: str, theme: str = "") -> str:
    head = "<!doctype html><meta charset=utf-8><title>n</title>"
    return f"{head}<body {theme}><div id=cell>{output}</div>"


def test_in_a_notebook_the_page_replaces_the_fallback(open_page: Any) -> None:
    screen = open_page(notebook(step(worked_example())._repr_html_()))
    frame = screen.page.frames[1]
    frame.wait_for_function("document.getElementById('where').textContent")
    assert screen.page.locator("#cell details").first.is_hidden()
    screen.page.evaluate("void addEventListener('keydown', () => { document.title = 'a key'; })")
    frame.locator("#next").click()
    screen.page.keyboard.press("ArrowRight")
    assert screen.state(frame)["position"] == 3
    assert screen.page.title() == "n"
    tall = screen.page.locator("iframe").bounding_box()["height"]
    assert abs(tall - frame.evaluate("document.body.scrollHeight")) <= 4
    assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(
    ("theme", "scheme", "expected"),
    [
        ("data-vscode-theme-kind=vscode-dark data-jp-theme-light=true", "light", "dark"),
        ("data-jp-theme-light=false", "light", "dark"),
        ("data-jp-theme-light=true", "dark", "light"),
        ("style='color:#eee;background:#111'", "light", "dark"),
        ("style='color:#111'", "dark", "light"),
    ],
)
def test_the_theme_of_the_notebook_is_followed(
    open_page: Any, theme: str, scheme: str, expected: str
) -> None:
    screen = open_page(notebook(step(worked_example())._repr_html_(), theme), color_scheme=scheme)
    frame = screen.page.frames[1]
    frame.wait_for_function("document.documentElement.dataset.theme")
    assert frame.evaluate("document.documentElement.dataset.theme") == expected
    paper = frame.evaluate("getComputedStyle(document.querySelector('.paper')).fill")
    assert (paper == "rgb(255, 255, 255)") == (expected == "light")


def test_without_scripts_the_fallback_shows_every_step(open_page: Any) -> None:
    output = worked_example()
    html = step(output)._repr_html_()
    without = html[: html.index("<iframe")] + "</div>"
    screen = open_page(notebook(without), java_script_enabled=False)
    page = screen.page
    assert page.locator("img").bounding_box()["width"] > 100
    summaries = page.locator("summary").all_inner_texts()
    assert summaries[3] == "forward 4: d = b + 1 = 2"
    assert summaries[8] == "backward 4: ∇[b] = 2·1 + 3·1 = 5"
    assert len(summaries) == 10
    page.locator("summary").nth(8).click()
    rows = page.locator("details").nth(8).locator("tbody tr").all_inner_texts()
    assert rows == ["c\t2\t1\t2", "d\t3\t1\t3", "∇[b]\t\t\t5"]


def test_a_page_without_scripts_still_shows_the_drawing(open_page: Any) -> None:
    screen = open_page(step(worked_example()), java_script_enabled=False)
    assert screen.page.locator("#drawing svg").is_visible()
    assert not screen.page.locator("#next").is_visible()
    assert screen.page.locator("noscript p").is_visible()


def test_motion_follows_the_wish_for_less_of_it(open_page: Any) -> None:
    runners = "document.querySelectorAll('.runner').length"
    for wish, expected in (("reduce", 0), ("no-preference", 2)):
        screen = open_page(step(worked_example()), reduced_motion=wish)
        for _ in range(2):
            screen.page.keyboard.press("ArrowRight")
        moving = screen.page.evaluate(
            "() => {"
            "  for (const id of ['previous', 'next']) document.getElementById(id).click();"
            f"  return {runners};"
            "}"
        )
        assert moving == expected
        screen.page.wait_for_timeout(400)
        assert screen.page.evaluate(runners) == 0


def test_three_hundred_nodes_step_smoothly(open_page: Any) -> None:
    output = network(8, (12, 9))
    assert 240 < len(trace(output)) <= 300
    screen = open_page(step(output))
    median = screen.page.evaluate(
        """() => {
          const next = document.getElementById("next"), times = [];
          for (let i = 0; i < 60; i++) {
            const start = performance.now();
            next.click();
            document.body.getBoundingClientRect();
            times.push(performance.now() - start);
          }
          return times.sort((a, b) => a - b)[30];
        }"""
    )
    assert median < 100  # milliseconds; a step takes about a tenth of this on an idle machine


def test_a_sum_of_many_terms_is_shown_whole_and_can_be_scrolled(open_page: Any) -> None:
    x = Value(0.5, "x")
    output = dot([x] * 30, [Value(float(k)) for k in range(30)]) * 1.0
    graph = trace(output)
    screen = open_page(step(output))
    (record,) = [r for r in graph.backward_steps() if r.node is x]
    screen.page.keyboard.press("End")
    for _ in range(record.index - 1):
        screen.page.keyboard.press("ArrowLeft")
    assert len(screen.state()["terms"]) == len(record.terms) == 30
    assert screen.page.evaluate("document.getElementById('equation').tabIndex") == 0


@pytest.mark.parametrize("width", [320, 1200])
def test_the_result_stands_close_to_its_terms(open_page: Any, width: int) -> None:
    screen = open_page(step(worked_example()), viewport={"width": width, "height": 800})
    for _ in range(8):
        screen.page.click("#next", force=True)
    gap, line = screen.page.evaluate("""() => {
      const places = [...document.querySelectorAll("#equation .number")].map((e) => e.getBoundingClientRect());
      const total = places.pop();
      return [total.top - places.pop().bottom, total.height];
    }""")
    assert screen.state()["total"][0] == "5"
    assert gap < 1.2 * line
    assert width == 320 or gap == -line


@pytest.mark.parametrize("rounds", [0, 2])
def test_the_page_keeps_its_height_on_a_narrow_screen(open_page: Any, rounds: int) -> None:
    loss, *weights = lecture()
    stepper = step(loss, descend=weights, iterations=rounds) if rounds else step(reused())
    screen = open_page(stepper, viewport={"width": 360, "height": 800})
    heights = set()
    for _ in range(screen.state()["count"]):
        heights.add(screen.page.evaluate("document.body.scrollHeight"))
        screen.page.click("#next", force=True)
    assert len(heights) == 1


def test_numbers_stand_below_the_middle_of_their_heading(open_page: Any) -> None:
    loss, *weights = lecture()
    screen = open_page(step(loss, descend=weights, iterations=2))
    off = """() => [...document.querySelectorAll("table")].flatMap((table) => {
      const middle = (start, end) => (start.getBoundingClientRect().left + end.getBoundingClientRect().right) / 2;
      const [row] = table.tBodies[0].rows;
      const numbers = [...row.querySelectorAll(".number-cell")].map((cell) => middle(cell.firstChild, cell.lastChild));
      return [...table.querySelectorAll("th.number-cell")].map((heading, k) => {
        const text = document.createRange();
        text.selectNodeContents(heading);
        return Math.abs(middle(text, text) - numbers[k]);
      });
    })"""
    assert len(found := screen.page.evaluate(off)) == 5
    assert max(found) < 1


def test_on_a_narrow_screen_a_formula_stands_in_for_a_name(open_page: Any) -> None:
    a, b = Value(2.0, "a"), Value(1.0, "b")
    for width, expected in ((360, ["a", "b", "a + b", "u(3)·b"]), (1200, ["a", "b", "", ""])):
        screen = open_page(step((a + b) * b), viewport={"width": width, "height": 800})
        cells = "[...document.querySelectorAll('tr[id]')].map((r) => r.cells[1].innerText)"
        assert screen.page.evaluate(cells) == expected


def test_nodes_of_one_label_are_told_apart(open_page: Any) -> None:
    x, y = Value(3.0, "w1"), Value(2.0, "w1")
    screen = open_page(step(x * y))
    names = "[...document.querySelectorAll('tbody tr')].map(r => r.cells[1].innerText)"
    formula = "document.querySelector('tbody tr:last-child td.formula-column').innerText"
    assert screen.page.evaluate(names)[:2] == ["w1", "w1"]
    assert "".join(screen.page.evaluate(formula).split()) == "w1(1)·w1(2)"
    screen.page.keyboard.press("End")
    assert "w1 (1)" in screen.page.evaluate("document.querySelector('[aria-live]').innerText")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_shade_tells_that_the_drawing_goes_on(open_page: Any, scheme: str) -> None:
    screen = open_page(
        step(lecture()[0]), viewport={"width": 360, "height": 800}, color_scheme=scheme
    )
    paper = screen.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert corner_of(screen, "#drawing") != paper
    screen.page.evaluate("document.getElementById('drawing').scrollLeft = 1e6")
    assert corner_of(screen, "#drawing") == paper
    wide = open_page(step(worked_example()), color_scheme=scheme)
    assert corner_of(wide, "#drawing") == paper


def corner_of(screen: Screen, selector: str) -> str:
    """The colour at the right edge of a box, near its top."""
    box = screen.page.locator(selector).bounding_box()
    spot = {"x": box["x"] + box["width"] - 3, "y": box["y"] + 6, "width": 1, "height": 1}
    pixel = imread(BytesIO(screen.page.screenshot(clip=spot)), format="png")[0][0]
    return f"rgb({', '.join(str(round(255 * x)) for x in pixel[:3])})"


def test_a_click_on_a_card_or_a_row_goes_to_the_step_of_the_node(open_page: Any) -> None:
    screen = open_page(step(worked_example()))
    page, places = screen.page, []
    for selector in ("#node-u3", "#row-1", "#row-5 button"):
        page.click(selector)
        places.append(screen.state()["where"])
    page.click("#last")
    for selector in ("#node-u3", "#row-1", "#row-5 button"):
        page.click(selector)
        places.append(screen.state()["where"])
    assert places == [
        *[f"Forward pass, step {k} of 5" for k in (3, 1, 5)],
        *[f"Backward pass, step {k} of 5" for k in (3, 5, 1)],
    ]


def test_a_click_in_a_descent_stays_in_its_iteration(open_page: Any) -> None:
    loss, w1, _ = lecture()
    screen = open_page(step(loss, descend=[w1], iterations=2))
    updates = f"{len(step(loss).graph)} of {len(step(loss).graph)}"
    screen.page.get_by_label("Go to iteration 2").click()
    screen.page.click("#row-12")
    assert screen.state()["where"] == f"Iteration 2 of 3, forward pass, step {updates}"
    for _ in range(13):
        screen.page.keyboard.press("ArrowRight")
    assert screen.state()["where"] == "Iteration 2 of 3, update, step 1 of 1"
    screen.page.click("#row-12")  # which is not updated
    assert screen.state()["where"] == "Iteration 2 of 3, backward pass, step 1 of 12"


def test_a_folded_card_goes_to_the_first_step_of_its_nodes(open_page: Any) -> None:
    stepper = step(network(8, (16, 16)))
    screen = open_page(stepper)
    card = screen.page.locator(".node.group").last
    assert screen.state()["node"] != [card.get_attribute("id")]
    card.click()
    assert screen.state()["node"] == [card.get_attribute("id")]


def test_the_rows_of_the_table_by_keys(open_page: Any) -> None:
    screen = open_page(step(worked_example()))
    page = screen.page
    page.click("#row-2 button")
    for key, j in (("ArrowDown", 3), ("ArrowDown", 4), ("ArrowUp", 3), ("ArrowRight", 4)):
        page.keyboard.press(key)
        assert screen.state()["current"] == [f"row-{j}"]
    reachable = "[...document.querySelectorAll('tr[id] button')].filter((b) => b.tabIndex === 0)"
    assert page.evaluate(f"{reachable}.map((b) => b.closest('tr').id)") == ["row-4"]
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    assert screen.state()["current"] == ["row-5"]
