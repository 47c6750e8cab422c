"""One step of training on arrays: `fit(..., jit=True)`.

A loss that is a mean over samples is compiled for one sample and run for all of a batch; any other
for a whole batch, once for each size of it. The optimiser moves all of its parameters as one array,
which is gathered from the parameter arrays of the program and put back into them; `write_back` puts
those into the Values, where the rest of the world looks.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from math import inf, isclose
from typing import Any

from autograd import (
    ArgumentError,
    AutogradError,
    DivisionError,
    DomainError,
    NonFiniteError,
    RangeError,
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
from .optimiser import Optimizer, numbers_of
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
        self.pieces: dict[int, _Piece] = {}  # by the id of the array
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
        loss, _, gradients = self.program.value_and_grad(inputs, wanted)
        self._move(gradients)
        return {"loss": loss, **self.task.watched(outputs, targets.tolist())}

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
        parameters = self.optimizer.parameters
        pieces = {name: self._piece(name, a) for name, a in self.program.parameters.items()}
        elsewhere = self._elsewhere(pieces)
        if len(self.pieces) > len(pieces):  # some may be in arrays of a program for other batches
            self.program.write_back()
        thetas, slopes = self._gathered(pieces, gradients)
        thetas[elsewhere] = numbers_of([parameters[i] for i in elsewhere])
        if self.clip_norm is not None:
            slopes *= factor_for(_norm(slopes), self.clip_norm)
        with held_back():
            new = self.optimizer.moved_on(thetas, slopes)
            for piece in pieces.values():
                piece.numbers[piece.own] = new[piece.places]
            for i in elsewhere:
                parameters[i].data = float(new[i])
            self.history.steps += 1

    def _elsewhere(self, pieces: dict[str, _Piece]) -> list[int]:
        """The places of the parameters that are in no array."""
        import numpy as np

        is_elsewhere = np.ones(len(self.place), bool)
        for piece in pieces.values():
            is_elsewhere[piece.places] = False
        if is_elsewhere.all():
            raise ArgumentError("none of the optimiser's parameters has a part in the loss")
        return np.flatnonzero(is_elsewhere).tolist()

    def _gathered(self, pieces: dict[str, _Piece], gradients: dict[str, Any]) -> tuple[Any, Any]:
        """The parameters and the gradients, in the order of the optimiser."""
        import numpy as np

        thetas, slopes = np.zeros(len(self.place)), np.zeros(len(self.place))
        for name, piece in pieces.items():
            thetas[piece.places] = piece.numbers[piece.own]
            if name in gradients:
                slopes[piece.places] = gradients[name].ravel()[piece.own]
        return thetas, slopes

    def _piece(self, name: str, array: Any) -> _Piece:
        """The place of a parameter array of the program; found once."""
        if id(array) not in self.pieces:
            values = self.program.parameter_values[name]
            own = [i for i, value in enumerate(values) if value in self.place]
            places = [self.place[values[i]] for i in own]
            self.pieces[id(array)] = _Piece(array.reshape(-1), _index(own), _index(places))
        return self.pieces[id(array)]


@dataclass(frozen=True)
class _Piece:
    """A parameter array: `numbers[own]` are the optimiser's parameters at `places`."""

    numbers: Any  # the array, seen flat
    own: Any
    places: Any


def _index(places: list[int]) -> Any:
    """These places, as a slice where they follow each other, which is quicker."""
    import numpy as np

    first = places[0] if places else 0
    if places == list(range(first, first + len(places))):
        return slice(first, first + len(places))
    return np.array(places)


def _norm(numbers: Any) -> float:
    """‖x‖, of x divided by its largest number, so that no square overflows."""
    largest = float(abs(numbers).max())
    if not 0.0 < largest < inf:
        return largest
    scaled = numbers / largest
    return float(largest * (scaled @ scaled) ** 0.5)


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
