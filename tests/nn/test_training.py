"""`fit`: the loop, its history, how it stops and how it is stopped."""

from __future__ import annotations

import gc
import gzip
import math
import os
import signal
import subprocess
import sys
import threading
import traceback
from random import Random

import numpy
import pytest
import tqdm.auto

import autograd
from autograd import ArgumentError, ArgumentTypeError, NonFiniteError, RangeError, Value
from nn import (
    MLP,
    SGD,
    Adam,
    Dropout,
    Layer,
    Neuron,
    Sequential,
    StepLR,
    accuracy,
    blobs,
    cross_entropy,
    early_stopping,
    fit,
    hinge_loss,
    l2_penalty,
    moons,
    mse_loss,
    read_idx,
    until_converged,
)
from nn.interrupts import held_back

LINE = ([[x / 10] for x in range(10)], [2 * x / 10 + 1 for x in range(10)])


def line_fit(model=None, optimizer=None, **options):
    model = model or Neuron(1, seed=0)
    optimizer = optimizer or SGD(model.parameters(), lr=0.1)
    options = {"loss": mse_loss, "epochs": 5, "progress": False, "seed": 0} | options
    return model, fit(model, LINE, optimizer=optimizer, **options)


def numbers(model):
    return [p.data for p in model.parameters()]


# ── the loop ──────────────────────────────────────────────────────────────────────────────────────


def test_full_batch_gradient_descent_by_hand():
    model, history = line_fit(epochs=3)
    w, b = numbers(Neuron(1, seed=0))
    losses = []
    for _ in range(3):
        errors = [w * x + b - y for (x,), y in zip(*LINE, strict=True)]
        losses.append(sum(e * e for e in errors) / 10)
        gradient_w = 2 * sum(e * x for e, (x,) in zip(errors, LINE[0], strict=True)) / 10
        w, b = w - 0.1 * gradient_w, b - 0.1 * 2 * sum(errors) / 10
    assert numbers(model) == pytest.approx([w, b], rel=1e-12)
    assert history.loss == pytest.approx(losses, rel=1e-12)
    assert len(history) == len(history.seconds) == history.steps == 3
    assert history.stopped == "all 3 epochs done"
    assert all(s > 0 for s in history.seconds)


@pytest.mark.parametrize(("batch_size", "steps"), [(None, 5), (1, 50), (4, 15), (100, 5)])
def test_batches(batch_size, steps):
    model, history = line_fit(batch_size=batch_size)
    assert history.steps == steps
    assert history.loss[-1] < history.loss[0]
    again, _ = line_fit(batch_size=batch_size)
    assert numbers(model) == numbers(again)


def test_the_seed_decides_the_order():
    one, _ = line_fit(batch_size=2, seed=1)
    two, _ = line_fit(batch_size=2, seed=2)
    assert numbers(one) != numbers(two)


def test_metrics_and_validation():
    inputs, targets = blobs(40, seed=0)
    model = Neuron(2, seed=0)
    history = fit(
        model,
        (inputs, [2 * t - 1 for t in targets]),
        loss=hinge_loss,
        optimizer=SGD(model.parameters(), lr=0.1),
        epochs=10,
        batch_size=8,
        seed=0,
        metrics={"accuracy": accuracy},
        validation=(inputs[:10], [2 * t - 1 for t in targets[:10]]),
        progress=False,
    )
    assert list(history.metrics) == ["accuracy", "validation accuracy"]
    assert len(history.metrics["accuracy"]) == len(history.validation_loss) == 10
    assert history.metrics["accuracy"][-1] == history.metrics["validation accuracy"][-1] == 1.0


def test_schedule_and_clipping():
    model, rates = Neuron(1, seed=0), []
    optimizer = SGD(model.parameters(), lr=0.1)
    line_fit(
        model,
        optimizer,
        epochs=4,
        scheduler=StepLR(optimizer, 2, 0.5),
        stop=lambda history: rates.append(optimizer.lr),
    )
    assert rates == [0.1, 0.05, 0.05, 0.025]
    model = Neuron(1, seed=0)
    before = numbers(model)
    line_fit(model, epochs=1, clip_norm=0.01)
    assert math.dist(before, numbers(model)) == pytest.approx(0.1 * 0.01)


def test_modes():
    drop = Dropout(0.5, seed=0)
    model = Sequential(drop, Neuron(1, seed=0)).eval()
    seen = []

    def loss(outputs, targets):
        seen.append(drop.training)
        return mse_loss(outputs, targets)

    line_fit(model, loss=loss, epochs=2, validation=LINE)
    assert seen == [True, False, True, False]
    assert not drop.training


def test_any_function_can_be_trained():
    a = Value(0.0, "a")
    _, history = line_fit(lambda x: 1 + a * x[0], SGD([a], lr=0.5), epochs=60)
    assert a.data == pytest.approx(2.0, abs=1e-3)
    assert str(history).startswith("60 epochs, loss ")


# ── stopping ──────────────────────────────────────────────────────────────────────────────────────


def test_loop_until_convergence():
    _, history = line_fit(epochs=5000, stop=until_converged(1e-3, patience=3))
    assert 10 < len(history) < 5000
    assert history.stopped.startswith("converged: the loss changed by less than 0.001")
    last, before = history.loss[-4:], history.loss[-5:-1]
    assert max(last) - min(last) <= 1e-3 * max(last) < max(before) - min(before) + 1e-3 * max(last)


def test_early_stopping_and_the_best_parameters():
    seen = []

    def loss(outputs, targets):
        if outputs[0].parents == () and len(seen) >= 3:
            return Value(9.0)  # from the third epoch on the validation loss is worse
        return mse_loss(outputs, targets)

    def stop(history):
        seen.append(numbers(model))
        return rule(history)

    model, rule = Neuron(1, seed=0), early_stopping(patience=2)
    _, history = line_fit(model, epochs=50, loss=loss, stop=stop, validation=LINE, keep_best=True)
    assert len(history) == 5
    assert history.stopped == "stopped early: no smaller validation loss in 2 epochs"
    assert numbers(model) == seen[2]


def test_a_rule_of_ones_own():
    _, history = line_fit(epochs=50, stop=lambda h: h.loss[-1] < 0.5)
    assert history.loss[-1] < 0.5 <= history.loss[-2]
    assert history.stopped == "the rule said so"


# ── what goes wrong ───────────────────────────────────────────────────────────────────────────────


def test_a_loss_that_is_not_finite_names_epoch_batch_and_node():
    inputs = [[1.0], [1e200], [2.0]]
    model = Neuron(1, seed=0)
    model.load_state_dict({"weight": [[1e150]], "bias": [0.0]})
    before = numbers(model)
    with pytest.raises(NonFiniteError) as caught:
        fit(
            model,
            (inputs, [0.0, 0.0, 0.0]),
            loss=lambda o, t: autograd.sum(o) * 1e-150,
            optimizer=SGD(model.parameters(), lr=1e-200),
            epochs=1,
            batch_size=3,
            progress=False,
        )
    assert str(caught.value).startswith("epoch 1, batch 1: ")
    assert "'dot'" in str(caught.value)
    assert numbers(model) == before


def test_an_overflow_names_epoch_and_batch():
    model = Neuron(1, "exp", seed=0)
    model.load_state_dict({"weight": [[1.0]], "bias": [0.0]})
    with pytest.raises(RangeError, match=r"epoch 1, batch 2: exp\(x\)"):
        fit(
            model,
            ([[0.5], [1000.0]], [1.0, 1.0]),
            loss=mse_loss,
            optimizer=SGD(model.parameters(), lr=1e-9),
            epochs=1,
            batch_size=1,
            seed=0,
            progress=False,
        )


def test_nan_in_the_data_is_found():
    model = Neuron(1, seed=0)
    with pytest.raises(NonFiniteError, match=r"epoch 1, batch 1: .*'dot'"):
        fit(
            model,
            ([[math.nan]], [0.0]),
            loss=mse_loss,
            optimizer=SGD(model.parameters()),
            epochs=1,
            progress=False,
        )


@pytest.mark.parametrize("clip_norm", [None, 1.0])
def test_a_gradient_that_is_not_finite_names_its_node(clip_norm):
    w = Value(0.0, "w")
    options = {"loss": lambda outputs, targets: outputs[0], "clip_norm": clip_norm}
    message = r"epoch 1, batch 1: no step .* for w; it became so at w"
    with pytest.raises(NonFiniteError, match=message):
        line_fit(lambda x: autograd.sqrt(w), SGD([w], lr=0.1), **options)
    assert w.data == 0.0


def test_a_run_that_diverges_ends_at_its_last_finite_step():
    model = Neuron(1, seed=0)
    with pytest.raises((NonFiniteError, RangeError), match=r"epoch .*, batch 1: "):
        line_fit(model, SGD(model.parameters(), lr=1e30), epochs=50)
    assert all(map(math.isfinite, numbers(model)))


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize(
    ("lr", "size", "course"),
    [
        (10.0, None, r"went 1\.558 → \d\.\d+e\+\d{3}"),
        (1e200, None, r"was 1\.558"),
        (1e200, 5, r"was \d\.\d+"),
    ],
)
def test_a_run_that_diverges_says_what_to_do(lr, size, course, jit):
    model = Neuron(1, seed=0)
    advice = rf"; until then the loss {course}: if it has grown without bound, try a smaller lr$"
    with pytest.raises(NonFiniteError, match=r"^epoch \d+, batch \d: .*" + advice):
        line_fit(model, SGD(model.parameters(), lr=lr), epochs=500, batch_size=size, jit=jit)


def test_errors_of_the_first_batch_and_those_of_other_kinds_speak_of_no_lr():
    def third(outputs, targets):
        raise ArgumentError("a loss of one's own")

    for data, loss in ([([[math.nan]], [0.0]), mse_loss], [LINE, third]):
        model = Neuron(1, seed=0)
        with pytest.raises((NonFiniteError, ArgumentError)) as caught:
            fit(model, data, loss=loss, optimizer=SGD(model.parameters()), epochs=2, progress=False)
        assert "lr" not in str(caught.value)


def test_the_text_of_an_error_is_shown_once_with_the_line_where_it_arose():
    def wrong(outputs, targets):
        return autograd.log(outputs[0] * 0.0)

    with pytest.raises(autograd.DomainError) as caught:
        line_fit(loss=wrong)
    shown = "".join(traceback.format_exception(caught.value))
    assert shown.count("log(x) needs x > 0") == 1
    assert "return autograd.log(outputs[0] * 0.0)" in shown


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"epochs": 0}, "fit(epochs=…) is at least 1"),
        ({"batch_size": 0}, "fit(batch_size=…) is at least 1"),
        ({"validation": ([[1.0]], [])}, "fit(validation=…) needs as many inputs as targets"),
        ({"stop": early_stopping()}, "needs fit(…, validation=(inputs, targets))"),
        ({"clip_norm": -1.0}, "fit(clip_norm=…) is at least 0, not -1.0"),
        ({"metrics": {"loss": accuracy}}, "'loss' is what is minimised"),
        ({"loss": lambda o, t: mse_loss(o, t[1:])}, "epoch 1, batch 1: mse_loss needs as many"),
    ],
)
def test_wrong_values(options, words):
    with pytest.raises(ArgumentError) as caught:
        line_fit(**options)
    assert words in str(caught.value)


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("kind", [list, tuple, numpy.array])
def test_inputs_and_targets_may_stand_apart(kind, jit):
    inputs, targets = map(kind, LINE)

    def trained(*data, **named):
        model = Neuron(1, seed=0)
        options = {"loss": mse_loss, "optimizer": SGD(model.parameters(), lr=0.1), "epochs": 2}
        fit(model, *data, **named, **options, seed=0, jit=jit, progress=False)
        return numbers(model)

    together = trained((inputs, targets))
    assert together != numbers(Neuron(1, seed=0))
    assert trained(inputs, targets) == trained(data=inputs, targets=targets) == together
    assert trained((inputs, targets), None) == trained(data=[inputs, targets]) == together


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (([[1.0]], [1.0, 2.0]), "needs as many inputs as targets, but got 1 and 2"),
        (([[1.0]],), r"fit\(data=…\) is a pair \(inputs, targets\)"),
        (((LINE, LINE[1])), "needs as many inputs as targets, but got 2 and 10"),
        ((3, [1.0]), "needs sequences of numbers, but got 3"),
        (([], []), "at least one sample"),
    ],
)
def test_wrong_inputs_and_targets(data, words):
    model = Neuron(1, seed=0)
    with pytest.raises((ArgumentError, ArgumentTypeError), match=words):
        fit(model, *data, loss=mse_loss, optimizer=SGD(model.parameters()), epochs=1)


@pytest.mark.parametrize("data", [([[1.0]], [1.0, 2.0]), ([], []), 3, ([[1.0]],)])
def test_wrong_data(data):
    model = Neuron(1, seed=0)
    with pytest.raises(ArgumentError, match="fit"):
        fit(model, data, loss=mse_loss, optimizer=SGD(model.parameters()), epochs=1)


def test_wrong_types():
    with pytest.raises(ArgumentTypeError, match="is an optimiser"):
        line_fit(optimizer="adam")
    with pytest.raises(ArgumentTypeError, match="is a function, not 'mse'"):
        line_fit(loss="mse")
    with pytest.raises(ArgumentTypeError, match="is a function, not 'early'"):
        line_fit(stop="early")
    with pytest.raises(ArgumentTypeError, match=r"fit\(metrics=…\) is a dict"):
        line_fit(metrics=[accuracy])
    with pytest.raises(ArgumentTypeError, match=r"fit\(scheduler=…\) has a step"):
        line_fit(scheduler=0.5)
    with pytest.raises(ArgumentTypeError, match="one Value"):
        line_fit(loss=lambda outputs, targets: 0.5)
    with pytest.raises(ArgumentTypeError, match="one Value"):
        line_fit(loss=lambda outputs, targets: outputs)


# ── Ctrl-C ────────────────────────────────────────────────────────────────────────────────────────


def test_interrupted_keeps_the_last_finished_step():
    calls = []

    def loss(outputs, targets):
        calls.append(None)
        if len(calls) == 8:
            raise KeyboardInterrupt
        return mse_loss(outputs, targets)

    model, history = line_fit(loss=loss, batch_size=2, epochs=9, keep_best=True)
    assert (len(history), history.steps) == (1, 7)
    assert history.stopped == "interrupted in epoch 2"
    calls[:] = [None] * 100
    same = Neuron(1, seed=0)
    taken = []

    def stop_after_seven(outputs, targets):
        taken.append(numbers(same))
        return mse_loss(outputs, targets)

    line_fit(same, loss=stop_after_seven, batch_size=2, epochs=2)
    assert numbers(model) == taken[7]


def test_a_step_is_never_done_by_half():
    class Slow(SGD):
        def moved(self, thetas, gradients, memory):
            os.kill(os.getpid(), signal.SIGINT)
            return super().moved(thetas, gradients, memory)

    model = Neuron(1, seed=0)
    _, history = line_fit(model, Slow(model.parameters(), lr=0.1))
    assert (len(history), history.steps) == (0, 1)
    once, _ = line_fit(epochs=1)
    assert numbers(model) == numbers(once)


def test_ctrl_c_is_held_back():
    done = []

    @held_back()
    def work():
        os.kill(os.getpid(), signal.SIGINT)
        done.append("the rest of it")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("moment", ["__init__", "close"])
def test_ctrl_c_before_the_first_and_after_the_last_step(monkeypatch, moment):
    calls = []

    def interrupting(bar, *args, **options):
        calls.append(None)
        if len(calls) == 1:
            os.kill(os.getpid(), signal.SIGINT)
        usual(bar, *args, **options)

    gc.collect()  # no bar of another test is to be closed while this one counts
    usual = getattr(tqdm.auto.tqdm, moment)
    monkeypatch.setattr(tqdm.auto.tqdm, moment, interrupting)
    model = Sequential(Dropout(0.5, seed=0), Neuron(1, seed=0)).eval()
    _, history = line_fit(model)
    epochs, reason = (0, "interrupted in epoch 1") if moment == "__init__" else (5, "all 5 epochs")
    assert (len(history), history.stopped[: len(reason)]) == (epochs, reason)
    assert not any(module.training for _, module in model.named_modules())


def test_training_in_another_thread():
    found = []
    thread = threading.Thread(target=lambda: found.append(line_fit()[1]))
    thread.start()
    thread.join()
    assert found[0].steps == 5


PROGRAM = """
from nn import MLP, SGD, fit, moons, mse_loss
model = MLP(2, [8, 1], seed=0)
def loss(outputs, targets):
    announce()
    return mse_loss(outputs, targets)
history = fit(model, moons(20, seed=0), loss=loss, seed=0, batch_size=4, epochs=10**6,
              optimizer=SGD(model.parameters(), lr=0.01), progress=False)
"""
REPORT = """
print()
print(history.stopped.split()[0], history.steps, len(history.loss), len(history.seconds))
print(*[p.data.hex() for p in model.parameters()])
"""


def test_a_real_interrupt_of_a_real_process():
    """The parameters are, to the bit, those after as many steps as the history says."""
    announce = 'announce = lambda: print("step", flush=True)'
    process = subprocess.Popen(
        [sys.executable, "-c", announce + PROGRAM + REPORT], stdout=subprocess.PIPE, text=True
    )
    for _ in range(30):
        process.stdout.readline()
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    (why, *counts), parameters = [line.split() for line in output.splitlines()[-2:]]
    steps, epochs, seconds = map(int, counts)
    assert why == "interrupted"
    assert steps >= 29
    assert epochs == seconds
    assert 0 <= steps - 5 * epochs <= 5

    calls = []

    def stop_after_those_steps():
        calls.append(None)
        if len(calls) > steps:
            raise KeyboardInterrupt

    names = {"announce": stop_after_those_steps}
    exec(PROGRAM, names)
    assert parameters == [p.data.hex() for p in names["model"].parameters()]


# ── the progress bar ──────────────────────────────────────────────────────────────────────────────


def test_progress_bar(capsys):
    line_fit(progress=True, batch_size=5)
    shown = capsys.readouterr().err
    assert "10/10" in shown
    assert "loss=" in shown
    line_fit(progress=False)
    assert capsys.readouterr().err == ""


# ── micrograd's demonstration ─────────────────────────────────────────────────────────────────────


@pytest.mark.long
def test_two_moons():
    inputs, classes = moons(100, noise=0.1, seed=1)
    targets = [2 * c - 1 for c in classes]
    model = MLP(2, [16, 16, 1], seed=0)
    optimizer = SGD(model.parameters(), lr=1.0)

    def loss(scores, targets):
        return hinge_loss(scores, targets) + l2_penalty(model.parameters(), 1e-4)

    for k in range(100):
        scores = [model(x) for x in inputs]
        optimizer.lr = 1.0 - 0.9 * k / 100
        optimizer.step(autograd.backprop(loss(scores, targets)))
    assert accuracy([model(x) for x in inputs], targets) == 1.0


def test_two_moons_with_fit():
    inputs, classes = moons(60, seed=2)
    targets = [2 * c - 1 for c in classes]
    model = MLP(2, [8, 8, 1], seed=0)
    history = fit(
        model,
        (inputs, targets),
        loss=hinge_loss,
        optimizer=Adam(model.parameters(), lr=0.05),
        epochs=60,
        batch_size=20,
        seed=0,
        stop=lambda h: h.loss[-1] < 0.01,
        progress=False,
    )
    assert accuracy([model(x) for x in inputs], targets) == 1.0
    assert history.loss[-1] < history.loss[0]


def test_784_inputs_can_be_trained():
    """A network of the size of Fashion-MNIST: two samples, one step."""
    model = Sequential(Layer(784, 100, "relu", seed=0), Layer(100, 10, seed=1))
    assert model.count_parameters() == 784 * 100 + 100 + 100 * 10 + 10
    images = [[((i * k) % 255) / 255 for i in range(784)] for k in (3, 7)]
    history = fit(
        model,
        (images, [3, 7]),
        loss=cross_entropy,
        optimizer=SGD(model.parameters(), lr=0.01),
        epochs=2,
        progress=False,
    )
    assert history.loss[1] < history.loss[0]


def test_files_of_fashion_mnists_shape_can_be_trained_on(tmp_path):
    """784-100-10 on IDX files, in mini-batches, compiled; the loss falls and the time is known."""
    source = Random(0)
    labels = bytes(i % 10 for i in range(60))
    pixels = b"".join(
        bytes(
            source.randrange(200, 256) if r // 3 == k else 0 for r in range(28) for _ in range(28)
        )
        for k in labels
    )
    (tmp_path / "labels").write_bytes(b"\0\0\x08\x01" + len(labels).to_bytes(4) + labels)
    shape = b"".join(n.to_bytes(4) for n in (60, 28, 28))
    (tmp_path / "images.gz").write_bytes(gzip.compress(b"\0\0\x08\x03" + shape + pixels))
    images = read_idx(tmp_path / "images.gz").reshape(60, 784) / 255
    model = MLP(784, [100, 10], seed=0)
    history = fit(
        model,
        (images, read_idx(tmp_path / "labels")),
        loss=cross_entropy,
        optimizer=SGD(model.parameters(), lr=0.05),
        epochs=8,
        batch_size=20,
        seed=0,
        progress=False,
        jit=True,
    )
    assert history.loss[-1] < history.loss[0] / 2
    assert (history.steps, len(history.seconds)) == (24, 8)
    assert accuracy([model(x) for x in images[:10]], list(range(10))) == 1.0


def test_keeping_the_best_where_no_validation_loss_is_a_number():
    def loss(outputs, targets):
        return mse_loss(outputs, targets) if len(outputs) > 1 else Value(math.nan)

    model, history = line_fit(loss=loss, validation=([[1.0]], [1.0]), keep_best=True)
    assert math.isnan(history.validation_loss[-1])
    assert numbers(model) == numbers(line_fit()[0])
