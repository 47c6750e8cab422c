"""`define`: rows of one's own get everything that the built-in rows have."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import (
    ArgumentError,
    ArgumentTypeError,
    AutogradError,
    DomainError,
    RangeError,
    Value,
    backprop,
    check_gradients,
    define,
    lookup,
    operations,
    trace,
)
from autograd.eager import source_of
from autograd.formulas import Formula, derivative_formulas

from .checks import CHECKS

pytestmark = pytest.mark.usefixtures("own_rows")


def softsign() -> Any:
    return define("softsign", lambda x: x / (1 + abs(x)), lambda x, u: 1 / (1 + abs(x)) ** 2)


def hypotenuse() -> Any:
    return define(
        "hypotenuse", math.hypot, [lambda x, y, u: x / u, lambda x, y, u: y / u], array=np.hypot,
        text="√({0}² + {1}²)", latex=r"\sqrt{{{0}^2 + {1}^2}}",
    )  # fmt: skip


def mix() -> Any:
    return define(
        "mix",
        lambda x, y, t: x * (1 - t) + y * t,
        [lambda x, y, t, u: 1 - t, lambda x, y, t, u: t, lambda x, y, t, u: y - x],
    )


def root_mean_square() -> Any:
    return define(
        "root_mean_square",
        lambda *xs: math.sqrt(sum(x * x for x in xs) / len(xs)),
        lambda xs, u: [x / (u * len(xs)) for x in xs],
        any_number=True,
    )


def only_positive() -> Any:
    return define(
        "only_positive", lambda x: math.log(x) ** 2, lambda x, u: 2 * autograd.log(x) / x,
        array=lambda x: np.log(x) ** 2, domain=("x > 0", lambda x: x > 0),
    )  # fmt: skip


def with_a_branch() -> Any:
    """A rule that formulas cannot pass through: it asks for the sign of a number."""
    return define(
        "with_a_branch", lambda x: x * x if x > 0 else x, lambda x, u: 2 * x if x > 0 else 1.0
    )


def with_a_call() -> Any:
    """A rule that only Values can pass through with their graph: it calls a method."""
    return define("with_a_call", math.sin, lambda x, u: autograd.cos(x))


MAKERS: list[Callable[[], Any]] = [
    softsign, hypotenuse, mix, root_mean_square, only_positive, with_a_branch, with_a_call,
]  # fmt: skip
ON_ARRAYS = {"arrays_give_the_same_numbers", "edges_raise_or_are_as_ieee_has_it"}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_a_new_row_passes_what_the_built_in_rows_pass(
    make: Callable[[], Any], check: Callable[[Any], None]
) -> None:
    function = make()
    row = lookup(function.__name__)
    assert row in operations()
    assert not row.builtin
    if check.__name__.startswith("edges"):
        return  # Python's own functions raise where NumPy has inf: a user's row need not hide that
    if make is with_a_branch and check.__name__ in ON_ARRAYS:
        return  # a rule with a branch takes one number at a time
    check(row)


def test_the_example_of_the_documentation() -> None:
    f = softsign()
    x = Value(-3.0)
    u = f(x)
    assert (u.data, u.op) == (-0.75, "softsign")
    assert backprop(u)[x] == 1 / 16
    assert f(-3.0) == -0.75
    assert f(np.array([-3.0, 1.0])).tolist() == [-0.75, 0.5]
    assert [v.data for v in f(np.array([x, Value(1.0)]))] == [-0.75, 0.5]
    assert trace(u).formula(u) == "softsign(u1)"
    check_gradients(f, 0.3)
    assert f.__name__ == f.__qualname__ == "softsign"


def test_the_source_of_a_new_row_can_be_read() -> None:
    softsign()
    assert "def softsign(x):" in source_of("softsign")


def test_a_row_of_any_number_takes_a_sequence() -> None:
    f = root_mean_square()
    xs = [Value(3.0), Value(-4.0)]
    u = f(xs)
    assert u.parents == tuple(xs)
    assert u.data == math.sqrt(12.5)
    assert f([3, 4]) == u.data
    assert f(x for x in xs).data == u.data
    with pytest.raises(ArgumentError, match="of nothing"):
        f([])
    for wrong in (3.0, "ab", None):
        with pytest.raises(TypeError):
            f(wrong)


def test_the_domain_is_in_the_message() -> None:
    f = only_positive()
    with pytest.raises(DomainError, match=r"only_positive\(x\) needs x > 0, but x 'v' = -1.0"):
        f(Value(-1.0, "v"))


def geometric_mean() -> Any:
    return define(
        "geo",
        lambda *xs: math.exp(sum(map(math.log, xs)) / len(xs)),
        lambda xs, u: [u / len(xs) / x for x in xs],
        any_number=True,
        domain=("every x > 0", lambda *xs: all(x > 0 for x in xs)),
    )


def test_the_domain_of_any_number_of_arguments_is_in_the_message() -> None:
    f = geometric_mean()
    for arguments, shown in [
        ([Value(-1.0, "rate"), Value(2.0)], "'rate' = -1.0, 2.0"),
        ([-1.0, 2.0], "-1.0, 2.0"),
        ([-1.0] * 9, ", ".join(["-1.0"] * 8) + ", …"),
    ]:
        with pytest.raises(DomainError) as error:
            f(arguments)
        assert str(error.value) == f"geo needs every x > 0, but got [{shown}]"
    far = [Value(1e308, "far")] * 2
    total = define("total", lambda *xs: math.fsum(xs), lambda xs, u: [1.0] * 2, any_number=True)
    with pytest.raises(RangeError, match=r"^total of \['far' = 1e\+308, 'far' = 1e\+308\] is too"):
        total(far)


def test_the_domain_is_in_the_message_where_the_rule_has_no_names() -> None:
    f = define("root", math.sqrt, max, domain=("x ≥ 0", lambda x: x >= 0))
    with pytest.raises(DomainError, match=r"^root needs x ≥ 0, but got \['v' = -1.0\]$"):
        f(Value(-1.0, "v"))


def test_a_complex_result_is_outside_the_domain() -> None:
    """Python's own powers leave the real numbers without an error."""
    f = define("root", lambda x: x**0.5, lambda x, u: 0.5 / u, domain=("x ≥ 0", lambda x: x >= 0))
    g = define("power", lambda x: x**0.5, lambda x, u: 0.5 / u)
    assert f(Value(4.0)).local_derivatives == (0.25,)
    with pytest.raises(DomainError, match=r"^root\(x\) needs x ≥ 0, but x 'v' = -4.0$"):
        f(Value(-4.0, "v"))
    with pytest.raises(DomainError, match=r"^power\(x\) at x = -4.0: the result is complex: "):
        g(-4.0)
    with pytest.raises(ValueError, match="complex"):
        f(np.array([4.0, -4.0]))


def test_the_elements_of_arrays_are_real_numbers_too() -> None:
    f = define("nothing", lambda x: None, lambda x, u: 0.0)
    for x in (1.0, np.ones(2)):
        with pytest.raises(ArgumentTypeError, match="the result of nothing needs a real number"):
            f(x)


def test_display() -> None:
    f = hypotenuse()
    x, y = Value(3.0, "x"), Value(4.0, "y")
    graph = trace(f(x, y))
    assert graph.formula(graph.output) == "√(x² + y²)"
    assert str(list(graph.forward_steps())[-1]) == "u3 = √(x² + y²) = √(3² + 4²) = 5"


def test_results_are_floats_whatever_forward_returns() -> None:
    for name, forward in [
        ("whole", lambda x: 3),
        ("truth", lambda x: x > 0),
        ("of_numpy", lambda x: np.float64(x) * 2),
        ("single", lambda x: np.float32(x)),
    ]:
        f = define(name, forward, lambda x, u: 0.0)
        assert type(f(Value(1.0)).data) is float
        assert type(f(1.0)) is float


def test_derivatives_are_floats_whatever_rules_return() -> None:
    for name, rule in [
        ("whole", lambda x, u: 3),
        ("truth", lambda x, u: x > 0),
        ("of_numpy", lambda x, u: np.float64(3.0)),
    ]:
        x = Value(1.0)
        u = define(name, lambda x: x, rule)(x)
        assert u.local_derivatives[0] in (3.0, 1.0)
        assert isinstance(backprop(u)[x], float)
        assert backprop(u, create_graph=True)[x].data == u.local_derivatives[0]


def test_a_row_may_be_defined_again() -> None:
    first = define("again", lambda x: x, lambda x, u: 1.0)
    u = first(Value(2.0))
    second = define("again", lambda x: 10 * x, lambda x, u: 10.0)
    assert len([row for row in operations() if row.name == "again"]) == 1
    assert second(Value(2.0)).data == 20.0
    assert second(Value(2.0)).local_derivatives == (10.0,)
    assert backprop(u)[u.parents[0]] == 1.0, "nodes keep the row they were made with"


def test_a_function_of_a_row_that_was_replaced_is_never_half_and_half() -> None:
    first = define("again", lambda x: x, lambda x, u: 1.0)
    define("again", lambda x: 10 * x, lambda x, u: 10.0)
    v = first(Value(2.0))
    assert (v.data, v.local_derivatives) in [(2.0, (1.0,)), (20.0, (10.0,))]


@pytest.mark.parametrize("name", ["tanh", "sum", "where", "dtanh", "neg"])
def test_a_built_in_row_is_not_replaced(name: str) -> None:
    before = lookup(name)
    with pytest.raises(ArgumentError, match=f"there is an operation '{name}' already"):
        define(name, lambda x: x, lambda x, u: 1.0)
    assert lookup(name) is before
    assert Value(0.0).tanh().local_derivatives == (1.0,)


def test_a_refused_row_leaves_the_source_of_the_built_in_one() -> None:
    before = source_of("tanh")
    with pytest.raises(ArgumentError):
        define("tanh", lambda x: x, lambda x, u: 1.0)
    assert source_of("tanh") == before


@pytest.mark.parametrize(
    "name", ["", "a b", "+", "1x", "x.y", "f()", "lambda", "if", "None", 3, None, "x\n"]
)
def test_names_are_identifiers(name: Any) -> None:
    with pytest.raises(ArgumentError, match="identifier"):
        define(name, lambda x: x, lambda x, u: 1.0)


USED = (
    "x y a b u da db node new Value apply operation record lookup contexts math numerics nan inf "
    "as_number remember FAILURES float type NotImplemented self args _x __name__ int abs list"
)


@pytest.mark.parametrize("name", [n for n in USED.split() if n not in ("abs",)])
@pytest.mark.parametrize("count", [1, 2])
def test_any_identifier_will_do(name: str, count: int) -> None:
    """Also those that generated code uses itself."""
    if count == 1:
        f = define(name, lambda x: 1 / x, lambda x, u: -u * u)
        for x in (Value(2.0), Value(4.0)):
            assert f(x).data == 1 / x.data
            assert f(x).local_derivatives == (-1 / x.data**2,)
        assert f(2.0) == 0.5
        with pytest.raises(autograd.DivisionError):
            f(Value(0.0))
    else:
        f = define(name, lambda x, y: x / y, [lambda x, y, u: 1 / y, lambda x, y, u: -u / y])
        p, q = Value(1.0), Value(2.0)
        assert [f(*xs) for xs in ((1, 2),)] == [0.5]
        assert f(p, q).local_derivatives == (0.5, -0.25)
        assert f(p, 2).local_derivatives == (0.5,)
        assert f(1, q).local_derivatives == (-0.25,)
        with pytest.raises(autograd.DivisionError):
            f(p, 0)
        with pytest.raises(ArgumentTypeError):
            f(p, "a")


def test_names_beyond_ascii() -> None:
    f = define("größe", lambda x: 2 * x, lambda x, u: 2.0)
    assert f(Value(2.0)).op == "größe"


def test_a_name_is_as_python_has_it() -> None:
    """In identifiers ϕ and φ are one letter, as are the micro sign and μ."""
    for name, own in [("ϕ", "φ"), ("ϵ", "ε"), ("µ", "μ"), ("ﬁt", "fit")]:
        f = define(name, lambda x: 2 * x, lambda x, u: 2.0)
        assert (f.__name__, f(Value(2.0)).op) == (own, own)
        assert lookup(name) is lookup(own)
    for name in ("ｔanh", "ｉf"):
        with pytest.raises(ArgumentError, match=r"tanh|identifier"):
            define(name, lambda x: x, lambda x, u: 1.0)
    with pytest.raises(ArgumentError, match="no operation 'ℵ'"):
        lookup("ℵ")


def test_wrong_functions_are_refused_and_nothing_is_entered() -> None:
    before = operations()
    for forward in (None, 3, "x + 1"):
        with pytest.raises(ArgumentTypeError, match="forward must be a function"):
            define("wrong", forward, lambda x, u: 1.0)
    for neither in (None, 3, "x"):
        with pytest.raises(ArgumentTypeError, match="derivatives must be a function or functions"):
            define("wrong", lambda x: x, neither)
    for rule in (["x"], [lambda x, y, u: 1.0, None]):
        with pytest.raises(ArgumentTypeError, match="a derivative must be a function, not"):
            define("wrong", lambda x: x, rule)
    with pytest.raises(ArgumentError, match="one rule per argument is needed, got 0"):
        define("wrong", lambda x: x, [])
    with pytest.raises(ArgumentError, match="got 2"):
        define("wrong", lambda *xs: 0.0, [lambda xs, u: xs, lambda xs, u: xs], any_number=True)
    assert operations() == before
    with pytest.raises(ArgumentError):
        lookup("wrong")


def test_a_wrong_number_of_arguments_is_a_type_error() -> None:
    f, g, h = softsign(), hypotenuse(), mix()
    for act in (lambda: f(), lambda: f(Value(1.0), 2), lambda: g(Value(1.0)), lambda: g(1, 2, 3)):
        with pytest.raises(TypeError):
            act()
    for arguments in ((Value(1.0),), (1.0, 2.0), (1.0, Value(2.0), 3.0, 4.0)):
        with pytest.raises(TypeError):
            h(*arguments)


def test_errors_of_python_code_in_forward_come_through() -> None:
    """A mistake in the user's own code is not dressed up as a matter of domains."""
    f = define("mistaken", lambda x: x.no_such_thing, lambda x, u: 1.0)
    with pytest.raises(AttributeError, match="no_such_thing"):
        f(Value(1.0))
    g = define("mistaken", lambda x: x, lambda x, u: math.floor(x + "a"))
    with pytest.raises(TypeError):
        g(Value(1.0))


def test_a_list_of_the_wrong_length_is_noticed_when_the_node_is_made() -> None:
    f = define("short", lambda *xs: sum(xs), lambda xs, u: [1.0], any_number=True)
    with pytest.raises(TypeError, match="'short' gave 1 derivatives for 3 arguments"):
        f([Value(1.0), Value(2.0), Value(3.0)])


# ── rules that ask what their arguments are ───────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "rule",
    [
        lambda x, u: 0.5 if x == 0 else autograd.sign(x),
        lambda x, u: autograd.sign(x) if x != 0 else 0.5,
        lambda x, u: 0.5 if x in (0.0,) else autograd.sign(x),
        lambda x, u: 0.5 if x in {0.0} else autograd.sign(x),
        lambda x, u: {0.0: 0.5, 3.0: 1.0}[x],
        lambda x, u: 0.5 if not x else autograd.sign(x),
    ],
)
def test_a_rule_that_asks_for_the_number_is_asked_at_every_number(rule: Any) -> None:
    f = define("tri", abs, rule)
    assert f(Value(0.0)).local_derivatives == (0.5,)
    assert f(Value(3.0)).local_derivatives == (1.0,)


def test_a_rule_can_be_any_callable() -> None:
    class Scaled:
        def __call__(self, x: Any, u: Any) -> Any:
            return 3.0 * x

    for rule in (Scaled(), Scaled().__call__, functools.partial(lambda k, x, u: k * x, 3.0)):
        f = define(
            "scaled", lambda x: 1.5 * x * x / (x != 7), rule, domain=("x ≠ 7", lambda x: x != 7)
        )
        x = Value(2.0)
        assert f(x).local_derivatives == (6.0,)
        assert backprop(f(x), create_graph=True)[x].data == 6.0
        with pytest.raises(DomainError, match="x ≠ 7"):
            f(Value(7.0))


def test_a_function_written_in_c_need_not_say_what_it_takes() -> None:
    f = define("root", math.sqrt, max)
    assert f(Value(4.0)).local_derivatives == (4.0,)
    with pytest.raises(DomainError, match=r"root.*-1\.0"):
        f(Value(-1.0))


@pytest.mark.parametrize("edge", [math.inf, -math.inf, math.nan])
def test_rules_may_hold_what_has_no_literal(edge: float) -> None:
    chosen = define("chosen", lambda x: x * 1.0, lambda x, u: autograd.where(x, 1.0, edge))
    plain = define("plain", lambda x: x * 1.0, lambda x, u: edge)
    for f, x, expected in [(chosen, 0.0, edge), (chosen, 2.0, 1.0), (plain, 2.0, edge)]:
        u = f(Value(x))
        assert repr(u.local_derivatives) == repr((expected,))
        assert repr(backprop(u)[u.parents[0]]) == repr(expected)
        assert repr(backprop(u, create_graph=True)[u.parents[0]].data) == repr(expected)
    formula = derivative_formulas(lookup("chosen"), [Formula("x")], Formula("u"))[0]
    shown = {math.inf: "∞", -math.inf: "−∞"}.get(edge, "nan")
    assert formula.written("text") == f"(1 if x else {shown})"


# ── refusals ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("given", ["x", "__import__('os').getcwd()", None, 1j, [1.0]])
def test_a_rule_gives_numbers(given: Any) -> None:
    """A text above all is no formula: it is never run as a program."""
    f = define("wrong", abs, lambda x, u: given)
    g = define("wrongs", lambda *xs: 0.0, lambda xs, u: [given] * len(xs), any_number=True)
    message = "a derivative of 'wrong' needs a real number, but got "
    with pytest.raises(ArgumentTypeError, match=message):
        f(Value(1.0))
    with pytest.raises(ArgumentTypeError, match="a derivative of 'wrongs' needs a real number"):
        g([Value(1.0)])
    assert f(-1.0) == 1.0


@pytest.mark.parametrize("given", [Value(3.0, "w"), np.array([3.0])])
def test_a_rule_gives_of_numbers_a_number(given: Any) -> None:
    """A parameter in a rule, where its number was meant, is noticed when the node is made."""
    for rule in (lambda x, u: given, lambda x, u: given * 1.0):
        with pytest.raises(ArgumentTypeError, match="a derivative of 'wrong' needs a real number"):
            define("wrong", abs, rule)(Value(1.0))
    wrongs = define("wrongs", lambda *xs: 0.0, lambda xs, u: [given] * len(xs), any_number=True)
    with pytest.raises(ArgumentTypeError, match="a derivative of 'wrongs' needs a real number"):
        wrongs([Value(1.0)])


@pytest.mark.parametrize("given", [3.0, Value(3.0), "12", np.ones((2, 2))])
def test_a_row_of_any_number_refuses_what_is_no_sequence_of_numbers(given: Any) -> None:
    total = define("total", lambda *xs: sum(xs), lambda xs, u: [1.0] * len(xs), any_number=True)
    with pytest.raises(ArgumentTypeError, match=r"total\(…\) needs a sequence of numbers"):
        total(given)


def test_a_rule_of_any_number_gives_a_list() -> None:
    f = define("wrong", lambda *xs: 0.0, lambda xs, u: None, any_number=True)
    with pytest.raises(ArgumentTypeError, match="'wrong' gave None derivatives for 1 arguments"):
        f([Value(1.0)])


def test_functions_that_take_other_arguments_are_refused() -> None:
    before = operations()
    for act, what in [
        (lambda: define("wrong", abs, lambda x: 1.0), r"a derivative must take 2 arguments, .* u"),
        (lambda: define("wrong", abs, lambda: 1.0), r"a derivative must take 2 arguments"),
        (lambda: define("wrong", lambda: 1.0, lambda x, u: 1.0), "forward must take 1 argument,"),
        (lambda: define("wrong", lambda x: x, [lambda x, y, u: x] * 2), "forward must take 2"),
        (lambda: define("wrong", sum, lambda xs: xs, any_number=True), "a derivative must take 2"),
        (lambda: define("wrong", sum, lambda xs, u: xs, any_number=True),
         r"forward must take any number of arguments, but it takes \(iterable"),
        (lambda: define("wrong", abs, lambda x, u: x, domain=("x > 0", lambda: True)),
         r"domain must take 1 argument, but it takes \(\)"),
        (lambda: define("wrong", abs, lambda x, u: x, array=lambda x, y: x), "array must take 1"),
    ]:  # fmt: skip
        with pytest.raises(ArgumentTypeError, match=rf"define\('wrong'\): {what}"):
            act()
    assert operations() == before


def test_methods_are_refused_in_rules() -> None:
    before = operations()
    with pytest.raises(ArgumentTypeError, match=r"define\('wrong'\): .*exp\(x\), not x.exp\(\)"):
        define("wrong", math.exp, lambda x, u: x.exp())
    assert operations() == before


@pytest.mark.parametrize(
    ("argument", "wrong", "wanted"),
    [
        *[
            ("domain", wrong, "a condition in words and as a function")
            for wrong in (lambda x: x > 0, ("x > 0",), "x > 0", (), (lambda x: x > 0, "x > 0"))
        ],
        ("array", 5, "a function"),
        ("text", 5, "a template or a function"),
        ("latex", ["x"], "a template or a function"),
        ("symbol", 3, "a text"),
    ],
)
def test_what_else_is_given_is_looked_at(argument: str, wrong: Any, wanted: str) -> None:
    before = operations()
    with pytest.raises(
        ArgumentTypeError, match=rf"define\('wrong'\): {argument} must be {wanted}, not "
    ):
        define("wrong", abs, lambda x, u: 1.0, **{argument: wrong})
    assert operations() == before


@pytest.mark.parametrize("style", ["text", "latex"])
@pytest.mark.parametrize(
    "wrong",
    [
        "a{0}b{1}", "{", "}", "{x}", "{}{}", "{0.x}", "{0[y]}", "{0:d}", r"\frac{1}{x}",
        lambda: "x", lambda x, y: x, lambda x: x[7], lambda x: x + 1,
    ],
)  # fmt: skip
def test_notations_are_tried(style: str, wrong: Any) -> None:
    before = operations()
    with pytest.raises(ArgumentError, match=rf"define\('wrong'\): {style} .* with 1 argument:"):
        define("wrong", abs, lambda x, u: 1.0, **{style: wrong})
    assert operations() == before


def test_notations_of_any_number_of_arguments_are_tried() -> None:
    def total(text: Any) -> Any:
        return define(
            "total", lambda *xs: sum(xs), lambda xs, u: [1.0] * len(xs), any_number=True, text=text
        )

    for text, shown in [("T", "T(a, b)"), (lambda *xs: " & ".join(xs), "a & b")]:
        u = total(text)([Value(1.0, "a"), Value(2.0, "b")])
        assert trace(u).formula(u) == shown
    for wrong in (lambda x: x, lambda *xs: xs[2]):
        with pytest.raises(ArgumentError, match=r"define\('total'\): text .* with 2 arguments:"):
            total(wrong)
    with pytest.raises(ArgumentTypeError, match=r"text must be a name or a function, not 'T"):
        total("T({0})")


@pytest.mark.parametrize("style", ["text", "latex"])
@pytest.mark.parametrize("given", [3, None, b"x"])
def test_notations_are_texts(style: str, given: Any) -> None:
    how: Any = {style: lambda x: given}
    with pytest.raises(ArgumentTypeError, match=rf"{style} must give a text, not {given!r}"):
        define("wrong", abs, lambda x, u: 1.0, **how)


@pytest.mark.parametrize("argument", ["text", "latex", "symbol"])
def test_notations_are_one_line(argument: str) -> None:
    before = operations()
    for line in ("a\nb", "a\n", "a\u2028b", "a\rb"):
        with pytest.raises(ArgumentError, match=rf"{argument} must be one line, not 'a\\"):
            define("wrong", abs, lambda x, u: 1.0, **{argument: line})
    assert operations() == before


def test_a_rule_that_asks_whether_a_value_equals_a_number() -> None:
    f = define("spike", lambda x: x, lambda x, u: 5.0 if x == 0 else 1.0)
    u = f(Value(0.0))
    assert u.local_derivatives == (5.0,)
    with pytest.raises(AutogradError, match="rule of 'spike' asks what its arguments are, as in x"):
        backprop(u, create_graph=True)
