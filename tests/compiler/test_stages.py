"""Each stage by itself: trace, fuse, group, lay out, emit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import autograd as ag
from autograd import Value, lookup
from autograd.compiler.blocks import Block, View
from autograd.compiler.errors import NotCompilable
from autograd.compiler.fusing import fuse
from autograd.compiler.grouping import groups_of
from autograd.compiler.layout import Layout
from autograd.compiler.scalars import ARGUMENT, CONSTANT, NODE, PARAMETER, Scalars, scalars_of
from autograd.compiler.source import emit
from autograd.compiler.tracing import Recording, record
from autograd.compiler.views import view_of
from autograd.compiler.writing import Names, adjoint, read


def recorded(f: Any, arguments: list[Value]) -> Recording:
    plain = set(arguments)
    return record(lambda: f(*arguments), arguments, lambda: plain)


def program_of(f: Any, *numbers: float) -> Scalars:
    return scalars_of(recorded(f, [Value(x) for x in numbers]))


def operations(program: Scalars) -> list[str]:
    return [program.operations[i].name for i in program.in_order()]  # type: ignore[union-attr]


# ── trace ─────────────────────────────────────────────────────────────────────────────────────────


def test_trace_tells_apart_arguments_parameters_and_constants() -> None:
    w, unused, x = Value(2.0, "w"), Value(9.0), Value(3.0)
    recording = recorded(lambda v: ag.tanh(w * v) + Value(0.5) * 3.0, [x])
    assert (recording.parameters, recording.arguments, recording.single) == ([w], [x], True)
    assert unused not in recording.parameters
    program = scalars_of(recording)
    kinds = [program.kinds.count(k) for k in (ARGUMENT, PARAMETER, CONSTANT, NODE)]
    assert kinds[:2] == [1, 1]
    assert sorted({program.values[i] for i, k in enumerate(program.kinds) if k == CONSTANT}) == [
        0.5,
        3.0,
    ]


def test_trace_leaves_out_what_no_result_depends_on() -> None:
    def f(x: Any) -> Any:
        _ = ag.exp(x)
        return x * 2.0

    assert operations(program_of(f, 1.0)) == ["*"]


def test_trace_notes_comparisons_with_how_they_came_out() -> None:
    w = Value(2.0)
    recording = recorded(lambda x: x * 2.0 if w > x and x != 5.0 and 1.0 < 2.0 else x, [Value(1.0)])
    assert [(g.operator, g.outcome) for g in recording.guards] == [(">", True), ("==", False)]


@pytest.mark.parametrize("f", [lambda x: [x * 2.0, 3.0], lambda x: {"a": x, "b": None}])
def test_trace_refuses_results_that_are_no_values(f: Any) -> None:
    with pytest.raises(NotCompilable, match="no Value"):
        recorded(f, [Value(1.0)])


# ── fuse ──────────────────────────────────────────────────────────────────────────────────────────


def fused(f: Any, *numbers: float) -> list[str]:
    program = program_of(f, *numbers)
    fuse(program)
    return operations(program)


def test_fuse_makes_one_sum_of_a_chain_and_one_dot_of_products() -> None:
    assert fused(lambda a, b, c, d: a + b + c + d, 1, 2, 3, 4) == ["sum"]
    assert fused(lambda a, b, c, d: (a + b) + (c + d), 1, 2, 3, 4) == ["sum"]
    assert fused(lambda a, b, c, d: a * b + c * d, 1, 2, 3, 4) == ["dot"]
    assert fused(lambda a, b, c, d: a * b + c * d + a, 1, 2, 3, 4) == ["dot"]
    assert fused(lambda a, b: ag.dot([a, b], [b, a]) + a, 1, 2) == ["dot"]
    assert fused(lambda a, b: sum([a * b, b * b], 0.0), 1, 2) == ["dot"]


def test_fuse_keeps_what_is_used_elsewhere() -> None:
    def shared(a: Any, b: Any) -> Any:
        product, total = a * b, a + b
        return [product + a * a, product, total + a, total]

    assert sorted(fused(shared, 1.0, 2.0)) == ["*", "*", "+", "+", "+"]
    guarded = lambda a, b: a * b + b * b if (a * b) > -9.0 else a  # noqa: E731
    assert fused(guarded, 1.0, 2.0).count("*") == 1


# ── group ─────────────────────────────────────────────────────────────────────────────────────────


def groups(f: Any, *numbers: float) -> list[list[str]]:
    program = program_of(f, *numbers)
    found = groups_of(program, list(range(len(numbers))))
    return [[program.operations[i].name for i in group] for group in found]  # type: ignore[union-attr]


def test_group_puts_together_what_is_computed_alike() -> None:
    w = [Value(float(i)) for i in range(4)]
    assert groups(lambda x: ag.sum([ag.tanh(v * x) for v in w]), 1.0) == [
        ["*"] * 4,
        ["tanh"] * 4,
        ["sum"],
    ]
    two = lambda x: ag.sum([ag.tanh(w[0] * x), ag.tanh(ag.tanh(w[1] * x))])  # noqa: E731
    assert groups(two, 1.0) == [["*"] * 2, ["tanh"] * 2, ["tanh"], ["sum"]]
    assert len(groups(lambda x, y: ag.sum([w[0] * x, w[1] * y]), 1.0, 2.0)) == 3


def test_groups_come_after_what_they_depend_on() -> None:
    w = [Value(float(i)) for i in range(4)]
    program = program_of(lambda x: ag.sum([ag.tanh(v * x) * ag.sin(x) for v in w]), 1.0)
    seen: set[int] = set()
    for group in groups_of(program, [0]):
        for i in group:
            assert all(program.kinds[x] != NODE or x in seen for x in program.operands[i])
        seen.update(group)


# ── lay out ───────────────────────────────────────────────────────────────────────────────────────


def test_lay_out_finds_the_matrix_product() -> None:
    w = [[Value(1.0) for _ in range(3)] for _ in range(4)]
    numbers = [float(i) for i in range(6)]
    program = program_of(lambda *x: [ag.dot(r, x[a : a + 3]) for a in (0, 3) for r in w], *numbers)
    layout = Layout(program, [((2, 3), False)])
    for group in groups_of(program, [0] * 6):
        layout.place(group)
    (product,) = [b for b in layout.blocks if b.kind == NODE]
    assert (product.form, product.shape) == ("matmul", (2, 4))
    assert [v.block.kind for v in product.operands] == [ARGUMENT, PARAMETER]
    assert product.operands[0].whole
    assert not layout.scattered


def run(text: str, names: Names, **arrays: Any) -> Any:
    lines = "\n".join([*names.lines, f"result = {text}"])
    space = {"np": np, **names.constants, **arrays}
    exec(lines, space)
    return space["result"]


@st.composite
def placed(draw: Any) -> tuple[tuple[int, ...], Any]:
    """A shape, and positions in an array of it: any, or what slicing and turning gives."""
    shape = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=3)))
    positions = np.arange(int(np.prod(shape))).reshape(shape)
    for step in draw(st.lists(st.integers(0, 5), max_size=4)):
        if step == 0:
            positions = positions.T
        elif step == 1:
            positions = positions[..., :: draw(st.sampled_from([-1, 1, 2]))]
        elif step == 2:
            positions = positions.reshape(-1)
        elif step == 3 and positions.size:
            positions = np.repeat(positions[..., None], draw(st.integers(1, 3)), axis=-1)
        elif step == 4 and positions.ndim > 1:
            positions = positions[draw(st.integers(0, len(positions) - 1))]
        elif step == 5:
            flat = positions.ravel()
            picks = draw(st.lists(st.integers(0, len(flat) - 1), min_size=1, max_size=6))
            positions = flat[picks]
    return shape, np.ascontiguousarray(positions)


@given(placed(), st.booleans())
@settings(max_examples=300)
def test_a_view_is_read_and_its_gradient_goes_back(case: Any, batched: bool) -> None:
    shape, positions = case
    block = Block("leaf", shape, np.arange(int(np.prod(shape))), kind=ARGUMENT, batched=batched)
    block.name, samples = "a", 2
    view = view_of(block, positions)
    size = int(np.prod(shape))
    flat = np.random.default_rng(0).normal(size=(samples, size) if batched else size)
    array = flat.reshape((samples, *shape) if batched else shape)
    names = Names("a")
    got = run(read(view, names, full=True)[0], names, a=array)
    np.testing.assert_array_equal(got, flat[..., positions])
    gradient = np.random.default_rng(1).normal(size=np.shape(got))
    names = Names("a")
    back = run(adjoint(view, ("g", 70), batched, names)[0], names, a=array, g=gradient)
    expected = np.zeros_like(flat)
    for sample in range(samples) if batched else [...]:
        np.add.at(expected[sample], positions, gradient[sample])
    np.testing.assert_allclose(
        np.broadcast_to(back, array.shape), expected.reshape(array.shape), atol=1e-12
    )


# ── emit ──────────────────────────────────────────────────────────────────────────────────────────


def test_emit_writes_forward_and_backward_of_blocks() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    x = Block("leaf", (3,), np.arange(3), kind=ARGUMENT)
    w = Block("leaf", (3,), np.arange(3, 6), kind=PARAMETER)
    w.variable = True

    def whole(block: Block) -> View:
        return view_of(block, np.arange(block.size).reshape(block.shape))

    h = Block("map", (3,), nothing, [whole(w), whole(x)], lookup("*"))
    t = Block("map", (3,), np.arange(6, 9), [whole(h)], lookup("tanh"))
    y = Block("reduce", (), np.arange(9, 10), [whole(t)], lookup("sum"), axes=1)
    for block, name in zip((x, w, h, t, y), "xwhty", strict=True):
        block.name = name
    names = Names("")
    names.taken |= set("xwhty")
    source = emit([x, w, h, t, y], whole(y), [], None, names)
    space: dict[str, Any] = {"np": np}
    exec(source.text, space)
    a, b = np.array([0.1, 0.2, -0.3]), np.array([1.0, -2.0, 0.5])
    value, kept = space["forward"](a, b)
    assert value == pytest.approx(np.tanh(a * b).sum())
    (gradient,) = space["backward"](kept, *[{"x": a, "w": b}[n] for n in source.backward_inputs])
    np.testing.assert_allclose(gradient, a / np.cosh(a * b) ** 2)
    assert [block.name for block in source.gradients] == ["w"]
