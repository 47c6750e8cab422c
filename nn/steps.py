"""What `fit` minimises and watches, and one step of training on Values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograd import ArgumentError, ArgumentTypeError, Value, backprop

from .checks import function
from .clipping import clip_grad_norm
from .history import History
from .interrupts import held_back
from .losses import OF_CLASSES
from .nested import is_leaf
from .optimiser import Optimizer

Data = tuple[Sequence[Any], Sequence[Any]]
Function = Callable[[Any, Any], Any]
Means = dict[str, float]


@dataclass(frozen=True)
class Task:
    """A model, the loss that is minimised, and the metrics that are watched."""

    model: Callable[[Any], Any]
    loss: Function
    metrics: Mapping[str, Function]

    def check(self) -> None:
        """Refuse what cannot be called."""
        function(self.model, "fit(model=…)")
        function(self.loss, "fit(loss=…), such as mse_loss,")
        if not isinstance(self.metrics, Mapping):
            raise ArgumentTypeError(
                f"fit(metrics=…) is a dict of names and functions, not {self.metrics!r}"
            )
        if "loss" in self.metrics:
            raise ArgumentError("fit(metrics=…): 'loss' is what is minimised, no name of a metric")
        for name, metric in self.metrics.items():
            function(metric, f"fit({name}=…)")

    def loss_of(self, inputs: Any, targets: Any) -> tuple[Value, list[Any]]:
        """The loss of a batch, and the outputs that it was computed from."""
        outputs = [self.model(x) for x in inputs]
        self.check_output(outputs[0])
        loss = self.loss(outputs, targets)
        if type(loss) is not Value:
            raise ArgumentTypeError(f"loss(outputs, targets) gives one Value, not {loss!r}")
        return loss, outputs

    def check_output(self, output: Any) -> None:
        """Refuse one number where the loss would take those of a batch for the classes."""
        if self.loss in OF_CLASSES and is_leaf(output):
            name = self.loss.__name__
            raise ArgumentError(
                f"{name} needs an output for each class, but the model gives one number; "
                "for two classes there is binary_cross_entropy_with_logits"
            )

    def watched(self, outputs: Any, targets: Any) -> Means:
        """The metrics of a batch."""
        found = {name: metric(outputs, targets) for name, metric in self.metrics.items()}
        return {name: x.data if type(x) is Value else x for name, x in found.items()}


class EagerStep:
    """Forward pass, backward pass and one step of the optimiser on a batch, on Values."""

    def __init__(
        self, task: Task, optimizer: Optimizer, clip_norm: float | None, history: History
    ) -> None:
        self.task, self.optimizer = task, optimizer
        self.clip_norm, self.history = clip_norm, history

    def prepared(self, data: Data) -> Data:
        """The data as the step takes it."""
        return data

    def __call__(self, inputs: Any, targets: Any) -> Means:
        loss, outputs = self.task.loss_of(inputs, targets)
        self.follow(backprop(loss))
        return {"loss": loss.data, **self.task.watched(outputs, targets)}

    def follow(self, gradients: Mapping[Value, Any]) -> None:
        """One step of the optimiser along a gradient table."""
        if self.clip_norm is not None:
            gradients = clip_grad_norm(gradients, self.optimizer.parameters, self.clip_norm)
        with held_back():
            self.optimizer.step(gradients)
            self.history.steps += 1

    def write_back(self) -> None:
        """The Values have the parameters already."""
