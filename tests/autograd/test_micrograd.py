"""Programs written for micrograd run unchanged and give the numbers that micrograd publishes."""

from __future__ import annotations

import pytest

from autograd import Value, backprop


def test_the_example_of_its_readme() -> None:
    a = Value(-4.0)
    b = Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    assert f"{g.data:.4f}" == "24.7041"
    g.backward()
    assert f"{a.grad:.4f}" == "138.8338"
    assert f"{b.grad:.4f}" == "645.5773"
    assert (backprop(g)[a], backprop(g)[b]) == (a.grad, b.grad)


def test_its_sanity_check() -> None:
    """x = −4: micrograd's own test compares with PyTorch, which gives y = −20 and 46."""
    x = Value(-4.0)
    z = 2 * x + 2 + x
    q = z.relu() + z * x
    h = (z * z).relu()
    y = h + q + q * x
    y.backward()
    assert y.data == -20.0
    assert x.grad == 46.0


def test_labels_operations_and_previous_nodes_have_other_names() -> None:
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    e = a * b
    assert set(e.parents) == {a, b}
    assert e.op == "*"


def test_the_neuron_of_its_lecture() -> None:
    """o = tanh(x1·w1 + x2·w2 + b) with the bias that makes the derivative ½."""
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    b = Value(6.8813735870195432, label="b")
    n = x1 * w1 + x2 * w2 + b
    o = n.tanh()
    o.backward()
    assert o.data == pytest.approx(0.7071067811865476, rel=1e-15)
    assert [v.grad for v in (x1, w1, x2, w2, n)] == pytest.approx([-1.5, 1.0, 0.5, 0.0, 0.5])


def test_the_same_neuron_in_exponentials() -> None:
    x1, x2, w1, w2, b = (Value(x) for x in (2.0, 0.0, -3.0, 1.0, 6.8813735870195432))
    e = (2 * (x1 * w1 + x2 * w2 + b)).exp()
    o = (e - 1) / (e + 1)
    o.backward()
    assert [v.grad for v in (x1, w1, x2, w2)] == pytest.approx([-1.5, 1.0, 0.5, 0.0])


def test_a_node_added_to_itself_which_loses_a_parent_in_a_set() -> None:
    a = Value(3.0)
    b = a + a
    b.backward()
    assert b.parents == (a, a)
    assert a.grad == 2.0
