"""`checkpoint`: store less, compute more."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from math import isnan

from .apply import node_of
from .contexts import observing, recording
from .derivatives import needs_function
from .errors import AutogradError
from .gradients import gradients_of, graph_of_gradients
from .operation import Operation
from .structure import leaves, mapped
from .value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """f, keeping only its inputs and outputs; backprop evaluates it again to see inside.

    Values that f closes over (a layer's weights) are inputs too; they must not change before
    backprop, and a copied graph goes on computing with the same ones. So are Values that are given
    by name. Where f gives several results, each is recomputed when backprop reaches it.
    """

    needs_function(f)

    @wraps(f)
    def checkpointed(*arguments: Any, **options: Any) -> Any:
        own = partial(f, **options) if options else f
        arguments = tuple(mapped(lambda x: x, list(arguments)))  # whose lists may be changed later
        given = [x for x in leaves(list(arguments)) if type(x) is Value]
        numbers = [x.data for x in given]
        outputs, made, inside = _run(own, arguments, numbers)
        closed_over = _closed_over(outputs, made, inside)
        positions = iter(range(len(list(leaves(outputs)))))

        def shortened(output: Any) -> Any:
            position = next(positions)
            if type(output) is not Value or output not in made:
                return given[inside.index(output)] if output in inside else output
            return _Hidden(own, arguments, closed_over, output.data, position).node(given)

        return mapped(shortened, outputs)

    return checkpointed


def _run(
    f: Any, arguments: Any, numbers: list[float]
) -> tuple[Any, dict[Value, None], list[Value]]:
    """f with fresh Values for those among its arguments: the result, what was made, and those."""
    fresh = [Value(x) for x in numbers]
    made: dict[Value, None] = {}

    def note(node: Value) -> None:
        made[node] = None

    with recording(), observing(note):
        outputs = f(*_replaced(arguments, fresh))
    return outputs, made, fresh


def _replaced(arguments: Any, values: list[Value]) -> Any:
    """The arguments with other Values in the place of the Values."""
    replacements = iter(values)
    return mapped(lambda x: next(replacements) if type(x) is Value else x, list(arguments))


def _closed_over(outputs: Any, made: dict[Value, None], fresh: list[Value]) -> list[Value]:
    """The nodes from outside that the outputs were computed from, but for the arguments."""
    used = {x: None for x in leaves(outputs) if type(x) is Value and x in made}
    for node in reversed(made):
        if node in used:
            used |= dict.fromkeys(node.parents)
    own = {*made, *fresh}
    return [node for node in used if node not in own]


class _Hidden:
    """One result of f: what is needed to compute it again."""

    def __init__(
        self, f: Any, arguments: Any, closed_over: list[Value], data: float, position: int
    ) -> None:
        self.f, self.arguments, self.closed_over = f, arguments, closed_over
        self.weights = [x.data for x in closed_over]
        self.data, self.position = data, position

    def node(self, given: list[Value]) -> Value:
        """The node that stands for the result, on f's arguments and closed-over Values."""
        numbers = [x.data for x in given]

        def local_derivatives() -> tuple[float, ...]:
            output, fresh = self.output(numbers)
            self.check(output.data)
            known = [*fresh, *self.closed_over]
            return tuple(gradients_of(output, known)[1][: len(known)])

        def rules(parents: Any, u: Any) -> list[Any]:
            """For graph B: f on the parents themselves, so that the gradient depends on them."""
            renamed = [+x for x in parents[: len(given)]]
            with recording():
                outputs = self.f(*_replaced(self.arguments, renamed))
            output = list(leaves(outputs))[self.position]
            self.check(output.data)
            known = [*renamed, *self.closed_over]
            return graph_of_gradients(output, known)[1][: len(known)]

        def forward(*inputs: float) -> float:
            """For a replay: f on other arguments, with what it closes over as it was."""
            if [*inputs[len(given) :]] != [node.data for node in self.closed_over]:
                raise AutogradError("a checkpointed function cannot be replayed on other weights")
            return self.output(list(inputs[: len(given)]))[0].data

        operation = Operation(
            "checkpoint", "", rules, any_number=True, forward=forward, builtin=False
        )
        return node_of(operation, (*given, *self.closed_over), self.data, local_derivatives)

    def output(self, numbers: list[float]) -> tuple[Value, list[Value]]:
        """The result, computed again, and the Values it was computed from."""
        outputs, _, fresh = _run(self.f, self.arguments, numbers)
        return list(leaves(outputs))[self.position], fresh

    def check(self, again: float) -> None:
        same = [x.data for x in self.closed_over] == self.weights
        if same and (again == self.data or (isnan(again) and isnan(self.data))):
            return
        raise AutogradError(
            f"the checkpointed function gave {self.data!r} the first time and {again!r} when "
            "it was computed again: it, its arguments and the Values it closes over must stay the "
            "same"
        )
