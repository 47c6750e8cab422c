"""The two algorithms one node at a time, as records that read like a derivation.

for step in trace(e).backward_steps():
    print(step)             ∇[b] = ∇[c]·∂c/∂b + ∇[d]·∂d/∂b = 2·1 + 3·1 = 5
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .display import data_of, factor_text, number_text, one_line
from .formulas import number_written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .graph import Graph
    from .operation import Operation
    from .tables import GradientTable
    from .value import Value

SPEC = ".6g"
SHOWN_TERMS = 12


@dataclass(frozen=True, slots=True)
class ForwardStep:
    """u(j) = f(A(j)): the operation (None for an input), its arguments' numbers, and the result."""

    index: int
    node: Value
    name: str
    operation: Operation | None
    arguments: tuple[float, ...]
    result: float
    formula: str

    def __str__(self) -> str:
        return format(self, "")

    def __format__(self, spec: str) -> str:
        spec = spec or SPEC
        result = number_text(self.result, spec)
        if self.operation is None:
            return f"{self.name} = {result}"
        numbers = [number_written(x, "text", spec) for x in self.arguments]
        if len(numbers) > SHOWN_TERMS:
            return f"{self.name} = {self.formula} = {result}"
        filled = self.operation.written("text", numbers)
        return f"{self.name} = {self.formula} = {filled} = {result}"


@dataclass(frozen=True, slots=True)
class Term:
    """One summand of a gradient: what comes back from consumer i."""

    index: int
    consumer: Value
    name: str
    gradient: float
    local_derivative: float
    product: float


@dataclass(frozen=True, slots=True)
class BackwardStep:
    """∇[u(j)] = Σ ∇[u(i)]·∂u(i)/∂u(j) over the consumers i of j; the output has no terms."""

    index: int
    node: Value
    name: str
    terms: tuple[Term, ...]
    total: float

    def __str__(self) -> str:
        return format(self, "")

    def __format__(self, spec: str) -> str:
        spec = spec or SPEC
        total = number_text(self.total, spec)
        if not self.terms:
            return f"∇[{self.name}] = {total}"
        symbols = [f"∇[{t.name}]·∂{t.name}/∂{self.name}" for t in self.terms]
        numbers = [
            f"{factor_text(t.gradient, spec)}·{factor_text(t.local_derivative, spec)}"
            for t in self.terms
        ]
        return f"∇[{self.name}] = {_sum_text(symbols)} = {_sum_text(numbers)} = {total}"


def _sum_text(terms: list[str]) -> str:
    if len(terms) > SHOWN_TERMS:
        terms = [*terms[: SHOWN_TERMS - 1], f"… ({len(terms)} terms)"]
    return " + ".join(terms)


def forward_steps(graph: Graph, values: Mapping[Value, float]) -> Iterator[ForwardStep]:
    """One record per node, u1 first."""
    for j, node in enumerate(graph.nodes, 1):
        operation = node._operation
        arguments = [a if isinstance(a, float) else values[a] for a in node.arguments]
        name, formula = one_line(graph.name(node)), one_line(graph.formula(node), 120)
        yield ForwardStep(j, node, name, operation, tuple(arguments), values[node], formula)


def steps_of(table: GradientTable) -> list[BackwardStep]:
    """The records of the run that filled a gradient table."""
    from .gradients import passed_on

    graph = table.graph
    consumers: dict[Value, list[Term]] = {node: [] for node in graph.nodes}
    for i, node in enumerate(graph.nodes, 1):
        gradient = data_of(table[node])
        for parent, derivative in zip(node.parents, node.local_derivatives, strict=True):
            product = passed_on(gradient, derivative, node)
            consumers[parent].append(
                Term(i, node, one_line(graph.name(node)), gradient, derivative, product)
            )
    nodes = list(enumerate(graph.nodes, 1))
    return [
        BackwardStep(
            j, node, one_line(graph.name(node)), tuple(consumers[node]), data_of(table[node])
        )
        for j, node in reversed(nodes)
    ]
