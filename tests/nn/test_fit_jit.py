"""`fit(jit=True)`: the same training on arrays, to the last digits."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest

from autograd import ArgumentError, ArgumentTypeError, NonFiniteError, Value, dot
from nn import (
    MLP,
    SGD,
    Adagrad,
    Adam,
    AdamW,
    Dropout,
    History,
    Layer,
    RMSprop,
    Sequential,
    accuracy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    fit,
    hinge_loss,
    l1_loss,
    moons,
    mse_loss,
    negative_log_likelihood,
    nll_loss,
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


@pytest.fixture(params=[1, 8, 10_000])
def large(request: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Arrays that are moved by themselves: all of them, some, none."""
    monkeypatch.setattr("nn.parameter_parts.LARGE", request.param)


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_the_same_parameters_as_eagerly(optimiser: Callable[[Any], Any]) -> None:
    (eager, history), (compiled, same) = (trained(jit, optimiser) for jit in (False, True))
    assert numbers(compiled) == pytest.approx(numbers(eager), rel=1e-12, abs=1e-14)
    assert same.loss == pytest.approx(history.loss, rel=1e-12)


@pytest.mark.usefixtures("large")
def test_with_clipping_validation_and_the_best_parameters() -> None:
    how = {"clip_norm": 0.5, "validation": (INPUTS[:8], TARGETS[:8]), "keep_best": True}
    (eager, history), (compiled, same) = (
        trained(bool(jit), OPTIMISERS[4], **how) for jit in (0, 1)
    )
    assert numbers(compiled) == pytest.approx(numbers(eager), rel=1e-12, abs=1e-14)
    assert same.validation_loss == pytest.approx(history.validation_loss, rel=1e-12)


def penalised(outputs: Any, targets: Any) -> Any:
    return cross_entropy(outputs, targets) + 1e-3 * l1_loss(outputs, [[0.0] * 3] * len(outputs))


@pytest.mark.parametrize(
    ("output", "loss"),
    [
        ("linear", cross_entropy),
        ("log_softmax", nll_loss),
        ("softmax", negative_log_likelihood),
        ("linear", penalised),
    ],
)
def test_class_targets_and_metrics(output: str, loss: Any) -> None:
    source = Random(0)
    inputs = [[source.random() for _ in range(5)] for _ in range(30)]
    classes = [source.randrange(3) for _ in inputs]
    histories = []
    for jit in (False, True):
        model = MLP(5, [4, 3], output=output, seed=1)
        history = fit(
            model, (inputs, classes), loss=loss, metrics={"accuracy": accuracy},
            optimizer=SGD(model.parameters(), lr=0.5), epochs=3, batch_size=8, seed=2,
            progress=False, jit=jit,
        )  # fmt: skip
        histories.append(history)
    assert histories[1].loss == pytest.approx(histories[0].loss, rel=1e-12)
    assert histories[1].metrics == histories[0].metrics


def test_whole_numbers_that_are_no_classes() -> None:
    """Σ of the outputs is to be the target: a row would be another target."""
    histories = []
    for jit in (False, True):
        model = MLP(2, [3, 3], seed=1)
        history = fit(
            model, (INPUTS, CLASSES), epochs=2, seed=2, progress=False, jit=jit,
            loss=lambda outputs, targets: mse_loss([o[0] + o[1] + o[2] for o in outputs], targets),
            optimizer=SGD(model.parameters(), lr=0.1),
        )  # fmt: skip
        histories.append(history)
    assert histories[1].loss == pytest.approx(histories[0].loss, rel=1e-12)


def test_only_the_parameters_of_the_optimiser_move() -> None:
    model = MLP(2, [3, 1], seed=3)
    first, last = model.layers[0].parameters(), model.layers[-1].parameters()
    before = [p.data for p in first]
    fit(
        model, (INPUTS, TARGETS), loss=mse_loss, optimizer=SGD(last, lr=0.1), epochs=1,
        progress=False, jit=True,
    )  # fmt: skip
    assert [p.data for p in first] == before


def fitted(jit: bool, optimiser: Callable[[Any], Any], **how: Any) -> list[float]:
    """All parameters, and one that has no part in the loss, after three epochs and one more."""
    model, extra = MLP(2, [3, 1], seed=3), Value(1.0, "extra")
    optimizer = optimiser([*model.parameters(), extra])
    for epochs, compiled in ((3, jit), (1, False)):
        fit(
            model, (INPUTS, TARGETS), optimizer=optimizer, epochs=epochs, progress=False,
            jit=compiled, **({"loss": mse_loss} | how),
        )  # fmt: skip
    return [*numbers(model), extra.data]


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize(
    "optimiser",
    [
        lambda p: SGD(p, lr=0.1, weight_decay=0.5),
        lambda p: AdamW(p[::-1], lr=0.1),
        lambda p: Adam([p[3], p[0], p[-1], p[5], p[12]], lr=0.1, weight_decay=0.1),
        lambda p: SGD(p[1:4], lr=0.1),
    ],
)
def test_an_optimiser_of_other_parameters_than_the_loss(optimiser: Callable[[Any], Any]) -> None:
    """A parameter that the loss does not know decays; others are the optimiser's only in part."""
    assert fitted(True, optimiser) == pytest.approx(fitted(False, optimiser), rel=1e-12)


def test_parameters_with_a_part_in_some_batches_only() -> None:
    ends = []
    for jit in (False, True):
        random = Random(0)
        inputs = [[random.random(), random.random()] for _ in range(6)]
        first, second = Layer(2, 3, "tanh", seed=1), Layer(3, 3, seed=2)

        def loss(outputs: Any, targets: Any, second: Any = second) -> Any:
            error = sum((y[0] - 1) ** 2 + (y[1] + y[2]) ** 2 for y in outputs)
            more = sum(z * z - z for y in outputs for z in second(y))
            return error + more if len(outputs) == 4 else error

        optimizer = Adam([*first.parameters(), *second.parameters()], lr=0.1)
        fit(
            first, (inputs, [1.0] * 6), loss=loss, optimizer=optimizer, epochs=4, batch_size=4,
            seed=0, jit=jit, progress=False,
        )  # fmt: skip
        ends.append(numbers(first) + numbers(second))
    assert ends[1] == pytest.approx(ends[0], rel=1e-10)


class Branching:
    """One weight for inputs to the right, another for those to the left."""

    def __init__(self) -> None:
        self.weights = [Value(0.5), Value(0.4)]
        self.gates = [Value(1.0), Value(2.0)]

    def __call__(self, x: Any) -> Value:
        z = dot(self.weights, x)
        return z + self.gates[0] if x[0] > 0 else z * self.gates[1]


@pytest.mark.filterwarnings("ignore::autograd.compiler.EagerWarning")
@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("signs", [(1, 1, -1, -1, 1, -1), (1, -1, 1, 1, -1, -1)])
@pytest.mark.parametrize("clip_norm", [None, 0.5])
def test_batches_whose_samples_branch_apart(
    optimiser: Callable[[Any], Any], signs: tuple[int, ...], clip_norm: float | None
) -> None:
    """They run eagerly, first or last, and move the parameters of all branches."""
    ends = []
    for jit in (False, True):
        model = Branching()
        parameters = model.weights + model.gates
        optimizer, random = optimiser(parameters), Random(1)
        inputs = [[sign * random.random(), random.random()] for sign in signs]
        for _ in range(2):
            for k in range(0, 6, 2):  # batches in this order
                fit(
                    model, (inputs[k : k + 2], [1.0, 2.0]), loss=mse_loss, optimizer=optimizer,
                    epochs=1, batch_size=2, jit=jit, progress=False, clip_norm=clip_norm,
                )  # fmt: skip
            fit(
                model, (inputs, [1.0, 2.0] * 3), loss=mse_loss, optimizer=optimizer, epochs=4,
                batch_size=2, seed=0, jit=jit, progress=False, clip_norm=clip_norm,
            )  # fmt: skip
        ends.append([p.data for p in parameters])
    assert ends[1] == pytest.approx(ends[0], rel=1e-10)


def test_left_over_momentum_moves_a_parameter_that_is_not_in_the_loss() -> None:
    def pushed(p: list[Any]) -> SGD:
        optimizer = SGD(p, lr=0.1, momentum=0.9)
        optimizer.step({p[-1]: 1.0})
        return optimizer

    ends = [fitted(jit, pushed) for jit in (False, True)]
    assert ends[1] == pytest.approx(ends[0], rel=1e-12)
    assert ends[1][-1] == pytest.approx(1 - 0.1 * sum(0.9**k for k in range(5)))


def test_clipping_looks_at_the_parameters_of_the_optimiser_only() -> None:
    def last(p: list[Any]) -> SGD:
        return SGD(p[-5:], lr=0.1)

    ends = [fitted(jit, last, clip_norm=0.05) for jit in (False, True)]
    assert ends[1] == pytest.approx(ends[0], rel=1e-12)


def test_clipping_gradients_whose_squares_overflow() -> None:
    def steep(outputs: Any, targets: Any) -> Any:
        return 1e160 * mse_loss(outputs, targets)

    ends = [
        fitted(jit, lambda p: SGD(p, lr=0.1), loss=steep, clip_norm=1.0) for jit in (False, True)
    ]
    assert ends[1] == pytest.approx(ends[0], rel=1e-9)


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


# ── what goes wrong, goes wrong as it does eagerly ────────────────────────────────────────────────


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize(
    ("loss", "targets", "words"),
    [
        (cross_entropy, [0, 1, 2, 3], "is a class from 0 to 2, not 3"),
        (cross_entropy, [0, 1, 2, -1], "is a class from 0 to 2, not -1"),
        (cross_entropy, [0, 1, 2, 1.5], "is a class from 0 to 2, not 1.5"),
        (cross_entropy, [0, 1, 2, math.nan], "is a class from 0 to 2, not nan"),
        (cross_entropy, [[1, 0, 0]] * 3 + [[0.5, 0.6, 0]], "a list of probabilities with the sum"),
        (cross_entropy, [0, 1, 2, "2"], "'2'"),
        (hinge_loss, [[1, 1, 1]] * 3 + [[1, 0, 1]], "needs targets −1 and 1, but target"),
        (binary_cross_entropy_with_logits, [[0, 0, 2]] * 4, "needs targets between 0 and 1"),
    ],
)
def test_targets_that_do_not_fit(jit: bool, loss: Any, targets: Any, words: str) -> None:
    model = MLP(2, [3, 3], seed=1)
    with pytest.raises((ArgumentError, ArgumentTypeError)) as caught:
        fit(
            model, (INPUTS[:4], targets), loss=loss, optimizer=SGD(model.parameters(), lr=0.1),
            epochs=1, progress=False, jit=jit,
        )  # fmt: skip
    assert words in str(caught.value)
    assert numbers(model) == numbers(MLP(2, [3, 3], seed=1))


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("loss", [cross_entropy, nll_loss, negative_log_likelihood])
@pytest.mark.parametrize("targets", [[0, 1, 1, 0], [0.25] * 4, [[1, 0], [0, 1]] * 2])
def test_losses_of_classes_need_an_output_for_each(jit: bool, loss: Any, targets: Any) -> None:
    """The outputs of a batch would else be taken for those of one sample."""
    model = MLP(2, [3, 1], output="sigmoid", seed=1)
    before = numbers(model)
    with pytest.raises(ArgumentError, match=r"needs an output for each class.*_with_logits"):
        fit(
            model, (INPUTS[:4], targets), loss=loss, optimizer=SGD(model.parameters(), lr=0.1),
            epochs=1, progress=False, jit=jit,
        )  # fmt: skip
    assert numbers(model) == before


def test_class_targets_may_be_floats_and_arrays() -> None:
    losses = []
    for targets in ([0, 1, 2, 1], np.array([0, 1, 2, 1], np.uint8), np.array([0.0, 1.0, 2.0, 1.0])):
        model = MLP(2, [3, 3], seed=1)
        history = fit(
            model, (INPUTS[:4], targets), loss=cross_entropy, epochs=2, seed=0, progress=False,
            optimizer=SGD(model.parameters(), lr=0.1), jit=True,
        )  # fmt: skip
        losses.append(history.loss)
    assert losses[0] == losses[1] == losses[2]


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ([[1.0, 2.0], [1.0]], r"fit\(jit=True\) needs inputs that are numbers in one shape"),
        ([[1.0, 2.0], [1.0, "b"]], r"fit\(jit=True\) needs inputs that are numbers in one shape"),
        ([[1.0], [2.0]], "needs 2 inputs, but got 1"),
    ],
)
def test_inputs_that_do_not_fit(inputs: Any, words: str) -> None:
    model = MLP(2, [3, 1], seed=1)
    with pytest.raises(ArgumentError, match=words):
        fit(
            model, (inputs, [1.0, 2.0]), loss=mse_loss, optimizer=SGD(model.parameters(), lr=0.1),
            epochs=1, progress=False, jit=True,
        )  # fmt: skip


@pytest.mark.parametrize("jit", [False, True])
def test_a_loss_is_one_value(jit: bool) -> None:
    model = MLP(2, [1], seed=1)
    for loss in (lambda outputs, targets: 3.0, lambda outputs, targets: list(outputs)):
        with pytest.raises(ArgumentTypeError, match="gives one Value, not"):
            fit(
                model, (INPUTS, TARGETS), loss=loss, optimizer=SGD(model.parameters(), lr=0.1),
                epochs=1, progress=False, jit=jit,
            )  # fmt: skip


@pytest.mark.parametrize("jit", [False, True])
def test_an_optimiser_of_something_else(jit: bool) -> None:
    with pytest.raises(ArgumentError, match="none of the optimiser's parameters"):
        fit(
            MLP(2, [1], seed=1), (INPUTS, TARGETS), loss=mse_loss, epochs=1, progress=False,
            optimizer=SGD([Value(1.0)], lr=0.1), jit=jit,
        )  # fmt: skip


@pytest.mark.filterwarnings("ignore::autograd.EagerWarning")
@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize(
    ("start", "output", "optimiser", "words"),
    [
        (0.5, lambda w: 1e308 * w, lambda p: SGD(p, lr=0.1), "no step along a gradient of"),
        (1.0, lambda w: 1e300 * w, lambda p: SGD(p, lr=1e10), "the learning rate 1e+10 may be"),
        (1.0, lambda w: 1e200 * w, lambda p: Adam(p, lr=0.1), "too large"),
    ],
)
def test_steps_that_are_refused(
    jit: bool, start: float, output: Any, optimiser: Any, words: str
) -> None:
    w = Value(start, "w")
    with pytest.raises(NonFiniteError) as caught:
        fit(
            lambda x: output(w) * x[0], ([[1.0], [1.0]], [0.0, 0.0]), epochs=1, progress=False,
            loss=lambda outputs, targets: outputs[0] + outputs[1], optimizer=optimiser([w]),
            jit=jit,
        )  # fmt: skip
    assert str(caught.value).startswith("epoch 1, batch 1: ")
    assert words in str(caught.value)
    assert w.data == start


def test_fractions_as_inputs() -> None:
    model = MLP(2, [1], seed=1)
    history = fit(
        model, ([[Fraction(1, 2), 1]] * 2, [Fraction(1, 3)] * 2), loss=mse_loss, epochs=1,
        optimizer=SGD(model.parameters()), progress=False, jit=True,
    )  # fmt: skip
    error = MLP(2, [1], seed=1)([0.5, 1.0]).data - 1 / 3
    assert history.loss == pytest.approx([error**2])


# ── optimisers with a step of their own ───────────────────────────────────────────────────────────


class Halving(SGD):
    """Every second step is half as long."""

    calls = 0

    def step(self, gradients: Any = None) -> None:
        self.calls += 1
        long, self.lr = self.lr, self.lr / (1 + self.calls % 2)
        super().step(gradients)
        self.lr = long


def with_a_step_set_by_hand(parameters: Any) -> Any:
    optimizer: Any = Halving(parameters, lr=0.1)
    plain = SGD(parameters, lr=0.1)

    def step(gradients: Any = None) -> None:
        optimizer.calls += 1
        plain.step({p: 2.0 * gradients[p] for p in parameters})

    optimizer.step = step
    return optimizer


@pytest.mark.parametrize("clip_norm", [None, 0.1])
@pytest.mark.parametrize("loss", [mse_loss, lambda outputs, targets: mse_loss(outputs, targets)])
@pytest.mark.parametrize("kind", [lambda p: Halving(p, lr=0.1), with_a_step_set_by_hand])
def test_a_step_of_ones_own_is_taken(kind: Any, loss: Any, clip_norm: float | None) -> None:
    ends, plain = [], MLP(2, [4, 1], activation="tanh", seed=3)
    for jit in (False, True):
        model = MLP(2, [4, 1], activation="tanh", seed=3)
        optimizer = kind(model.parameters())
        history = fit(
            model, (INPUTS, TARGETS), loss=loss, optimizer=optimizer, epochs=3, batch_size=16,
            seed=1, clip_norm=clip_norm, metrics={"l1": l1_loss}, progress=False, jit=jit,
        )  # fmt: skip
        assert optimizer.calls == history.steps == 9
        ends.append([*numbers(model), *history.loss, *history.metrics["l1"]])
    assert ends[1] == pytest.approx(ends[0], rel=1e-12, abs=1e-14)
    fit(
        plain, (INPUTS, TARGETS), loss=loss, optimizer=SGD(plain.parameters(), lr=0.1), epochs=3,
        batch_size=16, seed=1, clip_norm=clip_norm, progress=False, jit=True,
    )  # fmt: skip
    assert numbers(plain) != pytest.approx(ends[0][: len(numbers(plain))], rel=1e-3)
