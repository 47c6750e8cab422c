"""Names for nodes: the variables they are bound to, as in names=locals()."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autograd import Value
from autograd.errors import ArgumentTypeError
from autograd.structure import is_array

LARGEST = 100_000  # things looked at; names are a convenience, not worth a long wait


def labels_of(names: Any) -> tuple[dict[Value, str], frozenset[Value]]:
    """The label of each node that is found, and which of them are parameters of a model."""
    if names is None:
        return {}, frozenset()
    if not isinstance(names, Mapping):
        raise ArgumentTypeError(
            f"names needs a mapping from names to Values, such as locals(), but got {names!r:.80}"
        )
    labels: dict[Value, str] = {}
    parameters: set[Value] = set()
    pending = [(name, thing) for name, thing in names.items() if _usable(name)][::-1]
    seen: set[int] = set()
    for _ in range(LARGEST):
        if not pending:
            break
        name, thing = pending.pop()
        if type(thing) is Value:
            if name.isidentifier() or not thing.label:  # w1 says more than model.weight[0][1]
                labels.setdefault(thing, name)
        elif id(thing) not in seen:
            seen.add(id(thing))
            found = _named_parameters(thing)
            parameters.update([node for _, node in found])
            inner = [(f"{name}.{key}", node) for key, node in found] or _items(name, thing)
            pending += reversed(inner)
    return labels, frozenset(parameters)


def _usable(name: Any) -> bool:
    """Not the names that an interactive Python keeps for itself."""
    return isinstance(name, str) and not name.startswith("_") and name not in ("In", "Out")


def _named_parameters(thing: Any) -> list[tuple[str, Value]]:
    """The parameters of a model, by their names in it."""
    method = getattr(type(thing), "named_parameters", None)
    if not callable(method):
        return []
    found = method(thing)
    pairs = found.items() if isinstance(found, Mapping) else found
    return [(str(name), node) for name, node in pairs if type(node) is Value]


def _items(name: str, thing: Any) -> list[tuple[str, Any]]:
    """What is in a list, tuple, dict or array, if it may be Values."""
    if is_array(thing):
        if thing.dtype != object:
            return []
        thing = thing.tolist()
    if isinstance(thing, Mapping):
        return [(f"{name}[{key!r:.20}]", item) for key, item in list(thing.items())[:LARGEST]]
    if isinstance(thing, Sequence) and not isinstance(thing, (str, bytes, range)):
        return [(f"{name}[{i}]", item) for i, item in enumerate(thing[:LARGEST])]
    return []
