"""The source runs alone: with NumPy, with JAX's arrays, and as the README shows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Value, define
from autograd.compiler import jit

rng = np.random.default_rng(0)
CLASSES = np.array([0, 3, 1, 1, 2])
ONE_HOT = np.eye(4)[[0, 1, 2, 3, 0]]


def mlp(reduce: str | None = "mean") -> Any:
    model = nn.MLP(3, [8, 4], seed=1)
    f = jit(lambda x, y: nn.cross_entropy(model(x), y), batch=True, reduce=reduce)
    return f, (rng.normal(size=(5, 3)), ONE_HOT)


def one_sample() -> Any:
    model = nn.MLP(6, [8, 4], seed=1)
    return jit(lambda x, y: nn.cross_entropy(model(x), y)), (rng.normal(size=6), ONE_HOT[2])


def by_hand() -> Any:
    """micrograd's way: one * and one + at a time, a hinge loss and weight decay."""
    w = [[Value(x) for x in row] for row in rng.normal(size=(4, 2))]
    b = [Value(x) for x in rng.normal(size=4)]
    v = [Value(x) for x in rng.normal(size=4)]

    def loss(xs: Any, ys: Any) -> Any:
        hidden = [[(sum((a * c for a, c in zip(r, x, strict=True)), d)).tanh() for r, d in zip(w, b, strict=True)] for x in xs]  # fmt: skip
        scores = [sum(a * c for a, c in zip(v, h, strict=True)) for h in hidden]
        losses = [(1 + -y * s).relu() for y, s in zip(ys, scores, strict=True)]
        return sum(losses) * (1.0 / len(losses)) + 1e-3 * sum(p * p for r in w for p in r)

    return jit(loss), (rng.normal(size=(6, 2)), np.array([1.0, -1.0, 1.0, 1.0, -1.0, -1.0]))


def convolution() -> Any:
    model = nn.Sequential(
        nn.Conv2d(1, 2, 3, padding=1, seed=1), nn.MaxPool2d(2), nn.Flatten(),
        nn.Layer(8, 4, seed=2),
    )  # fmt: skip
    f = jit(lambda x, y: nn.cross_entropy(model(x), y), batch=True)
    return f, (rng.normal(size=(5, 1, 4, 4)), ONE_HOT)


def recurrent() -> Any:
    cell, out = nn.RNNCell(1, 3, seed=1), nn.Neuron(3, seed=2)
    f = jit(lambda xs, t: nn.mse_loss(out(cell.unrolled([[x] for x in xs])[-1]), t), batch=True)
    return f, (rng.normal(size=(5, 4)), rng.normal(size=5))


def every_operation() -> Any:
    w = [Value(0.3 + 0.1 * i) for i in range(4)]
    smooth = [
        ag.exp,
        ag.log,
        ag.sqrt,
        ag.sin,
        ag.sigmoid,
        ag.softplus,
        ag.erf,
        ag.leaky_relu,
        ag.tan,
    ]

    def one(x: Any) -> Any:
        parts = [op(w[0] * x + 0.5) for op in smooth]
        parts += [
            w[1] ** x,
            x**3,
            ag.maximum(w[2], x),
            ag.clip(w[3] * x, 0.1, 0.2),
            1.0 / (x + w[0]),
        ]
        return ag.logsumexp(parts) + ag.max(parts) + ag.prod([w[0], x, w[1] * x]) + ag.min([x, *w])

    return jit(lambda xs: ag.sum([one(x) for x in xs])), (np.linspace(0.1, 0.9, 9),)


def classes() -> Any:
    model = nn.MLP(3, [4], seed=1)
    return jit(lambda x, t: nn.cross_entropy([model(r) for r in x], t)), (rng.normal(size=(5, 3)), CLASSES)  # fmt: skip


def fixed_classes() -> Any:
    model = nn.MLP(3, [4], seed=1)
    return jit(lambda x: nn.cross_entropy([model(r) for r in x], CLASSES)), (rng.normal(size=(5, 3)),)  # fmt: skip


PROGRAMS: list[Callable[[], Any]] = [
    mlp, one_sample, by_hand, convolution, recurrent, every_operation, classes,
    fixed_classes,
]  # fmt: skip


def run_alone(f: Any, arguments: Any, arrays: Any) -> tuple[float, list[Any]]:
    """The value and the gradients by parameters, by the source and an array library alone."""
    names: dict[str, Any] = {"np": arrays}
    exec(f.source, names)
    everything: dict[str, Any] = {**f.parameters, **f.constants}
    code = names["forward"].__code__
    own = [n for n in code.co_varnames[: code.co_argcount] if n not in everything]
    inputs = [x for x in arguments if isinstance(x, np.ndarray)]
    everything |= dict(zip(own, inputs, strict=False))
    everything = {n: arrays.asarray(x) for n, x in everything.items()}

    def called(name: str, *first: Any) -> Any:
        code = names[name].__code__
        wanted = code.co_varnames[len(first) : code.co_argcount]
        return names[name](*first, *[everything[n] for n in wanted])

    value, kept = called("forward")[:2]
    return float(value), [np.asarray(g) for g in called("backward", kept)]


@pytest.mark.parametrize("program", PROGRAMS)
def test_alone_with_numpy(program: Callable[[], Any]) -> None:
    f, arguments = program()
    value, _, gradients = f.value_and_grad(*arguments)
    alone, found = run_alone(f, arguments, np)
    assert alone == pytest.approx(value, rel=1e-13)
    for own, expected in zip(found, gradients.values(), strict=True):
        np.testing.assert_allclose(own, expected, rtol=1e-12)


def test_products_of_vectors_are_written_with_dot() -> None:
    """For one sample that takes half the time of `@`, of which the most is overhead."""
    f, (x, y) = one_sample()
    f(x, y)
    lines = [line.strip() for line in f.source.splitlines()]
    assert " @ " not in f.source
    assert "z1 = layer0_weight.dot(x) + layer0_bias" in lines
    assert "dot = y.dot(z2)" in lines
    assert "dh1 = dz2.dot(layer1_weight)" in lines
    assert "dlayer1_weight = dz2[:, None].dot(h1[None])" in lines
    inputs = [Value(number) for number in x]
    table = ag.backprop(f.function.f(inputs, y))
    by_x = f.value_and_grad(x, y)[1][0]
    assert by_x == pytest.approx([table[v] for v in inputs], rel=1e-12)


@pytest.mark.long
@pytest.mark.parametrize("program", PROGRAMS)
def test_with_the_arrays_of_jax(program: Callable[[], Any]) -> None:
    jax = pytest.importorskip("jax", reason="JAX is not installed")
    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp

    f, arguments = program()
    value, _, gradients = f.value_and_grad(*arguments)
    alone, found = run_alone(f, arguments, jnp)
    assert alone == pytest.approx(value, rel=1e-12)
    for own, expected in zip(found, gradients.values(), strict=True):
        np.testing.assert_allclose(own, expected, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("program", [mlp, one_sample, by_hand, convolution, recurrent])
def test_compiled_by_jax(program: Callable[[], Any]) -> None:
    """jax.jit of the source gives the same, and jax.grad of its forward pass our gradients."""
    jax = pytest.importorskip("jax", reason="JAX is not installed")
    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp

    f, arguments = program()
    value, _, gradients = f.value_and_grad(*arguments)
    names: dict[str, Any] = {"np": jnp}
    exec(f.source, names)
    code = names["forward"].__code__
    wanted = code.co_varnames[: code.co_argcount]
    known = {**f.parameters, **f.constants}
    given = iter(arguments)
    everything = [known[n] if n in known else next(given) for n in wanted]
    places = [i for i, n in enumerate(wanted) if n in f.parameters]
    run = jax.jit(lambda *xs: names["forward"](*xs)[0])
    assert float(run(*everything)) == pytest.approx(value, rel=1e-12)
    found = jax.jit(jax.grad(lambda *xs: names["forward"](*xs)[0], argnums=places))(*everything)
    for name, own in zip([wanted[i] for i in places], found, strict=True):
        np.testing.assert_allclose(own, gradients[name], rtol=1e-9, atol=1e-13)


def test_a_straight_line_runs_alone() -> None:
    w = [Value(0.3), Value(0.4)]
    f = jit(lambda x: ag.tanh(ag.sigmoid(w[0] * x) + ag.softplus(w[1]) ** 2 + ag.erf(x)))
    value = f(0.5).data
    names: dict[str, Any] = {}
    exec(f.source, names)
    result, kept = names["forward"](0.5, 0.3, 0.4)
    assert result == value
    table = ag.backprop(f(0.5))
    assert names["backward"](kept, 0.5, 0.3, 0.4)[1:] == [table[v] for v in w]


def test_an_operation_of_ones_own_is_imported() -> None:
    soft = define("softsign_here", lambda x: x / (1 + abs(x)), lambda x, u: 1 / (1 + abs(x)) ** 2)
    w = Value(0.5)
    f = jit(lambda xs: ag.sum([soft(w * x) for x in xs]))
    xs = np.linspace(-1.0, 1.0, 9)
    value, _, gradients = f.value_and_grad(xs)
    alone, found = run_alone(f, (xs,), np)
    assert alone == value
    assert found[0] == pytest.approx(next(iter(gradients.values())))


def test_labels_never_reach_the_source() -> None:
    w = [Value(1.0, f"x; import os  # {i}") for i in range(3)]
    f = jit(lambda **named: ag.dot(w, named["class"]) * 2.0)
    f(**{"class": np.ones(3)})
    assert "import" not in f.source.replace("import_os", "")
    compile(f.source, "source", "exec")
