"""Curriculum C8: the gradient table of an MLP is what the matrix formulas say."""

from __future__ import annotations

import pytest

from autograd import ArgumentError, Value, backprop
from nn import (
    MLP,
    Layer,
    cross_entropy,
    gradients_by_layer,
    half_squared_error,
    softmax,
)

np = pytest.importorskip("numpy")

X = [[0.3, -1.2, 0.8], [1.0, 0.1, -0.4]]
Y = [[0.5, -0.25], [1.0, 0.0]]
SLOPES = {
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "sigmoid": lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2,
    "relu": lambda z: (z > 0) * 1.0,
}
FUNCTIONS = {
    "tanh": np.tanh,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "relu": lambda z: np.maximum(z, 0),
}


def by_matrices(model, activation, x, error):
    """∇W^l = [f'(z) ⊙ e] (v^(l−1))ᵀ with e^(l−1) = (W^l)ᵀ [f'(z) ⊙ e^l], the last layer linear."""
    weights = [np.array(layer.weight.data) for layer in model.layers]
    biases = [np.array(layer.bias.data) for layer in model.layers]
    v, z = [np.array(x)], []
    for i, (W, b) in enumerate(zip(weights, biases, strict=True)):
        z.append(W @ v[-1] + b)
        v.append(FUNCTIONS[activation](z[-1]) if i < len(weights) - 1 else z[-1])
    e, found = error(v[-1]), []
    for i in reversed(range(len(weights))):
        delta = e if i == len(weights) - 1 else SLOPES[activation](z[i]) * e
        found.append((v[i], z[i], delta, np.outer(delta, v[i])))
        e = weights[i].T @ delta
    return found[::-1]


def model_for(activation):
    model = MLP(3, [4, 3, 2], activation=activation, seed=2)
    for layer in model.layers:
        layer.bias.data = [0.1 * (i + 1) for i in range(layer.n_outputs)]
    return model


@pytest.mark.parametrize("activation", SLOPES)
@pytest.mark.parametrize("loss", ["squared error", "cross-entropy"])
def test_matrix_formulas(activation, loss):
    model = model_for(activation)
    if loss == "squared error":
        table = backprop(half_squared_error(model(X[0]), Y[0]))
        wanted = by_matrices(model, activation, X[0], lambda v: v - np.array(Y[0]))
    else:
        table = backprop(cross_entropy(model(X[0]), 1))
        wanted = by_matrices(
            model, activation, X[0], lambda v: np.array(softmax(list(v))) - np.array([0, 1])
        )
    layers = gradients_by_layer(model, table)
    assert [layer.name for layer in layers] == ["layer0", "layer1", "layer2"]
    for got, (v, z, delta, weight) in zip(layers, wanted, strict=True):
        np.testing.assert_allclose(got.inputs, [v], rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(got.z, [z], rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(got.deltas, [delta], rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(got.weight, weight, rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(got.bias, delta, rtol=1e-12, atol=1e-15)


def test_a_batch():
    model = model_for("tanh")
    table = backprop(half_squared_error([model(x) for x in X], Y))
    parts = [
        by_matrices(model, "tanh", x, lambda v, y=y: v - np.array(y))
        for x, y in zip(X, Y, strict=True)
    ]
    for got, *samples in zip(gradients_by_layer(model, table), *parts, strict=True):
        np.testing.assert_allclose(got.z, [s[1] for s in samples], rtol=1e-12)
        np.testing.assert_allclose(got.deltas, [s[2] for s in samples], rtol=1e-12)
        np.testing.assert_allclose(got.weight, sum(s[3] for s in samples), rtol=1e-12)


def test_without_biases():
    model = MLP(3, [2, 1], "tanh", bias=False, seed=0)
    layers = gradients_by_layer(model, backprop(model([Value(x) for x in X[0]])))
    assert [layer.bias for layer in layers] == [None, None]
    assert layers[0].inputs == [X[0]]
    assert layers[1].deltas == [[1.0]]


def test_the_wrong_table():
    with pytest.raises(ArgumentError, match="no Layer of"):
        gradients_by_layer(Layer(2, 2), backprop(Value(1.0) * 2))
