"""What counts as a number, and what is refused, at every public door."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import (
    ArgumentError,
    ArgumentTypeError,
    AutogradError,
    NotInGraphError,
    RangeError,
    Value,
    backprop,
    checkpoint,
    grad,
    hessian,
    hvp,
    jacobian,
    value_and_grad,
)

NUMBERS: list[tuple[Any, float]] = [
    (3, 3.0),
    (-2.5, -2.5),
    (True, 1.0),
    (False, 0.0),
    (Fraction(1, 4), 0.25),
    (Decimal("0.1"), 0.1),
    (type("Part", (Fraction,), {})(1, 4), 0.25),
    (type("Sum", (Decimal,), {})("0.5"), 0.5),
    (2**70, 2.0**70),
    (np.float64(1.5), 1.5),
    (np.float32(0.5), 0.5),
    (np.float16(0.5), 0.5),
    (np.longdouble(0.5), 0.5),
    (np.int8(-3), -3.0),
    (np.uint64(2**63), 2.0**63),
    (np.bool_(True), 1.0),
    (np.array(2.5), 2.5),
    (np.array(7, dtype=np.int32), 7.0),
]
OTHERS = [
    "1.0", b"1", None, 1j, [1.0], (1.0,), {}, {1.0}, ..., print, np.array([1.0]), np.array([[2.0]]),
    np.complex128(1), np.array(1j), np.array("1"), np.datetime64("2020-01-01"), np.array(None), range(3),
    Decimal("sNaN"), np.timedelta64(3, "s"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "expected"), NUMBERS, ids=repr)
def test_real_numbers_become_floats(given: Any, expected: float) -> None:
    v = Value(given)
    assert type(v.data) is float
    assert v.data == expected
    assert v.item() == expected


@pytest.mark.parametrize(("given", "expected"), NUMBERS, ids=repr)
def test_real_numbers_mix_with_values(given: Any, expected: float) -> None:
    x = Value(2.0)
    for u, data in [
        (x + given, 2.0 + expected),
        (given + x, expected + 2.0),
        (x - given, 2.0 - expected),
        (given - x, expected - 2.0),
        (x * given, 2.0 * expected),
        (given * x, expected * 2.0),
        (given / x, expected / 2.0),
        (autograd.maximum(x, given), max(2.0, expected)),
        (autograd.maximum(given, x), max(2.0, expected)),
        (autograd.sum([x, given]), 2.0 + expected),
        (autograd.dot([x], [given]), 2.0 * expected),
        (autograd.where(given, x, given), 2.0 if expected else expected),
    ]:
        assert type(u) is Value
        assert u.data == data
        assert type(u.data) is float
        assert all(type(a) in (float, Value) for a in u.arguments)
        assert x in backprop(u)
    assert (x < given) == (expected > 2.0)
    assert (x <= given) == (expected >= 2.0)
    assert (x > given) == (expected < 2.0)
    assert (x >= given) == (expected <= 2.0)


@pytest.mark.parametrize("given", OTHERS, ids=repr)
def test_anything_else_is_refused_and_shown(given: Any) -> None:
    with pytest.raises(ArgumentTypeError) as caught:
        Value(given)
    assert str(caught.value).startswith("a Value needs a real number, but got ")
    assert repr(given)[:20] in str(caught.value)


def test_a_value_of_a_value_is_refused_with_a_hint() -> None:
    with pytest.raises(ArgumentTypeError, match=r"value\.data is its plain number"):
        Value(Value(1.0))  # type: ignore[arg-type]


class OnlyAShape:
    shape = ()


class Awkward:
    shape = ()
    dtype = None

    def __repr__(self) -> str:
        return "awkward" * 30


@pytest.mark.parametrize("given", [OnlyAShape(), Awkward()])
def test_things_that_look_like_arrays_are_refused(given: Any) -> None:
    with pytest.raises(ArgumentTypeError):
        Value(given)
    with pytest.raises(TypeError):
        Value(1.0) + given


def test_what_is_shown_is_cut() -> None:
    with pytest.raises(ArgumentTypeError) as caught:
        Value("x" * 10_000)
    assert len(str(caught.value)) < 180


@pytest.mark.parametrize(
    "huge",
    [10**400, -(10**400), 10**6000, Fraction(10**400)],
    ids=["400", "-400", "6000", "Fraction"],
)
def test_an_integer_too_large_for_a_float_is_a_range_error(huge: Any) -> None:
    with pytest.raises(RangeError, match="too large for a float") as caught:
        Value(huge)
    assert len(str(caught.value)) < 150
    with pytest.raises(RangeError):
        Value(1.0) + huge
    with pytest.raises(RangeError):
        huge * Value(1.0)


def test_decimals_that_are_not_numbers_are_carried() -> None:
    assert math.isnan(Value(Decimal("NaN")).data)
    assert Value(Decimal("-Infinity")).data == -math.inf


def test_a_label_of_numpy_becomes_a_str() -> None:
    label = Value(1.0, np.str_("a")).label
    assert (label, type(label)) == ("a", str)


@pytest.mark.parametrize("label", [None, 3, b"x", ["x"], Value(1.0)])
def test_a_label_is_a_str(label: Any) -> None:
    with pytest.raises(ArgumentTypeError, match="a label is a str, not "):
        Value(1.0, label)


@pytest.mark.parametrize("other", ["a", None, [1.0], 1j, ...])
def test_operators_leave_what_is_no_number_to_python(other: Any) -> None:
    x = Value(1.0)
    for act in (
        lambda: x + other, lambda: other + x, lambda: x - other, lambda: other - x, lambda: x * other,
        lambda: other * x, lambda: x / other, lambda: other / x, lambda: x**other, lambda: other**x,
        lambda: x < other, lambda: x <= other, lambda: x > other, lambda: x >= other,
    ):  # fmt: skip
        with pytest.raises(TypeError):
            act()
    assert not x == other
    assert x != other


def test_operators_python_has_and_the_table_has_not() -> None:
    x = Value(7.0)
    for act in (lambda: x % 2, lambda: x // 2, lambda: divmod(x, 2), lambda: x @ x, lambda: ~x, lambda: x & x,
                lambda: pow(x, 2, 3), lambda: round(x), lambda: int(x), lambda: list(x), lambda: len(x),
                lambda: x[0], lambda: [1, 2][x]):  # fmt: skip
        with pytest.raises(TypeError):
            act()


@pytest.mark.parametrize(
    "act",
    [
        float,
        complex,
        math.exp,
        math.sqrt,
        math.tanh,
        math.floor,
        lambda x: math.pow(x, 2.0),
        lambda x: math.fsum([x, x]),
        "{:d}".format,
        "%f".__mod__,
        lambda x: np.array([x], dtype=float),
    ],
)
def test_what_would_drop_the_graph_is_a_type_error(act: Callable[[Value], Any]) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        act(Value(2.0))
    if act not in ("{:d}".format,):
        assert isinstance(caught.value, TypeError)


@pytest.mark.parametrize("act", [float, math.exp, math.tanh, math.sqrt])
def test_the_type_error_says_what_to_do_instead(act: Callable[[Value], Any]) -> None:
    with pytest.raises(ArgumentTypeError, match=r"autograd\.exp\(value\).* value\.data"):
        act(Value(2.0))


ONE = ["exp", "log", "sin", "relu", "tanh", "sign", "step", "abs", "sqrt", "erf", "sigmoid"]


@pytest.mark.parametrize("name", ONE)
@pytest.mark.parametrize("given", ["2.0", None, [1.0], 1j, ...], ids=repr)
def test_functions_refuse_what_is_no_number(name: str, given: Any) -> None:
    with pytest.raises(ArgumentTypeError, match=f"^{name} needs a real number, but got "):
        getattr(autograd, name)(given)


@pytest.mark.parametrize("name", ["maximum", "minimum", "leaky_relu"])
def test_functions_of_two_refuse_what_is_no_number(name: str) -> None:
    f = getattr(autograd, name)
    for arguments in [(Value(1.0), "a"), ("a", Value(1.0)), (1.0, None), (None, 1.0)]:
        with pytest.raises(ArgumentTypeError, match=f"^{name} needs a real number, but got "):
            f(*arguments)


def test_functions_of_three_refuse_what_is_no_number() -> None:
    for arguments in [("a", 1, 2), (1, None, Value(2.0)), (1, 2, [3])]:
        for f in (autograd.clip, autograd.where):
            with pytest.raises(ArgumentTypeError, match="needs a real number, but got "):
                f(*arguments)


@pytest.mark.parametrize("name", ["sum", "prod", "logsumexp", "max", "min"])
def test_functions_of_many_want_a_sequence_of_numbers(name: str) -> None:
    f = getattr(autograd, name)
    for given in (3, Value(1.0), None, "12", b"12"):
        with pytest.raises(ArgumentTypeError, match=f"^{name}.* needs a sequence of numbers"):
            f(given)
    for given in (["a"], [Value(1.0), None], [1.0, [2.0]]):
        with pytest.raises(ArgumentTypeError, match=f"^{name} needs a real number"):
            f(given)


@pytest.mark.parametrize("name", ["sum", "prod", "logsumexp", "max", "min", "dot"])
@pytest.mark.filterwarnings("ignore:The .generic. unit:DeprecationWarning")
def test_functions_of_many_take_arrays_of_one_dimension(name: str) -> None:
    f = (lambda x: autograd.dot(x, [1.0])) if name == "dot" else getattr(autograd, name)
    for shape in ((), (2, 2), (1, 1)):
        with pytest.raises(ArgumentTypeError, match=rf"{name}.* array of {len(shape)} dimensions"):
            f(np.full(shape, 3.0))
    for dtype in ("m8", "m8[s]", "M8[D]", "M8[ns]", complex, str):
        with pytest.raises(ArgumentTypeError, match=f"{name} needs a real number"):
            f(np.array([3], dtype=dtype))
    assert f(np.array([3], dtype=np.int8)) == 3.0
    assert autograd.sum(np.ones((2, 3)).flat) == 6.0


def test_functions_of_many_take_any_iterable() -> None:
    xs = [Value(1.0), Value(2.0)]
    assert autograd.sum(x for x in xs).parents == tuple(xs)
    assert autograd.sum(tuple(xs)).data == autograd.sum(dict.fromkeys(xs, 1)).data == 3.0
    assert autograd.sum(iter(xs)).data == 3.0
    assert autograd.sum(range(4)) == autograd.sum(np.arange(4)) == 6.0


def test_dot_wants_two_sequences_of_one_length() -> None:
    x = Value(1.0)
    with pytest.raises(ArgumentError, match="sequences of one length, but got 1 and 2 numbers"):
        autograd.dot([x], [1, 2])
    with pytest.raises(ArgumentTypeError, match="needs a sequence of numbers"):
        autograd.dot(x, x)
    with pytest.raises(ArgumentTypeError, match="needs a real number"):
        autograd.dot([x], ["a"])
    with pytest.raises(ArgumentTypeError, match="needs a real number"):
        autograd.dot([x], [1], "bias")


def test_backprop_and_trace_want_values() -> None:
    for wrong in (3.0, None, "x", [Value(1.0)]):
        with pytest.raises(ArgumentTypeError, match="needs a Value, but got"):
            backprop(wrong)  # type: ignore[arg-type]
        with pytest.raises(ArgumentTypeError, match="needs Values, but got"):
            autograd.trace(wrong)  # type: ignore[arg-type]


def test_scope_wants_a_name() -> None:
    with pytest.raises(ArgumentTypeError, match="needs a str, but got 3"):
        autograd.scope(3)  # type: ignore[arg-type]


def test_values_cannot_be_subclassed() -> None:
    with pytest.raises(ArgumentTypeError, match="cannot be subclassed"):
        type("Mine", (Value,), {})


def test_values_have_slots() -> None:
    x = Value(1.0)
    assert not hasattr(x, "__dict__")
    with pytest.raises(AttributeError):
        x.gradient = 1.0  # type: ignore[attr-defined]


def test_every_refusal_is_one_of_ours() -> None:
    for act in (lambda: Value("a"), lambda: autograd.exp("a"), lambda: autograd.sum(3), lambda: backprop(3),
                lambda: autograd.lookup("x y"), lambda: autograd.lookup([]), lambda: autograd.dot([1], [])):  # fmt: skip
        with pytest.raises(AutogradError):
            act()


@pytest.mark.parametrize("label", [3, None, b"a", ["a"]])
def test_a_label_set_later_is_a_str_too(label: Any) -> None:
    x = Value(1.0, "x")
    with pytest.raises(ArgumentTypeError, match="a label is a str, not"):
        x.label = label
    assert x.label == "x"


@pytest.mark.parametrize(
    "decorate", [grad, value_and_grad, jacobian, hessian, hvp, checkpoint], ids=lambda f: f.__name__
)
@pytest.mark.parametrize("wrong", [None, 3.0, "f"])
def test_what_is_no_function_is_refused_at_once(decorate: Any, wrong: Any) -> None:
    with pytest.raises(ArgumentTypeError, match="a function is needed, but got"):
        decorate(wrong)


def test_a_scope_set_later_is_a_str_too() -> None:
    u = Value(2.0) * 3.0
    with pytest.raises(ArgumentTypeError, match="a scope is a str, not 7"):
        u.scope = 7  # type: ignore[assignment]
    assert u.scope == ""
    u.scope = "layer0/neuron1"
    assert u.scope == "layer0/neuron1"


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda x: Value(), r"Value\(\) missing 1 required positional argument: 'data'"),
        (lambda x: Value(1.0, children=()), r"Value\(\) got an unexpected keyword"),
        (lambda x: int(x), r"write int\(value.data\)"),
        (lambda x: round(x), r"write round\(value.data\)"),
        (lambda x: round(x, 2), r"write round\(value.data\)"),
        (lambda x: Value("3"), r"float\(text\) reads the number in a text"),
        (lambda x: autograd.exp([x, x]), "take its items one by one"),
        (lambda x: backprop([x, x]), "take their sum, or see jacobian"),
    ],
)  # fmt: skip
def test_mistakes_are_answered_with_a_way_out(act: Any, said: str) -> None:
    with pytest.raises(TypeError, match=said):
        act(Value(1.0))


def test_inputs_of_a_forward_pass_are_not_given_by_name() -> None:
    x = Value(1.0, "x")
    with pytest.raises(
        NotInGraphError, match="'x' is not an input of this graph: inputs are given as"
    ):
        autograd.trace(x * 2.0).forward({"x": 3.0})  # type: ignore[dict-item]
