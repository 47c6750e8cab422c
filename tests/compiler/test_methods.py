"""A method under `jit`: all that a jitted function has, with the object in its place."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Value, backprop
from autograd.compiler import jit


class Line:
    def __init__(self, slope: float) -> None:
        self.weights = [Value(slope + 0.1 * i, "w") for i in range(3)]
        self.scale = 1.0

    @jit
    def loss(self, xs: Any, power: float = 2.0) -> Any:
        """The loss of a line."""
        return ag.sum([ag.dot(self.weights, x) ** 2 * power for x in xs]) * self.scale

    def plainly(self, xs: Any, power: float = 2.0) -> Any:
        return ag.sum([ag.dot(self.weights, x) ** 2 * power for x in xs]) * self.scale


X = np.linspace(-1.0, 1.0, 12).reshape(4, 3)


def test_each_object_has_its_own_numbers() -> None:
    a, b = Line(1.0), Line(-2.0)
    for _ in range(3):
        for line in (a, b):
            for arguments in ((X,), (X, 3.0)):
                result, plain = line.loss(*arguments), line.plainly(*arguments)
                assert result.data == pytest.approx(plain.data, rel=1e-12)
                found, expected = backprop(result), backprop(plain)
                for w in line.weights:
                    assert found[w] == pytest.approx(expected[w], rel=1e-12)
        a.scale += 1.0


def test_the_array_door_of_a_method() -> None:
    line = Line(1.0)
    xs = [[Value(float(x)) for x in row] for row in X]
    table = backprop(line.plainly(xs, power=3.0))
    for _ in range(3):
        value, by_arguments, gradients = line.loss.value_and_grad(X, power=3.0)
        assert value == pytest.approx(line.plainly(X, 3.0).data, rel=1e-12)
        assert len(by_arguments) == 2
        expected = [[table[x] for x in row] for row in xs]
        np.testing.assert_allclose(by_arguments[0], expected, rtol=1e-12)
        expected = [table[w] for w in line.weights]
        np.testing.assert_allclose(*gradients.values(), expected, rtol=1e-12)
    (array,) = line.loss.parameters.values()
    array[:] = 0.5
    line.loss.write_back()
    assert [w.data for w in line.weights] == [0.5] * 3
    assert "def forward" in line.loss.source
    assert "scalar nodes" in line.loss.explain()


def test_a_method_is_known_by_its_name() -> None:
    line = Line(1.0)
    assert line.loss.__name__ == "loss"
    assert line.loss.__doc__ == "The loss of a line."
    assert line.loss == line.loss != Line(1.0).loss
    assert len({line.loss, line.loss}) == 1
    assert line.loss.__self__ is line
    other = pickle.loads(pickle.dumps(line.loss))
    assert other.__self__.weights[1].data == 1.1
    assert copy.deepcopy(line).loss(X).data == pytest.approx(line.loss(X).data, rel=1e-12)


def test_what_a_bound_method_uses_is_watched() -> None:
    line = Line(1.0)
    bound = line.loss
    f = jit(lambda x: bound(x) + 1.0)
    for scale in (1.0, 1.0, 2.0, 3.0):
        line.scale = scale
        assert f(X).data == pytest.approx(line.plainly(X).data + 1.0, rel=1e-12)


def test_class_methods() -> None:
    class Scaled:
        scale = Value(2.0)

        @classmethod
        @jit
        def of(cls, x: Any) -> Any:
            return cls.scale * x

        @staticmethod
        @jit
        def twice(x: Any) -> Any:
            return 2.0 * Scaled.scale * x

    for x in (1.0, 2.0, 3.0):
        assert (Scaled.of(x).data, Scaled.twice(x).data) == (2.0 * x, 4.0 * x)
        assert (Scaled().of(x).data, Scaled().twice(x).data) == (2.0 * x, 4.0 * x)


def test_a_method_of_one_sample() -> None:
    class Fitted(Line):
        @jit(batch=(False, True, True))
        def error(self, x: Any, target: Any) -> Any:
            return (ag.dot(self.weights, x) - target) ** 2

    line, targets = Fitted(1.0), np.arange(4.0)
    expected = [(ag.dot(line.weights, x) - t).data ** 2 for x, t in zip(X, targets, strict=True)]
    for _ in range(2):
        assert line.error(X, targets).data == pytest.approx(np.mean(expected), rel=1e-12)
        assert line.error.value_and_grad(X, targets)[1][0].shape == X.shape
