"""What is to be said of a drawing whose numbers are not those of one moment."""

from __future__ import annotations

from .replay import outdated
from .subject import Subject


def note_of(subject: Subject) -> str:
    """That a number was changed, or gradients added up, since the graph was computed; else ""."""
    return (_changed(subject) or _added_up(subject)) if subject.recorded else ""


def _changed(subject: Subject) -> str:
    """With the name of the input that was changed, where it can only be one."""
    operands = [set(node.parents) for node in outdated(subject.graph)]
    if not operands:
        return ""
    suspects = set.intersection(set(subject.graph.inputs), *operands)
    what = subject.name(suspects.pop()) if len(suspects) == 1 else "A number"
    names = [subject.name(output) for output in subject.outputs]
    output, again = names * 2 if len(names) == 1 else ("this", "it")
    return f"{what} was changed after {output} was computed: compute {again} again."


def _added_up(subject: Subject) -> str:
    """Where the gradient of the only output by itself, which is 1, is not what its .grad holds."""
    if subject.gradient is None or len(subject.outputs) != 1:
        return ""
    (output,) = subject.outputs
    if subject.gradient(output) in (0.0, 1.0):
        return ""
    name = subject.name(output)
    return (
        "The gradients shown are .grad, to which every call of backward() adds; "
        f"draw(backprop({name})) shows those of {name} alone."
    )
