"""The chain rule along every path from a node to the output, one colour a factor.

>>> a, b = Value(2.0, "a"), Value(1.0, "b")
>>> c, d = a + b, b + 1
>>> c.label, d.label = "c", "d"
>>> print(explain(c * d, b).equation)
∂u5/∂b = ∂u5/∂c·∂c/∂b + ∂u5/∂d·∂d/∂b = 2·1 + 3·1 = 5
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Any

from autograd import Graph, NotInGraphError, Value, backprop, trace
from autograd.errors import ArgumentError, ArgumentTypeError
from autograd.gradients import passed_on

from .names import labels_of
from .notation import Name, bracketed, name_of, told_apart
from .replay import up_to_date
from .text import label_text, short

COUNTED = 10**30  # paths are counted up to here
WRITTEN, SOME = 6, 3  # of more paths than WRITTEN, the equation shows SOME


@dataclass(frozen=True, slots=True)
class Factor:
    """∂result/∂operand, the local derivative along one edge, with a number to tell it apart.

    Where an operation uses an operand more than once (x·x), the factor is the sum over the uses.
    """

    number: int
    result: Value
    operand: Value
    value: float


@dataclass(frozen=True, slots=True)
class Path:
    """A way from the output back to a node, and the product of the factors along it."""

    nodes: tuple[Value, ...]
    factors: tuple[Factor, ...]

    @property
    def product(self) -> float:
        """The factors multiplied from the output on, as backprop does it."""
        product = 1.0
        for node, factor in zip(self.nodes, self.factors, strict=False):
            product = passed_on(product, factor.value, node)
        return product


@dataclass(frozen=True, slots=True)
class Explanation:
    """∂output/∂wrt as a sum over paths; `paths` are those listed of `count`.

    `total` is backprop's number, and `rest` what the paths that are not listed add up to.
    """

    graph: Graph
    wrt: Value
    paths: tuple[Path, ...]
    factors: tuple[Factor, ...]
    count: int
    total: float
    labels: Mapping[Value, str]

    @property
    def output(self) -> Value:
        """What is differentiated."""
        return self.graph.output

    @property
    def rest(self) -> float:
        """What the paths that are not listed add up to."""
        return self._missing(self.paths)

    @property
    def hidden(self) -> int:
        """How many paths are not shown."""
        return self.count - len(self.paths)

    @property
    def terms(self) -> tuple[Path, ...]:
        """The paths that stand in the equation: all of them, or of many the first few."""
        return self.paths if self.count <= WRITTEN else self.paths[:SOME]

    @property
    def remainder(self) -> float:
        """What is missing from the sum of the terms."""
        return self._missing(self.terms)

    def _missing(self, paths: tuple[Path, ...]) -> float:
        shown = sum(path.product for path in paths)
        return 0.0 if len(paths) == self.count else self.total - shown

    def number(self, x: float) -> str:
        """A factor or a term in the equation: in brackets if negative, unless it stands alone."""
        return short(x) if self.count == len(self.factors) == 1 else bracketed(short(x))

    def name(self, node: Value) -> str:
        """The name of a node in plain text."""
        label = self.labels.get(node) or node.label
        return label_text(label) or f"u{self.graph.index(node)}"

    def typeset(self, node: Value) -> Name:
        """The name of a node in its pieces."""
        return name_of(self.graph, node, self.labels.get(node, ""))

    @property
    def equation(self) -> str:
        """The chain rule on one line."""
        from .explain_text import equation

        return " = ".join(equation(self))

    @property
    def text(self) -> str:
        """The chain rule, its paths and its factors, for a terminal."""
        from .explain_text import text

        return text(self)

    @property
    def latex(self) -> str:
        """The chain rule in LaTeX, each factor numbered and in its colour (xcolor or MathJax)."""
        from .explain_latex import latex

        return latex(self)

    @property
    def html(self) -> str:
        """The chain rule in HTML, each factor numbered and underlined in its colour."""
        from .explain_html import html

        return html(self)

    def __str__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.text}


def explain(output: Value, wrt: Value, *, names: Any = None, limit: int = 8) -> Explanation:
    """∂output/∂wrt as the sum over all paths of the product of the local derivatives.

    It is that at the inputs as they are now, also where their data was changed since. At most
    `limit` paths are listed; the others are counted, and their sum is told.
    """
    if type(limit) is not int or limit < 1:
        raise ArgumentError(f"explain(…, limit=) is a whole number from 1 on, not {limit!r}")
    for what, node in (("output", output), ("wrt", wrt)):
        if type(node) is not Value:
            raise ArgumentTypeError(
                f"explain(output, wrt) needs a Value for {what}, but got {node!r:.80}"
            )
    graph = trace(output)
    now = dict(zip(graph.nodes, up_to_date(graph).nodes, strict=True))
    gradient = backprop(now[output])
    if wrt not in graph:
        raise NotInGraphError(
            f"{name_of(graph, output).plain} does not depend on {wrt!r}: no path joins them"
        )
    labels = told_apart(graph, labels_of(names)[0])
    routes = _routes(graph, wrt)
    known: dict[tuple[Value, Value], Factor] = {}
    paths = tuple(
        Path(nodes, tuple([_factor(known, now, edge) for edge in pairwise(nodes)]))
        for nodes in islice(_walks(output, wrt, routes), limit)
    )
    total, factors = gradient[now[wrt]], tuple(known.values())
    return Explanation(graph, wrt, paths, factors, routes[output], total, labels)


def _routes(graph: Graph, wrt: Value) -> dict[Value, int]:
    """How many paths lead from wrt to each node that depends on it (counted up to a bound)."""
    routes = {wrt: 1}
    for node in graph.nodes:
        count = sum(routes.get(parent, 0) for parent in dict.fromkeys(node.parents))
        if count and node is not wrt:
            routes[node] = min(count, COUNTED)
    return routes


def _walks(output: Value, wrt: Value, routes: dict[Value, int]) -> Iterator[tuple[Value, ...]]:
    """The paths from the output back to wrt, depth first, with a stack of their own."""
    walk, waiting = [output], [_operands_on_the_way(output, routes)]
    while walk:
        if walk[-1] is wrt:
            yield tuple(walk)
        operand = None if walk[-1] is wrt else next(waiting[-1], None)
        if operand is None:
            walk.pop()
            waiting.pop()
        else:
            walk.append(operand)
            waiting.append(_operands_on_the_way(operand, routes))


def _operands_on_the_way(node: Value, routes: dict[Value, int]) -> Iterator[Value]:
    return iter([parent for parent in dict.fromkeys(node.parents) if parent in routes])


def _factor(
    known: dict[tuple[Value, Value], Factor], now: dict[Value, Value], edge: tuple[Value, Value]
) -> Factor:
    """The factor of an edge; the same edge on another path is the same factor."""
    if edge not in known:
        result, operand = edge
        uses = zip(result.parents, now[result].local_derivatives, strict=True)
        value = sum(derivative for parent, derivative in uses if parent is operand)
        known[edge] = Factor(len(known) + 1, result, operand, value)
    return known[edge]
