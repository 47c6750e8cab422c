"""How tables show themselves: aligned text, escaped HTML, long ones cut."""

from __future__ import annotations

from html.parser import HTMLParser
from math import inf, nan

import pytest

import autograd
from autograd import Value, backprop, trace
from autograd.display import factor_text, number_text, one_line, power_text, text_table

from .test_steps import example


def test_the_gradient_table_of_the_small_example() -> None:
    assert repr(backprop(example())) == str(backprop(example()))
    assert str(backprop(example())).splitlines() == [
        "node  label  operation  value  gradient",
        "────  ─────  ─────────  ─────  ────────",
        "u1    a                     2         2",
        "u2    b                     1         5",
        "u3    c      a + b          3         2",
        "u4    d      b + 1          2         3",
        "u5    e      c·d            6         1",
    ]


def test_the_value_table_of_a_forward_pass() -> None:
    e = example()
    a, b = trace(e).inputs
    assert str(trace(e).forward({a: -1, b: 0.5})).splitlines() == [
        "node  label  operation  value",
        "────  ─────  ─────────  ─────",
        "u1    a                 −1",
        "u2    b                  0.5",
        "u3    c      a + b      −0.5",
        "u4    d      b + 1       1.5",
        "u5    e      c·d        −0.75",
    ]


def test_numbers_are_aligned_at_the_decimal_point() -> None:
    xs = [Value(x) for x in (0.5, -12.25, 100.0, 1e-7, 3.0)]
    lines = str(backprop(autograd.sum(xs))).splitlines()
    column = [line[lines[0].index("value") - 6 :] for line in lines[2:7]]
    points = [cell.index(".") for cell in column if "." in cell]
    assert len(points) == 2
    assert len(set(points)) == 1


def test_the_table_of_graph_b_shows_the_numbers_of_its_nodes() -> None:
    e = example()
    assert str(backprop(e, create_graph=True)) == str(backprop(e))
    assert backprop(e, create_graph=True)._repr_html_() == backprop(e)._repr_html_()


@pytest.mark.parametrize("length", [60, 61, 500])
def test_long_tables_are_cut_in_the_middle(length: int) -> None:
    x = Value(1.0, "x")
    for _ in range(length - 1):
        x = x + 1
    for table in (backprop(x), trace(x).forward()):
        lines = str(table).splitlines()
        assert len(lines) == 2 + (60 if length <= 60 else 61)
        assert lines[-1].startswith(f"u{length} ")
        assert (f"{length - 60} more" in str(table)) == (length > 60)
        assert table._repr_html_().count("<tr>") == len(lines) - 1
        assert (f"{length - 60} more" in table._repr_html_()) == (length > 60)


class Page(HTMLParser):
    """The tags and the text cells of a piece of HTML."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.cells: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        if tag in ("td", "th", "caption"):
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        self.cells[-1] += data


def test_a_table_in_a_notebook() -> None:
    page = Page(backprop(example())._repr_html_())
    assert page.cells[0] == "Gradients of e"
    assert page.cells[1:6] == ["node", "label", "operation", "value", "gradient"]
    assert page.cells[-5:] == ["u5", "e", "c·d", "6", "1"]
    assert Page(trace(example()).forward()._repr_html_()).cells[0] == "Values"


HOSTILE = [
    "<script>alert(1)</script>",
    "</td></table><img src=x onerror=alert(1)>",
    "\" onmouseover='x'",
    "&lt;b&gt;",
    "a & b",
    "]]>",
    "{0} {label}",
    "%s",
    "\\",
    "line\nbreak",
    "\x00\x1b[2J",
    "\u202eright to left",
    "x" * 10_000,
    "   ",
    "|",
    "𝛁",
]


@pytest.mark.parametrize("label", HOSTILE, ids=range(len(HOSTILE)))
def test_labels_are_data(label: str) -> None:
    x, y = Value(2.0, label), Value(3.0, "y")
    u = x * y
    u.label = label
    table = backprop(u)
    page = Page(table._repr_html_())
    assert set(page.tags) == {"table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert len(page.cells) == 1 + 5 + 3 * 5
    assert page.cells[7] == one_line(label)
    lines = str(table).splitlines()
    assert len(lines) == 5
    assert all(line.isprintable() for line in lines)
    assert max(map(len, lines)) < 300


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (-1.5, "−1.5"),
        (1 / 3, "0.333333"),
        (1e20, "1e+20"),
        (-1e-20, "−1e−20"),
        (123456789.0, "1.23457e+08"),
        (inf, "∞"),
        (-inf, "−∞"),
        (nan, "nan"),
    ],
)
def test_numbers_as_text(x: float, text: str) -> None:
    assert number_text(x) == text
    assert factor_text(x) == (f"({text})" if text.startswith("−") else text)


@pytest.mark.parametrize(
    ("base", "exponent", "text"),
    [
        ("x", "2", "x²"),
        ("x", "−13", "x⁻¹³"),
        ("x", "y", "x^y"),
        ("x", "0.5", "x^(0.5)"),
        ("x", "a + b", "x^(a + b)"),
        ("x", "−y", "x^(−y)"),
    ],
)
def test_powers_as_text(base: str, exponent: str, text: str) -> None:
    assert power_text(base, exponent) == text


def test_a_table_without_rows_has_its_header() -> None:
    assert text_table(["a", "bb"], [], {1}).splitlines() == ["a  bb", "─  ──"]


def test_one_line_is_cut_and_printable() -> None:
    assert one_line("plain") == "plain"
    assert one_line("a\tb\n") == r"a\tb\n"
    assert one_line("x" * 50) == "x" * 39 + "…"
    assert one_line("x" * 40) == "x" * 40
    assert one_line("abc", 2) == "a…"


@pytest.mark.parametrize("label", ["x\u0302", "权重", "🎲", "ｘ", "e\u0301\u0332"])
def test_columns_are_aligned_by_what_a_terminal_shows(label: str) -> None:
    wide = {"x\u0302": 1, "权重": 4, "🎲": 2, "ｘ": 2, "e\u0301\u0332": 1}[label]
    header, _, first, second = str(trace(Value(1.0, label), Value(2.0, "other")).forward()).split(
        "\n"
    )
    assert first.index("1", 2) - len(label) + wide == second.index("2", 2) == len(header) - 1
