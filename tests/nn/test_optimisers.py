"""Curriculum part F: optimisers against the published formulas, and against PyTorch's."""

from __future__ import annotations

import copy
import json
import math
from fractions import Fraction

import numpy as np
import pytest

from autograd import ArgumentError, ArgumentTypeError, NonFiniteError, Value, backprop, sqrt
from nn import (
    SGD,
    Adagrad,
    Adam,
    AdamW,
    CosineAnnealingLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    Neuron,
    Optimizer,
    RMSprop,
    StepLR,
    clip_grad_norm,
    clip_grad_norm_,
    clip_grad_value_,
)

START = [0.5, -0.75]

CASES = [
    (SGD, {"lr": 0.05}),
    (SGD, {"lr": 0.02, "momentum": 0.9}),
    (SGD, {"lr": 0.02, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    (SGD, {}),
    (Adagrad, {"lr": 0.1}),
    (Adagrad, {"lr_decay": 0.1, "weight_decay": 0.1, "initial_accumulator_value": 0.5}),
    (Adagrad, {}),
    (RMSprop, {"lr": 0.01}),
    (RMSprop, {"lr": 0.01, "alpha": 0.9, "momentum": 0.5, "weight_decay": 0.1}),
    (RMSprop, {}),
    (Adam, {"lr": 0.1}),
    (Adam, {"lr": 0.1, "betas": (0.8, 0.9), "eps": 1e-3, "weight_decay": 0.1}),
    (Adam, {}),
    (AdamW, {"lr": 0.1}),
    (AdamW, {"lr": 0.1, "weight_decay": 0.3}),
    (AdamW, {}),
]
IDS = [f"{kind.__name__}-{i}" for i, (kind, _) in enumerate(CASES)]


def valley(x, y):
    """A long bent valley: (1 − x)² + (y − x²)²."""
    return (1 - x) ** 2 + (y - x**2) ** 2


def path(optimizer, parameters, steps=25, grad=False):
    """The points that an optimiser visits."""
    points = []
    for _ in range(steps):
        loss = valley(*parameters)
        if grad:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        else:
            optimizer.step(backprop(loss))
        points.append([p.data for p in parameters])
    return points


@pytest.mark.parametrize(("kind", "options"), CASES, ids=IDS)
def test_table_and_grad_give_the_same_path(kind, options):
    paths = []
    for grad in (False, True):
        parameters = [Value(x) for x in START]
        paths.append(path(kind(parameters, **options), parameters, grad=grad))
    assert paths[0] == paths[1]
    assert valley(*paths[0][-1]) < valley(*START)


@pytest.mark.torch
@pytest.mark.parametrize(("kind", "options"), CASES, ids=IDS)
def test_step_by_step_as_torch(kind, options):
    torch = pytest.importorskip("torch")
    parameters = [Value(x) for x in START]
    ours = path(kind(parameters, **options), parameters)
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in START]
    peer = getattr(torch.optim, kind.__name__)(tensors, **options)
    for point in ours:
        peer.zero_grad()
        valley(*tensors).backward()
        peer.step()
        assert point == pytest.approx([t.item() for t in tensors], rel=1e-11, abs=1e-13)


def gradient(x, y):
    return -2 * (1 - x) - 4 * x * (y - x * x), 2 * (y - x * x)


def by_formula(kind, lr, steps=25):
    """The path by the formulas as they were published, without decay or momentum options."""
    theta, m, s = list(START), [0.0, 0.0], [0.0, 0.0]
    points = []
    for t in range(1, steps + 1):
        for i, g in enumerate(gradient(*theta)):
            if kind == "SGD":
                theta[i] -= lr * g
            elif kind == "momentum":  # Polyak 1964, as a velocity
                m[i] = 0.9 * m[i] - lr * g
                theta[i] += m[i]
            elif kind == "Adagrad":  # Duchi, Hazan & Singer 2011
                s[i] += g * g
                theta[i] -= lr * g / (sqrt(s[i]) + 1e-10)
            elif kind == "RMSprop":  # Tieleman & Hinton 2012
                s[i] = 0.99 * s[i] + 0.01 * g * g
                theta[i] -= lr * g / (sqrt(s[i]) + 1e-8)
            else:  # Kingma & Ba 2015, algorithm 1; Loshchilov & Hutter 2019 take λθ off first
                theta[i] -= lr * 0.01 * theta[i] if kind == "AdamW" else 0.0
                m[i] = 0.9 * m[i] + 0.1 * g
                s[i] = 0.999 * s[i] + 0.001 * g * g
                theta[i] -= lr * (m[i] / (1 - 0.9**t)) / (sqrt(s[i] / (1 - 0.999**t)) + 1e-8)
        points.append(list(theta))
    return points


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("SGD", lambda p: SGD(p, lr=0.02)),
        ("momentum", lambda p: SGD(p, lr=0.02, momentum=0.9)),
        ("Adagrad", lambda p: Adagrad(p, lr=0.02)),
        ("RMSprop", lambda p: RMSprop(p, lr=0.02)),
        ("Adam", lambda p: Adam(p, lr=0.02)),
        ("AdamW", lambda p: AdamW(p, lr=0.02)),
    ],
)
def test_step_by_step_by_the_published_formula(name, make):
    parameters = [Value(x) for x in START]
    for ours, wanted in zip(
        path(make(parameters), parameters), by_formula(name, 0.02), strict=True
    ):
        assert ours == pytest.approx(wanted, rel=1e-11)


def test_nesterov_by_its_lookahead():
    """With φ = θ + μ·(−η v) in place of θ it is: the gradient is taken where momentum leads."""
    p = Value(START[0])
    optimizer = SGD([p], lr=0.05, momentum=0.9, nesterov=True)
    phi, velocity = START[0], 0.0
    for _ in range(10):
        optimizer.step(backprop((p - 3) ** 2))
        g = 2 * (phi - 3)  # ours stores the look-ahead point φ
        theta = phi + 0.9 * 0.05 * velocity
        velocity = 0.9 * velocity + g
        theta -= 0.05 * velocity
        phi = theta - 0.9 * 0.05 * velocity
        assert p.data == pytest.approx(phi, rel=1e-12)


def test_rules_hold_for_arrays():
    numpy = pytest.importorskip("numpy")
    for kind, options in CASES:
        values = [Value(x) for x in START]
        optimizer, arrays = kind([Value(0.0)], **options), numpy.array(START)
        path(single := kind(values, **options), values, steps=3)
        for _ in range(3):
            slopes = numpy.array(gradient(*arrays))
            arrays, optimizer.memory = optimizer.moved(arrays, slopes, optimizer.memory)
            optimizer.steps += 1
        assert single.steps == optimizer.steps == 3
        assert list(arrays) == pytest.approx([v.data for v in values], rel=1e-12)


def test_a_parameter_outside_the_graph_has_gradient_0():
    p, q = Value(1.0), Value(2.0)
    SGD([p, q], lr=0.5).step(backprop(p * p))
    assert (p.data, q.data) == (0.0, 2.0)


def test_a_graph_of_gradients_will_do():
    p = Value(1.0)
    SGD([p], lr=0.25).step(backprop(p * p, create_graph=True))
    assert p.data == 0.5


def test_gradients_that_are_not_finite_are_refused():
    p, w = Value(2.0, "p"), Value(0.0, "w")
    optimizer = Adam([p, w])
    optimizer.step({p: 1.0, w: 1.0})
    before, memory = [p.data, w.data], optimizer.memory
    w.data = 0.0
    loss = p + sqrt(w)
    with pytest.raises(NonFiniteError) as caught:
        optimizer.step(backprop(loss))
    message = str(caught.value)
    assert "gradient of inf for w" in message
    assert "it became so at w = 0" in message
    assert "'sqrt'" in message
    assert (p.data, optimizer.memory, optimizer.steps) == (before[0], memory, 1)
    p.grad = math.nan
    with pytest.raises(NonFiniteError, match="gradient of nan for p"):
        optimizer.step()


def test_the_node_where_a_gradient_went_wrong():
    p = Value(0.0, "p")
    middle = p * 3.0
    middle.label = "middle"
    with pytest.raises(NonFiniteError, match=r"became so at middle = 0\.0, an operand of 'sqrt'"):
        SGD([p]).step(backprop(sqrt(middle)))


def test_a_step_out_of_range_is_refused():
    p = Value(1e308, "p")
    optimizer = SGD([p], lr=1e10)
    with pytest.raises(NonFiniteError, match="learning rate 1e\\+10 may be too large"):
        optimizer.step({p: -1e300})
    assert p.data == 1e308
    assert optimizer.steps == 0
    adam = Adam([p])
    with pytest.raises(NonFiniteError, match=r"a gradient of 1e\+200 for p is too large for Adam"):
        adam.step({p: 1e200})
    assert (p.data, adam.steps) == (1e308, 0)


@pytest.mark.parametrize("x", [np.float32(2), np.float64(2), np.array(2), 2, Fraction(2)])
def test_numbers_of_other_kinds_become_floats(x):
    p, q = Value(1.0, "p"), Value(1.0, "q")
    p.data, q.grad = x, x
    SGD([p, q], lr=0.5).step()
    assert (p.data, q.data) == (2.0, 0.0)
    assert type(p.data) is type(q.data) is float


@pytest.mark.parametrize("x", [None, "2", 1j, Value(2.0), [2.0], [2.0, 3.0]])
@pytest.mark.parametrize(("place", "words"), [("data", "data"), ("grad", "gradient")])
def test_what_is_no_number_is_refused(x, place, words):
    p, q = Value(1.0, "p"), Value(1.0, "q")
    setattr(q, place, x)
    optimizer = SGD([p, q], lr=0.5, weight_decay=1.0)
    with pytest.raises(ArgumentTypeError, match=f"the {words} of q needs a real number, but got"):
        optimizer.step()
    assert (p.data, getattr(q, place), optimizer.steps) == (1.0, x, 0)


@pytest.mark.parametrize("kind", [SGD, Adam])
@pytest.mark.parametrize("x", [math.nan, math.inf])
def test_a_parameter_that_is_not_finite_before_the_step(kind, x):
    p, q = Value(1.0, "p"), Value(x, "q")
    with pytest.raises(NonFiniteError, match=f"q = {x} is not finite already before the step"):
        kind([p, q]).step({p: 1.0})
    assert p.data == 1.0


def test_clipping():
    p, q = Value(3.0), Value(4.0)
    table = backprop(0.5 * (p * p + q * q))
    clipped = clip_grad_norm(table, [p, q], 1.0)
    assert [clipped[p], clipped[q]] == pytest.approx([0.6, 0.8])
    assert [table[p], table[q]] == [3, 4]
    assert clip_grad_norm(table, [p, q], 6.0) is table
    (0.5 * (p * p + q * q)).backward()
    assert clip_grad_norm_([p, q], 1.0) == 5.0
    assert [p.grad, q.grad] == pytest.approx([0.6, 0.8])
    clip_grad_value_([p, q], 0.7)
    assert [p.grad, q.grad] == pytest.approx([0.6, 0.7])
    SGD([p, q], lr=1.0).step(clipped)
    assert [p.data, q.data] == pytest.approx([2.4, 3.2])


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_clipping_hides_no_gradient_that_is_not_finite(wrong):
    p = Value(1.0, "p")
    p.grad = wrong
    clip_grad_value_([p], 0.5)
    assert repr(p.grad) == repr(wrong)
    with pytest.raises(NonFiniteError, match=f"gradient of {wrong} for p"):
        SGD([p]).step()
    assert p.data == 1.0


def test_clipping_a_graph_of_gradients():
    p = Value(3.0)
    table = backprop(p * p, create_graph=True)
    assert clip_grad_norm(table, [p], 3.0)[p].data == pytest.approx(3.0)
    assert clip_grad_norm(table, [p], 7.0) is table


# ── states ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("kind", "options"), CASES, ids=IDS)
def test_a_state_goes_through_json_and_on_as_before(kind, options):
    parameters = [Value(x) for x in START]
    optimizer = kind(parameters, **options)
    path(optimizer, parameters, steps=5)
    copies = [Value(p.data) for p in parameters]
    other = kind(copies)
    other.load_state_dict(json.loads(json.dumps(optimizer.state_dict())))
    assert other.state_dict() == optimizer.state_dict()
    assert path(other, copies) == path(optimizer, parameters)


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ({"optimizer": "SGD"}, "a state of 'SGD' does not fit Adam"),
        ({"steps": -1}, "steps is at least 0, not -1"),
        ({"more": 1}, "the state has 'more'"),
        ({"memory": [[0.0, 0.0]]}, "memory has shape (2, 2), but got numbers of shape (1, 2)"),
        ({"memory": [[0.0, 0.0], [0.0]]}, "memory needs rows of one shape"),
        ({"memory": [[0.0, 0.0], [0.0, math.nan]]}, "memory[1][1] is a finite number, not nan"),
        ({"memory": [[0.0, 0.0], [0.0, "1"]]}, "memory needs numbers"),
        ({"options": {"lr": 0.1}}, "the state lacks 'betas', 'eps', 'weight_decay'"),
        ({"options": {"lr": -1, "betas": [0, 0], "eps": 1, "weight_decay": 0}}, "lr is at least 0"),
    ],
)
def test_a_state_that_does_not_fit_is_refused_whole(entries, words):
    parameters = [Value(x) for x in START]
    optimizer = Adam(parameters, lr=0.1)
    path(optimizer, parameters, steps=2)
    before = optimizer.state_dict()
    with pytest.raises(ArgumentError) as caught:
        optimizer.load_state_dict(before | entries)
    assert words in str(caught.value)
    assert optimizer.state_dict() == before
    with pytest.raises(ArgumentError, match="the state lacks 'memory'"):
        optimizer.load_state_dict({k: v for k, v in before.items() if k != "memory"})


def test_the_options_are_shown():
    assert repr(SGD([Value(1.0)], 0.1, 0.9)) == (
        "SGD(lr=0.1, momentum=0.9, weight_decay=0.0, nesterov=False)"
    )


@pytest.mark.parametrize("kind", [SGD, Adagrad, RMSprop, Adam, AdamW])
def test_the_rate_is_checked_whenever_it_is_set(kind):
    optimizer = kind([Value(1.0)], lr=0.5)
    for wrong in ("a", True, None, -1.0, math.nan, math.inf, [0.1], 1j):
        with pytest.raises((ArgumentError, ArgumentTypeError), match="lr is a"):
            optimizer.lr = wrong
        assert optimizer.lr == 0.5
    optimizer.lr = np.float64(0.25)
    assert (optimizer.lr, type(optimizer.lr)) == (0.25, float)
    again = copy.deepcopy(optimizer)
    again.lr = 0.125
    assert (optimizer.lr, again.lr) == (optimizer.state_dict()["options"]["lr"], 0.125)
    optimizer.load_state_dict(again.state_dict())
    assert optimizer.lr == 0.125


class Signs(Optimizer):
    """θ ← θ − η sign g: an optimiser without weight decay."""

    def __init__(self, params, lr=0.1):
        super().__init__(params, lr, 0.0, ())

    def rule(self, t, theta, gradient):
        return (theta - self.lr * np.sign(gradient),)


class Named(SGD):
    """A constructor that hands arguments on."""

    def __init__(self, params, name="", **options):
        super().__init__(params, **options)
        self.name = name


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (Signs, {"lr": 0.2}),
        (Named, {"name": "a", "lr": 0.2, "momentum": 0.5, "weight_decay": 0.1, "nesterov": True}),
        (
            Adagrad,
            {"initial_accumulator_value": 2, "lr": 1, "lr_decay": 0, "weight_decay": 0, "eps": 1},
        ),
    ],
)
def test_the_options_are_the_arguments_of_the_constructor(kind, options):
    optimizer = kind([Value(1.0)], **options)
    assert optimizer.options == options
    other = kind([Value(1.0)])
    other.load_state_dict(optimizer.state_dict())
    assert repr(other) == repr(optimizer)


# ── schedules ─────────────────────────────────────────────────────────────────────────────────────


SCHEDULES = [
    (LambdaLR, {"lr_lambda": lambda epoch: 1 - 0.05 * epoch}),
    (StepLR, {"step_size": 3, "gamma": 0.5}),
    (ExponentialLR, {"gamma": 0.9}),
    (LinearLR, {"total_iters": 4}),
    (CosineAnnealingLR, {"T_max": 10, "eta_min": 0.01}),
]


def rates(optimizer, scheduler, read):
    found = []
    for _ in range(10):
        found.append(read(optimizer))
        optimizer.step()
        scheduler.step()
    return found


@pytest.mark.torch
@pytest.mark.parametrize(("kind", "options"), SCHEDULES)
def test_schedules_as_torch(kind, options):
    torch = pytest.importorskip("torch")
    optimizer = SGD([Value(0.0)], lr=0.5)
    ours = rates(optimizer, kind(optimizer, **options), lambda o: o.lr)
    peer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    scheduler = getattr(torch.optim.lr_scheduler, kind.__name__)(peer, **options)
    assert ours == pytest.approx(
        rates(peer, scheduler, lambda o: o.param_groups[0]["lr"]), rel=1e-12
    )


def test_schedules_by_their_formulas():
    def ours(kind, **options):
        optimizer = SGD([Value(0.0)], lr=0.5)
        return rates(optimizer, kind(optimizer, **options), lambda o: o.lr)

    assert ours(StepLR, step_size=3, gamma=0.5)[:7] == [0.5] * 3 + [0.25] * 3 + [0.125]
    assert ours(ExponentialLR, gamma=0.5)[:3] == [0.5, 0.25, 0.125]
    assert ours(CosineAnnealingLR, T_max=8)[4] == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: SGD([]), "needs parameters, but got none"),
        (lambda: SGD([p := Value(1.0), p]), "some of them twice"),
        (lambda: SGD([Value(1.0)], lr=-1), "lr is at least 0, not -1"),
        (lambda: SGD([Value(1.0)], lr=math.nan), "lr is at least 0, not nan"),
        (lambda: SGD([Value(1.0)], nesterov=True), "needs a momentum"),
        (lambda: Adam([Value(1.0)], betas=(1.0, 0.9)), "betas is at least 0 and below 1"),
        (lambda: SGD([Value(1.0)]).step(backprop(Value(2.0) * 2)), "none of the optimiser's"),
        (lambda: clip_grad_norm({}, [], -1.0), "max_norm is at least 0"),
        (lambda: ExponentialLR(SGD([Value(1.0)]), -0.5), "gamma=…) is at least 0"),
        (lambda: StepLR(SGD([Value(1.0)]), 2, gamma=-1), "gamma=…) is at least 0"),
        (lambda: LinearLR(SGD([Value(1.0)]), math.nan), "start_factor=…) is at least 0"),
    ],
)
def test_errors(call, words):
    with pytest.raises(ArgumentError) as caught:
        call()
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "call",
    [
        lambda: SGD([1.0]),
        lambda: SGD(Value(1.0)),
        lambda: SGD(None),
        lambda: SGD(Neuron(1)),
        lambda: Adam([Value(1.0)], betas=0.9),
        lambda: SGD([Value(1.0) * 2]),
        lambda: SGD([Value(1.0)], lr="fast"),
        lambda: SGD([Value(1.0)], lr=True),
        lambda: SGD([Value(1.0)], momentum=True),
        lambda: SGD([Value(1.0)], weight_decay=False),
        lambda: Adagrad([Value(1.0)], lr_decay=True),
        lambda: RMSprop([Value(1.0)], alpha=False),
        lambda: Adam([Value(1.0)], betas=(0.9, False)),
        lambda: AdamW([Value(1.0)], eps=True),
        lambda: SGD([Value(1.0)]).step(0.5),
        lambda: SGD([Value(1.0)], momentum=0.9, nesterov="yes"),
        lambda: SGD([Value(1.0)]).load_state_dict([1.0]),
        lambda: SGD([Value(1.0)]).load_state_dict(SGD([Value(1.0)]).state_dict() | {"options": 3}),
        lambda: LambdaLR(SGD([Value(1.0)]), 3),
        lambda: LambdaLR(SGD([Value(1.0)]), lambda epoch: "a"),
        lambda: StepLR(3, 2),
        lambda: CosineAnnealingLR(3, 2),
        lambda: StepLR(SGD([Value(1.0)]), 2, gamma="a"),
        lambda: ExponentialLR(SGD([Value(1.0)]), "a"),
        lambda: LinearLR(SGD([Value(1.0)]), "a"),
        lambda: clip_grad_norm(3, [Value(1.0)], 1.0),
        lambda: clip_grad_norm_(3, 1.0),
        lambda: clip_grad_value_([1.0], 1.0),
    ],
)
def test_wrong_types(call):
    with pytest.raises(ArgumentTypeError):
        call()
