"""In front of emitted source: what neither NumPy nor `math` has, so that the source runs alone."""

from __future__ import annotations

import inspect
import math
import operator
import re
from collections.abc import Callable
from typing import Any

from .. import numerics
from ..operations import prod_rule
from .code_names import names_in

_ERF = '''\
def erf_of(x):
    """erf, element by element."""
    return np.array([math.erf(v) for v in np.ravel(x)]).reshape(np.shape(x))
'''
_RULES = {"prod": prod_rule}


def standalone(text: str) -> str:
    """The source with the functions that it uses written out, and imported what is left."""
    functions: dict[str, Callable[..., Any]] = {}
    for name in dict.fromkeys(re.findall(r"\bnumerics\.(\w+)", text)):
        _add(functions, _own(name), getattr(numerics, name))
    text = re.sub(r"\bnumerics\.(\w+)", lambda found: _own(found[1]), text)
    for name, rule in _RULES.items():
        if (call := f"lookup({name!r}).rules(") in text:
            _add(functions, f"{name}_derivatives", rule)
            text = text.replace(call, f"{name}_derivatives(")
    written = [_source(name, function, functions) for name, function in functions.items()]
    if "arrays.erf(" in text:
        written.append(_ERF)
        text = text.replace("arrays.erf(", "erf_of(")
    everything = [*written, text]
    return "\n\n".join([*_imports("".join(everything), functions), *everything])


def _add(functions: dict[str, Callable[..., Any]], name: str, function: Callable[..., Any]) -> None:
    """A function, after those of ours that it calls itself."""
    for other in sorted(names_in(function.__code__)):
        if inspect.isfunction(getattr(numerics, other, None)):
            _add(functions, _own(other), getattr(numerics, other))
    functions[name] = function


def _own(name: str) -> str:
    """The name of a function of ours, which no array has."""
    return f"scalar_{name}"


def _source(name: str, function: Callable[..., Any], functions: dict[str, Any]) -> str:
    """The text of a function, in which our functions have their names here."""
    text = re.sub(r"\) -> [^:]+:", "):", inspect.getsource(function), count=1)
    text = re.sub(r"(\w+): (?:float|Many|Any)\b", r"\1", text)
    for own, other in functions.items():
        text = re.sub(rf"\b{other.__name__}\(", f"{own}(", text)
    return text


def _imports(text: str, functions: dict[str, Callable[..., Any]]) -> list[str]:
    used = {name for function in functions.values() for name in names_in(function.__code__)}
    used |= set(re.findall(r"(?<!['\w.])(?:nan|inf)\b", text))
    lines = ["import math"] if "math." in text else []
    if from_math := sorted(used & vars(math).keys()):
        lines.append(f"from math import {', '.join(from_math)}")
    if "accumulate(" in text:
        lines.append("from itertools import accumulate")
    if {"mul"} & used & vars(operator).keys():
        lines.append("from operator import mul")
    if "lookup(" in text:
        lines.append("from autograd.operation import lookup")
    return ["\n".join(lines) + "\n"] if lines else []
