"""The chain rule along every path adds up to what backprop says."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from math import isfinite
from typing import Any

import pytest
from hypothesis import given, strategies as st

from autograd import (
    ArgumentError,
    ArgumentTypeError,
    NonFiniteError,
    NotInGraphError,
    Value,
    backprop,
    checkpoint,
    define,
    dot,
    exp,
    relu,
    sigmoid,
    sum as total,
    tanh,
    trace,
    where,
)
from viz.explanation import COUNTED, explain
from viz.notation import derivative_of, latex_name, latex_text, name_of, template_of

from .graphs import worked_example
from .stepping import HOSTILE, labelled, lecture, network, reused


def diamonds(count: int) -> tuple[Value, Value]:
    """2^count paths from the first node to the last."""
    x = y = Value(1.0, "x")
    for _ in range(count):
        y = y * 0.5 + tanh(y)
    return x, y


def test_two_paths_of_the_textbook() -> None:
    e = worked_example()
    b = trace(e).inputs[1]
    explained = explain(e, b)
    assert explained.equation == "∂e/∂b = ∂e/∂c·∂c/∂b + ∂e/∂d·∂d/∂b = 2·1 + 3·1 = 5"
    assert explained.text == (
        "∂e/∂b = ∂e/∂c·∂c/∂b + ∂e/∂d·∂d/∂b\n"
        "      = 2·1 + 3·1\n"
        "      = 5\n"
        "\n"
        "Paths from e back to b\n"
        "  e ← c ← b:  [1] · [2] = 2\n"
        "  e ← d ← b:  [3] · [4] = 3\n"
        "\n"
        "Local derivatives\n"
        "  [1] ∂e/∂c = d = 2\n"
        "  [2] ∂c/∂b = 1\n"
        "  [3] ∂e/∂d = c = 3\n"
        "  [4] ∂d/∂b = 1"
    )


def test_the_product_of_local_derivatives_of_the_lecture() -> None:
    loss, w1, _ = lecture()
    explained = explain(loss, w1)
    (path,) = explained.paths
    graph = explained.graph
    assert graph.name(path.factors[0].result) == "L"
    assert explained.total == pytest.approx(3.9857, abs=5e-5)
    by_pair = {(graph.name(f.result), graph.name(f.operand)): f.value for f in path.factors}
    assert by_pair["u_out", "u_in"] == pytest.approx(0.2294, abs=5e-5)
    assert by_pair["u_in", "u6"] * by_pair["u6", "w1"] == pytest.approx(27)


def test_one_factor_a_layer_of_the_chain_with_two_weights() -> None:
    w1, w2, x = Value(0.5, "w1"), Value(-2.0, "w2"), Value(1.5, "x")
    z1 = w1 * x
    z1.label = "z1"
    prediction = w2 * z1
    prediction.label = "ŷ"
    cost = prediction**2
    cost.label = "J"
    explained = explain(cost, w1)
    assert explained.equation == "∂J/∂w1 = ∂J/∂ŷ·∂ŷ/∂z1·∂z1/∂w1 = (−3)·(−2)·1.5 = 9"
    assert [f.number for f in explained.factors] == [1, 2, 3]
    colours = re.findall(r"textcolor\[RGB\]\{([\d,]+)\}", explained.latex.splitlines()[1])
    assert len(set(colours)) == len(colours) == 3


@given(seed=st.integers(0, 40))
def test_all_paths_add_up_to_the_gradient(seed: int) -> None:
    output = network(2, (3, 2), seed)
    table = backprop(output)
    for node in table:
        explained = explain(output, node, limit=1000)
        assert explained.hidden == 0
        assert explained.count == len(explained.paths) == len(set(explained.paths))
        added = sum(path.product for path in explained.paths)
        assert added == pytest.approx(table[node], rel=1e-12, abs=1e-15)
        assert explained.total == table[node]


def test_every_path_leads_from_the_output_to_the_node_along_edges() -> None:
    output = reused()
    x = trace(output).inputs[0]
    for path in explain(output, x).paths:
        assert (path.nodes[0], path.nodes[-1]) == (output, x)
        assert all(operand in node.parents for node, operand in pairwise(path.nodes))
        assert [(f.result, f.operand) for f in path.factors] == list(pairwise(path.nodes))


def test_an_operand_that_is_used_twice_is_one_factor() -> None:
    x = Value(3.0, "x")
    y = x * x
    y.label = "y"
    explained = explain(y, x)
    assert explained.count == 1
    assert explained.text.splitlines()[-1] == "  [1] ∂y/∂x = x + x = 6"
    assert explain(dot([x, x, x], [x, x, x]), x).factors[0].value == 18.0


@pytest.mark.parametrize("layers", [3, 20, 60, 100])
def test_more_paths_than_anyone_lists_are_counted_and_summed(layers: int) -> None:
    x, y = diamonds(layers)
    explained = explain(y, x)
    assert explained.count == min(2**layers, COUNTED)
    assert len(explained.paths) == min(8, 2**layers)
    shown = sum(path.product for path in explained.paths)
    assert shown + explained.rest == pytest.approx(explained.total, rel=1e-12)
    assert explained.total == backprop(y)[x]
    if layers > 3:
        assert "more paths, which add up to" in explained.text
        assert f"{explained.hidden:,}" in explained.html
        assert f"{explained.hidden:,}" in explained.latex
    assert len(explained.text) < 10_000


def test_the_limit_is_kept_and_what_is_hidden_is_right() -> None:
    x, y = diamonds(5)
    all_of_them = [path.product for path in explain(y, x, limit=32).paths]
    for limit in (1, 7, 31):
        explained = explain(y, x, limit=limit)
        assert [path.product for path in explained.paths] == all_of_them[:limit]
        assert explained.rest == pytest.approx(sum(all_of_them[limit:]), rel=1e-9)


@pytest.mark.long
def test_a_chain_of_twenty_thousand_nodes_is_explained() -> None:
    x = y = Value(1.0, "x")
    for _ in range(20_000):
        y = y + 1
    explained = explain(y, x)
    assert explained.total == 1.0
    assert len(explained.text) < 2_000
    assert len(explained.html) < 20_000


def test_the_output_by_itself_is_one() -> None:
    e = worked_example()
    explained = explain(e, e)
    assert (explained.equation, explained.count) == ("∂e/∂e = 1", 1)
    assert explained.latex.count("=") == 1


def test_a_branch_that_is_not_taken_contributes_nothing() -> None:
    x = Value(0.0, "x")
    y = where(x, x.sqrt(), 0.0) + relu(x)
    explained = explain(y, x)
    assert explained.total == 0.0
    assert all(isfinite(path.product) for path in explained.paths)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda x: x**2, "2·x"),
        (lambda x: x**3, "3·x²"),
        (lambda x: sigmoid(x), "σ(x)·(1 − σ(x))"),
        (lambda x: exp(x), "u2"),
        (lambda x: x + 1, ""),
        (lambda x: 5 * x, ""),
        (lambda x: total([x, x, x]), ""),
        (lambda x: x.log(), "1/x"),
    ],
)
def test_local_derivatives_as_formulas(make: Any, text: str) -> None:
    x = Value(0.7, "x")
    y = make(x)
    graph = trace(y)
    written = derivative_of(y, x).written(lambda node: name_of(graph, node).plain)
    assert written.replace(" / ", "/") == text


def test_labels_that_several_nodes_have_are_told_apart_by_their_numbers() -> None:
    w, v, x = Value(2.0, "w1"), Value(3.0, "w1"), Value(5.0, "x")
    explained = explain(v * (w * x), w)
    assert explained.equation == "∂u5/∂w1⁽²⁾ = ∂u5/∂u4·∂u4/∂w1⁽²⁾ = 3·5 = 15"
    assert "[1] ∂u5/∂u4 = w1⁽¹⁾ = 3" in explained.text
    assert "{w_{1}^{(2)}}" in explained.latex
    assert "<sub>1</sub><sup>(2)</sup>" in explained.html
    assert explain(w * x, w).equation == "∂u3/∂w1 = 5"


def test_factors_that_are_not_listed_are_counted() -> None:
    x = y = Value(1.01, "x")
    for _ in range(20):
        y = y + y * x
    explained = explain(y, x, limit=1)
    missing = f"… {len(explained.factors) - 8} more"
    assert f"\n  {missing}\n" in explained.text
    assert f"<p>{missing}</p>" in explained.html
    assert rf"\text{{{missing}}}" in explained.latex


def test_one_negative_factor_is_not_in_brackets() -> None:
    x, y = Value(2.0, "x"), Value(-3.0, "y")
    single = explain(x * y, x)
    assert single.equation == "∂u3/∂x = −3"
    assert "(−3)" not in single.text + single.html
    assert r"\frac{\partial {u^{(3)}}}{\partial {x}}}}_{1} \\" in single.latex
    assert single.latex.count("&= -3") == 1
    assert explain(-(x * y), x).equation == "∂u4/∂x = ∂u4/∂u3·∂u3/∂x = (−1)·(−3) = 3"


def test_what_has_no_formula_is_explained_by_numbers() -> None:
    inside = checkpoint(lambda x: x * x * 2)
    x = Value(3.0, "x")
    explained = explain(inside(x), x)
    assert explained.equation.endswith("= 12")


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda a, b: a - b, "a − b"),
        (lambda a, b: (a + b) * a, "u3·a"),
        (lambda a, b: a**2 + b, "u3 + b"),
        (lambda a, b: 2 - a * 3 + b, "u4 + b"),
    ],
)
def test_templates_read_as_the_engine_writes_formulas(make: Any, expected: str) -> None:
    output = make(Value(2.0, "a"), Value(-3.0, "b"))
    graph = trace(output)
    written = template_of(output).written(lambda node: name_of(graph, node).plain)
    assert written == expected == graph.formula(output)


def test_names_are_set_as_in_textbooks() -> None:
    labels = {
        "w1": ("w", "1", ""),
        "u_in": ("u", "in", ""),
        "θ_0": ("θ", "0", ""),
        "loss": ("loss", "", ""),
    }
    for label, expected in labels.items():
        x = Value(1.0, label)
        assert name_of(trace(x), x) == expected
    x = Value(1.0)
    assert name_of(trace(x), x) == ("u", "", "(1)")


class Elements(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        self.seen.add(tag)
        assert {name for name, _ in attributes} <= {"style", "role", "aria-label"}
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_labels_are_text_in_html_and_latex(label: str) -> None:
    output = labelled((label, label))
    explained = explain(output, trace(output).inputs[0])
    assert Elements(explained.html).seen <= {
        "div", "span", "br", "i", "bdi", "sub", "sup", "strong", "p", "ol", "li",
    }  # fmt: skip
    check_latex(explained.latex)
    assert all(c.isprintable() for c in explained.equation)


def check_latex(latex: str) -> None:
    """Braces and environments close, and every command is one that explanations use."""
    depth = 0
    for piece in re.findall(r"\\[{}]|[{}]", latex):
        depth += {"{": 1, "}": -1}.get(piece, 0)
        assert depth >= 0
    assert depth == 0
    commands = set(re.findall(r"\\([a-zA-Z]+)", latex))
    known = (
        "begin end frac partial underbrace textcolor cdot cdots text mathit backslash wedge sim "
        "quad left right infty mathrm sigma operatorname"
    )
    assert commands <= set(known.split())
    assert not re.search(r"(?<!\\)[$#%]", latex)


@given(st.text(max_size=30))
def test_any_text_is_harmless_in_latex(text: str) -> None:
    from viz.text import label_text

    check_latex(latex_text(label_text(text)))


def test_colour_is_never_alone() -> None:
    _, y = diamonds(4)
    explained = explain(y, trace(y).inputs[0])
    for factor in explained.factors:
        assert f"[{factor.number}]" in explained.html
        assert f"_{{{factor.number}}}" in explained.latex or f"({factor.number})" in explained.latex


def test_the_notebook_output() -> None:
    e = worked_example()
    explained = explain(e, trace(e).inputs[0])
    bundle = explained._repr_mimebundle_()
    assert bundle == {"text/html": explained.html, "text/plain": explained.text}
    assert str(explained) == explained.text


def test_wrong_arguments() -> None:
    e = worked_example()
    with pytest.raises(NotInGraphError, match="e does not depend on"):
        explain(e, Value(1.0))
    with pytest.raises(ArgumentTypeError, match="needs a Value for wrt"):
        explain(e, "b")  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError, match="needs a Value"):
        explain(3.0, e)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="from 1 on, not 0"):
        explain(e, e, limit=0)
    with pytest.raises(NonFiniteError):
        explain(Value(1e308) * 10, Value(1.0))


def test_names_are_those_of_the_variables() -> None:
    a, b = Value(2.0), Value(3.0)
    product = a * b
    explained = explain(product, a, names={"a_1": a, "b": b, "product": product})
    assert explained.equation == "∂product/∂a_1 = 3"
    assert r"\frac{\partial {\mathit{product}}}{\partial {a_{1}}}" in explained.latex
    assert "<i><bdi>a</bdi></i><sub>1</sub>" in explained.html


@pytest.mark.parametrize(
    ("label", "latex"),
    [
        ("θ", r"{{\theta}}"),
        ("λ1", r"{{\lambda}_{1}}"),
        ("Σ", r"{{\Sigma}}"),
        ("Α", r"{\text{Α}}"),
        ("é", r"{\text{é}}"),
        ("loss", r"{\mathit{loss}}"),
        ("a_b_c", r"{a\_b\_c}"),
        ("", "{u^{(1)}}"),
    ],
)
def test_names_in_latex(label: str, latex: str) -> None:
    x = Value(1.0, label)
    assert latex_name(name_of(trace(x), x)) == latex


def test_an_operation_of_many_numbers_is_told_by_its_name() -> None:
    xs = [Value(float(i)) for i in range(20)]
    y = dot(xs, xs)
    assert template_of(y).pieces == ("dot of 40 numbers",)
    explained = explain(y, xs[3])
    assert (explained.total, explained.factors[0].value) == (6.0, 6.0)


def test_a_rule_with_branches_is_explained_by_its_number(own_rows: None) -> None:
    square = define("squared", lambda x: x * x, lambda x, u: 2 * x if x > 0 else -2 * abs(x))
    x = Value(3.0, "x")
    assert explain(square(x), x).equation == "∂u2/∂x = 6"
    assert derivative_of(square(x), x).pieces == ()


def test_nothing_passes_to_an_operand_that_was_not_selected() -> None:
    x = Value(-1.0, "x")
    y = x.relu().sqrt() + x
    assert [path.product for path in explain(y, x).paths] == [0.0, 1.0]
    assert backprop(y)[x] == 1.0
