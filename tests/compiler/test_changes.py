"""What a function closes over: no change goes unnoticed, wherever it is made."""

from __future__ import annotations

import random
import sys
import types
from array import array
from collections import deque
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Value, backprop
from autograd.compiler import EagerWarning, jit

SCALE = 1.0
W = Value(2.0, "w")


def scaled(x: Any) -> Any:
    return W * x * SCALE


class Config:
    rate = 1.0


@dataclass(slots=True)
class Slots:
    rate: float = 1.0
    inner: list[float] = field(default_factory=lambda: [1.0])


class Model(nn.Module):
    power = 1.0

    def __init__(self) -> None:
        self.w, self.parts = Value(2.0), [Slots(), Slots()]

    @property
    def rate(self) -> float:
        return SCALE

    def loss(self, x: Any) -> Any:
        return self.w * x * self.power * self.parts[1].rate * self.rate * self.helped()

    def helped(self) -> float:
        return Config.rate

    def __call__(self, x: Any) -> Any:
        return self.loss(x)


def changed(f: Any, change: Any) -> tuple[float, float]:
    """What f gives after a change, compiled before it and eagerly."""
    g = jit(f)
    for _ in range(3):
        assert g(3.0).data == pytest.approx(f(3.0).data, rel=1e-12)
    change()
    return g(3.0).data, f(3.0).data


MODULE = types.ModuleType("settings_of_a_test")
MODULE.rate = 1.0  # type: ignore[attr-defined]
MODULE.scaled = scaled  # type: ignore[attr-defined]


@pytest.mark.parametrize("owner", [Config, MODULE, sys.modules[__name__]])
def test_classes_modules_and_globals(owner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "SCALE" if owner is sys.modules[__name__] else "rate"
    model = Model()
    used = {Config: lambda x: W * x * Config.rate, MODULE: lambda x: W * x * MODULE.rate}.get(
        owner, scaled
    )
    for f in (used, lambda x: used(x) * 1.0, partial(used), model.loss, model, lambda x: model(x)):
        if owner is MODULE and f in (model, model.loss):
            continue
        got, expected = changed(f, lambda: monkeypatch.setattr(owner, name, 7.0))
        assert got == expected
        monkeypatch.undo()


@pytest.mark.parametrize(
    "change",
    [
        lambda m: setattr(m, "power", 3.0),
        lambda m: setattr(m.parts[1], "rate", 5.0),
        lambda m: m.parts.__setitem__(1, Slots(4.0)),
        lambda m: m.parts.insert(0, Slots(4.0)),
        lambda m: m.parts.reverse() or setattr(m.parts[1], "rate", 6.0),
        lambda m: setattr(m, "w", Value(5.0)),
        lambda m: setattr(m, "loss", lambda x: m.w * x * 11.0),
    ],
)
def test_attributes_and_what_they_hold(change: Any) -> None:
    model = Model()
    got, expected = changed(lambda x: model.loss(x), lambda: change(model))
    assert got == expected


@pytest.mark.parametrize("make", [list, tuple, set, np.array, lambda v: {"a": v[0], "b": v[1]}])
def test_containers(make: Any) -> None:
    box = [make([1.0, 2.0])]
    numbers = lambda: [*(box[0].values() if isinstance(box[0], dict) else box[0])]  # noqa: E731
    f = lambda x: ag.sum([W * x * n for n in numbers()])  # noqa: E731
    for new in ([1.0, 5.0], [4.0, 5.0, 6.0]):
        g = jit(f)
        assert g(1.0).data == f(1.0).data
        kept = box[0]
        if isinstance(kept, list):
            kept[:] = new
        elif isinstance(kept, np.ndarray):
            kept[0] = new[1]
        else:
            box[0] = make(new)
        assert g(1.0).data == f(1.0).data


def test_a_value_that_is_replaced_is_another_parameter() -> None:
    weights = [Value(1.0), Value(2.0)]
    f = jit(lambda x: ag.dot(weights, x))
    assert f([1.0, 1.0]).data == 3.0
    weights[0] = Value(10.0)
    y = f([1.0, 1.0])
    assert y.data == 12.0
    assert backprop(y)[weights[0]] == 1.0
    assert f.value_and_grad([1.0, 1.0])[0] == 12.0
    weights[1] = Value(20.0)
    assert f.value_and_grad([1.0, 1.0])[0] == 30.0


def test_many_objects_are_all_watched() -> None:
    boxes = [[float(i)] for i in range(120_000)]
    f = jit(lambda x: W * x * boxes[-1][0])
    assert f(1.0).data == 2.0 * 119_999
    boxes[-1][0] = 3.0
    boxes[0][0] = 1.0
    assert f(1.0).data == 6.0


@pytest.mark.parametrize("p", [0.5, 0.05])
@pytest.mark.parametrize("seed", [0, None])
def test_dropout_is_not_frozen(p: float, seed: int | None) -> None:
    random.seed(1)
    model = nn.Sequential(nn.Dropout(p, seed=seed), nn.MLP(3, [2, 1], seed=1))
    f = jit(lambda x: model(x))
    with pytest.warns(EagerWarning, match="draws random numbers"):
        f([1.0, 2.0, 3.0])
    seen = {f([1.0, 2.0, 3.0]).data for _ in range(60)}
    assert len(seen) > 1
    model.eval()
    assert {f([1.0, 2.0, 3.0]).data for _ in range(5)} == {f([1.0, 2.0, 3.0]).data}
    assert "scalar nodes" in f.explain()
    model.train()
    assert len({f([1.0, 2.0, 3.0]).data for _ in range(60)}) > 1


def test_the_same_masks_are_drawn_as_without_jit() -> None:
    drawn = []
    for wrapped in (lambda f: f, jit):
        model = nn.Sequential(nn.Dropout(0.5, seed=3), nn.MLP(3, [1], seed=1))
        f = wrapped(lambda x, model=model: model(x))
        with pytest.warns(EagerWarning) if wrapped is jit else pytest.MonkeyPatch.context():
            drawn.append([f([1.0, 2.0, 3.0]).data for _ in range(8)])
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize("source", [np.random.default_rng(0), np.random.RandomState(0), np.random])
def test_random_numbers_of_numpy(source: Any) -> None:
    f = jit(lambda x: W * x * source.normal())
    with pytest.warns(EagerWarning, match="draws random numbers"):
        assert len({f(1.0).data for _ in range(3)}) == 3


def test_what_is_only_written_does_no_harm() -> None:
    log: list[int] = []
    counter = 0

    def f(x: Any) -> Any:
        nonlocal counter
        log.append(1)
        counter += 1
        return W * x

    g = jit(f)
    for _ in range(20):
        assert g(3.0).data == 6.0
        assert g([3.0][0]).data == 6.0
    assert counter == len(log) < 6


def test_what_is_written_and_used_runs_eagerly() -> None:
    step = 0

    def f(x: Any) -> Any:
        nonlocal step
        step += 1
        return W * x * step

    g = jit(f)
    with pytest.warns(EagerWarning, match="changes something that it uses"):
        first = g(1.0).data
    assert [g(1.0).data for _ in range(3)] == [first + 2.0 * k for k in (1, 2, 3)]


def test_a_constant_that_keeps_changing_is_traced_a_while() -> None:
    rate = [0.0]
    f = jit(lambda x: W * x * rate[0])

    def at(step: int) -> float:
        rate[0] = float(step)
        return f(1.0).data

    with pytest.warns(EagerWarning, match="traced anew 32 times in a row"):
        assert [at(step) for step in range(100)] == [2.0 * step for step in range(100)]
    g = jit(lambda x: W * x * rate[0])
    for step in range(200):  # changed less often than it is used
        rate[0] = float(step // 2)
        assert g(1.0).data == 2.0 * rate[0]
    assert "scalar nodes" in g.explain()


def test_a_jitted_function_inside_another() -> None:
    rate = [1.0]
    inner = jit(lambda x: W * x * rate[0])
    outer = jit(lambda x: inner(x) + inner(2.0 * x))
    for step in range(50):
        rate[0] = float(step // 10)
        assert outer(1.0).data == 6.0 * rate[0]
        assert backprop(outer(1.0)).get(W, 0.0) == 3.0 * rate[0]


READING = [
    lambda x: W * x / (1.0 + W.data**2),
    lambda x: ag.logsumexp([W * x - max((W * x).data, 0.0), 0.0]),
    lambda x: W * x if (W * x).data > 5.0 else x - W,
    lambda x: W * x * (W * x).item(),
    lambda x: Model().w * max([W * x, W + x], key=lambda v: v.data),
]


@pytest.mark.parametrize("f", READING)
def test_plain_numbers_of_values_are_not_frozen(f: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    g = jit(f)
    with pytest.warns(
        EagerWarning, match=r"reads the plain number of a Value \(line \d+ of .*test_changes"
    ):
        g(3.0)
    for x, w in ((3.0, 2.0), (1.0, 2.0), (3.0, 0.5), (-4.0, -3.0)):
        monkeypatch.setattr(W, "data", w)
        assert g(x).data == f(x).data
        assert backprop(g(x)).get(W, 0.0) == backprop(f(x)).get(W, 0.0)
    assert type(vars(Value)["data"]).__name__ == "member_descriptor"


def test_other_things_may_be_called_data() -> None:
    box = types.SimpleNamespace(data=[1.0, 2.0])
    f = jit(lambda: ag.dot([W, W], box.data))
    assert f().data == 6.0
    box.data[0] = 2.0
    assert f().data == 8.0


def test_slots_that_are_empty_at_first_and_after() -> None:
    class Late:
        __slots__ = ("rate", "scale")

    late = Late()
    late.scale = 3.0
    f = jit(lambda x: W * x * getattr(late, "rate", 1.0) * getattr(late, "scale", 1.0))
    assert f(1.0).data == 6.0
    late.rate = 5.0
    assert f(1.0).data == 30.0
    del late.scale
    assert f(1.0).data == 10.0
    late.scale = 2.0
    assert f(1.0).data == 20.0


class Hidden(nn.Module):
    """A model that keeps what it computed last."""

    def __init__(self) -> None:
        self.layer, self.hidden, self.power = nn.Layer(2, 1, seed=0), None, 1.0

    def forward(self, x: Any) -> Any:
        self.hidden = self.layer(x)
        return self.hidden * self.power * (1.0 if self.training else 0.5)


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.eval(),
        lambda m: setattr(m, "power", 3.0),
        lambda m: setattr(m, "layer", nn.Layer(2, 1, seed=5)),
    ],
)
def test_an_attribute_that_is_written_hides_no_other(change: Any) -> None:
    model, x = Hidden(), [1.0, 2.0]
    f = jit(lambda x: model(x))
    assert [f(x).data for _ in range(3)] == pytest.approx([model(x).data] * 3)
    change(model)
    assert f(x).data == pytest.approx(model(x).data, rel=1e-12)


@pytest.mark.parametrize(
    "box", [{0: 0.0, 1: 1.0}, [0.0, 1.0], deque([0.0, 1.0]), array("d", [0, 1])]
)
def test_a_place_that_is_written_hides_no_other(box: Any) -> None:
    def f(x: Any) -> Any:
        box[0] += 1.0
        return W * x * box[1]

    g = jit(f)
    for factor in (1.0, 1.0, 1.0, 5.0, 5.0, 7.0):
        box[1] = factor
        assert g(1.0).data == 2.0 * factor
    assert box[0] < 10.0


def test_what_grows_is_watched_where_it_was() -> None:
    log, memo, seen, runs = [1.0], {"scale": 1.0}, {Slots.__name__}, []

    def f(x: Any) -> Any:
        runs.append(None)
        log.append(0.0)
        memo[object()] = 0.0  # type: ignore[index]
        seen.add(str(len(seen)))
        return W * x * log[0] * memo["scale"]

    g = jit(f)
    for _ in range(10):
        assert g(1.0).data == 2.0
    assert len(runs) < 5
    log[0] = 3.0
    assert g(1.0).data == 6.0
    memo["scale"] = 5.0
    assert g(1.0).data == 30.0
    for _ in range(40):  # emptied again and again, it is traced anew once
        del log[1:]
        assert g(1.0).data == 30.0
    assert len(runs) < 20


def test_what_is_added_beside_a_place_that_is_written() -> None:
    box = types.SimpleNamespace(calls=0)

    def f(x: Any) -> Any:
        box.calls += 1
        return W * x * getattr(box, "scale", 1.0)

    g = jit(f)
    assert [g(1.0).data for _ in range(3)] == [2.0] * 3
    box.scale = 4.0
    assert g(1.0).data == 8.0
    del box.scale
    assert g(1.0).data == 2.0


def with_backward(x: Any) -> Any:
    loss = W * W * x
    loss.backward()
    return loss


def with_backward_in_try(x: Any) -> Any:
    try:
        return with_backward(x)
    except Exception:
        return W * x


@pytest.mark.parametrize("f", [with_backward, with_backward_in_try])
def test_backward_inside_is_never_left_out(f: Any) -> None:
    g = jit(f)
    for i in range(4):
        W.grad = 0.0
        with (
            pytest.warns(EagerWarning, match=r"take backward\(\) out of the jitted function")
            if (i == 0)
            else nullcontext()
        ):
            g(3.0)
        assert W.grad == 12.0
    W.grad = 0.0


def test_a_gradient_table_inside_is_not_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    def f(x: Any) -> Any:
        loss = W * W * x
        return loss + backprop(loss)[W]

    g = jit(f)
    with pytest.warns(EagerWarning, match="reads gradients as plain numbers"):
        assert g(3.0).data == 24.0
    monkeypatch.setattr(W, "data", 5.0)
    assert g(3.0).data == 105.0


def test_a_graph_of_gradients_inside_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    def f(x: Any) -> Any:
        loss = W * W * x
        return loss + backprop(loss, create_graph=True)[W]

    g = jit(f)
    assert [g(3.0).data, g(3.0).data] == [24.0, 24.0]
    monkeypatch.setattr(W, "data", 5.0)
    assert g(3.0).data == 105.0
    assert "scalar nodes" in g.explain()


def test_a_gradient_that_is_read_is_not_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    g = jit(lambda x: W * x * W.grad)
    with pytest.warns(EagerWarning, match="reads the plain number of a Value"):
        g(1.0)
    for gradient in (1.0, 3.0):
        monkeypatch.setattr(W, "grad", gradient)
        assert g(1.0).data == 2.0 * gradient
    assert type(vars(Value)["grad"]).__name__ == "member_descriptor"


@pytest.mark.parametrize("shape", [(2,), (1, 2)])
def test_values_in_object_arrays(shape: tuple[int, ...]) -> None:
    box = np.array([Value(1.0), Value(2.0)]).reshape(shape)
    x = np.ones(2)
    f = lambda x: (box * x).sum()  # noqa: E731
    g = jit(f)
    for _ in range(3):
        assert g(x).data == 3.0
    box -= 0.5
    assert g(x).data == 2.0
    box[..., 1] = Value(7.0)
    y = g(x)
    assert y.data == 7.5
    assert backprop(y)[box[..., 1].item()] == 1.0


def test_an_object_array_that_is_written() -> None:
    kept = np.array([None, Config()])
    kept[1].rate = 1.0

    def f(x: Any) -> Any:
        kept[0] = W * x
        return kept[0] * kept[1].rate

    g = jit(f)
    assert [g(1.0).data for _ in range(4)] == [2.0] * 4
    kept[1].rate = 3.0
    assert g(1.0).data == 6.0
    assert "scalar nodes" in g.explain()


class Descriptor:
    def __get__(self, owner: Any, kind: Any = None) -> float:
        return SCALE


class Special:
    described = Descriptor()

    def __init__(self) -> None:
        self.made = SCALE

    def __getitem__(self, i: int) -> float:
        return SCALE * i

    def __len__(self) -> int:
        return int(SCALE)

    def __iter__(self) -> Any:
        return iter([SCALE, 1.0])

    def __add__(self, other: Any) -> Any:
        return other + SCALE

    def __getattr__(self, name: str) -> float:
        return SCALE


class Meta(type):
    def __getitem__(cls, i: int) -> float:
        return SCALE * i


class WithMeta(metaclass=Meta):
    pass


class Numbers(list[float]):
    def times_scale(self) -> float:
        return self[0] * SCALE


class Pair(NamedTuple):
    a: float

    def times_scale(self) -> float:
        return self.a * SCALE


SPECIAL, NUMBERS, PAIR = Special(), Numbers([1.0]), Pair(1.0)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: W * x * Special().made,
        lambda x: W * x * SPECIAL[1],
        lambda x: W * x * len(SPECIAL),
        lambda x: W * x * sum(SPECIAL),
        lambda x: SPECIAL + W * x,
        lambda x: W * x * SPECIAL.described,
        lambda x: W * x * SPECIAL.anything,
        lambda x: W * x * WithMeta[1],
        lambda x: W * x * NUMBERS.times_scale(),
        lambda x: W * x * PAIR.times_scale(),
    ],
)
def test_what_special_methods_use(f: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    got, expected = changed(f, lambda: monkeypatch.setitem(globals(), "SCALE", 7.0))
    assert got == expected


def test_a_special_method_that_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    replaced = lambda self, i: 5.0 * i  # noqa: E731
    got, expected = changed(
        lambda x: W * x * SPECIAL[1], lambda: monkeypatch.setattr(Special, "__getitem__", replaced)
    )
    assert got == expected == 30.0


@pytest.mark.parametrize(
    "change",
    [
        lambda helper: setattr(helper, "scale", 3.0),
        lambda helper: setattr(helper, "other", 3.0),
        lambda helper: helper.inner.append(3.0),
        lambda helper: setattr(helper, "__defaults__", (4.0,)),
        lambda helper: setattr(helper, "__kwdefaults__", {"k": 5.0}),
        lambda helper: helper.__kwdefaults__.update(k=5.0),
        lambda helper: setattr(helper, "__code__", (lambda x, c=2.0, *, k=1.0: x).__code__),
    ],
)
def test_what_functions_have(change: Any) -> None:
    def helper(x: Any, c: float = 2.0, *, k: float = 1.0) -> Any:
        own = globals()["HELPERS"][-1]
        return x * c * k * own.scale * sum(own.inner) * getattr(own, "other", 1.0)

    helper.scale, helper.inner = 1.0, [1.0]  # type: ignore[attr-defined]
    HELPERS.append(helper)
    got, expected = changed(lambda x: W * helper(x), lambda: change(helper))
    assert got == expected


HELPERS: list[Any] = []


def test_a_function_that_counts_its_calls_is_compiled() -> None:
    def helper(x: Any) -> Any:
        helper.calls += 1  # type: ignore[attr-defined]
        return x * helper.scale  # type: ignore[attr-defined]

    helper.calls, helper.scale = 0, 1.0  # type: ignore[attr-defined]
    g = jit(lambda x: W * helper(x))
    assert [g(1.0).data for _ in range(20)] == [2.0] * 20
    assert helper.calls < 6  # type: ignore[attr-defined]
    helper.scale = 3.0  # type: ignore[attr-defined]
    assert g(1.0).data == 6.0


@pytest.mark.parametrize("box", [{}, [], deque(), set()])
def test_what_was_empty_is_watched(box: Any) -> None:
    add: Any = {dict: lambda: box.update(a=1.0), set: lambda: box.add(1.0)}.get(
        type(box), lambda: box.append(1.0)
    )
    got, expected = changed(lambda x: W * x * (1.0 + len(box)), add)
    assert got == expected == 12.0


@pytest.mark.parametrize("log", [[], set()])
def test_a_log_that_was_empty(log: Any) -> None:
    def f(x: Any) -> Any:
        runs.append(None)
        (log.append if type(log) is list else log.add)(float(len(log)))
        return W * x

    runs: list[Any] = []
    g = jit(f)
    for _ in range(10):
        log.clear()
        assert g(1.0).data == 2.0
    assert len(runs) < 8


@pytest.mark.parametrize("name", ["data", "grad"])
def test_numbers_of_values_that_are_set_are_set_at_each_call(name: str) -> None:
    w = Value(2.0)

    def with_data(x: Any) -> Any:
        w.data = 7.0
        return w * x

    def with_grad(x: Any) -> Any:
        w.grad = 7.0
        return w * x

    g = jit({"data": with_data, "grad": with_grad}[name])
    with pytest.warns(EagerWarning, match="sets the plain number of a Value"):
        g(1.0)
    for _ in range(3):
        setattr(w, name, 1.0)
        g(1.0)
        assert getattr(w, name) == 7.0


def test_a_derivative_at_plain_numbers_inside_is_computed_anew() -> None:
    w = Value(3.0, "w")
    f = jit(lambda x: x + ag.grad(lambda y: w * y**2)(2.0))
    with pytest.warns(EagerWarning, match="derivatives at plain numbers"):
        assert f(1.0).data == 13.0
    w.data = 6.0
    assert f(1.0).data == 25.0
    of_values = jit(lambda x: x + ag.grad(lambda y: w * y**2)(Value(2.0)))
    assert [of_values(1.0).data, of_values(1.0).data] == [25.0, 25.0]
    w.data = 3.0
    assert (of_values(1.0).op, of_values(1.0).data) == ("jit", 13.0)


def test_an_array_that_is_partly_written_is_watched_in_its_other_places() -> None:
    numbers = np.array([[0.0, 1.0], [2.0, 3.0]])

    def f(x: Any) -> Any:
        numbers[0, 0] += 1.0  # a counter, which is not used
        return W * x * numbers[1, 0]

    g = jit(f)
    assert [g(3.0).data for _ in range(3)] == [12.0] * 3
    assert g(3.0).op == "jit"
    runs = numbers[0, 0]
    assert g(3.0).data == 12.0
    assert numbers[0, 0] == runs
    numbers[1, 0] = 5.0
    assert [g(3.0).data for _ in range(3)] == [30.0] * 3
    numbers[0, 1] = 5.0
    assert g(3.0).data == 30.0
