"""The pieces of which an expression is written, each with its place, and mistakes with theirs."""

from __future__ import annotations

import re
from typing import NamedTuple

from autograd import ArgumentError

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<raised>⁻?[⁰¹²³⁴-⁹]+)|(?P<name>√|[^\W\d⁰¹²³⁴-⁹][^\W⁰¹²³⁴-⁹]*)"
    r"|(?P<sign>\*\*|[-+*/()\[\],=;])|(?P<end>$))"
)
_TYPED = str.maketrans({"−": "-", "×": "*", "·": "*", "÷": "/", "\n": ";"})


class ExpressionError(ArgumentError):
    """A mistake in an expression, and where it is."""

    def __init__(self, message: str, text: str, place: int) -> None:
        super().__init__(message)
        self.text, self.place = text, place

    def pointed(self, width: int = 72) -> str:
        """The message, the text around the mistake, and a caret under it."""
        start = max(0, self.place - width // 2)
        before, line = ("…" if start else ""), self.text[start : start + width]
        after = "…" if start + width < len(self.text) else ""
        line = "".join(c if c.isprintable() else " " for c in before + line + after)
        return f"{self}\n  {line}\n  {' ' * (self.place - start + len(before))}^"


class Token(NamedTuple):
    """A piece of the text: what kind, what, and where."""

    kind: str
    text: str
    place: int


def tokens_of(text: str) -> list[Token]:
    """The text cut up."""
    typed, place = text.translate(_TYPED), 0
    tokens: list[Token] = []
    while not tokens or tokens[-1].kind != "end":
        match = _TOKEN.match(typed, place)
        if match is None or match.lastgroup is None:
            start = place + len(typed[place:]) - len(typed[place:].lstrip())
            raise ExpressionError(_unexpected(typed, start), text, start)
        tokens.append(Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)))
        place = match.end()
    return tokens


def _unexpected(typed: str, start: int) -> str:
    """What cannot be read, and how it is written instead; a < b in the names that were typed."""
    character = typed[start]
    hint = {"^": "; a power is written **", "|": "; |x| is written abs(x)"}.get(character, "")
    sides = re.search(r"(\w+)\s*$", typed[:start]), re.match(r"\s*(\w+)", typed[start + 1 :])
    if character in "<>" and sides[0] and sides[1]:
        less, more = (side[1] for side in (sides if character == "<" else sides[::-1]) if side)
        hint = f"; write step({more} - {less})"
    return f"unexpected {character!r}{hint}"
