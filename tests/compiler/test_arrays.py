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
    assert repr(gradients).startswith("<gradients by parameter arrays need a compiled program")


def test_values_changed_after_write_back_count_at_the_next_call() -> None:
    a = Value(1.0, "a")
    f = jit(lambda x: a * x)
    f.value_and_grad(1.5)
    f.parameters["a"][...] = 5.0
    for number in (7.0, 8.0):
        f.write_back()
        assert f.parameters["a"] == a.data  # looking does not use the change up
        a.data = number
        assert f.parameters["a"] == number
        assert f.value_and_grad(1.0)[0] == number
    a.data = 9.0  # after the call the arrays count
    assert f.value_and_grad(1.0)[0] == 8.0


def test_an_eager_function_without_parameters_has_no_parameter_arrays() -> None:
    f = jit(lambda x, n: Value(2.0) * x * round(n))
    with pytest.warns(EagerWarning):
        assert f.value_and_grad(Value(1.5), 1.2)[2] == {}


def test_parameters_of_a_way_that_runs_eagerly_are_not_left_out() -> None:
    one, other = Value(2.0), Value(3.0)
    f = jit(lambda xs: one * xs[0] if len(xs) == 1 else one * other * round(sum(xs)))
    assert list(f.value_and_grad([1.5])[2].values()) == [1.5]
    with pytest.warns(EagerWarning):
        value, _, gradients = f.value_and_grad([1.5, 2.5])
    assert value == 24.0
    with pytest.raises(AutogradError, match="need a compiled program"):
        list(gradients)


def test_gradients_of_a_way_that_runs_eagerly_by_arrays_of_other_programs() -> None:
    one, other = Value(2.0), Value(3.0)
    by_length = {1: lambda xs: one * xs[0], 2: lambda xs: other * xs[0] * xs[1]}
    f = jit(lambda xs: by_length.get(len(xs), lambda xs: one * other * round(sum(xs)))(xs))
    names = [next(iter(f.value_and_grad([1.5] * n)[2])) for n in (1, 2)]
    with pytest.warns(EagerWarning):
        _, _, gradients = f.value_and_grad([1.0, 2.0, 3.0])
    assert [gradients[name] for name in names] == [18.0, 12.0]
    assert len(gradients) == 2
    assert repr(gradients) == repr(dict(gradients))
