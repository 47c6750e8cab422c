"""The scene of a folded graph: a card for each group, and one edge for all between two cards."""

from __future__ import annotations

from collections.abc import Sequence

from autograd import Value

from .build import boxes_of, card_of, description_of, edges_into, home, plain_scene, title_of
from .describe import symbol_of
from .folding import Key, groups_of
from .scene import NOT_COMPUTED, Card, Edge, Scene
from .subject import Subject
from .text import exact, label_text, short


def scene_of_subject(subject: Subject, direction: str, fold: bool | int) -> Scene:
    """The scene of a graph, folded where it is large."""
    groups = groups_of(subject, fold)
    if groups is None:
        return plain_scene(subject, direction)
    return folded_scene(subject, groups, direction)


def folded_scene(subject: Subject, groups: dict[Key, list[Value]], direction: str) -> Scene:
    """Groups of one are shown as the nodes they are."""
    inside = {key: _box_path(subject, key, nodes) for key, nodes in groups.items()}
    boxes = boxes_of(inside.values())
    ids = {path: box.id for path, box in boxes.items()}
    cards: list[Card] = []
    card_with: dict[Value, str] = {}
    for i, (key, nodes) in enumerate(groups.items(), 1):
        if len(nodes) == 1:
            card = card_of(subject, nodes[0], ids)
        else:
            card = _group_card(subject, key, nodes, f"node-g{i}", ids.get(inside[key], ""))
        cards.append(card)
        card_with |= dict.fromkeys(nodes, card.id)
    edges = _edges(subject, card_with, {card.id for card in cards if card.kind == "group"})
    description = f"{description_of(subject)} Folded into {len(cards)} cards."
    return Scene(
        title_of(subject),
        description,
        tuple(cards),
        tuple(edges),
        tuple(boxes.values()),
        direction,
        subject.gradient is not None,
        {i: card_with[node] for i, node in enumerate(subject.graph.nodes, 1)},
    )


def _box_path(subject: Subject, key: Key, nodes: list[Value]) -> tuple[str, ...]:
    """The scope that is drawn around a group."""
    if len(nodes) == 1:
        path = home(subject, nodes[0])
        scoped = isinstance(key, tuple) and key[0] == "scope"
        return path[: len(key[1]) - 1] if scoped and isinstance(key, tuple) else path
    assert isinstance(key, tuple)
    if key[0] == "inputs":
        return tuple(key[1])
    return tuple(key[1][:-1]) if key[0] in ("scope", "ring") else ()


def _group_card(subject: Subject, key: Key, nodes: list[Value], name: str, box: str) -> Card:
    label, symbol = _heading(subject, key, nodes)
    gradient = NOT_COMPUTED
    if subject.gradient is not None:
        gradient = _range([subject.gradient(node) for node in nodes])
    value = _range([subject.value(node) for node in nodes])
    return Card(
        id=name,
        kind="group",
        name=f"{len(nodes):,} nodes",
        symbol=symbol,
        label=label,
        value=value,
        gradient=gradient,
        tooltip=(
            f"{label} {len(nodes):,} nodes folded into one card".lstrip()
            + f"\n{_contents(subject, nodes)}\nvalues {value}\ngradients {gradient}"
        ),
        box=box,
    )


def _heading(subject: Subject, key: Key, nodes: list[Value]) -> tuple[str, str]:
    """A label and a symbol for a group."""
    assert isinstance(key, tuple)
    if key[0] in ("scope", "ring"):
        return label_text("/".join(key[1][-1:])) or "recurrent part", ""
    if key[0] == "stretch":
        first, last = subject.graph.index(nodes[0]), subject.graph.index(nodes[-1])
        return f"u{first} … u{last}", ""
    labels = [subject.label(node) for node in nodes]
    if key[0] == "inputs" and key[4] and len(set(labels)) == len(labels):
        return label_text(f"{labels[0]} … {labels[-1]}"), ""
    role = subject.role(nodes[0])
    label = role if role.isidentifier() else ""
    return f"{label}{'' if nodes[0].operation else 's'}", symbol_of(nodes[0])


def _range(numbers: Sequence[float]) -> str:
    """From the least to the greatest; nan where there is one."""
    if any(x != x for x in numbers):
        return "nan"
    low, high = short(min(numbers)), short(max(numbers))
    return low if low == high else f"{low} … {high}"


def _contents(subject: Subject, nodes: list[Value]) -> str:
    """How many of which operation."""
    counts: dict[str, int] = {}
    for node in nodes:
        role = subject.role(node)
        counts[role] = counts.get(role, 0) + 1
    most = sorted(counts.items(), key=lambda item: -item[1])[:8]
    return ", ".join(f"{count:,} × {label_text(role)}" for role, count in most)


def _edges(subject: Subject, card_with: dict[Value, str], groups: set[str]) -> list[Edge]:
    """Between single nodes every edge; where a group is at one end, one for all uses."""
    edges: list[Edge] = []
    found: dict[tuple[str, str], list[tuple[Value, int]]] = {}
    for node in subject.graph.nodes:
        target = card_with[node]
        sources = [card_with[parent] for parent in node.parents]
        if target not in groups and not groups.issuperset(sources):
            edges += [edge for edge in edges_into(subject, node) if edge.source in sources]
        for k, source in enumerate(sources):
            if source != target and (source in groups or target in groups):
                found.setdefault((source, target), []).append((node, k))
    return edges + [_joined(subject, *ends, uses) for ends, uses in found.items()]


def _joined(subject: Subject, source: str, target: str, uses: list[tuple[Value, int]]) -> Edge:
    """One edge for all uses of what one card holds in another; only several are counted on it."""
    name = f"edge-{source[5:]}-{target[5:]}-0"
    if len(uses) > 1:
        tooltip = f"{len(uses):,} edges folded into one"
        return Edge(name, source, target, f"{len(uses):,} edges", tooltip)
    ((node, k),) = uses
    derivative = exact(subject.local_derivatives(node)[k])
    tooltip = f"∂{subject.name(node)}/∂{subject.name(node.parents[k])} = {derivative}"
    return Edge(name, source, target, "", tooltip)
