"""f as it is: its calls taken apart, and run eagerly."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any

import numpy as np

from ..errors import ArgumentError, ArgumentTypeError, AutogradError
from ..gradients import gradients_of
from ..structure import mapped
from ..value import Value
from .agreement import agree
from .argument_gradients import ArgumentGradients
from .batches import Batch
from .calls import Call, read_once, shapes_of


class Function:
    """f, of all its arguments or, with a `batch`, of one sample."""

    def __init__(self, f: Callable[..., Any], batch: Batch | None) -> None:
        self.f, self.batch, self._names = f, batch, _names_of(f)
        self._pattern: Call | None = None  # the latest call of arrays alone

    def call(self, arguments: tuple[Any, ...], named: dict[str, Any]) -> Call:
        """A call of f, taken apart."""
        if self._pattern and not named and shapes_of(arguments) == self._pattern.shapes:
            return self._pattern.on(arguments)
        everything = read_once((*arguments, *named.values()))
        call = self._marked(Call(everything, self._names, tuple(named)))
        if call.shapes is not None:
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

    def of_one(self, call: Call) -> Any:
        """The same; of a batch, for its first sample."""
        arguments = self.batch.sample(call, 0) if self.batch else call.arguments
        return _as_values(call.given_to(self.f, arguments))

    def parts(self, result: Any) -> list[Any]:
        """The results of all samples where there is one for each, else the one result."""
        return result if self.batch and self.batch.reduce is None else [result]

    def value_and_gradients(self, call: Call) -> tuple[float, Sequence[Any], dict[Value, float]]:
        """The value, its gradients by the arguments, and the gradient table."""
        output = self.result(call)
        if type(output) is not Value:
            raise ArgumentError(f"value_and_grad needs a function of one result, not {output!r}")
        table = dict(zip(*gradients_of(output), strict=True))
        later = partial(self._by_arguments, call, output.data)
        return output.data, ArgumentGradients(len(call.arguments), later), table

    def _by_arguments(self, call: Call, value: float) -> tuple[Any, ...]:
        """The gradients by the arguments; None for each where f takes plain numbers only."""
        for attempt in self._attempts(call):
            values, fresh = attempt.with_values()
            try:
                output = self.result(self._marked(attempt.like(values)))
            except Exception:  # f may need plain numbers
                continue
            if not agree(value, [output]):
                raise AutogradError(
                    f"there are no gradients by the arguments: f gives {output.data!r} for Values "
                    f"in the places of numbers, but {value!r} for those"
                )
            table = dict(zip(*gradients_of(output), strict=True))
            numbers = iter([table.get(x, 0.0) for x in fresh])
            found = [np.reshape(list(islice(numbers, a.size)), a.shape) for a in attempt.arrays]
            return tuple(attempt.with_arrays(found))
        return (None,) * len(call.arguments)

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
