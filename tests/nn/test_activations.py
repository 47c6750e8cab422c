"""Activations: as plain functions, as names, and among the layers of a `Sequential`."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

import autograd
import nn
from autograd import ArgumentError, ArgumentTypeError, trace
from nn import MLP, Conv2d, Flatten, Layer, MaxPool2d, Sequential

NAMES = ["relu", "leaky_relu", "sigmoid", "tanh", "softplus", "hard_clip", "threshold", "linear"]
WHOLE = ["softmax", "log_softmax"]
X = [0.5, -1.0]


def data(outputs: Any) -> Any:
    return [data(y) for y in outputs] if isinstance(outputs, list) else outputs.data


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "sigmoid", "tanh", "softplus"])
def test_autograds_functions_are_those_of_nn(name: str) -> None:
    assert getattr(nn, name) is getattr(autograd, name)


@pytest.mark.parametrize("name", NAMES + WHOLE)
def test_a_function_that_has_a_name_is_that_activation(name: str) -> None:
    by_name, given = (Layer(2, 3, f, seed=0) for f in (name, getattr(nn, name)))
    assert repr(given) == repr(by_name)
    assert data(given(X)) == data(by_name(X))
    assert data(nn.Activate(getattr(nn, name))(by_name(X))) == data(nn.Activate(name)(by_name(X)))
    nodes, same = (trace(*layer(X)).nodes for layer in (by_name, given))
    assert [node.scope for node in same] == [node.scope for node in nodes]


@pytest.mark.parametrize("name", NAMES + WHOLE)
def test_functions_in_a_sequential(name: str) -> None:
    model = Sequential(Layer(2, 3, seed=0), getattr(nn, name), Layer(3, 2, seed=1))
    assert data(model(X)) == data(Sequential(model[0], nn.Activate(name), model[2])(X))
    assert model.count_parameters() == 9 + 8
    assert list(model.state_dict())[2] == "layer2.weight"
    assert repr(model[1]) == f"Activate({name!r})"
    assert model.output_shape((2,)) == (2,)


@pytest.mark.parametrize("f", [autograd.sin, autograd.abs, autograd.erf, autograd.tanh])
def test_autograds_functions_of_one_number_go_over_a_list(f: Any) -> None:
    model = Sequential(Layer(2, 3, seed=0), f)
    assert data(model(X)) == [f(z) for z in data(model[0](X))]
    image = [[1.0, -2.0], [3.0, -4.0]]
    assert Sequential(Flatten(), f)(image) == [f(z) for row in image for z in row]
    planes = Sequential(Conv2d(1, 2, 1, seed=0), f, MaxPool2d(2), Flatten())(image)
    assert len(planes) == 2


def reversed_list(xs: Any) -> Any:
    return xs[::-1]


def test_any_other_function_is_called_with_the_list() -> None:
    model = Sequential(Layer(2, 3, seed=0), reversed_list, autograd.logsumexp)
    assert model(X).data == pytest.approx(autograd.logsumexp(data(model[0](X))), rel=1e-15)
    assert repr(model) == f"Sequential({model[0]!r}, reversed_list, logsumexp)"
    assert model(X).scope == "layer2"
    assert pickle.loads(pickle.dumps(model))(X).data == model(X).data
    with pytest.raises(ArgumentError, match="what shape reversed_list gives"):
        model.output_shape((2,))
    assert Sequential(lambda xs, n=2: xs[:n])([1, 2, 3]) == [1, 2]


def test_a_model_is_trained_through_a_function() -> None:
    losses = []
    for layer in (reversed_list, nn.Activate("linear")):
        for jit in (False, True):
            model = Sequential(MLP(2, [3, 2], seed=0), layer)
            optimizer = nn.SGD(model.parameters(), lr=0.1)
            history = nn.fit(
                model, ([X, X[::-1]], [0, 1]), loss=nn.cross_entropy, optimizer=optimizer,
                epochs=3, seed=0, jit=jit, progress=False,
            )  # fmt: skip
            losses.append(history.loss[-1])
    assert losses[0] == pytest.approx(losses[1], rel=1e-12)
    assert losses[0] != losses[2]


@pytest.mark.parametrize(
    "layer", [3, "relu", None, nn.ReLU, nn.Flatten, nn.LeakyReLU, lambda: 1.0, lambda x, y: x]
)
def test_what_is_no_layer(layer: Any) -> None:
    with pytest.raises(
        ArgumentTypeError, match=r"Sequential\(…\) is made of Modules and functions"
    ):
        Sequential(Layer(1, 1), layer)


def test_a_list_of_layers() -> None:
    with pytest.raises(ArgumentTypeError, match=r"not a list of them.*Sequential\(\*layers\)"):
        Sequential([Layer(1, 1), Layer(1, 1)])
