"""What is handed out of parameters cannot be written into, and what replaces them is looked at."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import numpy
import pytest

from autograd import ArgumentError, ArgumentTypeError, Value, dot, jit
from nn import MLP, Layer, Neuron, ParameterArray, Perceptron
from nn.initialisers import constant


@pytest.fixture
def layer() -> Layer:
    unit = Layer(2, 2, seed=0)
    unit.weight.data, unit.bias.data = [[1.0, 2.0], [3.0, 4.0]], [5.0, 6.0]  # type: ignore[union-attr]
    return unit


WRITES = [
    "weight.data[0][0] = 5.0",
    "weight.data[0] = [1.0, 2.0]",
    "weight.data[:] = [[1, 2], [3, 4]]",
    "weight.data[0][0] += 1.0",
    "weight.data *= 2",
    "weight.data += [[1.0, 2.0]]",
    "weight.data.append([1.0, 2.0])",
    "weight.data[0].extend([1.0])",
    "weight.data.insert(0, 1.0)",
    "weight.data[1].sort()",
    "weight.data.reverse()",
    "weight.data[0].clear()",
    "weight.data.pop()",
    "weight.data[0].remove(1.0)",
    "weight[0][0] = Value(3.0)",
    "weight[0] = [Value(3.0)] * 2",
    "bias.data[1] = 7.0",
    "bias[1] = Value(7.0)",
]


@pytest.mark.parametrize("write", WRITES)
def test_a_write_that_would_be_lost_is_refused(layer: Layer, write: str) -> None:
    with pytest.raises(ArgumentTypeError) as caught:
        exec(f"layer.{write}", {"layer": layer, "Value": Value})
    assert "layer.weight[i][j].data = …" in str(caught.value)
    assert "layer.weight.data = [[…]]" in str(caught.value)
    assert layer.state_dict() == {"weight": [[1.0, 2.0], [3.0, 4.0]], "bias": [5.0, 6.0]}


def test_nothing_can_be_deleted(layer: Layer) -> None:
    for numbers in (layer.weight.data, layer.weight.data[0], layer.weight[0], layer.bias.data):
        with pytest.raises(ArgumentTypeError, match=r"layer\.weight\.data = "):
            del numbers[0]
    (first, _) = layer.weight
    with pytest.raises(ArgumentTypeError, match=r"layer\.weight\.data = "):
        first[0] = Value(1.0)


def test_what_is_handed_out_is_a_list_otherwise(layer: Layer) -> None:
    numbers = layer.weight.data
    assert numbers == [[1.0, 2.0], [3.0, 4.0]] == numbers
    assert isinstance(numbers, list)
    assert repr(numbers) == "[[1.0, 2.0], [3.0, 4.0]]"
    assert json.dumps(numbers) == "[[1.0, 2.0], [3.0, 4.0]]"
    assert (numpy.array(numbers) == [[1, 2], [3, 4]]).all()
    assert [*numbers, [5.0]] == [[1.0, 2.0], [3.0, 4.0], [5.0]]
    assert layer.weight[1] == layer.weight.values[2:] == list(layer.weight)[1]
    layer.weight.data = layer.weight.data[::-1]
    layer.weight.data -= numpy.ones((2, 2))  # type: ignore[assignment]
    assert layer.weight.data == [[2.0, 3.0], [0.0, 1.0]]
    assert Perceptron(2, bias=3.0).bias.data == 3.0


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copies_are_plain_lists(layer: Layer, copied: Any) -> None:
    own = copied(layer.weight.data)
    own[0][0] = 7.0
    assert own == [[7.0, 2.0], [3.0, 4.0]]
    state = layer.state_dict()
    state["weight"][1][1] = 8.0
    layer.load_state_dict(state)
    assert layer.weight.data == [[1.0, 2.0], [3.0, 8.0]]


def test_rows_that_are_handed_out_are_compiled_as_lists_are(layer: Layer) -> None:
    row = layer.weight[1]
    compiled = jit(lambda x: dot(row, x) + dot(layer.weight[0], x))
    assert compiled([1.0, 2.0]).data == 16.0
    layer.weight[1][0].data = 0.0
    assert compiled([1.0, 2.0]).data == 13.0
    assert jit(lambda w: dot(w, w))(row).data == 16.0
    rows = jit(lambda x: (dot(row, x), list(layer.weight)))([1.0, 2.0])[1]
    assert [[w.data for w in row] for row in rows] == [[1.0, 2.0], [0.0, 4.0]]


@pytest.mark.parametrize("number", [numpy.float32(5), numpy.float16(5), numpy.int64(5), 5])
def test_numbers_of_other_kinds_are_saved_as_floats(number: Any, tmp_path: Any) -> None:
    model = MLP(2, [2, 1], seed=0)
    model.parameters()[0].data = number
    state = model.state_dict()
    assert type(state["layer0.weight"][0][0]) is float
    model.save(tmp_path / "model.json")
    other = MLP(2, [2, 1], seed=1)
    other.load(tmp_path / "model.json")
    assert other.state_dict() == state
    model.parameters()[0].data = "five"  # type: ignore[assignment]
    with pytest.raises(ArgumentTypeError, match="one number, not 'five'"):
        model.state_dict()


@pytest.mark.parametrize("name", ["weight", "bias"])
@pytest.mark.parametrize("wrong", [0, [1.0, 2.0], numpy.ones(2), [Value(1.0)], Layer(2, 1)])
def test_parameters_are_not_replaced_by_something_else(name: str, wrong: Any) -> None:
    unit = Neuron(2, seed=0)
    before = unit([1.0, 2.0]).data
    with pytest.raises(ArgumentTypeError) as caught:
        setattr(unit, name, wrong)
    assert f"set numbers by layer.{name}.data = …" in str(caught.value)
    assert unit([1.0, 2.0]).data == before


def test_parameters_are_replaced_by_parameters(layer: Layer) -> None:
    layer.weight = ParameterArray((2, 2), "w", constant(1.0), unit="neuron")
    layer.bias = None
    assert [y.data for y in layer([1.0, 2.0])] == [3.0, 3.0]
    layer.bias = ParameterArray((2,), "b", constant(1.0), unit="neuron")
    layer.note = [1.0]  # type: ignore[attr-defined]
    layer.note = 2.0  # type: ignore[attr-defined]
    assert [y.data for y in layer([1.0, 2.0])] == [4.0, 4.0]


def test_a_repeated_list_does_not_fit(layer: Layer) -> None:
    with pytest.raises(ArgumentError, match=r"has shape \(2, 2\), but got numbers of shape \(4, 2"):
        layer.weight.data = layer.weight.data * 2
