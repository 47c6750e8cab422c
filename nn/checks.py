"""What public functions ask of their arguments, with errors that name the place and both sizes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from inspect import signature
from math import inf, isfinite, isinf
from operator import index
from typing import Any

from autograd import ArgumentError, ArgumentTypeError, Value
from autograd.real import as_number


def count(n: Any, what: str, least: int = 1) -> int:
    """n as an int that is at least `least`."""
    if isinstance(n, bool) or not hasattr(n, "__index__"):
        raise ArgumentTypeError(f"{what} is a whole number, not {n!r}")
    if index(n) < least:
        raise ArgumentError(f"{what} is at least {least}, not {n!r}")
    return index(n)


def real(x: Any, what: str, least: float = -inf, below: float = inf, most: float = inf) -> float:
    """x as a finite float with least ≤ x < below and x ≤ most; True and False are no amounts."""
    if isinstance(x, bool):
        raise ArgumentTypeError(f"{what} is a number, not {x!r}")
    return numeric(x, what, least, below, most)


def numeric(x: Any, what: str, least: float = -inf, below: float = inf, most: float = inf) -> float:
    """The same of data, where True is 1 and False is 0."""
    number = as_number(x)
    if number is None:
        raise ArgumentTypeError(f"{what} is a number, not {x!r}")
    if not least <= number < below or number > most or isinf(number):
        bounds = [("at least", least), ("below", below), ("at most", most)]
        allowed = " and ".join([f"{words} {bound:g}" for words, bound in bounds if isfinite(bound)])
        raise ArgumentError(f"{what} is {allowed or 'finite'}, not {x!r}")
    return number


def listed(x: Any, what: object) -> list[Any]:
    """A sequence or array as a list; one lone number as a list of one."""
    if type(x) is list:
        return x
    if type(x) is Value or as_number(x) is not None:
        return [x]
    if hasattr(x, "tolist"):  # NumPy's arrays; quicker than element by element
        return list(x.tolist())
    if isinstance(x, Iterable) and not isinstance(x, (str, bytes, dict, set)):
        return list(x)
    raise ArgumentTypeError(f"{what} needs a sequence of numbers, but got {x!r}")


def inputs_for(layer: object, x: Any, n: int) -> list[Any]:
    """The n inputs of a layer."""
    xs = listed(x, layer)
    if len(xs) != n:
        raise ArgumentError(f"{layer} needs {n} inputs, but got {len(xs)}")
    return xs


def shape_for(layer: object, shape: tuple[int, ...], n: int) -> None:
    """Refuse an input shape other than that of a list of n."""
    if tuple(shape) != (n,):
        raise ArgumentError(f"{layer} needs {n} inputs, but got the shape {shape}")


def function(f: Any, what: str) -> Any:
    """f, if it can be called."""
    if not callable(f):
        raise ArgumentTypeError(f"{what} is a function, not {f!r}")
    return f


def takes(f: Any, *arguments: Any, **named: Any) -> bool:
    """Whether f can be called with these, as far as it tells."""
    try:
        signature(f).bind(*arguments, **named)
    except TypeError:
        return False
    except ValueError:  # a function that does not tell
        return True
    return True


def takes_one(f: Any) -> bool:
    """Whether f is a function that can be called with one argument."""
    return callable(f) and not isinstance(f, type) and takes(f, None)


def how_made(f: Any) -> str:
    """What to write instead of what makes a layer, such as ReLU, to have the layer."""
    name = getattr(f, "__name__", "")
    if not name.isidentifier() or not (isinstance(f, type) or takes(f)):
        return ""
    return f"; write {name}({'' if takes(f) else '…'}) to make one"


def file_name(path: Any) -> str:
    """The name of a file; a number would be an open file of someone else."""
    try:
        name = os.fsdecode(path)
    except TypeError:
        raise ArgumentTypeError(f"a file is named by a path, not {path!r}") from None
    if not name or "\0" in name:
        raise ArgumentError(f"{path!r} is no name of a file")
    return name


def same_names(found: Any, wanted: Iterable[str], owner: str) -> None:
    """Refuse a state that has not exactly the entries wanted."""
    if not isinstance(found, Mapping):
        raise ArgumentTypeError(f"a state is a dict of names and numbers, not {found!r}")
    names = set(wanted)
    if missing := names - found.keys():
        raise ArgumentError(f"the state lacks {_listed(missing)}")
    if unknown := found.keys() - names:
        raise ArgumentError(f"the state has {_listed(unknown)}, but {owner} only {_listed(names)}")


def _listed(names: Iterable[Any]) -> str:
    return ", ".join(sorted(map(repr, names)))


def items(x: Any, what: str) -> Any:
    """x, if it is a sequence or an array."""
    if isinstance(x, (str, bytes, dict, set)) or not hasattr(x, "__len__"):
        raise ArgumentTypeError(f"{what} needs sequences of numbers, but got {x!r}")
    return x


def same_length(xs: Sequence[Any], ys: Sequence[Any], what: str) -> int:
    """The common length of two sequences, which is not 0."""
    items(xs, what), items(ys, what)
    if len(xs) != len(ys):
        raise ArgumentError(
            f"{what} needs as many inputs as targets, but got {len(xs)} and {len(ys)}"
        )
    if not len(xs):
        raise ArgumentError(f"{what} needs at least one sample, but got none")
    return len(xs)
