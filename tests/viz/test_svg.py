"""The SVG itself: well-formed, self-contained, readable in light, dark and print."""

from __future__ import annotations

import re
import statistics
import sys
import time

import pytest

from autograd import backprop
from viz import draw
from viz.colors import DARK, LIGHT
from viz.drawing import scene_of
from viz.layout.turning import curves
from viz.scene import NOT_COMPUTED
from viz.sizes import PAD, card_sizes, strip_width, symbol_size
from viz.svg import style, svg_of
from viz.text import exact, short, width_of

from .graphs import CURRICULUM, network, recurrent, worked_example
from .pictures import SVG, classed, tree_of

SLOWER = 5 if sys.gettrace() else 1  # where lines are being counted


def luminance(color: str) -> float:
    """Relative luminance as WCAG defines it."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("text", ["ink", "muted", "value", "gradient"])
def test_texts_stand_out_from_everything_they_stand_on(colors: dict[str, str], text: str) -> None:
    grounds = [name for name in colors if name in ("paper", "card") or name.endswith("tint")]
    assert len(grounds) >= 5
    for ground in grounds:
        assert contrast(colors[text], colors[ground]) >= 4.5, ground


def test_the_two_palettes_name_the_same_things() -> None:
    assert list(LIGHT) == list(DARK)


@pytest.mark.parametrize("name", CURRICULUM)
def test_well_formed_with_ids_titles_and_a_view_box(name: str) -> None:
    drawing = draw(backprop(CURRICULUM[name]()))
    root = tree_of(drawing.svg)
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    assert {card.id for card in drawing.scene.cards} | {
        edge.id for edge in drawing.scene.edges
    } <= set(ids)
    width, height = map(float, (root.get("width", ""), root.get("height", "")))
    assert root.get("viewBox") == f"0 0 {width:g} {height:g}"
    assert root.find(f"{SVG}title").text == drawing.scene.title  # type: ignore[union-attr]
    assert root.find(f"{SVG}desc").text == drawing.scene.description  # type: ignore[union-attr]
    for thing in [*classed(root, "node"), *classed(root, "edge")]:
        assert thing.find(f"{SVG}title") is not None


def test_nothing_is_fetched_and_nothing_runs() -> None:
    svg = draw(backprop(network())).svg
    outside = re.findall(r'(?:href|src|url\()[="\']*([^"\')]+)', svg)
    assert {link for link in outside if not link.startswith("#")} == set()
    assert "<script" not in svg
    assert not re.search(r"\son\w+=", svg)


def test_the_style_sheet_reaches_nothing_outside() -> None:
    flat = re.sub(r"@media[^{]*\{(.*?\})\}", r"\1", style())
    selectors = [one for rule in re.findall(r"([^{}]+)\{", flat) for one in rule.split(",")]
    assert len(selectors) > 20
    assert all(one.strip().startswith("svg.gradtable") for one in selectors)


def test_a_prefix_goes_before_every_id_and_every_reference() -> None:
    root = tree_of(svg_of(scene_of(worked_example()), prefix="left-"))
    assert all(e.get("id", "left-").startswith("left-") for e in root.iter())
    for edge in classed(root, "edge"):
        assert edge.get("data-source", "").startswith("left-node-u")
        way = next(classed(edge, "way"))
        assert way.get("marker-end") == "url(#left-arrow)"


@pytest.mark.parametrize("name", CURRICULUM)
def test_texts_fit_into_their_cards(name: str) -> None:
    scene = scene_of(backprop(CURRICULUM[name]()))
    for card in scene.cards:
        width, _ = card_sizes(scene)[card.id]
        room = width - strip_width(card) - 2 * PAD
        assert width_of(card.label, 12) + width_of(card.value, 12) < room
        assert width_of(f"∇ {card.gradient}", 12) < room
        assert (
            width_of(card.symbol, symbol_size(card.symbol)) < strip_width(card) or not card.symbol
        )


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (3.98571, "3.986"), (-0.25, "−0.25"), (0.0, "0"), (-0.0, "0"), (5.0, "5"),
        (12345.678, "1.235×10⁴"), (1e-7, "1×10⁻⁷"), (-2.5e-12, "−2.5×10⁻¹²"),
        (float("inf"), "∞"), (float("-inf"), "−∞"), (float("nan"), "nan"), (0.0001234, "0.0001234"),
    ],
)  # fmt: skip
def test_numbers_have_four_digits_and_real_minus_signs(x: float, text: str) -> None:
    assert short(x) == text


def test_tooltips_have_all_digits() -> None:
    assert exact(-1 / 3) == "−0.3333333333333333"
    assert exact(-0.0) == "0.0"


def test_before_a_backward_pass_the_card_says_so() -> None:
    root = tree_of(draw(worked_example()).svg)
    assert {t.text for t in classed(root, "unknown")} == {NOT_COMPUTED}


@pytest.mark.long
def test_sixty_nodes_take_little_time() -> None:
    table = backprop(network())
    times = []
    for _ in range(7):
        start = time.process_time()
        draw(table, layout="builtin").svg  # noqa: B018
        times.append(time.process_time() - start)
    assert statistics.median(times) < 0.05 * SLOWER


def test_where_edges_go_together_one_line_is_drawn() -> None:
    drawing = draw(backprop(recurrent()))
    hidden = [
        way.get("stroke-dasharray", "").split()
        for edge in classed(tree_of(drawing.svg), "edge")
        if edge.get("data-source") == f"node-u{drawing.scene.cards[0].name[1:]}"
        for way in classed(edge, "way")
    ]
    lengths = [float(dashes[1]) for dashes in hidden if dashes]
    assert (len(hidden), len(lengths)) == (8, 6)  # the nearest use, and the first that passes it
    assert sorted(lengths) == lengths
    assert 0 < lengths[0] < lengths[-1] < drawing.placement.width
    assert "stroke-dasharray:none" in style()


@pytest.mark.parametrize("name", CURRICULUM)
def test_every_way_has_an_end_that_shows_where_its_arrow_points(name: str) -> None:
    drawing = draw(backprop(CURRICULUM[name](), create_graph=True), layout="builtin")
    for way in classed(tree_of(drawing.svg), "way"):
        points = re.findall(r"(-?[\d.]+),(-?[\d.]+)", way.get("d", ""))
        assert points[-1] != points[-2], way.get("d")


def test_the_longer_of_two_arcs_around_a_layer_goes_further_out() -> None:
    near, far = curves([(0.0, 0.0), (0.0, 50.0)]), curves([(0.0, 0.0), (0.0, 100.0)])
    assert 0.0 < near[1][0] < far[1][0] < 60.0
