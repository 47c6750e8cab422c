"""The words and numbers of one card or edge: symbol, tooltip, formula, local derivative."""

from __future__ import annotations

from autograd import Value
from autograd.display import number_text, power_text
from autograd.formulas import Formula, derivative_formulas

from .notation import in_table, simplified
from .scene import NOT_COMPUTED
from .subject import Subject
from .text import exact, label_text

MANY = 12  # arguments, above which formulas are not written out
LONG = 200  # characters of a formula or a path
_GLYPHS = {"dot": "Σ xy"}  # where the table's glyph is too slight to stand alone
_INFIX = ("+", "-", "*", "/")


def symbol_of(node: Value) -> str:
    """The glyph of a node's operation, with the plain number where one operand is one: x², + 1."""
    operation, arguments = node.operation, node.arguments
    if operation is None:
        return ""
    if len(arguments) == 2 and len(node.parents) == 1:
        left, right = arguments
        if operation.name == "**":
            return _power(left, right)
        if operation.name in _INFIX:
            return _one_sided(operation.symbol, left, right)
    return _GLYPHS.get(operation.name) or label_text(operation.symbol, 12)


def _power(left: Value | float, right: Value | float) -> str:
    if type(left) is Value:
        assert not isinstance(right, Value)
        return power_text("x", number_text(right, ".4g"))
    assert not isinstance(left, Value)
    return f"{number_text(left, '.4g')}ˣ"


def _one_sided(symbol: str, left: Value | float, right: Value | float) -> str:
    if not isinstance(left, Value):
        return f"{number_text(left, '.4g')} {symbol}"
    return f"{symbol} {number_text(right, '.4g')}" if not isinstance(right, Value) else symbol


def formula_of(subject: Subject, node: Value) -> str:
    """How a node is computed, in the names of its operands; "" for an input."""
    operation, arguments = node.operation, node.arguments
    if operation is None:
        return ""
    if len(arguments) > MANY:
        return f"{operation.name} of {len(arguments)} numbers"
    names = [subject.name(a) if type(a) is Value else a for a in arguments]
    return label_text(Formula(operation, *names).written("text"), LONG)


def _numbers_filled_in(subject: Subject, node: Value) -> str:
    assert node.operation is not None
    numbers = [subject.value(a) if isinstance(a, Value) else a for a in node.arguments]
    shown = [x if x < 0 else number_text(x) for x in numbers]
    return label_text(Formula(node.operation, *shown).written("text"), LONG)


def _program(subject: Subject, node: Value) -> str:
    """The same as it is spelled in a program."""
    assert node.operation is not None
    names = [subject.name(a) if type(a) is Value else repr(a) for a in node.arguments]
    name = node.operation.name
    if name in (*_INFIX, "**"):
        return f" {name} ".join(names)
    sign = {"neg": "-", "pos": "+"}.get(name)
    return f"{sign}{names[0]}" if sign else f"{name}({', '.join(names)})"


def node_tooltip(subject: Subject, node: Value) -> str:
    """What a card says in full: formula, numbers, all digits, gradient, program, scope."""
    name = subject.name(node)
    lines = [f"u{subject.graph.index(node)}"]
    full = subject.labels.get(node) or node.label
    if full:
        lines[0] += f"  {label_text(full, LONG)}"
    value = exact(subject.value(node))
    if node.operation is None:
        lines.append(f"{subject.role(node)} {name} = {value}")
    else:
        lines.append(f"{name} = {formula_of(subject, node)}")
        if len(node.arguments) <= MANY:
            lines.append(f"{name} = {_numbers_filled_in(subject, node)} = {value}")
            lines.append(f"program: {_program(subject, node)}")
        else:
            lines.append(f"{name} = {value}")
    if not subject.entries:
        gradient = NOT_COMPUTED if subject.gradient is None else exact(subject.gradient(node))
        lines.append(f"∇[{name}] = {gradient}")
    if node.scope:
        lines.append(f"in {label_text(node.scope, LONG)}")
    return "\n".join(lines)


def edge_tooltips(subject: Subject, node: Value) -> list[str]:
    """∂u/∂p for each parent p: as a formula, where there is one, and with all digits."""
    u = subject.name(node)
    texts = []
    formulas = _derivative_texts(subject, node)
    derivatives = subject.local_derivatives(node)
    for parent, derivative, formula in zip(node.parents, derivatives, formulas, strict=True):
        value = exact(derivative)
        plain = value if derivative is None else number_text(derivative)
        middle = f"{formula} = " if formula not in ("", value, plain) else ""
        texts.append(f"∂{u}/∂{subject.name(parent)} = {middle}{value}")
    return texts


def _derivative_texts(subject: Subject, node: Value) -> list[str]:
    operation, arguments = node.operation, node.arguments
    if operation is None or not in_table(operation):
        return [""] * len(node.parents)
    names = [Formula(subject.name(a) if isinstance(a, Value) else a) for a in arguments]
    try:
        rules = derivative_formulas(operation, names, Formula(subject.name(node)))
        own = [d for a, d in zip(arguments, rules, strict=True) if type(a) is Value]
        return [_short_formula(d, len(arguments)) for d in own]
    except Exception:  # a user's rule may branch or call what formulas cannot pass through
        return [""] * len(node.parents)


def _short_formula(formula: Formula, arguments: int) -> str:
    """The formula as text, unless it grows with the number of arguments and those are many."""
    if arguments > MANY and not isinstance(formula.content, (str, float, int)):
        return ""
    return label_text(simplified(formula).written("text"), 120)
