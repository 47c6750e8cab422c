"""Step records: the text of the derivation, and fields equal to what the passes computed."""

from __future__ import annotations

from math import inf, isnan, nan

import pytest
from hypothesis import given, settings

import autograd
from autograd import Value, backprop, dot, trace
from autograd.apply import apply
from autograd.operation import lookup
from autograd.steps import BackwardStep, ForwardStep, Term

from .programs import CHOICES, SMOOTH, Program, programs, run
from .samples import same


def example() -> Value:
    a, b = Value(2.0, "a"), Value(1.0, "b")
    c, d = a + b, b + 1
    c.label, d.label = "c", "d"
    e = c * d
    e.label = "e"
    return e


def test_forward_steps_read_like_the_computation() -> None:
    assert [str(step) for step in trace(example()).forward_steps()] == [
        "a = 2",
        "b = 1",
        "c = a + b = 2 + 1 = 3",
        "d = b + 1 = 1 + 1 = 2",
        "e = c·d = 3·2 = 6",
    ]


def test_backward_steps_read_like_the_derivation() -> None:
    assert [str(step) for step in trace(example()).backward_steps()] == [
        "∇[e] = 1",
        "∇[d] = ∇[e]·∂e/∂d = 1·3 = 3",
        "∇[c] = ∇[e]·∂e/∂c = 1·2 = 2",
        "∇[b] = ∇[c]·∂c/∂b + ∇[d]·∂d/∂b = 2·1 + 3·1 = 5",
        "∇[a] = ∇[c]·∂c/∂a = 2·1 = 2",
    ]


def test_nodes_without_a_label_have_their_number() -> None:
    x = Value(3.0)
    steps = list(trace(x * x).backward_steps())
    assert str(steps[1]) == "∇[u1] = ∇[u2]·∂u2/∂u1 + ∇[u2]·∂u2/∂u1 = 1·3 + 1·3 = 6"
    assert [step.name for step in steps] == ["u2", "u1"]


def test_steps_on_new_inputs() -> None:
    x = Value(3.0, "x")
    steps = list(trace((x + 1).tanh()).forward_steps({x: -1}))
    assert [step.result for step in steps] == [-1.0, 0.0, 0.0]
    assert str(steps[1]) == "u2 = x + 1 = −1 + 1 = 0"
    assert steps[1].node.data == 4.0


def test_negative_factors_are_in_brackets() -> None:
    x = Value(-2.0, "x")
    forward, backward = (
        list(s) for s in (trace(x * x).forward_steps(), trace(x * x).backward_steps())
    )
    assert str(forward[1]).endswith("= (−2)·(−2) = 4")
    assert str(backward[1]).endswith("= 1·(−2) + 1·(−2) = −4")


@pytest.mark.parametrize(
    ("spec", "digits"), [(".3g", "−0.333"), (".6g", "−0.333333"), (".2e", "−3.33e−01")]
)
def test_a_format_goes_for_all_numbers(spec: str, digits: str) -> None:
    x = Value(-1 / 3, "x")
    u = x * x
    step = list(trace(u).forward_steps())[1]
    assert format(step, spec).count(digits) == 2
    assert format(list(trace(u).backward_steps())[1], spec).count(digits) == 2
    assert str(step) == format(step, ".6g")


def test_infinite_and_undefined_derivatives_are_shown() -> None:
    x, y = Value(0.0, "x"), Value(-1.0, "y")
    assert str(list(trace(x.sqrt()).backward_steps())[1]) == "∇[x] = ∇[u2]·∂u2/∂x = 1·∞ = ∞"
    n = Value(2.0, "n")
    text = [str(step) for step in trace(y**n).backward_steps()]
    assert "∇[n] = ∇[u3]·∂u3/∂n = 1·nan = nan" in text


def test_a_gradient_of_zero_times_infinity_is_zero() -> None:
    x = Value(0.0, "x")
    u = autograd.where(x > 0, x.sqrt(), 0.0)
    step = list(trace(u).backward_steps())[-1]
    (term,) = step.terms
    assert (term.gradient, term.local_derivative, term.product, step.total) == (0.0, inf, 0.0, 0.0)


def test_long_sums_are_cut() -> None:
    x = Value(1.0, "x")
    u = autograd.sum([x * i for i in range(40)])
    last = list(trace(u).backward_steps())[-1]
    assert len(last.terms) == 40
    assert "… (40 terms)" in str(last)
    assert len(str(last)) < 1000
    forward = list(trace(u).forward_steps())[-1]
    assert str(forward) == f"{forward.name} = sum of 40 numbers = 780"


def test_records_are_frozen() -> None:
    for step in [*trace(example()).forward_steps(), *trace(example()).backward_steps()]:
        with pytest.raises(AttributeError):
            step.index = 0  # type: ignore[misc]


def test_hostile_labels_stay_on_one_line() -> None:
    x = Value(1.0, "evil\n\x1b[31m\u202e" + "long" * 50)
    for step in [*trace(x + 1).forward_steps(), *trace(x + 1).backward_steps()]:
        assert "\n" not in str(step)
        assert "\x1b" not in str(step)
        assert "\u202e" not in str(step)
        assert len(str(step)) < 400


def test_the_table_knows_its_steps() -> None:
    e = example()
    assert list(backprop(e).steps) == list(trace(e).backward_steps())
    assert [step.total for step in backprop(e, create_graph=True).steps] == [
        1.0,
        3.0,
        2.0,
        5.0,
        2.0,
    ]


def test_steps_of_a_neuron() -> None:
    w, b = [Value(0.5, "w1"), Value(-0.25, "w2")], Value(0.1, "b")
    step = list(trace(dot(w, [1.0, -2.0], b)).forward_steps())[-1]
    assert step.arguments == (0.5, -0.25, 1.0, -2.0, 0.1)
    assert str(step).endswith("= 0.5·1 + (−0.25)·(−2) + 0.1 = 1.1")


@settings(max_examples=60)
@given(programs(SMOOTH + CHOICES, shortest=4))
def test_fields_are_what_the_passes_computed(program: Program) -> None:
    xs = [Value(x) for x in program.inputs]
    output = run(program, xs, lambda name, arguments: apply(lookup(name), arguments))
    graph, table = trace(output), backprop(output)

    forward = list(graph.forward_steps())
    assert [step.index for step in forward] == list(range(1, len(graph) + 1))
    for step in forward:
        assert type(step) is ForwardStep
        assert step.node is graph.nodes[step.index - 1]
        assert step.operation is step.node.operation
        assert step.result == step.node.data
        expected = [a.data if type(a) is Value else a for a in step.node.arguments]
        assert list(step.arguments) == expected
        assert str(step).startswith(f"{step.name} = ")

    backward = list(graph.backward_steps())
    assert [step.index for step in backward] == list(range(len(graph), 0, -1))
    for back in backward:
        assert type(back) is BackwardStep
        assert back.node is graph.nodes[back.index - 1]
        assert back.total == table[back.node]
        uses = [(i, n) for i, n in enumerate(graph, 1) for p in n.parents if p is back.node]
        assert [(term.index, term.consumer) for term in back.terms] == uses
        for term in back.terms:
            assert type(term) is Term
            assert same(term.gradient, table[term.consumer])
            assert term.product == (term.gradient and term.gradient * term.local_derivative)
        total = sum(term.product for term in back.terms) if back.terms else 1.0
        assert total == pytest.approx(back.total, rel=1e-12, abs=1e-15)


def test_nan_in_a_forward_step() -> None:
    x = Value(nan, "x")
    steps = list(trace(x + 1).forward_steps())
    assert isnan(steps[1].result)
    assert str(steps[1]) == "u2 = x + 1 = nan + 1 = nan"
