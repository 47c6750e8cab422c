"""`trace`: numbering, inputs first, edges, replay on new inputs."""

from __future__ import annotations

import random
from math import tanh

import pytest

import autograd
from autograd import (
    ArgumentError,
    ArgumentTypeError,
    NotInGraphError,
    Value,
    ValueTable,
    backprop,
    trace,
)


def test_inputs_come_first_and_every_node_after_its_operands() -> None:
    a, b = Value(2.0, "a"), Value(1.0, "b")
    c = a + b
    d = b + 1
    e = c * d
    graph = trace(e)
    assert graph.nodes == (a, b, c, d, e)
    assert graph.inputs == (a, b)
    assert graph.outputs == (e,)
    assert graph.output is e
    assert graph.edges == ((a, c), (b, c), (b, d), (c, e), (d, e))
    assert len(graph) == 5
    assert list(graph) == list(graph.nodes)
    assert [graph.index(node) for node in graph] == [1, 2, 3, 4, 5]
    assert [graph.name(node) for node in graph] == ["a", "b", "u3", "u4", "u5"]
    assert repr(graph) == "<graph of 5 nodes, inputs a, b>"


def test_the_order_is_topological_for_any_graph() -> None:
    draw = random.Random(1)
    for _ in range(60):
        nodes = [Value(float(i)) for i in range(draw.randint(1, 4))]
        for _ in range(draw.randint(1, 40)):
            some = [draw.choice(nodes) for _ in range(draw.randint(1, 6))]
            nodes.append(
                draw.choice(
                    [
                        lambda s=some: autograd.sum(s),
                        lambda s=some: s[0] + s[-1],
                        lambda s=some: -s[0],
                        lambda s=some: s[0] - 2,
                    ]
                )()
            )
        graph = trace(*[draw.choice(nodes) for _ in range(draw.randint(1, 3))])
        position = {node: i for i, node in enumerate(graph.nodes)}
        assert len(position) == len(graph), "every node once"
        assert all(position[p] < position[n] for n in graph for p in n.parents)
        assert all(node.op is None for node in graph.nodes[: len(graph.inputs)])
        assert all(node.op is not None for node in graph.nodes[len(graph.inputs) :])
        reached = _reached(graph.outputs)
        assert reached == set(graph.nodes)


def _reached(outputs: tuple[Value, ...]) -> set[Value]:
    found, todo = set(outputs), list(outputs)
    while todo:
        for parent in todo.pop().parents:
            if parent not in found:
                found.add(parent)
                todo.append(parent)
    return found


def test_edges_count_every_use() -> None:
    x = Value(2.0)
    u = x * x
    assert trace(u).edges == ((x, u), (x, u))


def test_several_outputs_share_one_graph() -> None:
    x = Value(2.0, "x")
    y = x * x
    z = x.exp()
    graph = trace(y, z)
    assert graph.nodes == (x, y, z)
    assert graph.outputs == (y, z)
    assert len(trace(y, y, x)) == 2
    with pytest.raises(ArgumentError, match="one output, but there are 2"):
        graph.output  # noqa: B018
    with pytest.raises(ArgumentError, match="one output"):
        list(graph.backward_steps())
    assert dict(graph.forward({x: 3})) == {x: 3.0, y: 9.0, z: autograd.exp(3)}


def test_the_graph_of_nothing_and_of_an_input() -> None:
    assert len(trace()) == 0
    assert repr(trace()) == "<graph of 0 nodes, inputs >"
    assert dict(trace().forward()) == {}
    assert str(trace().forward()).split() == [
        "node",
        "label",
        "operation",
        "value",
        *["────", "─────", "─────────", "─────"],
    ]
    x = Value(1.0, "x")
    assert trace(x).nodes == trace(x).inputs == (x,)


def test_a_node_outside_is_not_in_the_graph() -> None:
    x, stranger = Value(1.0), Value(2.0, "stranger")
    graph = trace(x + 1)
    assert x in graph
    assert stranger not in graph
    with pytest.raises(NotInGraphError, match=r"'stranger'.* is not in this graph of 2 nodes"):
        graph.index(stranger)
    assert x in graph, "also when the numbers are known"
    assert stranger not in graph
    with pytest.raises(NotInGraphError):
        graph.index([])  # type: ignore[arg-type]


def test_repr_is_cut_where_there_are_many_inputs() -> None:
    graph = trace(autograd.sum([Value(1.0, f"x{i}") for i in range(20)]))
    assert repr(graph) == "<graph of 21 nodes, inputs x0, x1, x2, x3, x4, x5, x6, x7, …>"


def test_forward_runs_the_program_again_on_new_inputs() -> None:
    x, w = Value(2.0, "x"), Value(0.5, "w")
    u = (x * w + 1).tanh()
    graph = trace(u)
    values = graph.forward({x: -3})
    assert type(values) is ValueTable
    assert values[u] == tanh(-3 * 0.5 + 1)
    assert values[w] == 0.5
    assert list(values) == list(graph)
    assert values.graph is graph
    assert (x.data, u.data) == (2.0, tanh(2.0)), "the nodes are left as they are"
    assert graph.forward()[u] == u.data


def test_forward_refuses_what_is_no_input_or_no_number() -> None:
    x, stranger = Value(2.0, "x"), Value(1.0, "stranger")
    u = x * 3
    u.label = "u"
    with pytest.raises(NotInGraphError, match=r"'stranger'.* is not an input of this graph"):
        trace(u).forward({stranger: 1.0})
    with pytest.raises(NotInGraphError, match=r"'u'.* is not an input of this graph"):
        trace(u).forward({u: 1.0})
    with pytest.raises(ArgumentTypeError, match="input 'x' needs a real number, but got 'a'"):
        trace(u).forward({x: "a"})
    with pytest.raises(ArgumentTypeError, match="input 'x' needs a real number"):
        trace(u).forward({x: Value(1.0)})


def test_steps_of_a_replay_refuse_what_is_no_input_at_once() -> None:
    graph = trace(Value(1.0) * 2.0)
    with pytest.raises(NotInGraphError):
        graph.forward_steps({Value(1.0): 1.0})
    with pytest.raises(ArgumentTypeError, match="inputs are given as"):
        graph.forward([1.0])  # type: ignore[arg-type]


def test_choices_are_made_anew_in_a_replay() -> None:
    x = Value(2.0)
    u = autograd.relu(x) + autograd.maximum(x, 1.0) + autograd.where(x, 5.0, 7.0)
    assert trace(u).forward({x: -1.0})[u] == 0.0 + 1.0 + 5.0
    assert trace(u).forward({x: 0.0})[u] == 0.0 + 1.0 + 7.0


def test_formulas_are_written_in_the_names_of_the_operands() -> None:
    a, b = Value(2.0, "a"), Value(-1.0, "b")
    c = a * b
    d = (c + 1) / (a - 2.5) ** 2
    graph = trace(d)
    texts = [graph.formula(node) for node in graph]
    assert texts[:2] == ["", ""]
    assert set(texts[2:]) == {"a·b", "u3 + 1", "a − 2.5", "u5²", "u4 / u6"}
    assert graph.formula(d, "latex").startswith(r"\frac{")
    assert graph.formula(c, "python") == "a * b"


def test_nodes_of_one_label_are_told_apart_by_their_numbers() -> None:
    x, y, z = Value(3.0, "x"), Value(2.0, "x"), Value(1.0, "z")
    u = x * y + z
    graph, table = trace(u), backprop(u)
    assert [graph.name(node) for node in graph] == ["x⁽¹⁾", "x⁽²⁾", "z", "u4", "u5"]
    assert graph.formula(graph.nodes[3]) == "x⁽¹⁾·x⁽²⁾"
    assert graph.formula(graph.nodes[3], "latex") == r"x^{(1)} \cdot x^{(2)}"
    assert "x⁽¹⁾·x⁽²⁾" in repr(table)
    assert [str(step) for step in table.steps][-2:] == [
        "∇[x⁽²⁾] = ∇[u4]·∂u4/∂x⁽²⁾ = 1·3 = 3",
        "∇[x⁽¹⁾] = ∇[u4]·∂u4/∂x⁽¹⁾ = 1·2 = 2",
    ]
    assert graph.name(Value(1.0, "x")) == "x"
    x.label = y.label = "long" * 20
    assert trace(u).formula(graph.nodes[3]).count("⁽²⁾") == 1


def test_long_formulas_are_not_written_out() -> None:
    xs = [Value(1.0) for _ in range(13)]
    u = autograd.sum(xs)
    assert trace(u).formula(u) == "sum of 13 numbers"
    assert "sum" in str(backprop(u))


def test_graphs_are_the_same_however_often_they_are_traced() -> None:
    x = Value(1.0)
    u = autograd.sum([x * i for i in range(5)]) + x
    assert trace(u).nodes == trace(u).nodes


def test_the_first_operand_is_numbered_first() -> None:
    """A1: u(i) is computed before u(j) when i < j, operands from left to right."""
    a, b, c = Value(1.0), Value(2.0), Value(3.0)
    left, right = a * b, b * c
    assert trace(left + right).nodes[:5] == (a, b, c, left, right)
    assert trace(autograd.sum([right, left])).nodes[:5] == (b, c, a, right, left)
