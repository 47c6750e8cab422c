"""From a graph to a scene: one card a node, one edge a use of an operand, one box a scope."""

from __future__ import annotations

from collections.abc import Iterable

from autograd import Graph, Value

from .describe import edge_tooltips, formula_of, node_tooltip, symbol_of
from .scene import NOT_COMPUTED, Box, Card, Edge, Kind, Scene
from .subject import Subject
from .text import exact, label_text, short

DEEPEST = 8  # frames inside one another; scopes further in share the innermost


def plain_scene(subject: Subject, direction: str = "LR") -> Scene:
    """The scene of a graph in which nothing is folded."""
    boxes = boxes_of(home(subject, node) for node in subject.graph.nodes)
    ids = {path: box.id for path, box in boxes.items()}
    cards = [card_of(subject, node, ids) for node in subject.graph.nodes]
    edges = [edge for node in subject.graph.nodes for edge in edges_into(subject, node)]
    return Scene(
        title_of(subject),
        description_of(subject),
        tuple(cards),
        tuple(edges),
        tuple(boxes.values()),
        direction,
        subject.gradient is not None,
        {i: f"node-u{i}" for i in range(1, len(subject.graph.nodes) + 1)},
    )


def card_of(subject: Subject, node: Value, boxes: dict[tuple[str, ...], str]) -> Card:
    """The card of a node of G."""
    gradient = NOT_COMPUTED if subject.gradient is None else short(subject.gradient(node))
    return Card(
        id=card_id(subject, node),
        kind=kind_of(subject, node),
        name=f"u{subject.graph.index(node)}",
        symbol=symbol_of(node),
        label=subject.label(node),
        value=short(subject.value(node)),
        gradient=None if subject.entries else gradient,
        tooltip=node_tooltip(subject, node),
        box=boxes.get(home(subject, node), ""),
    )


def card_id(subject: Subject, node: Value) -> str:
    """The id that the card of a node has in every drawing of its graph."""
    return f"node-u{subject.graph.index(node)}"


def edges_into(subject: Subject, node: Value) -> Iterable[Edge]:
    """The edges from a node's operands, each with its local derivative."""
    if not node.parents:
        return
    target = subject.graph.index(node)
    derivatives = subject.local_derivatives(node)
    tooltips = edge_tooltips(subject, node)
    for k, (parent, derivative) in enumerate(zip(node.parents, derivatives, strict=True)):
        source = subject.graph.index(parent)
        yield Edge(
            id=f"edge-u{source}-u{target}-{k}",
            source=f"node-u{source}",
            target=f"node-u{target}",
            label="" if derivative is None else short(derivative),
            tooltip=tooltips[k],
        )


def kind_of(subject: Subject, node: Value) -> Kind:
    """Inputs, the parameters among them, outputs, and what is in between."""
    if node.operation is None:
        return "parameter" if subject.is_parameter(node) else "input"
    return "output" if any(node is output for output in subject.graph.outputs) else "interior"


def home(subject: Subject, node: Value) -> tuple[str, ...]:
    """The scope path of a node, as far as boxes are drawn."""
    return tuple([part for part in node.scope.split("/") if part][:DEEPEST])


def boxes_of(paths: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], Box]:
    """A box for each scope on these paths, the outer before the inner."""
    boxes: dict[tuple[str, ...], Box] = {}
    for path in paths:
        for depth in range(1, len(path) + 1):
            part = path[:depth]
            if part not in boxes:
                parent = boxes[path[: depth - 1]].id if depth > 1 else ""
                title, full = label_text(part[-1]), label_text("/".join(part), 200)
                boxes[part] = Box(f"box-{len(boxes) + 1}", title, full, parent)
    return boxes


def title_of(subject: Subject) -> str:
    """What the drawing shows, in one line."""
    names = [subject.name(output) for output in subject.graph.outputs[:4]]
    more = ", …" if len(subject.graph.outputs) > 4 else ""
    return f"Computation graph of {', '.join(names)}{more}" if names else "Empty computation graph"


def description_of(subject: Subject) -> str:
    """What the drawing shows, for those who do not see it."""
    graph = subject.graph
    parts = [_counted(graph)]
    for output in graph.outputs[:4]:
        formula = formula_of(subject, output)
        middle = f" = {formula}" if formula else ""
        parts.append(f"{subject.name(output)}{middle} = {exact(subject.value(output))}.")
    if subject.gradient is None:
        parts.append("Gradients are not computed yet.")
    else:
        shown = [
            f"{subject.name(node)} {short(subject.gradient(node))}" for node in graph.inputs[:12]
        ]
        more = ", …" if len(graph.inputs) > 12 else ""
        parts.append(f"Gradients of the inputs: {', '.join(shown)}{more}.")
    return " ".join(parts)


def _counted(graph: Graph) -> str:
    inputs, inner = len(graph.inputs), len(graph.nodes) - len(graph.inputs)
    return f"{inputs} input{'s' * (inputs != 1)} and {inner} operation{'s' * (inner != 1)}."
