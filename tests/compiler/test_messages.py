"""What is said of arguments that do not fit, and of those that make a program useless."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn
from autograd import ArgumentError, EagerWarning, Value, dot, jit

WEIGHTS = [Value(1.0), Value(2.0)]
X = [[1.0, 2.0]] * 4
Y = [1.0, 2.0, 3.0]


def loss(x: Any, y: Any, *more: Any, **named: Any) -> Any:
    return (dot(WEIGHTS, x) - y) ** 2


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda f: f(X, Y), "but x has 4, y has 3"),
        (lambda f: f(Y, X), "but x has 3, y has 4"),
        (lambda f: f(np.array(X), np.array(Y)), "but x has 4, y has 3"),
        (lambda f: f(X, y=Y), "but x has 4, y has 3"),
        (lambda f: f(X, [*Y, 4.0], Y, z=Y), "but x has 4, y has 4, x3 has 3, z has 3"),
        (lambda f: f([], []), "but x has 0, y has 0"),
        (lambda f: f(X, {"a": Y}), "but x has 4, y has 3"),
        (lambda f: f(X, nn.Sequential(nn.ReLU())), "but x has 4, y has 1"),
        (lambda f: f(X, ["a", "b"]), "but x has 4, y has 2"),
        (lambda f: f(X, [[1.0], [1.0, 2.0]]), "but x has 4, y has parts of unlike lengths"),
        (lambda f: f(X, [1.0, None, 2.0, 3.0]), "but x has 4, y has parts of unlike lengths"),
        (lambda f: f(), "but there are no arguments"),
    ],
)
def test_numbers_of_samples_are_named_in_the_order_of_arguments(
    call: Callable[[Any], Any], words: str
) -> None:
    with pytest.raises(ArgumentError) as caught:
        call(jit(loss, batch=True))
    assert str(caught.value).endswith(words)


@pytest.mark.parametrize("whole", [1, 1.0, True, np.int64(1), np.array(1.0), Value(1.0)])
def test_a_single_number_has_no_axis_of_samples(whole: Any) -> None:
    for x, n in ((X, 4), ([1, 2], 2)):
        with pytest.raises(ArgumentError, match=f"but x has {n}, y is a single number") as caught:
            jit(loss, batch=True)(x, whole)
        advice = "which has no axis of samples: jit(f, batch=(True, False)) says so"
        assert str(caught.value).endswith(advice)
    assert jit(loss, batch=(True, False))(X, whole).data == 16.0


@pytest.mark.parametrize("thing", [None, ..., {1, 2}, "text", {"a": 1.0}])
def test_other_things_without_an_axis_of_samples(thing: Any) -> None:
    with pytest.raises(ArgumentError) as caught:
        jit(loss, batch=True)(X, 1.0, mode=thing)
    assert "y is a single number, which has no axis of samples" in str(caught.value)
    assert f"mode is {thing!r}, which has no axis" in str(caught.value)
    assert str(caught.value).endswith("jit(f, batch=(True, False, False)) says so")


def test_samples_that_are_texts_are_counted() -> None:
    f = jit(lambda x, kind: WEIGHTS[0] * x if kind == "double" else x, batch=True)
    assert f([3.0, 5.0], ["double", "double"]).data == 4.0


@pytest.mark.parametrize(
    ("f", "arguments", "words"),
    [
        (lambda x: x**2, (3,), "x = 3 is a whole number and so part of the program; write 3.0"),
        (lambda x: x**2, (np.int64(-3),), "x = -3 is a whole number .* write -3.0 to make it an"),
        (lambda a, b: a * b + a, (2, 3), "a = 2 is a whole number .* write 2.0"),
        (lambda x, n: [x**2, n], (2.0, 3), "n = 3 is a whole number .* write 3.0"),
        (lambda *xs: xs[0] + xs[1], (2, 3), "x1 = 2 is a whole number"),
    ],
)
def test_a_whole_number_that_is_part_of_a_program(
    f: Any, arguments: tuple[Any, ...], words: str
) -> None:
    with pytest.warns(EagerWarning, match="no Value: in a program it would never change; " + words):
        jit(f)(*arguments)


def test_a_whole_number_given_by_name() -> None:
    with pytest.warns(EagerWarning, match="; n = 5 is a whole number"):
        jit(lambda n: n + 1)(n=5)


@pytest.mark.parametrize(
    ("f", "arguments"),
    [
        (lambda x: [x, 7], (2.0,)),
        (lambda x, flag: [x, 7], (2.0, True)),
        (lambda x, n: [x, "text"], (2.0, 3)),
        (lambda x, n: [x, float(x), n], (2.0, 3)),
    ],
)
def test_where_no_whole_number_is_at_fault_none_is_named(
    f: Any, arguments: tuple[Any, ...]
) -> None:
    with pytest.warns(EagerWarning) as said:
        jit(f)(*arguments)
    assert "whole number" not in str(said[0].message)
