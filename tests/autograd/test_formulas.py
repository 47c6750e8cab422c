"""Formulas: names and numbers sent through operations and rules, written in four styles."""

from __future__ import annotations

from math import inf, nan

import pytest

from autograd import ArgumentTypeError, Value, log, lookup, tanh, trace
from autograd.formulas import Formula, derivative_formulas, number_written
from autograd.operation import Operation

from .reading import text_value

x, y, z = Formula("x"), Formula("y"), Formula("z")

WRITTEN = [
    (x + y * z, "x + y * z", "x + y·z", r"x + y \cdot z"),
    ((x + y) * z, "(x + y) * z", "(x + y)·z", r"\left(x + y\right) \cdot z"),
    (x - (y - z), "x - (y - z)", "x − (y − z)", r"x - \left(y - z\right)"),
    ((x - y) - z, "x - y - z", "x − y − z", "x - y - z"),
    (x / (y / z), "x / (y / z)", "x / (y / z)", r"\frac{x}{\frac{y}{z}}"),
    (x / y * z, "x / y * z", "x / y·z", r"\frac{x}{y} \cdot z"),
    (x / (y * z), "x / (y * z)", "x / (y·z)", r"\frac{x}{y \cdot z}"),
    ((x + 1) ** 2, "math.pow(x + 1.0, 2.0)", "(x + 1)²", r"\left(x + 1\right)^{2}"),
    (x ** (y + 1), "math.pow(x, y + 1.0)", "x^(y + 1)", "x^{y + 1}"),
    (x**-1.0, "math.pow(x, -1.0)", "x⁻¹", "x^{-1}"),
    (-(x + y), "-(x + y)", "−(x + y)", r"-\left(x + y\right)"),
    (abs(x - y), "abs(x - y)", "|x − y|", r"\left|x - y\right|"),
    (2 * x, "2.0 * x", "2·x", r"2 \cdot x"),
    (1 - x, "1.0 - x", "1 − x", "1 - x"),
    (1 / x, "1.0 / x", "1 / x", r"\frac{1}{x}"),
    (2.0**x, "math.pow(2.0, x)", "2^x", "2^{x}"),
    (tanh(x + y), "math.tanh(x + y)", "tanh(x + y)", r"\tanh\left(x + y\right)"),
    (+x, "x", "x", "x"),
    (1e30**x, "math.pow(1e+30, x)", "(1e+30)^x", r"\left(1 \cdot 10^{30}\right)^{x}"),
    (x**1e30, "math.pow(x, 1e+30)", "x^(1e+30)", r"x^{1 \cdot 10^{30}}"),
    (1e30 * x, "1e+30 * x", "1e+30·x", r"1 \cdot 10^{30} \cdot x"),
    (x * 1e-9, "x * 1e-09", "x·1e−09", r"x \cdot \left(1 \cdot 10^{-9}\right)"),
    (x - 1e30, "x - 1e+30", "x − 1e+30", r"x - 1 \cdot 10^{30}"),
    (x - -1e30, "x - (-1e+30)", "x − (−1e+30)", r"x - \left(-1 \cdot 10^{30}\right)"),
    ((-3.0) ** x, "math.pow(-3.0, x)", "(−3)^x", r"\left(-3\right)^{x}"),
    (Formula(lookup("neg"), -x), "--x", "−(−x)", r"-\left(-x\right)"),
    (-(x * y), "-x * y", "−x·y", r"-x \cdot y"),
]


@pytest.mark.parametrize(
    ("formula", "python", "text", "latex"), WRITTEN, ids=[w[1] for w in WRITTEN]
)
def test_styles(formula: Formula, python: str, text: str, latex: str) -> None:
    assert formula.written("python") == python
    assert formula.written("text") == str(formula) == text
    assert formula.written("latex") == latex
    assert repr(formula) == f"Formula({python})"


def test_numbers_are_exact_in_programs_and_short_for_people() -> None:
    third = Formula(1 / 3)
    assert third.written("python") == third.written("array") == repr(1 / 3)
    assert third.written("text") == "0.333333"
    assert Formula(-1 / 3).written("latex") == "-0.333333"
    assert (x * -2.0).written("python") in ("x * -2.0", "x * (-2.0)")
    assert (x * -2.0).written("text") == "x·(−2)"


def test_rules_give_formulas() -> None:
    (rule,) = derivative_formulas(lookup("tanh"), [x], Formula("u"))
    assert str(rule) == "(1 − tanh(x)²)"
    by_x, by_y = derivative_formulas(lookup("*"), [x, y], Formula("u"))
    assert (str(by_x), str(by_y)) == ("y", "x")
    by_x, by_y = derivative_formulas(lookup("/"), [x, y], Formula("u"))
    assert str(by_x) == "1 / y"
    assert text_value(str(by_y), u=3.0, y=2.0) == -1.5
    (rule,) = derivative_formulas(lookup("+"), [x, y], Formula("u"))[:1]
    assert rule.written("python") == "1.0"


def test_the_textbooks_rule_is_shown_without_its_exceptions() -> None:
    by_x, by_y = derivative_formulas(lookup("**"), [x, y], Formula("u"))
    assert str(by_x) == "y·x^(y − 1)"
    assert str(by_y) == "u·log(x)"


def test_functions_of_the_package_take_formulas() -> None:
    assert str(log(x) + tanh(1.0)) == "log(x) + 0.761594"


def test_a_formula_has_no_truth_value() -> None:
    for act in (
        lambda: bool(x),
        lambda: x > 0,
        lambda: x <= 0,
        lambda: x == 0,
        lambda: x != 0,
        lambda: x in (0.0, 1.0),
        lambda: x in {0.0, 1.0},
        lambda: {0.0: 1.0}.get(x),  # type: ignore[call-overload]
    ):
        with pytest.raises(TypeError, match=r"no truth value: write where\(condition, x, y\)"):
            act()


def test_a_rule_gives_formulas_or_numbers() -> None:
    for wrong in ("x", None, [1.0]):
        row = Operation("wrong", "{0}", lambda x, u, wrong=wrong: wrong)
        with pytest.raises(ArgumentTypeError, match="a derivative of wrong needs a real number"):
            derivative_formulas(row, [x], Formula("u"))


@pytest.mark.parametrize("other", [None, [1.0], 1j, object()])
def test_only_numbers_and_formulas_are_operands(other: object) -> None:
    for act in (lambda: x + other, lambda: other - x, lambda: x**other, lambda: other / x):
        with pytest.raises(TypeError):
            act()


@pytest.mark.parametrize(
    "label",
    [
        r"\input{/etc/passwd}",
        "a_b",
        "50%",
        "{",
        "}",
        "$x$",
        "#1",
        "a^b",
        "~",
        "&",
        "x\ny",
        "\\",
        "∂",
    ],
)
def test_labels_cannot_break_out_of_latex(label: str) -> None:
    v = Value(2.0, label)
    latex = trace(v + 1).formula(trace(v + 1).output, "latex")
    plain = latex.replace(r"\{", "").replace(r"\}", "").replace("\\\\", "")
    assert plain.count("{") == plain.count("}")
    for character in "%$#&_~^":
        assert character not in plain.replace(f"\\{character}", "")
    assert r"\input" not in latex
    assert "\n" not in latex


@pytest.mark.parametrize(
    ("number", "latex"),
    [
        (-2.5, "-2.5"),
        (1e20, r"1 \cdot 10^{20}"),
        (-1e-7, r"-1 \cdot 10^{-7}"),
        (inf, r"\infty"),
        (-inf, r"-\infty"),
        (nan, r"\mathrm{nan}"),
    ],
)
def test_numbers_in_latex(number: float, latex: str) -> None:
    assert Formula(number).written("latex") == latex


@pytest.mark.parametrize(
    ("name", "numbers", "text"),
    [
        ("abs", [-3.0], "|−3|"),
        ("sigmoid", [-1.0], "σ(−1)"),
        ("clip", [-3.0, -1.0, 1.0], "clip(−3, −1, 1)"),
        ("**", [2.0, -2.0], "2⁻²"),
        ("**", [-2.0, -0.5], "(−2)^(−0.5)"),
        ("+", [-1.0, -2.0], "−1 + (−2)"),
        ("neg", [-1.0], "−(−1)"),
        ("dot", [-1.0, 2.0, -3.0], "(−1)·2 + (−3)"),
    ],
)
def test_numbers_are_put_in_brackets_once(name: str, numbers: list[float], text: str) -> None:
    assert Formula(lookup(name), *numbers).written("text") == text


def test_numbers_can_have_more_digits() -> None:
    numbers = [number_written(x, "text", ".3f") for x in (-1.0, -2.0)]
    assert lookup("+").written("text", numbers) == "−1.000 + (−2.000)"


def test_labels_of_one_letter_are_variables_in_latex() -> None:
    v = Value(2.0, "v")
    u = v.tanh()
    assert trace(u).formula(u, "latex") == r"\tanh\left(v\right)"
