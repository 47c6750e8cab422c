"""Where a node belongs: "layer0/neuron1", below whatever scopes the caller has opened."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import repeat
from typing import Any

from autograd import Value
from autograd.contexts import current_scope, place


def full_path(path: str | None) -> str:
    """A module's path below the scopes that are open here."""
    outer = current_scope()
    return f"{outer}/{path}" if outer and path else outer or path or ""


def unit_paths(path: str | None, unit: str, n: int) -> tuple[str, ...]:
    """The paths of the n units of a module."""
    return _numbered(full_path(path), unit, n)


@lru_cache(maxsize=1024)
def _numbered(path: str, unit: str, n: int) -> tuple[str, ...]:
    prefix = f"{path}/{unit}" if path else unit
    return tuple([f"{prefix}{i}" for i in range(n)])


def put(nodes: Iterable[Any], path: str) -> None:
    """Say that fresh nodes belong to one path."""
    place([node for node in nodes if type(node) is Value], repeat(path))
