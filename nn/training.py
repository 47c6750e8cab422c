"""The training loop."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from math import ceil, isfinite
from time import perf_counter
from typing import Any

from autograd import (
    ArgumentError,
    ArgumentTypeError,
    AutogradError,
    NonFiniteError,
    RangeError,
    Value,
    no_grad,
)

from .checks import count, function, real, same_length
from .data import minibatches
from .history import History
from .interrupts import held_back
from .module import Module
from .optimiser import Optimizer
from .randomness import Seed, generator
from .steps import Data, EagerStep, Function, Means, Task
from .stopping import StoppingRule


def fit(
    model: Callable[[Any], Any],
    data: Data | Sequence[Any],
    targets: Sequence[Any] | None = None,
    *,
    loss: Function,
    optimizer: Optimizer,
    epochs: int,
    batch_size: int | None = None,
    seed: Seed = None,
    stop: StoppingRule | None = None,
    validation: Data | None = None,
    metrics: Mapping[str, Function] | None = None,
    scheduler: Any = None,
    clip_norm: float | None = None,
    keep_best: bool = False,
    progress: bool = True,
    jit: bool = False,
) -> History:
    """θ ← θ − η ∇ (mean loss of a mini-batch), batch after batch, epoch after epoch.

    data         (inputs, targets), or the inputs, followed by the targets: fit(model, X, Y, …);
                 the model is called with one input at a time
    loss         of a batch: loss(outputs, targets) → Value
    batch_size   None: the whole set at each step
    seed         of the order of the samples, drawn anew for each epoch
    stop         called with the history after each epoch; what it returns, if anything, is the
                 reason to stop: `until_converged()`, `early_stopping()`, or a function of yours
    validation   (inputs, targets) on which loss and metrics are computed after each epoch
    metrics      name → function(outputs, targets) → float
    scheduler    its `.step()` is called after each epoch
    clip_norm    gradients longer than this are shortened to it
    keep_best    end with the parameters of the epoch after which the loss on the validation data
                 (without such, the training loss) was smallest
    progress     show a bar: in a notebook below the cell, else on the standard error stream,
                 whether that is a terminal or not
    jit          train on arrays, by the matrix program that is found in the loss of a batch; the
                 parameters are put back into the model after each epoch, and when interrupted

    Ctrl-C ends the training: the model has the parameters of the last finished step, and the
    history up to the last finished epoch is returned. A loss or gradient that is not finite ends it
    with an error that names epoch, batch and node; the parameters are those before that step.
    """
    task = Task(model, loss, {} if metrics is None else metrics)
    task.check()
    if targets is not None:
        data = data, targets
    n = _samples(data, "data")
    if validation is not None:
        _samples(validation, "validation")
    if stop is not None:
        function(stop, "fit(stop=…)")
    if scheduler is not None and not callable(getattr(scheduler, "step", None)):
        raise ArgumentTypeError(f"fit(scheduler=…) has a step(), but not {scheduler!r}")
    if not isinstance(optimizer, Optimizer):
        raise ArgumentTypeError(
            "fit(optimizer=…) is an optimiser, such as SGD(model.parameters(), lr=0.1), not "
            f"{optimizer!r}"
        )
    if clip_norm is not None:
        real(clip_norm, "fit(clip_norm=…)", least=0.0)
    epochs = count(epochs, "fit(epochs=…)")
    size = n if batch_size is None else count(batch_size, "fit(batch_size=…)")
    history = History(metrics={name: [] for name in task.metrics})
    step = _step_of(jit)(task, optimizer, clip_norm, history)
    best = _Best(optimizer.parameters) if keep_best else None
    try:
        with _training(model), _bar(epochs * ceil(n / size), progress) as bar:
            run = _Run(task, step, history, bar, validation, scheduler, best)
            inputs, targets = step.prepared(data)
            batches = partial(minibatches, inputs, targets, size, generator(seed))
            reason = run.until(epochs, stop, batches)
            if best is not None:
                best.restore()
            history.stopped = reason
    except KeyboardInterrupt:
        history.stopped = history.stopped or f"interrupted in epoch {len(history) + 1}"
    return history


def _step_of(jit: bool) -> Any:
    """The kind of step; the compiler is loaded when it is wanted."""
    if not jit:
        return EagerStep
    from .compiled_training import CompiledStep

    return CompiledStep


def _samples(data: Any, name: str) -> int:
    """The number of samples."""
    if not isinstance(data, (tuple, list)) or len(data) != 2:
        raise ArgumentError(f"fit({name}=…) is a pair (inputs, targets) of sequences of one length")
    inputs, targets = data
    return same_length(inputs, targets, f"fit({name}=…)")


# ── epoch after epoch ─────────────────────────────────────────────────────────────────────────────


class _Best:
    """The parameters that went with the smallest loss so far."""

    def __init__(self, parameters: list[Value]) -> None:
        self.parameters, self.loss = parameters, float("inf")
        self.numbers: list[float] = []

    def note(self, loss: float) -> None:
        if loss < self.loss:
            self.loss, self.numbers = loss, [p.data for p in self.parameters]

    def restore(self) -> None:
        if not self.numbers:  # no loss was a number
            return
        with held_back():
            for value, x in zip(self.parameters, self.numbers, strict=True):
                value.data = x


@dataclass(frozen=True)
class _Run:
    """One call of `fit`."""

    task: Task
    step: Any  # an EagerStep or a CompiledStep
    history: History
    bar: Any
    validation: Data | None
    scheduler: Any
    best: _Best | None

    def until(
        self, epochs: int, stop: StoppingRule | None, batches: Callable[[], Iterable[Any]]
    ) -> str:
        """Epoch after epoch; the reason why the last one was the last."""
        for number in range(1, epochs + 1):
            self._epoch(f"epoch {number}", batches())
            if stop is not None and (reason := stop(self.history)):
                return reason if type(reason) is str else "the rule said so"
        return f"all {epochs} epochs done"

    def _epoch(self, place: str, batches: Iterable[Any]) -> None:
        started = perf_counter()
        means = self._learned(place, batches)
        if self.validation is not None:
            means |= self._validated(place, self.validation)
        with held_back():
            self.history.record(means, perf_counter() - started)
            if self.scheduler is not None:
                self.scheduler.step()
            if self.best is not None:
                self.best.note((self.history.validation_loss or self.history.loss)[-1])

    def _learned(self, place: str, batches: Iterable[Any]) -> Means:
        """A step for each batch; the means over the samples of the loss and the metrics.

        However it ends, the Values have the parameters of the last finished step.
        """
        sums: Means = {}
        n = 0
        try:
            for number, (inputs, targets) in enumerate(batches, 1):
                with _said_where(f"{place}, batch {number}"):
                    means = self.step(inputs, targets)
                n += len(inputs)
                for name, mean in means.items():
                    sums[name] = sums.get(name, 0.0) + mean * len(inputs)
                self.bar.set_postfix(loss=f"{sums['loss'] / n:.4g}", refresh=False)
                self.bar.update()
        except (NonFiniteError, RangeError) as error:
            losses = [*self.history.loss, sums["loss"] / n] if n else self.history.loss
            error.args = (f"{error}{_advice(losses)}",)
            raise
        finally:
            with held_back():
                self.step.write_back()
        return {name: total / n for name, total in sums.items()}

    def _validated(self, place: str, data: Data) -> Means:
        """The loss and the metrics on data that is not learned from."""
        inputs, targets = data
        task = self.task
        with _training(task.model, False), no_grad(), _said_where(f"{place}, validation"):
            loss, outputs = task.loss_of(inputs, targets)
            found = {"loss": loss.data, **task.watched(outputs, targets)}
        return {f"validation {name}": x for name, x in found.items()}


@contextmanager
def _said_where(place: str) -> Iterator[None]:
    """Our errors begin with the place."""
    try:
        yield
    except AutogradError as error:
        error.args = (f"{place}: {error}",)
        raise


def _advice(losses: list[float]) -> str:
    """What to do where numbers ran out of range after losses like these."""
    if not (known := [f"{loss:.4g}" for loss in losses if isfinite(loss)]):
        return ""
    course = f"was {known[0]}" if len(known) == 1 else f"went {known[0]} → {known[-1]}"
    return f"; until then the loss {course}: if it has grown without bound, try a smaller lr"


# ── around it ────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def _training(model: Any, mode: bool = True) -> Iterator[None]:
    """The model in training mode, or in use; afterwards each module is as it was."""
    modules = [module for _, module in model.named_modules()] if isinstance(model, Module) else []
    before = [module.training for module in modules]
    try:
        for module in modules:
            module.training = mode
        yield
    finally:
        with held_back():
            for module, was in zip(modules, before, strict=True):
                module.training = was


@contextmanager
def _bar(total: int, shown: bool) -> Iterator[Any]:
    """A progress bar that counts batches."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a notebook without widgets gets a bar of text
        from tqdm.auto import tqdm
    with held_back():
        bar = tqdm(total=total, disable=not shown, unit="batch")
    try:
        yield bar
    finally:
        with held_back():
            bar.close()
