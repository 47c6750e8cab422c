"""Layouts: nothing overlaps, edges arrive where they should, few crossings, in time."""

from __future__ import annotations

import os
import random
import shutil
import sys
import time
from collections.abc import Callable
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from autograd import Value, backprop, dot, sin, tanh
from autograd.errors import ArgumentError
from viz import Drawing, draw, export
from viz.layout import Rectangle, graphviz_dot
from viz.layout.coordinates import coordinates
from viz.layout.graphviz_dot import GraphvizError
from viz.layout.layers import layers_of, rings, topological_order
from viz.layout.ordering import crossings as crossings_of_layers, ordered

from .graphs import CURRICULUM, network, random_graph, recurrent_units, worked_example
from .pictures import crossings

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
SLOWER = 5 if sys.gettrace() else 1  # where lines are being counted
DIRECTIONS = ("LR", "RL", "TB", "BT")
NEAR = 0.05


def overlap(a: Rectangle, b: Rectangle) -> bool:
    return (
        a.x < b.x + b.width - NEAR
        and b.x < a.x + a.width - NEAR
        and a.y < b.y + b.height - NEAR
        and b.y < a.y + a.height - NEAR
    )


def contains(outer: Rectangle, inner: Rectangle) -> bool:
    return (
        outer.x <= inner.x + NEAR
        and outer.y <= inner.y + NEAR
        and inner.x + inner.width <= outer.x + outer.width + NEAR
        and inner.y + inner.height <= outer.y + outer.height + NEAR
    )


def inside(place: Rectangle, x: float, y: float, margin: float = 1.0) -> bool:
    return (
        place.x + margin < x < place.x + place.width - margin
        and place.y + margin < y < place.y + place.height - margin
    )


def passes(place: Rectangle, a: tuple[float, float], b: tuple[float, float]) -> bool:
    """Whether a level piece of a line, which may be long, goes through a card."""
    level = a[1] == b[1] and place.y + 1.0 < a[1] < place.y + place.height - 1.0
    return level and a[0] < place.x + place.width - 1.0 and place.x + 1.0 < b[0]


def check(drawing: Drawing) -> None:
    """What must hold for every layout."""
    scene, placement = drawing.scene, drawing.placement
    page = Rectangle(0, 0, placement.width, placement.height)
    assert set(placement.cards) == set(scene.card)
    assert set(placement.routes) == {edge.id for edge in scene.edges}
    for a, b in combinations(placement.cards.values(), 2):
        assert not overlap(a, b)
    for place in [*placement.cards.values(), *placement.boxes.values()]:
        assert contains(page, place)
    check_boxes(drawing)


def check_boxes(drawing: Drawing) -> None:
    """Cards are in the boxes that hold them, and in no others."""
    scene, placement = drawing.scene, drawing.placement
    around = {box.id: box.parent for box in scene.boxes}
    for card in scene.cards:
        holders, box = set(), card.box
        while box:
            holders.add(box)
            box = around[box]
        for name, place in placement.boxes.items():
            if name in holders:
                assert contains(place, placement.cards[card.id])
            else:
                assert not overlap(place, placement.cards[card.id])


def check_edges(drawing: Drawing) -> None:
    """Edges run from the end of one card to the start of another, and through no third."""
    scene, placement = drawing.scene, drawing.placement
    for edge in scene.edges:
        source, target = placement.cards[edge.source], placement.cards[edge.target]
        (x, y), *_, (p, q) = points = placement.routes[edge.id].sampled()
        assert x == pytest.approx(source.x + source.width)
        assert source.y <= y <= source.y + source.height
        assert p == pytest.approx(target.x)
        assert target.y <= q <= target.y + target.height
        assert all(a[0] <= b[0] + NEAR for a, b in pairwise(points))
        for name, place in placement.cards.items():
            if name not in (edge.source, edge.target):
                assert not any(inside(place, *point) for point in points)
                assert not any(passes(place, a, b) for a, b in pairwise(points))


@pytest.mark.parametrize("name", CURRICULUM)
def test_the_curriculum_by_the_built_in_layout(name: str) -> None:
    drawing = draw(backprop(CURRICULUM[name]()), layout="builtin", fold=False)
    check(drawing)
    check_edges(drawing)


@needs_dot
@pytest.mark.parametrize("name", CURRICULUM)
def test_the_curriculum_by_dot(name: str) -> None:
    check(draw(backprop(CURRICULUM[name]()), layout="dot", fold=False))


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("layout", ["builtin", pytest.param("dot", marks=needs_dot)])
def test_directions(direction: str, layout: str) -> None:
    check(draw(backprop(network()), direction=direction, layout=layout))
    check(draw(worked_example(), direction=direction, layout=layout))


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 60), st.sampled_from(DIRECTIONS))
def test_random_graphs(seed: int, size: int, direction: str) -> None:
    drawing = draw(random_graph(seed, size), layout="builtin", direction=direction)
    check(drawing)
    if direction == "LR":
        check_edges(drawing)


@settings(max_examples=15)
@given(st.integers(0, 10**6), st.integers(2, 25))
def test_graphs_with_their_graphs_of_gradients(seed: int, size: int) -> None:
    table = backprop(random_graph(seed, size), create_graph=True)
    check(draw(table, layout="builtin", fold=False))


def test_scopes_that_use_each_other_in_turn_share_a_box() -> None:
    drawing = draw(recurrent_units(), layout="builtin")
    titles = {box.id: box.title for box in drawing.scene.boxes}
    assert {titles[name] for name in drawing.placement.boxes} == {"cell"}
    check_edges(drawing)


def test_inputs_stand_next_to_their_consumers() -> None:
    drawing = draw(network(2, (2, 2, 1), scoped=False), layout="builtin")
    columns = sorted({p.x + p.width / 2 for p in drawing.placement.cards.values()})
    place = {name: columns.index(p.x + p.width / 2) for name, p in drawing.placement.cards.items()}
    for card in drawing.scene.cards:
        if card.kind == "input":
            nearest = min(place[e.target] for e in drawing.scene.edges if e.source == card.id)
            assert nearest - place[card.id] == 1


def test_the_same_graph_gives_the_same_picture() -> None:
    pictures = [draw(backprop(network()), layout="builtin").svg for _ in range(2)]
    assert pictures[0] == pictures[1]


@needs_dot
@pytest.mark.parametrize("name", CURRICULUM)
def test_crossings_are_at_most_half_as_many_again_as_with_dot(name: str) -> None:
    table = backprop(CURRICULUM[name]())
    ours, theirs = (crossings(draw(table, layout=layout)) for layout in ("builtin", "dot"))
    assert ours <= 1.5 * theirs


def test_dot_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphviz_dot, "available", lambda: False)
    with pytest.raises(ArgumentError, match="layout='dot' needs the dot program"):
        draw(worked_example(), layout="dot").svg  # noqa: B018
    check(draw(worked_example(), layout="auto"))


@pytest.mark.skipif(os.name == "nt", reason="a program of the shell")
@pytest.mark.parametrize(
    ("last_words", "how"),
    [("kill -SEGV $$", "SIGSEGV"), ("echo no memory >&2; exit 1", "status 1: no memory")],
)
def test_dot_that_dies_is_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last_words: str, how: str
) -> None:
    program = tmp_path / "dot"
    program.write_text(f"#!/bin/sh\n{last_words}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(GraphvizError, match=f"5 nodes.*{how}.*layout='auto'"):
        draw(worked_example(), layout="dot").svg  # noqa: B018
    monkeypatch.setattr(export, "BROWSERS", ())
    with pytest.raises(GraphvizError, match=rf"5 nodes.*{how}.*\.svg"):
        draw(worked_example()).save(tmp_path / "x.png")
    assert not (tmp_path / "x.png").exists()


def test_nothing_is_recursive() -> None:
    x = Value(0.5)
    for _ in range(3000):
        x = x * 0.999
    assert len(draw(x, fold=False, layout="builtin").placement.cards) == 3001


def hub(length: int) -> Value:
    """y ← sin(y) + x: x goes into every other layer."""
    x = y = Value(0.5, "x")
    for _ in range(length):
        y = sin(y) + x
    return y


def unrolled(length: int) -> Value:
    """h ← tanh(w·x + u·h + b), with the same w, u and b in every step."""
    w, u, b, h = (Value(0.1 * i, name) for i, name in enumerate("wubh"))
    for t in range(length):
        h = tanh(dot([w, u], [Value(1.0 * t), h], b))
    return h


@pytest.mark.parametrize("graph", [hub, unrolled])
def test_the_picture_of_a_number_used_everywhere_grows_with_the_graph(
    graph: Callable[[int], Value],
) -> None:
    sizes = []
    for length in (80, 160):
        drawing = draw(graph(length), fold=False, layout="builtin")
        points = sum(len(route.points) for route in drawing.placement.routes.values())
        sizes.append((len(drawing.svg), points))
    (text, points), (twice_text, twice_points) = sizes
    assert twice_text < 2.2 * text
    assert twice_points < 2.2 * points


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_number_used_everywhere_is_placed_as_any_other(direction: str) -> None:
    drawing = draw(hub(40), fold=False, direction=direction, layout="builtin")
    check(drawing)
    if direction == "LR":
        check_edges(drawing)


@pytest.mark.long
def test_two_thousand_uses_of_a_number_are_drawn_in_three_seconds() -> None:
    start = time.process_time()
    assert len(draw(hub(2000), fold=False, layout="builtin").svg) < 6e6
    assert time.process_time() - start < 3.0 * SLOWER


@pytest.mark.long
def test_three_thousand_nodes_in_two_seconds() -> None:
    drawing = draw(random_graph(5, 6800), fold=False, layout="builtin")
    assert len(drawing.scene.cards) >= 3000
    start = time.process_time()
    drawing.placement  # noqa: B018
    assert time.process_time() - start < 2.0 * SLOWER


def edges_between(count: int, seed: int, density: int) -> list[tuple[int, int]]:
    numbers = random.Random(seed)
    samples = [numbers.sample(range(count), 2) for _ in range(density)]
    return list({(min(pair), max(pair)): None for pair in samples})


@given(st.integers(0, 10**6), st.integers(2, 40))
@settings(max_examples=60)
def test_layers_rise_along_edges(seed: int, count: int) -> None:
    edges = edges_between(count, seed, 2 * count)
    layer = layers_of(count, edges)
    assert all(layer[a] < layer[b] for a, b in edges)
    assert min(layer) == 0


@given(st.integers(0, 10**6), st.integers(2, 12))
@settings(max_examples=80)
def test_rings_are_those_of_reachability(seed: int, count: int) -> None:
    numbers = random.Random(seed)
    edges = [(numbers.randrange(count), numbers.randrange(count)) for _ in range(count + 3)]
    edges = [(a, b) for a, b in edges if a != b]
    reach = {(a, b) for a, b in edges}
    for k in range(count):
        reach |= {(a, b) for a in range(count) for b in range(count) if {(a, k), (k, b)} <= reach}
    expected = {
        frozenset(b for b in range(count) if (a, b) in reach and (b, a) in reach)
        for a in range(count)
        if (a, a) in reach
    }
    assert {frozenset(ring) for ring in rings(count, edges)} == expected
    assert (len(topological_order(count, edges)) == count) == (not expected)


@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(1, 6))
@settings(max_examples=60)
def test_ordering_never_makes_it_worse_and_places_keep_their_distance(
    seed: int, height: int, width: int
) -> None:
    numbers = random.Random(seed)
    layers = [[k * width + i for i in range(width)] for k in range(height)]
    before: list[list[tuple[int, float]]] = [[] for _ in range(height * width)]
    after: list[list[tuple[int, float]]] = [[] for _ in range(height * width)]
    for upper, lower in pairwise(layers):
        for v in lower:
            for w in numbers.sample(upper, min(2, width)):
                before[v].append((w, 0.0))
                after[w].append((v, 0.0))
    found = ordered(layers, before, after)
    assert [sorted(layer) for layer in found] == layers
    assert crossings_of_layers(found, after) <= crossings_of_layers(layers, after)
    breadth = [numbers.uniform(1, 50) for _ in before]
    above, below = (
        [[(w, numbers.uniform(-3, 3), 0.0) for w, _ in neighbours] for neighbours in side]
        for side in (before, after)
    )
    x = coordinates(found, breadth, [5.0] * len(breadth), above, below, set())
    for layer in found:
        for v, w in pairwise(layer):
            assert x[w] - x[v] >= (breadth[v] + breadth[w]) / 2 + 5.0 - 1e-6


def test_crossings_of_two_layers_are_counted() -> None:
    after = [[(3, 0.0)], [(2, 0.0), (3, 0.0)], [], []]
    assert crossings_of_layers([[0, 1], [2, 3]], after) == 1
    assert crossings_of_layers([[1, 0], [2, 3]], after) == 0
