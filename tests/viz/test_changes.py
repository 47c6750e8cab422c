"""Pages and pictures of a graph whose inputs were changed after it was computed."""

from __future__ import annotations

from base64 import b64decode
from math import sqrt
from typing import Any

import pytest

from autograd import (
    ArgumentTypeError,
    DomainError,
    Value,
    backprop,
    checkpoint,
    define,
    jit,
    log,
    trace,
)
from nn import MLP, SGD
from viz import draw, explain
from viz.stepper import step

from .graphs import CURRICULUM, random_graph
from .test_stepper import data_of


def after_a_step() -> tuple[Value, Value]:
    """l = (2w − 1)² at w = 3, and w, which one step of gradient descent has taken to 1."""
    w = Value(3.0, "w")
    loss = (w * 2 - 1) ** 2
    loss.label = "l"
    optimizer = SGD([w], lr=0.1)
    loss.backward()
    optimizer.step()
    return loss, w


def test_both_passes_of_a_page_are_those_of_one_point() -> None:
    loss, w = after_a_step()
    stepper = step(loss)
    (run,) = data_of(stepper.html)["runs"]
    assert run["values"] == ["1", "2", "1", "1"]
    assert run["gradients"] == ["4", "2", "2", "1"]
    assert run["locals"] == [[], ["2"], ["1"], ["2"]]
    assert "∇[w] = 2·2 = 4" in stepper.fallback
    assert (loss.data, backprop(loss)[w]) == (25.0, 20.0)  # what was recorded stays


def test_the_drawing_on_the_page_has_the_numbers_of_its_first_step() -> None:
    loss, w = after_a_step()
    for stepper in (step(loss), step(loss, descend=[w])):
        assert "= 25.0" not in stepper.html
        assert "l = (1)² = 1.0" in stepper.html.replace("l = 1² = 1.0", "l = (1)² = 1.0")
        picture = stepper.fallback.partition("base64,")[2].partition('"')[0]
        assert "= 25.0" not in b64decode(picture).decode()


def test_names_and_parameters_stay_those_of_the_nodes() -> None:
    model = MLP(1, [1])
    y = model([2.0])
    named = {"model": model, "y": y}
    before = step(y, names=named).html
    for weight in model.parameters():
        weight.data += 1
    after = step(y, names=named).html
    assert [node["name"] for node in data_of(after)["nodes"]] == [
        node["name"] for node in data_of(before)["nodes"]
    ]
    assert after.count('class="node parameter') == before.count('class="node parameter') > 0


def test_an_explanation_is_of_the_inputs_as_they_are() -> None:
    a, b = Value(2.0, "a"), Value(3.0, "b")
    c = a * b
    c.label = "c"
    a.data = 7.0
    assert "∂c/∂b = a = 7" in explain(c, b).text
    assert explain(c, b).total == 7.0
    assert (explain(c, b).wrt, explain(c, b).output) == (b, c)
    assert backprop(c)[b] == 2.0


def test_a_drawing_says_that_an_input_was_changed() -> None:
    loss, _ = after_a_step()
    words = "w was changed after l was computed: compute l again."
    for thing in (loss, trace(loss), backprop(loss)):
        drawing = draw(thing)
        assert drawing.scene.description.endswith(words)
        assert f'<p style="margin:.25em 0;font-size:.85em">{words}</p>' in drawing.html
    assert draw(trace(loss).forward()).scene.note == ""  # a table has the numbers of one point


def test_where_it_could_be_several_inputs_none_is_named() -> None:
    a, b = Value(2.0, "<a>"), Value(3.0, "<b>")
    both = trace(a * b, a + 1)
    a.data = 7.0
    assert draw(both.outputs[0]).scene.note == (
        "A number was changed after u3 was computed: compute u3 again."
    )
    assert draw(both).scene.note == "<a> was changed after this was computed: compute it again."
    a.data = 2.0
    product = a * b
    c = a + 1
    a.data = 3.0
    assert "&lt;a&gt; was changed" in draw(c).html
    assert "<a>" not in draw(product).html


@pytest.mark.parametrize("make", [*CURRICULUM.values(), lambda: random_graph(1, 300)])
def test_nothing_is_said_of_graphs_as_they_were_computed(make: Any) -> None:
    output = make()
    assert draw(output).scene.note == ""
    output.backward()
    assert draw(output).scene.note == ""


def test_sums_in_another_order_are_no_change() -> None:
    difference = Value(0.3) - 0.1 - 0.2
    assert difference.data != 0
    difference.data = 0.0  # as it comes out from the right
    assert draw(difference).scene.note == ""


def test_edges_of_a_table_have_the_derivatives_of_its_numbers() -> None:
    x = Value(2.0, "x")
    square = x * x
    x.data = 5.0
    assert [edge.label for edge in draw(trace(square).forward()).scene.edges] == ["5", "5"]


@pytest.mark.parametrize("wrapped", [checkpoint, jit])
def test_what_cannot_be_computed_anew_is_refused(wrapped: Any) -> None:
    x = Value(2.0, "x")
    y = wrapped(lambda v: v * v + 1)(x) * 3
    assert draw(y).scene.note == ""
    x.data = 4.0
    assert draw(y).scene.note == "x was changed after u3 was computed: compute u3 again."
    for show in (lambda: step(y), lambda: explain(y, x)):
        with pytest.raises(ArgumentTypeError, match=f"'{wrapped.__name__}' node, whose inside"):
            show()


def test_an_input_that_left_the_domain_is_told(own_rows: None) -> None:
    for function in (log, define("root_of", sqrt, lambda x, u: 0.5 / u)):
        x = Value(2.0, "x")
        y = function(x)
        x.data = -1.0
        assert draw(y).scene.note.startswith("x was changed")
        with pytest.raises(DomainError, match=y.op):
            step(y)


def test_gradients_of_several_calls_are_said_to_add_up() -> None:
    w = Value(3.0, "w")
    loss = w * w
    loss.backward()
    assert draw(loss).scene.note == ""
    loss.backward()
    assert draw(loss).scene.note == (
        "The gradients shown are .grad, to which every call of backward() adds; "
        "draw(backprop(u2)) shows those of u2 alone."
    )
    assert draw(backprop(loss)).scene.note == ""
