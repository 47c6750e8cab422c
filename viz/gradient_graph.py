"""Graph B beside graph G: the nodes that compute the gradients, one ∇[u] for each u."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from autograd import Value, trace

from .build import description_of, plain_scene, title_of
from .describe import symbol_of
from .folded import scene_of_subject
from .folding import checked_limit
from .scene import Card, Edge, Scene
from .subject import Subject
from .text import exact, label_text, short


def scene_with_gradients(subject: Subject, direction: str, fold: bool | int) -> Scene:
    """Both graphs in one scene; scopes are not boxed, since B runs back through them."""
    both = trace(*subject.graph.outputs, *subject.entries.values())
    limit, _ = checked_limit(fold)
    if limit is not None and len(both) > limit:
        whole = replace(subject, graph=both, gradient=None, entries={})
        return scene_of_subject(whole, direction, fold)
    g = plain_scene(subject, direction)
    own = set(subject.graph.nodes)
    nodes = [node for node in both.nodes if node not in own]
    names = _names(subject, nodes)
    partner = {f"node-u{subject.graph.index(u)}": names[b] for u, b in subject.entries.items()}
    cards = [replace(card, box="", partner=partner[card.id]) for card in g.cards]
    whose = {b: card for card, b in partner.items()}
    entry = {b: u for u, b in subject.entries.items()}
    for node in nodes:
        cards.append(_card(subject, node, names[node], entry.get(node), whose.get(names[node], "")))
    inner = {node: subject.name(node) for node in own} | {
        node: f"∇[{subject.name(entry[node])}]" if node in entry else names[node][5:]
        for node in nodes
    }
    edges = [*g.edges, *[edge for node in nodes for edge in _edges(subject, node, names, inner)]]
    description = (
        f"{description_of(subject)} Beside it graph B, which computes the gradients: "
        f"{len(entry)} nodes ∇[u], one for each u, and {len(nodes) - len(entry)} others."
    )
    title = f"{title_of(subject)} with its graph of gradients"
    return Scene(title, description, tuple(cards), tuple(edges), (), direction, True, g.home)


def _names(subject: Subject, nodes: list[Value]) -> dict[Value, str]:
    """Ids of cards: node-b3 for ∇[u3], and numbers of their own for the others."""
    entry = {b: u for u, b in subject.entries.items()}
    names, others = {}, 0
    for node in nodes:
        if node in entry:
            names[node] = f"node-b{subject.graph.index(entry[node])}"
        else:
            others += 1
            names[node] = f"node-h{others}"
    return names


def _card(subject: Subject, node: Value, name: str, of: Value | None, partner: str) -> Card:
    label = f"∇[{subject.name(of)}]" if of is not None else label_text(node.label)
    value = exact(node.data)
    about = f"{label} = {value}" if label else f"= {value}"
    if node.operation is not None:
        about += f"\n{node.operation.name} of {len(node.arguments)} numbers"
    return Card(
        id=name,
        kind="input" if node.operation is None else "interior",
        name="" if of is not None else name.removeprefix("node-"),
        symbol=symbol_of(node),
        label=label,
        value=short(node.data),
        gradient=None,
        tooltip=about,
        family="B",
        partner=partner,
    )


def _edges(
    subject: Subject, node: Value, names: Mapping[Value, str], shown: Mapping[Value, str]
) -> list[Edge]:
    edges = []
    target = names[node]
    for k, (parent, derivative) in enumerate(
        zip(node.parents, node.local_derivatives, strict=True)
    ):
        inside = parent in names
        source = names[parent] if inside else f"node-u{subject.graph.index(parent)}"
        edges.append(
            Edge(
                id=f"edge-{source[5:]}-{target[5:]}-{k}",
                source=source,
                target=target,
                label="",
                tooltip=f"{shown[parent]} → {shown[node]}: local derivative {exact(derivative)}",
                family="B" if inside else "GB",
            )
        )
    return edges
