"""Names, numbers and formulas as a textbook sets them: u⁽⁵⁾, w₁, −1.25, σ(u⁽³⁾).

What is decided here is what the stepper and the explanations share. A name is three pieces of
text (base, below, above); a formula is a list of pieces of text and of nodes, so
that whoever shows it puts names or numbers in the places and escapes what it has to.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd import Value
from autograd.errors import ArgumentError
from autograd.formulas import Formula, derivative_formulas
from autograd.graph import MANY
from autograd.operation import Operation, lookup

from .names import labels_of
from .text import LONGEST, label_text

if TYPE_CHECKING:
    from autograd.graph import Graph

_OPERATORS = ("+", "−", "·", "/", "^")
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"
_LOWERED = str.maketrans(_SUPERSCRIPTS, "0123456789-")
_FIRST_PLACE = 0xE000  # private-use characters stand for the operands while a formula is written
_INDEXED = re.compile(r"([^\W\d_])(?:_([^\W_]{1,8})|(\d{1,4}))")
_NUMBERED = re.compile(r"(.+)⁽([⁰¹²³⁴⁵⁶⁷⁸⁹]+)⁾")


class Name(NamedTuple):
    """A name in three pieces: w₁ is ("w", "1", ""), u⁽⁵⁾ is ("u", "", "(5)")."""

    base: str
    below: str = ""
    above: str = ""

    @property
    def plain(self) -> str:
        """The name for a terminal, a title or a screen reader: w1, u_in, u5."""
        joint = "_" if self.below and not self.below.isdigit() else ""
        number = self.above.strip("()")
        first = self.base + joint + self.below
        if first == "u" or not number:
            return first + number
        return _numbered(first, int(number))


def name_of(graph: Graph, node: Value, label: str = "") -> Name:
    """The label given or its own, its index set below where it has one; else u⁽ʲ⁾."""
    text = label_text(label or node.label)
    if not text:
        return Name("u", "", f"({graph.index(node)})")
    number = _NUMBERED.fullmatch(text)
    base, above = (number[1], f"({number[2].translate(_LOWERED)})") if number else (text, "")
    indexed = _INDEXED.fullmatch(base)
    return Name(indexed[1], indexed[2] or indexed[3], above) if indexed else Name(base, "", above)


def _numbered(label: str, number: int) -> str:
    """A label with the number of its node, as u⁽⁵⁾ has it, for one that several nodes have."""
    above = "".join([_SUPERSCRIPTS[int(digit)] for digit in str(number)])
    return f"{label_text(label, LONGEST - len(above) - 2)}⁽{above}⁾"


def told_apart(graph: Graph, labels: Mapping[Value, str]) -> dict[Value, str]:
    """The labels; where several nodes have the same, with their numbers: w1⁽⁵⁾, w1⁽⁹⁾."""
    shown = {node: label_text(labels.get(node) or node.label) for node in graph}
    uses = Counter(shown.values())
    return {
        node: label if uses[label] == 1 else _numbered(label, graph.index(node))
        for node, label in shown.items()
        if label
    }


Naming = Callable[[Value], Name]


def naming_of(graph: Graph, names: Any) -> Naming:
    """The name of any node of a graph: from `names`, from its label, or u⁽ʲ⁾."""
    labels = told_apart(graph, labels_of(names)[0])
    return lambda node: name_of(graph, node, labels.get(node, ""))


def latex_name(name: Name) -> str:
    """A name in LaTeX; every character of it stands for itself."""
    base = latex_text(name.base)
    if len(name.base) > 1:
        base = rf"\mathit{{{base}}}" if name.base.isascii() and name.base.isalnum() else base
    below = f"_{{{latex_text(name.below)}}}" if name.below else ""
    above = f"^{{{name.above}}}" if name.above else ""
    return f"{{{base}{below}{above}}}"


def latex_text(text: str) -> str:
    """Characters of a label in LaTeX's mathematics, none of them with a meaning of its own."""
    return "".join(map(_latex_character, text))


_LATEX_ESCAPES = {
    **{c: "\\" + c for c in "#$%&_{}"},
    "\\": r"\backslash{}",
    "^": r"{\wedge}",
    "~": r"{\sim}",
    " ": r"\ ",
    "'": r"\text{'}",
    "-": r"\text{-}",
    "<": "{<}",  # apart from what follows, should the LaTeX be put into a page as it is
}


def _latex_character(character: str) -> str:
    if character in _LATEX_ESCAPES:
        return _LATEX_ESCAPES[character]
    if character.isascii():
        return character
    greek = re.fullmatch(
        "GREEK (SMALL|CAPITAL) LETTER (ALPHA|BETA|GAMMA|DELTA|EPSILON|ZETA|ETA|THETA|LAMDA|MU|NU|"
        "XI|PI|RHO|SIGMA|TAU|PHI|CHI|PSI|OMEGA)",
        unicodedata.name(character, ""),
    )
    letter = greek[2].lower().replace("lamda", "lambda") if greek else ""
    if greek is None or (greek[1] == "CAPITAL" and letter not in _CAPITALS):
        return rf"\text{{{character}}}"
    return rf"{{\{letter if greek[1] == 'SMALL' else letter.capitalize()}}}"


_CAPITALS = ("gamma", "delta", "theta", "lambda", "xi", "pi", "sigma", "phi", "psi", "omega")


def bracketed(text: str) -> str:
    """A number as a factor: in brackets where it has a sign or is a product itself."""
    return f"({text})" if text.startswith("−") or "×" in text else text


def latex_number(text: str) -> str:
    """A number that was written for the eye, in LaTeX."""
    mantissa, times, exponent = text.partition("×10")
    if times:
        power = exponent.rstrip(")").translate(_LOWERED)
        closing = ")" if exponent.endswith(")") else ""
        text = rf"{mantissa} \cdot 10^{{{power}}}{closing}"
    return text.replace("−", "-").replace("∞", r"\infty").replace("nan", r"\mathrm{nan}")


class Template(NamedTuple):
    """A formula in pieces: text, and the nodes whose names or numbers stand in between.

    `raised` holds the places (indices into `pieces`) that have an exponent, `guarded` all those at
    which a negative number needs brackets.
    """

    pieces: tuple[str | Value, ...]
    guarded: frozenset[int] = frozenset()
    raised: frozenset[int] = frozenset()

    def written(self, name: Callable[[Value], str]) -> str:
        """The formula with names put in."""
        return "".join([name(p) if type(p) is Value else str(p) for p in self.pieces])


def template_of(node: Value, style: str = "text") -> Template:
    """How a node is computed, with places for its operands; nothing for an input."""
    operation, arguments = node.operation, node.arguments
    if operation is None:
        return Template(())
    if len(arguments) > MANY:
        return Template((f"{operation.name} of {len(arguments)} numbers",))
    return _filled(Formula(operation, *_places(arguments)), arguments, style)


def derivative_of(node: Value, operand: Value, style: str = "text") -> Template:
    """∂node/∂operand as a formula, the sum over its uses; nothing where it is a plain number."""
    operation, arguments = node.operation, node.arguments
    if operation is None or len(arguments) > MANY or not in_table(operation):
        return Template(())
    everything = (*arguments, node)
    *places, u = _places(everything)
    try:
        rules = derivative_formulas(operation, places, u)
    except Exception:  # a user's rule may branch, or call what formulas cannot pass through
        return Template(())
    own = [rule for rule, a in zip(rules, arguments, strict=True) if a is operand]
    formula = simplified(reduce(add, own))
    plain = isinstance(formula.content, (int, float))
    return Template(()) if plain else _filled(formula, everything, style)


def simplified(formula: Formula) -> Formula:
    """2·x for 2·x^(2 − 1): plain numbers are computed, powers and factors of 1 left out."""
    operation, arguments = formula.content, [simplified(a) for a in formula.arguments]
    if not isinstance(operation, Operation):
        return formula
    contents = [a.content for a in arguments]
    if operation.name == "mainly" or (operation.name in ("*", "/", "**") and contents[1] == 1.0):
        return arguments[0]
    if operation.name == "*" and contents[0] == 1.0:
        return arguments[1]
    numbers = [x for x in contents if isinstance(x, (int, float))]
    if operation.name in ("+", "-", "*", "neg") and len(numbers) == len(contents):
        return Formula(operation.forward(*numbers))
    return Formula(operation, *arguments)


def in_table(operation: Operation) -> bool:
    """Whether the rule is one of a kind of operation, not of one node (as a checkpoint's is)."""
    try:
        return bool(lookup(operation.name))
    except ArgumentError:
        return False


def _places(arguments: Sequence[Value | float]) -> list[Formula]:
    """The arguments as formulas; nodes are private-use characters that are replaced afterwards."""
    return [
        Formula(chr(_FIRST_PLACE + i) if isinstance(a, Value) else a)
        for i, a in enumerate(arguments)
    ]


def _filled(formula: Formula, arguments: Sequence[Value | float], style: str) -> Template:
    """The formula's text cut at the places, the nodes put in."""
    texts = re.split("([\ue000-\ue0ff])", formula.written(style))
    if style == "latex":
        texts = [text.replace("−", "-") for text in texts]
    pieces: list[str | Value] = []
    guarded: set[int] = set()
    raised: set[int] = set()
    for i, text in enumerate(texts):
        if i % 2 == 0:
            pieces += [text] if text else []
            continue
        if texts[i + 1][:1] in (*_SUPERSCRIPTS, "^"):
            raised.add(len(pieces))
        if texts[i - 1].rstrip().endswith(_OPERATORS):
            guarded.add(len(pieces))
        node = arguments[ord(text) - _FIRST_PLACE]
        assert isinstance(node, Value)
        pieces.append(node)
    return Template(tuple(pieces), frozenset(guarded | raised), frozenset(raised))
