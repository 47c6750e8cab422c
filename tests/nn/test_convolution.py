"""Curriculum part G: convolutional networks."""

from __future__ import annotations

import math
from random import Random

import numpy
import pytest

import autograd
from autograd import ArgumentError, ArgumentTypeError, Value, backprop, trace
from nn import (
    Adam,
    AvgPool2d,
    Conv1d,
    Conv2d,
    Flatten,
    L2Pool2d,
    Layer,
    LocallyConnected2d,
    MaxPool2d,
    ReLU,
    Sequential,
    accuracy,
    convolve,
    cross_correlate,
    cross_entropy,
    dense_as_convolution,
    fit,
    receptive_field,
)

SQUARE = [[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]]


def image(*shape, seed=0):
    source = Random(seed)
    if len(shape) == 1:
        return [source.uniform(-1, 1) for _ in range(shape[0])]
    return [image(*shape[1:], seed=source.random()) for _ in range(shape[0])]


def data(x):
    return [data(y) for y in x] if isinstance(x, list) else x.data


def test_parameters_are_counted_and_not_made():
    dense = Layer(1000 * 1000, 1000 * 1000, bias=False)
    local = LocallyConnected2d(1, 1, 10, (1000, 1000), padding="same", bias=False)
    convolution = Conv2d(1, 100, 10, bias=False)
    counts = [layer.count_parameters() for layer in (dense, local, convolution)]
    assert counts == [10**12, 10**8, 10**4]
    assert local.output_shape((1, 1000, 1000)) == (1, 1000, 1000)
    assert Conv2d(3, 8, 5).count_parameters() == 3 * 8 * 25 + 8
    assert LocallyConnected2d(2, 3, 3, (5, 6)).count_parameters() == 3 * 3 * 4 * (2 * 9 + 1)


@pytest.mark.parametrize(
    ("size", "extent", "stride", "padding"),
    [(7, 3, 2, 0), (7, 3, 1, 1), (5, 5, 1, 0), (8, 3, 3, 2)],
)
def test_output_size(size, extent, stride, padding):
    places = (size - extent + 2 * padding) // stride + 1
    layer = Conv2d(2, 4, extent, stride, padding, seed=0)
    x = image(2, size, size)
    assert layer.output_shape((2, size, size)) == (4, places, places)
    y = layer(x)
    assert (len(y), len(y[0]), len(y[0][0])) == (4, places, places)


def test_conv2d_by_its_formula():
    layer, x = Conv2d(2, 3, (2, 3), stride=(1, 2), padding=(1, 0), seed=1), image(2, 3, 5)
    padded = [[[0.0] * 5, *plane, [0.0] * 5] for plane in x]
    w, b = layer.weight.data, layer.bias.data
    wanted = [
        [
            [
                b[k]
                + sum(
                    w[k][c][n][m] * padded[c][i + n][2 * j + m]
                    for c in range(2)
                    for n in range(2)
                    for m in range(3)
                )
                for j in range(2)
            ]
            for i in range(4)
        ]
        for k in range(3)
    ]
    got = data(layer(x))
    assert [r for p in got for r in p] == [pytest.approx(r, rel=1e-13) for p in wanted for r in p]


def test_a_place_of_a_convolution_is_one_node():
    y = Conv2d(1, 2, 2, seed=0)([[Value(float(x)) for x in row] for row in SQUARE])
    assert [node.op for node in trace(*leaves_of(y)).nodes if node.op] == ["dot"] * 18
    assert y[1][0][0].scope == "filter1"


def leaves_of(y):
    return [v for plane in y for row in plane for v in row]


def test_weights_are_shared_or_not():
    x = image(1, 4, 4)
    shared, own = Conv2d(1, 2, 3, seed=0), LocallyConnected2d(1, 2, 3, (4, 4), seed=0)
    weight = own.state_dict()["weight"]
    for k, plane in enumerate(weight):
        for i, row in enumerate(plane):
            for j in range(len(row)):
                weight[k][i][j] = shared.weight.data[k]
    own.weight.data = weight
    own.bias.data = [[[b] * 2] * 2 for b in shared.bias.data]
    assert data(own(x)) == data(shared(x))
    g = backprop(autograd.sum(leaves_of(own(x))))
    h = backprop(autograd.sum(leaves_of(shared(x))))
    summed = [sum(g[own.weight[0][i][j][0][1][2]] for i in (0, 1) for j in (0, 1))]
    assert summed == pytest.approx([h[shared.weight[0][0][1][2]]], rel=1e-14)


@pytest.mark.torch
@pytest.mark.parametrize(
    ("stride", "padding"), [(1, 0), (2, 1), ((2, 1), (0, 2)), (1, "same"), (1, "valid")]
)
def test_conv2d_as_torch(stride, padding):
    torch = pytest.importorskip("torch")
    x, layer = image(2, 5, 7, seed=3), Conv2d(2, 3, 3, stride, padding, seed=0)
    peer = torch.nn.Conv2d(2, 3, 3, stride, padding).double()
    peer.load_state_dict(
        {k: torch.tensor(v, dtype=torch.float64) for k, v in layer.state_dict().items()}
    )
    y = peer(torch.tensor(x, dtype=torch.float64))
    ours = layer(x)
    torch.testing.assert_close(torch.tensor(data(ours), dtype=torch.float64), y)
    y.square().sum().backward()
    leaves = leaves_of(ours)
    table = backprop(autograd.dot(leaves, leaves))
    gradient = layer.weight.mapped(lambda p: table[p])
    torch.testing.assert_close(torch.tensor(gradient, dtype=torch.float64), peer.weight.grad)


@pytest.mark.torch
def test_conv1d_and_pooling_as_torch():
    torch = pytest.importorskip("torch")
    x, layer = image(2, 9, seed=3), Conv1d(2, 3, 3, 2, 1, seed=0)
    peer = torch.nn.Conv1d(2, 3, 3, 2, 1).double()
    peer.load_state_dict(
        {k: torch.tensor(v, dtype=torch.float64) for k, v in layer.state_dict().items()}
    )
    torch.testing.assert_close(
        torch.tensor(data(layer(x)), dtype=torch.float64),
        peer(torch.tensor(x, dtype=torch.float64)),
    )
    x = image(2, 4, 6, seed=5)
    for name, arguments in [
        ("MaxPool2d", (2,)),
        ("MaxPool2d", (2, 2, 1)),
        ("MaxPool2d", ((2, 3), 1)),
        ("AvgPool2d", (2,)),
        ("AvgPool2d", (2, 2, 1)),
    ]:
        ours = globals()[name](*arguments)(x)
        peer = getattr(torch.nn, name)(*arguments)
        torch.testing.assert_close(
            torch.tensor(ours, dtype=torch.float64), peer(torch.tensor(x, dtype=torch.float64))
        )
    torch.testing.assert_close(
        torch.tensor(L2Pool2d(2)(x), dtype=torch.float64),
        torch.nn.LPPool2d(2, 2)(torch.tensor(x, dtype=torch.float64)),
    )


def test_pooling():
    assert MaxPool2d(2)(SQUARE) == [[6, 8], [3, 4]]
    assert MaxPool2d(2, stride=2)([SQUARE, SQUARE]) == [[[6, 8], [3, 4]]] * 2
    assert AvgPool2d(2)(SQUARE) == [[13 / 4, 21 / 4], [2, 2]]
    assert L2Pool2d(2)(SQUARE)[0][0] == pytest.approx(math.sqrt(1 + 1 + 25 + 36))
    assert MaxPool2d(2, stride=1).output_shape((3, 4, 4)) == (3, 3, 3)


def test_gradients_of_pooling():
    x = [[Value(1.0), Value(3.0)], [Value(3.0), Value(0.0)]]
    (((y,),), ((a,),), ((r,),)) = [pool(x) for pool in (MaxPool2d(2), AvgPool2d(2), L2Pool2d(2))]
    assert [backprop(y)[v] for row in x for v in row] == [0, 0.5, 0.5, 0]  # a tie is split
    assert [backprop(a)[v] for row in x for v in row] == [0.25] * 4
    assert [backprop(r)[v] for row in x for v in row] == pytest.approx(
        [v.data / math.sqrt(19) for row in x for v in row]
    )
    zeros = [[Value(0.0)] * 2] * 2
    ((r,),) = L2Pool2d(2)(zeros)
    assert r.data == 0
    assert backprop(r)[zeros[0][0]] == 0


def test_convolution_and_cross_correlation():
    assert convolve([1, 2, 3], [0, 1, 0.5]) == [0, 1, 2.5, 4, 1.5]
    assert cross_correlate([1, 2, 3], [0, 1, 0.5]) == [3.5]
    assert cross_correlate([1, 2, 3], [0, 1, 0.5], "full") == [0.5, 2, 3.5, 3, 0]
    s, k = image(4, 5, seed=1), image(2, 3, seed=2)
    got = convolve(s, k)
    assert (len(got), len(got[0])) == (5, 7)
    for i in range(5):
        for j in range(7):
            wanted = sum(
                s[i - n][j - m] * k[n][m]
                for n in range(2)
                for m in range(3)
                if 0 <= i - n < 4 and 0 <= j - m < 5
            )
            assert got[i][j] == pytest.approx(wanted, abs=1e-14)
    flipped = [row[::-1] for row in k[::-1]]
    assert convolve(s, k, "valid") == cross_correlate(s, flipped)
    layer = Conv2d(1, 1, (2, 3), bias=False)
    layer.weight.data = [[k]]
    assert data(layer(s))[0] == [pytest.approx(row) for row in cross_correlate(s, k)]


def test_receptive_field():
    stack = [Conv2d(1, 4, 3), ReLU(), MaxPool2d(2), Conv2d(4, 8, 3, padding=1)]
    assert receptive_field([Conv2d(1, 1, 3), Conv2d(1, 1, 3)], 4, 5) == [(4, 8), (5, 9)]
    assert receptive_field(stack, 0, 2) == [(-2, 5), (2, 9)]
    assert receptive_field(Sequential(*stack), 0, 2, input_size=(8, 8)) == [(0, 5), (2, 7)]
    assert receptive_field([Conv1d(1, 1, 3, stride=2)] * 3, 1) == [(8, 22)]


def test_receptive_field_is_what_a_unit_depends_on():
    model = Sequential(
        Conv2d(1, 2, 3, padding=1, seed=0), AvgPool2d(2), Conv2d(2, 1, 2, stride=2, seed=1)
    )
    x = [[Value(v) for v in row] for row in image(8, 8)]
    table = backprop(model(x)[0][1][0])
    seen = {(i, j) for i in range(8) for j in range(8) if table.get(x[i][j])}
    (top, bottom), (left, right) = receptive_field(model, 1, 0, input_size=(8, 8))
    assert seen == {(i, j) for i in range(top, bottom + 1) for j in range(left, right + 1)}


@pytest.mark.parametrize("shape", [(1, 3, 4), (6, 1, 1), (2, 2, 2)])
def test_a_dense_layer_is_a_convolution(shape):
    layer, x = Layer(math.prod(shape), 3, seed=0), image(*shape)
    same = dense_as_convolution(layer, shape)
    y, z = layer(Flatten()(x)), same(x)
    assert [v.data for v in y] == [plane[0][0].data for plane in z]
    g, h = backprop(y[1] * y[2]), backprop(z[1][0][0] * z[2][0][0])
    assert [g.get(p, 0.0) for p in layer.parameters()] == [
        h.get(p, 0.0) for p in layer.parameters()
    ]
    assert set(same.parameters()) == set(layer.parameters())
    assert dense_as_convolution(Layer(4, 1, bias=False), (1, 2, 2)).bias is None


def test_a_1x1_convolution_is_a_dense_layer_at_each_place():
    convolution, x = Conv2d(3, 2, 1, seed=0), image(3, 2, 2)
    layer = Layer(3, 2)
    layer.weight.data = [[c[0][0] for c in k] for k in convolution.weight.data]
    layer.bias.data = convolution.bias.data
    y = convolution(x)
    for i in (0, 1):
        for j in (0, 1):
            dense = layer([plane[i][j] for plane in x])
            assert [v.data for v in dense] == [plane[i][j].data for plane in y]


def bars(n, seed):
    """Noisy 6×6 images of a horizontal, a vertical or a slanting bar."""
    source, images = Random(seed), []
    for i in range(n):
        at = source.randrange(1, 5)
        lit = [[(at, c) for c in range(6)], [(r, at) for r in range(6)], [(r, r) for r in range(6)]]
        images.append(
            [[((r, c) in lit[i % 3]) + source.gauss(0, 0.1) for c in range(6)] for r in range(6)]
        )
    return images, [i % 3 for i in range(n)]


def test_a_small_network_end_to_end():
    model = Sequential(
        Conv2d(1, 3, 3, seed=0), ReLU(), MaxPool2d(2), Flatten(), Layer(12, 3, seed=1)
    )
    assert model.output_shape((1, 6, 6)) == (3,)
    images, labels = bars(30, seed=0)
    history = fit(
        model,
        (images, labels),
        loss=cross_entropy,
        optimizer=Adam(model.parameters(), lr=0.05),
        epochs=12,
        batch_size=10,
        seed=0,
        progress=False,
    )
    assert history.loss[-1] < history.loss[0] / 3
    images, labels = bars(30, seed=1)
    assert accuracy([model(x) for x in images], labels) >= 0.9


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Conv2d(1, 1, 3, stride=2)(image(1, 6, 6)), "6 − 3 + 0 + 0 = 3 is no multiple"),
        (lambda: Conv2d(1, 1, 7)(image(1, 6, 6)), "is negative"),
        (lambda: Conv2d(3, 1, 2)(image(2, 6, 6)), "(3, height, width), but got one of (2, 6, 6)"),
        (lambda: Conv2d(3, 1, 2)(image(6, 6)), "(3, height, width)"),
        (lambda: Conv1d(2, 1, 2)(image(3, 6)), "(2, length), but got one of (3, 6)"),
        (lambda: Conv2d(3, 1, 2).output_shape((2, 6, 6)), "a shape with 3 channels first"),
        (lambda: LocallyConnected2d(1, 1, 2, 8)("ab"), "needs numbers or nested sequences"),
        (lambda: Conv2d(1, 1, 3)([[1.0, 2.0], [1.0]]), "rows of one shape"),
        (lambda: Conv2d(1, 0, 3), "Conv2d(out_channels=…) is at least 1"),
        (lambda: Conv2d(1, 1, (3, 3, 3)), "one number or 2"),
        (lambda: Conv2d(1, 1, 3, stride=2, padding="same"), "needs stride 1"),
        (lambda: Conv2d(1, 1, 3, padding=-1), "at least 0"),
        (lambda: MaxPool2d(2)(image(5, 5)), "no multiple"),
        (lambda: MaxPool2d(2)([1.0, 2.0]), "(height, width)"),
        (lambda: MaxPool2d(2, padding=2), "at most half"),
        (
            lambda: LocallyConnected2d(1, 1, 2, (4, 4))(image(1, 5, 5)),
            "(1, 4, 4), but got (1, 5, 5)",
        ),
        (lambda: receptive_field([Conv2d(1, 1, 3), Layer(4, 1)], 0, 0), "through a window"),
        (lambda: receptive_field([Conv2d(1, 1, 3)], 0), "has 2 axes, but the unit has 1"),
        (lambda: receptive_field([Conv2d(1, 1, 3)], -1, 0), "the unit's place is at least 0"),
        (lambda: receptive_field([ReLU()], 1, 1, input_size=(3,)), "has 1 axes, but the unit has"),
        (lambda: dense_as_convolution(Layer(4, 1), (1, 2, 3)), "do not fit (1, 2, 3)"),
        (lambda: convolve([[1.0]], [1.0]), "shapes (1, 1) and (1,)"),
        (lambda: convolve([1.0], [1.0], "same"), "one of ('full', 'valid')"),
        (lambda: cross_correlate([1.0], [1.0, 2.0]), "is negative"),
    ],
)
def test_errors(call, words):
    with pytest.raises(ArgumentError) as caught:
        call()
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "call",
    [
        lambda: receptive_field([Conv2d(1, 1, 3)], "a", "b"),
        lambda: receptive_field(3, 3),
        lambda: receptive_field([3], 3),
        lambda: dense_as_convolution(Conv2d(1, 1, 1), (1, 1, 1)),
        lambda: LocallyConnected2d(1, 1, 2, "88"),
        lambda: Conv2d(1, 1, {2}),
    ],
)
def test_wrong_types(call):
    with pytest.raises(ArgumentTypeError):
        call()


def test_sizes_may_be_one_number_or_an_array():
    assert LocallyConnected2d(1, 1, 2, 8).output_shape((1, 8, 8)) == (1, 7, 7)
    assert Conv2d(1, 1, numpy.array([2, 3])).weight.shape == (1, 1, 2, 3)
