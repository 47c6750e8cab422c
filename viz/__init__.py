"""Pictures of computation graphs, a page to step through them, explanations and plots.

>>> from autograd import Value, backprop
>>> from viz import draw
>>> a, b = Value(2.0, "a"), Value(1.0, "b")
>>> draw(backprop((a + b) * (b + 1)))
<drawing: Computation graph of u5, 5 nodes, 5 edges>
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .drawing import Drawing, draw

if TYPE_CHECKING:
    from .explanation import Explanation, explain
    from .maps import hinton, plot_maps, plot_receptive_field
    from .plots import plot_decision, plot_history, plot_paths
    from .stepper import Stepper, step

_MODULES = {
    "step": "stepper",
    "Stepper": "stepper",
    "explain": "explanation",
    "Explanation": "explanation",
    "hinton": "maps",
    "plot_maps": "maps",
    "plot_receptive_field": "maps",
    "plot_decision": "plots",
    "plot_history": "plots",
    "plot_paths": "plots",
}


def __getattr__(name: str) -> Any:
    """What draws nothing by itself is loaded when it is first asked for."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_MODULES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})


__all__ = [
    "Drawing",
    "Explanation",
    "Stepper",
    "draw",
    "explain",
    "hinton",
    "plot_decision",
    "plot_history",
    "plot_maps",
    "plot_paths",
    "plot_receptive_field",
    "step",
]
