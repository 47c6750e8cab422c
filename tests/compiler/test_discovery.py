"""What is found in scalar graphs: the matrix products, and sources that read as if written by hand."""

from __future__ import annotations

import random

import numpy as np
import pytest
from test_networks import same

import autograd as ag
from autograd import Value, backprop
from autograd.compiler import jit


def matrix(rows: int, columns: int, name: str) -> list[list[Value]]:
    r = random.Random(name)
    return [[Value(r.gauss(0, 0.5), f"{name}{i}") for i in range(columns)] for _ in range(rows)]


def vector(n: int, name: str) -> list[Value]:
    return matrix(1, n, name)[0]


def everything(*parts: list) -> list[Value]:
    return [x for part in parts for row in part for x in (row if isinstance(row, list) else [row])]


def test_a_classifier_reads_like_numpy() -> None:
    w1, b1, w2, b2 = matrix(5, 6, "w1_"), vector(5, "b1_"), matrix(3, 5, "w2_"), vector(3, "b2_")

    def loss(x, target):
        h = [ag.relu(ag.dot(w, x, b)) for w, b in zip(w1, b1, strict=True)]
        z = [ag.dot(w, h, b) for w, b in zip(w2, b2, strict=True)]
        return ag.logsumexp(z) - ag.dot(target, z)

    f = jit(loss, batch=True)
    f(np.ones((4, 6)), np.eye(3)[[0, 1, 2, 0]])
    assert (
        f.source
        == """\
def forward(x, target, w1, b1, w2, b2):
    z1 = x @ w1.T + b1
    h1 = np.maximum(z1, 0.0)
    z2 = h1 @ w2.T + b2
    largest = z2.max(axis=-1)
    exponentials = np.exp(z2 - largest[:, None])
    whole = exponentials.sum(axis=-1)
    log_sum_exp = largest + np.log(whole)
    dot = (target * z2).sum(axis=-1)
    loss = log_sum_exp - dot
    return loss.mean(), (z1, h1, exponentials, whole)


def backward(kept, x, target, w2):
    z1, h1, exponentials, whole = kept
    dz2 = (exponentials / whole[:, None] - target) / len(x)
    dh1 = dz2 @ w2
    dz1 = dh1 * (z1 > 0.0)
    dw1 = dz1.T @ x
    db1 = dz1.sum(axis=0)
    dw2 = dz2.T @ h1
    db2 = dz2.sum(axis=0)
    return (dw1, db1, dw2, db2)
"""
    )


def test_dot_and_single_products_give_one_program() -> None:
    w, b = matrix(4, 3, "w"), vector(4, "b")

    def with_dot(xs):
        return ag.sum([ag.tanh(ag.dot(r, x, c)) for x in xs for r, c in zip(w, b, strict=True)])

    def with_products(xs):
        units = [sum((u * v for u, v in zip(r, x, strict=True)), c) for x in xs for r, c in zip(w, b, strict=True)]  # fmt: skip
        return ag.sum([ag.tanh(u) for u in units])

    sources = []
    for f in (jit(with_dot), jit(with_products)):
        f(np.ones((6, 3)) * np.arange(6.0)[:, None])
        sources.append(f.source)
    assert sources[0] == sources[1]


def convolution(image, filters, biases, padding: bool):
    size, reach = len(image), range(3)
    if padding:
        image = [[0.0] * (size + 2), *[[0.0, *row, 0.0] for row in image], [0.0] * (size + 2)]
    places = range(len(image) - 2)
    return [
        [[ag.relu(ag.dot(f, [image[y + i][x + j] for i in reach for j in reach], b)) for x in places]
         for y in places]
        for f, b in zip(filters, biases, strict=True)
    ]  # fmt: skip


@pytest.mark.parametrize("padding", [False, True])
@pytest.mark.parametrize("pool", [ag.max, ag.sum, ag.logsumexp])
@pytest.mark.parametrize("batch", [False, True])
def test_convolution_and_pooling(padding: bool, pool, batch: bool) -> None:
    filters, biases = matrix(2, 9, "filter"), vector(2, "bias")
    n = 6 if padding else 4
    weights = vector(2 * n * n // 4, "out")

    def one(image):
        maps = convolution(list(map(list, image)), filters, biases, padding)
        pooled = [pool([m[2 * y + i][2 * x + j] for i in (0, 1) for j in (0, 1)])
                  for m in maps for y in range(n // 2) for x in range(n // 2)]  # fmt: skip
        return ag.tanh(ag.dot(weights, pooled))

    images = np.random.default_rng(0).normal(size=(3, 6, 6))
    total = lambda images: ag.sum([one(image) for image in images]) / len(images)  # noqa: E731
    f = jit(one, batch=True) if batch else jit(total)
    same(f(images), total(images), everything(filters, biases, weights))
    assert "@ filter.T + bias" in f.source
    _, (by_images,), _ = f.value_and_grad(images)
    values = [[[Value(v) for v in row] for row in image] for image in images]
    table = backprop(total(values))
    expected = [[[table.get(v, 0.0) for v in row] for row in image] for image in values]
    np.testing.assert_allclose(by_images, expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("batch", [False, True])
def test_a_recurrent_network(batch: bool) -> None:
    w, u, b, out = matrix(3, 2, "w"), matrix(3, 3, "u"), vector(3, "b"), vector(3, "out")

    def one(sequence):
        h = [Value(0.0)] * 3
        for x in sequence:
            h = [ag.tanh(ag.dot([*a, *c], [*x, *h], d)) for a, c, d in zip(w, u, b, strict=True)]
        return ag.sigmoid(ag.dot(out, h))

    sequences = np.random.default_rng(1).normal(size=(4, 5, 2))
    total = lambda s: ag.sum([one(x) for x in s]) / len(s)  # noqa: E731
    f = jit(one, batch=True) if batch else jit(total)
    same(f(sequences), total(sequences), everything(w, u, b, out))


@pytest.mark.parametrize("batch", [False, True])
def test_a_recurrent_cell_of_one_input(batch: bool) -> None:
    """Its inputs make outer products, for which there is no inner axis to take along."""
    w, u, b, out = matrix(3, 1, "w"), matrix(3, 3, "u"), vector(3, "b"), vector(3, "out")

    def one(sequence):
        h = [Value(0.0)] * 3
        for x in sequence:
            h = [ag.tanh(ag.dot([*a, *c], [x, *h], d)) for a, c, d in zip(w, u, b, strict=True)]
        return ag.sigmoid(ag.dot(out, h))

    sequences = np.random.default_rng(1).normal(size=(4, 5))
    total = lambda s: ag.sum([one(x) for x in s]) / len(s)  # noqa: E731
    f = jit(one, batch=True) if batch else jit(total)
    same(f(sequences), total(sequences), everything(w, u, b, out))
    assert "broadcast_to(w" not in f.source


def test_labels_pick_and_layers_join() -> None:
    w, v, labels = matrix(3, 4, "w"), matrix(3, 7, "v"), [0, 2, 1, 1, 0]

    def total(xs):
        losses = []
        for x, label in zip(xs, labels, strict=True):
            h = [ag.tanh(ag.dot(row, x)) for row in w]
            z = [ag.dot(row, [*h, *x]) for row in v]
            losses.append(ag.logsumexp(z) - z[label])
        return ag.sum(losses)

    xs = np.random.default_rng(2).normal(size=(5, 4))
    f = jit(total)
    same(f(xs), total(xs), everything(w, v))
    same(f(xs.tolist()), total(xs), everything(w, v))


def test_attention() -> None:
    q, k = matrix(3, 2, "q"), matrix(3, 2, "k")

    def f(xs):
        queries, keys = [[[ag.dot(row, x) for row in m] for x in xs] for m in (q, k)]
        scores = [[ag.dot(a, b) for b in keys] for a in queries]
        weights = [[ag.exp(s - ag.logsumexp(row)) for s in row] for row in scores]
        mixed = [[ag.dot(row, [x[d] for x in xs]) for d in range(2)] for row in weights]
        return ag.sum([ag.tanh(m) for row in mixed for m in row])

    xs = np.random.default_rng(3).normal(size=(4, 2))
    same(jit(f)(xs), f(xs), everything(q, k))
    samples = np.random.default_rng(4).normal(size=(3, 4, 2))
    same(
        jit(f, batch=True, reduce="sum")(samples), ag.sum([f(x) for x in samples]), everything(q, k)
    )


def test_locally_connected_and_repeated_samples() -> None:
    w = matrix(4, 2, "w")

    def f(xs):
        return ag.sum([ag.tanh(ag.dot(w[i], x[i : i + 2])) for x in xs for i in range(4)])

    xs = [[0.5, -1.0, 2.0, 0.25, 1.0]] * 3 + [[1.0, 0.0, 0.0, 2.0, -1.0]]
    same(jit(lambda: f(xs))(), f(xs), everything(w))
    same(jit(f)(xs), f(xs), everything(w))


@pytest.mark.parametrize("batch", [False, True])
def test_one_number_many_times_in_a_sum_of_products(batch: bool) -> None:
    """Both sides are one number, repeated along the axis that is summed over."""
    w = vector(2, "w")
    one = lambda x: ag.dot([x, x, x], [x, x, x], x) * w[0] + ag.dot([x, x], [x, x]) * w[1]  # noqa: E731
    total = lambda xs: ag.sum([one(x) for x in xs])  # noqa: E731
    f = jit(one, batch=True, reduce="sum") if batch else jit(total)
    xs = np.array([0.3, 0.5, -2.0])
    same(f(xs), total(xs), w)
    values = [Value(x) for x in xs]
    same(f(values), total(values), [*w, *values])


@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize("take", [ag.prod, ag.sum, ag.logsumexp, ag.max, ag.min])
def test_one_constant_many_times_among_the_operands(take, batch: bool) -> None:
    w = vector(1, "w")
    one = lambda x: take([0.5, x, x, 0.5, w[0], x]) * take([2.0, 2.0, ag.tanh(x), x])  # noqa: E731
    total = lambda xs: ag.sum([one(x) for x in xs])  # noqa: E731
    f = jit(one, batch=True, reduce="sum") if batch else jit(total)
    values = [Value(x) for x in (0.3, 1.5, -2.0)]
    same(f(values), total(values), [*w, *values])
