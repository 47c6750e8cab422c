"""Forward and backward of a program and its parameter arrays, linked to one function.

Calls of a small program take as long as NumPy needs for it: nothing is looked up, gathered or
unpacked at a call that is known before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import compress
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .program import Functions

Step = Callable[..., tuple[float, dict[str, Any], float] | None]

_STEP = """
def step({arguments}):
    value, kept = forward({forward})
    [{gradients}] = backward(kept, {backward})
    return float(value), {{{by_name}}}, {squares}
"""
_GUARDED = _STEP.replace(
    "    [",
    """    if not as_recorded(sides):
        return None
    [""",
).replace("value, kept", "value, kept, sides")


def linked(functions: Functions, parameters: Mapping[str, Any]) -> Step:
    """The function of the arguments that gives the one result, its gradients by these arrays, and
    a sum of squares that is finite only if they all are; None where a guard differs."""
    count = len(functions.program.arguments)
    names = [f"x{i}" for i in range(len(functions.places))]
    own = [f"g{i}" for i in range(len(parameters))]
    looked_at = compress(own, functions.source.looked_at)
    inputs = dict(zip(functions.places, names, strict=True))
    text = (_GUARDED if functions.program.guards else _STEP).format(
        arguments=", ".join(names[:count]),
        forward=", ".join([inputs[name] for name in functions.source.forward_inputs]),
        backward=", ".join([inputs[name] for name in functions.source.backward_inputs]),
        gradients=", ".join(own),
        by_name=", ".join([f"{n!r}: {g}" for n, g in zip(parameters, own, strict=True)]),
        squares=" + ".join([f"vdot({g}, {g})" for g in looked_at]) or "0.0",
    )
    known = dict(zip(names[count:], [*parameters.values(), *functions.constants], strict=True))
    known |= {"forward": functions.forward, "backward": functions.backward, "vdot": np.vdot}
    known["as_recorded"] = functions.as_recorded
    exec(text, known)
    return known["step"]  # type: ignore[no-any-return]
