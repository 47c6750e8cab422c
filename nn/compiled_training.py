"""One step of training on arrays: `fit(..., jit=True)`.

A loss that is a mean over samples is compiled for one sample and run for all of a batch; any other
for a whole batch, once for each size of it. The optimiser moves the arrays of the program, and
`write_back` puts those into the Values, where the rest of the world looks. An optimiser with a
`step` of its own is given a gradient table instead, and moves the Values.
"""

from __future__ import annotations

from contextlib import suppress
from math import inf, isclose
from typing import Any

from autograd import (
    ArgumentError,
    AutogradError,
    DivisionError,
    DomainError,
    NonFiniteError,
    RangeError,
    Value,
    backprop,
    jit,
    no_grad,
)
from autograd.compiler.eager_gradients import EagerGradients

from .clipping import factor_for
from .data import one_hot
from .history import History
from .interrupts import held_back
from .losses import MEANS_OVER_SAMPLES
from .module import Module
from .nested import mapped, plain
from .optimiser import Optimizer
from .parameter_parts import Part, Piece, index_of, parts_of
from .regularisation import Dropout
from .steps import Data, EagerStep, Function, Means, Task

WRONG_NUMBERS = (NonFiniteError, DomainError, RangeError, DivisionError)


class CompiledStep:
    """Forward pass, backward pass and one step of the optimiser on a batch, on arrays."""

    def __init__(
        self, task: Task, optimizer: Optimizer, clip_norm: float | None, history: History
    ) -> None:
        _refuse_randomness(task.model)
        self.task, self.optimizer = task, optimizer
        self.clip_norm, self.history = clip_norm, history
        self.place = {value: i for i, value in enumerate(optimizer.parameters)}
        self.layouts: dict[tuple[int, ...], list[Part]] = {}  # by the ids of the arrays
        self.program = _compiled(task)
        self.on_values = EagerStep(task, optimizer, clip_norm, history)
        self.rows: Any = None  # the one-hot row of each class
        step = getattr(optimizer.step, "__func__", None)
        self.moves_arrays = step is Optimizer.step

    def prepared(self, data: Data) -> Data:
        """The data as arrays; where targets are classes, rows for the loss are made ready.

        The program is traced on one batch, so the targets of all are checked here: by the loss
        itself, given the output for the first input each time, or as classes.
        """
        import numpy as np

        inputs, targets = data
        with no_grad():
            output = mapped(plain, self.task.model(inputs[0]))
        self.task.check_output(output)
        if self.task.loss in MEANS_OVER_SAMPLES:
            try:
                self._check([*dict.fromkeys(targets)], output)  # classes are few
            except (AutogradError, TypeError):
                self._check(targets, output)
        targets = _array(targets, "targets")
        if targets.ndim == 1 and _are_classes(self.task.loss, output, targets[0]):
            one_hot(np.unique(targets), len(output))  # refuses what is no class
            self.rows = np.array(one_hot(range(len(output)), len(output)))
            targets = targets.astype(int)
        return _array(inputs, "inputs").astype(float, copy=False), targets

    def _check(self, targets: Any, output: Any) -> None:
        with suppress(*WRONG_NUMBERS):
            self.task.loss([output] * len(targets), targets)

    def __call__(self, inputs: Any, targets: Any) -> Means:
        outputs = self._outputs(inputs) if self.task.metrics else []
        wanted = targets if self.rows is None else self.rows[targets]
        loss = (self._on_arrays if self.moves_arrays else self._on_values)(inputs, wanted)
        return {"loss": loss, **self.task.watched(outputs, targets.tolist())}

    def _on_arrays(self, inputs: Any, targets: Any) -> float:
        loss, _, gradients = self.program.value_and_grad(inputs, targets)
        if isinstance(gradients, EagerGradients):  # as for a batch whose samples branch apart
            self.on_values.follow(gradients.table)
        else:
            self._move(gradients)
        return loss  # type: ignore[no-any-return]

    def _on_values(self, inputs: Any, targets: Any) -> float:
        loss = self.program(inputs, targets)
        self.on_values.follow(backprop(loss))
        return loss.data  # type: ignore[no-any-return]

    def write_back(self) -> None:
        """Put the parameters into the Values, as they would be after the same steps on Values."""
        self.program.write_back()

    def _outputs(self, inputs: Any) -> list[Any]:
        """What the model gives before the step, for the metrics."""
        self.program.write_back()
        with no_grad():
            return [self.task.model(x) for x in inputs]

    def _move(self, gradients: dict[str, Any]) -> None:
        """One step of the optimiser; what has no part in the loss has the gradient 0."""
        parts = self._parts(self.program.parameters)
        if len(self.layouts) > 1:  # some may be in arrays of a program for other batches
            self.program.write_back()
        gathered = [part.gathered(gradients) for part in parts]
        if self.clip_norm is not None:
            factor = factor_for(_norm([slopes for _, slopes in gathered]), self.clip_norm)
            gathered = [(thetas, factor * slopes) for thetas, slopes in gathered]
        with held_back():
            new = self.optimizer.moved_on(
                [(part.places, *own) for part, own in zip(parts, gathered, strict=True)]
            )
            for part, numbers in zip(parts, new, strict=True):
                part.put_back(numbers)
            self.history.steps += 1

    def _parts(self, arrays: dict[str, Any]) -> list[Part]:
        """The optimiser's parameters in the arrays of the program that ran last; found once."""
        key = tuple(map(id, arrays.values()))
        if key not in self.layouts:
            values = self.program.parameter_values
            pieces = [self._piece(name, array, values[name]) for name, array in arrays.items()]
            self.layouts[key] = parts_of(pieces, self.optimizer.parameters)
        return self.layouts[key]

    def _piece(self, name: str, array: Any, values: list[Value]) -> Piece:
        found = [self.place.get(value, -1) for value in values]
        own = [i for i, place in enumerate(found) if place >= 0]
        return Piece(name, array.reshape(-1), index_of(own), [i for i in found if i >= 0])


def _norm(arrays: list[Any]) -> float:
    """‖x‖, of x divided by its largest number, so that no square overflows."""
    import numpy as np

    largest = float(max([abs(x).max(initial=0.0) for x in arrays]))
    if not 0.0 < largest < inf:
        return largest
    return float(largest * sum([np.square(x / largest).sum() for x in arrays]) ** 0.5)


def _compiled(task: Task) -> Any:
    """The loss of a batch: traced for one sample where the whole is a mean over samples."""
    if task.loss in MEANS_OVER_SAMPLES:
        return jit(lambda x, target: task.loss_of([x], [target])[0], batch=True)
    return jit(lambda inputs, targets: task.loss_of(inputs, targets)[0])


def _are_classes(loss: Function, output: Any, target: Any) -> bool:
    """Whether the loss takes a target as the number of a class: its row gives the same then."""
    try:
        row = one_hot(target, len(output))
        return isclose(plain(loss([output], [target])), plain(loss([output], [row])))
    except Exception:  # whatever a user's loss says to what it was not made for
        return False


def _array(numbers: Any, name: str) -> Any:
    """The array of these numbers; whole ones stay whole."""
    import numpy as np

    try:
        array = np.asarray(numbers)
        if array.dtype.kind in "biuf":
            return array
        if array.dtype.kind == "O":  # Fractions and the like
            return array.astype(float)
        why = f"their type is {array.dtype}"
    except (ValueError, TypeError) as error:
        why = str(error)
    raise ArgumentError(f"fit(jit=True) needs {name} that are numbers in one shape: {why}")


def _refuse_randomness(model: Any) -> None:
    modules = model.named_modules() if isinstance(model, Module) else []
    for name, module in modules:
        if isinstance(module, Dropout) and module.p > 0.0:
            raise ArgumentError(
                f"fit(jit=True) would freeze the random draws of {name or 'the model'} = "
                f"{module!r}; train a model with Dropout without jit"
            )
