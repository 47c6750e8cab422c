"""f as it is: its calls taken apart, and run eagerly."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from itertools import islice
from math import isfinite
from typing import Any, NamedTuple

import numpy as np

from ..contexts import listening
from ..errors import ArgumentError, ArgumentTypeError, AutogradError
from ..gradients import gradients_of
from ..structure import leaves, mapped
from ..value import Value
from .agreement import agree
from .argument_gradients import ArgumentGradients
from .batches import Batch
from .calls import Call, read_once, shapes_of
from .draws import Draws
from .errors import EDGES, refuse_what_holds_no_number
from .tracing import Unwritten
from .watching import Watch

NUMBERS, VALUES, WHOLE = range(3)


class Outcome(NamedTuple):
    """What a run of f gave, or its problem, and the Values in the places of numbers."""

    result: Any
    values: list[Value]
    problem: Exception | None = None

    @property
    def is_final(self) -> bool:
        """Whether no other way can say more: NumPy carries on where Python and Values raise."""
        if self.problem is not None:
            return isinstance(self.problem, EDGES)
        return bool(self.values) or self.is_ordinary

    @property
    def is_ordinary(self) -> bool:
        """Whether it holds neither infinities nor complex numbers, where Values might raise."""
        return all(
            isfinite(x.data) if type(x) is Value else not isinstance(x, complex)
            for x in leaves(self.result)
        )


class Function:
    """f, of all its arguments or, with a `batch`, of one sample.

    It is run eagerly on NUMBERS as they are, on VALUES in the places of those that are inputs, or
    of the WHOLE numbers among the others, too.
    """

    def __init__(self, f: Callable[..., Any], batch: Batch | None) -> None:
        self.f, self.batch, self._names = f, batch, _names_of(f)
        self._took_numbers: set[Hashable] = set()  # the keys of calls for which that was enough
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
        return self._outcome(call).result

    def at_edge(self, call: Call) -> Any:
        """The same where a replay failed: on Values, as f was traced, if f takes those here."""
        return self._outcome_at_edge(call).result

    def of_one(self, call: Call) -> Any:
        """f of the arguments as they are, or else of Values; of a batch, for its first sample."""
        arguments = self.batch.sample(call, 0) if self.batch else call.arguments
        try:
            return _as_values(call.given_to(self.f, arguments))
        except EDGES:
            raise
        except Exception:  # f may need Values
            given, values = self.one(call).on_values()
        with _as_numbers(values):
            return _as_values(given.given_to(self.f, given.arguments))

    def _outcome_at_edge(self, call: Call) -> Outcome:
        outcome = self._tried(*self._given(call, VALUES))
        settled = outcome.is_final if outcome.problem else outcome.is_ordinary
        return _taken([outcome]) if settled else self._outcome(call)

    def _outcome(self, call: Call) -> Outcome:
        """In the first way that gives numbers or an error of arithmetic."""
        usual = call.key in self._took_numbers
        draws = None if usual else Draws(Watch(self.f, *call.objects).sources)
        outcomes: list[Outcome] = []
        for way in (NUMBERS, VALUES, WHOLE):
            given, values = self._given(call, way)
            if outcomes and len(values) == len(outcomes[-1].values):
                continue  # nothing is other than before
            outcomes.append(self._tried(given, values))
            if outcomes[-1].is_final:
                if way == NUMBERS and not outcomes[-1].problem:
                    self._took_numbers.add(call.key)
                break
            if draws and outcomes[-1].problem:
                draws.taken_back()
        return _taken(outcomes)

    def _given(self, call: Call, way: int) -> tuple[Call, list[Value]]:
        if way == NUMBERS:
            return call, []
        given, values = call.on_values(whole=way == WHOLE)
        return self._marked(given), values

    def _tried(self, call: Call, values: list[Value]) -> Outcome:
        try:
            with _as_numbers(values):
                return Outcome(self._run(call), values)
        except Exception as problem:
            return Outcome(None, values, problem)

    def _run(self, call: Call) -> Any:
        if self.batch is None:
            return _as_values(call.given_to(self.f, call.arguments))
        samples = [self.batch.sample(call, i) for i in range(self.batch.size(call))]
        return self.batch.reduced([_as_values(call.given_to(self.f, x)) for x in samples])

    def parts(self, result: Any) -> list[Any]:
        """The results of all samples where there is one for each, else the one result."""
        return result if self.batch and self.batch.reduce is None else [result]

    def value_and_gradients(
        self, call: Call, edge: bool = False
    ) -> tuple[float, Sequence[Any], dict[Value, float]]:
        """The value, its gradients by the arguments, and the gradient table."""
        output, values, _ = self._outcome_at_edge(call) if edge else self._outcome(call)
        if type(output) is not Value:
            raise ArgumentError(f"value_and_grad needs a function of one result, not {output!r}")
        table = dict(zip(*gradients_of(output), strict=True))
        for x in values:
            table.pop(x, None)
        later = partial(self._by_arguments, call, output.data)
        return output.data, ArgumentGradients(len(call.arguments), later), table

    def _by_arguments(self, call: Call, value: float) -> tuple[Any, ...]:
        """The gradients by the arguments; None for each where f takes plain numbers only."""
        for attempt in self._attempts(call):
            values, fresh = attempt.with_values()
            try:
                output = self._run(self._marked(attempt.like(values)))
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


@contextmanager
def _as_numbers(values: list[Value]) -> Iterator[None]:
    """Where Values stand for numbers, they are compared as such, as while tracing."""
    with listening(Unwritten(values, lambda: set(values))) if values else nullcontext():
        yield


def _taken(outcomes: list[Outcome]) -> Outcome:
    """The one that counts, if that is no error; else it is raised, and no frame keeps it."""
    outcome = outcomes[_which(outcomes)]
    outcomes.clear()
    problem = outcome.problem
    if problem is None:
        return outcome
    del outcome
    try:
        raise problem
    finally:
        del problem


def _which(outcomes: list[Outcome]) -> int:
    """An error of arithmetic, else the first result; else the error for numbers, or for Values
    where f wants what numbers do not have."""
    if isinstance(outcomes[-1].problem, EDGES):
        return -1
    results = [i for i, outcome in enumerate(outcomes) if outcome.problem is None]
    wanted = 1 if isinstance(outcomes[0].problem, AttributeError) else 0
    return results[0] if results else min(wanted, len(outcomes) - 1)


def _as_values(x: Any) -> Any:
    """Numbers as Values; what holds anything else, too, is left as it is."""
    try:
        return mapped(lambda leaf: leaf if type(leaf) is Value else Value(leaf), x)
    except ArgumentTypeError:
        refuse_what_holds_no_number(x)
        return x


def _names_of(f: Callable[..., Any]) -> list[str]:
    try:
        return [p.name for p in inspect.signature(f).parameters.values()
                if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]  # fmt: skip
    except (TypeError, ValueError):
        return []
