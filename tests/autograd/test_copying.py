"""copy, deepcopy and pickle: sharing is kept, depth does not matter, failures leave nothing behind."""

from __future__ import annotations

import copy
import io
import pickle
from collections.abc import Callable
from typing import Any

import pytest

import autograd
from autograd import AutogradError, Graph, Value, backprop, checkpoint, lookup, trace

PROTOCOLS = (0, 2, pickle.HIGHEST_PROTOCOL)
COPIES: list[Callable[[Any], Any]] = [
    copy.deepcopy,
    *[lambda x, p=p: pickle.loads(pickle.dumps(x, p)) for p in PROTOCOLS],
    lambda x: _python_pickle(x),
]
NAMES = ["deepcopy", *[f"pickle{p}" for p in PROTOCOLS], "python pickle"]
DEEP = 5_000


def _python_pickle(x: Any) -> Any:
    """By the pickler that is written in Python, which recurses on the Python stack."""
    file = io.BytesIO()
    pickle._Pickler(file).dump(x)  # type: ignore[attr-defined]
    file.seek(0)
    return pickle._Unpickler(file).load()  # type: ignore[attr-defined]


def example() -> tuple[Value, Value, Value]:
    x, w = Value(0.5, "x"), Value(-2.0, "w")
    with autograd.scope("layer"):
        y = autograd.dot([x, w, 3.0], [w, x, x], 1.5)
        z = y.tanh() * 2.0 + autograd.maximum(w, y) / x
    z.label = "z"
    z.backward()
    return x, w, z


def chain(length: int) -> Value:
    x = Value(1.0, "x")
    u = x
    for _ in range(length):
        u = u * 1.0 + x
    return u


def equal_nodes(a: Value, b: Value) -> bool:
    plain = ("data", "grad", "label", "scope", "op", "operation", "local_derivatives")
    return a is not b and all(getattr(a, name) == getattr(b, name) for name in plain)


@pytest.mark.parametrize("copied", COPIES, ids=NAMES)
def test_a_copy_has_the_same_shape_and_numbers(copied: Callable[[Any], Any]) -> None:
    *_, z = example()
    again = copied(z)
    originals, copies = trace(z), trace(again)
    assert len(originals) == len(copies)
    assert all(map(equal_nodes, originals, copies))
    for a, b in zip(originals, copies, strict=True):
        assert [originals.index(p) for p in a.parents] == [copies.index(p) for p in b.parents]
        constants = [type(c) is float and c for c in a.arguments]
        assert constants == [type(c) is float and c for c in b.arguments]
    assert list(backprop(z).values()) == list(backprop(again).values())
    assert list(copies.forward().values()) == list(originals.forward().values())


@pytest.mark.parametrize("copied", COPIES, ids=NAMES)
def test_sharing_is_kept_within_one_copy(copied: Callable[[Any], Any]) -> None:
    x, w, z = example()
    x2, z2, w2, again = copied([x, z, w, {"z": z, "x": x}])
    assert (again["z"], again["x"]) == (z2, x2)
    assert set(trace(z2).inputs) == {x2, w2}
    assert backprop(z2)[w2] == backprop(z)[w]


@pytest.mark.parametrize("copied", COPIES, ids=NAMES)
def test_an_output_before_or_after_its_inner_nodes(copied: Callable[[Any], Any]) -> None:
    x = Value(2.0)
    y = x * x
    z = y + x
    for order in ([x, y, z], [z, y, x], [y, z, x], [y, x, z, y]):
        found = copied(order)
        by_original = dict(zip(order, found, strict=True))
        assert by_original[z].parents == (by_original[y], by_original[x])
        assert by_original[y].parents == (by_original[x], by_original[x])


@pytest.mark.parametrize("copied", COPIES, ids=NAMES)
def test_depth_does_not_matter(copied: Callable[[Any], Any]) -> None:
    u = chain(DEEP)
    again = copied(u)
    assert len(trace(again)) == 2 * DEEP + 1
    assert backprop(again)[trace(again).inputs[0]] == backprop(u)[trace(u).inputs[0]]


@pytest.mark.parametrize("copied", COPIES, ids=NAMES)
def test_graphs(copied: Callable[[Any], Any]) -> None:
    x, w, z = example()
    graph = copied(trace(z, w))
    assert type(graph) is Graph
    assert len(graph) == len(trace(z))
    assert graph.outputs[1] in graph.inputs
    x2, graph = copied((x, trace(z)))
    assert x2 in graph


@pytest.mark.parametrize("copied", COPIES, ids=NAMES)
def test_gradient_tables(copied: Callable[[Any], Any]) -> None:
    x, w, z = example()
    table, x2, w2 = copied((backprop(z), x, w))
    assert list(table.values()) == list(backprop(z).values())
    assert table[x2] == backprop(z)[x]
    assert table[w2] == backprop(z)[w]
    assert str(table) == str(backprop(z))
    assert table == backprop(table.graph.output)


@pytest.mark.parametrize("copied", COPIES, ids=NAMES)
def test_tables_of_graph_b(copied: Callable[[Any], Any]) -> None:
    x, _, z = example()
    table, x2 = copied((backprop(z, create_graph=True), x))
    assert backprop(table[x2])[x2] == backprop(backprop(z, create_graph=True)[x])[x]


@pytest.mark.parametrize("copied", COPIES, ids=NAMES)
def test_value_tables(copied: Callable[[Any], Any]) -> None:
    x, _, z = example()
    table, x2 = copied((trace(z).forward({x: 3.0}), x))
    assert table[x2] == 3.0
    assert list(table.values()) == list(trace(z).forward({x: 3.0}).values())
    assert str(table) == str(trace(z).forward({x: 3.0}))


def test_deep_tables_and_graphs() -> None:
    u = chain(5000)
    for thing in (trace(u), backprop(u), trace(u).forward(), backprop(u, create_graph=True)):
        for copied in (copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))):
            assert len(copied(thing)) == len(thing)


def test_the_pickle_of_a_graph_of_many_outputs_holds_each_node_once() -> None:
    def size(n: int) -> int:
        u, outputs = Value(0.5), []
        for _ in range(n):
            outputs.append(u := u * 0.9)
        return len(pickle.dumps(trace(*outputs)))

    assert size(400) < 2.2 * size(200)


def test_a_shallow_copy_has_the_same_parents() -> None:
    x, _, z = example()
    twin = copy.copy(z)
    assert equal_nodes(z, twin)
    assert twin.parents == z.parents
    assert backprop(twin)[x] == backprop(z)[x]
    assert copy.copy(x).data == x.data


class Full:
    """A file on a full disk."""

    def __init__(self, room: int) -> None:
        self.room = room

    def write(self, data: bytes) -> int:
        self.room -= len(data)
        if self.room < 0:
            raise OSError("no space left on device")
        return len(data)


@pytest.mark.parametrize("room", [0, 100, 100_000])
def test_an_interrupted_dump_leaves_nothing_behind(room: int) -> None:
    inner = chain(DEEP)
    with pytest.raises(OSError, match="no space"):
        pickle.dump(inner + 1, Full(room))
    again = pickle.loads(pickle.dumps(inner))
    assert len(trace(again)) == 2 * DEEP + 1
    assert len(trace(pickle.loads(pickle.dumps([inner, inner + 1]))[0])) == 2 * DEEP + 1


def test_a_shallow_copy_leaves_nothing_behind() -> None:
    inner = chain(DEEP)
    copy.copy(inner + 1)
    assert len(trace(pickle.loads(pickle.dumps(inner)))) == 2 * DEEP + 1


def test_a_failed_deepcopy_leaves_nothing_behind() -> None:
    class Stubborn:
        def __deepcopy__(self, memo: Any) -> Any:
            raise RuntimeError("no")

    u = chain(100)
    with pytest.raises(RuntimeError):
        copy.deepcopy([u, Stubborn()])
    assert len(trace(copy.deepcopy(u))) == 201


def test_two_picklers_at_once() -> None:
    """Nodes met by one pickler are still unknown to another."""
    u = chain(3000)
    outer, inner = io.BytesIO(), io.BytesIO()

    class Nested:
        def __reduce__(self) -> Any:
            pickle.dump(u, inner)
            return (int, ())

    pickle.dump([u.parents[0], Nested(), u], outer)
    assert len(trace(pickle.loads(inner.getvalue()))) == 6001
    assert len(trace(pickle.loads(outer.getvalue())[2])) == 6001


def test_operations_are_pickled_by_name(own_rows: None) -> None:
    assert pickle.loads(pickle.dumps(lookup("tanh"))) is lookup("tanh")
    twice = autograd.define("twice", lambda x: 2 * x, lambda x, u: 2.0)
    u = twice(Value(1.0))
    assert copy.deepcopy(u).operation is u.operation
    assert pickle.loads(pickle.dumps(u)).operation is u.operation
    assert pickle.loads(pickle.dumps(u)).local_derivatives == (2.0,)


def test_a_checkpoint_is_copied_with_its_derivatives() -> None:
    x = Value(0.7)
    y = checkpoint(lambda v: (v * v).tanh())(x) * 2
    for again in (copy.deepcopy(y), pickle.loads(pickle.dumps(y)), copy.copy(y)):
        assert again.data == y.data
        assert list(backprop(again).values()) == list(backprop(y).values())


def test_the_inside_of_a_checkpoint_is_not_pickled_and_says_so() -> None:
    x = Value(0.7)
    again = pickle.loads(pickle.dumps(checkpoint(lambda v: v.tanh())(x)))
    for act in (lambda: trace(again).forward(), lambda: backprop(again, create_graph=True)):
        with pytest.raises(AutogradError, match="inside of this 'checkpoint' node was not copied"):
            act()


def test_a_deepcopied_checkpoint_is_complete_or_says_that_it_is_not() -> None:
    """Never a second derivative that silently leaves out what the function closed over."""
    x, w = Value(0.7), Value(0.3)
    y = checkpoint(lambda v: (v * w).tanh())(x)
    again, x2, w2 = copy.deepcopy((y, x, w))
    assert again.parents == (x2, w2)
    try:
        second = backprop(backprop(again, create_graph=True)[x2])[w2]
    except AutogradError:
        return
    assert second == backprop(backprop(y, create_graph=True)[x])[w]
