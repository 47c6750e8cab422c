"""`fit(jit=True)`: the same training on arrays, to the last digits."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from autograd import ArgumentError, NonFiniteError
from nn import (
    MLP,
    SGD,
    Adagrad,
    Adam,
    AdamW,
    Dropout,
    History,
    RMSprop,
    Sequential,
    accuracy,
    cross_entropy,
    fit,
    hinge_loss,
    moons,
    mse_loss,
)

INPUTS, CLASSES = moons(40, noise=0.1, seed=1)
TARGETS = [2 * c - 1 for c in CLASSES]

OPTIMISERS: list[Callable[[Any], Any]] = [
    lambda p: SGD(p, lr=0.1),
    lambda p: SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=1e-3),
    lambda p: Adagrad(p, lr=0.05),
    lambda p: RMSprop(p, lr=0.01),
    lambda p: Adam(p, lr=0.01),
    lambda p: AdamW(p, lr=0.01),
]


def trained(jit: bool, optimiser: Callable[[Any], Any], **how: Any) -> tuple[MLP, History]:
    model = MLP(2, [6, 4, 1], seed=3)
    optimizer = optimiser(model.parameters())
    for epochs, compiled in ((3, jit), (1, False)):  # the second goes on where the first ended
        history = fit(
            model, (INPUTS, TARGETS), loss=hinge_loss, optimizer=optimizer, epochs=epochs,
            batch_size=16, seed=1, progress=False, jit=compiled, **how,
        )  # fmt: skip
    return model, history


def numbers(model: MLP) -> list[float]:
    return [p.data for p in model.parameters()]


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_the_same_parameters_as_eagerly(optimiser: Callable[[Any], Any]) -> None:
    (eager, history), (compiled, same) = (trained(jit, optimiser) for jit in (False, True))
    assert numbers(compiled) == pytest.approx(numbers(eager), rel=1e-12, abs=1e-14)
    assert same.loss == pytest.approx(history.loss, rel=1e-12)


def test_with_clipping_validation_and_the_best_parameters() -> None:
    how = {"clip_norm": 0.5, "validation": (INPUTS[:8], TARGETS[:8]), "keep_best": True}
    (eager, history), (compiled, same) = (
        trained(bool(jit), OPTIMISERS[4], **how) for jit in (0, 1)
    )
    assert numbers(compiled) == pytest.approx(numbers(eager), rel=1e-12, abs=1e-14)
    assert same.validation_loss == pytest.approx(history.validation_loss, rel=1e-12)


def test_class_targets_and_metrics() -> None:
    source = Random(0)
    inputs = [[source.random() for _ in range(5)] for _ in range(30)]
    classes = [source.randrange(3) for _ in inputs]
    histories = []
    for jit in (False, True):
        model = MLP(5, [4, 3], seed=1)
        history = fit(
            model, (inputs, classes), loss=cross_entropy, metrics={"accuracy": accuracy},
            optimizer=SGD(model.parameters(), lr=0.5), epochs=3, batch_size=8, seed=2,
            progress=False, jit=jit,
        )  # fmt: skip
        histories.append(history)
    assert histories[1].loss == pytest.approx(histories[0].loss, rel=1e-12)
    assert histories[1].metrics == histories[0].metrics


def test_only_the_parameters_of_the_optimiser_move() -> None:
    model = MLP(2, [3, 1], seed=3)
    first, last = model.layers[0].parameters(), model.layers[-1].parameters()
    before = [p.data for p in first]
    fit(
        model, (INPUTS, TARGETS), loss=mse_loss, optimizer=SGD(last, lr=0.1), epochs=1,
        progress=False, jit=True,
    )  # fmt: skip
    assert [p.data for p in first] == before


def test_part_of_an_array_is_refused() -> None:
    model = MLP(2, [3, 1], seed=3)
    some = list(model.parameters())[:2]
    with pytest.raises(ArgumentError, match="trains whole arrays"):
        fit(
            model, (INPUTS, TARGETS), loss=mse_loss, optimizer=SGD(some, lr=0.1), epochs=1,
            progress=False, jit=True,
        )  # fmt: skip


def test_dropout_is_refused() -> None:
    model = Sequential(Dropout(0.5), MLP(2, [1], seed=1))
    with pytest.raises(ArgumentError, match=r"would freeze the random draws of .*Dropout\(0.5\)"):
        fit(
            model, (INPUTS, TARGETS), loss=mse_loss, optimizer=SGD(model.parameters(), lr=0.1),
            epochs=1, progress=False, jit=True,
        )  # fmt: skip


def test_a_step_too_far_leaves_the_parameters_of_the_step_before() -> None:
    ends = []
    for jit in (False, True):
        model = MLP(2, [4, 1], seed=3)
        with pytest.raises(NonFiniteError, match="epoch 1, batch"):
            fit(
                model, (INPUTS, TARGETS), loss=mse_loss, batch_size=8, seed=1, epochs=1,
                optimizer=SGD(model.parameters(), lr=1e155), progress=False, jit=jit,
            )  # fmt: skip
        ends.append(numbers(model))
    assert ends[1] == pytest.approx(ends[0], rel=1e-9)


def test_interrupted_training_keeps_the_last_finished_step() -> None:
    ends = []
    for jit in (False, True):
        model = MLP(2, [4, 1], seed=3)
        calls = iter(range(100))

        def interrupting(outputs: Any, targets: Any, calls: Any = calls) -> float:
            if next(calls) == 3:
                raise KeyboardInterrupt
            return 0.0

        history = fit(
            model, (INPUTS, TARGETS), loss=mse_loss, batch_size=8, seed=1, epochs=2,
            metrics={"stop": interrupting}, optimizer=SGD(model.parameters(), lr=0.1),
            progress=False, jit=jit,
        )  # fmt: skip
        assert history.stopped == "interrupted in epoch 1"
        ends.append(numbers(model))
    assert ends[1] == pytest.approx(ends[0], rel=1e-12)
