"""Curriculum C8: the gradient table of an MLP is what the matrix formulas say."""

from __future__ import annotations

import pytest

from autograd import ArgumentError, ArgumentTypeError, Value, backprop
from nn import (
    MLP,
    Layer,
    cross_entropy,
    gradients_by_layer,
    half_squared_error,
    l2_penalty,
    mse_loss,
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


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("widths", [[2, 1], [1]])
def test_weight_decay_is_no_layer(bias, widths):
    """The penalty's Σ w², also one `dot` node, begins with the same weights."""
    model = MLP(3, widths, "tanh", bias=bias, seed=0)
    loss = mse_loss([model(x) for x in X], [0.5, -1.0])
    alone = gradients_by_layer(model, backprop(loss))
    together = gradients_by_layer(model, backprop(loss + l2_penalty(model.parameters(), 0.1)))
    for one, other, layer in zip(alone, together, model.layers, strict=True):
        assert (other.z, other.deltas, other.inputs) == (one.z, one.deltas, one.inputs)
        decay = 0.2 * np.array(layer.weight.data)
        np.testing.assert_allclose(other.weight, np.array(one.weight) + decay, rtol=1e-12)


def test_a_unit_that_the_output_does_not_need():
    model = model_for("tanh")
    outputs = model(X[0])
    last = gradients_by_layer(model, backprop(outputs[1]))[-1]
    assert last.z[0] == pytest.approx([z.data for z in outputs], rel=1e-15)
    assert last.deltas == [[0.0, 1.0]]
    assert last.weight[0] == [0.0] * 3
    table = backprop(outputs[0] + model(X[1])[0] + model(X[1])[1])
    with pytest.raises(ArgumentError, match=r"layer2.*used for 2 samples.*1"):
        gradients_by_layer(model, table)


def test_wrong_types():
    with pytest.raises(ArgumentTypeError, match="a Module"):
        gradients_by_layer(3, backprop(Value(1.0) * 2))
    with pytest.raises(ArgumentTypeError, match="a gradient table"):
        gradients_by_layer(Layer(2, 2), 3)
