"""SVG: a scene and its placement as one self-contained picture.

Text stays text; every card and edge has an id, classes and a tooltip. Whatever comes from outside
passes `xml` on its way in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from math import dist

from .colors import DARK, LIGHT, declarations
from .layout import Placement, Rectangle, Route, placed
from .layout.placement import Point
from .scene import Box, Card, Edge, Scene
from .sizes import PAD, RIM, is_number, strip_width, symbol_size
from .text import xml

FONT = (
    "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue','Noto Sans',"
    "'Liberation Sans',Arial,sans-serif"
)


def svg_of(scene: Scene, placement: Placement | None = None, *, prefix: str = "") -> str:
    """The picture as SVG text; `prefix` goes before every id, for pages with several pictures."""
    placement = placed(scene) if placement is None else placement
    return "\n".join(_lines(scene, placement, prefix)) + "\n"


def _lines(scene: Scene, placement: Placement, prefix: str) -> Iterator[str]:
    width, height = _n(placement.width), _n(placement.height)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="gradtable" role="img" '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'aria-labelledby="{prefix}title {prefix}description">'
    )
    yield f'<title id="{prefix}title">{xml(scene.title)}</title>'
    yield f'<desc id="{prefix}description">{xml(scene.description)}</desc>'
    yield f"<style>{style()}</style>"
    yield _markers(prefix)
    yield f'<rect class="paper" width="{width}" height="{height}"/>'
    yield '<g class="boxes">'
    for box in scene.boxes:
        if box.id in placement.boxes:
            yield _box(box, placement.boxes[box.id], prefix)
    yield '</g>\n<g class="edges">'
    drawn: dict[tuple[Point, ...], float] = {}
    for edge in scene.edges:
        route = placement.routes[edge.id]
        yield _edge(edge, route, prefix, _drawn_already(route, drawn))
    yield '</g>\n<g class="links">'
    for card in scene.cards:
        if card.family == "B" and card.partner:
            yield _link(placement.cards[card.partner], placement.cards[card.id])
    yield '</g>\n<g class="nodes">'
    for card in scene.cards:
        yield _card(card, placement.cards[card.id], prefix)
    yield "</g>\n</svg>"


@cache
def style() -> str:
    """The style sheet of every picture; it reaches nothing outside `svg.gradtable`."""
    rules = "".join(_scoped(rule) for rule in RULES.strip().splitlines())
    light, dark = declarations(LIGHT), declarations(DARK)
    return (
        f"svg.gradtable{{{light};max-width:100%;height:auto;font-family:{FONT};"
        "font-variant-numeric:tabular-nums;color-scheme:light dark}"
        f"@media(prefers-color-scheme:dark){{svg.gradtable{{{dark}}}}}"
        f"@media print{{svg.gradtable{{{light}}}}}{rules}"
    )


def _scoped(rule: str) -> str:
    """A rule for this picture alone; where custom properties are unknown, in the light colours."""
    selectors, _, body = rule.partition("{")
    body = re.sub(r"([\w-]+):var\(--gt-([\w-]+)\)", _with_fallback, body)
    return ",".join(f"svg.gradtable {one}" for one in selectors.split(",")) + "{" + body


def _with_fallback(declaration: re.Match[str]) -> str:
    return f"{declaration[1]}:{LIGHT[declaration[2]]};{declaration[0]}"


RULES = """
.paper{fill:var(--gt-paper)}
.frame{fill:none;stroke:var(--gt-frame);stroke-width:1}
.box text{font-size:11px;fill:var(--gt-muted)}
text{fill:var(--gt-ink);white-space:pre}
.edge path{fill:none;stroke:var(--gt-line);stroke-width:1.1}
.edge .reach{stroke:transparent;stroke-width:9}
.edge text{font-size:10px;fill:var(--gt-muted)}
.edge text{paint-order:stroke;stroke:var(--gt-paper);stroke-width:3px;stroke-linejoin:round}
.edge.crowded text{opacity:0}
.edge.crowded:hover text,.edge.lit text{opacity:1}
.edge:hover .way{stroke:var(--gt-ink);stroke-width:1.8}
.edge:hover .way,.edge.lit .way,.edge.forward .way,.edge.backward .way{stroke-dasharray:none}
.edge.B .way{stroke:var(--gt-gradient)}
.edge.GB .way{stroke-dasharray:2 3}
.edge.forward .way{stroke:var(--gt-value);stroke-width:2.2}
.edge.backward .way{stroke:var(--gt-gradient);stroke-width:2.2}
.edge.forward text{fill:var(--gt-value);opacity:1}
.edge.backward text{fill:var(--gt-gradient);opacity:1}
marker path{fill:var(--gt-line);fill:context-stroke;stroke:none}
.link{fill:none;stroke:var(--gt-muted);stroke-width:1;stroke-dasharray:3 3}
.outline{fill:var(--gt-card);stroke:var(--gt-line);stroke-width:1.1}
.rim{fill:none;stroke:var(--gt-line);stroke-width:1.1}
.strip{fill:none;stroke:var(--gt-frame);stroke-width:1}
.input .outline{fill:var(--gt-card)}
.parameter .outline{fill:var(--gt-parameter-tint)}
.output .outline{fill:var(--gt-output-tint);stroke:var(--gt-ink)}
.output .rim{stroke:var(--gt-ink)}
.B .outline{fill:var(--gt-gradient-tint);stroke:var(--gt-gradient)}
.B .rim{stroke:var(--gt-gradient)}
.node.forward .outline{stroke:var(--gt-value);stroke-width:2.4}
.node.backward .outline{stroke:var(--gt-gradient);stroke-width:2.4}
.label{font-size:12px;font-weight:600}
.name{font-size:10px;fill:var(--gt-muted)}
.symbol{text-anchor:middle}
.value,.gradient{font-size:12px;text-anchor:end}
.value{fill:var(--gt-value)}
.gradient{fill:var(--gt-gradient)}
.gradient.unknown{font-size:10px;fill:var(--gt-muted);font-style:italic}
.B .value{fill:var(--gt-gradient)}
"""


def _markers(prefix: str) -> str:
    """Arrow heads in the colours of the lines."""
    return (
        f'<defs><marker id="{prefix}arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" markerUnits="userSpaceOnUse" orient="auto">'
        '<path d="M0.5,1L7.5,4L0.5,7Z"/></marker></defs>'
    )


def _box(box: Box, place: Rectangle, prefix: str) -> str:
    x, y, width, height = place.x, place.y, place.width, place.height
    return (
        f'<g class="box" id="{prefix}{box.id}"><title>{xml(box.tooltip)}</title>'
        f"{_rounded('frame', x, y, width, height, 8)}"
        f'<text x="{_n(x + 10)}" y="{_n(y + 15)}">{xml(box.title)}</text></g>'
    )


def _drawn_already(route: Route, drawn: dict[tuple[Point, ...], float]) -> float:
    """For how long an edge goes together with one that was drawn; and note what it adds.

    Lines on top of each other would look thicker than one. `drawn` tells how much of a curve is
    there: of a level piece, which may go on for longer, how far it was drawn that way.
    """
    together, apart = 0.0, False
    for i in range(0, len(route.points) - 1, 3):
        curve = route.points[i : i + 4]
        length = _length(curve)
        key = (curve[0], _heading(curve)) if _is_level(curve) else curve
        known = min(drawn.get(key, 0.0), length)
        together += 0.0 if apart else known
        apart = apart or known < length
        drawn[key] = max(drawn.get(key, 0.0), length)
    return together


def _is_level(curve: tuple[Point, ...]) -> bool:
    return any(len({point[axis] for point in curve}) == 1 for axis in (0, 1))


def _heading(curve: tuple[Point, ...]) -> Point:
    (a, b), (c, d) = curve[0], curve[3]
    return (c > a) - (c < a), (d > b) - (d < b)


def _length(curve: tuple[Point, ...]) -> float:
    if _is_level(curve):
        return dist(curve[0], curve[3])
    return sum([dist(a, b) for a, b in pairwise(Route(curve, (0, 0), "").sampled())])


def _edge(edge: Edge, route: Route, prefix: str, hidden: float) -> str:
    """An edge; what another edge shows of its way is hidden until the edge is lit up."""
    path = path_of(route)
    classes = f"edge {edge.family}{' crowded' * route.crowded}"
    dashes = f' stroke-dasharray="0 {_n(hidden)} 99999"' if hidden > 1 else ""
    x, y = route.label
    label = ""
    if edge.label:
        label = (
            f'<text x="{_n(x)}" y="{_n(y)}" text-anchor="{route.anchor}">{xml(edge.label)}</text>'
        )
    return (
        f'<g class="{classes}" id="{prefix}{edge.id}" data-source="{prefix}{edge.source}" '
        f'data-target="{prefix}{edge.target}"><title>{xml(edge.tooltip)}</title>'
        f'<path class="reach" d="{path}"/>'
        f'<path class="way" d="{path}"{dashes} marker-end="url(#{prefix}arrow)"/>{label}</g>'
    )


def path_of(route: Route) -> str:
    """The route as SVG path data; level pieces are lines.

    Pieces without length are left out: an arrow head at the end of one would not know its way.
    """
    points = route.points
    parts = [f"M{_n(points[0][0])},{_n(points[0][1])}"]
    for i in range(1, len(points), 3):
        a, b, c, d = curve = points[i - 1 : i + 3]
        if a == b == c == d:
            continue
        if _is_level(curve):
            parts.append(f"L{_n(d[0])},{_n(d[1])}")
        else:
            parts.append("C" + " ".join(f"{_n(p[0])},{_n(p[1])}" for p in (b, c, d)))
    return "".join(parts)


def _link(one: Rectangle, other: Rectangle) -> str:
    """From u to ∇[u]."""
    (x, y), (p, q) = one.centre, other.centre
    return f'<path class="link" d="M{_n(x)},{_n(y)}L{_n(p)},{_n(q)}"/>'


def _card(card: Card, place: Rectangle, prefix: str) -> str:
    strip = strip_width(card)
    x, y, width, height = place.x, place.y, place.width, place.height
    middle = y + height / 2
    parts = [
        f'<g class="node {card.kind} {card.family}" id="{prefix}{card.id}">'
        f"<title>{xml(card.tooltip)}</title>",
        *_outline(card, place),
    ]
    if card.symbol:
        size, rim = symbol_size(card.symbol), RIM if card.kind == "output" else 0.0
        parts.append(
            f'<path class="strip" d="M{_n(x + strip)},{_n(y + 4)}v{_n(height - 8)}"/>'
            f'<text class="symbol" font-size="{_n(size)}" x="{_n(x + (strip + rim) / 2)}" '
            f'y="{_n(middle + size * 0.35)}">{xml(card.symbol)}</text>'
        )
    left, right = x + strip + PAD, x + width - PAD
    upper = middle - 4 if card.gradient is not None else middle + 4.5
    if card.label:
        parts.append(_text("label", left, upper, card.label))
        if card.gradient is not None:
            parts.append(_text("name", left, middle + 12, card.name))
    else:
        parts.append(_text("name", left, upper, card.name))
    parts.append(_text("value", right, upper, card.value))
    if card.gradient is not None:
        known = is_number(card)
        text = f"∇ {card.gradient}" if known else card.gradient
        parts.append(_text(f"gradient{'' if known else ' unknown'}", right, middle + 12, text))
    return "".join([*parts, "</g>"])


def _text(kind: str, x: float, y: float, text: str) -> str:
    return f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}">{xml(text)}</text>'


def _outline(card: Card, place: Rectangle) -> Iterator[str]:
    """The edge of a card tells its kind, without colour."""
    x, y, width, height = place.x, place.y, place.width, place.height
    if card.kind == "parameter":
        yield f'<path class="outline" d="{_bevelled(place, 8.0)}"/>'
        return
    if card.family == "B":
        yield f'<path class="outline" d="{_dog_eared(place, 9.0)}"/>'
        return
    if card.kind == "group":
        yield _rounded("outline", x + 4, y + 4, width, height, 6)
    radius = {"input": min(height, 42.0) / 2.6}.get(card.kind, 6.0)
    yield _rounded("outline", x, y, width, height, radius)
    if card.kind == "output":
        yield _rounded("rim", x + RIM, y + RIM, width - 2 * RIM, height - 2 * RIM, 4)


def _rounded(kind: str, x: float, y: float, width: float, height: float, radius: float) -> str:
    return (
        f'<rect class="{kind}" x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" '
        f'height="{_n(height)}" rx="{_n(radius)}"/>'
    )


def _bevelled(place: Rectangle, cut: float) -> str:
    x, y, right, bottom = place.x, place.y, place.x + place.width, place.y + place.height
    corners = [
        (x + cut, y), (right - cut, y), (right, y + cut), (right, bottom - cut),
        (right - cut, bottom), (x + cut, bottom), (x, bottom - cut), (x, y + cut),
    ]  # fmt: skip
    return "M" + "L".join(f"{_n(a)},{_n(b)}" for a, b in corners) + "Z"


def _dog_eared(place: Rectangle, cut: float) -> str:
    x, y, right, bottom = place.x, place.y, place.x + place.width, place.y + place.height
    corners = [(x, y), (right - cut, y), (right, y + cut), (right, bottom), (x, bottom)]
    return "M" + "L".join(f"{_n(a)},{_n(b)}" for a, b in corners) + "Z"


def _n(x: float) -> str:
    return f"{x:.1f}".removesuffix(".0")
