"""One step of training on arrays: `fit(..., jit=True)`.

A loss that is a mean over samples is compiled for one sample and run for all of a batch; any other
for a whole batch, once for each size of it. Parameters, gradients and the optimiser's memory are
arrays, one per parameter array of the program; `write_back` puts them into the Values and the
optimiser, where the rest of the world looks.
"""

from __future__ import annotations

from contextlib import suppress
from math import isclose, sqrt
from typing import Any

from autograd import (
    ArgumentError,
    AutogradError,
    DivisionError,
    DomainError,
    NonFiniteError,
    RangeError,
    Value,
    jit,
    no_grad,
)

from .clipping import factor_for
from .data import one_hot
from .history import History
from .interrupts import held_back
from .losses import MEANS_OVER_SAMPLES
from .module import Module
from .nested import mapped, plain
from .optimiser import Memory, Optimizer
from .regularisation import Dropout
from .steps import Data, Function, Means, Task

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
        self.memories: dict[int, Memory] = {}
        self.arrays: dict[int, tuple[Any, list[int]]] = {}
        self.program = _compiled(task)
        self.rows: Any = None  # the one-hot row of each class

    def prepared(self, data: Data) -> Data:
        """The data as arrays; where targets are classes, rows for the loss are made ready.

        The program is traced on one batch, so the targets of all are checked here: by the loss
        itself, given the output for the first input each time, or as classes.
        """
        import numpy as np

        inputs, targets = data
        with no_grad():
            output = mapped(plain, self.task.model(inputs[0]))
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
        loss, _, gradients = self.program.value_and_grad(inputs, wanted)
        moved = self._moved(self._clipped(gradients))
        with held_back():
            for array, new, memory in moved:
                array[...] = new
                self.memories[id(array)] = memory
            self.optimizer.steps += 1
            self.history.steps += 1
        return {"loss": loss, **self.task.watched(outputs, targets.tolist())}

    def write_back(self) -> None:
        """The Values and the optimiser as they would be after the same steps taken eagerly."""
        import numpy as np

        self.program.write_back()
        columns = [np.broadcast_to(m, len(self.place)).copy() for m in self.optimizer.memory]
        for key, memory in self.memories.items():
            _, places = self.arrays[key]
            for column, own in zip(columns, memory, strict=True):
                column[places] = np.ravel(own)
        self.optimizer.memory = tuple(columns)

    def _outputs(self, inputs: Any) -> list[Any]:
        """What the model gives before the step, for the metrics."""
        self.program.write_back()
        with no_grad():
            return [self.task.model(x) for x in inputs]

    def _clipped(self, gradients: dict[str, Any]) -> dict[str, Any]:
        if self.clip_norm is None:
            return gradients
        norm = sqrt(sum(float((g * g).sum()) for g in gradients.values()))
        factor = factor_for(norm, self.clip_norm)
        return gradients if factor == 1.0 else {n: g * factor for n, g in gradients.items()}

    def _moved(self, gradients: dict[str, Any]) -> list[tuple[Any, Any, Memory]]:
        """(array, what it becomes, the memory it leaves) by the optimiser's rule."""
        import numpy as np

        optimizer, moved = self.optimizer, []
        values = self.program.parameter_values
        for name, array in self.program.parameters.items():
            if not self._is_trained(name, array, values[name]):
                continue
            gradient = gradients.get(name, 0.0)
            new, memory = optimizer.moved(array, gradient, self.memories[id(array)])
            if not all(np.isfinite(numbers).all() for numbers in (new, *memory)):
                if not np.isfinite(gradient).all():
                    raise NonFiniteError(f"no step along a gradient of {name} that is not finite")
                raise NonFiniteError(
                    f"a step would make numbers of {name}, or the memory of them, infinite; "
                    f"the learning rate {optimizer.lr:g} may be too large"
                )
            moved.append((array, new, memory))
        if not moved:
            raise ArgumentError("none of the optimiser's parameters has a part in the loss")
        return moved

    def _is_trained(self, name: str, array: Any, values: list[Value]) -> bool:
        """Whether the array is the optimiser's; seen first, its memory is made from the Values'."""
        if id(array) in self.memories:
            return True
        own = [value in self.place for value in values]
        if any(own) and not all(own):
            raise ArgumentError(
                f"fit(jit=True) trains whole arrays, but the optimiser has only {sum(own)} of the "
                f"{len(own)} parameters of {name}"
            )
        if not any(own):
            return False
        places = [self.place[value] for value in values]
        self.arrays[id(array)] = (array, places)
        self.memories[id(array)] = self._gathered(array, places)
        return True

    def _gathered(self, array: Any, places: list[int]) -> Memory:
        """The optimiser's memory for the parameters in an array, in its shape."""
        import numpy as np

        columns = [np.broadcast_to(m, len(self.place)) for m in self.optimizer.memory]
        return tuple([column[places].reshape(array.shape) for column in columns])


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
