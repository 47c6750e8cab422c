"""Curriculum part C: layers and networks; and what modules promise."""

from __future__ import annotations

import copy
import math
import pickle
import random
from threading import Thread

import numpy
import pytest

import autograd
from autograd import ArgumentError, ArgumentTypeError, Value, backprop, scope, trace
from nn import (
    MLP,
    SGD,
    Activate,
    Adam,
    Dropout,
    Flatten,
    Identity,
    Layer,
    LayerNorm,
    LeakyReLU,
    LogSoftmax,
    Maxout,
    Module,
    Neuron,
    Perceptron,
    PReLU,
    ReLU,
    RNNCell,
    Sequential,
    Sigmoid,
    Softmax,
    Softplus,
    Tanh,
    binary_cross_entropy_with_logits,
    constant,
    fit,
    log_softmax,
    mse_loss,
    normal,
    softmax,
    uniform,
    xavier_normal,
    xor,
)
from nn.activations import ELEMENTWISE

XS, YS = xor()


def test_xor_by_a_linear_model_ends_at_one_half():
    model = Neuron(2, seed=5)
    fit(
        model,
        (XS, YS),
        loss=mse_loss,
        optimizer=SGD(model.parameters(), lr=0.5),
        epochs=400,
        progress=False,
    )
    assert [p.data for p in model.parameters()] == pytest.approx([0, 0, 0.5], abs=1e-9)
    assert [model(x).data for x in XS] == pytest.approx([0.5] * 4, abs=1e-9)


def test_xor_by_the_textbooks_network():
    model = MLP(2, [2, 1])
    model.load_state_dict(
        {
            "layer0.weight": [[1, 1], [1, 1]],
            "layer0.bias": [0, -1],
            "layer1.weight": [[1, -2]],
            "layer1.bias": [0],
        }
    )
    hidden = model.layers[0]
    z = [tuple(v.data for v in hidden.pre_activations(x)) for x in XS]
    assert z == [(0, -1), (1, 0), (1, 0), (2, 1)]
    assert [model(x).data for x in XS] == [0, 1, 1, 0]


def test_xor_from_random_starts():
    reached = []
    for seed in range(10):
        model = MLP(2, [4, 1], activation="tanh", seed=seed)
        fit(
            model,
            (XS, YS),
            loss=binary_cross_entropy_with_logits,
            optimizer=Adam(model.parameters(), lr=0.1),
            epochs=150,
            progress=False,
        )
        reached.append(all((model(x) > 0) == bool(y) for x, y in zip(XS, YS, strict=True)))
    assert sum(reached) >= 9


def test_the_simplest_network_and_its_matrix_form():
    model = MLP(1, [1, 1], activation="tanh", seed=1)
    (v, b), (w, c) = [(p.weight.data[0][0], p.bias.data[0]) for p in model.layers]
    assert model([0.7]).data == pytest.approx(w * math.tanh(v * 0.7 + b) + c, rel=1e-15)

    model = MLP(3, [5, 2], activation="tanh", seed=1)
    model.layers[0].bias.data = [0.1, 0.2, 0.3, 0.4, 0.5]
    (V, B), (W, C) = [map(numpy.array, (p.weight.data, p.bias.data)) for p in model.layers]
    X = numpy.random.default_rng(0).normal(size=(4, 3))
    wanted = numpy.tanh(X @ V.T + B) @ W.T + C
    got = [[o.data for o in model(x)] for x in X]
    numpy.testing.assert_allclose(got, wanted, rtol=1e-14)


def test_41_parameters():
    model = MLP(3, [4, 4, 1])
    assert model.count_parameters() == len(model.parameters()) == 41 == 16 + 20 + 5
    names = [name for name, _ in model.named_parameters()]
    assert names[:2] == ["layer0.weight[0][0]", "layer0.weight[0][1]"]
    assert names[-1] == "layer2.bias[0]"
    assert len(set(names)) == 41
    assert [len(a.rows) for a in model.named_arrays().values()] == [4, 4, 4, 4, 1, 1]


def test_outputs():
    x = [0.5, -1.0, 2.0]
    assert type(MLP(3, [4, 1])(x)) is Value
    assert len(MLP(3, [4, 2])(x)) == 2
    posteriors = MLP(3, [4, 5], output="softmax", seed=0)(x)
    assert sum(p.data for p in posteriors) == pytest.approx(1.0, abs=1e-15)
    assert all(0 < p.data < 1 for p in posteriors)
    labels = MLP(3, [4, 5], output="sigmoid", seed=0)(x)
    assert all(0 < p.data < 1 for p in labels)
    assert MLP(3, [1, 1], seed=0)(x).data == MLP(3, [1, 1], seed=0)(tuple(map(Value, x))).data


def test_a_neuron_is_two_nodes():
    model = MLP(2, [3, 1], seed=0)
    x = [Value(1.0, "x1"), Value(2.0, "x2")]
    made = [node.op for node in trace(model(x)).nodes if node.op]
    assert sorted(made) == ["dot"] * 4 + ["relu"] * 3


def test_scopes_and_labels():
    model = MLP(2, [2, 1], seed=0)
    with scope("step3"):
        y = model([1.0, 2.0])
    model.parameters()  # to be asked for the parameters changes no scope
    inputs = {(p.scope, p.label) for p in trace(y).inputs}
    assert ("layer0/neuron1", "w2") in inputs
    assert ("layer1/neuron0", "b") in inputs
    scopes = {node.scope for node in trace(y).nodes if node.op}
    assert scopes == {"step3/layer0/neuron0", "step3/layer0/neuron1", "step3/layer1/neuron0"}


def test_scopes_of_activations_of_several_nodes():
    def bent(z):
        return z + 0.1 * z * z

    for activation in (bent, "threshold"):
        y = MLP(2, [2, 1], activation=activation, seed=0)([1.0, 2.0])
        assert {n.scope for n in trace(y).nodes} == {
            "layer0/neuron0",
            "layer0/neuron1",
            "layer1/neuron0",
        }
    y = MLP(2, [2], output="softmax", seed=0)([1.0, 2.0])
    assert {n.scope for n in trace(*y).nodes if n.op in ("exp", "/", "sum")} == {"layer0"}


def test_modules_of_ones_own():
    class Net(Module):
        def __init__(self):
            self.hidden = Layer(2, 3, "tanh", seed=0)
            self.heads = [Neuron(3, seed=1), Neuron(3, seed=2)]

        def forward(self, x):
            h = self.hidden(x)
            return [head(h) for head in self.heads]

    model = Net()
    assert list(model.state_dict()) == [
        "hidden.weight",
        "hidden.bias",
        "head0.weight",
        "head0.bias",
        "head1.weight",
        "head1.bias",
    ]
    ys = model([1.0, 2.0])
    assert ys[1].scope == "head1/neuron0"
    outer = Sequential(model, Softmax())
    outer([1.0, 2.0])
    assert model.hidden.weight[0][0].scope == "layer0/hidden/neuron0"


def test_values_as_attributes_are_parameters():
    class Line(Module):
        def __init__(self):
            self.slopes = [Value(2.0, "m"), Value(3.0)]
            self.offset = Value(1.0)
            self.rate = 0.1
            self.last = None

        def forward(self, x):
            self.last = autograd.dot(self.slopes, x, self.offset)
            return self.last

    model = Sequential(Line(), PReLU())
    assert model([1.0, 1.0]).data == 6.0
    assert model.state_dict() == {
        "layer0.slopes": [2.0, 3.0],
        "layer0.offset": 1.0,
        "layer1.weight": [0.25],
    }
    model.load_state_dict({"layer0.slopes": [1, 1], "layer0.offset": 0, "layer1.weight": [0]})
    assert model([1.0, 1.0]).data == 2.0
    assert [p.scope for p in model[0].parameters()] == ["layer0"] * 3
    assert len(model) == 2


@pytest.mark.parametrize("wrap", [list, tuple, lambda rows: numpy.array(rows, dtype=object)])
def test_nests_of_values_are_parameters(wrap):
    class Matrix(Module):
        def __init__(self, rows):
            self.weight = wrap([[Value(x) for x in row] for row in rows])

        def forward(self, x):
            return [autograd.dot(list(row), x) for row in self.weight]

    model = Matrix([[1.0, 2.0], [3.0, 4.0]])
    assert model.state_dict() == {"weight": [[1.0, 2.0], [3.0, 4.0]]}
    model.load_state_dict({"weight": [[0, 0], [5, 6]]})
    assert [y.data for y in model([1.0, 1.0])] == [0.0, 11.0]
    assert len(copy.deepcopy(model).parameters()) == 4
    if wrap is list:
        with pytest.raises(ArgumentError, match="weight needs rows of one shape"):
            Matrix([[1.0], [2.0, 3.0]]).parameters()


def test_a_tuple_of_modules_counts_as_a_list_does():
    class Net(Module):
        def __init__(self):
            self.heads = (Neuron(1), Neuron(1))

    assert list(Net().state_dict()) == ["head0.weight", "head0.bias", "head1.weight", "head1.bias"]


def test_a_layer_that_is_appended_later():
    model = Sequential(Sequential(Layer(1, 1)))
    model([1.0])
    used = Layer(1, 1)
    used([1.0])
    model[0].layers += [Layer(1, 1), used]
    assert model([1.0]).scope == "layer0/layer2/neuron0"
    assert [p.scope for p in model.parameters()] == [
        f"layer0/layer{i}/neuron0" for i in (0, 1, 2) for _ in range(2)
    ]


def test_two_modules_of_one_name():
    class Net(Module):
        def __init__(self):
            self.layer0 = Layer(1, 1)
            self.layers = [Layer(1, 1)]

    with pytest.raises(ArgumentError, match="two parts of a Net are called 'layer0'"):
        Net().parameters()


def test_names_of_modules():
    model = Sequential(Sequential(Layer(2, 2), ReLU()), Layer(2, 1, "prelu"))
    names = [name for name, _ in model.named_modules()]
    assert names == ["", "layer0", "layer0.layer0", "layer0.layer1", "layer1", "layer1.activation"]
    assert next(iter(dict(model.named_parameters()))) == "layer0.layer0.weight[0][0]"
    assert model([1.0, 2.0]).scope == "layer1/activation"


def test_shared_modules_count_once():
    layer = Layer(2, 2, seed=0)
    model = Sequential(layer, ReLU(), layer)
    assert len(model.parameters()) == model.count_parameters() == 6
    table = backprop(autograd.sum(model([1.0, 2.0])))
    assert all(p in table for p in model.parameters())


def test_tied_weights_count_once():
    there, back = Layer(2, 3, bias=False, seed=0), Layer(2, 3, bias=False, seed=1)
    back.weight = there.weight
    model = Sequential(there, Layer(3, 2, seed=2), back)
    assert len(model.parameters()) == model.count_parameters() == 6 + 8


def test_sizes_without_use():
    model = Sequential(
        Maxout(4, 3), ReLU(), LayerNorm(3), Dropout(0.1), RNNCell(3, 2), Layer(2, 5, math.exp)
    )
    assert model.output_shape((4,)) == (5,)
    shown = "Maxout(4, 3, pieces=2), Activate('relu'), LayerNorm(3), Dropout(0.1)"
    assert shown in repr(model)
    assert "RNNCell(3, 2, nonlinearity='tanh'), Layer(2, 5, activation=exp)" in repr(model)
    assert repr(MLP(2, [3, 1], "tanh")) == "MLP(2, [3, 1], activation='tanh', output='linear')"


def test_activation_modules():
    z = [-2.0, 0.5]
    for make, name in [
        (Identity, "linear"),
        (ReLU, "relu"),
        (Sigmoid, "sigmoid"),
        (Tanh, "tanh"),
        (Softplus, "softplus"),
    ]:
        assert make()(z) == [ELEMENTWISE[name](x) for x in z]
        assert make()([z, z]) == [make()(z)] * 2
    assert Softmax()(z) == softmax(z)
    assert LogSoftmax()(z) == log_softmax(z)
    assert Activate(abs)(z) == [2.0, 0.5]
    assert repr(LeakyReLU(0.1)) == "LeakyReLU(0.1)"
    assert repr(PReLU(2)) == "PReLU(2)"


def test_zero_grad_and_modes():
    model = Sequential(Layer(2, 2, seed=0), Dropout(0.5, seed=0), Neuron(2, seed=1))
    model([1.0, 1.0]).backward()
    assert any(p.grad for p in model.parameters())
    model.zero_grad()
    assert not any(p.grad for p in model.parameters())
    assert model.eval() is model
    assert [m.training for _, m in model.named_modules()] == [False] * 4
    assert all(m.training for _, m in model.train().named_modules())


def test_seeds():
    numbers = [p.data for p in MLP(2, [3, 1], seed=7).parameters()]
    assert numbers == [p.data for p in MLP(2, [3, 1], seed=7).parameters()]
    assert numbers != [p.data for p in MLP(2, [3, 1], seed=8).parameters()]
    assert numbers == [p.data for p in MLP(2, [3, 1], seed=random.Random(7)).parameters()]
    source = random.Random(7)
    first, second = Layer(2, 2, seed=source), Layer(2, 2, seed=source)
    assert first.weight.data != second.weight.data


def test_no_seed_means_pythons_shared_generator():
    random.seed(11)
    first = [Neuron(2), Neuron(2)]
    random.seed(11)
    again = [Neuron(2), Neuron(2)]
    assert [n.weight.data for n in first] == [n.weight.data for n in again]
    assert first[0].weight.data != first[1].weight.data


def test_the_start_does_not_depend_on_which_layer_is_used_first():
    one, two = MLP(2, [3, 3, 1], seed=7), MLP(2, [3, 3, 1], seed=7)
    two.layers[2].parameters()
    assert one.state_dict() == two.state_dict()


def test_threads_make_parameters_once():
    for _ in range(20):
        model, found = MLP(20, [20, 1], seed=0), []

        def note(model=model, found=found):
            found.append(model.parameters())

        threads = [Thread(target=note) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(parameters == found[0] for parameters in found)


def test_parameter_arrays():
    weight = Layer(3, 2, seed=0).weight
    assert len(weight) == 2
    assert [row[2] for row in weight] == [weight[0][2], weight[-1][2]]
    assert weight.rows[1] == weight[1]
    with pytest.raises(IndexError):
        weight[2]
    weight.data = [[1, 2, 3], [4, 5, 6]]
    assert weight.mapped(lambda w: -w.data) == [[-1, -2, -3], [-4, -5, -6]]


def test_starts():
    wide = Layer(400, 50, "relu", seed=0)
    weights = [w.data for w in wide.weight.values]
    assert math.fsum(w * w for w in weights) / len(weights) == pytest.approx(2 / 400, rel=0.05)
    assert wide.bias.data == [0.0] * 50
    weights = [w.data for w in Layer(400, 50, "tanh", seed=0).weight.values]
    assert math.fsum(w * w for w in weights) / len(weights) == pytest.approx(1 / 400, rel=0.05)
    weights = [w.data for w in Layer(100, 60, init=xavier_normal, seed=0).weight.values]
    assert math.fsum(w * w for w in weights) / len(weights) == pytest.approx(2 / 160, rel=0.05)
    weights = [w.data for w in Layer(100, 60, init=uniform(0.2), seed=0).weight.values]
    assert -0.2 <= min(weights) < -0.19 < 0.19 < max(weights) <= 0.2
    assert Layer(2, 2, init=constant(3.0)).weight.data == [[3.0, 3.0], [3.0, 3.0]]
    weights = [w.data for w in Layer(100, 100, init=normal(0.5), seed=0).weight.values]
    assert math.fsum(w * w for w in weights) / len(weights) == pytest.approx(0.25, rel=0.05)


def test_maxout():
    unit = Maxout(2, 1, pieces=2)
    unit.weight.data, unit.bias.data = [[[1, 0], [-1, 0]]], [[0, 0]]
    assert [unit([x, 5.0]).data for x in (-3.0, 2.0)] == [3.0, 2.0]  # |x₁|
    wide = Maxout(3, 4, pieces=5, seed=0)
    assert wide.count_parameters() == 4 * 5 * (3 + 1)
    z = [
        [sum(w * x for w, x in zip(row, (1, 2, 3), strict=True)) for row in g]
        for g in wide.weight.data
    ]
    assert [a.data for a in wide([1, 2, 3])] == pytest.approx([max(row) for row in z], rel=1e-14)
    assert wide([1, 2, 3])[3].scope == "neuron3"


def test_leaky_slopes_fixed_and_learned():
    x = [Value(-2.0), Value(3.0)]
    assert [y.data for y in LeakyReLU(0.2)(x)] == [-0.4, 3.0]
    assert [y.data for y in LeakyReLU(-1.0)(x)] == [2.0, 3.0]  # absolute value: α = −1
    learned = PReLU()
    y = autograd.sum(learned(x))
    assert y.data == -0.5 + 3.0
    assert backprop(y)[learned.weight[0]] == -2.0
    each = PReLU(2, init=0.1)
    table = backprop(autograd.sum(each([Value(-2.0), Value(-3.0)])))
    assert [table[a] for a in each.weight] == [-2.0, -3.0]
    model = MLP(2, [3, 1], activation="prelu", seed=0)
    assert model.count_parameters() == 9 + 1 + 4
    assert "layer0.activation.weight" in model.state_dict()


def test_dropout():
    drop = Dropout(0.25, seed=0)
    ones = [y.data for y in drop([Value(1.0)] * 4000)]
    assert set(ones) == {0.0, 1 / 0.75}
    assert sum(ones) / 4000 == pytest.approx(1.0, abs=0.05)
    x = [Value(1.0), Value(2.0)]
    assert drop.eval()(x) is x


def test_layer_norm():
    norm = LayerNorm(4)
    y = [v.data for v in norm([1.0, 2.0, 3.0, 6.0])]
    assert sum(y) == pytest.approx(0.0, abs=1e-12)
    assert sum(v * v for v in y) / 4 == pytest.approx(1.0, rel=1e-5)
    norm.weight.data, norm.bias.data = [2.0] * 4, [1.0] * 4
    assert [v.data for v in norm([1.0, 2.0, 3.0, 6.0])] == pytest.approx([2 * v + 1 for v in y])
    assert all(math.isfinite(v.data) for v in norm([3.0] * 4))
    assert LayerNorm(4, elementwise_affine=False).count_parameters() == 0


def test_copies_and_pickles_keep_the_numbers_and_share_nothing():
    model = Sequential(Layer(2, 3, "tanh", seed=0), PReLU(), Dropout(0.1, seed=1), Neuron(3))
    model([1.0, 2.0])
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert other.state_dict() == model.state_dict()
        other.parameters()[0].data += 1.0
        assert other.state_dict() != model.state_dict()
        assert other.eval()([1.0, 2.0]).data != model.eval()([1.0, 2.0]).data
        assert set(other.parameters()).isdisjoint(model.parameters())


def test_state_dict_is_refused_whole():
    model = MLP(2, [2, 1], seed=0)
    before, state = model.state_dict(), model.state_dict()
    for spoiled, words in [
        ({k: v for k, v in state.items() if k != "layer1.bias"}, "lacks 'layer1.bias'"),
        (state | {"layer2.bias": [0.0]}, "has 'layer2.bias'"),
        (state | {"layer1.weight": [[1.0]]}, "layer1.weight has shape (1, 2)"),
        (state | {"layer1.weight": [[1.0, math.nan]]}, "layer1.weight[0][1] is a finite number"),
        (state | {"layer1.weight": [[1.0, "2"]]}, "layer1.weight needs numbers"),
        (state | {"layer0.weight": [[1.0, 2.0], [1.0]]}, "layer0.weight needs rows of one shape"),
    ]:
        changed = {"layer0.bias": [9.0, 9.0]} | {k: v for k, v in spoiled.items() if "0.b" not in k}
        with pytest.raises(ArgumentError) as caught:
            model.load_state_dict(changed)
        assert words in str(caught.value)
        assert model.state_dict() == before


def test_softmax_on_one_unit_and_in_a_chain():
    assert Sequential(Neuron(2, seed=0), Neuron(1, seed=1), Softmax())([1.0, 2.0])[0].data == 1.0
    assert Softmax()([1.0, 1.0]) == softmax([1.0, 1.0]) == [0.5, 0.5]
    assert Flatten()([[1, 2], [3, 4]]) == [1, 2, 3, 4]
    assert Sequential(Flatten(), Layer(4, 3)).output_shape((2, 2)) == (3,)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: MLP(2, [3, 1])([1.0]), "layer0 = Layer(2, 3, activation='relu') needs 2 inputs"),
        (lambda: Layer(2, 3)([1.0, 2.0, 3.0]), "needs 2 inputs, but got 3"),
        (lambda: Sequential(Layer(2, 3), Layer(4, 1))([1, 2]), "layer1 = Layer(4, 1, "),
        (lambda: Layer(2, 3, "rleu"), "Layer(2, 3): no activation 'rleu'; there are: linear, relu"),
        (lambda: Layer(2, 3, "rleu"), "log_softmax, prelu"),
        (lambda: MLP(2, [3, 1], output="rleu"), "Layer(3, 1): no activation 'rleu'"),
        (lambda: Neuron(0), "Neuron(n_inputs=…) is at least 1, not 0"),
        (
            lambda: Sequential(Flatten(), Layer(5, 1)).output_shape((2, 2)),
            "needs 5 inputs, but got",
        ),
        (lambda: RNNCell(2, 3).output_shape((3,)), "needs 2 inputs, but got the shape (3,)"),
        (lambda: Maxout(2, 3).output_shape((2, 2)), "needs 2 inputs, but got the shape (2, 2)"),
        (lambda: Activate("rleu"), "Activate: no activation 'rleu'"),
        (lambda: Flatten()([]), "Flatten() needs at least one number"),
        (lambda: PReLU(init=math.inf), "PReLU(init=…) is finite, not inf"),
        (lambda: RNNCell(2, 3, nonlinearity="softmax"), "is one of linear, relu"),
        (lambda: MLP(2, [1]).load_state_dict({1: 2.0, None: 3.0}), "the state lacks"),
        (lambda: MLP(2, 3), "list of the layers' widths, at least one, not 3"),
        (lambda: MLP(2, [3, 0]), "layer 1, is at least 1, not 0"),
        (lambda: Layer(0, 3), "Layer(n_inputs=…) is at least 1, not 0"),
        (lambda: Sequential(), "at least one layer"),
        (lambda: Maxout(2, 1)([1.0]), "Maxout(2, 1, pieces=2) needs 2 inputs, but got 1"),
        (lambda: LayerNorm(3)([1.0]), "LayerNorm(3) needs 3 inputs, but got 1"),
        (lambda: Dropout(1.5), "Dropout(p=…) is at least 0 and at most 1, not 1.5"),
        (lambda: Layer(10**6, 10**6)([0.0] * 10**6), "too many"),
    ],
)
def test_errors(call, words):
    with pytest.raises(ArgumentError) as caught:
        call()
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "call",
    [
        lambda: Layer(2.5, 3),
        lambda: Layer(True, 3),
        lambda: Layer(2, 3, activation=3),
        lambda: Layer(2, 3, seed="x"),
        lambda: Layer(2, 3)("ab"),
        lambda: Layer(2, 3)(None),
        lambda: Layer(2, 3)([[1.0], [2.0]]),
        lambda: Layer(2, 3, init="kaiming"),
        lambda: Layer(2, 3).load_state_dict(None),
        lambda: Layer(2, 3)([1.0, "a"]),
        lambda: Sequential(math.tanh),
        lambda: Activate(3),
        lambda: ReLU()("abc"),
        lambda: ReLU()(None),
        lambda: ReLU()({1.0, 2.0}),
        lambda: Dropout(0.5)("abc"),
        lambda: Flatten()("abc"),
        lambda: Flatten()(None),
        lambda: RNNCell(2, 3).unrolled(None),
        lambda: RNNCell(2, 3, nonlinearity=["tanh"]),
        lambda: RNNCell(2, 3)([1.0, "a"]),
        lambda: Maxout(2, 3)([1.0, "a"]),
    ],
)
def test_wrong_types(call):
    with pytest.raises(ArgumentTypeError):
        call()


@pytest.mark.parametrize("layer", [Layer(2, 3), Maxout(2, 3), RNNCell(2, 3), Perceptron(2)])
def test_errors_about_numbers_name_the_layer(layer):
    with pytest.raises(ArgumentTypeError) as caught:
        layer([1.0, "a"])
    assert str(caught.value).startswith(f"{layer!r}: ")
    assert "'a'" in str(caught.value)


def test_dropout_of_everything():
    assert Dropout(1.0, seed=0)([1.0, 2.0]) == [0.0, 0.0]
    assert Dropout(1.0).eval()([1.0, 2.0]) == [1.0, 2.0]


def test_a_recurrent_cell_without_bias():
    cell = RNNCell(2, 3, False, "relu", seed=0)
    assert cell.count_parameters() == 2 * 3 + 3 * 3
    assert [h.data for h in cell([0.0, 0.0])] == [0.0] * 3
    assert len(cell.unrolled(iter([[1.0, 2.0]] * 4))) == 4


@pytest.mark.torch
def test_modules_as_torch():
    torch = pytest.importorskip("torch")
    x = [0.5, -1.5, 2.0, 0.25]
    tensor = torch.tensor(x, dtype=torch.float64)
    for ours, peer in [
        (LayerNorm(4), torch.nn.LayerNorm(4)),
        (PReLU(), torch.nn.PReLU()),
        (PReLU(4, init=0.1), torch.nn.PReLU(4, init=0.1)),
        (LeakyReLU(), torch.nn.LeakyReLU()),
        (Softplus(), torch.nn.Softplus()),
        (LogSoftmax(), torch.nn.LogSoftmax(dim=0)),
    ]:
        wanted = peer.double()(tensor if len(peer.state_dict()) != 1 else tensor[None])
        got = [y.data if type(y) is Value else y for y in ours(x)]
        assert got == pytest.approx(wanted.flatten().tolist(), rel=1e-7)
        shapes = [tuple(t.shape) for t in peer.state_dict().values()]
        assert [a.shape for a in ours.named_arrays().values()] == shapes
        assert list(ours.state_dict()) == list(peer.state_dict())
