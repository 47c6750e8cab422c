"""Folding: which nodes of a large graph share one card, so that a person can still look at it.

Inputs that go into one node by the dozen share a card even in a small graph. In a large one, or one
with too many edges to follow, scopes are folded first, the innermost before the outer. What is left
over, or has no scope, is folded by depth: nodes of one operation in one layer, and if those are
still too many, whole stretches of layers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Any

from autograd import Value
from autograd.errors import ArgumentError

from .build import home
from .layout.layers import layers_of, rings
from .subject import Subject

LIMIT = 300  # cards, above which a graph is folded
FOLDED = 80  # cards that a folded one should not have more of, if it has scopes to fold
STRETCHES = 8
FEW = 8  # inputs that are not folded even if they are alike
MANY = 24  # inputs that go the same way, above which they are folded even in a small graph
EDGES = 2  # for each card; when there are more, and more than a few, they make a grey band
SPARE = 100

Key = Hashable


def checked_limit(fold: Any) -> tuple[int | None, bool]:
    """How many cards there may be, and whether to fold even where there are fewer."""
    if fold is False:
        return None, False
    if fold is True:
        return LIMIT, True
    if isinstance(fold, int) and fold >= 1:
        return fold, False
    raise ArgumentError(
        f"fold must be True, False or the number of cards above which to fold, but got {fold!r}"
    )


def groups_of(subject: Subject, fold: Any = LIMIT) -> dict[Key, list[Value]] | None:
    """The nodes that share a card, by what they share; None where nothing is folded."""
    limit, always = checked_limit(fold)
    nodes = subject.graph.nodes
    if limit is None:
        return None
    if not always and len(nodes) <= limit:
        keys = _inputs_together(subject, [("node", i) for i in range(len(nodes))], MANY)
        if _fits(subject, keys, limit):
            return None if all(map(_single, keys)) else _grouped(subject, keys)
    paths = [home(subject, node) for node in nodes]
    depth = 0 if always else max(map(len, paths))
    keys = _folded_at(subject, paths, depth, always)
    while depth and not _fits(subject, keys, min(limit, FOLDED)):
        depth -= 1
        keys = _folded_at(subject, paths, depth, always)
    if not _fits(subject, keys, limit):
        keys = _by_layer(subject, keys, limit)
    return _grouped(subject, keys)


def _grouped(subject: Subject, keys: Sequence[Key]) -> dict[Key, list[Value]]:
    found: dict[Key, list[Value]] = {}
    for node, key in zip(subject.graph.nodes, keys, strict=True):
        found.setdefault(key, []).append(node)
    return found


def _folded_at(
    subject: Subject, paths: Sequence[tuple[str, ...]], depth: int, always: bool
) -> list[Key]:
    """The keys when so many boxes inside one another are open."""
    keys: list[Key] = [
        ("scope", path[: depth + 1]) if len(path) > depth else ("node", i)
        for i, path in enumerate(paths)
    ]
    if not all(map(_single, keys)):
        keys = _without_rings(subject, keys)
    return _inputs_together(subject, keys, FEW if always else MANY)


def _fits(subject: Subject, keys: list[Key], limit: int) -> bool:
    """Whether there are few enough cards, and few enough edges to see them."""
    cards = len(set(keys))
    return cards <= limit and len(_pairs(subject, keys)[1]) <= EDGES * cards + SPARE


def _pairs(subject: Subject, keys: Sequence[Key]) -> tuple[dict[Key, int], list[tuple[int, int]]]:
    """The groups by number, and the edges between different ones."""
    number: dict[Key, int] = {}
    group = {
        node: number.setdefault(key, len(number))
        for node, key in zip(subject.graph.nodes, keys, strict=True)
    }
    pairs = {
        (group[parent], group[node]): None
        for node in subject.graph.nodes
        for parent in node.parents
    }
    return number, [(a, b) for a, b in pairs if a != b]


def _without_rings(subject: Subject, keys: list[Key]) -> list[Key]:
    """Groups that use one another in turn become one."""
    number, pairs = _pairs(subject, keys)
    merged: dict[Key, Key] = {}
    names = list(number)
    for ring in rings(len(number), pairs):
        members = [names[i] for i in ring]
        path = _common([m[1] for m in members if isinstance(m, tuple) and m[0] == "scope"])
        merged |= dict.fromkeys(members, ("ring", path, ring[0]))
    return [merged.get(key, key) for key in keys] if merged else keys


def _common(paths: list[tuple[str, ...]]) -> tuple[str, ...]:
    """The path that all begin with."""
    first, last = min(paths), max(paths)
    same = 0
    while same < len(first) and first[same] == last[same]:
        same += 1
    return first[:same]


def _inputs_together(subject: Subject, keys: list[Key], many: int) -> list[Key]:
    """Inputs that go the same ways become one card: into folded ones a few, into a node many.

    Those of one scope and of one kind of label (w0, w1, …) first; then any, scope by scope.
    """
    key_of = dict(zip(subject.graph.nodes, keys, strict=True))
    ways = _ways(subject, key_of)
    total = Counter(ways.values())
    deepest = max([len(home(subject, node)) for node in ways], default=0)
    for stage, depth in enumerate([deepest, *range(deepest, -1, -1)]):
        alike: dict[tuple[Any, ...], list[Value]] = {}
        for node, way in ways.items():
            if _single(key_of[node]):
                stem = _stem(subject.label(node)) if stage == 0 else ""
                scope = home(subject, node)[:depth]
                key = ("inputs", scope, way, subject.role(node), stem)
                alike.setdefault(key, []).append(node)
        for key, nodes in alike.items():
            crowded = not all(map(_single, key[2])) or (stage == 0 and total[key[2]] > many)
            if len(nodes) > (FEW if crowded else many):
                key_of |= dict.fromkeys(nodes, key)
    return list(key_of.values())


def _ways(subject: Subject, key_of: dict[Value, Key]) -> dict[Value, tuple[Key, ...]]:
    """For each input that stands alone the cards that it goes into."""
    ways: dict[Value, dict[Key, None]] = {
        node: {} for node in subject.graph.inputs if _single(key_of[node])
    }
    for node in subject.graph.nodes:
        for parent in node.parents:
            if parent in ways:
                ways[parent][key_of[node]] = None
    return {node: tuple(way) for node, way in ways.items() if way}


def _stem(label: str) -> str:
    """What numbered labels have in common: w of w0 and w1."""
    return re.split(r"[\d₀-₉]", label, maxsplit=1)[0].rstrip("_[(")


def _by_layer(subject: Subject, keys: list[Key], limit: int) -> list[Key]:
    """Single nodes by layer and operation; if that is not enough, everything by stretches."""
    number, pairs = _pairs(subject, keys)
    layers = layers_of(len(number), pairs)
    layer = [layers[number[key]] for key in keys]
    by_operation: list[Key] = [
        ("layer", layer[i], subject.role(node)) if _single(keys[i]) else keys[i]
        for i, node in enumerate(subject.graph.nodes)
    ]
    if not all(map(_single, keys)):
        by_operation = _without_rings(subject, by_operation)
    if len(set(by_operation)) <= limit:
        return by_operation
    stretch = max(layers) // min(STRETCHES, limit) + 1
    return [
        ("output", i) if node in subject.outputs else ("stretch", layer[i] // stretch)
        for i, node in enumerate(subject.graph.nodes)
    ]


def _single(key: Key) -> bool:
    return isinstance(key, tuple) and key[0] == "node"
