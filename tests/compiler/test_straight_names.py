"""Programs of straight lines: named parameter arrays, and source that reads like written by hand."""

from __future__ import annotations

import keyword
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Value
from autograd.compiler import jit


def arrays_of(f: Any, *arguments: Any) -> dict[str, Any]:
    """The shapes of the parameter arrays by name; the gradients have the same names and shapes."""
    gradients = f.value_and_grad(*arguments)[2]
    shapes = {name: array.shape for name, array in f.parameters.items()}
    assert {name: g.shape for name, g in gradients.items()} == shapes
    return shapes


def is_straight(f: Any) -> bool:
    return "in straight lines" in f.explain()


# ── parameter arrays ──────────────────────────────────────────────────────────────────────────────


def test_a_labelled_value_is_an_array_of_its_name() -> None:
    w = Value(2.0, "w")
    f = jit(lambda x: w * x)
    assert f.value_and_grad(3.0)[2] == {"w": 3.0}
    f.parameters["w"] -= 0.5
    assert f.value_and_grad(3.0)[0] == 4.5
    f.write_back()
    assert w.data == 1.5


def test_labels_that_are_different_words_are_different_arrays() -> None:
    slope, shift, power = Value(2.0, "slope"), Value(1.0, "shift"), Value(3.0, "power")
    f = jit(lambda x: slope * x + power * x**2 + shift)
    assert arrays_of(f, 0.5) == {"slope": (), "power": (), "shift": ()}
    assert [f.parameters[n].item() for n in ("slope", "shift", "power")] == [2.0, 1.0, 3.0]


@pytest.mark.parametrize(
    ("model", "n", "expected"),
    [
        (nn.Neuron(2), 2, {"neuron0_weight": (2,), "neuron0_bias": ()}),
        (
            nn.MLP(2, [2, 1]), 2,
            {
                "layer0_weight": (2, 2), "layer0_bias": (2,),
                "layer1_neuron0_weight": (2,), "layer1_neuron0_bias": (),
            },
        ),
        (nn.MLP(1, [2, 1]), 1, {
            "layer0_weight": (2,), "layer0_bias": (2,),
            "layer1_neuron0_weight": (2,), "layer1_neuron0_bias": (),
        }),
    ],
)  # fmt: skip
def test_models_have_their_names(model: Any, n: int, expected: dict[str, Any]) -> None:
    x = [0.5, -0.25][:n]
    f = jit(lambda x: model(x) ** 2)
    assert arrays_of(f, x) == expected
    assert is_straight(f)
    table = ag.backprop(model(x) ** 2)
    gradients = f.value_and_grad(x)[2]
    for name, values in f.parameter_values.items():
        assert gradients[name].ravel().tolist() == pytest.approx([table[v] for v in values])


def test_an_rnn_cell_has_two_matrices() -> None:
    """Though its neurons add up the products of both at once."""
    cell = nn.RNNCell(1, 2, seed=1)
    f = jit(lambda x: ag.sin(ag.prod(cell([x]))))
    assert arrays_of(f, 0.5) == {"w": (2,), "v": (2, 2), "b": (2,)}
    assert is_straight(f)


def test_names_are_those_of_the_program_of_arrays() -> None:
    """For other arguments the same function may be a program of arrays: the arrays stay."""
    model = nn.MLP(2, [2, 1], seed=1)
    f = jit(lambda xs: ag.sum([model(x) ** 2 for x in xs]))
    small = arrays_of(f, np.ones((1, 2)))
    assert is_straight(f)
    arrays = f.parameters
    assert arrays_of(f, np.ones((20, 2))) == small
    assert not is_straight(f)
    assert all(arrays[name] is array for name, array in f.parameters.items())


def test_unlabelled_weights_have_the_names_of_the_program_of_arrays() -> None:
    w = [[Value(0.1), Value(0.2)], [Value(0.3), Value(0.4)]]
    b = [Value(0.0), Value(0.1)]

    def layer(x: Any) -> list[Any]:
        return [ag.tanh(ag.dot(r, x) + c) for r, c in zip(w, b, strict=True)]

    f = jit(lambda xs: ag.sum([ag.sum(layer(x)) ** 2 for x in xs]))
    small = arrays_of(f, np.ones((1, 2)))
    assert is_straight(f)
    assert small == {"w1": (2, 2), "b1": (2,)}
    assert arrays_of(f, np.ones((20, 2))) == small
    assert not is_straight(f)


def test_zeros_are_named_as_others_are() -> None:
    """A Value of 0 is False where it is asked."""
    w, b = [[Value(0.0, "w"), Value(1.0, "w")], [Value(0.0, "w"), Value(0.0, "w")]], Value(0.0, "b")

    def f(x: Any) -> Any:
        product = ag.prod([ag.dot(row, x) for row in w])
        product.label = "product"
        return ag.sin(product * b)

    g = jit(f)
    assert arrays_of(g, [1.0, 2.0]) == {"w": (2, 2), "b": ()}
    assert is_straight(g)
    assert "product = " in g.source


def mlp() -> Any:
    model = nn.MLP(3, [4, 4, 2], seed=1)
    return (lambda x: nn.cross_entropy(model(x), [1.0, 0.0])), (3,)


def narrow() -> Any:
    model = nn.MLP(1, [3, 1], seed=1)
    return (lambda x: model(x) ** 2), (1,)


def convolution() -> Any:
    model = nn.Conv2d(2, 3, 2, seed=1)
    return (lambda x: ag.sum([ag.sum(row) for image in model(x) for row in image])), (2, 4, 4)


def recurrent() -> Any:
    cell, out = nn.RNNCell(2, 3, seed=1), nn.Neuron(3, seed=2)
    return (lambda xs: out(cell.unrolled(xs)[-1])), (4, 2)


def normalised() -> Any:
    model = nn.Sequential(nn.LayerNorm(4), nn.Layer(4, 3, activation="prelu", seed=1))
    return (lambda x: ag.sum([y**2 for y in model(x)])), (4,)


def rates() -> Any:
    k = [Value(1.0 + i, f"k{i + 1}") for i in range(3)]
    return (lambda x: k[0] * x[0] * (x[0] - k[1]) - k[2] * x[0] ** 2), (1,)


@pytest.mark.parametrize("case", [mlp, narrow, convolution, recurrent, normalised, rates])
def test_both_kinds_of_programs_have_the_same_arrays(case: Any, monkeypatch: Any) -> None:
    f, shape = case()
    x = np.random.default_rng(0).normal(size=shape)
    found = []
    for edges, straight in ((0, False), (10**9, True)):
        monkeypatch.setattr("autograd.compiler.program.EDGES_A_GROUP", edges)
        g = jit(f)
        shapes = arrays_of(g, x)
        assert is_straight(g) is straight
        found.append((shapes, g.parameter_values, g.value_and_grad(x)[2]))
    assert found[0][:2] == found[1][:2]
    for name, gradient in found[0][2].items():
        np.testing.assert_allclose(found[1][2][name], gradient, rtol=1e-10, atol=1e-13)


def test_a_parameter_that_is_the_result_has_an_array() -> None:
    a, b = Value(2.0, "a"), Value(3.0)
    f = jit(lambda x: [a, b, a * x])
    assert [y.data for y in f(3.0)] == [2.0, 3.0, 6.0]
    assert set(f.parameters) == {"a", "parameter"}


def test_a_parameter_used_everywhere_is_in_one_array() -> None:
    w = [Value(0.5, "w1"), Value(0.25, "w2")]
    f = jit(lambda x: ag.dot(w, [x, w[0]]) * w[1] + ag.prod([w[0], w[1], w[0]]))
    assert arrays_of(f, 2.0) == {"w": (2,)}
    table = ag.backprop(f.function.f(2.0))
    assert f.value_and_grad(2.0)[2]["w"].tolist() == pytest.approx([table[v] for v in w])


def test_training_of_a_small_model_moves_the_arrays() -> None:
    model, other = nn.MLP(2, [2, 1], seed=1), nn.MLP(2, [2, 1], seed=1)

    def squares(outputs: Any, targets: Any) -> Any:
        return ag.sum([(y - t) ** 2 for y, t in zip(outputs, targets, strict=True)])

    xs, ys = [[0.5, -1.0]], [1.0]
    for m, with_jit in ((model, True), (other, False)):
        optimizer = nn.Adam(m.parameters(), 0.05)
        nn.fit(m, xs, ys, loss=squares, optimizer=optimizer, epochs=5, progress=False, jit=with_jit)
    expected = [p.data for p in other.parameters()]
    assert [p.data for p in model.parameters()] == pytest.approx(expected, rel=1e-9)


# ── the source ────────────────────────────────────────────────────────────────────────────────────


def test_one_product() -> None:
    w = Value(2.0, "w")
    f = jit(lambda x: w * x)
    f(3.0)
    assert f.source == (
        "def forward(x, w):\n"
        "    v1 = w * x\n"
        "    return v1, ()\n"
        "\n\n"
        "def backward(kept, x, w):\n"
        "    return [w, x]\n"
    )


def test_a_neuron() -> None:
    w, b = [Value(0.5, "w1"), Value(-0.5, "w2")], Value(0.25, "b")

    def neuron(x: Any) -> Any:
        y = ag.tanh(ag.dot(w, x) + b)
        y.label = "y"
        return y

    f = jit(neuron)
    f([1.0, 2.0])
    assert f.source.endswith(
        "def forward(x, w, b):\n"
        "    v1 = w[0] * x[0] + w[1] * x[1] + b\n"
        "    y = math.tanh(v1)\n"
        "    return y, (v1,)\n"
        "\n\n"
        "def backward(kept, x, w):\n"
        "    (v1,) = kept\n"
        "    dv1 = scalar_dtanh(v1)\n"
        "    dx_0 = dv1 * w[0]\n"
        "    dx_1 = dv1 * w[1]\n"
        "    dw_0 = dv1 * x[0]\n"
        "    dw_1 = dv1 * x[1]\n"
        "    return [dx_0, dx_1, dw_0, dw_1, dv1]\n"
    )


def chain(n: int, weights: list[Value]) -> Any:
    """n nodes, of which no two are alike."""

    def f(x: Any, y: Any) -> Any:
        for i in range(n // 2):
            g = (ag.tanh, ag.sin, ag.sigmoid, ag.softplus)[i % 4]
            x = g(x * weights[i % len(weights)] + y[i % 2][0])
        return x

    return f


@pytest.mark.parametrize("n", [4, 40, 400, 4000])
@pytest.mark.parametrize("several", [False, True])
def test_the_source_runs_alone(n: int, several: bool) -> None:
    weights = [Value(0.5 + 0.01 * i, f"w{i}") for i in range(7)]
    body = chain(n, weights)
    f = jit(lambda x, y: [body(x, y), y[1][0] * 2.0][: 1 + several])
    x, y = 0.3, np.array([[0.1], [0.2]])
    results = f(x, y)
    assert is_straight(f)
    names: dict[str, Any] = {}
    exec(f.source, names)
    everything = {"x": x, "y": y, **f.parameters, "seed": [1.0, 0.0]}
    found, kept = names["forward"](*[everything[n] for n in arguments_of(names["forward"])])
    assert found == pytest.approx([r.data for r in results], rel=1e-14)
    rest = arguments_of(names["backward"])[1:]
    slopes = names["backward"](kept, *[everything[n] for n in rest])
    table = ag.backprop(results[0])
    expected = [table[w] for values in f.parameter_values.values() for w in values]
    assert slopes[3:] == pytest.approx(expected, rel=1e-12)


def arguments_of(function: Any) -> list[str]:
    return list(function.__code__.co_varnames[: function.__code__.co_argcount])


@pytest.mark.parametrize("n", [3, 2000])
def test_derivatives_that_come_together_are_found_in_later_functions(n: int) -> None:
    """Those of `prod` are computed at once, and used in sums that may come much later."""
    w = Value(0.9, "w")

    def f(x: Any) -> Any:
        parts = [x * 1.5, w * x, x - w]
        product = y = ag.prod(parts)
        for i in range(n):
            y = ag.sin(y) if i % 2 else y + parts[i % 3] * 0.001
        return y + product

    g = jit(f)
    value, _, gradients = g.value_and_grad(0.5)
    assert is_straight(g)
    assert value == pytest.approx(f(0.5).data)
    assert gradients["w"] == pytest.approx(ag.backprop(f(0.5))[w], rel=1e-9)


@pytest.mark.parametrize("n", [2, 2000])
def test_labels_are_made_names(n: int) -> None:
    """Whatever they are, they do not meet each other, nor what the source uses."""
    labels = [
        "x", "class", "v1", "dv1", "dx", "x; import os", "math", "abs", "kept", "seed", "nan",
        "numbers", "gradients", "v", "g", "scalar_sigmoid", "float", "lookup", "forward", "w[0]",
        "row1", "1", "β", "x1", "forward_1", "backward_1", "prod_derivatives", "{0}", "%s", "None",
    ]  # fmt: skip
    weights = [Value(1.0 + 0.01 * i, label) for i, label in enumerate(labels)]

    def f(x: Any) -> Any:
        y = x[0][0]
        for i in range(max(n, len(labels))):
            y = ag.sin(abs(ag.sigmoid(y * weights[i % len(labels)]))) + x[1][0]
            y.label = labels[i % len(labels)]
        return ag.prod([y, x[0][0], x[1][0]])

    g = jit(f)
    x = [[0.5], [0.25]]
    gradients = g.value_and_grad(x)[2]
    assert is_straight(g)
    assert not any(keyword.iskeyword(name) or not name.isidentifier() for name in gradients)
    assert "import os" not in g.source
    table = ag.backprop(f(x))
    for name, values in g.parameter_values.items():
        assert gradients[name].ravel().tolist() == pytest.approx([table[w] for w in values])


def test_long_results_are_written_in_lines() -> None:
    model = nn.MLP(2, [2, 1], seed=1)
    f = jit(lambda x: ag.sin(model(x)))
    f([0.5, 0.25])
    assert "    return [\n        dx_0, dx_1,\n        dlayer0_weight_0_0," in f.source
    assert max(map(len, f.source.splitlines())) <= 120
