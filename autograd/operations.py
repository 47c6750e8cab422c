"""The table of operations: one row each, and the only place where a derivative is written down.

A rule is ordinary arithmetic on the arguments and the result `u`. What flows through it decides
what it means: floats give the numbers on a node, arrays the same for a block of nodes, Values the
nodes of a gradient graph, formulas the text. A few rows serve only as derivatives of others, in a
form that stays accurate where the textbook's would cancel (`dtanh` is 1 − tanh²).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from math import isinf, nan, pi, sqrt
from operator import mul

from .apply import named
from .display import power_text
from .errors import DivisionError
from .operation import ANYTHING, ATOM, PLUS, POWER, PREFIX, TIMES, Operation, Requirement, register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Many = Sequence[Any]

# The operations that rules are written with, looked up when a rule is used.
exp, log, sin, cos, sinh, cosh, tanh = map(
    named, ["exp", "log", "sin", "cos", "sinh", "cosh", "tanh"]
)
sigmoid, step, sign, where, greater, equal, mainly, total = map(
    named, ["sigmoid", "step", "sign", "where", "greater", "equal", "mainly", "sum"]
)
dsigmoid, dtanh, dasin, datan = map(named, ["dsigmoid", "dtanh", "dasin", "datan"])


def row(name: str, python: str, *derivatives: Any, **how: Any) -> None:
    """Enter one row."""
    register(Operation(name, python, *derivatives, **how))


# ── helpers of rules that are longer than a line ──────────────────────────────────────────────────


def dot_rule(numbers: Many, u: Any) -> list[Any]:
    """By each x its y, by each y its x, by the bias 1."""
    n = len(numbers) // 2
    derivatives = [*numbers[n : 2 * n], *numbers[:n]]
    if len(numbers) % 2:
        derivatives.append(1.0)
    return derivatives


def prod_rule(factors: Many, u: Any) -> list[Any]:
    """Everything before times everything after, so that a zero among the factors is no trouble."""
    if len(factors) == 1:
        return [1.0]
    before = list(accumulate(factors[:-1], mul))
    after = list(accumulate(factors[:0:-1], mul))[::-1]
    inner = [b * a for b, a in zip(before, after[1:], strict=False)]
    return [after[0], *inner, before[-1]]


def softmax_rule(terms: Many, u: Any) -> list[Any]:
    """logsumexp: e^(x − u), divided by their sum, which is not quite 1 where u had to be rounded."""
    shares = [exp(x - u) for x in terms]
    whole = total(*shares)
    return [share / whole for share in shares]


def winners_rule(numbers: Many, u: Any) -> list[Any]:
    """max and min: the arguments that equal the result share it evenly."""
    winners = [equal(x, u) for x in numbers]
    count = total(*winners)
    return [winner / count for winner in winners]


def power_by_base(x: Any, y: Any) -> Any:
    """y·x^(y−1), but 0 where x = y = 0; in a graph with a plain exponent nothing is left to choose."""
    if type(y) is not float or type(x) is float:
        return mainly(y * x ** (y - 1.0), equal(x, 0.0) * equal(y, 0.0), 0.0)
    return y + 0.0 if y in (0.0, 1.0) else y * (x if y == 2.0 else x ** (y - 1.0))


def preferred(x: Any, y: Any) -> Any:
    """1 where x is the larger, ½ on a tie."""
    return greater(x, y) + equal(x, y) / 2.0


def joined(sign: str) -> Any:
    """Display: the arguments with a sign between them."""
    return lambda *terms: sign.join(terms)


def dot_written(times: str) -> Any:
    """Display: x₁·y₁ + … + b."""

    def written(*numbers: str) -> str:
        n = len(numbers) // 2
        pairs = zip(numbers[:n], numbers[n : 2 * n], strict=True)
        return " + ".join([*[f"{x}{times}{y}" for x, y in pairs], *numbers[2 * n :]])

    return written


finite = Requirement("a finite x", lambda x: not isinf(x))
unit = Requirement("−1 ≤ x ≤ 1", lambda x: -1 <= x <= 1)
divisor = Requirement("y ≠ 0", lambda x, y: y != 0, 1, DivisionError)
power_of_zero = Requirement("y ≥ 0 where x = 0", lambda x, y: x != 0 or y >= 0, 1, DivisionError)
power_of_negative = Requirement("x ≥ 0 where y is not whole", lambda x, y: x >= 0 or y % 1 == 0)

# fmt: off
# ── arithmetic ────────────────────────────────────────────────────────────────────────────────────
#   name    forward              by x                      by y

row("+",    "{0} + {1}",         lambda x, y, u: 1.0,      lambda x, y, u: 1.0,     binds=PLUS)
row("-",    "{0} - {1}",         lambda x, y, u: 1.0,      lambda x, y, u: -1.0,    binds=PLUS,
    text="{0} − {1}", symbol="−")
row("*",    "{0} * {1}",         lambda x, y, u: y,        lambda x, y, u: x,       binds=TIMES,
    text="{0}·{1}", latex=r"{0} \cdot {1}", symbol="×")
row("/",    "{0} / {1}",         lambda x, y, u: 1.0 / y,  lambda x, y, u: -u / y,  binds=TIMES,
    latex=r"\frac{{{0}}}{{{1}}}", latex_slots=ANYTHING, symbol="÷", requires=[divisor])
row("**",   "math.pow({0}, {1})",
    lambda x, y, u: power_by_base(x, y),
    lambda x, y, u: mainly(mainly(u * log(x), equal(x, 0.0), u * greater(y, 0.0)), greater(0.0, x), nan),
    array="np.power({0}, {1})", text=power_text, latex="{0}^{{{1}}}", latex_slots=(ATOM, ANYTHING),
    symbol="xʸ", binds=POWER, requires=[power_of_zero, power_of_negative])
row("neg",  "-{0}",              lambda x, u: -1.0,        text="−{0}", latex="-{0}", symbol="−", binds=PREFIX,
    text_slots=TIMES, latex_slots=TIMES)
row("pos",  "+{0}",              lambda x, u: 1.0,         text="{0}", latex="{0}", symbol="=", binds=PREFIX)
row("abs",  "abs({0})",          lambda x, u: sign(x),     array="np.abs({0})",
    text="|{0}|", latex=r"\left|{0}\right|", symbol="|x|")

# ── functions of one number ───────────────────────────────────────────────────────────────────────

row("exp",      "math.exp({0})",           lambda x, u: u,                       array="np.exp({0})")
row("expm1",    "math.expm1({0})",         lambda x, u: exp(x),                  array="np.expm1({0})")
row("log",      "math.log({0})",           lambda x, u: 1.0 / x,                 array="np.log({0})",
    requires=[Requirement("x > 0", lambda x: x > 0)])
row("log1p",    "math.log1p({0})",         lambda x, u: 1.0 / (1.0 + x),         array="np.log1p({0})",
    requires=[Requirement("x > −1", lambda x: x > -1)])
row("sqrt",     "math.sqrt({0})",          lambda x, u: 0.5 / u,                 array="np.sqrt({0})",
    text="√({0})", latex=r"\sqrt{{{0}}}", symbol="√", requires=[Requirement("x ≥ 0", lambda x: x >= 0)])
row("sin",      "math.sin({0})",           lambda x, u: cos(x),                  array="np.sin({0})", requires=[finite])
row("cos",      "math.cos({0})",           lambda x, u: -sin(x),                 array="np.cos({0})", requires=[finite])
row("tan",      "math.tan({0})",           lambda x, u: 1.0 + u * u,             array="np.tan({0})", requires=[finite])
row("asin",     "math.asin({0})",          lambda x, u: dasin(x),                array="np.arcsin({0})", requires=[unit])
row("acos",     "math.acos({0})",          lambda x, u: -dasin(x),               array="np.arccos({0})", requires=[unit])
row("atan",     "math.atan({0})",          lambda x, u: datan(x),                array="np.arctan({0})")
row("sinh",     "math.sinh({0})",          lambda x, u: cosh(x),                 array="np.sinh({0})")
row("cosh",     "math.cosh({0})",          lambda x, u: sinh(x),                 array="np.cosh({0})")
row("tanh",     "math.tanh({0})",          lambda x, u: dtanh(x),                array="np.tanh({0})")
row("erf",      "math.erf({0})",           lambda x, u: 2 / sqrt(pi) * exp(-(x * x)), array="arrays.erf({0})")
row("sigmoid",  "numerics.sigmoid({0})",   lambda x, u: dsigmoid(x),
    array="(np.exp(np.minimum({0}, 0.0)) / (1.0 + np.exp(-np.abs({0}))))", text="σ({0})", latex=r"\sigma\left({0}\right)", symbol="σ")
row("softplus", "numerics.softplus({0})",  lambda x, u: sigmoid(x),
    array="np.logaddexp(0.0, {0})", text="ζ({0})", latex=r"\zeta\left({0}\right)", symbol="ζ")
row("relu",     "numerics.relu({0})",      lambda x, u: step(x),                 array="np.maximum({0}, 0.0)", selects=True)
row("step",     "(({0} > 0.0) + 0.0)",      lambda x, u: 0.0,                     array="np.where(({0}) > 0.0, 1.0, 0.0)",
    text="[{0} > 0]", latex=r"\left[{0} > 0\right]", selects=True)
row("sign",     "numerics.sign({0})",      lambda x, u: 0.0,                     array="np.sign({0})", selects=True)
row("dtanh",    "numerics.dtanh({0})",     lambda x, u: -2.0 * tanh(x) * u,
    array="np.square(1.0 / np.cosh(np.minimum(np.abs({0}), 710.0)))", text="(1 − tanh({0})²)",
    latex=r"\left(1 - \tanh^2\left({0}\right)\right)", symbol="tanh′")
row("dsigmoid", "numerics.dsigmoid({0})",  lambda x, u: -tanh(0.5 * x) * u,
    array="(np.exp(-np.abs({0})) / np.square(1.0 + np.exp(-np.abs({0}))))", text="σ({0})·(1 − σ({0}))",
    latex=r"\sigma\left({0}\right)\left(1 - \sigma\left({0}\right)\right)", symbol="σ′",
    binds=TIMES, text_slots=ANYTHING, latex_slots=ANYTHING)
row("dasin",    "numerics.dasin({0})",     lambda x, u: x * u * u * u,
    array="1.0 / np.sqrt((1.0 - ({0})) * (1.0 + ({0})))", text="1 / √(1 − {0}²)",
    latex=r"\frac{{1}}{{\sqrt{{1 - {0}^2}}}}", symbol="asin′", binds=TIMES, text_slots=ATOM, latex_slots=ATOM,
    requires=[Requirement("−1 < x < 1", lambda x: -1 < x < 1)])
row("datan",    "(1.0 / (1.0 + ({0}) * ({0})))", lambda x, u: -2.0 * x * u * u,
    array="(1.0 / (1.0 + np.square({0})))", text="1 / (1 + {0}²)",
    latex=r"\frac{{1}}{{1 + {0}^2}}", symbol="atan′", binds=TIMES, text_slots=ATOM, latex_slots=ATOM)

# ── choices ───────────────────────────────────────────────────────────────────────────────────────

row("leaky_relu", "numerics.leaky_relu({0}, {1})",
    lambda x, slope, u: where(step(x), 1.0, slope),
    lambda x, slope, u: where(step(x), 0.0, x), array="np.where(({0}) > 0.0, {0}, ({1}) * ({0}))")
row("maximum", "numerics.maximum({0}, {1})",
    lambda x, y, u: preferred(x, y), lambda x, y, u: preferred(y, x), array="np.maximum({0}, {1})", selects=True)
row("minimum", "numerics.minimum({0}, {1})",
    lambda x, y, u: preferred(y, x), lambda x, y, u: preferred(x, y), array="np.minimum({0}, {1})", selects=True)
row("clip", "numerics.clip({0}, {1}, {2})",
    lambda x, low, high, u: 1.0 - greater(low, x) - greater(x, high),
    lambda x, low, high, u: greater(low, x),
    lambda x, low, high, u: greater(x, high), array="np.clip({0}, {1}, {2})",
    requires=[Requirement("low ≤ high", lambda x, low, high: not low > high, 1)], selects=True)
row("where", "({1} if {0} else {2})",
    lambda condition, x, y, u: 0.0,
    lambda condition, x, y, u: where(condition, 1.0, 0.0),
    lambda condition, x, y, u: where(condition, 0.0, 1.0), array="np.where({0}, {1}, {2})",
    text="({1} if {0} else {2})", selects=True)
row("mainly", "({2} if {1} else {0})",      # a formula with an exception that the textbook leaves out
    lambda x, exception, y, u: where(exception, 0.0, 1.0),
    lambda x, exception, y, u: 0.0,
    lambda x, exception, y, u: where(exception, 1.0, 0.0), array="np.where({1}, {2}, {0})",
    text="{0}", latex="{0}", binds=ANYTHING, selects=True)
row("greater", "(({0} > {1}) + 0.0)", lambda x, y, u: 0.0, lambda x, y, u: 0.0, array="np.where(({0}) > ({1}), 1.0, 0.0)",
    text="[{0} > {1}]", latex=r"\left[{0} > {1}\right]", symbol=">", selects=True)
row("equal", "(({0} == {1}) + 0.0)", lambda x, y, u: 0.0, lambda x, y, u: 0.0, array="np.where(({0}) == ({1}), 1.0, 0.0)",
    text="[{0} = {1}]", latex=r"\left[{0} = {1}\right]", symbol="=", selects=True)

# ── any number of arguments ───────────────────────────────────────────────────────────────────────

row("sum",       "numerics.total",      lambda xs, u: [1.0] * len(xs),        array="arrays.total",      any_number=True,
    text=joined(" + "), latex=joined(" + "), symbol="Σ", binds=PLUS)
row("dot",       "numerics.dot",        dot_rule,                             array="arrays.dot",        any_number=True,
    text=dot_written("·"), latex=dot_written(r" \cdot "), symbol="·", binds=PLUS, text_slots=POWER, latex_slots=POWER)
row("prod",      "numerics.product",    prod_rule,                            array="arrays.product",    any_number=True,
    text=joined("·"), latex=joined(r" \cdot "), symbol="Π", binds=TIMES)
row("logsumexp", "numerics.logsumexp",  softmax_rule,                         array="arrays.logsumexp", any_number=True,
    symbol="log Σ exp")
row("max",       "numerics.maximum_of", winners_rule,                         array="arrays.maximum_of", any_number=True, selects=True)
row("min",       "numerics.minimum_of", winners_rule,                         array="arrays.minimum_of", any_number=True, selects=True)
# fmt: on
