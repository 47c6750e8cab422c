"""f as it is: its calls taken apart, and run eagerly."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..errors import ArgumentError, ArgumentTypeError
from ..gradients import gradients_of
from ..structure import mapped
from ..value import Value
from .batches import Batch
from .calls import Call, read_once


class Function:
    """f, of all its arguments or, with a `batch`, of one sample."""

    def __init__(self, f: Callable[..., Any], batch: Batch | None) -> None:
        self.f, self.batch, self._names = f, batch, _names_of(f)
        self._pattern: Call | None = None  # the latest call of arrays alone

    def call(self, arguments: tuple[Any, ...], named: dict[str, Any]) -> Call:
        """A call of f, taken apart."""
        if self._pattern and not named and (call := self._pattern.on(arguments)):
            return call
        everything = read_once((*arguments, *named.values()))
        call = self._marked(Call(everything, self._names, tuple(named)))
        if call.is_plain:
            self._pattern = call
        return call

    def _marked(self, call: Call) -> Call:
        return self.batch.marked(call) if self.batch else call

    def one(self, call: Call) -> Call:
        """What f itself is called with: of a batch, the first sample."""
        return self.batch.one(call) if self.batch else call

    def result(self, call: Call) -> Any:
        """f, run eagerly: its results as Values, taken together where there is a batch."""
        if self.batch is None:
            return _as_values(call.given_to(self.f, call.arguments))
        samples = [self.batch.sample(call, i) for i in range(self.batch.size(call))]
        return self.batch.reduced([_as_values(call.given_to(self.f, x)) for x in samples])

    def value_and_gradients(self, call: Call) -> tuple[float, tuple[Any, ...], dict[Value, float]]:
        """The value, its gradients by the arguments, and the gradient table."""
        output, by, fresh = self._with_values(call)
        if type(output) is not Value:
            raise ArgumentError(f"value_and_grad needs a function of one result, not {output!r}")
        table = dict(zip(*gradients_of(output), strict=True))
        rest = iter(fresh)
        found = [
            np.array([table.get(next(rest), 0.0) for _ in range(a.size)]).reshape(a.shape)
            for a in (by.arrays if fresh else ())
        ]
        if not fresh:
            return output.data, (None,) * len(call.arguments), table
        return output.data, tuple(by.with_arrays(found)), table

    def _with_values(self, call: Call) -> tuple[Any, Call, list[Value]]:
        """f on a Value for each number that it takes one for, and those Values."""
        for attempt in self._attempts(call):
            values, fresh = attempt.with_values()
            try:
                return self.result(self._marked(attempt.like(values))), attempt, fresh
            except Exception:  # f may need plain numbers
                continue
        return self.result(call), call, []

    def _attempts(self, call: Call) -> Iterator[Call]:
        yield call
        if call.has_whole_numbers:
            yield call.like(call.arguments, exact=True)


def _as_values(x: Any) -> Any:
    """Numbers as Values; what holds anything else is left as it is."""
    try:
        return mapped(lambda leaf: leaf if type(leaf) is Value else Value(leaf), x)
    except ArgumentTypeError:
        return x


def _names_of(f: Callable[..., Any]) -> list[str]:
    try:
        return [p.name for p in inspect.signature(f).parameters.values()
                if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]  # fmt: skip
    except (TypeError, ValueError):
        return []
