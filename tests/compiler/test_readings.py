"""However a function gets a plain number out of a Value, it is noticed: no branch is frozen."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import operator
import pickle
from collections.abc import Callable
from functools import partial, reduce
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Value
from autograd.compiler import EagerWarning, jit

TAKE, TAKE_BOTH = operator.attrgetter("data"), operator.attrgetter("label", "data")
CALL, GET, FIELD, ITEM = operator.methodcaller("item"), getattr, "data", Value.item
EACH = np.frompyfunc(lambda x: x.data, 1, 1)
LAYER = nn.Layer(2, 1, seed=0)


@dataclasses.dataclass
class Box:
    content: Any


def matched(x: Any) -> Any:
    match x:
        case Value(data=number):
            return number


def boxed(x: Any) -> Any:
    array = np.empty(1, dtype=object)
    array[0] = x
    return array


READ: dict[str, Callable[[Any], Any]] = {
    "x.data": lambda x: x.data,
    "getattr": lambda x: getattr(x, "data"),  # noqa: B009
    "getattr with a default": lambda x: getattr(x, "data", x),
    "another name for getattr": lambda x: GET(x, "data"),
    "a name in a global": lambda x: getattr(x, FIELD),
    "a computed name": lambda x: GET(x, "".join(["da", "ta"])),
    "getattr after hasattr": lambda x: getattr(x, "data") if hasattr(x, "data") else x,  # noqa: B009
    "attrgetter after hasattr": lambda x: TAKE(x) if hasattr(x, "data") else x,
    "another getattr after hasattr": lambda x: GET(x, "data") if hasattr(x, "data") else x,
    "match after hasattr": lambda x: matched(x) if hasattr(x, "data") else x,
    "all slots": lambda x: next(getattr(x, name) for name in Value.__slots__),
    "attrgetter": lambda x: operator.attrgetter("data")(x),
    "attrgetter in a global": lambda x: TAKE(x),
    "attrgetter of two": lambda x: TAKE_BOTH(x)[1],
    "methodcaller": lambda x: CALL(x),
    "match": matched,
    "partial": lambda x: partial(getattr, x)("data"),
    "reduce": lambda x: reduce(getattr, ["data"], x),
    "__getattribute__": lambda x: object.__getattribute__(x, "data"),
    "descriptor": lambda x: Value.__dict__["data"].__get__(x),
    "eval": lambda x: eval("x.data"),
    "format": lambda x: float("{.data}".format(x)),  # noqa: UP032
    "longer format": lambda x: float("it is {.data!r:>20} or so".format(x)[6:26]),  # noqa: UP032
    "text": lambda x: float(f"{x:.3f}"),
    "members": lambda x: dict(inspect.getmembers(x))["data"],
    "item": lambda x: x.item(),
    "item of the class": lambda x: Value.item(x),
    "item in a global": lambda x: ITEM(x),
    "parents": lambda x: (x * x).parents[0].data,
    "arguments": lambda x: (x * x).arguments[0].item(),
    "local_derivatives": lambda x: (x * x).local_derivatives[0],
    "local_derivatives by name": lambda x: GET(x * x, "local_derivatives")[1],
    "first derivative": lambda x: (x * x)._first_derivative,
    "second derivative": lambda x: (x * x)._second_derivative,
    "given to sum": lambda x: ag.sum(map(TAKE, [x])),
    "given to dot": lambda x: ag.dot(list(map(TAKE, [x])), [1.0]),
    "frompyfunc": lambda x: EACH(boxed(x))[0],
    "vectorize": lambda x: np.vectorize(TAKE, otypes=[float])(boxed(x))[0],
    "copy": lambda x: copy.copy(x),
    "deepcopy": lambda x: copy.deepcopy(x * 1.0),
    "asdict": lambda x: dataclasses.asdict(Box(x))["content"],
    "pickle": lambda x: pickle.loads(pickle.dumps(x)),
    "__reduce__": lambda x: x.__reduce__()[1][1],
    "trace": lambda x: ag.trace(x * 1.0).nodes[0].data,
    "forward": lambda x: ag.trace(x * 1.0).forward()[x],
    "accuracy": lambda x: 100.0 * nn.accuracy([[x, 50.0]], [0]),
    "backprop": lambda x: ag.backprop(x * x)[x],
}


@pytest.mark.parametrize("read", READ.values(), ids=READ.keys())
def test_a_branch_on_a_number_that_is_read(read: Callable[[Any], Any]) -> None:
    def f(x: Any) -> Any:
        return 2.0 * x if read(x) < 50.0 else ag.tanh(x)

    g = jit(f)
    with pytest.warns(EagerWarning, match="number of a Value|a text of|copies a|as plain numbers"):
        g(Value(1.0))
    for x in (2.0, 100.0, 3.0):
        assert g(Value(x)).data == f(Value(x)).data
    for slot in ("data", "grad", "_first_derivative", "_second_derivative"):
        assert type(vars(Value)[slot]).__name__ == "member_descriptor"


@pytest.mark.parametrize("read", [lambda: LAYER.weight.data, lambda: LAYER.state_dict()["weight"]])
def test_numbers_of_a_layer_that_are_read(
    read: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    g = jit(lambda x: x if read()[0][0] < 50.0 else -x)
    with pytest.warns(EagerWarning, match="reads the plain number of a Value"):
        assert g(Value(1.0)).data == 1.0
    monkeypatch.setattr(LAYER.weight.values[0], "data", 60.0)
    assert g(Value(1.0)).data == -1.0


def test_the_line_of_the_program_is_said_where_the_library_reads() -> None:
    g = jit(lambda x: x * ag.sum(map(TAKE, [x])))
    with pytest.warns(EagerWarning, match=r"\(line \d+ of .*test_readings"):
        g(Value(1.0))


def in_a_text(x: Any) -> Any:
    """The data: they are read by the engine alone."""
    return ag.dot([x, x], [getattr(x, "shape", 1.0), 2.0]) * ag.tanh(x) / {"data": 2.0}["data"]


GOOD: dict[str, Callable[[Any], Any]] = {
    "getattr": lambda x: ag.exp(getattr(math_like, "rate")) * x,  # noqa: B009
    "a text": in_a_text,
    "create_graph": lambda x: ag.backprop(x**3, create_graph=True)[x],
    "a loss": lambda x: getattr(nn, "mse_" + "loss")(LAYER([x, x]), [1.0]),
    "operators": lambda x: reduce(operator.mul, [x, x, 2.0]) + operator.methodcaller("exp")(x),
    "copies of other things": lambda x: ag.dot(copy.deepcopy([1.0, 2.0]), [x, x]),
    "class": lambda x: getattr(nn, "cross_" + "entropy")([LAYER([x, x]), 2.0], 1),
    "hasattr": lambda x: x if hasattr(x, "data") and hasattr(x, "grad") else Value(x),
    "hasattr and getattr": lambda x: asked(x) * getattr(math_like, "rate"),  # noqa: B009
    "logits": lambda x: getattr(nn, "softmax")([x, 2.0 * x])[0],  # noqa: B009
}


def asked(x: Any) -> Any:
    return x if hasattr(x, "data") else Value(x)


math_like = Box(0.0)
math_like.rate = 0.5  # type: ignore[attr-defined]


@pytest.mark.parametrize("f", GOOD.values(), ids=GOOD.keys())
def test_programs_that_read_nothing_are_compiled(f: Callable[[Any], Any]) -> None:
    g = jit(f)
    for x in (0.5, 1.5, 2.5):
        result = g(Value(x))
        assert result.op == "jit"
        assert result.data == pytest.approx(f(Value(x)).data, rel=1e-12)
