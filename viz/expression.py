"""Expressions such as `(a + b) * (b + 1)` or `c = a + b; c * tanh(c)`, read and computed.

A parser of its own, by precedence climbing: names, numbers, + - * / **, brackets, lists and the
functions below are all there is. What it reads it applies at once through the table of operations,
so that a mistake of any kind (a stray bracket, log of −1) is reported with its place in the text.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import autograd
from autograd import AutogradError, Value
from autograd.apply import apply
from autograd.operation import lookup

from .tokens import ExpressionError, Token, tokens_of

LENGTH, DEPTH, OPERATIONS = 10_000, 60, 2_000

OF_NUMBERS = [
    "abs", "exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan",
    "sinh", "cosh", "tanh", "sigmoid", "softplus", "relu", "leaky_relu", "erf", "sign", "step",
    "maximum", "minimum", "clip", "where",
]  # fmt: skip
OF_LISTS = ["sum", "prod", "max", "min", "logsumexp", "dot"]
FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: getattr(autograd, name) for name in (*OF_NUMBERS, *OF_LISTS)
}
FUNCTIONS |= {"σ": FUNCTIONS["sigmoid"], "√": FUNCTIONS["sqrt"]}  # as the tables write them

_OTHERWISE = {"ln": "log(x)", "log2": "log(x)/log(2)", "log10": "log(x)/log(10)", "pow": "x**y"}
_LOWERED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_BINARY = {"+": 1, "-": 1, "*": 2, "/": 2, "**": 4}
_PREFIX = 3  # a sign binds tighter than a product and looser than a power: −x² is −(x²)


def evaluate(text: str, inputs: Mapping[str, float]) -> Value:
    """The value of an expression, as a node whose graph has the inputs' names for labels."""
    if len(text) > LENGTH:
        message = f"an expression of {len(text)} characters; up to {LENGTH} are read"
        raise ExpressionError(message, text, LENGTH)
    return _Reader(text, inputs).program()


class _Reader:
    """One pass over the tokens of a text."""

    def __init__(self, text: str, inputs: Mapping[str, float]) -> None:
        self.text, self.inputs = text, inputs
        self.tokens, self.position = tokens_of(text), 0
        self.depth = self.operations = 0
        self.names: dict[str, Any] = {"pi": math.pi}
        self.names.update({name: Value(x, name) for name, x in inputs.items()})
        self.used: set[str] = set()  # names
        self.named: set[int] = set()  # places of parts

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def error(self, message: str, place: int | None = None) -> ExpressionError:
        return ExpressionError(message, self.text, self.token.place if place is None else place)

    def taken(self, sign: str) -> bool:
        """Go past this sign, if it is what stands here."""
        found = self.token.kind == "sign" and self.token.text == sign
        self.position += found
        return found

    def expect(self, sign: str, opening: Token) -> None:
        if not self.taken(sign):
            self.reject(f"{sign!r} is missing for the {opening.text!r} at {opening.place + 1}")

    def reject(self, wanted: str) -> None:
        ends = self.token.kind == "end"
        what = "the expression ends too early" if ends else f"unexpected {self.token.text!r}"
        raise self.error(f"{what}: {wanted}")

    def program(self) -> Value:
        """name = expression; …; the last one is the output."""
        self.separated()
        parts, output = [self.token], self.statement()
        while self.separated() and self.token.kind != "end":
            parts.append(self.token)
            output = self.statement()
        if self.token.kind != "end":
            self.reject("an operator or the end should stand here")
        unused = [name for name in self.inputs if name not in self.used]
        if unused:
            raise self.error(f"{unused[0]} is given but does not occur in the expression", 0)
        self.check_all_used(parts)
        if type(output) is not Value:
            raise self.error("there is nothing to differentiate: no variable occurs in it", 0)
        return output

    def separated(self) -> bool:
        """Go past the ends of parts, of which empty lines make several."""
        start = self.position
        while self.taken(";"):
            pass
        return self.position > start

    def check_all_used(self, parts: list[Token]) -> None:
        """Only the last part is shown; whatever comes before it is there to be used."""
        for token in parts[:-1]:
            if token.place not in self.named:
                message = "only the last part is shown: name this one (c = …) and use it below"
                raise self.error(message, token.place)
            if token.text not in self.used:
                raise self.error(f"{token.text!r} is not used in what follows it", token.place)

    def statement(self) -> Any:
        token, following = self.token, self.tokens[min(self.position + 1, len(self.tokens) - 1)]
        if (token.kind, following.text) != ("name", "="):
            return self.single(self.token, self.expression())
        self.position += 2
        if token.text in self.names and token.text != "pi":
            raise self.error(f"{token.text!r} has a value already", token.place)
        value = self.single(self.token, self.expression())
        if type(value) is Value:
            value = +value if value.label else value  # `c = a` is a node of its own
            value.label = token.text
        self.names[token.text] = value
        self.named.add(token.place)
        return value

    def single(self, start: Token, value: Any) -> Any:
        if isinstance(value, list):
            raise self.error(
                "a list stands only inside a function: dot([a, b], [x, y])", start.place
            )
        return value

    def expression(self, tighter_than: int = 0) -> Any:
        """Operands and operators for as long as the operators bind tighter."""
        self.depth += 1
        if self.depth > DEPTH:
            raise self.error(f"more than {DEPTH} levels of brackets and signs")
        left = self.prefixed()
        while self.token.kind == "sign" and _BINARY.get(self.token.text, 0) > tighter_than:
            operator, start = self.token, self.position
            self.position += 1
            binding = _BINARY[operator.text]
            right = self.expression(binding - (operator.text == "**"))
            self.single(self.tokens[start - 1], left)
            left = self.computed(operator, operator.text, left, self.single(operator, right))
        self.depth -= 1
        return left

    def prefixed(self) -> Any:
        token = self.token
        if self.taken("-"):
            operand = self.single(token, self.expression(_PREFIX - 1))
            return self.computed(token, "neg", operand)
        if self.taken("+"):
            return self.single(token, self.expression(_PREFIX - 1))
        return self.raised(self.operand())

    def raised(self, operand: Any) -> Any:
        """x² and x⁻¹, as the tables write them."""
        token = self.token
        if token.kind != "raised":
            return operand
        self.position += 1
        exponent = self.number(token._replace(text=token.text.translate(_LOWERED)))
        return self.computed(token, "**", self.single(token, operand), exponent)

    def operand(self) -> Any:
        token = self.token
        if token.kind == "number":
            self.position += 1
            return self.number(token)
        if token.kind == "name":
            self.position += 1
            return self.call(token) if self.taken("(") else self.variable(token)
        if self.taken("("):
            inside = self.expression()
            self.expect(")", token)
            return inside
        if self.taken("["):
            return self.listed("]", token)
        return self.reject("a number, a name or '(' should stand here")

    def number(self, token: Token) -> float:
        x = float(token.text)
        if math.isinf(x):
            raise self.error(f"{token.text} is too large for a float", token.place)
        return x

    def variable(self, token: Token) -> Any:
        if token.text not in self.names:
            if token.text in FUNCTIONS:
                raise self.error(
                    f"the function {token.text} needs its arguments: {token.text}(…)", token.place
                )
            if not token.text.isidentifier():  # ½, say
                raise self.error(f"{token.text!r} is not a name", token.place)
            hint = ", or write exp(x) for e**x" if token.text == "e" else ""
            raise self.error(f"{token.text!r} has no value: add {token.text}=…{hint}", token.place)
        self.used.add(token.text)
        return self.names[token.text]

    def listed(self, closing: str, opening: Token) -> list[Any]:
        """Expressions between commas."""
        items: list[Any] = []
        while not self.taken(closing):
            items.append(self.expression())
            if not self.taken(","):
                self.expect(closing, opening)
                break
        return items

    def call(self, token: Token) -> Any:
        """f(x, …); the functions of lists take max(a, b) for max([a, b]) too."""
        if token.text not in FUNCTIONS:
            hint = f": write {_OTHERWISE[token.text]}" if token.text in _OTHERWISE else ""
            known = hint or f"; there are: {', '.join(FUNCTIONS)}"
            raise self.error(f"no function {token.text!r}{known}", token.place)
        arguments = self.listed(")", self.tokens[self.position - 1])
        if token.text in OF_LISTS and token.text != "dot" and not _is_list_of_lists(arguments):
            arguments = [arguments]
        numbers = [a for a in arguments if not isinstance(a, list)]
        if token.text in OF_LISTS:
            numbers += [x for a in arguments if isinstance(a, list) for x in a]
        if any(isinstance(x, list) for x in numbers) or (
            len(numbers) < len(arguments) and (token.text in OF_NUMBERS)
        ):
            wanted = "lists of numbers" if token.text in OF_LISTS else "numbers, not lists"
            raise self.error(f"{token.text}(…) takes {wanted}", token.place)
        return self.guarded(token, FUNCTIONS[token.text], arguments)

    def computed(self, token: Token, name: str, *arguments: Any) -> Any:
        return self.guarded(token, apply, [lookup(name), arguments])

    def guarded(self, token: Token, function: Callable[..., Any], arguments: list[Any]) -> Any:
        """Apply a function; what goes wrong in it went wrong at the token."""
        self.operations += 1
        if self.operations > OPERATIONS:
            raise self.error(f"more than {OPERATIONS} operations", token.place)
        try:
            return function(*arguments)
        except AutogradError as error:
            raise self.error(str(error), token.place) from None
        except TypeError as error:
            raise self.error(_in_words(token.text, error), token.place) from None


def _is_list_of_lists(arguments: list[Any]) -> bool:
    return len(arguments) == 1 and isinstance(arguments[0], list)


def _in_words(name: str, error: TypeError) -> str:
    """Python's complaint about a number of arguments, without Python's words for it."""
    return f"{name}(…) with a wrong number of arguments: {str(error).partition(')')[2].strip()}"
