"""Calls like the latest one, whose program is at hand: nothing that changed goes unnoticed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Value, backprop
from autograd.compiler import jit

XS = np.linspace(0.1, 1.2, 12)


class Model:
    """A loss whose parts can be changed between calls."""

    def __init__(self) -> None:
        self.w = [Value(0.1 * i, "w") for i in range(12)]
        self.scale, self.other = 2.0, np.ones(12)
        self.f = jit(self.loss)
        for _ in range(3):
            self.f.value_and_grad(XS)

    def loss(self, xs: Any) -> Value:
        h = ag.tanh(ag.dot(self.w, xs)) * self.scale
        h = h + ag.dot(self.w, [float(x) for x in self.other])
        return h * 2.0 if h > 0.0 else h * 3.0

    def check(self, xs: Any) -> None:
        value, (by_xs,), gradients = self.f.value_and_grad(xs)
        inputs = [Value(x) for x in xs]
        expected = self.loss(inputs)
        table = backprop(expected)
        assert value == pytest.approx(expected.data, rel=1e-12)
        assert gradients["w"] == pytest.approx([table[w] for w in self.w], rel=1e-12)
        assert by_xs == pytest.approx([table[x] for x in inputs], rel=1e-12)


@pytest.mark.parametrize("handed_out", [False, True])
def test_changes_between_calls(handed_out: bool) -> None:
    model = Model()
    assert not handed_out or model.f.parameters
    model.check(XS[::-1])
    model.scale = 0.5
    model.check(XS)
    model.check(-XS)
    model.other[3] = -7.0
    model.check(XS)
    model.check(-8.0 * XS)  # the comparison comes out otherwise
    model.check(XS)
    model.check(XS.tolist())


def test_parameters_between_calls() -> None:
    model = Model()
    model.w[2].data = 5.0
    model.check(XS)
    model.f.parameters["w"][4] = -3.0
    model.f.write_back()
    model.check(XS)
    model.f.write_back()
    model.w[4].data = 1.5
    model.check(XS)


def test_other_shapes_and_kinds_are_calls_of_their_own() -> None:
    w = Value(3.0, "w")
    f = jit(lambda xs: ag.sum([w * x for x in xs]))
    for xs in (np.ones(8), np.ones(8), np.ones(9), np.ones(8), np.ones(8, np.float32)):
        assert f.value_and_grad(xs)[0] == 3.0 * len(xs)
    assert f.value_and_grad(list(np.full(8, 2.0)))[0] == 48.0
    assert f.value_and_grad(xs=np.full(8, 2.0))[0] == 48.0
    assert f.value_and_grad(np.full(8, 2))[0] == 48.0
    with pytest.raises(TypeError):
        f.value_and_grad(np.ones(8), np.ones(8))


def test_the_graph_is_that_of_the_latest_call() -> None:
    w = [Value(1.0, "w") for _ in range(12)]
    f = jit(lambda xs: ag.dot(w, xs))
    for last in (1.0, 2.0, 3.0):
        f.value_and_grad(np.full(12, last))
        assert f.graph.output.data == 12.0 * last


def test_edges_in_repeated_calls() -> None:
    w = [Value(1.0, "w") for _ in range(12)]
    f = jit(lambda xs: ag.sum([v * ag.log(x) for v, x in zip(w, xs, strict=True)]))
    for _ in range(3):
        f.value_and_grad(XS)
    with pytest.raises(ag.DomainError):
        f.value_and_grad(-XS)
    assert f.value_and_grad(XS)[0] == pytest.approx(np.log(XS).sum(), rel=1e-12)
