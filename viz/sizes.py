"""How large a card is, and where its texts stand: known without asking any font."""

from __future__ import annotations

from collections import Counter
from math import ceil

from .scene import NOT_COMPUTED, Card, Scene
from .text import width_of

LABEL, NUMBER, SMALL, SYMBOL = 12.0, 12.0, 10.0, 15.0  # font sizes
HEIGHT = 42.0
PAD = 9.0
RIM = 3.0  # between the two lines around an output
SIMILAR = 36.0  # cards whose widths differ by so much are made equally wide
MOST_LINES = 12  # arriving edges for which a card grows


def symbol_size(symbol: str) -> float:
    """Font size of an operation's glyph: words are smaller."""
    return SYMBOL if len(symbol) <= 2 else 11.5


def strip_width(card: Card) -> float:
    """The compartment for the symbol."""
    if not card.symbol:
        return 0.0
    width = max(28.0, width_of(card.symbol, symbol_size(card.symbol)) + 13)
    return width + RIM if card.kind == "output" else width


def card_width(card: Card) -> float:
    """As wide as its two lines need."""
    label = width_of(card.label or card.name, LABEL)
    first = label + 14 + width_of(card.value, NUMBER)
    left = width_of(card.name, SMALL) if card.label else 0.0
    second = (
        left + 10 + width_of("∇ " + (card.gradient or ""), NUMBER if is_number(card) else SMALL)
    )
    least = 58.0 if card.symbol else 70.0
    needed = strip_width(card) + 2 * PAD + max(first, second, least)
    return 12.0 * ceil(needed / 12)  # so that most cards of a column are equally wide


def is_number(card: Card) -> bool:
    """Whether the card's gradient is known."""
    return card.gradient not in (None, NOT_COMPUTED)


def card_sizes(scene: Scene) -> dict[str, tuple[float, float]]:
    """Width and height of each card; many arriving edges make a card taller."""
    widths = _alike(scene)
    arriving = Counter(edge.target for edge in scene.edges)
    sideways = scene.direction in ("LR", "RL")
    sizes = {}
    for card in scene.cards:
        lines = min(arriving[card.id], MOST_LINES) if sideways and card.kind != "group" else 0
        height = max(HEIGHT if card.gradient is not None else 30.0, 13.0 * (lines - 1) + 16)
        sizes[card.id] = (widths[card.id], height)
    return sizes


def _alike(scene: Scene) -> dict[str, float]:
    """Widths: the same where they differ little, so that columns have straight edges."""
    own = {card.id: card_width(card) for card in scene.cards}
    widths: dict[str, float] = {}
    groups: dict[tuple[bool, str, bool], list[str]] = {}
    for card in scene.cards:
        folded = card.kind == "group"
        groups.setdefault((bool(card.symbol), card.family, folded), []).append(card.id)
    for (*_, folded), names in groups.items():
        similar = 2 * SIMILAR if folded else SIMILAR
        widest = 0.0
        for name in sorted(names, key=own.__getitem__, reverse=True):
            if not widest or own[name] < widest - similar:
                widest = own[name]
            widths[name] = widest
    for card in scene.cards:
        if card.partner and card.family == "G":
            pair = card.id, card.partner
            widths |= dict.fromkeys(pair, max([widths[name] for name in pair]))
    return widths
