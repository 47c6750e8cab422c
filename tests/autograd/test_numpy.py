"""Values among NumPy's numbers and arrays, with the right gradients throughout."""

from __future__ import annotations

from collections.abc import Callable
from math import erf, exp, log
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import ArgumentTypeError, Value, backprop, grad
from tests.work import instructions


def values(*numbers: float) -> Any:
    return np.array([Value(x) for x in numbers], dtype=object)


def gradients(output: Value, array: Any) -> list[float]:
    table = backprop(output)
    return [table.get(x, 0.0) for x in array.flat]


UFUNCS = [
    ("exp", "exp"), ("expm1", "expm1"), ("log", "log"), ("log1p", "log1p"), ("sqrt", "sqrt"),
    ("sin", "sin"), ("cos", "cos"), ("tan", "tan"), ("sinh", "sinh"), ("cosh", "cosh"),
    ("tanh", "tanh"), ("arcsin", "asin"), ("arccos", "acos"), ("arctan", "atan"),
    ("absolute", "abs"), ("negative", "neg"), ("positive", "pos"),
]  # fmt: skip


@pytest.mark.parametrize(("ufunc", "name"), UFUNCS)
def test_functions_of_numpy_on_arrays_of_values(ufunc: str, name: str) -> None:
    xs = values(0.3, 0.7)
    us = getattr(np, ufunc)(xs)
    assert us.dtype == object
    assert [u.op for u in us] == [name] * 2
    assert [u.parents for u in us] == [(x,) for x in xs]
    expected = [getattr(np, ufunc)(x.data) for x in xs]
    assert [u.data for u in us] == pytest.approx(expected, rel=1e-15)
    assert [u.data for u in getattr(np, ufunc)(values([0.3][0]))] == pytest.approx(expected[:1])


@pytest.mark.parametrize("name", ["exp", "tanh", "sqrt", "arcsin"])
def test_functions_of_numpy_on_one_value(name: str) -> None:
    x = Value(0.3)
    u = getattr(np, name)(x)
    assert type(u) is Value
    assert u.parents == (x,)


def test_a_layer_by_matrix_product() -> None:
    weights = values(1.0, -2.0, 0.5, 3.0).reshape(2, 2)
    x = values(0.5, -1.0)
    out = weights @ x
    assert [u.data for u in out] == [2.5, -2.75]
    assert gradients(out[0], weights) == [0.5, -1.0, 0.0, 0.0]
    assert gradients(out[1], x) == [0.5, 3.0]
    plain = weights @ np.array([0.5, -1.0])
    assert [u.data for u in plain] == [2.5, -2.75]
    plain = np.array([[1.0, 2.0], [3.0, 4.0]]) @ x
    assert [u.data for u in plain] == [-1.5, -2.5]
    assert gradients(np.dot(x, x), x) == [1.0, -2.0]


SCALARS = [
    np.float64(2.0),
    np.float32(2.0),
    np.int64(2),
    np.uint8(2),
    np.bool_(True),
    np.array(2.0),
]


@pytest.mark.parametrize("scalar", SCALARS, ids=lambda s: f"{type(s).__name__}-{s}")
def test_scalars_of_numpy_on_either_side(scalar: Any) -> None:
    x, number = Value(3.0), float(scalar)
    for u, expected, slope in [
        (scalar + x, number + 3.0, 1.0),
        (x + scalar, number + 3.0, 1.0),
        (scalar * x, number * 3.0, number),
        (x * scalar, number * 3.0, number),
        (scalar - x, number - 3.0, -1.0),
        (x - scalar, 3.0 - number, 1.0),
        (scalar / x, number / 3.0, -number / 9.0),
        (x / scalar, 3.0 / number, 1.0 / number),
        (x**scalar, 3.0**number, number * 3.0 ** (number - 1)),
        (scalar**x, number**3.0, log(number) * number**3.0),
    ]:
        assert type(u) is Value
        assert type(u.data) is float
        assert u.data == expected
        assert backprop(u)[x] == pytest.approx(slope, rel=1e-15)
    assert bool(scalar < x)
    assert bool(x > scalar)
    assert bool(x >= scalar)
    assert bool(scalar <= x)


def test_arrays_times_values_are_arrays_of_values() -> None:
    x, array = Value(3.0), np.array([1.0, -2.0])
    for us, expected in [
        (array * x, [3.0, -6.0]),
        (x * array, [3.0, -6.0]),
        (array + x, [4.0, 1.0]),
        (x - array, [2.0, 5.0]),
        (array / x, [1 / 3, -2 / 3]),
        (x / array, [3.0, -1.5]),
        (x**array, [3.0, 1 / 9]),
        (array**2 * x, [3.0, 12.0]),
        (values(1.0, -2.0) * x, [3.0, -6.0]),
        (x * values(1.0, -2.0), [3.0, -6.0]),
    ]:
        assert us.dtype == object
        assert [u.data for u in us] == pytest.approx(expected, rel=1e-15)
        assert {type(u) for u in us} == {Value}
    assert backprop((array * x).sum())[x] == -1.0


def test_comparisons_with_arrays_go_element_by_element() -> None:
    assert (np.array([1.0, 5.0]) < Value(3.0)).tolist() == [True, False]
    assert (Value(3.0) < np.array([1.0, 5.0])).tolist() == [False, True]
    assert (values(1.0, 5.0) > 3.0).tolist() == [False, True]


def test_sums_and_means() -> None:
    xs = values(1.0, 2.0, 6.0)
    for total in (sum(xs), np.sum(xs), xs.sum(), autograd.sum(xs)):
        assert total.data == 9.0
        assert gradients(total, xs) == [1.0, 1.0, 1.0]
    mean = np.mean(xs)
    assert mean.data == 3.0
    assert gradients(mean, xs) == pytest.approx([1 / 3] * 3)
    assert gradients(np.prod(xs), xs) == [12.0, 6.0, 2.0]
    assert gradients(np.cumsum(xs)[1], xs) == [1.0, 1.0, 0.0]
    assert gradients(np.square(xs)[2], xs) == [0.0, 0.0, 12.0]
    assert sum(list(xs)).data == 9.0
    assert sum([Value(1.0)], start=Value(2.0)).data == 3.0


def test_variances_and_products() -> None:
    values = np.array([Value(1.0), Value(2.0), Value(6.0)])
    numbers = np.array([1.0, 2.0, 6.0])
    for function in (np.var, np.std, lambda x: np.vdot(x, x)):
        u = function(values)
        assert u.data == pytest.approx(function(numbers))
        expected = grad(function)(numbers).tolist()
        assert [backprop(u)[x] for x in values] == pytest.approx(expected)
    assert [backprop(np.var(values))[x] for x in values] == pytest.approx([-4 / 3, -2 / 3, 2.0])


def test_in_place_operations_on_arrays() -> None:
    xs = values(1.0, 2.0)
    first = xs.copy()
    xs += 1.0
    xs *= first
    xs -= np.array([1.0, 1.0])
    assert [x.data for x in xs] == [1.0, 5.0]
    assert gradients(xs.sum(), first) == [3.0, 5.0]
    weights = np.array([1.0, 2.0])
    with pytest.raises(TypeError):
        weights += Value(1.0)
    assert weights.tolist() == [1.0, 2.0]


def test_numpys_maximum_and_minimum_choose_nodes() -> None:
    xs = values(-1.0, 2.0)
    u = np.maximum(xs, 0.0)
    assert [float(getattr(x, "data", x)) for x in u] == [0.0, 2.0]
    assert u[1] is xs[1]
    assert np.max(xs) is xs[1]
    assert np.min(xs) is xs[0]
    assert np.argmax(xs) == 1


def test_np_sign_and_clip() -> None:
    assert [float(s) for s in np.sign(values(-3.0, 4.0))] == [-1.0, 1.0]
    clipped = np.clip(values(-3.0, 0.5), -1.0, 1.0)
    assert [getattr(x, "data", x) for x in clipped] == [-1.0, 0.5]


FUNCTIONS = ["exp", "tanh", "sigmoid", "softplus", "relu", "erf", "abs", "sign", "step", "sqrt"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_arrays_of_numbers(name: str) -> None:
    function, numbers = getattr(autograd, name), np.array([[0.5, 2.0], [0.0, 7.0]])
    found = function(numbers)
    assert found.dtype == float
    assert found.shape == (2, 2)
    assert found.ravel().tolist() == pytest.approx([function(x) for x in numbers.flat], rel=1e-14)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_arrays_of_values(name: str) -> None:
    function, xs = getattr(autograd, name), values(0.5, 2.0)
    us = function(xs)
    assert [u.data for u in us] == [function(0.5), function(2.0)]
    assert [u.parents for u in us] == [(x,) for x in xs]


def test_functions_of_several_arguments_mix_arrays_values_and_numbers() -> None:
    x, array = Value(1.0), np.array([0.5, 2.0])
    assert [u.data for u in autograd.maximum(array, x)] == [1.0, 2.0]
    assert [u.data for u in autograd.maximum(x, array)] == [1.0, 2.0]
    assert autograd.maximum(array, 1.0).tolist() == [1.0, 2.0]
    assert autograd.minimum(1, array).tolist() == [0.5, 1.0]
    assert autograd.clip(array, 0, 1).tolist() == [0.5, 1.0]
    assert [u.data for u in autograd.clip(values(0.5, 2.0), 0, x)] == [0.5, 1.0]
    assert autograd.where(array > 1, array, 0.0).tolist() == [0.0, 2.0]
    assert [getattr(u, "data", u) for u in autograd.where(array > 1, x, array)] == [0.5, 1.0]
    assert autograd.leaky_relu(-array).tolist() == [-0.005, -0.02]


def test_many_arrays_at_once() -> None:
    rows = [np.array([1.0, 2.0]), np.array([3.0, -1.0])]
    assert autograd.sum(rows).tolist() == [4.0, 1.0]
    assert autograd.prod(rows).tolist() == [3.0, -2.0]
    assert autograd.max(rows).tolist() == [3.0, 2.0]
    assert autograd.min(rows).tolist() == [1.0, -1.0]
    expected = [log(exp(1.0) + exp(3.0)), log(exp(2.0) + exp(-1.0))]
    assert autograd.logsumexp(rows).tolist() == pytest.approx(expected)
    assert autograd.dot(rows, [2.0, 10.0], 1.0).tolist() == [33.0, -5.0]
    mixed = autograd.sum([np.array([1.0, 2.0]), Value(3.0)])
    assert [u.data for u in mixed] == [4.0, 5.0]


def test_a_gradient_of_a_function_that_uses_numpy() -> None:
    def loss(weights: Any) -> Any:
        return np.sum(np.tanh(np.array([[1.0, 2.0], [0.5, -1.0]]) @ weights) ** 2)

    found = grad(loss)(np.array([0.3, -0.2]))
    assert isinstance(found, np.ndarray)
    assert found.dtype == float
    by_hand = []
    for i in range(2):
        step = np.eye(2)[i] * 1e-6
        w = np.array([0.3, -0.2])
        up, down = (
            np.sum(np.tanh(np.array([[1.0, 2.0], [0.5, -1.0]]) @ v) ** 2)
            for v in (w + step, w - step)
        )
        by_hand.append((up - down) / 2e-6)
    assert found.tolist() == pytest.approx(by_hand, rel=1e-6)


@pytest.mark.parametrize("act", [lambda x: np.array([x], dtype=float), lambda x: np.float64(x), lambda x: np.array([0.0]).__setitem__(0, x)])  # fmt: skip
def test_numpy_cannot_drop_the_graph_by_accident(act: Callable[[Value], Any]) -> None:
    with pytest.raises(TypeError, match="drop the graph"):
        act(Value(1.0))


def test_a_value_is_not_an_array() -> None:
    x = Value(1.0)
    assert np.asarray(x).shape == ()
    assert np.asarray(x).dtype == object
    with pytest.raises(ArgumentTypeError):
        Value(np.array([1.0]))
    with pytest.raises(ArgumentTypeError):
        Value(np.asarray(x))


def test_a_row_of_an_array_costs_no_more_than_a_list() -> None:
    """NumPy's own scalars, looked at one by one, would take several times as long."""
    weights, row = [Value(0.1)] * 30, np.linspace(0.0, 1.0, 30)
    autograd.dot(weights, row)  # so many numbers are written out when they come first
    of_array = instructions(lambda: autograd.dot(weights, row))
    assert of_array < 1.5 * instructions(lambda: autograd.dot(weights, row.tolist()))
    assert autograd.dot(weights, row).arguments[30:] == tuple(row.tolist())


ON_ARRAYS = {
    "sigmoid": autograd.sigmoid,
    "exp": autograd.exp,
    "abs": autograd.abs,
    "tanh": autograd.tanh,
    "maximum": lambda x: autograd.maximum(x, 300),
    "sum": lambda x: autograd.sum([x, x]),
    "prod": lambda x: autograd.prod([x, x]),
    "dot": lambda x: autograd.dot([x], [x]),
}


@pytest.mark.parametrize("name", ON_ARRAYS)
@pytest.mark.parametrize("kind", ["?", "u1", "i1", "u2", "i4", "u8", "i8"])
def test_whole_numbers_become_floats_first(name: str, kind: str) -> None:
    """Numbers of few bits would wrap around, or go on with less than 64 bits."""
    function, numbers = ON_ARRAYS[name], [0, 1] if kind == "?" else [0, 3, 100]
    result = function(np.array(numbers, dtype=kind))
    assert result.dtype == np.float64
    np.testing.assert_allclose(result, [function(float(x)) for x in numbers], rtol=1e-15)


@pytest.mark.parametrize("array", [np.array([1j]), np.array(["2020"], "M8[Y]"), np.array(["a"])])
def test_arrays_of_what_is_no_real_number_are_refused(array: Any) -> None:
    for act in (lambda: autograd.exp(array), lambda: autograd.maximum(array, array)):
        with pytest.raises(ArgumentTypeError, match=r"needs real numbers, but got an array of"):
            act()


def test_an_array_of_no_dimension_is_the_value_in_it() -> None:
    x, y = Value(1.0), Value(2.0)
    chosen = np.where(True, x, y)
    assert autograd.exp(chosen).parents == (x,)
    assert autograd.maximum(chosen, y).parents == (x, y)
    assert autograd.dot([chosen], [y]).parents == (x, y)


def test_many_operands_that_are_arrays() -> None:
    x = Value(2.0)
    objects, floats = np.array([x, Value(3.0)]), np.array([1.0, 2.0])
    assert [u.data for u in autograd.sum([objects] * 70)] == [140.0, 210.0]
    assert [u.data for u in autograd.dot([objects] * 40, [floats] * 40)] == [80.0, 240.0]
    total = autograd.define(
        "many_in_all", lambda *xs: sum(xs), lambda xs, u: [1.0] * len(xs), any_number=True
    )
    try:
        assert total([floats] * 70).tolist() == [70.0, 140.0]
    finally:
        del autograd.operation._table["many_in_all"]


def test_arrays_of_no_dimension_give_one_result() -> None:
    x = Value(2.0)
    assert autograd.exp(np.array(x)).parents == (x,)
    assert autograd.erf(np.array(0.5)) == erf(0.5)
    assert autograd.erf(np.array([[0.5], [1.0]])).tolist() == [[erf(0.5)], [erf(1.0)]]
    assert autograd.maximum(np.array([x, 1.0], dtype=object)[:, None], np.ones(3)).shape == (2, 3)
