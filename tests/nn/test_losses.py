"""Curriculum parts D and E: activations, output units and losses."""

from __future__ import annotations

import math
from functools import partial
from random import Random

import numpy as np
import pytest

import autograd
from autograd import ArgumentError, ArgumentTypeError, DomainError, Value, backprop, check_gradients
from nn import (
    MLP,
    SGD,
    Neuron,
    accuracy,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    fit,
    gaussian_nll_loss,
    half_squared_error,
    hard_clip,
    hinge_loss,
    l1_loss,
    l1_penalty,
    l2_penalty,
    log_softmax,
    mixture_nll_loss,
    mse_loss,
    negative_log_likelihood,
    nll_loss,
    quadratic_cost,
    softmax,
)
from nn.activations import ELEMENTWISE, WHOLE

EDGE = [-1000.0, -30.0, 0.0, 30.0, 1000.0]


def sigma(z):
    return 1 / (1 + math.exp(-z))


def plain(x):
    return x.data if type(x) is Value else x


# ── activations ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", [n for n in ELEMENTWISE if n != "exp"])
@pytest.mark.parametrize("z", EDGE)
def test_units_are_finite_far_out(name, z):
    x = Value(z)
    y = ELEMENTWISE[name](x)
    assert math.isfinite(y.data)
    assert math.isfinite(backprop(y)[x])


@pytest.mark.parametrize("name", WHOLE)
def test_layers_of_units_are_finite_far_out(name):
    xs = [Value(z) for z in EDGE]
    for y in WHOLE[name](xs):
        assert math.isfinite(y.data)
        assert all(math.isfinite(backprop(y)[x]) for x in xs)


def test_values_and_derivatives():
    x = Value(0.0)
    assert ELEMENTWISE["sigmoid"](x).data == 0.5
    assert backprop(ELEMENTWISE["sigmoid"](x))[x] == 0.25
    assert ELEMENTWISE["tanh"](0.3) == pytest.approx(2 / (1 + math.exp(-0.6)) - 1, rel=1e-14)
    assert backprop(ELEMENTWISE["relu"](x)).get(x) == 0
    assert [hard_clip(z) for z in (-0.5, 0.25, 1.5)] == [0, 0.25, 1]
    for z, slope in [(-0.5, 0), (0.25, 1), (1.5, 0)]:
        x = Value(z)
        assert backprop(hard_clip(x))[x] == slope


@pytest.mark.parametrize("z", [-3.0, -0.5, 0.25, 2.0])
@pytest.mark.parametrize(
    ("name", "value", "slope"),
    [
        ("linear", lambda z: z, lambda z: 1),
        ("sigmoid", lambda z: 1 / (1 + math.exp(-z)), lambda z: sigma(z) * (1 - sigma(z))),
        ("tanh", lambda z: 2 * sigma(2 * z) - 1, lambda z: 1 - math.tanh(z) ** 2),
        ("tanh", math.tanh, lambda z: 1 / math.cosh(z) ** 2),
        ("relu", lambda z: max(0, z), lambda z: z > 0),
        ("leaky_relu", lambda z: max(0, z) + 0.01 * min(0, z), lambda z: 1 if z > 0 else 0.01),
        ("abs", lambda z: max(0, z) - min(0, z), lambda z: math.copysign(1, z)),
        ("softplus", lambda z: math.log(1 + math.exp(z)), lambda z: sigma(z)),
        ("hard_clip", lambda z: max(0, min(1, z)), lambda z: 0 < z < 1),
        ("threshold", lambda z: z >= 0, lambda z: 0),
    ],
)
def test_units_by_their_formulas(name, value, slope, z):
    x = Value(z)
    y = ELEMENTWISE[name](x)
    assert y.data == pytest.approx(float(value(z)), rel=1e-14)
    assert backprop(y).get(x, 0.0) == pytest.approx(float(slope(z)), rel=1e-14)


@pytest.mark.parametrize("shift", [1000.0, -1000.0, 2.0**40])
def test_softmax_does_not_see_a_shift(shift):
    z = [0.5, -1.25, 3.0]
    assert softmax([x + shift for x in z]) == softmax(z)
    assert sum(softmax(z)) == pytest.approx(1.0, abs=1e-15)
    assert [math.exp(x) for x in log_softmax(z)] == pytest.approx(softmax(z), rel=1e-14)


def test_derivatives_of_softmax():
    for k in range(3):
        check_gradients(lambda z, k=k: softmax(z)[k], [0.5, -1.0, 2.0])
        check_gradients(lambda z, k=k: log_softmax(z)[k], [0.5, -1.0, 2.0])


# ── losses by their formulas ──────────────────────────────────────────────────────────────────────


PROBABLE = [[0.5, 0.25], [0.125, 0.5]]
BATCHES = {
    mse_loss: (PROBABLE, [[0, 1], [1, 0]]),
    l1_loss: (PROBABLE, [[0, 1], [1, 0]]),
    hinge_loss: (PROBABLE, [[-1, 1], [1, -1]]),
    binary_cross_entropy: (PROBABLE, [[0, 1], [1, 0]]),
    binary_cross_entropy_with_logits: (PROBABLE, [[0, 1], [1, 0]]),
    cross_entropy: (PROBABLE, [0, 1]),
    nll_loss: (PROBABLE, [[0.5, 0.5], [1, 0]]),
    negative_log_likelihood: (PROBABLE, [0, 1]),
    partial(gaussian_nll_loss, var=2.0): (PROBABLE, [[0, 1], [1, 0]]),
    lambda z, y, reduction: mixture_nll_loss(z, z, z, y, reduction): (PROBABLE, [0.5, 2.0]),
}


@pytest.mark.parametrize(("loss", "inputs", "targets"), [(f, *xs) for f, xs in BATCHES.items()])
def test_a_loss_of_each_is_in_the_place_of_each(loss, inputs, targets):
    each = loss(inputs, targets, reduction="none")
    rows = [loss(*row, reduction="none") for row in zip(inputs, targets, strict=True)]
    assert each == rows
    assert loss(inputs, targets, reduction="sum") == pytest.approx(np.sum(each), rel=1e-14)
    if isinstance(rows[0], list):
        assert rows[0] == [
            loss(x, y, reduction="none") for x, y in zip(inputs[0], targets[0], strict=True)
        ]


def test_squared_errors():
    outputs, targets = [[1.0, 2.0], [3.0, 5.0]], [[0.0, 2.0], [1.0, 1.0]]
    assert mse_loss(outputs, targets) == (1 + 0 + 4 + 16) / 4
    assert mse_loss(outputs, targets, "sum") == 21
    assert mse_loss(outputs, targets, "none") == [[1, 0], [4, 16]]
    assert half_squared_error(outputs, targets) == 10.5
    assert quadratic_cost(outputs, targets) == 21 / (2 * 2)
    assert quadratic_cost(3.0, 1.0) == 2.0
    assert l1_loss(outputs, targets) == (1 + 0 + 2 + 4) / 4
    assert mse_loss([1.0, 2.0], [[1.0], [4.0]]) == 2.0


def test_mean_and_median():
    """Squared error ends at the mean of the data, absolute error at the median."""
    data = [0.0, 1.0, 2.0, 3.0, 14.0]
    ends = []
    for loss, lr in [(mse_loss, 0.1), (l1_loss, 0.02)]:
        model = Neuron(1, seed=0)
        model.load_state_dict({"weight": [[0.0]], "bias": [3.5]})
        fit(
            model,
            ([[0.0]] * 5, data),
            loss=loss,
            optimizer=SGD(model.parameters(), lr=lr),
            epochs=400,
            progress=False,
        )
        ends.append(model([0.0]).data)
    assert ends == [pytest.approx(4.0, abs=1e-6), pytest.approx(2.0, abs=0.021)]


def test_cross_entropies_agree():
    z, t = [[0.5, -1.0, 2.0], [1.0, 1.0, 0.0]], [2, 0]
    wanted = -(math.log(softmax(z[0])[2]) + math.log(softmax(z[1])[0])) / 2
    hot = [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    for target in (t, hot):
        assert cross_entropy(z, target) == pytest.approx(wanted, rel=1e-14)
        assert nll_loss([log_softmax(x) for x in z], target) == pytest.approx(wanted, rel=1e-14)
        p = [softmax(x) for x in z]
        assert negative_log_likelihood(p, target) == pytest.approx(wanted, rel=1e-14)
    assert cross_entropy(z[0], 2) == pytest.approx(-math.log(softmax(z[0])[2]), rel=1e-14)
    assert negative_log_likelihood([0.0, 1.0], [0.0, 1.0]) == 0  # 0 log 0 is left out


def test_gradient_of_cross_entropy_is_softmax_minus_target():
    z = [Value(x) for x in (0.5, -1.0, 2.0)]
    table = backprop(cross_entropy(z, 1))
    p = softmax([x.data for x in z])
    assert [table[x] for x in z] == pytest.approx([p[0], p[1] - 1, p[2]], rel=1e-14)


@pytest.mark.parametrize("y", [0, 1, 0.25, True])
@pytest.mark.parametrize("z", [-2.0, 0.5])
def test_binary_cross_entropies_agree(y, z):
    p = 1 / (1 + math.exp(-z))
    wanted = -(y * math.log(p) + (1 - y) * math.log(1 - p))
    assert binary_cross_entropy_with_logits([z], [y]) == pytest.approx(wanted, rel=1e-14)
    assert binary_cross_entropy([p], [y]) == pytest.approx(wanted, rel=1e-13)
    if y in (0, 1):
        assert binary_cross_entropy_with_logits(z, y) == autograd.softplus((1 - 2 * y) * z)


@pytest.mark.parametrize("z", EDGE)
@pytest.mark.parametrize("y", [0, 1, 0.25])
def test_binary_cross_entropy_far_out(z, y):
    x = Value(z)
    loss = binary_cross_entropy_with_logits(x, y)
    wanted = max(z, 0) - z * y + math.log1p(math.exp(-abs(z)))
    assert loss.data == pytest.approx(wanted, rel=1e-12)
    assert backprop(loss)[x] == pytest.approx(autograd.sigmoid(z) - y, abs=1e-15)


@pytest.mark.parametrize("target", [0, 1, [0.5, 0.25, 0.25]])
def test_cross_entropy_far_out(target):
    z = [Value(1000.0), Value(-1000.0), Value(0.0)]
    loss = cross_entropy(z, target)
    assert math.isfinite(loss.data)
    assert all(math.isfinite(backprop(loss)[x]) for x in z)


def test_hinge_loss():
    assert hinge_loss([2.0, 0.5, -3.0], [1, 1, 1]) == (0 + 0.5 + 4) / 3
    assert hinge_loss([2.0, -3.0], [-1, -1]) == 1.5


def test_gaussian_output():
    wanted = 0.5 * (math.log(4.0) + (1.0 - 3.0) ** 2 / 4.0)
    assert gaussian_nll_loss([1.0], [3.0], [4.0]) == pytest.approx(wanted)
    full = gaussian_nll_loss([1.0], [3.0], [4.0], full=True)
    assert full == pytest.approx(wanted + 0.5 * math.log(2 * math.pi))


def test_one_variance_for_all():
    wanted = gaussian_nll_loss([1.0, 2.0], [0.5, 1.0], [0.3, 0.3])
    assert gaussian_nll_loss([1.0, 2.0], [0.5, 1.0], 0.3) == wanted


def test_gaussian_output_learns_mean_and_variance():
    source = Random(0)
    data = [source.gauss(3.0, 0.5) for _ in range(40)]
    model = MLP(1, [2], seed=0)

    def loss(outputs, targets):
        means, raw = zip(*outputs, strict=True)
        return gaussian_nll_loss(means, targets, [autograd.softplus(v) for v in raw])

    fit(
        model,
        ([[0.0]] * 40, data),
        loss=loss,
        optimizer=SGD(model.parameters(), lr=0.1),
        epochs=300,
        progress=False,
    )
    mean = sum(data) / 40
    variance = sum((x - mean) ** 2 for x in data) / 40
    m, v = model([0.0])
    assert m.data == pytest.approx(mean, rel=1e-3)
    assert autograd.softplus(v.data) == pytest.approx(variance, rel=0.05)


def test_mixture_density():
    def density(y, mean, variance):
        return math.exp(-((y - mean) ** 2) / (2 * variance)) / math.sqrt(2 * math.pi * variance)

    p = softmax([0.3, -0.2])
    wanted = -math.log(p[0] * density(0.7, -1, 0.5) + p[1] * density(0.7, 1, 2.0))
    got = mixture_nll_loss([0.3, -0.2], [-1.0, 1.0], [0.5, 2.0], 0.7)
    assert got == pytest.approx(wanted, rel=1e-14)
    batch = mixture_nll_loss([[0.3, -0.2]] * 2, [[-1.0, 1.0]] * 2, [[0.5, 2.0]] * 2, [0.7, 0.7])
    assert batch == pytest.approx(wanted, rel=1e-14)
    far = mixture_nll_loss([0.0, 0.0], [-1.0, 1.0], [1.0, 1.0], 1000.0)
    assert math.isfinite(far)


def test_penalties():
    w = [Value(1.0), Value(-3.0)]
    assert l2_penalty(w, 0.1).data == pytest.approx(1.0)
    assert backprop(l2_penalty(w, 0.1))[w[1]] == pytest.approx(-0.6)
    assert l1_penalty(w, 0.1).data == pytest.approx(0.4)
    assert backprop(l1_penalty(w, 0.1))[w[1]] == -0.1


def test_saturation():
    """A sigmoid that is wrong and sure: squared error barely moves it, cross-entropy does."""
    z = Value(-10.0)
    squared = abs(backprop(mse_loss(autograd.sigmoid(z), 1))[z])
    entropy = abs(backprop(binary_cross_entropy_with_logits(z, 1))[z])
    assert squared < 1e-4
    assert entropy == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize(
    ("loss", "target"),
    [
        (mse_loss, [0.5, 1.0, -1.0]),
        (l1_loss, [0.5, 1.0, -1.0]),
        (hinge_loss, [1, -1, 1]),
        (binary_cross_entropy_with_logits, [1, 0, 0.3]),
        (cross_entropy, 2),
        (cross_entropy, [0.2, 0.5, 0.3]),
    ],
)
def test_gradients(loss, target):
    check_gradients(lambda x: loss(x, target), [0.3, -0.2, 0.9])


@pytest.mark.torch
def test_losses_as_torch():
    torch = pytest.importorskip("torch")
    F = torch.nn.functional
    source = Random(1)
    z = [[source.gauss(0, 2) for _ in range(4)] for _ in range(3)]
    y = [[source.random() for _ in range(4)] for _ in range(3)]
    soft = [softmax(row) for row in y]
    v = [[source.random() for _ in range(4)] for _ in range(3)]
    T = lambda x: torch.tensor(x, dtype=torch.float64)  # noqa: E731
    logp = [log_softmax(row) for row in z]
    p = [[1 / (1 + math.exp(-x)) for x in row] for row in z]
    t = [3, 0, 2]
    for reduction in ("mean", "sum"):
        r = {"reduction": reduction}
        for ours, theirs in [
            (mse_loss(z, y, **r), F.mse_loss(T(z), T(y), **r)),
            (l1_loss(z, y, **r), F.l1_loss(T(z), T(y), **r)),
            (cross_entropy(z, t, **r), F.cross_entropy(T(z), torch.tensor(t), **r)),
            (cross_entropy(z, soft, **r), F.cross_entropy(T(z), T(soft), **r)),
            (nll_loss(logp, t, **r), F.nll_loss(T(logp), torch.tensor(t), **r)),
            (binary_cross_entropy(p, y, **r), F.binary_cross_entropy(T(p), T(y), **r)),
            (
                binary_cross_entropy_with_logits(z, y, **r),
                F.binary_cross_entropy_with_logits(T(z), T(y), **r),
            ),
            (gaussian_nll_loss(z, y, v, **r), F.gaussian_nll_loss(T(z), T(y), T(v), **r)),
        ]:
            assert ours == pytest.approx(theirs.item(), rel=1e-12)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: mse_loss([1.0], [1.0, 2.0]), "as many inputs as targets, but got 1 and 2"),
        (lambda: mse_loss([[1.0], [2.0]], [[1.0], [2.0, 3.0]]), "but got 1 and 2"),
        (lambda: mse_loss([], []), "at least one sample"),
        (lambda: mse_loss([1.0], [1.0], "avg"), "not 'avg'"),
        (lambda: cross_entropy([[1.0, 2.0]], [2]), "target 0 is a class from 0 to 1, not 2"),
        (lambda: cross_entropy([[1.0, 2.0]], [0.5]), "target 0 is a class from 0 to 1, not 0.5"),
        (lambda: cross_entropy([[1.0, 2.0]], [-1]), "not -1"),
        (lambda: cross_entropy([[1.0, 2.0]], [0, 1]), "as many inputs as targets, but got 1 and 2"),
        (lambda: cross_entropy([[1.0, 2.0]], [[1.0]]), "has 1 probabilities, but there are 2"),
        (lambda: cross_entropy([[1.0, 2.0]], [[0.6, 0.6]]), "with the sum 1"),
        (lambda: cross_entropy([[1.0, 2.0]], [[1.5, -0.5]]), "with the sum 1"),
        (lambda: cross_entropy(1.0, 0), "sequences of numbers, but got 1.0"),
        (lambda: cross_entropy([[1.0, 2.0], 3.0], [0, 1]), "sequences of numbers, but got 3.0"),
        (lambda: cross_entropy([1.0, 2.0], None), "sequences of numbers, but got None"),
        (lambda: mse_loss(["a"], [1.0]), "sequences of numbers, but got 'a'"),
        (lambda: binary_cross_entropy_with_logits([1.0], [None]), "but got None"),
        (lambda: binary_cross_entropy_with_logits([1.0, 1.0], [0, 2]), "target 1 is 2"),
        (lambda: binary_cross_entropy([0.5], [math.nan]), "target 0 is nan"),
        (lambda: binary_cross_entropy([0.0], [1]), "log(x) needs x > 0"),
        (lambda: binary_cross_entropy([1.5], [1]), "probabilities, but number 0 is 1.5"),
        (lambda: binary_cross_entropy([0.5, -0.5], [0, 0]), "number 1 is -0.5"),
        (lambda: half_squared_error([1.0], [1.0, 2.0]), "half_squared_error needs as many"),
        (lambda: quadratic_cost([], []), "quadratic_cost needs at least one sample"),
        (lambda: hinge_loss([1.0], [0]), "target 0 is 0"),
        (lambda: hinge_loss([1.0], [Value(0.5)]), "target 0 is 0.5"),
        (lambda: gaussian_nll_loss([1.0], [1.0], [-1.0]), "not negative, not -1.0"),
        (lambda: gaussian_nll_loss([1.0, 2.0], [1.0, 2.0], [1.0]), "variances"),
        (lambda: mixture_nll_loss([1.0], [1.0, 2.0], [1.0], 1.0), "but got [1, 2, 1]"),
        (lambda: mixture_nll_loss([], [], [], []), "at least one sample"),
        (lambda: mixture_nll_loss([], [], [], 1.0), "at least one component"),
        (lambda: mixture_nll_loss(1.0, 1.0, 1.0, 1.0), "needs sequences of numbers, but got 1.0"),
        (lambda: mixture_nll_loss([1.0], [1.0], [0.0], 1.0), "positive variances, not 0.0"),
        (lambda: mixture_nll_loss([[1.0]], [[1.0]], [[1.0]], [1.0, 2.0]), "[1, 1, 1, 2]"),
        (lambda: mixture_nll_loss([[1.0]], [[1.0]], [[1.0]], 1.0), "one number, not [1.0]"),
        (lambda: accuracy([[0.1, 0.9]], [2]), "target 0 is a class from 0 to 1, not 2"),
        (lambda: accuracy([[0.1, 0.9]], [[0, 1, 0]]), "target 0 has 3 entries, but there are 2"),
        (lambda: accuracy([[]], [0]), "output 0 is empty"),
        (lambda: accuracy(["a"], [0]), "needs a sequence of numbers, but got 'a'"),
        (lambda: accuracy([[0.1, 0.9]], ["a"]), "needs a sequence of numbers, but got 'a'"),
        (lambda: l2_penalty([Value(1.0)], -1.0), "l2_penalty(strength=…) is at least 0"),
    ],
)
def test_errors(call, words):
    with pytest.raises((ArgumentError, ArgumentTypeError, DomainError)) as caught:
        call()
    assert words in str(caught.value)
