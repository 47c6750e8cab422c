"""Mistakes of the first hour are answered with what to write instead."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from autograd import ArgumentError, ArgumentTypeError, AutogradError, Value
from nn import (
    MLP,
    SGD,
    Activate,
    Dropout,
    Layer,
    LeakyReLU,
    Module,
    Neuron,
    ReLU,
    RNNCell,
    Sequential,
    accuracy,
    digits,
    fit,
    mse_loss,
    xor,
)

MODEL = MLP(2, [2, 1], seed=0)
X, Y = xor()


def trained(**options: Any) -> None:
    named: dict[str, Any] = {"loss": mse_loss, "optimizer": SGD(MODEL.parameters())} | options
    fit(MODEL, (X, Y), epochs=1, progress=False, **named)


@pytest.mark.parametrize(
    ("call", "advice"),
    [
        (lambda: MODEL(1.0, 2.0), "given as one list: model([1.0, 2.0])"),
        (lambda: Layer(3, 1)(1, 2, Value(3.0)), "given as one list: model([1.0, 2.0, 3.0])"),
        (lambda: Neuron(5)(1, 2, 3, 4, 5), "given as one list: model([1.0, 2.0, 3.0, …])"),
        (lambda: RNNCell(3, 2)(1.0, 2.0, 3.0), "given as one list: model([1.0, 2.0, 3.0])"),
        (lambda: MLP(2, []), "list of the layers' widths, at least one, not []"),
        (lambda: accuracy(MODEL, X, Y), "accuracy([model(x) for x in X], Y)"),  # type: ignore[arg-type]
        (lambda: accuracy(MODEL, Y), "accuracy([model(x) for x in X], Y)"),  # type: ignore[arg-type]
        (lambda: Sequential(Layer(2, 3), ReLU, Layer(3, 1)), "write ReLU()"),
        (lambda: Sequential(Layer(2, 3), LeakyReLU), "write LeakyReLU()"),
        (lambda: Sequential(Layer(2, 3), Dropout), "write Dropout()"),
        (lambda: Sequential(Layer), "write Layer(…)"),
        (lambda: Layer(2, 3, ReLU), "write ReLU()"),
        (lambda: MLP(2, [3, 1], activation=LeakyReLU), "write LeakyReLU()"),
        (lambda: Activate(ReLU), "write ReLU()"),
        (lambda: trained(optimizer=SGD), "such as SGD(model.parameters(), lr=0.1), not <class"),
        (lambda: trained(optimizer="sgd"), "SGD(model.parameters(), lr=0.1), not 'sgd'"),
        (lambda: trained(loss="mse"), "fit(loss=…), such as mse_loss, is a function, not 'mse'"),
    ],
)
def test_advice(call: Callable[[], Any], advice: str) -> None:
    with pytest.raises((ArgumentError, ArgumentTypeError)) as caught:
        call()
    assert advice in str(caught.value)


def test_other_errors_of_calls_are_as_python_words_them() -> None:
    class Own(Module):
        def forward(self, x: Any) -> Any:
            return x + "text"

    class Two(Module):
        def forward(self, x: Any, y: Any) -> Any:
            return x + y

    calls: list[tuple[Callable[[], Any], str]] = [
        (lambda: MODEL(X, Y), "takes 2 positional arguments but 3 were given"),
        (lambda: MODEL(), "missing 1 required positional argument: 'inputs'"),
        (lambda: Own()(1.0), "unsupported operand"),
    ]
    for call, words in calls:
        with pytest.raises(TypeError, match=words):
            call()
    assert Two()(1.0, 2.0) == 3.0


def test_data_sets_that_are_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(AutogradError, match="pip install scikit-learn"):
        digits()
