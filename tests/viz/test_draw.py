"""`draw`: what is on a picture, and what it is called."""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import autograd
import nn
from autograd import Value, backprop, dot, scope, trace
from autograd.errors import ArgumentError, ArgumentTypeError
from nn import MLP
from viz import draw
from viz.export import ExportError

from .graphs import SAMPLES, chain, logistic_neuron, network, random_graph, worked_example
from .pictures import classed, texts_of, tree_of

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")


def cards_of(svg: str) -> dict[str, dict[str, str]]:
    return {card.get("id", ""): texts_of(card) for card in classed(tree_of(svg), "node")}


def test_one_card_a_node_and_one_edge_an_operand() -> None:
    e = worked_example()
    svg = draw(backprop(e)).svg
    cards = cards_of(svg)
    assert list(cards) == ["node-u1", "node-u2", "node-u3", "node-u4", "node-u5"]
    assert cards["node-u3"] == {
        "symbol": "+", "label": "c", "name": "u3", "value": "3", "gradient": "∇ 2"
    }  # fmt: skip
    assert {name: card["gradient"] for name, card in cards.items()} == {
        "node-u1": "∇ 2", "node-u2": "∇ 5", "node-u3": "∇ 2", "node-u4": "∇ 3", "node-u5": "∇ 1"
    }  # fmt: skip
    edges = {x.get("id"): "".join(x.itertext()) for x in classed(tree_of(svg), "edge")}
    assert edges == {
        "edge-u1-u3-0": "∂c/∂a = 1.01",
        "edge-u2-u3-1": "∂c/∂b = 1.01",
        "edge-u2-u4-0": "∂d/∂b = 1.01",
        "edge-u3-u5-0": "∂e/∂c = d = 2.02",
        "edge-u4-u5-1": "∂e/∂d = c = 3.03",
    }


@pytest.mark.parametrize("name", SAMPLES)
def test_sample_graphs_are_drawn(name: str) -> None:
    output = SAMPLES[name]()
    graph = trace(output)
    drawing = draw(backprop(output))
    cards = cards_of(drawing.svg)
    assert len(cards) == len(graph) == len(drawing.scene.cards)
    assert len(drawing.scene.edges) == len(graph.edges)
    assert {card["label"] for card in cards.values() if "label" in card} == {
        node.label for node in graph if node.label
    }


def test_gradients_before_and_after_a_backward_pass() -> None:
    e = worked_example()
    assert {c.gradient for c in draw(e).scene.cards} == {"not computed"}
    e.backward()
    assert [c.gradient for c in draw(e).scene.cards] == ["2", "5", "2", "3", "1"]


def test_gradients_of_another_graph_are_not_shown() -> None:
    w = Value(2.0, "w")
    (w * 3).backward()
    assert {c.gradient for c in draw(w * w).scene.cards} == {"not computed"}


def test_an_input_alone_shows_its_gradient_once_there_is_one() -> None:
    x = Value(2.0)
    assert draw(x).scene.cards[0].gradient == "not computed"
    x.backward()
    assert draw(x).scene.cards[0].gradient == "1"


def test_a_zero_gradient_of_a_table_is_zero() -> None:
    x = Value(-1.0, "x")
    assert draw(backprop(autograd.relu(x))).scene.card["node-u1"].gradient == "0"


def test_a_table_of_values_shows_those_values_and_their_local_derivatives() -> None:
    x = Value(2.0, "x")
    table = trace(x * x).forward({x: 5.0})
    scene = draw(table).scene
    assert [c.value for c in scene.cards] == ["5", "25"]
    assert [edge.label for edge in scene.edges] == ["5", "5"]


def test_an_operand_used_twice_has_two_edges() -> None:
    x = Value(3.0, "x")
    drawing = draw(x * x)
    assert [edge.id for edge in drawing.scene.edges] == ["edge-u1-u2-0", "edge-u1-u2-1"]
    first, second = drawing.placement.routes.values()
    assert first.points != second.points


@pytest.mark.parametrize(
    ("make", "symbol"),
    [
        (lambda x: x + 1, "+ 1"),
        (lambda x: 1 - x, "1 −"),
        (lambda x: x * 0.5, "× 0.5"),
        (lambda x: 2 / x, "2 ÷"),
        (lambda x: x**3, "x³"),
        (lambda x: 2**x, "2ˣ"),
        (lambda x: x**x, "xʸ"),
        (lambda x: -x, "−"),
        (lambda x: autograd.sigmoid(x), "σ"),
        (lambda x: autograd.dot([x], [x]), "Σ xy"),
        (lambda x: autograd.sum([x, x]), "Σ"),
    ],
)
def test_symbols(make: Callable[[Value], Value], symbol: str) -> None:
    assert draw(make(Value(2.0))).scene.cards[-1].symbol == symbol


def test_tooltips_say_it_in_full() -> None:
    table = backprop(worked_example())
    lines = draw(table).scene.card["node-u5"].tooltip.split("\n")
    assert lines == ["u5  e", "e = c·d", "e = 3·2 = 6.0", "program: c * d", "∇[e] = 1.0"]


def test_tooltips_of_edges_are_as_simple_as_explanations() -> None:
    x = Value(3.0, "x")
    for make, text in (
        (lambda: x**2, "∂u2/∂x = 2·x = 6.0"),
        (lambda: x**3, "∂u2/∂x = 3·x² = 27.0"),
        (lambda: 1 / x, "∂u2/∂x = (−u2) / x = −0.1111111111111111"),
        (lambda: x * 2, "∂u2/∂x = 2.0"),
    ):
        assert draw(make()).scene.edges[0].tooltip == text


def test_variables_give_names() -> None:
    def names() -> Any:
        a, b = Value(2.0), Value(1.0)
        weights = [Value(0.5), Value(-0.5, "own")]
        table = {"bias": Value(0.1)}
        _hidden = a * b
        total = _hidden + weights[0] * weights[1] + table["bias"]
        return draw(total, names=locals()).scene.cards

    assert [card.label for card in names()] == [
        "a", "b", "weights[0]", "own", "table['bias']", "", "", "", "total"
    ]  # fmt: skip


def test_parameters_of_a_model_are_known_by_their_names() -> None:
    class Model:
        def __init__(self) -> None:
            self.weight = Value(2.0)

        def named_parameters(self) -> list[tuple[str, Value]]:
            return [("weight", self.weight)]

    model, x = Model(), Value(3.0, "x")
    scene = draw(model.weight * x, names={"model": model}).scene
    assert [(c.label, c.kind) for c in scene.cards[:2]] == [
        ("model.weight", "parameter"), ("x", "input")
    ]  # fmt: skip


def test_names_that_refer_to_themselves_do_no_harm() -> None:
    loop: list[Any] = [Value(1.0)]
    loop.append(loop)
    assert draw(loop[0], names={"loop": loop}).scene.cards[0].label == "loop[0]"


def test_scopes_are_boxes() -> None:
    scene = draw(network(2, (2, 1))).scene
    titles = {box.id: box.title for box in scene.boxes}
    assert sorted(titles.values()) == ["layer0", "layer1", "neuron0", "neuron0", "neuron1"]
    assert {titles[c.box] for c in scene.cards if c.symbol == "Σ xy"} == {"neuron0", "neuron1"}
    parents = {titles[box.id]: titles.get(box.parent, "") for box in scene.boxes}
    assert parents["neuron1"] == "layer0"


def test_kinds_differ_by_the_shape_of_the_edge() -> None:
    root = tree_of(draw(network(2, (1,))).svg)
    shapes = {}
    for card in classed(root, "node"):
        kind = (card.get("class") or "").split()[1]
        outlines = [*classed(card, "outline"), *classed(card, "rim")]
        shapes[kind] = [(o.tag.split("}")[1], o.get("rx")) for o in outlines]
    assert set(shapes) == {"input", "parameter", "interior", "output"}
    assert len({str(shape) for shape in shapes.values()}) == 4


def test_graph_b_beside_graph_g() -> None:
    table = backprop(worked_example(), create_graph=True)
    drawing = draw(table)
    pairs = [(c.id, c.partner) for c in drawing.scene.cards if c.family == "G"]
    assert pairs == [(f"node-u{i}", f"node-b{i}") for i in range(1, 6)]
    assert {c.partner for c in drawing.scene.cards if c.family == "B" and c.partner} == {
        f"node-u{i}" for i in range(1, 6)
    }
    assert [c.value for c in drawing.scene.cards if c.partner and c.family == "B"][-1] == "5"
    assert len(list(classed(tree_of(drawing.svg), "link"))) == 5
    for name, partner in pairs:
        above, below = drawing.placement.cards[name], drawing.placement.cards[partner]
        assert above.centre[0] == pytest.approx(below.centre[0])
        assert 0 < below.y - above.y - above.height < 30


def test_graph_b_of_everything_in_the_curriculum() -> None:
    for make in SAMPLES.values():
        drawing = draw(backprop(make(), create_graph=True))
        tree_of(drawing.svg)
        assert {c.family for c in drawing.scene.cards} == {"G", "B"}


def test_several_outputs() -> None:
    x = Value(2.0, "x")
    kinds = [c.kind for c in draw(trace(x * 2, x * 3)).scene.cards]
    assert kinds == ["input", "output", "output"]


@pytest.mark.parametrize("direction", ["LR", "RL", "TB", "BT"])
def test_the_flow_runs_in_the_direction_asked_for(direction: str) -> None:
    e = worked_example()
    cards = draw(e, direction=direction).placement.cards
    first, last = cards["node-u1"].centre, cards["node-u5"].centre
    along = last[0] - first[0] if direction in ("LR", "RL") else last[1] - first[1]
    assert along > 50 if direction in ("LR", "TB") else along < -50


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"direction": "up"}, ArgumentError),
        ({"layout": "neato"}, ArgumentError),
        ({"fold": 0}, ArgumentError),
        ({"fold": "yes"}, ArgumentError),
        ({"names": ["a"]}, ArgumentTypeError),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error, match=next(iter(arguments))):
        draw(Value(1.0), **arguments)


def test_models_and_outputs_of_models_are_told_how_to_be_drawn() -> None:
    model = MLP(2, [4, 2])
    with pytest.raises(ArgumentTypeError, match=r"call the model on a sample: draw\(model\(x\)\)"):
        draw(model)
    with pytest.raises(ArgumentTypeError, match=r"one Graph: trace\(first, second\)"):
        draw(model([1.0, 2.0]))


def test_other_things_are_not_drawn() -> None:
    with pytest.raises(ArgumentTypeError, match=r"draw needs a Value.*but got 3\.0"):
        draw(3.0)


def test_files_by_their_names(tmp_path: Path) -> None:
    drawing = draw(backprop(worked_example()))
    drawing.save(tmp_path / "x.svg")
    drawing.save(str(tmp_path / "x.dot"))
    drawing.save(tmp_path / "x.mmd")
    assert (tmp_path / "x.svg").read_text("utf-8") == drawing.svg
    assert (tmp_path / "x.dot").read_text("utf-8").startswith("digraph")
    assert (tmp_path / "x.mmd").read_text("utf-8").startswith("flowchart LR")
    with pytest.raises(ArgumentError, match=r"\.svg, \.png.*'x\.gif'"):
        drawing.save(tmp_path / "x.gif")
    assert not (tmp_path / "x.gif").exists()


@needs_dot
@pytest.mark.parametrize(("suffix", "start"), [("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_png_and_pdf_by_graphviz(
    suffix: str, start: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("viz.export.BROWSERS", ())
    draw(worked_example()).save(tmp_path / f"x.{suffix}")
    assert (tmp_path / f"x.{suffix}").read_bytes().startswith(start)


@pytest.mark.long
@pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is not installed")
@pytest.mark.parametrize(("suffix", "start"), [("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_png_and_pdf_by_a_browser(
    suffix: str, start: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("viz.layout.graphviz_dot.available", lambda: False)
    draw(worked_example()).save(tmp_path / f"x.{suffix}")
    assert (tmp_path / f"x.{suffix}").read_bytes().startswith(start)


def test_png_without_graphviz_and_browser_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ExportError, match=r"needs Graphviz .* or a browser"):
        draw(worked_example()).save(tmp_path / "x.png")
    assert not (tmp_path / "x.png").exists()


def test_notebooks_get_an_image_svg_and_text() -> None:
    drawing = draw(worked_example())
    assert drawing._repr_mimebundle_() == {
        "text/html": drawing.html,
        "image/svg+xml": drawing.svg,
        "text/plain": "<drawing: Computation graph of e, 5 nodes, 5 edges>",
    }


def test_the_image_holds_the_picture_and_describes_it() -> None:
    drawing = draw(worked_example())
    (image,) = ElementTree.fromstring(drawing.html.replace("></div>", "/></div>"))
    kind, _, data = image.attrib["src"].partition(",")
    assert (image.tag, kind) == ("img", "data:image/svg+xml;base64")
    assert b64decode(data).decode() == drawing.svg
    assert image.attrib["alt"] == drawing.scene.description


def test_the_graphviz_object_can_be_restyled() -> None:
    graph = draw(worked_example()).graphviz
    graph.attr(rankdir="TB")
    assert graph.source.count("->") == 5
    assert "rankdir=TB" in graph.source


def test_importing_loads_neither_matplotlib_nor_graphviz() -> None:
    program = (
        "import sys, json; from viz import draw; from autograd import Value; "
        "draw(Value(1.0) * 2, layout='builtin').svg; print(json.dumps(sorted(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert not {"matplotlib", "graphviz", "numpy"} & set(json.loads(run.stdout))


def test_a_large_graph_folds_into_its_scopes() -> None:
    output = network(16, (12, 8, 2))
    drawing = draw(backprop(output))
    assert len(trace(output)) > 300 > len(drawing.scene.cards)
    groups = [c for c in drawing.scene.cards if c.kind == "group"]
    assert {c.label for c in groups} == {"x0 … x15", *[f"neuron{j}" for j in range(12)]}
    assert [box.title for box in drawing.scene.boxes] == ["layer2", "layer1", "layer0"]
    assert sum(int(c.name.split()[0].replace(",", "")) for c in groups) + sum(
        c.kind != "group" for c in drawing.scene.cards
    ) == len(trace(output))


def test_inputs_of_one_node_share_a_card_when_they_are_many() -> None:
    ws, xs = ([Value(0.1 * i, f"{name}{i}") for i in range(32)] for name in "wx")
    output = dot(ws, xs, Value(1.0, "b"))
    drawing = draw(output)
    groups = {c.label: c.name for c in drawing.scene.cards if c.kind == "group"}
    assert groups == {"w0 … w31": "32 nodes", "x0 … x31": "32 nodes"}
    assert sorted(edge.label for edge in drawing.scene.edges) == ["1", "32 edges", "32 edges"]
    assert drawing.placement.height < 300
    assert len(draw(output, fold=False).scene.cards) == 66
    unlabelled = draw(dot([Value(1.0)] * 2 + [Value(1.0) for _ in range(30)], [1.0] * 32))
    assert [c.label for c in unlabelled.scene.cards] == ["inputs", ""]


@pytest.mark.parametrize(("n", "fold", "cards"), [(12, 300, 25), (4, True, 9), (10, True, 3)])
def test_a_few_inputs_are_shown_one_by_one(n: int, fold: int, cards: int) -> None:
    ws, xs = ([Value(0.1 * i, f"{name}{i}") for i in range(n)] for name in "wx")
    assert len(draw(dot(ws, xs), fold=fold).scene.cards) == cards


def test_the_parameters_of_a_compiled_loss_share_a_card() -> None:
    model = MLP(3, [4, 4, 1], seed=0)
    loss = autograd.jit(lambda x: (model(x) - 1) ** 2)([1.0, 2.0, 3.0])
    scene = draw(loss).scene
    assert [(c.label, c.name, c.symbol) for c in scene.cards] == [
        ("parameters", "41 nodes", ""), ("", "u42", "jit")
    ]  # fmt: skip


def test_every_node_has_a_card_and_every_use_an_edge_when_folded() -> None:
    output = network(6, (5, 4, 1))
    graph, scene = trace(output), draw(output, fold=20).scene
    edges = {edge.id for edge in scene.edges}
    assert set(scene.home) == set(range(1, len(graph) + 1))
    assert set(scene.home.values()) == set(scene.card)
    found = {
        scene.edge_id(graph.index(p), graph.index(node), k)
        for node in graph
        for k, p in enumerate(node.parents)
    }
    assert found - {""} == edges


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("fold", [True, 10, 40])
def test_folding_leaves_no_ring(seed: int, fold: int) -> None:
    scene = draw(random_graph(seed, 120), fold=fold).scene
    waiting = {c.id: {e.source for e in scene.edges if e.target == c.id} for c in scene.cards}
    while ready := [name for name, before in waiting.items() if not before]:
        waiting = {n: before - set(ready) for n, before in waiting.items() if n not in ready}
    assert not waiting


def test_a_graph_without_scopes_folds_by_depth() -> None:
    xs = [Value(0.1 * i) for i in range(200)]
    scene = draw(autograd.sum([autograd.tanh(x * 2) for x in xs])).scene
    assert [(c.symbol, c.name) for c in scene.cards] == [
        ("", "200 nodes"), ("× 2", "200 nodes"), ("tanh", "200 nodes"), ("Σ", "u601")
    ]  # fmt: skip
    assert [edge.label for edge in scene.edges] == ["200 edges"] * 3


def test_a_deep_chain_folds_into_stretches_and_keeps_its_output() -> None:
    scene = draw(chain(20_000)).scene
    assert len(scene.cards) <= 9
    assert scene.cards[-1].kind == "output"


def test_folding_can_be_switched_off() -> None:
    assert len(draw(chain(400), fold=False).scene.cards) == 401


def test_a_large_graph_of_gradients_is_folded() -> None:
    scene = draw(backprop(logistic_neuron(120), create_graph=True)).scene
    assert len(scene.cards) < 60


def test_nothing_and_what_is_not_finite_can_be_drawn() -> None:
    assert draw(trace()).scene.title == "Empty computation graph"
    assert "<svg" in draw(trace()).svg
    x = Value(0.0, "x")
    table = backprop(autograd.sqrt(x))
    assert draw(table).scene.card["node-u1"].gradient == "∞"
    assert draw(Value(float("nan"))).scene.cards[0].value == "nan"


def test_nodes_of_functions_that_have_no_formula() -> None:
    x = Value(2.0, "x")
    y = autograd.checkpoint(lambda v: v * v + 1)(x)
    scene = draw(backprop(y)).scene
    assert [edge.label for edge in scene.edges] == ["4"]
    assert scene.edges[0].tooltip == "∂u2/∂x = 4.0"


@pytest.mark.parametrize("wrapped", [autograd.checkpoint, autograd.jit])
def test_derivatives_that_other_numbers_would_change_are_not_made_up(wrapped: Any) -> None:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    graph = trace(wrapped(lambda v: v * v + 1)(x) * y)
    assert draw(graph.forward()).scene.edges == draw(graph).scene.edges
    (inside, *others) = draw(graph.forward({x: 5.0})).scene.edges
    assert (inside.label, inside.tooltip) == ("", "∂u3/∂x = not known")
    assert [edge.label for edge in others] == ["3", "26"]


def test_a_rule_that_fails_on_other_numbers_leaves_the_derivative_open(own_rows: None) -> None:
    root = autograd.define("root_of", lambda x: math.sqrt(x), lambda x, u: 1 / math.sqrt(x))
    x = Value(4.0, "x")
    scene = draw(trace(root(x)).forward({x: 0.0})).scene
    assert scene.edges[0].tooltip == "∂u2/∂x = not known"


def test_rules_that_formulas_cannot_pass_through_leave_the_number() -> None:
    bent = autograd.define("bent", lambda x: abs(x), lambda x, u: 1.0 if x > 0 else -1.0)
    scene = draw(bent(Value(-3.0, "x"))).scene
    assert (scene.edges[0].label, scene.edges[0].tooltip) == ("−1", "∂u2/∂x = −1.0")


def test_values_of_arrays_are_named() -> None:
    numpy = pytest.importorskip("numpy")
    w = numpy.array([[Value(1.0), Value(2.0)]], dtype=object)
    names = {"w": w, "data": numpy.zeros(3), "text": "text", "In": [w[0, 0]], 3: w[0, 1]}
    scene = draw(w[0, 0] * w[0, 1], names=names).scene
    assert [c.label for c in scene.cards] == ["w[0][0]", "w[0][1]", ""]


def test_graph_b_in_dot_and_mermaid() -> None:
    drawing = draw(backprop(worked_example(), create_graph=True))
    assert drawing.graphviz.source.count("style=dashed") == 5
    assert drawing.graphviz.source.count("style=dotted") == 2
    lines = drawing.mermaid.splitlines()
    assert sum(" -.- " in line for line in lines) == 5
    assert sum(" -.-> " in line for line in lines) == 2
    assert set(re.findall(r"node-b\d", lines[-1])) == {f"node-b{i}" for i in range(1, 6)}


def test_a_browser_that_fails_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr("viz.export.BROWSERS", (str(broken),))
    monkeypatch.setattr("viz.layout.graphviz_dot.available", lambda: False)
    with pytest.raises(ExportError, match="neither was found to work"):
        draw(worked_example()).save(tmp_path / "x.pdf")


def test_names_that_are_not_there() -> None:
    import viz

    assert {"draw", "step", "explain"} <= set(dir(viz))
    with pytest.raises(AttributeError, match="'viz' has no attribute 'paint'"):
        viz.paint  # noqa: B018


def test_few_nodes_with_very_many_edges_are_folded() -> None:
    outputs = [Value(float(i)) for i in range(16)]
    for layer in range(5):
        with scope(f"layer{layer}"):
            outputs = [dot(outputs, outputs[::-1]) for _ in range(16)]
    output = dot(outputs, outputs)
    assert len(trace(output)) < 300
    assert len(list(classed(tree_of(draw(output).svg), "node"))) < 30


def test_a_small_convolution_without_scopes_is_folded() -> None:
    """Its edges would be a grey band."""
    pixels = [[Value(float(i + j)) for j in range(5)] for i in range(5)]
    maps = []
    for _ in range(3):
        weights = [Value(1.0) for _ in range(4)]
        windows = [
            [pixels[i + a][j + b] for a in (0, 1) for b in (0, 1)]
            for i in range(4)
            for j in range(4)
        ]
        maps += [dot(window, weights).relu() for window in windows]
    output = autograd.sum([dot(maps, [Value(0.1) for _ in maps]) for _ in range(2)])
    assert len(trace(output)) < 300
    assert len(draw(output).scene.cards) < 30


def test_a_large_convolutional_network_is_folded_into_its_layers() -> None:
    network = nn.Sequential(
        nn.Conv2d(1, 4, 3, seed=0), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Layer(36, 1)
    )
    image = [[[Value(float(i * j)) for j in range(8)] for i in range(8)]]
    drawing = draw(network(image))
    assert {card.label for card in drawing.scene.cards if card.kind == "group"} == {
        *("inputs", "layer0", "layer1", "layer2"),
        "layer4",
    }
