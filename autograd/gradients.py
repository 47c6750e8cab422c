"""Backprop: Algorithm 6.2 of Goodfellow, Bengio & Courville, and its graph B."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import islice
from math import isfinite, isnan

from .apply import apply
from .contexts import carrying_edges, refuse, setting
from .errors import ArgumentTypeError, AutogradError, NonFiniteError
from .graph import Graph, operands_first, undisturbed, walk
from .operation import lookup
from .tables import GradientTable
from .value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def backprop(output: Value, *, create_graph: bool = False) -> GradientTable:
    """The gradient table of an output: ∂output/∂u for every node u behind it.

    With `create_graph` the entries are Values, nodes of a graph of their own (B in the textbook)
    that can be drawn, evaluated and differentiated again. No `.grad` is touched.
    """
    if not create_graph:
        refuse(
            "it reads gradients as plain numbers, which may change: take backprop() out of it, or "
            "give it create_graph=True"
        )
    sweep = graph_of_gradients if create_graph else gradients_of
    return GradientTable(*sweep(output))


def gradients_of(output: Value, known: Collection[Value] = ()) -> tuple[list[Value], list[float]]:
    """The nodes behind an output in topological order, and their gradients.

    It does not go behind `known` nodes, which must be different ones and come first.
    """
    _check(output)
    if not known and (alone := _on_inputs(output)) is not None:
        return alone
    outputs = (output,)

    def marked() -> tuple[list[Value], list[float] | None]:
        nodes = walk(outputs, known)
        return nodes, _swept(nodes, len(known), output)

    nodes, gradients = undisturbed(marked)
    if gradients is None or isnan(sum(gradients)):
        gradients = _swept_with_care(nodes, len(known), output)
    return nodes, gradients


def _on_inputs(output: Value) -> tuple[list[Value], list[float]] | None:
    """The same where one operation on different inputs is followed by functions of one number.

    A neuron is like that, and the result of a compiled function: each sum has one term.
    """
    chain, gradients = [output], [1.0]
    node, gradient = output, 1.0
    while (first := node._first) is not None and node._second is None:
        gradient = gradient and gradient * node._first_derivative + 0.0
        node = first
        chain.append(node)
        gradients.append(gradient)
    parents = node.parents
    if not isfinite(gradient) or (parents and parents[0]._operation is not None):
        return None
    if len({p for p in parents if p._operation is None}) != len(parents):
        return None
    chain.reverse()
    gradients.reverse()
    return [*parents, *chain], [*_shared_out(gradient, node, len(parents)), *gradients]


def _shared_out(gradient: float, node: Value, count: int) -> Sequence[float]:
    """∇[u] · ∂u/∂p for each of so many operands p of u."""
    if not gradient:  # whatever the derivatives
        return [0.0] * count
    derivatives = node.local_derivatives
    return derivatives if gradient == 1.0 else [gradient * d + 0.0 for d in derivatives]


def _swept(nodes: list[Value], known: int, output: Value) -> list[float] | None:
    """∇[output] = 1; then from the output back, ∇[p] += ∇[u] · ∂u/∂p for each operand p of u.

    None where derivatives are still to be computed.
    """
    output._sum = 1.0
    for node in islice(reversed(nodes), len(nodes) - known):
        gradient = node._sum
        if not gradient:  # it passes nothing on, whatever the derivatives
            continue
        first, second = node._first, node._second
        if second is None:
            if first is not None:
                first._sum += gradient * node._first_derivative
        elif first is not None:
            first._sum += gradient * node._first_derivative
            second._sum += gradient * node._second_derivative
        elif type(node._first_derivative) is not tuple:
            return None
        else:
            for parent, derivative in zip(second, node._first_derivative, strict=True):
                parent._sum += gradient * derivative
    return [node._sum for node in nodes]


def _swept_with_care(nodes: list[Value], known: int, output: Value) -> list[float]:
    """The same where derivatives come late, and may walk graphs themselves, or are not finite."""
    sums = dict.fromkeys(nodes, 0.0)
    sums[output] = 1.0
    for node in islice(reversed(nodes), len(nodes) - known):
        if gradient := sums[node]:
            for parent, derivative in zip(node.parents, node.local_derivatives, strict=True):
                sums[parent] += passed_on(gradient, derivative, node)
    return list(sums.values())


def passed_on(gradient: float, derivative: float, node: Value) -> float:
    """∇[u] · ∂u/∂p, but 0 where u has no gradient or did not select p, also if the other is inf."""
    return 0.0 if _nothing_passes(gradient, derivative, node) else gradient * derivative


def _nothing_passes(gradient: float, derivative: float, node: Value) -> bool:
    return not gradient or (not derivative and node._operation.selects)  # type: ignore[union-attr]


def graph_of_gradients(
    output: Value, known: Collection[Value] = ()
) -> tuple[list[Value], list[Value]]:
    """The same sums written with Values: one node ∇[u] for each node u."""
    _check(output)
    nodes = operands_first((output,), known)
    graph = Graph((output,), nodes)
    terms: dict[Value, list[tuple[Value, Any]]] = {node: [] for node in nodes}
    gradients: list[Value] = []
    with setting(carrying_edges, True):
        for j in range(len(nodes) - 1, -1, -1):
            node = nodes[j]
            gradient = Value(1.0) if node is output else _sum_of_products(terms.pop(node))
            gradient.label = f"∇[{graph.name(node)}]"
            gradients.append(gradient)
            if not gradient.data and not isfinite(node.data):
                continue  # a branch that was not taken
            for parent, derivative in () if j < len(known) else _derivatives_as_values(node, graph):
                x, y = gradient.data, _plain(derivative)
                if (isfinite(x) and isfinite(y)) or not _nothing_passes(x, y, node):
                    terms[parent].append((gradient, derivative))
    return nodes, gradients[::-1]


def _derivatives_as_values(node: Value, graph: Graph) -> list[tuple[Value, Any]]:
    """(parent, ∂node/∂parent), the derivative as a Value or a plain number."""
    arguments = node.arguments
    if node._operation is None:
        return []
    rules = node._operation.rules(arguments, node)
    found = [(a, d) for a, d in zip(arguments, rules, strict=True) if type(a) is Value]
    if not callable(node._first_derivative):
        for (_, derivative), recorded in zip(found, node.local_derivatives, strict=True):
            if not _agree(derivative, recorded):
                raise _other_derivative(node, graph)
    return found


def _other_derivative(node: Value, graph: Graph) -> AutogradError:
    operation: Any = node._operation
    cause = (
        f"the data of an operand of {graph.name(node)} was changed after it was computed: compute "
        f"{graph.name(graph.output)} again"
    )
    if not operation.builtin:
        cause += (
            f"; or the rule of {operation.name!r} asks what its arguments are, as in x == 0, which "
            "is never true of a Value: write where(x, 1.0, 0.0)"
        )
    return AutogradError(f"a graph of gradients is made of the nodes as they are now, but {cause}")


def _agree(derivative: Any, recorded: float) -> bool:
    """Whether a derivative has the number that was recorded, as far as there is one."""
    difference = abs(_plain(derivative) - recorded)
    return difference <= 1e-9 * abs(recorded) or difference < 1e-300 or not isfinite(difference)


def _sum_of_products(terms: list[tuple[Value, Any]]) -> Value:
    """Σ ∇[u(i)]·∂u(i)/∂u(j) as one node."""
    if not terms:
        return Value(0.0)
    if len(terms) == 1:
        gradient, derivative = terms[0]
        return gradient * derivative  # type: ignore[no-any-return]
    gradients, derivatives = zip(*terms, strict=True)
    return apply(lookup("dot"), [*gradients, *derivatives])  # type: ignore[no-any-return]


def _plain(x: Any) -> float:
    return x.data if type(x) is Value else x


def _check(output: Value) -> None:
    """Refuse what cannot be differentiated."""
    if type(output) is not Value:
        many = isinstance(output, (list, tuple))
        hint = "; of several outputs take their sum, or see jacobian" if many else ""
        raise ArgumentTypeError(f"backprop(output) needs a Value, but got {output!r}{hint}")
    if not isinstance(output.data, (float, int)):
        raise _not_a_number(output)
    if not isfinite(output.data):
        raise _first_not_finite(output)


def _not_a_number(output: Value) -> ArgumentTypeError:
    """What set by hand is no float goes through all that is computed from it."""
    graph = Graph((output,))
    node = next(node for node in graph.nodes if not isinstance(node.data, (float, int)))
    kind = type(node.data).__name__
    return ArgumentTypeError(
        f"the data of a Value is a float, but that of {graph.name(node)} was set to a {kind}: "
        f"{node.data!r}"
    )


def _first_not_finite(output: Value) -> NonFiniteError:
    graph = Graph((output,))
    node = next(node for node in graph.nodes if not isfinite(node.data))
    scope = f" in {node.scope}" if node.scope else ""
    where = f"{graph.name(node)}{scope} = {node.data!r}"
    if node._operation is None:
        where += ", an input"
    else:
        operands = dict.fromkeys(node.arguments)  # each once
        shown = [f"{graph.name(a)} = {a.data!r}" if type(a) is Value else repr(a) for a in operands]
        listed = ", ".join(shown if len(shown) <= 8 else [*shown[:7], "…"])
        where += f", the result of {node.op!r} on {listed}"
    return NonFiniteError(
        f"backprop needs a finite output, but it is {output.data!r}; "
        f"the first node that is not finite is {where}"
    )
