"""The training loop."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import ceil
from time import perf_counter
from typing import Any

from autograd import (
    ArgumentError,
    ArgumentTypeError,
    DivisionError,
    DomainError,
    NonFiniteError,
    RangeError,
    Value,
    backprop,
    no_grad,
)

from .checks import count, function, same_length
from .clipping import clip_grad_norm
from .data import minibatches
from .history import History
from .interrupts import held_back
from .module import Module
from .optimisers import Optimizer
from .randomness import Seed, generator
from .stopping import StoppingRule

Data = tuple[Sequence[Any], Sequence[Any]]
Function = Callable[[Any, Any], Any]
Means = dict[str, float]
Step = Callable[[Any, Any], Means]

WRONG_NUMBERS = (NonFiniteError, DomainError, RangeError, DivisionError)


def fit(
    model: Callable[[Any], Any],
    data: Data,
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

    data         (inputs, targets); the model is called with one input at a time
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
    progress     show a bar, in a terminal or notebook
    jit          train on arrays, by the matrix program that is found in the loss of a batch; the
                 parameters are put back into the model after each epoch, and when interrupted

    Ctrl-C ends the training: the model has the parameters of the last finished step, and the
    history up to the last finished epoch is returned. A loss or gradient that is not finite ends it
    with an error that names epoch, batch and node; the parameters are those before that step.
    """
    n, watched, source = _checked(data, "data"), {"loss": loss, **(metrics or {})}, generator(seed)
    if validation is not None:
        _checked(validation, "validation")
    for name, f in [("model", model), *watched.items(), *([("stop", stop)] if stop else [])]:
        function(f, f"fit({name}=…)")
    epochs = count(epochs, "fit(epochs=…)")
    size = n if batch_size is None else count(batch_size, "fit(batch_size=…)")
    if not isinstance(optimizer, Optimizer):
        raise ArgumentTypeError(f"fit(optimizer=…) is an optimiser, not {optimizer!r}")
    history, best = History(metrics={name: [] for name in metrics or {}}), _Best(optimizer)
    step, write_back = _eager_step(model, watched, optimizer, clip_norm, history), _nothing
    if jit:
        from .compiled_training import CompiledStep

        step = compiled = CompiledStep(model, watched, optimizer, clip_norm, history)
        data, write_back = compiled.arrays_of(data), compiled.write_back
    with _training(model), _bar(epochs * ceil(n / size), progress) as bar:
        try:
            for epoch in range(1, epochs + 1):
                started = perf_counter()
                batches = minibatches(*data, size, source)
                with _kept(write_back):
                    means = _epoch(step, batches, f"epoch {epoch}", bar)
                if validation is not None:
                    means |= _validated(model, watched, validation, f"epoch {epoch}")
                with held_back():
                    _record(history, means, perf_counter() - started)
                    if scheduler is not None:
                        scheduler.step()
                    if keep_best:
                        best.note((history.validation_loss or history.loss)[-1])
                if stop is not None and (reason := stop(history)):
                    history.stopped = reason if type(reason) is str else "the rule said so"
                    break
            else:
                history.stopped = f"all {epochs} epochs done"
            best.restore()
        except KeyboardInterrupt:
            history.stopped = f"interrupted in epoch {len(history) + 1}"
    return history


# ── one step, one epoch ───────────────────────────────────────────────────────────────────────────


def _eager_step(
    model: Callable[[Any], Any],
    watched: Mapping[str, Function],
    optimizer: Optimizer,
    clip_norm: float | None,
    history: History,
) -> Step:
    """Forward pass, backward pass and one step of the optimiser on a batch, on Values."""

    def step(inputs: list[Any], targets: list[Any]) -> Means:
        outputs = [model(x) for x in inputs]
        loss = watched["loss"](outputs, targets)
        if type(loss) is not Value:
            raise ArgumentTypeError(f"loss(outputs, targets) gives one Value, not {loss!r}")
        gradients: Mapping[Value, Any] = backprop(loss)
        if clip_norm is not None:
            gradients = clip_grad_norm(gradients, optimizer.parameters, clip_norm)
        with held_back():
            optimizer.step(gradients)
            history.steps += 1
        rest = {name: f(outputs, targets) for name, f in watched.items() if name != "loss"}
        return {"loss": loss.data, **rest}

    return step


def _nothing() -> None:
    """Eager steps leave nothing to be put back."""


@contextmanager
def _kept(write_back: Callable[[], None]) -> Iterator[None]:
    """However the block ends, the Values have the parameters of the last finished step."""
    try:
        yield
    finally:
        with held_back():
            write_back()


def _epoch(step: Step, batches: Iterator[tuple[Any, Any]], place: str, bar: Any) -> Means:
    """A step for each batch; the means over the samples of the loss and the metrics."""
    sums: Means = {}
    n = 0
    for number, (inputs, targets) in enumerate(batches, 1):
        with _said_where(f"{place}, batch {number}"):
            means = step(inputs, targets)
        n += len(inputs)
        for name, mean in means.items():
            sums[name] = sums.get(name, 0.0) + mean * len(inputs)
        bar.set_postfix(loss=f"{sums['loss'] / n:.4g}", refresh=False)
        bar.update()
    return {name: total / n for name, total in sums.items()}


def _validated(
    model: Callable[[Any], Any], watched: Mapping[str, Function], data: Data, place: str
) -> Means:
    """The loss and the metrics on data that is not learned from."""
    inputs, targets = data
    with _training(model, False), no_grad(), _said_where(f"{place}, validation"):
        outputs = [model(x) for x in inputs]
        found = {name: f(outputs, targets) for name, f in watched.items()}
    return {f"validation {k}": x.data if type(x) is Value else x for k, x in found.items()}


def _record(history: History, means: Means, seconds: float) -> None:
    history.loss.append(means.pop("loss"))
    if "validation loss" in means:
        history.validation_loss.append(means.pop("validation loss"))
    for name, mean in means.items():
        history.metrics.setdefault(name, []).append(mean)
    history.seconds.append(seconds)


class _Best:
    """The parameters that went with the smallest loss so far, if any was noted."""

    def __init__(self, optimizer: Optimizer) -> None:
        self.parameters, self.loss = optimizer.parameters, float("inf")
        self.numbers: list[float] = []

    def note(self, loss: float) -> None:
        if loss < self.loss:
            self.loss, self.numbers = loss, [p.data for p in self.parameters]

    def restore(self) -> None:
        with held_back():
            for value, x in zip(self.parameters, self.numbers, strict=False):
                value.data = x


# ── around it ─────────────────────────────────────────────────────────────────────────────────────


def _checked(data: Data, name: str) -> int:
    """The number of samples."""
    if not isinstance(data, (tuple, list)) or len(data) != 2:
        raise ArgumentError(f"fit({name}=…) is a pair (inputs, targets) of sequences of one length")
    return same_length(*data, f"fit({name}=…)")


@contextmanager
def _said_where(place: str) -> Iterator[None]:
    """Errors about numbers begin with the place."""
    try:
        yield
    except WRONG_NUMBERS as error:
        raise type(error)(f"{place}: {error}") from error


@contextmanager
def _training(model: Any, mode: bool = True) -> Iterator[None]:
    """The model in training mode, or in use; afterwards each module is as it was."""
    modules = [module for _, module in model.named_modules()] if isinstance(model, Module) else []
    before = [module.training for module in modules]
    for module in modules:
        module.training = mode
    try:
        yield
    finally:
        for module, was in zip(modules, before, strict=True):
            module.training = was


@contextmanager
def _bar(total: int, shown: bool) -> Iterator[Any]:
    """A progress bar that counts batches."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a notebook without widgets gets a bar of text
        from tqdm.auto import tqdm
    bar = tqdm(total=total, disable=not shown, unit="batch")
    try:
        yield bar
    finally:
        bar.close()
