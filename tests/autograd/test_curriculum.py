"""Computation graphs and backpropagation as the lectures teach them, with the numbers they give."""

from __future__ import annotations

from math import prod
from typing import Any

import pytest

import autograd
from autograd import (
    Value,
    backprop,
    checkpoint,
    count_evaluations,
    dot,
    exp,
    jacobian,
    relu,
    sigmoid,
    tanh,
    trace,
)


def small_example() -> tuple[Value, ...]:
    """c = a + b, d = b + 1, e = c·d at a = 2, b = 1."""
    a, b = Value(2.0, "a"), Value(1.0, "b")
    c = a + b
    d = b + 1
    e = c * d
    for node, label in zip((c, d, e), "cde", strict=True):
        node.label = label
    return a, b, c, d, e


def test_a1_graph_language() -> None:
    """Nodes are variables, edges go from operand to result, each result has its operation."""
    a, b, c, d, e = small_example()
    graph = trace(e)
    assert graph.nodes == (a, b, c, d, e)
    assert graph.edges == ((a, c), (b, c), (b, d), (c, e), (d, e))
    assert [node.op for node in graph] == [None, None, "+", "+", "*"]
    assert all(graph.index(parent) < graph.index(node) for parent, node in graph.edges)


def test_a2_forward_algorithm() -> None:
    """u(1..n_i) take x; then u(i) = f(A(i)); run, and stepped node by node."""
    a, b, c, d, e = small_example()
    values = trace(e).forward({a: 5.0, b: -2.0})
    assert dict(values) == {a: 5.0, b: -2.0, c: 3.0, d: -1.0, e: -3.0}
    steps = list(trace(e).forward_steps())
    assert [step.result for step in steps] == [2.0, 1.0, 3.0, 2.0, 6.0]
    assert [step.arguments for step in steps] == [(), (), (2.0, 1.0), (1.0, 1.0), (3.0, 2.0)]
    for step in steps:
        computed = step.operation.forward(*step.arguments) if step.operation else step.node.data
        assert computed == step.result


def test_a3_backprop_with_a_gradient_table() -> None:
    """∇[u(n)] = 1, then for j = n − 1 … 1 the sum over the consumers of u(j)."""
    *_, e = small_example()
    steps = list(trace(e).backward_steps())
    assert [step.index for step in steps] == [5, 4, 3, 2, 1]
    assert steps[0].total == 1.0
    table: dict[int, float] = {5: 1.0}
    for step in steps[1:]:
        total = sum(table[term.index] * term.local_derivative for term in step.terms)
        assert step.total == total
        table[step.index] = total
    assert table == {5: 1.0, 4: 3.0, 3: 2.0, 2: 5.0, 1: 2.0}


def test_a4_the_small_example() -> None:
    a, b, c, d, e = small_example()
    assert e.data == 6.0
    assert dict(backprop(e)) == {a: 2.0, b: 2 * 1.0 + 3 * 1.0, c: 2.0, d: 3.0, e: 1.0}


class Unit:
    """u_in = w1·x1³ + w2·x2, u_out = σ(u_in), L = ½(y − u_out)² with y = 0, x = (3, 5)."""

    def __init__(self, w1: float, w2: float = 0.01) -> None:
        self.w1, self.w2 = Value(w1, "w1"), Value(w2, "w2")
        self.u_in = self.w1 * 3.0**3 + self.w2 * 5.0
        self.u_out = sigmoid(self.u_in)
        self.loss = 0.5 * (0.0 - self.u_out) ** 2


def test_a5_one_sigmoid_unit() -> None:
    unit = Unit(0.02)
    table = backprop(unit.loss)
    assert f"{unit.u_in:.2f}" == "0.59"
    assert f"{unit.u_out:.4f}" == "0.6434"
    assert f"{unit.loss:.4f}" == "0.2070"
    assert f"{table[unit.u_out]:.4f}" == "0.6434"
    assert f"{unit.u_out.local_derivatives[0]:.4f}" == "0.2294"
    assert backprop(unit.u_in)[unit.w1] == 27.0
    assert f"{table[unit.w1]:.4f}" == "3.9857"


def test_a5_the_deck_multiplies_rounded_factors() -> None:
    unit = Unit(0.02)
    factors = [backprop(unit.loss)[unit.u_out], unit.u_out.local_derivatives[0], 27.0]
    assert f"{prod(factors):.4f}" == "3.9857"
    assert f"{prod(round(factor, 4) for factor in factors):.4f}" == "3.9851"


def test_a6_one_gradient_step_on_w1_alone() -> None:
    unit = Unit(0.02)
    w1 = 0.02 - 0.01 * backprop(unit.loss)[unit.w1]
    assert f"{w1:.5f}" == "-0.01986"
    for after in (Unit(w1), Unit(-0.01986)):
        assert f"{after.u_out:.4f}" == "0.3808"
        assert f"{after.loss:.4f}" == "0.0725"
    assert f"{Unit(-0.01986).u_in:.4f}" == "-0.4862", "from w1 as printed"
    assert f"{Unit(w1).u_in:.4f}" == "-0.4861", "from w1 with all its digits"


def test_a6_a_replay_of_the_same_graph_gives_the_same_numbers() -> None:
    unit = Unit(0.02)
    w1 = 0.02 - 0.01 * backprop(unit.loss)[unit.w1]
    values = trace(unit.loss).forward({unit.w1: w1})
    assert (values[unit.u_out], values[unit.loss]) == (Unit(w1).u_out.data, Unit(w1).loss.data)


def test_a6_the_slip_of_the_deck() -> None:
    """It prints w1 = −.0599 and goes on with −.06, for which its further numbers do hold."""
    after = Unit(-0.06)
    assert f"{after.u_in:.2f}" == "-1.57"
    assert f"{after.u_out:.4f}" == "0.1722"
    assert f"{after.loss:.4f}" == "0.0148"
    assert f"{Unit(-0.0599).u_out:.4f}" == "0.1726", "not what it prints"


def test_a6_the_exercise_w2() -> None:
    unit = Unit(0.02)
    gradient = backprop(unit.loss)[unit.w2]
    assert gradient == pytest.approx(backprop(unit.loss)[unit.u_in] * 5.0, rel=1e-15)
    assert f"{0.01 - 0.01 * gradient:.5f}" == "0.00262"


def chain_to(output: Value, node: Value) -> list[float]:
    """The local derivatives along the first path from a node to the output, output first."""
    factors = []
    while output is not node:
        parent = next(p for p in output.parents if node in trace(p))
        factors.append(output.local_derivatives[output.parents.index(parent)])
        output = parent
    return factors


def test_a7_a_gradient_in_an_earlier_layer_is_a_product_of_five_local_derivatives() -> None:
    """z_i → h = σ(z_i) → u_in = w·h → u_out = σ(u_in) → y − u_out → ½(…)²."""
    z = Value(0.4, "z")
    h = sigmoid(z)
    u_in = h * 0.7
    u_out = sigmoid(u_in)
    difference = 1.0 - u_out
    loss = difference**2 * 0.5
    factors = chain_to(loss, z)
    s, t = 1 / (1 + 2.718281828459045**-0.4), u_out.data
    assert factors[0] * factors[1] == pytest.approx(1.0 - t)
    assert factors[2:] == pytest.approx([-1.0, t * (1 - t), 0.7, s * (1 - s)])
    assert backprop(loss)[z] == pytest.approx(prod(factors), rel=1e-15)


def test_a8_the_chain_of_two_weights() -> None:
    """∂J/∂w1 = ∂J/∂ŷ · ∂ŷ/∂z1 · ∂z1/∂w1 for one input, one hidden unit, one output."""
    x, w1, w2 = Value(1.5, "x"), Value(0.8, "w1"), Value(-0.6, "w2")
    z1 = x * w1
    y = z1 * w2
    loss = (y - 1.0) ** 2
    by_y, y_by_z1, z1_by_w1 = backprop(loss)[y], backprop(y)[z1], backprop(z1)[w1]
    assert [by_y, y_by_z1, z1_by_w1] == pytest.approx([2 * (y.data - 1), -0.6, 1.5])
    assert backprop(loss)[w1] == pytest.approx(by_y * y_by_z1 * z1_by_w1, rel=1e-15)
    assert backprop(loss)[w2] == pytest.approx(by_y * z1.data, rel=1e-15)


def test_a9_the_scalar_chain_rule() -> None:
    x = Value(0.7)
    y = exp(x)
    z = tanh(y)
    assert backprop(z)[x] == backprop(z)[y] * backprop(y)[x]


def test_a9_the_chain_rule_with_a_jacobian() -> None:
    """(∂y/∂x)ᵀ ∇_y z are the table's entries, for g: R² → R³ and f: R³ → R."""

    def g(x: Any) -> list[Any]:
        return [x[0] * x[1], x[0] + exp(x[1]), tanh(x[0])]

    def f(y: Any) -> Any:
        return y[0] * y[1] - y[2] ** 2 + y[1].sin()

    x = [Value(0.5), Value(-1.2)]
    y = g(x)
    z = f(y)
    table = backprop(z)
    matrix = jacobian(g)([0.5, -1.2])
    assert [len(row) for row in matrix] == [2, 2, 2]
    for j in range(2):
        product = sum(matrix[i][j] * table[y[i]] for i in range(3))
        assert table[x[j]] == pytest.approx(product, rel=1e-14)


def test_a10_graph_b() -> None:
    """One node of B for each u(i): evaluated on new inputs, and differentiated again."""
    a, b, _c, d, e = small_example()
    table = backprop(e, create_graph=True)
    assert len(table) == len(trace(e)) == len({*table.values()})
    assert {n: entry.data for n, entry in table.items()} == dict(backprop(e))
    b_graph = trace(*table.values())
    assert set(trace(e)) <= set(b_graph) | {a, e}
    values = b_graph.forward({b: 4.0})
    assert values[table[d]] == 2.0 + 4.0
    assert values[table[a]] == 5.0
    assert values[table[b]] == 5.0 + 6.0


def test_a10_the_hessian_of_the_small_example() -> None:
    """e = (a + b)(b + 1): ∂²e/∂a² = 0, ∂²e/∂a∂b = 1, ∂²e/∂b² = 2."""
    a, b, *_, e = small_example()
    table = backprop(e, create_graph=True)
    by_a, by_b = backprop(table[a]), backprop(table[b])
    assert [[by_a.get(a, 0.0), by_a[b]], [by_b[a], by_b[b]]] == [[0.0, 1.0], [1.0, 2.0]]


def deep(w: Any) -> Any:
    """f, of many nodes inside."""
    for _ in range(20):
        w = tanh(w * 1.1)
    return w


def test_a11_store_or_recompute() -> None:
    """z = f(f(f(w))): the same table, from many stored nodes or from more evaluations."""
    w = Value(0.9, "w")
    with count_evaluations() as storing:
        z = deep(deep(deep(w)))
        stored = backprop(z)[w]
    f = checkpoint(deep)
    with count_evaluations() as recomputing:
        z_again = f(f(f(w)))
        recomputed = backprop(z_again)[w]
    assert z.data == z_again.data
    assert recomputed == pytest.approx(stored, rel=1e-15)
    assert len(trace(z)) == 1 + 3 * 40
    assert len(trace(z_again)) == 1 + 3
    assert storing.count == 3 * 40
    assert recomputing.count == 2 * 3 * 40 + 3


def test_a11_the_product_of_three_derivatives() -> None:
    """f′(f(f(w)))·f′(f(w))·f′(w), from a graph that keeps w, x and y only."""
    w = Value(0.9)
    f = checkpoint(deep)
    x = f(w)
    y = f(x)
    z = f(y)
    assert trace(z).nodes == (w, x, y, z)
    factors = [node.local_derivatives[0] for node in (z, y, x)]
    assert backprop(z)[w] == pytest.approx(prod(factors), rel=1e-15)


def test_a12_product() -> None:
    x, y = Value(3.0), Value(-2.0)
    z = x * y
    assert len(trace(z)) == 3
    assert dict(backprop(z)) == {x: -2.0, y: 3.0, z: 1.0}


def test_a12_logistic_regression() -> None:
    """ŷ = σ(xᵀw + b): the pre-activation is one node with many parents."""
    x, w, b = [1.0, -2.0], [Value(0.5), Value(0.25)], Value(0.3)
    u = dot(x, w, b)
    y = sigmoid(u)
    assert u.parents == (*w, b)
    assert u.data == pytest.approx(0.3)
    assert len(trace(y)) == 5
    slope = y.data * (1 - y.data)
    assert [backprop(y)[v] for v in (*w, b)] == pytest.approx([slope, -2 * slope, slope])


def test_a12_a_relu_layer() -> None:
    """H = relu(XW + b)."""
    rows = [[1.0, 2.0], [-1.0, 0.5]]
    weights = [[Value(0.5), Value(-1.0)], [Value(1.5), Value(2.0)]]
    biases = [Value(0.1), Value(-4.0)]
    hidden = [
        [relu(dot(row, [weights[0][j], weights[1][j]], biases[j])) for j in range(2)]
        for row in rows
    ]
    assert [[h.data for h in row] for row in hidden] == [
        pytest.approx([3.6, 0.0]),
        pytest.approx([0.35, 0.0]),
    ]
    table = backprop(autograd.sum([h for row in hidden for h in row]))
    assert [[table[w] for w in row] for row in weights] == [[0.0, 0.0], [2.5, 0.0]]
    assert [table[b] for b in biases] == [2.0, 0.0]


def test_a12_weight_decay() -> None:
    """ŷ = xᵀw, together with λ Σ w_i²: w is used by both."""
    x, w, decay = [3.0, -1.0], [Value(0.5), Value(2.0)], 0.1
    y = dot(x, w)
    penalty = decay * autograd.sum([v**2 for v in w])
    table = backprop((y - 1.0) ** 2 + penalty)
    residual = 2 * (3.0 * 0.5 - 2.0 - 1.0)
    assert [table[v] for v in w] == pytest.approx([3 * residual + 0.1, -residual + 0.4])
