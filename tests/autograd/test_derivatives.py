"""grad, value_and_grad, jacobian, hessian, hvp: structures, nesting, closures, refusals."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable
from math import cos, exp, sin
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import (
    ArgumentError,
    ArgumentTypeError,
    DomainError,
    NonFiniteError,
    Value,
    backprop,
    checkpoint,
    grad,
    hessian,
    hvp,
    jacobian,
    no_grad,
    value_and_grad,
)

Pair = namedtuple("Pair", "left right")


def test_the_derivative_of_a_function_of_one_number() -> None:
    slope = grad(lambda x: x * x * x)
    assert slope(2.0) == 12.0
    assert slope(2) == 12.0
    assert slope(True) == 3.0
    assert type(slope(2.0)) is float


def test_several_arguments_give_a_tuple() -> None:
    assert grad(lambda x, y: x * y + y)(2.0, 3.0) == (3.0, 3.0)
    assert value_and_grad(lambda x, y: x * y + y)(2.0, 3.0) == (9.0, (3.0, 3.0))
    assert type(value_and_grad(lambda x: x + 1)(2.0)[0]) is float


STRUCTURES: list[tuple[Callable[..., Any], Any, Any]] = [
    (lambda p: p[0] * p[1], [2.0, 3.0], [3.0, 2.0]),
    (lambda p: p[0] * p[1], (2.0, 3), (3.0, 2.0)),
    (lambda p: p[0] * p[1][0] * p[1][1], [2.0, (3.0, 4.0)], [12.0, (8.0, 6.0)]),
    (lambda p: p["a"] * p["b"][1], {"a": 2.0, "b": [0.0, 3.0]}, {"a": 3.0, "b": [0.0, 2.0]}),
    (lambda p: p.left * p.right, Pair(2.0, 3.0), Pair(3.0, 2.0)),
    (lambda p: autograd.sum(p), range(3), [1.0, 1.0, 1.0]),
    (lambda p: autograd.sum([]) + 0.0 * len(p), [], []),
]


@pytest.mark.parametrize(("f", "point", "expected"), STRUCTURES)
def test_gradients_have_the_structure_of_the_argument(
    f: Callable[..., Any], point: Any, expected: Any
) -> None:
    found = grad(f)(point)
    assert found == expected
    assert type(found) is type(expected)


def test_arrays_give_arrays() -> None:
    point = np.array([[1.0, 2.0], [3.0, 4.0]])
    found = grad(lambda a: autograd.sum(a.flat) + a[0, 1] * a[1, 0])(point)
    assert found.dtype == float
    assert found.tolist() == [[1.0, 4.0], [3.0, 1.0]]
    assert point.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    integers = grad(lambda a: a[0] * a[1])(np.array([2, 3]))
    assert integers.tolist() == [3.0, 2.0]
    assert grad(lambda x: x * x)(np.float64(3.0)) == 6.0
    assert grad(lambda x: x * x)(np.array(3.0)) == 6.0


def test_the_arguments_are_left_alone() -> None:
    point = [1.0, [2.0]]
    grad(lambda p: p[0] * p[1][0])(point)
    assert point == [1.0, [2.0]]


def test_constant_functions_have_gradient_zero() -> None:
    for constant in (3, 3.0, True, np.float64(2.0), Value(2.0)):
        assert grad(lambda x, c=constant: c)(1.0) == 0.0
        assert grad(lambda p, c=constant: c)([1.0, 2.0]) == [0.0, 0.0]
    assert jacobian(lambda x: [1.0, x])(2.0) == [0.0, 1.0]
    assert hessian(lambda x: 3.0)(2.0) == 0.0
    assert hessian(lambda x: 3 * x)(2.0) == 0.0
    assert hvp(lambda x: 3.0 * x)(2.0, 1.0) == 0.0
    assert value_and_grad(lambda x: 7)(1.0) == (7, 0.0)


def test_the_identity() -> None:
    assert grad(lambda x: x)(5.0) == 1.0
    assert jacobian(lambda x: x)([1.0, 2.0]) == [[1.0, 0.0], [0.0, 1.0]]
    assert hessian(lambda x: x)(5.0) == 0.0


def test_a_result_in_a_list_of_one_counts_as_one() -> None:
    assert grad(lambda x: [x * x])(3.0) == 6.0
    assert value_and_grad(lambda x: (x * x,))(3.0) == (9.0, 6.0)


def test_jacobians_have_the_structure_of_the_result() -> None:
    f = jacobian(lambda x: [x[0] * x[1], x[0] + 1.0, 5.0])
    assert f([2.0, 3.0]) == [[3.0, 2.0], [1.0, 0.0], [0.0, 0.0]]
    assert jacobian(lambda x: (x, 2 * x))(1.0) == (1.0, 2.0)
    assert jacobian(lambda x: {"a": x * x, "b": [x]})(3.0) == {"a": 6.0, "b": [1.0]}
    assert jacobian(lambda x: x * x)(3.0) == 6.0
    assert jacobian(lambda x, y: [x * y, x])(2.0, 3.0) == [(3.0, 2.0), (1.0, 0.0)]


def test_jacobians_of_matrix_products_are_the_matrix() -> None:
    matrix = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    found = jacobian(lambda x: matrix @ x)(np.array([0.5, -0.5]))
    assert np.asarray(found).tolist() == matrix.tolist()


def test_jacobians_by_an_array_of_results_of_several_shapes() -> None:
    a = np.array([2.0, 3.0])
    pair = jacobian(lambda x: (x, x[1] * x[0]))(a)
    assert [part.tolist() for part in pair] == [[[1.0, 0.0], [0.0, 1.0]], [3.0, 2.0]]
    assert type(pair) is tuple
    named = jacobian(lambda x: {"s": x.sum(), "x": [x[0], x[1]]})(a)
    assert {key: part.tolist() for key, part in named.items()} == {
        "s": [1.0, 1.0],
        "x": [[1.0, 0.0], [0.0, 1.0]],
    }
    assert all(part.dtype == float for part in (*pair, *named.values()))
    assert jacobian(lambda x: np.outer(x, x))(a).shape == (2, 2, 2)
    assert jacobian(lambda x: [x, 2 * x])(a).shape == (2, 2, 2)


def test_arrays_in_results_become_lists_of_gradients() -> None:
    found = jacobian(lambda x: {"a": np.array([x[0], x[1]]), "b": [x[0]]})([1.0, 2.0])
    assert found == {"a": [[1.0, 0.0], [0.0, 1.0]], "b": [[1.0, 0.0]]}


def test_jacobians_inside_derivatives_are_arrays_too() -> None:
    def h(x: Any) -> Any:
        return x[0] ** 2 * x[1]

    a = np.array([2.0, 3.0])
    assert grad(lambda x: hessian(h)(x)[0, 1])(a).tolist() == [2.0, 0.0]
    assert jacobian(lambda x: hessian(h)(x))(a).tolist() == [[[0, 2], [2, 0]], [[2, 0], [0, 0]]]


def test_hessians() -> None:
    assert hessian(lambda x: x**3)(2.0) == 12.0
    assert hessian(lambda x, y: x * x * y)(2.0, 3.0) == ((6.0, 4.0), (4.0, 0.0))
    assert hessian(lambda p: p[0] * p[0] * p[1])([2.0, 3.0]) == [[6.0, 4.0], [4.0, 0.0]]
    quadratic = [[2.0, -1.0, 0.5], [-1.0, 3.0, 0.0], [0.5, 0.0, 1.0]]

    def form(x: Any) -> Any:
        return autograd.sum([quadratic[i][j] * x[i] * x[j] / 2 for i in range(3) for j in range(3)])

    assert hessian(form)([0.3, -0.7, 2.0]) == quadratic


def test_hessian_times_vector() -> None:
    def f(x: Any) -> Any:
        return (x[0] * x[1]).sin() + x[1] * x[1] * x[2].exp() + x[0] ** 3

    point, vector = [0.5, -1.2, 0.3], [1.0, -2.0, 0.5]
    matrix = hessian(f)(point)
    expected = [sum(row[j] * vector[j] for j in range(3)) for row in matrix]
    assert hvp(f)(point, vector) == pytest.approx(expected, rel=1e-13)


def test_hessian_times_vector_of_several_arguments() -> None:
    assert hvp(lambda x, y: x * x * y)(2.0, 3.0, 1.0, 0.0) == (6.0, 4.0)
    assert hvp(lambda x, y: x * x * y)(2.0, 3.0, 0.0, 1.0) == (4.0, 0.0)
    assert hvp(lambda p, y: p[0] * y)([2.0], 3.0, [1.0], 1.0) == ([1.0], 1.0)
    found = hvp(lambda a: autograd.sum((a * a * a).flat))(
        np.array([1.0, 2.0]), np.array([1.0, 1.0])
    )
    assert np.asarray(found).tolist() == [6.0, 12.0]


@pytest.mark.parametrize(
    "arguments", [(1.0,), (1.0, 2.0, 3.0), ([1.0, 2.0], [1.0]), ([1.0], []), ()]
)
def test_a_vector_of_another_structure_is_refused(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(ArgumentError):
        hvp(lambda *x: 1.0)(*arguments)


@pytest.mark.parametrize("vector", [[1.0], "a", None, 1j, {"a": 1.0}])
def test_a_vector_is_numbers(vector: Any) -> None:
    for point, given in [(1.0, vector), ([1.0], [vector])]:
        with pytest.raises(ArgumentTypeError, match="a vector needs a real number, but got "):
            hvp(lambda x: x**2 if type(x) is Value else x[0] ** 2)(point, given)


def test_a_vector_of_dicts_goes_by_key_or_is_refused() -> None:
    def f(p: Any) -> Any:
        return p["a"] ** 2 * p["b"]

    expected = hvp(f)({"a": 2.0, "b": 3.0}, {"a": 1.0, "b": 0.0})
    assert expected == {"a": 6.0, "b": 4.0}
    assert hvp(f)({"a": 2.0, "b": 3.0}, {"b": 0.0, "a": 1.0}) == expected
    for wrong in ({"a": 1.0, "c": 0.0}, {"a": 1.0}, [1.0, 0.0], 1.0):
        with pytest.raises(ArgumentError, match=r"the keys of .* are needed"):
            hvp(f)({"a": 2.0, "b": 3.0}, wrong)


def test_a_vector_of_an_array_has_its_shape() -> None:
    def f(a: Any) -> Any:
        return autograd.sum((a * a).flat)

    point = np.array([[1.0, 2.0], [3.0, 4.0]])
    found = hvp(f)(point, np.array([[1.0, 0.0], [0.0, 1.0]]))
    assert np.asarray(found).tolist() == [[2.0, 0.0], [0.0, 2.0]]
    for vector in (np.array([1.0, 0.0]), [[1.0, 0.0], [0.0, 1.0]], 1.0):
        with pytest.raises(ArgumentError, match=r"shape|structure"):
            hvp(f)(point, vector)


# ── nesting ───────────────────────────────────────────────────────────────────────────────────────


def test_derivatives_of_derivatives() -> None:
    f = grad(grad(grad(lambda x: x.sin() * x.exp())))
    x = 0.7
    assert f(x) == pytest.approx(2 * exp(x) * (cos(x) - sin(x)), rel=1e-14)
    assert grad(lambda x: grad(lambda y: y**4)(x))(2.0) == 48.0


def test_perturbations_are_not_confused() -> None:
    """d/dx (x · d/dy (x + y)) = 1: the inner derivative is of y alone."""
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(5.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(3.0))(5.0) == 10.0
    assert grad(lambda x: grad(lambda y: x * y * y)(x))(3.0) == 12.0
    assert grad(lambda x: grad(lambda x: x * x)(x) * x)(3.0) == 12.0
    assert grad(lambda x: grad(lambda y: x)(2.0))(3.0) == 0.0


def test_inner_derivatives_at_plain_points_depend_on_outer_variables() -> None:
    def f(x: Any) -> Any:
        return grad(lambda y: (x * y).sin())(2.0)  # x·cos(2x)

    assert f(0.5) == pytest.approx(0.5 * cos(1.0), rel=1e-15)
    assert grad(f)(0.5) == pytest.approx(cos(1.0) - 2 * 0.5 * sin(1.0), rel=1e-14)


def test_all_of_them_nest() -> None:
    def f(x: Any) -> Any:
        return x * x * x

    assert grad(lambda x: value_and_grad(f)(x)[0])(2.0) == 12.0
    assert grad(lambda x: value_and_grad(f)(x)[1])(2.0) == 12.0
    assert grad(lambda x: hessian(f)(x))(2.0) == 6.0
    assert grad(lambda x: hvp(f)(x, 1.0))(2.0) == 6.0
    assert grad(lambda x: jacobian(lambda y: [f(y)])(x)[0])(2.0) == 12.0
    assert jacobian(lambda x: [grad(f)(x), x])(2.0) == [12.0, 1.0]
    assert hessian(grad(f))(2.0) == 6.0
    assert hvp(grad(f))(2.0, 2.0) == 12.0


def test_gradients_of_values_are_values() -> None:
    """Given a Value, derivatives are nodes behind which that Value is found."""
    x = Value(3.0)
    slope = grad(lambda y: y * y * y)(x)
    assert type(slope) is Value
    assert slope.data == 27.0
    assert backprop(slope)[x] == 18.0
    value, slope = value_and_grad(lambda y: y * y)(x)
    assert (value.data, slope.data) == (9.0, 6.0)
    assert x in backprop(value)
    second = hessian(lambda y: y**4)(x)
    assert second.data == 108.0
    assert backprop(second)[x] == 72.0


def test_a_value_given_and_closed_over_counts_once() -> None:
    """The derivative by an argument leaves out other uses of the same node."""
    x = Value(3.0)
    assert grad(lambda y: x * y)(x).data == 3.0
    assert grad(lambda y: x * 1.0)(x) == 0.0 or grad(lambda y: x * 1.0)(x).data == 0.0


def test_closures_over_values_are_constants_of_the_function() -> None:
    w = Value(5.0)
    assert grad(lambda x: w * x * x)(2.0) == 20.0
    assert w.grad == 0.0
    u = grad(lambda x: w * x * x)
    w.data = 7.0
    assert u(2.0) == 28.0, "the function is run again"


def test_inside_a_derivative_gradients_are_recorded_only_where_they_are() -> None:
    assert type(grad(lambda x: x * x)(1.0)) is float
    with pytest.raises(RuntimeError):
        grad(_fail)(1.0)
    assert type(grad(lambda x: x * x)(1.0)) is float, "an error inside leaves no trace"


def _fail(x: Any) -> Any:
    raise RuntimeError("inside")


def test_inside_no_grad_derivatives_are_still_derivatives() -> None:
    """A block without recording around them is none of their business; one inside f is."""

    def f(x: Any, y: Any) -> Any:
        return x * x * y

    with no_grad():
        assert grad(f)(2.0, 3.0) == (12.0, 4.0)
        assert value_and_grad(f)(2.0, 3.0) == (12.0, (12.0, 4.0))
        assert jacobian(lambda x: [x * x, x])(2.0) == [4.0, 1.0]
        assert hessian(lambda x: x**3)(2.0) == 12.0
        assert hvp(lambda x: x**3)(2.0, 10.0) == 120.0
        assert grad(grad(lambda x: x**4))(2.0) == 48.0
        assert grad(checkpoint(lambda x: x**3))(2.0) == 12.0
        assert grad(checkpoint(lambda x: x**3))(Value(2.0)).data == 12.0

    @no_grad()
    def frozen(x: Any) -> Any:
        return x * x

    assert grad(lambda x: x * frozen(x))(3.0) == 9.0
    with no_grad():
        assert grad(lambda x: x * frozen(x))(3.0) == 9.0


def test_inside_no_grad_what_derivatives_give_is_not_recorded() -> None:
    w, x = Value(3.0), Value(2.0)
    with no_grad():
        value, slope = value_and_grad(lambda x: w * x * x)(x)
        rows = jacobian(lambda x: [w * x, x])(x)
    assert (value.data, slope.data, rows[0].data) == (12.0, 12.0, 3.0)
    assert value.parents == slope.parents == rows[0].parents == ()
    outer = grad(lambda x: x * no_grad()(grad(lambda y: y**3))(x))
    assert outer(2.0) == 12.0, "the inner derivative counts as a number"


def test_a_branch_on_the_data_is_followed() -> None:
    def f(x: Any) -> Any:
        return x * x if x > 0 else -x

    assert (grad(f)(3.0), grad(f)(-3.0)) == (6.0, -1.0)


def test_loops_and_recursion() -> None:
    def power(x: Any, n: int) -> Any:
        return 1.0 if n == 0 else x * power(x, n - 1)

    assert grad(lambda x: power(x, 5))(2.0) == 80.0
    assert grad(lambda x: power(x, 0))(2.0) == 0.0


def test_names_and_words_of_the_function_are_kept() -> None:
    def loss(x: Any) -> Any:
        """How bad it is."""
        return x

    for transform in (grad, value_and_grad, jacobian, hessian, hvp):
        assert transform(loss).__name__ == "loss"
        assert transform(loss).__doc__ == "How bad it is."


# ── refusals ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("transform", [grad, value_and_grad, jacobian, hessian])
def test_wrong_points_are_refused(transform: Callable[..., Any]) -> None:
    for point in ("a", None, ["a"], [None], 1j, {"a": "b"}, object()):
        with pytest.raises(ArgumentTypeError, match=r"needed|needs a real number"):
            transform(lambda x: 1.0)(point)
    with pytest.raises(ArgumentError, match="at least one argument"):
        transform(lambda: 1.0)()
    for function in (3, None, "f"):
        with pytest.raises(ArgumentTypeError, match=r"function is needed|callable"):
            transform(function)(1.0)


def test_wrong_results_are_refused() -> None:
    for result in ("a", None, object(), 1j):
        with pytest.raises(ArgumentTypeError):
            grad(lambda x, r=result: r)(1.0)
        with pytest.raises(ArgumentTypeError):
            jacobian(lambda x, r=result: [x, r])(1.0)
    with pytest.raises(ArgumentError, match="one result, but it gave 2; see jacobian"):
        grad(lambda x: [x, x])(1.0)
    with pytest.raises(ArgumentError, match="one result, but it gave 0"):
        grad(lambda x: [])(1.0)


def test_errors_of_the_function_come_through() -> None:
    with pytest.raises(DomainError, match=r"log\(x\) needs x > 0"):
        grad(autograd.log)(-1.0)
    with pytest.raises(NonFiniteError):
        grad(lambda x: x * 1e308 * 10)(1.0)


def test_gradients_that_are_infinite_are_data() -> None:
    assert grad(autograd.sqrt)(0.0) == float("inf")


def test_arguments_by_name_are_passed_on() -> None:
    def f(x: Any, y: Any = 1.0, *, power: int = 2, f: float = 1.0) -> Any:
        return f * x**power * y

    assert grad(f)(2.0, power=3) == 12.0
    assert grad(f)(2.0, f=10.0) == 40.0
    assert grad(f)(2.0, 5.0, power=3) == (60.0, 8.0)
    assert value_and_grad(f)(2.0, y=5.0) == (20.0, 20.0)
    assert jacobian(f)(2.0, y=5.0) == 20.0
    assert hessian(f)(2.0, power=3) == 12.0
    assert hvp(f)(2.0, 1.5, power=3) == 18.0
