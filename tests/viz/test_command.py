"""The command line: its output, its files, and how it answers mistakes."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

import autograd
from autograd import AutogradError, Value, backprop, trace
from viz.command import main
from viz.expression import FUNCTIONS, LENGTH, evaluate
from viz.tokens import ExpressionError


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(arguments)
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_the_tables_of_an_expression(capsys: Any) -> None:
    status, out, err = run(capsys, "(a+b)*(b+1)", "a=2", "b=1")
    e = evaluate("(a+b)*(b+1)", {"a": 2.0, "b": 1.0})
    assert (status, err) == (0, "")
    assert out == (f"Forward pass\n\n{trace(e).forward()!r}\n\nBackward pass\n\n{backprop(e)!r}\n")
    assert out.splitlines()[-1].split() == ["u5", "u3·u4", "6", "1"]


def test_steps_are_those_of_the_graph(capsys: Any) -> None:
    _, out, _ = run(capsys, "c = a+b; d = b+1; e = c*d", "a=2", "b=1", "--steps")
    assert "   4  ∇[b] = ∇[c]·∂c/∂b + ∇[d]·∂d/∂b = 2·1 + 3·1 = 5\n" in out
    assert "   5  e = c·d = 3·2 = 6\n" in out


def test_explanations_of_several_names(capsys: Any) -> None:
    status, out, _ = run(capsys, "c=a*b; c*c", "a=2", "b=1", "--explain", "b", "--explain", "c")
    assert status == 0
    assert "∂u4/∂b = ∂u4/∂c·∂c/∂b = 4·2 = 8" in " ".join(out.split())
    assert out.count("The chain rule") == 2


def test_files_are_written(capsys: Any, tmp_path: Path) -> None:
    svg, html = tmp_path / "x.svg", tmp_path / "x.html"
    status, out, _ = run(capsys, "a*b", "a=2", "b=3", "--svg", str(svg), "--html", str(html))
    assert status == 0
    assert svg.read_text("utf-8").startswith("<svg")
    assert html.read_text("utf-8").startswith("<!doctype html>")
    assert out.endswith(f"\n\nwritten: {svg}\nwritten: {html}\n")


def test_an_expression_may_begin_with_minus_signs(capsys: Any) -> None:
    assert run(capsys, "--a*b", "a=2", "b=3")[0] == 0
    assert run(capsys, "---a", "a=2")[0] == 0


def test_a_file_that_cannot_be_written(capsys: Any, tmp_path: Path) -> None:
    status, _, err = run(capsys, "a*a", "a=2", "--svg", str(tmp_path / "no" / "x.svg"))
    assert status == 1
    assert "No such file" in err


def test_a_leading_minus_is_no_option(capsys: Any) -> None:
    assert run(capsys, "-a*b", "a=2", "b=3")[0] == 0
    assert run(capsys, "-a", "a=-2.5e-3")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "words", "place"),
    [
        (["a +", "a=1"], "ends too early", 3),
        (["a*)", "a=1"], "unexpected ')'", 2),
        (["(a", "a=1"], "')' is missing for the '('", 2),
        (["a b", "a=1", "b=1"], "an operator or the end", 2),
        (["a + c", "a=1"], "'c' has no value: add c=…", 4),
        (["2 * log(a)", "a=-1"], "log(x) needs x > 0, but x 'a' = -1.0", 4),
        (["a / (b - 1)", "a=1", "b=1"], "needs y ≠ 0", 2),
        (["x ** y", "x=-8", "y=.5"], "needs x ≥ 0", 2),
        (["10 ** 400 * a", "a=1"], "too large", 3),
        (["1e999 * a", "a=1"], "too large", 0),
        (["foo(a)", "a=1"], "no function 'foo'", 0),
        (["tanh(a, a)", "a=1"], "wrong number of arguments", 0),
        (["max()+a", "a=1"], "max of nothing", 0),
        (["sum([[a]])", "a=1"], "takes lists of numbers", 0),
        (["exp([a])", "a=1"], "takes numbers, not lists", 0),
        (["[a, 1]", "a=1"], "only inside a function", 0),
        (["dot([a], [1, 2])", "a=1"], "one length", 0),
        (["a ^ 2", "a=1"], "a power is written **", 2),
        (["a < 2", "a=1"], "unexpected '<'", 2),
        (["b = a; c = 1; c = 2", "a=1"], "'c' has a value already", 14),
        (["a; b", "a=1", "b=2"], "only the last part is shown", 0),
        (["c = a; a; c", "a=1"], "only the last part is shown", 7),
        (["d = a; c = a*b; a", "a=1", "b=2"], "'d' is not used in what follows", 0),
        (["a + b²³ ²", "a=1", "b=2"], "an operator or the end", 8),
        (["a" + "⁹" * 400, "a=1"], "too large", 1),
        (["²", "a=1"], "a number, a name", 0),
        (["a + c²", "a=1"], "'c' has no value: add c=…", 4),
        (["a + ½", "a=1"], "'½' is not a name", 4),
        (["|a|", "a=1"], "|x| is written abs(x)", 0),
        (["2 + 3"], "nothing to differentiate", 0),
        (["a", "a=1", "b=2"], "b is given but does not occur", 0),
        (["sigmoid + a", "a=1"], "needs its arguments", 0),
        (["__import__('os')"], "unexpected", 11),
        (["a.data", "a=1"], "unexpected '.'", 1),
        (["a", "a=x"], "'x' is not a number", 2),
        (["a", "a=inf"], "not a finite number", 2),
        (["a", "1a=2"], "not name=number", 0),
        (["a", "a"], "not name=number", 0),
        (["a", "-a=2"], "not name=number", 0),
        (["a", "a=1", "a=2"], "given twice", 0),
        (["a+b", "a", "=", "2", "b", "=", "1"], "write it without spaces, as a=2", 0),
        (["a", "a", "=2"], "write it without spaces, as a=2", 0),
        (["a", "a=", "2"], "write it without spaces, as a=2", 2),
        (["ln(a)", "a=1"], "no function 'ln': write log(x)", 0),
        (["pow(a, 2)", "a=1"], "no function 'pow': write x**y", 0),
        (["e**a", "a=1"], "'e' has no value: add e=…, or write exp(x) for e**x", 0),
        (["a", "a=1,5"], "'1,5' is not a number: write 1.5", 2),
        (["a", "a=-,5"], "'-,5' is not a number: write -.5", 2),
        (["a", "x=2,y=3"], "write spaces between the inputs, as in a=2 b=1", 2),
        (["a", "a=2,", "b=1"], "write spaces between the inputs, as in a=2 b=1", 2),
        (["a", "a=1/3"], "write it as a decimal, or put (1/3) into the expression", 2),
    ],
)
def test_a_mistake_is_pointed_at(capsys: Any, arguments: list[str], words: str, place: int) -> None:
    status, out, err = run(capsys, *arguments)
    assert (status, out) == (2, "")
    message, shown, caret = err.rstrip("\n").split("\n")
    assert message.startswith("gradtable: ")
    assert words in message
    assert caret.index("^") == place + 2
    assert "Traceback" not in err
    assert shown.strip()


def test_a_name_that_is_nowhere(capsys: Any) -> None:
    status, _, err = run(capsys, "a*b", "a=1", "b=2", "--explain", "c")
    assert (status, err) == (
        2,
        "gradtable: --explain c: there is no such node; there are: a, b, u3\n",
    )


def test_the_help_tells_the_signs_that_are_read(capsys: Any) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    text = capsys.readouterr().out
    for sign in ("pi", "**", "a × b", "a·b", "a ÷ b", "√(a)", "σ(a)", "a²"):
        assert sign in text
        part = {"pi": "pi*a", "**": "a**2"}.get(sign, sign)
        assert run(capsys, f"b + {part}", "a=2", "b=1")[0] == 0


def test_the_help_has_examples_that_work(capsys: Any, tmp_path: Path, monkeypatch: Any) -> None:
    import shlex

    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    monkeypatch.chdir(tmp_path)
    lines = capsys.readouterr().out.splitlines()
    examples = [line.strip() for line in lines if line.startswith("  gradtable ")]
    assert len(examples) >= 4
    for example in examples:
        assert main(shlex.split(example)[1:]) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["a*b", "--steps", "a=2", "b=1"],
        ["--steps", "a*b", "a=2", "b=1"],
        ["a*b", "a=2", "--steps", "b=1"],
        ["--explain", "b", "a*b", "--steps", "a=2", "b=1"],
        ["-a*-b", "a=2", "--explain=a", "b=1", "--steps"],
    ],
)
def test_options_stand_anywhere(capsys: Any, arguments: list[str]) -> None:
    status, out, err = run(capsys, *arguments)
    assert (status, err) == (0, "")
    assert out.startswith("Forward pass\n\n   1  a = 2\n   2  b = 1\n")
    assert ("The chain rule" in out) == any("--explain" in a for a in arguments)


def test_mistakes_between_options_are_pointed_at(capsys: Any) -> None:
    status, out, err = run(capsys, "a*b", "a=2", "--steps", "b=x")
    assert (status, out) == (2, "")
    assert "'x' is not a number" in err
    with pytest.raises(SystemExit) as stopped:
        main(["--steps"])
    assert stopped.value.code == 2
    assert "required: expression\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "path"), [("--svg", ""), ("--svg", "e.xyz"), ("--html", ""), ("--html", "e.svg")]
)
def test_files_whose_names_say_something_else_are_refused(
    capsys: Any, monkeypatch: Any, tmp_path: Path, option: str, path: str
) -> None:
    monkeypatch.chdir(tmp_path)
    status, out, err = run(capsys, "a*a", "a=2", option, path)
    assert (status, out, list(tmp_path.iterdir())) == (2, "", [])
    assert f"{option} needs the name of a file that ends in .{option[2:]}, not {path!r}" in err


def test_two_rows_of_one_name_are_refused(capsys: Any) -> None:
    status, out, err = run(capsys, "u3*b", "u3=2", "b=1")
    assert (status, out) == (2, "")
    assert "u3 is what the tables call a step without a name" in err
    assert run(capsys, "u1*u2", "u1=2", "u2=1")[0] == 0


def test_wrong_options_stop_with_2(capsys: Any) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["a", "a=1", "--nonsense"])
    assert stopped.value.code == 2


def test_it_runs_as_a_module_without_a_display_or_utf8(tmp_path: Path) -> None:
    root = str(Path(autograd.__file__).parents[1])
    quiet = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = subprocess.run(
        [sys.executable, "-m", "viz", "a*b", "a=2", "b=3", "--explain", "a"],
        capture_output=True,
        env={**quiet, "PYTHONPATH": root, "PYTHONIOENCODING": "ascii"},
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert b"gradient" in done.stdout


def test_a_closed_pipe_is_no_error() -> None:
    root = str(Path(autograd.__file__).parents[1])
    script = "import sys; from viz.command import main; sys.exit(main(['a*b', 'a=2', 'b=3']))"
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-c", script],
        stdout=writing,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": root, "PYTHONUNBUFFERED": "1"},
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


# ── what expressions mean ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-a**2", -4.0),
        ("2**-a", 0.25),
        ("2**a**3", 2.0**8),
        ("a - 3 - 4", -5.0),
        ("a / 4 / 2", 0.25),
        ("a * -3", -6.0),
        ("--a", 2.0),
        ("+a", 2.0),
        ("a*3 - 2*a", 2.0),
        ("(a + 1) * (a - 1)", 3.0),
        ("max(a, 3, 1)", 3.0),
        ("max([a, 1])", 2.0),
        ("sum(a, a, a)", 6.0),
        ("prod([a, 3])", 6.0),
        ("dot([a, 1], [3, 4], 5)", 15.0),
        ("where(step(a - 1), a, 0)", 2.0),
        ("clip(a, 0, 1)", 1.0),
        ("cos(pi * a)", 1.0),
        ("a − 1", 1.0),
        ("a × 3 ÷ 2", 3.0),
        (".5*a + 1.e1 + 1e-1", 11.1),
        ("c = a; c * c", 4.0),
        ("c = a\nd = c + 1\nd", 3.0),
        ("a;", 2.0),
        ("\nc = a;\n\nc + 1;\n", 3.0),
        ("a²", 4.0),
        ("-a²", -4.0),
        ("2**a³ - a⁻¹", 255.5),
        ("(a + 1)¹⁰/3¹⁰", 1.0),
        ("√(a²) + σ(a - 2)", 2.5),
    ],
)
def test_values(text: str, expected: float) -> None:
    assert evaluate(text, {"a": 2.0}).data == pytest.approx(expected, rel=1e-15)


def test_names_become_labels() -> None:
    output = evaluate("h = σ1*x; y = tanh(h)", {"σ1": 2.0, "x": 0.5})
    assert [node.label for node in trace(output).nodes] == ["σ1", "x", "h", "y"]


def test_every_function_of_the_list_can_be_called() -> None:
    for name in FUNCTIONS:
        call = {
            "maximum": "(a, b)", "minimum": "(a, b)", "clip": "(a, 0, 1)", "where": "(1, a, b)",
            "leaky_relu": "(a, .1)", "dot": "([a], [b])",
        }.get(name, "(a)")  # fmt: skip
        assert type(evaluate(f"{name}{call} + b", {"a": 0.5, "b": 0.25})) is Value


numbers = st.floats(0.1, 3).map(lambda x: round(x, 3))
programs = st.recursive(
    st.sampled_from(["a", "b", "1.5", "2"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]}{t[1]}{t[2]})"),
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(" ".join),
        inner.map(lambda t: f"-{t}"),
        inner.map(lambda t: f"({t})**2"),
    ),
    max_leaves=12,
)


@given(text=programs, a=numbers, b=numbers)
def test_expressions_mean_what_they_mean_in_python(text: str, a: float, b: float) -> None:
    text = f"a*b + ({text})"
    try:
        expected = eval(text, {"a": a, "b": b})  # made of the pieces above only
    except ArithmeticError:
        with pytest.raises(AutogradError):
            evaluate(text, {"a": a, "b": b})
        return
    if math.isfinite(expected):
        assert evaluate(text, {"a": a, "b": b}).data == pytest.approx(
            expected, rel=1e-12, abs=1e-12
        )


@given(st.text(max_size=60))
def test_any_text_is_computed_or_refused_in_words(text: str) -> None:
    try:
        result = evaluate(text, {})
    except ExpressionError as error:
        check_place(error, text)
    else:
        raise AssertionError(f"{text!r} has no variables, but gave {result!r}")


def check_place(error: ExpressionError, text: str) -> None:
    assert 0 <= error.place <= len(text)
    message = error.pointed()
    assert message.count("\n") == 2
    assert message.splitlines()[2].strip() == "^"


@given(st.lists(st.sampled_from([*"ab12+-*/()[],;=.", "**", "max(", "log(", " "]), max_size=25))
def test_any_pieces_are_computed_or_refused_in_words(pieces: list[str]) -> None:
    text = "".join(pieces)
    try:
        assert type(evaluate(text, {"a": 0.5, "b": 2.0})) is Value
    except ExpressionError as error:
        check_place(error, text)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000 + "a",
        "-" * 5000 + "a",
        "a" + "**a" * 3000,
        "[" * 3000,
        "max(" * 2000 + "a",
        "a+" * 4999 + "a",
        "a" * (LENGTH + 1),
        "9" * 400 + "*a",
        "a**9**9**9**9",
    ],
)
def test_excess_is_refused_and_not_followed(text: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        evaluate(text, {"a": 2.0})
    assert len(refused.value.pointed()) < 700


def test_a_long_expression_within_the_limits_is_computed() -> None:
    assert evaluate("+".join(["a"] * 1500), {"a": 1.0}).data == 1500.0


def test_the_caret_stays_under_the_place_in_a_long_text() -> None:
    text = "a+" * 100 + "§" + "+a" * 100
    with pytest.raises(ExpressionError) as refused:
        evaluate(text, {"a": 1.0})
    _, line, caret = refused.value.pointed().split("\n")
    assert line[caret.index("^")] == "§"


@pytest.mark.parametrize(
    ("text", "hint"),
    [("a < b", "step(b - a)"), ("where(a>bc, 1, 0)", "step(a - bc)"), ("a ^ 2", "written **")],
)
def test_what_python_would_read_otherwise_is_told_how_to_write(
    capsys: Any, text: str, hint: str
) -> None:
    status, _, err = run(capsys, text, "a=1", "b=2", "bc=2")
    assert status == 2
    assert hint in err.splitlines()[0]
