"""Curriculum C7 to C13 and G7: whole systems, trained."""

from __future__ import annotations

import math
from random import Random

import pytest

from autograd import backprop, trace
from nn import (
    MLP,
    Adam,
    Conv2d,
    Flatten,
    Layer,
    MaxPool2d,
    Module,
    Neuron,
    ReLU,
    RNNCell,
    Sequential,
    accuracy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    digits,
    fit,
    mse_loss,
    train_test_split,
)


def test_wider_networks_fit_a_curve_better():
    inputs = [[i / 10 - 1] for i in range(21)]
    targets = [math.sin(4 * x) for (x,) in inputs]
    errors = []
    for width in (1, 3, 10):
        model = MLP(1, [width, 1], activation="tanh", seed=1)
        history = fit(
            model,
            (inputs, targets),
            loss=mse_loss,
            optimizer=Adam(model.parameters(), lr=0.05),
            epochs=150,
            progress=False,
        )
        errors.append(history.loss[-1])
    assert errors[0] > 3 * errors[1] > 3 * errors[2]


# ── recurrent networks ────────────────────────────────────────────────────────────────────────────


class BitCarrier(Module):
    """Reads a sequence, one number at a time, and says at its end what the first one was."""

    def __init__(self, hidden, seed):
        source = Random(seed)
        self.cell = RNNCell(1, hidden, seed=source)
        self.read_out = Neuron(hidden, seed=source)

    def forward(self, sequence):
        return self.read_out(self.cell.unrolled([[x] for x in sequence])[-1])


def test_a_recurrent_network_carries_a_bit_over_8_steps():
    source = Random(0)
    bits = [0, 1] * 8
    sequences = [[2.0 * bit - 1, *[source.gauss(0, 0.2) for _ in range(7)]] for bit in bits]
    model = BitCarrier(3, seed=0)
    fit(
        model,
        (sequences[:8], bits[:8]),
        loss=binary_cross_entropy_with_logits,
        optimizer=Adam(model.parameters(), lr=0.05),
        epochs=60,
        progress=False,
    )
    assert accuracy([model(s) for s in sequences[8:]], bits[8:]) == 1.0


def test_one_cell_is_shared_by_all_steps():
    model = BitCarrier(2, seed=0)
    y = model([0.5, -0.5, 0.25])
    assert model.count_parameters() == (2 * 1 + 2 * 2 + 2) + 3
    assert [n.op for n in trace(y).nodes].count("tanh") == 3 * 2
    table = backprop(y)
    states = model.cell.unrolled([[0.5], [-0.5], [0.25]])
    assert states[-1][0].scope == "cell/neuron0"
    again = model.cell([0.25], hidden=states[1])
    assert [v.data for v in again] == [v.data for v in states[2]]
    h = 1e-6  # the table has the sum over all steps: compare with differences
    weight = model.cell.weight_hh[0][1]
    values = []
    for shift in (h, -2 * h):
        weight.data += shift
        values.append(model([0.5, -0.5, 0.25]).data)
    assert table[weight] == pytest.approx((values[0] - values[1]) / (2 * h), rel=1e-6)


@pytest.mark.torch
def test_rnn_cell_as_torch():
    torch = pytest.importorskip("torch")
    cell, peer = RNNCell(2, 3, seed=0), torch.nn.RNNCell(2, 3).double()
    state = {k: torch.tensor(v, dtype=torch.float64) for k, v in cell.state_dict().items()}
    state["bias_ih"], state["bias_hh"] = state.pop("bias"), torch.zeros(3).double()
    peer.load_state_dict(state)
    sequence = [[0.5, -1.0], [2.0, 0.25]]
    hidden = None
    for x, ours in zip(sequence, cell.unrolled(sequence), strict=True):
        hidden = peer(torch.tensor(x, dtype=torch.float64), hidden)
        assert [v.data for v in ours] == pytest.approx(hidden.tolist(), rel=1e-12)


# ── a generative adversarial pair ─────────────────────────────────────────────────────────────────


@pytest.mark.long
def test_a_generator_learns_the_mean_and_spread_of_a_gaussian():
    source = Random(0)
    generator = MLP(1, [4, 1], activation="softplus", seed=source)
    discriminator = MLP(2, [8, 1], activation="tanh", seed=source)
    players = [
        Adam(model.parameters(), lr=lr, betas=(0.5, 0.99))
        for model, lr in ((generator, 0.01), (discriminator, 0.02))
    ]

    def judged(x):
        x = 0.5 * x - 1
        return discriminator([x, x * x])

    def forged(n):
        return [generator([source.gauss(0, 1)]) for _ in range(n)]

    n, late = 32, []
    for step in range(450):
        real = [source.gauss(4.0, 1.25) for _ in range(n)]
        fakes = [x.data for x in forged(n)]
        verdicts = [judged(x) for x in real + fakes]
        players[1].step(backprop(binary_cross_entropy_with_logits(verdicts, [1] * n + [0] * n)))
        verdicts = [judged(x) for x in forged(n)]
        players[0].step(backprop(binary_cross_entropy_with_logits(verdicts, [1] * n)))
        if step >= 300:
            late += [x.data for x in forged(4)]
    mean = sum(late) / len(late)
    spread = math.sqrt(sum((x - mean) ** 2 for x in late) / len(late))
    assert mean == pytest.approx(4.0, abs=0.3)
    assert spread == pytest.approx(1.25, abs=0.3)


# ── digits ────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def split():
    pytest.importorskip("sklearn")
    images, labels = digits()
    flat = [[x for row in image for x in row] for image in images]
    return train_test_split(flat, labels, test_size=0.25, seed=0)


@pytest.mark.long
def test_four_or_not_four(split):
    train, test, train_labels, test_labels = split
    model = MLP(64, [6, 1], activation="sigmoid", seed=0)
    fit(
        model,
        (train[:600], [int(t == 4) for t in train_labels[:600]]),
        loss=binary_cross_entropy_with_logits,
        optimizer=Adam(model.parameters(), lr=0.05),
        epochs=12,
        batch_size=20,
        seed=0,
        progress=False,
    )
    assert accuracy([model(x) for x in test], [int(t == 4) for t in test_labels]) >= 0.97


@pytest.mark.long
def test_ten_digits(split):
    train, test, train_labels, test_labels = split
    model = MLP(64, [24, 10], activation="sigmoid", seed=0)
    fit(
        model,
        (train, train_labels),
        loss=cross_entropy,
        optimizer=Adam(model.parameters(), lr=0.02),
        epochs=12,
        batch_size=20,
        seed=0,
        progress=False,
    )
    assert accuracy([model(x) for x in test], test_labels) >= 0.95


@pytest.mark.long
def test_a_convolutional_network_on_digits(split):
    train, test, train_labels, test_labels = split
    kept = [0, 1, 4, 7]

    def chosen(xs, ts, n):
        pairs = [(x, kept.index(t)) for x, t in zip(xs, ts, strict=True) if t in kept][:n]
        images = [[x[i : i + 8] for i in range(0, 64, 8)] for x, _ in pairs]
        return images, [t for _, t in pairs]

    source = Random(0)
    model = Sequential(
        Conv2d(1, 4, 3, seed=source),
        ReLU(),
        MaxPool2d(2),
        Flatten(),
        Layer(36, len(kept), seed=source),
    )
    fit(
        model,
        chosen(train, train_labels, 240),
        loss=cross_entropy,
        optimizer=Adam(model.parameters(), lr=0.02),
        epochs=6,
        batch_size=12,
        seed=0,
        progress=False,
    )
    images, labels = chosen(test, test_labels, 100)
    assert accuracy([model(x) for x in images], labels) >= 0.95
