"""What all optimisers share: the step, its refusal, and the state that can be saved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from inspect import signature
from math import isfinite
from typing import Any

from autograd import ArgumentError, ArgumentTypeError, GradientTable, NonFiniteError, Value
from autograd.real import number

from .checks import count, real, same_names
from .nested import plain
from .parameters import finite

Part = tuple[Any, Any, Any]  # places among all parameters, the parameters there, their gradients
Memory = tuple[Any, ...]  # arrays over the parameters; numbers before the first step


class Optimizer:
    """Moves parameters by its rule, all of them or, where something is not finite, none.

    `step(table)` takes the gradients from a gradient table (a parameter that is not in it has the
    gradient 0), `step()` from the parameters' `.grad`.

    A subclass keeps the arguments of its constructor as attributes of the same names.
    """

    def __init__(
        self, params: Iterable[Value], lr: float, weight_decay: float, memory: Memory
    ) -> None:
        if not isinstance(params, Iterable):
            kind = type(self).__name__
            raise ArgumentTypeError(f"{kind}(params, …) needs model.parameters(), not {params!r}")
        self.parameters = list(params)
        for value in self.parameters:
            if type(value) is not Value or value.op is not None:
                raise ArgumentTypeError(f"parameters are Values that are inputs, not {value!r}")
        if not self.parameters or len(set(self.parameters)) < len(self.parameters):
            what = "none" if not self.parameters else "some of them twice"
            raise ArgumentError(
                f"{type(self).__name__}(params, …) needs parameters, but got {what}"
            )
        self.lr = lr
        self.weight_decay = real(weight_decay, "weight_decay", least=0.0)
        self.steps = 0
        self.memory = memory

    @property
    def lr(self) -> float:
        """η, the learning rate; may be changed between steps."""
        return self._lr

    @lr.setter
    def lr(self, rate: float) -> None:
        self._lr = real(rate, "lr", least=0.0)

    def rule(self, t: int, theta: Any, gradient: Any, *memory: Any) -> tuple[Any, ...]:
        """The new θ and memory after step t = 1, 2, …, as new arrays."""
        raise NotImplementedError

    def decayed(self, theta: Any, gradient: Any) -> Any:
        """g + λθ: weight decay as a part of the gradient"""
        return gradient + self.weight_decay * theta if self.weight_decay else gradient

    def zero_grad(self) -> None:
        """Set every parameter's `.grad` to 0."""
        for value in self.parameters:
            value.grad = 0.0

    def step(self, gradients: Mapping[Value, Any] | None = None) -> None:
        """One step along a gradient table, or along `.grad`."""
        import numpy as np

        n = len(self.parameters)
        thetas = np.fromiter(numbers_of(self.parameters), float, n)
        part = slice(None), thetas, np.fromiter(self._gradients(gradients), float, n)
        (new,) = self.moved_on([part], gradients)
        for value, theta in zip(self.parameters, new.tolist(), strict=True):
            value.data = theta

    def moved_on(
        self, parts: Sequence[Part], table: Mapping[Value, Any] | None = None
    ) -> list[Any]:
        """What one step makes of the parameters, which is remembered; or refused, and nothing is.

        The parameters come in parts: (which ones these are, θ, g). Their gradients come from the
        table, where there is one.
        """
        moved = [
            self.moved(thetas, given, self._memory_at(places)) for places, thetas, given in parts
        ]
        if not all(_all_finite(x) for new, memory in moved for x in (new, *memory)):
            raise self._refusal(parts, table)
        self._remember([places for places, _, _ in parts], [memory for _, memory in moved])
        self.steps += 1
        return [new for new, _ in moved]

    def moved(self, thetas: Any, gradients: Any, memory: Memory) -> tuple[Any, Memory]:
        """The rule on an array of parameters: what they and the memory become."""
        import numpy as np

        with np.errstate(all="ignore"):
            new, *left = self.rule(self.steps + 1, thetas, gradients, *memory)
        return new, tuple(left)

    def _memory_at(self, places: Any) -> Memory:
        return tuple([kept if _is_number(kept) else kept[places] for kept in self.memory])

    def _remember(self, places: list[Any], memories: list[Memory]) -> None:
        """Put what is remembered of each part into the arrays over all parameters."""
        import numpy as np

        everything = []
        for kept, *after in zip(self.memory, *memories, strict=True):
            if not all(x is kept for x in after):  # unlike a number that the rule leaves alone
                kept = np.full(len(self.parameters), kept) if _is_number(kept) else kept
                for part, x in zip(places, after, strict=True):
                    kept[part] = x
            everything.append(kept)
        self.memory = tuple(everything)

    @property
    def options(self) -> dict[str, Any]:
        """lr and the other arguments of the constructor, also of those it hands on by `**`."""
        names: list[str] = []
        for kind in type(self).__mro__:
            taken = signature(kind).parameters.values()
            names += [p.name for p in taken if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
            if not any(p.kind is p.VAR_KEYWORD for p in taken):
                break
        _params, *others = dict.fromkeys(names)
        return {name: getattr(self, name) for name in others}

    def state_dict(self) -> dict[str, Any]:
        """The options, and what is remembered of the steps so far; can be written as JSON."""
        import numpy as np

        n = len(self.parameters)
        return {
            "optimizer": type(self).__name__,
            "options": self.options,
            "steps": self.steps,
            "memory": [np.broadcast_to(kept, n).tolist() for kept in self.memory],
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on as the one that gave the state; refused, and nothing changed, if it cannot."""
        import numpy as np

        kind, n = type(self), len(self.parameters)
        same_names(state, self.state_dict(), kind.__name__)
        if state["optimizer"] != kind.__name__:
            raise ArgumentError(f"a state of {state['optimizer']!r} does not fit {kind.__name__}")
        same_names(state["options"], self.options, kind.__name__)
        fresh = kind(self.parameters, **state["options"])
        fresh.steps = count(state["steps"], "steps", least=0)
        shape = (len(self.memory), n) if self.memory else (0,)
        numbers = finite(state["memory"], shape, "memory")
        fresh.memory = tuple(np.array(numbers).reshape(-1, n))
        vars(self).update(vars(fresh))

    def __repr__(self) -> str:
        shown = [f"{name}={option!r}" for name, option in self.options.items()]
        return f"{type(self).__name__}({', '.join(shown)})"

    def _gradients(self, table: Mapping[Value, Any] | None) -> list[float]:
        if table is None:
            return _floats([p.grad for p in self.parameters], self.parameters, "gradient")
        if not isinstance(table, Mapping):
            raise ArgumentTypeError(f"step(table) needs a gradient table, but got {table!r}")
        found = [table.get(p) for p in self.parameters]
        if all(g is None for g in found):
            raise ArgumentError("none of the optimiser's parameters is in this gradient table")
        return [0.0 if g is None else plain(g) for g in found]

    def _refusal(self, parts: Sequence[Part], table: Mapping[Value, Any] | None) -> Exception:
        """Why a step is refused: what was not finite, or became so."""
        import numpy as np

        thetas, given = np.empty((2, len(self.parameters)))
        for places, own, slopes in parts:
            thetas[places], given[places] = own, slopes
        return (
            self._wrong_before(thetas)
            or self._not_finite(given, table)
            or self._too_far(thetas, given, *self.moved(thetas, given, self.memory))
        )

    def _wrong_before(self, thetas: Any) -> Exception | None:
        """The error that names a parameter that was not finite before the step, if so."""
        for value, theta in zip(self.parameters, thetas.tolist(), strict=True):
            if not isfinite(theta):
                return NonFiniteError(
                    f"{_named(value)} = {theta!r} is not finite already before the step"
                )
        return None

    def _too_far(self, thetas: Any, given: Any, new: Any, memory: Memory) -> Exception:
        """The error that names a parameter that a step would move, or remember, out of range."""
        import numpy as np

        i = int(np.isfinite(np.broadcast_arrays(new, *memory)).all(axis=0).argmin())
        value, moved, g = self.parameters[i], float(new[i]), float(given[i])
        if isfinite(moved):
            kind = type(self).__name__
            return NonFiniteError(
                f"a gradient of {g!r} for {_named(value)} is too large for {kind}"
            )
        return NonFiniteError(
            f"a step would make {_named(value)} = {float(thetas[i])!r} into {moved!r}; "
            f"the learning rate {self.lr:g} may be too large"
        )

    def _not_finite(self, given: Any, table: Mapping[Value, Any] | None) -> Exception | None:
        """The error that names the parameter, and the node where its gradient went wrong, if so."""
        wrong = [
            (p, g) for p, g in zip(self.parameters, given.tolist(), strict=True) if not isfinite(g)
        ]
        if not wrong:
            return None
        value, g = wrong[0]
        where = ""
        if isinstance(table, GradientTable):
            step = next(step for step in table.steps if not isfinite(step.total))
            consumer = step.terms[0].consumer if step.terms else step.node
            made = f", an operand of {consumer.op!r} ({_named(consumer)} = {consumer.data!r})"
            where = f"; it became so at {step.name} = {step.node.data!r}{made}"
        return NonFiniteError(f"no step along a gradient of {g!r} for {_named(value)}{where}")


def _is_number(kept: Any) -> bool:
    """Whether it is remembered of all parameters alike, as before the first step."""
    return isinstance(kept, (int, float))


def _all_finite(numbers: Any) -> bool:
    """Whether no number is infinite or NaN: none is, where the sum of their squares is finite."""
    import numpy as np

    if _is_number(numbers):
        return isfinite(numbers)
    return isfinite(np.vdot(numbers, numbers)) or bool(np.isfinite(numbers).all())


def numbers_of(parameters: list[Value]) -> list[float]:
    """The parameters' numbers; those of other kinds, set by hand, as floats."""
    return _floats([p.data for p in parameters], parameters, "data")


def _floats(numbers: list[Any], parameters: list[Value], what: str) -> list[float]:
    if {*map(type, numbers)} == {float}:
        return numbers
    pairs = zip(parameters, numbers, strict=True)
    return [number(x, f"the {what} of {_named(p)}") for p, x in pairs]


def _named(value: Value) -> str:
    """A node by its scope and label."""
    return "/".join([part for part in (value.scope, value.label) if part]) or "a node"
