"""Results of a replay as nodes of the graph around it, with derivatives computed when asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..apply import node_of
from ..contexts import carrying_edges, setting
from ..errors import AutogradError
from ..gradients import gradients_of, graph_of_gradients
from ..operation import Operation
from ..structure import leaves, rebuilt
from ..value import Value
from .calls import Call
from .edges import check_gradients

if TYPE_CHECKING:
    from .compiled import Compiled


def nodes_of(
    compiled: Compiled, call: Call, parameters: list[Any], values: Any, done: tuple[Any, Any]
) -> Any:
    """The results of a replay in the structure in which f gives them, as Values."""
    if isinstance(values, float) or np.ndim(values) == 0:
        return Result(compiled, call, parameters, (), done).node(float(values))
    nodes = np.empty(values.shape, dtype=object)
    for place in np.ndindex(values.shape):
        result = Result(compiled, call, parameters, place)
        nodes[place] = result.node(float(values[place]))
    if compiled.program.single:
        return nodes.tolist()
    structure = compiled.program.structure
    if compiled.owner.function.batch:
        return [rebuilt(structure, row) for row in nodes]
    return rebuilt(structure, nodes)


class Result:
    """What one result of a replay needs to answer for its derivatives."""

    __slots__ = ("call", "compiled", "done", "parameters", "place")

    def __init__(
        self, compiled: Compiled, call: Call, parameters: list[Any], place: Any, done: Any = None
    ) -> None:
        self.compiled, self.call, self.parameters, self.place = compiled, call, parameters, place
        self.done = done  # what the forward pass of the result left

    def node(self, data: float) -> Value:
        """The node; without parents a plain Value."""
        parents = self._parents()
        if not parents:
            return Value(data)
        operation = Operation(
            "jit", "", self.rules, any_number=True, forward=self.forward, builtin=False
        )
        return node_of(operation, parents, data, self.derivatives)

    def _parents(self) -> tuple[Value, ...]:
        """The parameters, and the Values among the arguments."""
        if not any(self.call.values):
            return self.compiled.values
        return (*self.compiled.values, *[x for v in self.call.values for x in v.values()])

    def derivatives(self) -> tuple[float, ...]:
        """By the parents, from the compiled backward pass."""
        program, call = self.compiled.program, self.call
        wanted = tuple([bool(values) for values in call.values])
        count = sum(wanted)
        try:
            if self.done and not count:
                found = self.compiled.functions.gradients(*self.done)
            else:
                functions = program.functions(wanted)
                value, kept, everything = functions.run(call.arrays, self.parameters)
                found = functions.gradients(kept, everything, *self._seed(value))
            by_values = zip(found, [v for v in call.values if v], strict=False)
            picked = [*found[count:], *[np.ravel(g)[list(v)] for g, v in by_values]]
            derivatives = np.concatenate(picked, axis=None)
            check_gradients((derivatives,))
        except Exception as problem:
            return self.compiled.owner.after_failure(problem, self._eager_derivatives)  # type: ignore[no-any-return]
        return tuple(derivatives.tolist())

    def _seed(self, value: Any) -> tuple[Any, ...]:
        if np.ndim(value) == 0:
            return ()
        seed = np.zeros(np.shape(value))
        seed[self.place] = 1.0
        return (seed,)

    def _again(self) -> Any:
        """The result, computed eagerly from the same numbers."""
        owner = self.compiled.owner
        now = [*self.call.like(self.call.arguments).arrays, *self.compiled.fresh()]
        before = [*self.call.arrays, *self.parameters]
        if not all(np.array_equal(x, y, equal_nan=True) for x, y in zip(now, before, strict=True)):
            raise AutogradError(
                f"{owner.__name__} has to be run again for this derivative, but its arguments or "
                "parameters have changed since"
            )
        output = owner.function.result(self.call)
        return list(leaves(output))[self._flat()] if self.place else output

    def _flat(self) -> int:
        """Which of all results, in order, this is."""
        if len(self.place) == 1:
            return int(self.place[0])
        sample, i = self.place
        return int(sample * self.compiled.program.outputs + i)

    def _eager_derivatives(self) -> tuple[float, ...]:
        parents = self._parents()
        known = list(dict.fromkeys(parents))
        return _shares(parents, dict(zip(*gradients_of(self._again(), known), strict=True)))

    def rules(self, parents: Any, u: Any) -> list[Any]:
        """For graph B: f run eagerly, so that its derivatives are nodes."""
        own = self._parents()
        if len(own) != len(parents) or any(a is not b for a, b in zip(own, parents, strict=True)):
            raise AutogradError("the rules of a jitted function hold for its own operands only")
        known = list(dict.fromkeys(own))
        with setting(carrying_edges, False):
            table = dict(zip(*graph_of_gradients(self._again(), known), strict=True))
        return list(_shares(own, table))

    def forward(self, *numbers: float) -> float:
        """For a replay of the graph around it: the program on other numbers."""
        n = len(self.compiled.values)
        parameters = self.compiled.split(np.array(numbers[:n]))
        given = iter(numbers[n:])
        arrays = []
        for array, values in zip(self.call.arrays, self.call.values, strict=True):
            changed = np.array(array)
            for i in values:
                changed.flat[i] = next(given)
            arrays.append(changed)
        try:
            value, kept, _ = self.compiled.functions.run(arrays, parameters)
        except ArithmeticError as problem:
            raise AutogradError(
                f"a replay fails on these inputs ({problem}): run f itself again"
            ) from None
        if kept is None or not self.compiled.preconditions.hold(arrays):
            raise AutogradError(
                "a comparison comes out otherwise on these inputs: run f itself again"
            )
        return float(value[self.place] if self.place else value)


def _shares(parents: tuple[Value, ...], table: Any) -> tuple[Any, ...]:
    """Each parent's derivative; where one is a parent twice, it counts once."""
    seen: set[Value] = set()
    found = []
    for x in parents:
        found.append(0.0 if x in seen else table.get(x, 0.0))
        seen.add(x)
    return tuple(found)
