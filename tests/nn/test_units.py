"""Curriculum part B: single units."""

from __future__ import annotations

from itertools import product
from math import exp
from random import Random

import pytest

from autograd import ArgumentError, Value, backprop
from nn import (
    SGD,
    MulticlassPerceptron,
    Neuron,
    Perceptron,
    binary_cross_entropy_with_logits,
    conjunction,
    disjunction,
    fit,
    hinge_loss,
    polynomial_features,
    threshold,
    xor,
)

SQUARE = [[0, 0], [0, 1], [1, 0], [1, 1]]


def test_linear_neuron():
    neuron = Neuron(2)
    neuron.weight.data, neuron.bias.data = [[2.0, -3.0]], [0.5]
    y = neuron([4.0, 1.0])
    assert y.data == 0.5 + 2 * 4 - 3 * 1
    assert y.op == "dot"
    table = backprop(y)
    assert [table[p] for p in neuron.parameters()] == [4.0, 1.0, 1.0]


def test_and_with_the_boundary_on_the_side_of_one():
    unit = Perceptron(2, [0.5, 0.5], bias=-1.0)
    assert [unit(x).data for x in SQUARE] == [0, 0, 0, 1]
    assert threshold(0.0) == 1.0
    assert threshold(-1e-300) == 0.0


def test_logistic_neuron():
    neuron = Neuron(2, "sigmoid")
    neuron.weight.data, neuron.bias.data = [[1.0, 2.0]], [-1.0]
    assert neuron([0.5, 0.25]).data == pytest.approx(0.5, abs=1e-15)
    assert neuron([1.0, 1.0]).data == pytest.approx(1 / (1 + exp(-2.0)), rel=1e-15)


@pytest.mark.parametrize(
    ("n", "targets"),
    [(2, [0, 0, 0, 1]), (2, [0, 1, 1, 1]), (2, [0, 0, 1, 0]), (1, [1, 0])],
    ids=["and", "or", "and-not", "not"],
)
@pytest.mark.parametrize("lr", [1.0, 0.1])
def test_rosenblatts_rule_learns_and_stops(n, targets, lr):
    inputs = SQUARE if n == 2 else [[0], [1]]
    unit = Perceptron(n)
    learning = unit.learn(inputs, targets, lr=lr)
    assert learning.converged
    assert learning.mistakes[-1] == 0
    assert 0 not in learning.mistakes[:-1]
    assert [unit(x).data for x in inputs] == targets


def test_learning_says_how_it_went():
    learning = Perceptron(1).learn([[0.0], [1.0]], [0, 1])
    assert str(learning) == f"no mistakes left after {len(learning.mistakes)} passes"


def test_rosenblatts_rule_one_step():
    unit = Perceptron(2)
    unit.learn([[3.0, -2.0]], [0], lr=0.5, passes=1)  # starts with 1, as 0 ≥ 0
    assert unit.weight.data == [-1.5, 1.0]
    assert unit.bias.data == -0.5


def test_rosenblatts_rule_says_that_xor_does_not_settle():
    learning = Perceptron(2).learn(*xor(), passes=30)
    assert not learning.converged
    assert len(learning.mistakes) == 30
    assert "not settled" in str(learning)
    assert "hyperplane" in str(learning)


def test_boolean_circuit():
    """((A ∧ ¬X ∧ Z) ∨ (A ∧ ¬Y)) ∧ ((X ∧ Y) ∨ (¬X ∧ ¬Z)) in three layers of threshold units."""
    terms = [conjunction(s) for s in ([1, -1, 0, 1], [1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 0, -1])]
    either, both = [disjunction([1, 1, 0, 0]), disjunction([0, 0, 1, 1])], conjunction([1, 1])
    seen = set()
    for a, x, y, z in product([0, 1], repeat=4):
        hidden = [unit([a, x, y, z]) for unit in terms]
        got = both([unit(hidden) for unit in either]).data
        wanted = ((a and not x and z) or (a and not y)) and ((x and y) or (not x and not z))
        assert got == bool(wanted)
        seen.add(got)
    assert seen == {0.0, 1.0}


@pytest.mark.parametrize("literals", [list(s) for s in product([-1, 0, 1], repeat=3) if any(s)])
def test_conjunction_and_disjunction(literals):
    for x in product([0, 1], repeat=3):
        holds = [bool(v) == (s > 0) for v, s in zip(x, literals, strict=True) if s]
        assert conjunction(literals)(x).data == all(holds)
        assert disjunction(literals)(x).data == any(holds)


def test_polynomial_features():
    assert polynomial_features([2.0, 3.0]) == [2, 3, 4, 6, 9]
    assert polynomial_features([2.0, 3.0], degree=3)[5:] == [8, 12, 18, 27]
    x, y = Value(2.0), Value(3.0)
    features = polynomial_features([x, y])
    assert features[:2] == [x, y]
    assert [backprop(f)[x] for f in features[2:4]] == [4.0, 3.0]


@pytest.mark.parametrize("seed", range(3))
def test_a_linear_unit_on_polynomial_features_separates_xor(seed):
    inputs, targets = xor()
    inputs = [polynomial_features(x) for x in inputs]
    neuron = Neuron(5, seed=seed)
    fit(
        neuron,
        (inputs, targets),
        loss=binary_cross_entropy_with_logits,
        optimizer=SGD(neuron.parameters(), lr=1.0),
        epochs=200,
        progress=False,
    )
    assert [float(neuron(x) > 0) for x in inputs] == targets
    assert Perceptron(5).learn(inputs, targets).converged


SHAPES = ["111101101101111", "010110010010111", "111001111100111"]


def test_multiclass_rule_learns_digit_templates():
    source = Random(3)
    digits = [[float(c) for c in shape] for shape in SHAPES]
    inputs, targets = [], []
    for _ in range(20):
        for label, pixels in enumerate(digits):
            spoiled = source.randrange(15)
            inputs.append([1 - x if i == spoiled else x for i, x in enumerate(pixels)])
            targets.append(label)
    unit = MulticlassPerceptron(15, 3)
    learning = unit.learn(inputs, targets)
    assert learning.converged
    assert [unit.predict(x) for x in inputs] == targets
    scores = [z.data for z in unit(digits[2])]
    assert scores.index(max(scores)) == 2


def test_multiclass_rule_one_step():
    unit = MulticlassPerceptron(3, 3)
    unit.learn([[1, 0, 1]], [2], passes=1)  # the guess is the first of equal ones, 0
    assert unit.weight.data == [[-1, 0, -1], [0, 0, 0], [1, 0, 1]]
    assert unit.bias.data == [-1, 0, 1]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Perceptron(2).learn([[1, 2]], [2]), "targets 0 and 1, not 2"),
        (lambda: Perceptron(2).learn([[1, 2, 3]], [1]), "Perceptron(2) needs 2 inputs, but got 3"),
        (lambda: Perceptron(2).learn([[1, 2]], [1, 0]), "1 and 2"),
        (lambda: Perceptron(2).learn([], []), "at least one sample"),
        (lambda: Perceptron(2, [1.0]), "Perceptron(weights=…) has shape (2,)"),
        (lambda: Perceptron(2, 5), "Perceptron(weights=…) has shape (2,)"),
        (lambda: MulticlassPerceptron(2, 3).learn([[1, 2]], [3]), "classes 0 to 2, not 3"),
        (lambda: MulticlassPerceptron(2, 1), "at least 2, not 1"),
        (lambda: conjunction([2]), "1, −1 or 0, not 2"),
        (lambda: hinge_loss([Value(1.0)], [0]), "−1 and 1"),
    ],
)
def test_errors(call, words):
    with pytest.raises(ArgumentError) as caught:
        call()
    assert words in str(caught.value)


def test_what_was_learned_is_what_is_answered():
    """On the boundary, where the order in which numbers are added decides."""
    inputs = [[0.4, -0.1, -0.6], [0.6, 0.2, -0.1], [-0.5, -0.8, 0.8], [0.8, 0.9, -0.1]]
    inputs.append([0.3, -0.8, 0.8])
    targets = [1, 0, 1, 1, 0]
    unit = Perceptron(3)
    assert unit.learn(inputs, targets, lr=0.1).converged
    assert [unit(x).data for x in inputs] == targets
