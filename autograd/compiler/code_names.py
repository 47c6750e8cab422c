"""What code names, and where it belongs."""

from __future__ import annotations

import re
import sys
from functools import cache
from types import CodeType
from typing import Any

import numpy as np

ELSEWHERE = "*"  # a name that stands for all, where there is code that is not looked at
_NAMES = re.compile(r"^\w+$|(?<=\.)\w+(?=[^{]*\})")
_OURS = ("autograd", "nn", "viz", "numpy")


@cache
def is_foreign(module: str | None) -> bool:
    """Whether a module belongs to Python, to an installed package, or to this library."""
    package = (module or "builtins").split(".")[0]
    return package in _OURS or package in sys.stdlib_module_names or is_installed(module)


@cache
def is_installed(module: str | None) -> bool:
    """Whether a module belongs to a package, of others, that is installed."""
    file = getattr(sys.modules.get(module or ""), "__file__", None) or ""
    installed = "site-packages" in file or "dist-packages" in file
    return installed and (module or "").split(".")[0] not in _OURS


def name_of(item: Any) -> str:
    """What an object without code can be known by."""
    if item is getattr or (isinstance(item, np.ufunc) and not hasattr(np, item.__name__)):
        return ELSEWHERE  # under another name, and made by np.frompyfunc
    return type(item).__name__


def names_in(code: CodeType) -> set[str]:
    """The globals and attributes that a function names."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= names_in(constant)
    return names


def texts_in(code: CodeType) -> set[str]:
    """What its texts may name: "data", and "{0.data}" for `format`."""
    found, pending = set[str](), list(code.co_consts)
    while pending:
        constant = pending.pop()
        if isinstance(constant, str):
            found.update(_NAMES.findall(constant))
        elif isinstance(constant, (tuple, frozenset)):
            pending.extend(constant)
        elif isinstance(constant, CodeType):
            pending.extend(constant.co_consts)
    return found
