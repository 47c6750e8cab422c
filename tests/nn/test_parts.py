"""What a module finds among its attributes: modules and parameters, however they are kept."""

from __future__ import annotations

import copy
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy
import pytest

import autograd
from autograd import ArgumentError, Value, backprop
from nn import SGD, Layer, Module, Neuron, PReLU, Sequential


class Holder(Module):
    """A module with one attribute."""

    def __init__(self, name: str, part: Any) -> None:
        setattr(self, name, part)

    def forward(self, x: Any) -> Any:
        return autograd.sum([p * x for p in self.parameters()])


class Pair(tuple[Any, ...]):
    """A tuple of one's own kind."""


A, B, C = Value(1.0), Value(2.0), Value(3.0)
OF_LAYER = ["weight", "bias"]


@pytest.mark.parametrize(
    ("part", "names"),
    [
        ({"a": Layer(2, 1)}, ["d.a.weight", "d.a.bias"]),
        ({"a": A}, ["d.a"]),
        ({"a": A, "n": 1.0, "b": [B, C]}, ["d.a", "d.b"]),
        ({1: A, (2, 3): B}, ["d.1", "d.(2, 3)"]),
        ({"heads": [Neuron(1), A], "x": {"y": {"z": B}}}, [
            "d.head1", "d.x.y.z", "d.head0.weight", "d.head0.bias",
        ]),
        (OrderedDict(a=A), ["d.a"]),
        ([A, Layer(1, 1)], ["d0", "d1.weight", "d1.bias"]),
        ([A, 1.0, None, "text", [B, C]], ["d0", "d4"]),
        ([[Layer(2, 1)]], ["d0.0.weight", "d0.0.bias"]),
        ([[PReLU()], (PReLU(), [PReLU()])], ["d0.0.weight", "d1.0.weight", "d1.1.0.weight"]),
        ([("a", Layer(1, 1))], ["d0.1.weight", "d0.1.bias"]),
        ([("a", A), ("b", B)], ["d0.1", "d1.1"]),
        ([{"a": A}, {"a": [Neuron(1)]}], ["d0.a", "d1.a0.weight", "d1.a0.bias"]),
        (Pair([A, PReLU()]), ["d0", "d1.weight"]),
        (numpy.array([A, 1.0], dtype=object), ["d0"]),
        (numpy.array([PReLU(), A], dtype=object), ["d1", "d0.weight"]),
        ({"w": numpy.array([[A, B]], dtype=object)}, ["d.w"]),
        ([A, B + 1.0], ["d0"]),
        ({A: 1.0, "b": {2.0}}, []),
        ([], []),
    ],
)  # fmt: skip
def test_names(part: Any, names: list[str]) -> None:
    assert list(Holder("d", part).state_dict()) == names


@pytest.mark.parametrize(
    "part",
    [
        {"a": Layer(2, 1), "b": Value(1.0), "c": [Value(1.0), 2.0]},
        [Value(1.0), Layer(1, 1), ("b", [Layer(2, 2), {"c": Value(0.5)}])],
    ],
)
def test_all_that_is_done_with_parameters(part: Any, tmp_path: Path) -> None:
    model = Sequential(Holder("parts", part))
    parameters = model.parameters()
    assert len(parameters) == model.count_parameters() == len(dict(model.named_parameters())) > 4
    loss = model(3.0)
    assert all(p in backprop(loss) for p in parameters)
    assert all(p.scope.startswith("layer0") for p in parameters)
    before = [p.data for p in parameters]
    model.save(tmp_path / "model.json")
    SGD(parameters, lr=1.0).step(backprop(loss))
    assert [p.data for p in model.parameters()] == [x - 3.0 for x in before]
    model.load(tmp_path / "model.json")
    assert [p.data for p in model.parameters()] == before
    assert len(copy.deepcopy(model).parameters()) == len(parameters)
    assert not model.eval()[0].training


def test_scopes_and_modes_reach_all() -> None:
    class Net(Module):
        def __init__(self) -> None:
            self.heads = {"left": [[Layer(1, 2)]], "right": Layer(1, 1)}

        def forward(self, x: Any) -> Any:
            return self.heads["right"](x)  # type: ignore[operator]

    model = Net()
    assert model([1.0]).scope == "heads/right/neuron0"
    names = [name for name, _ in model.named_modules()]
    assert names == ["", "heads.left0.0", "heads.right"]
    assert not any(module.training for _, module in model.eval().named_modules())


def test_what_holds_itself_is_gone_through_once() -> None:
    around: list[Any] = [A]
    around.append(around)
    named: dict[str, Any] = {"a": B}
    named["self"] = [named, {"b": C}]
    assert list(Holder("d", around).state_dict()) == ["d0"]
    assert list(Holder("d", named).state_dict()) == ["d.a", "d.self1.b"]
    inner = Holder("up", None)
    outer = Holder("d", {"inner": inner, "own": A})
    inner.up = {"outer": outer, "value": B}  # type: ignore[attr-defined]
    assert list(outer.state_dict()) == ["d.own", "d.inner.up.value"]


def test_shared_parameters_count_once() -> None:
    model = Holder("d", [A, ("again", A), {"both": [A, B]}])
    assert len(model.parameters()) == model.count_parameters() == 2
    assert list(model.state_dict()) == ["d0", "d1.1", "d2.both"]


@pytest.mark.parametrize(
    "part",
    [
        {1: A, "1": B},
        {"a": {"b": A}, "a.b": B},
        {"a": Holder("b", A), "a.b": B},
    ],
)
def test_two_parts_of_one_name(part: Any) -> None:
    with pytest.raises(ArgumentError, match=r"two parts of a Holder are called 'd\.(1|a\.b)'"):
        Holder("d", part).state_dict()
