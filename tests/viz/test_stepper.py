"""The stepper's page and its notebook output as text: what is in them, and what never is."""

from __future__ import annotations

import json
import re
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from autograd import (
    ArgumentError,
    ArgumentTypeError,
    NonFiniteError,
    NotInGraphError,
    Value,
    backprop,
    checkpoint,
    jit,
    log,
    trace,
)
from viz.records import written
from viz.stepper import Stepper, step
from viz.text import short

from .graphs import worked_example
from .stepping import HOSTILE, labelled, lecture, network, reused


def data_of(html: str) -> Any:
    """The JSON that the page's script reads."""
    return json.loads(re.search(r'id="data">(.*?)</script>', html, re.S)[1])  # type: ignore[index]


def number(shown: str | list[str]) -> float:
    text = shown if isinstance(shown, str) else shown[1]
    return float(text.replace("−", "-").replace("∞", "inf"))


@pytest.mark.parametrize("make", [worked_example, reused, lambda: network(3, (3, 2))])
def test_the_data_are_the_step_records(make: Any) -> None:
    graph = trace(make())
    (run,) = data_of(step(graph.output).html)["runs"]
    assert [number(x) for x in run["values"]] == [s.result for s in graph.forward_steps()]
    for record in graph.backward_steps():
        assert number(run["gradients"][record.index - 1]) == record.total
        terms = run["terms"][record.index - 1]
        assert [(i, number(product)) for i, _, product in terms] == [
            (term.index, term.product) for term in record.terms
        ]
        used = [number(run["locals"][i - 1][operand]) for i, operand, _ in terms]
        assert used == [term.local_derivative for term in record.terms]


@pytest.mark.parametrize("wrapped", [checkpoint, jit])
def test_hidden_nodes_are_stepped_through_but_not_descended(wrapped: Any) -> None:
    x = Value(2.0, "x")
    loss = wrapped(lambda v: v * v + 1)(x) * 3
    assert [s.result for s in step(loss).runs[0].forward] == [2.0, 5.0, 15.0]
    assert [s.total for s in step(loss).runs[0].backward] == [1.0, 3.0, 12.0]
    with pytest.raises(ArgumentTypeError, match=f"'{wrapped.__name__}' node, whose inside"):
        step(loss, descend=[x])


def test_gradient_descent_gives_the_numbers_of_the_lecture() -> None:
    loss, w1, w2 = lecture()
    runs = step(loss, descend=[w1], learning_rate=0.01, iterations=1).runs
    first, second = runs
    by_name = {s.name: s.result for s in first.forward}
    assert by_name["u_in"] == pytest.approx(0.59)
    assert by_name["u_out"] == pytest.approx(0.6434, abs=5e-5)
    assert by_name["L"] == pytest.approx(0.2070, abs=5e-5)
    (update,) = first.updates
    assert update.gradient == pytest.approx(3.9857, abs=5e-5)
    assert update.after == pytest.approx(-0.01986, abs=5e-6)
    after = {s.name: s.result for s in second.forward}
    assert after["u_in"] == pytest.approx(-0.4862, abs=1e-4)
    assert after["u_out"] == pytest.approx(0.3808, abs=5e-5)
    assert after["L"] == pytest.approx(0.0725, abs=5e-5)
    assert (w1.data, w2.data, w1.grad) == (0.02, 0.01, 0.0)
    assert second.backward == ()


def test_gradient_descent_on_two_weights_is_that_of_a_loop() -> None:
    loss, w1, w2 = lecture()
    runs = step(loss, descend=[w1, w2], learning_rate=0.1, iterations=4).runs
    u, v = 0.02, 0.01
    for run in runs[:-1]:
        other, a, b = lecture()
        a.data, b.data = u, v
        graph = trace(other)
        values = graph.forward({a: u, b: v})
        expected = [values[node] for node in graph.nodes]
        assert [s.result for s in run.forward] == pytest.approx(expected, rel=1e-12)
        x3, x2 = 27.0, 5.0
        out = values[graph.nodes[8]]
        slope = out * out * (1 - out)
        u, v = u - 0.1 * slope * x3, v - 0.1 * slope * x2
        assert [x.after for x in run.updates] == pytest.approx([u, v], rel=1e-12)
    assert len(runs) == 5


def test_a_descent_that_leaves_the_numbers_says_so() -> None:
    x = Value(0.0, "x")
    with pytest.raises(NonFiniteError, match="gradient of x is"):
        step(x.sqrt() * 1.0, descend=[x])


def test_values_of_the_user_stay_as_they_are() -> None:
    loss, w1, _ = lecture()
    before = [(n.data, n.grad, n.label, n.scope) for n in trace(loss).nodes]
    stepper = step(loss, descend=[w1], names={"weight": w1})
    assert stepper.html
    assert stepper._repr_html_()
    assert [(n.data, n.grad, n.label, n.scope) for n in trace(loss).nodes] == before


class Tags(HTMLParser):
    """Which elements a document has, and where it points."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.handlers: list[str] = []
        self.addresses: list[str] = []
        self.text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        self.tags.append(tag)
        self.handlers += [name for name, _ in attributes if name.startswith("on")]
        self.addresses += [v for name, v in attributes if name in ("src", "href", "action")]

    def handle_data(self, text: str) -> None:
        self.text.append(text)


def test_the_page_needs_nothing_from_elsewhere() -> None:
    page = Tags(step(worked_example()).html)
    assert page.addresses == ["data:,"]
    assert page.tags.count("script") == 2
    assert page.tags.count("link") == 1
    assert "https://" not in step(worked_example()).html
    assert "@import" not in step(worked_example()).html


@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_labels_add_no_element_anywhere(label: str) -> None:
    plain, hostile = step(labelled(("x", "y"))), step(labelled((label, label)))
    for form in (lambda s: s.html, lambda s: s.fallback, lambda s: s._repr_html_()):
        expected, found = Tags(form(plain)), Tags(form(hostile))
        relevant = ("script", "b", "img", "iframe", "style", "link", "title", "input")
        assert [found.tags.count(t) for t in relevant] == [expected.tags.count(t) for t in relevant]
        assert found.handlers == []
    names = [node["name"][0] for node in data_of(hostile.html)["nodes"] if not node["formula"]]
    assert max(map(len, names)) <= 60
    assert not any(c < " " for name in names for c in name)


def test_a_long_label_is_cut_with_an_ellipsis() -> None:
    x = Value(1.0, "long " * 2000)
    html = step(x * 2).html
    assert "…" in html
    assert len(html) < 60_000


def test_a_page_of_sixty_nodes_is_small() -> None:
    graph = trace(network(4, (4, 4)))
    assert 55 <= len(graph) <= 80
    assert len(step(graph.output).html.encode()) < 150_000


def test_the_notebook_output_is_one_of_html() -> None:
    bundle = step(worked_example())._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}
    html = bundle["text/html"]
    assert html.index("<img") < html.index("<details>") < html.index("<iframe")
    assert "srcdoc=" in html
    assert "sandbox" not in html
    assert bundle["text/plain"] == "<stepper of 'e': 10 steps>"


def test_the_fallback_uses_only_what_survives_in_an_untrusted_notebook() -> None:
    page = Tags(step(lecture()[0]).fallback)
    kept = {
        "p",
        "div",
        "img",
        "details",
        "summary",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    }
    assert set(page.tags) <= kept
    assert page.addresses[0].startswith("data:image/svg+xml;base64,")


def test_the_fallback_of_a_large_graph_stays_small() -> None:
    html = step(network(10, (16, 16))).fallback
    assert html.count("<details><summary>forward ") == 150
    assert "more steps</p>" in html


def test_many_steps_are_folded_by_pass_or_by_iteration() -> None:
    def titles(stepper: Stepper) -> list[str]:
        return re.findall(r"<summary>(\w+ \w+, \d+ steps)</summary>", stepper.fallback)

    assert titles(step(worked_example())) == []
    n = len(trace(output := network(2, (3, 1))))
    assert titles(step(output)) == [f"Forward pass, {n} steps", f"Backward pass, {n} steps"]
    loss, w1, _ = lecture()
    assert titles(step(loss, descend=[w1], iterations=2)) == [
        "Iteration 1, 25 steps",
        "Iteration 2, 25 steps",
        "Iteration 3, 12 steps",
    ]


def test_saving(tmp_path: Path) -> None:
    stepper = step(worked_example())
    stepper.save(tmp_path / "x.html")
    assert (tmp_path / "x.html").read_text(encoding="utf-8") == stepper.html
    with pytest.raises(ArgumentError, match="a stepper is saved as"):
        stepper.save(tmp_path / "x.png")


def test_the_same_graph_gives_the_same_page() -> None:
    assert step(lecture()[0]).html == step(lecture()[0]).html


def test_names_are_those_of_the_variables() -> None:
    a, b = Value(2.0), Value(3.0)
    product = a * b
    stepper = step(product, names={"left": a, "right": b, "product": product})
    nodes = data_of(stepper.html)["nodes"]
    assert [node["name"][0] for node in nodes] == ["left", "right", "product"]
    assert "product = left·right = 6" in stepper.fallback
    assert repr(stepper) == "<stepper of 'product': 6 steps>"


def test_a_single_input_can_be_stepped() -> None:
    (run,) = data_of(step(Value(3.0, "x")).html)["runs"]
    assert (run["values"], run["gradients"]) == (["3"], ["1"])


def test_infinite_derivatives_are_shown() -> None:
    x = Value(0.0, "x")
    (run,) = data_of(step(x.sqrt() * 1.0).html)["runs"]
    assert run["locals"][1] == ["∞"]


@pytest.mark.parametrize("x", [0.0, 1.0, -1.5, 1 / 3, 1e300, -2e-300, 123456.0, float("inf"), 0.1])
def test_a_number_is_shown_and_kept_in_full(x: float) -> None:
    assert number(written(x)) == x
    shown = written(x)
    assert (shown if isinstance(shown, str) else shown[0]) == short(x)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"value": 3.0}, ArgumentTypeError, "needs a Value"),
        ({"value": trace(Value(1.0)).forward()}, ArgumentTypeError, "needs a Value"),
        ({"value": trace(Value(1.0), Value(2.0))}, ArgumentError, "one output, but there are 2"),
        ({"descend": []}, ArgumentTypeError, "needs a list of inputs"),
        ({"descend": "w"}, ArgumentTypeError, "needs a list of inputs"),
        ({"descend": [Value(1.0)]}, NotInGraphError, "not an input of this graph"),
        ({"iterations": 0}, ArgumentError, "from 1 on, not 0"),
        ({"iterations": True}, ArgumentError, "from 1 on, not True"),
        ({"learning_rate": float("nan")}, ArgumentError, "finite number"),
        ({"learning_rate": "x"}, ArgumentTypeError, "learning_rate"),
        ({"direction": "up"}, ArgumentError, "direction"),
    ],
)
def test_wrong_arguments(arguments: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        assert step(**{"value": worked_example(), **arguments}).html


def test_a_graph_and_a_table_of_gradients_stand_for_their_output() -> None:
    e = worked_example()
    page, a = step(e).html, trace(e).inputs[0]
    for thing in (trace(e), backprop(e), backprop(e, create_graph=True)):
        assert step(thing).html == page
    assert step(trace(e), descend=[a]).html == step(e, descend=[a]).html


def test_more_than_anyone_looks_at_is_refused_at_once() -> None:
    x = Value(0.5)
    for _ in range(6000):
        x = x * 1.0001
    start = time.perf_counter()
    with pytest.raises(ArgumentError, match="6001 nodes"):
        step(x)
    assert time.perf_counter() - start < 5


def test_an_output_that_is_not_finite_is_refused() -> None:
    with pytest.raises(NonFiniteError):
        step(Value(1e308) * 10)


def test_gradients_are_those_of_backprop_where_log_is_deep() -> None:
    x = Value(2.0, "x")
    y = log(log(x + 3))
    (run,) = data_of(step(y).html)["runs"]
    assert number(run["gradients"][0]) == backprop(y)[x]


def test_play_is_drawn_unlike_next_and_previous() -> None:
    html = step(worked_example()).html
    filled = {
        id: 'fill="none"' not in html.split(f'<button id="{id}"')[1].split("</button>")[0]
        for id in ("previous", "play", "next")
    }
    assert filled == {"previous": False, "play": True, "next": False}
