"""The array-level door, where a function has several programs."""

from __future__ import annotations

import pytest

import autograd as ag
from autograd import AutogradError, Value
from autograd.compiler import EagerWarning, jit


@pytest.fixture
def weights() -> list[Value]:
    return [Value(1.0), Value(1.0)]


def _two_ways(weights):
    return jit(lambda x: (weights[0] - 3) ** 2 * x if x > 0 else (weights[1] + 3) ** 2 * (-x))


def _of_both(f):
    arrays = {}
    for x in (1.0, -1.0):
        f.value_and_grad(x)
        arrays |= f.parameters
    return arrays


@pytest.mark.parametrize("pattern", [(1.0, -1.0), (1.0, 1.0, -1.0), (-1.0, 1.0, 1.0, -1.0)])
def test_arrays_of_two_programs_have_two_names(weights: list[Value], pattern) -> None:
    f = _two_ways(weights)
    arrays = _of_both(f)
    assert len(arrays) == 2
    for i in range(200):
        _, _, gradients = f.value_and_grad(pattern[i % len(pattern)])
        for name, gradient in gradients.items():
            arrays[name] -= 0.1 * gradient
    f.write_back()
    assert [w.data for w in weights] == pytest.approx([3.0, -3.0])


def test_arrays_of_a_program_that_did_not_run_last_count(weights: list[Value]) -> None:
    f = _two_ways(weights)
    first, second = _of_both(f).values()
    first[...] = 5.0
    second[...] = 7.0
    assert f.value_and_grad(1.0)[0] == 4.0
    assert f.value_and_grad(-1.0)[0] == 100.0
    first[...] = 6.0
    f.write_back()
    assert [w.data for w in weights] == [6.0, 7.0]


def test_arrays_changed_after_another_program_ran_are_kept(weights: list[Value]) -> None:
    f = _two_ways(weights)
    first = next(iter(_of_both(f).values()))
    f.value_and_grad(1.0)
    first[...] = 5.0
    assert [f.value_and_grad(1.0)[0] for _ in range(2)] == [4.0, 4.0]


def test_the_same_values_have_one_name(weights: list[Value]) -> None:
    f = jit(lambda x: ag.dot(weights, x) if x[0] > 0 else ag.dot(weights, x) ** 2)
    for x in ([1.0, 2.0], [-1.0, 2.0]):
        f.value_and_grad(x)
    names = list(f.parameters)
    f.value_and_grad([1.0, 2.0])
    assert list(f.parameters) == names
    assert len(names) == 1


def test_gradients_by_parameters_are_not_left_out(weights: list[Value]) -> None:
    f = jit(lambda x: weights[0] * weights[1] * round(x))
    with pytest.warns(EagerWarning):
        value, _, gradients = f.value_and_grad(1.2)
    assert value == 1.0
    for look in (list, len, dict, lambda g: g["parameters"]):
        with pytest.raises(AutogradError, match="need a compiled program"):
            look(gradients)


def test_an_eager_function_without_parameters_has_no_parameter_arrays() -> None:
    f = jit(lambda x, n: Value(2.0) * x * round(n))
    with pytest.warns(EagerWarning):
        assert f.value_and_grad(Value(1.5), 1.2)[2] == {}
