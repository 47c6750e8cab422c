"""The Values are the parameters until `parameters` is asked for; from then on the arrays are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import AutogradError, Value
from autograd.compiler import EagerWarning, jit


def test_an_eager_call_leaves_changed_values_alone() -> None:
    w = [Value(1.0), Value(1.0)]
    f = jit(lambda x: ag.dot(w, x) if x[0] > 0 else ag.dot(w, x) ** 2, batch=True)
    f.value_and_grad(np.array([[1.0, 2.0], [2.0, 1.0]]))
    w[0].data = 5.0
    with pytest.warns(EagerWarning, match="alike for all samples"):
        value = f.value_and_grad(np.array([[1.0, 2.0], [-2.0, 1.0]]))[0]
    assert (value, w[0].data) == (((5 + 2) + (-10 + 1) ** 2) / 2, 5.0)


def test_arrays_that_nobody_has_are_not_written_back() -> None:
    w = [Value(1.0), Value(2.0)]
    f = jit(lambda x: ag.dot(w, x))
    f.value_and_grad(np.ones(2))
    w[0].data = 5.0
    f.write_back()
    assert w[0].data == 5.0


def test_a_new_program_is_traced_with_the_arrays_numbers() -> None:
    """With those of the Values, exp would overflow."""
    w = [Value(1.0) for _ in range(8)]
    f = jit(lambda x: ag.sum([ag.exp(ag.dot(w, row)) for row in x]))
    f.value_and_grad(np.full((4, 8), 0.1))
    (array,) = f.parameters.values()
    array[:] = 0.001
    value = f.value_and_grad(np.full((5, 8), 100.0))[0]
    assert value == pytest.approx(5 * np.exp(0.8))


def test_a_guard_of_a_weight_that_was_changed_in_its_array(recwarn: Any) -> None:
    w = [Value(0.3 + 0.1 * i) for i in range(8)]
    f = jit(lambda x: ag.sum([ag.dot(w, r) ** 2 if w[0] > 0 else ag.dot(w, r) for r in x]))
    x = np.ones((4, 8))
    f.value_and_grad(x)
    (array,) = f.parameters.values()
    array[0] = -1.0
    assert f.value_and_grad(x)[0] == pytest.approx(4 * array.sum())
    assert not recwarn.list


def test_gradients_by_arguments_that_were_changed_so_that_f_fails() -> None:
    w, x = [Value(1.0), Value(2.0)], np.array([1.0, 2.0])
    f = jit(lambda x: ag.sum([a * ag.log(b) for a, b in zip(w, x, strict=True)]))
    _, by_arguments, _ = f.value_and_grad(x)
    x *= -1.0
    with pytest.raises(AutogradError, match="were changed"):
        by_arguments[0]
