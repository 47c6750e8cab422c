"""Random numbers come from a seed or a generator that the caller passes, Python's or NumPy's."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from autograd import ArgumentTypeError
from nn import (
    MLP,
    SGD,
    Conv2d,
    Dropout,
    Layer,
    LocallyConnected2d,
    Maxout,
    Neuron,
    RNNCell,
    blobs,
    fit,
    minibatches,
    moons,
    mse_loss,
    spirals,
    train_test_split,
)

GENERATORS = [np.random.default_rng, np.random.RandomState, random.Random]
TEN = list(range(10))


def numbers(model: Any) -> list[float]:
    return [p.data for p in model.parameters()]


def trained(seed: Any) -> list[float]:
    model = Layer(1, 1, seed=0)
    fit(
        model, ([[x / 10] for x in TEN], TEN), loss=mse_loss, epochs=2, batch_size=3, seed=seed,
        optimizer=SGD(model.parameters(), lr=0.1), progress=False,
    )  # fmt: skip
    return numbers(model)


DRAWS = [
    lambda seed: numbers(MLP(2, [3, 1], seed=seed)),
    lambda seed: numbers(Layer(2, 3, seed=seed)),
    lambda seed: numbers(Neuron(2, seed=seed)),
    lambda seed: numbers(Maxout(2, 3, seed=seed)),
    lambda seed: numbers(RNNCell(2, 3, seed=seed)),
    lambda seed: numbers(Conv2d(1, 1, 2, seed=seed)),
    lambda seed: numbers(LocallyConnected2d(1, 1, 2, 3, seed=seed)),
    lambda seed: [bool(y) for y in Dropout(0.5, seed=seed)([1.0] * 30)],
    lambda seed: moons(10, seed=seed),
    lambda seed: spirals(10, seed=seed),
    lambda seed: blobs(10, seed=seed),
    lambda seed: train_test_split(TEN, TEN, seed=seed),
    lambda seed: list(minibatches(TEN, TEN, 3, seed=seed)),
    trained,
]


@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize("made", GENERATORS)
def test_a_generator_as_seed(made: Any, draw: Any) -> None:
    source = made(3)
    first, second = draw(source), draw(source)
    assert first != second  # its stream goes on
    again = made(3)
    assert [draw(again), draw(again)] == [first, second]
    assert draw(made(4)) != first


@pytest.mark.parametrize("made", GENERATORS[:2])
def test_nothing_else_is_drawn_from(made: Any) -> None:
    random.seed(1)
    before = random.getstate(), np.random.get_state()[1].tolist()  # type: ignore[index, union-attr]
    trained(made(0))
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before  # type: ignore[index, union-attr]


@pytest.mark.parametrize("seed", ["x", 1.5, True, b"bytes", [1], np.random.PCG64(0), np.float64(1)])
def test_what_is_no_seed(seed: Any) -> None:
    with pytest.raises(ArgumentTypeError, match="seed is an int, a generator of Python or NumPy"):
        Layer(1, 1, seed=seed)
