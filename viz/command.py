"""The command `gradtable`: tables, steps, explanations, drawings and pages of an expression."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from math import isfinite
from pathlib import Path

from autograd import Value, __version__, backprop, trace
from autograd.errors import AutogradError

from .expression import evaluate
from .tokens import ExpressionError

_EXAMPLES = """\
examples:
  gradtable "(a+b)*(b+1)" a=2 b=1
  gradtable "c = a+b; d = b+1; c*d" a=2 b=1 --explain b
  gradtable "loss = (y - sigmoid(w*x + b))**2 / 2" y=0 w=.5 x=2 b=-1 --steps
  gradtable "dot([w1, w2], [x1, x2], b)" w1=1 w2=2 x1=3 x2=4 b=0 --svg neuron.svg --html neuron.html

An expression is made of numbers, names, pi, + - * / **, brackets and functions, or as the tables
have it: a × b, a·b, a ÷ b, a², √(a), σ(a). It is read and computed here and never run as Python.
Parts that are named (c = a+b;) appear under their names.
"""


_TOGETHER = "write it without spaces, as a=2"


class _Mistake(Exception):
    """Something in the arguments is wrong; the message says what and where."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command: 0 when all went well, 1 when a file cannot be written, 2 for a mistake."""
    _write_what_can_be_written()
    given = sys.argv[1:] if arguments is None else arguments
    try:
        return _run(_parser().parse_intermixed_args([_as_argument(a) for a in given]))
    except ExpressionError as error:
        return _complain(error.pointed(), 2)
    except (AutogradError, _Mistake) as error:
        return _complain(str(error), 2)
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _complain(f"{error.filename or 'output'}: {error.strerror}", 1)


def _complain(message: str, status: int) -> int:
    print(f"gradtable: {message}", file=sys.stderr)
    return status


def _write_what_can_be_written() -> None:
    """Show ∇ as ? on a terminal that has no ∇, instead of stopping."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _as_argument(text: str) -> str:
    """An expression may begin with a minus sign; a space keeps argparse from seeing an option."""
    is_option = text == "-h" or re.fullmatch("--[a-z]*(=.*)?", text, re.S)
    return f" {text}" if text.startswith("-") and not is_option else text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gradtable",
        description="Compute an expression and its derivatives, and show how.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("expression", help='such as "(a+b)*(b+1)"')
    parser.add_argument(
        "inputs", nargs="*", default=[], metavar="name=number", help="a value for each name"
    )
    parser.add_argument("--steps", action="store_true", help="write out every step of both passes")
    parser.add_argument(
        "--explain", metavar="NAME", action="append", default=[],
        help="the chain rule from the output to this name, path by path",
    )  # fmt: skip
    parser.add_argument("--svg", metavar="FILE", help="draw the graph")
    parser.add_argument("--html", metavar="FILE", help="write the page that steps through it")
    parser.add_argument("--version", action="version", version=f"gradtable {__version__}")
    return parser


def _run(options: argparse.Namespace) -> int:
    _check_endings(options)
    output = evaluate(options.expression.removeprefix(" "), _numbers(options.inputs))
    _check_rows(output)
    wanted = [_named(output, name) for name in options.explain]
    print(_steps(output) if options.steps else _tables(output))
    for node in wanted:
        from .explanation import explain

        print(f"\nThe chain rule\n\n{explain(output, node).text}")
    _write_files(output, options)
    return 0


def _check_endings(options: argparse.Namespace) -> None:
    """What a file is called says what is in it."""
    for option, path, endings in (
        ("--svg", options.svg, (".svg",)),
        ("--html", options.html, (".html", ".htm")),
    ):
        if path is not None and not path.lower().endswith(endings):
            raise _Mistake(
                f"{option} needs the name of a file that ends in {endings[0]}, not {path!r}"
            )


def _check_rows(output: Value) -> None:
    """A name such as u3 may not be that of a row without a name as well."""
    names: set[str] = set()
    for name in map(trace(output).name, trace(output).nodes):
        if name in names:
            raise _Mistake(f"{name} is what the tables call a step without a name: choose another")
        names.add(name)


def _numbers(inputs: Sequence[str]) -> dict[str, float]:
    """name=number for each."""
    numbers: dict[str, float] = {}
    for text in map(str.lstrip, inputs):
        name, equals, written = (part.strip() for part in text.partition("="))
        if not equals or not name.isidentifier():
            apart = any(t.strip().startswith("=") or t.endswith("=") for t in inputs)
            hint = f": {_TOGETHER}" if apart else ""
            raise _Mistake(f"{text!r} is not name=number{hint}\n{_caret(text, 0)}")
        if name in numbers:
            raise _Mistake(f"{name} is given twice\n{_caret(text, 0)}")
        numbers[name] = _number(written, text)
    return numbers


def _number(written: str, text: str) -> float:
    place = text.index("=") + 1
    try:
        x = float(written.replace("−", "-"))
    except ValueError:
        message = f"{written!r} is not a number{_hint(written)}"
        raise _Mistake(f"{message}\n{_caret(text, place)}") from None
    if not isfinite(x):
        raise _Mistake(f"{written} is not a finite number\n{_caret(text, place)}")
    return x


def _hint(written: str) -> str:
    """How it is written instead, where that can be told."""
    if not written:
        return f": {_TOGETHER}"
    if "=" in written or written.endswith((",", ";")):
        return ": write spaces between the inputs, as in a=2 b=1"
    if re.fullmatch(r"[-+−]?\d*,\d+", written):
        return f": write {written.replace(',', '.')}"
    return f": write it as a decimal, or put ({written}) into the expression" * ("/" in written)


def _caret(text: str, place: int) -> str:
    shown = "".join(c if c.isprintable() else " " for c in text[:72])
    return f"  {shown}\n  {' ' * place}^"


def _named(output: Value, name: str) -> Value:
    """The node of that label; u5 names one that has none."""
    graph = trace(output)
    for node in graph.nodes:
        if name in (node.label, "" if node.label else f"u{graph.index(node)}"):
            return node
    known = ", ".join(graph.name(node) for node in graph.nodes[:20])
    raise _Mistake(f"--explain {name}: there is no such node; there are: {known}")


def _tables(output: Value) -> str:
    return f"Forward pass\n\n{trace(output).forward()!r}\n\nBackward pass\n\n{backprop(output)!r}"


def _steps(output: Value) -> str:
    graph = trace(output)
    forward = [f"{j:>4}  {step!s}" for j, step in enumerate(graph.forward_steps(), 1)]
    backward = [f"{j:>4}  {step!s}" for j, step in enumerate(graph.backward_steps(), 1)]
    return "\n".join(["Forward pass", "", *forward, "", "Backward pass", "", *backward])


def _write_files(output: Value, options: argparse.Namespace) -> None:
    if options.svg or options.html:
        print()
    if options.svg:
        from .drawing import draw

        _write(options.svg, draw(backprop(output)).svg)
    if options.html:
        from .stepper import step

        _write(options.html, step(output).html)


def _write(path: str, text: str) -> None:
    Path(path).write_text(text, encoding="utf-8")
    print(f"written: {path}")
