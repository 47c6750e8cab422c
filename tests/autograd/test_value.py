"""A node: what it holds and how it shows itself."""

from __future__ import annotations

import pytest

import autograd
from autograd import Value, lookup, scope


def test_an_input() -> None:
    x = Value(2, "x")
    assert (x.data, x.grad, x.label, x.scope) == (2.0, 0.0, "x", "")
    assert (x.op, x.operation) == (None, None)
    assert x.parents == x.local_derivatives == x.arguments == ()


def test_a_result() -> None:
    x, y = Value(2.0), Value(3.0)
    u = x * y
    assert (u.data, u.grad, u.label, u.op) == (6.0, 0.0, "", "*")
    assert u.operation is lookup("*")
    assert u.parents == u.arguments == (x, y)
    assert u.local_derivatives == (3.0, 2.0)


def test_a_plain_number_stays_a_number() -> None:
    x = Value(2.0)
    u = x + 1
    assert u.parents == (x,)
    assert u.arguments == (x, 1.0)
    assert (3 - x).arguments == (3.0, x)
    assert autograd.clip(x, 0, 5).arguments == (x, 0.0, 5.0)
    assert autograd.dot([1, x], [x, 2], 3).arguments == (1.0, x, x, 2.0, 3.0)
    assert autograd.dot([1, x], [x, 2], 3).parents == (x, x)


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_any_number_of_parents(count: int) -> None:
    xs = [Value(float(i)) for i in range(count)]
    u = autograd.sum(xs)
    assert u.parents == u.arguments == tuple(xs)
    assert u.local_derivatives == (1.0,) * count


def test_a_constant_function_of_plain_numbers_is_no_node() -> None:
    assert type(autograd.tanh(0.5)) is float
    assert type(autograd.dot([1, 2], [3, 4])) is float
    assert type(autograd.where(True, 1, 2)) is float
    assert type(autograd.sum([1])) is float
    assert type(autograd.maximum(1, 2)) is float


def test_repr_shows_label_data_grad_and_op() -> None:
    x = Value(-2.5, label="x")
    assert repr(x) == str(x) == "Value(data=-2.5, grad=0.0, label='x')"
    u = x * 2
    assert repr(u) == "Value(data=-5.0, grad=0.0, op='*')"
    u.label = "u"
    u.backward()
    assert repr(u) == "Value(data=-5.0, grad=1.0, op='*', label='u')"


def test_formatting() -> None:
    x = Value(2.0 / 3.0)
    assert f"{x:.3f}" == "0.667"
    assert f"{x:>8.2g}" == "    0.67"
    assert f"{x}" == repr(x)


def test_item_is_the_plain_float() -> None:
    x = Value(2.5)
    assert x.item() == 2.5
    x.data = 3  # an int put there by hand
    assert type(x.item()) is float


def test_a_node_knows_the_scope_it_was_made_in() -> None:
    with scope("layer"):
        x = Value(1.0)
        with scope("neuron"):
            u = x + x
        v = x.exp()
    assert [n.scope for n in (x, u, v, x * 2)] == ["layer", "layer/neuron", "layer", ""]


def test_backward_adds_to_grad() -> None:
    x = Value(3.0)
    u = x * x
    u.backward()
    assert (x.grad, u.grad) == (6.0, 1.0)
    u.backward()
    assert (x.grad, u.grad) == (12.0, 2.0)


def test_in_place_operators_make_new_nodes() -> None:
    x = u = Value(3.0)
    u += 1
    u *= x
    u -= 2
    u /= 2
    u **= 2
    assert x.data == 3.0
    assert u.data == 25.0
    assert autograd.backprop(u)[x] == 2 * 5.0 * 3.5


def test_reading_the_public_names() -> None:
    promised = {
        "Value", "trace", "backprop", "grad", "value_and_grad", "jacobian", "hessian", "hvp", "check_gradients",
        "checkpoint", "no_grad", "scope", "define", "count_evaluations", "operations", "lookup", "Graph",
        "GradientTable", "ValueTable", "Operation",
    }  # fmt: skip
    assert promised <= set(vars(autograd))
