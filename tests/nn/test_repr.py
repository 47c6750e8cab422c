"""What a module says of itself makes another one like it."""

from __future__ import annotations

import math
from typing import Any

import pytest

import nn
from autograd import ArgumentError
from nn import (
    MLP,
    Activate,
    AvgPool2d,
    Conv1d,
    Conv2d,
    Dropout,
    Flatten,
    L2Pool2d,
    Layer,
    LayerNorm,
    LeakyReLU,
    LocallyConnected2d,
    LogSoftmax,
    Maxout,
    MaxPool2d,
    MulticlassPerceptron,
    Neuron,
    Perceptron,
    PReLU,
    ReLU,
    RNNCell,
    Sequential,
    Softmax,
)

IMAGE = [[[math.sin(7 * i + j) for j in range(6)] for i in range(6)]]

MODULES = [
    (Neuron(2, "tanh"), "Neuron(2, activation='tanh')"),
    (Neuron(2, bias=False), "Neuron(2, activation='linear', bias=False)"),
    (Layer(2, 3, nn.relu), "Layer(2, 3, activation='relu')"),
    (Layer(2, 3, "prelu", bias=False), "Layer(2, 3, activation=PReLU(1), bias=False)"),
    (MLP(2, [3, 1], nn.tanh), "MLP(2, [3, 1], activation='tanh', output='linear')"),
    (MLP(2, [2], output="softmax", bias=False), "MLP(2, [2], output='softmax', bias=False)"),
    (Maxout(2, 3, 4), "Maxout(2, 3, pieces=4)"),
    (Perceptron(2), "Perceptron(2)"),
    (MulticlassPerceptron(2, 3), "MulticlassPerceptron(2, 3)"),
    (RNNCell(2, 3), "RNNCell(2, 3, nonlinearity='tanh')"),
    (RNNCell(2, 3, False, nn.relu), "RNNCell(2, 3, nonlinearity='relu', bias=False)"),
    (LayerNorm(2), "LayerNorm(2)"),
    (LayerNorm(2, 0.125, False), "LayerNorm(2, eps=0.125, elementwise_affine=False)"),
    (LeakyReLU(1 / 3), "LeakyReLU(0.3333333333333333)"),
    (Dropout(1 / 3).eval(), "Dropout(0.3333333333333333)"),
    (PReLU(2), "PReLU(2)"),
    (Sequential(Layer(2, 3), ReLU(), nn.log_softmax), None),
    (Activate("tanh"), "Activate('tanh')"),
    (Softmax(), "Activate('softmax')"),
    (LogSoftmax(), "Activate('log_softmax')"),
    (Flatten(), "Flatten()"),
]
ON_IMAGES = [
    (Conv2d(1, 2, 3), "Conv2d(1, 2, kernel_size=(3, 3))"),
    (
        Conv2d(1, 2, 2, (2, 1), (1, 0), bias=False),
        "Conv2d(1, 2, kernel_size=(2, 2), stride=(2, 1), padding=(1, 0), bias=False)",
    ),
    (Conv2d(1, 2, 4, padding="same"), "Conv2d(1, 2, kernel_size=(4, 4), padding='same')"),
    (Conv2d(1, 2, 3, padding="same"), "Conv2d(1, 2, kernel_size=(3, 3), padding=(1, 1))"),
    (
        LocallyConnected2d(1, 2, 2, 6, 2, 1, bias=False),
        "LocallyConnected2d(1, 2, kernel_size=(2, 2), input_size=(6, 6), stride=(2, 2), "
        "padding=(1, 1), bias=False)",
    ),
    (MaxPool2d(2), "MaxPool2d((2, 2), stride=(2, 2))"),
    (AvgPool2d(2, padding=1), "AvgPool2d((2, 2), stride=(2, 2), padding=(1, 1))"),
    (L2Pool2d(3, 1), "L2Pool2d((3, 3), stride=(1, 1))"),
]


def data(outputs: Any) -> Any:
    if isinstance(outputs, list):
        return [data(y) for y in outputs]
    return getattr(outputs, "data", outputs)


@pytest.mark.parametrize(
    ("module", "words", "inputs"),
    [(*case, [0.5, -1.5]) for case in MODULES]
    + [(*case, IMAGE) for case in ON_IMAGES]
    + [(Conv1d(1, 2, 3, 2, 1), "Conv1d(1, 2, kernel_size=(3,), stride=(2,), padding=(1,))", [
        [1.0, 2.0, 3.0]
    ])],
)  # fmt: skip
def test_the_same_again(module: Any, words: str | None, inputs: Any) -> None:
    assert words in (repr(module), None)
    again = eval(repr(module), vars(nn).copy())
    assert type(again) is type(module)
    assert repr(again) == repr(module)
    again.load_state_dict(module.state_dict())
    again.train(module.training)
    assert data(again(inputs)) == data(module(inputs))


def test_errors_show_the_signature() -> None:
    with pytest.raises(ArgumentError, match=r"Neuron\(3, activation='tanh'\) needs 3 inputs"):
        Neuron(3, "tanh")([1.0])
