"""What `fit` returns: how the training went, epoch by epoch."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class History:
    """One entry per finished epoch in each list, and why the training ended.

    loss             the mean loss over the epoch's batches, each before its step
    validation_loss  the loss on the validation data after the epoch, where there are such
    metrics          name → the metric's mean, as for the loss; on validation data "validation name"
    seconds          how long the epoch took
    steps            the steps of the optimiser, those of an unfinished epoch included
    stopped          the reason in words
    """

    loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    metrics: dict[str, list[float]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    steps: int = 0
    stopped: str = ""

    def record(self, means: dict[str, float], seconds: float) -> None:
        """Add what an epoch gave; `means` has the losses and the metrics by name."""
        for name, mean in means.items():
            if name == "loss":
                self.loss.append(mean)
            elif name == "validation loss":
                self.validation_loss.append(mean)
            else:
                self.metrics.setdefault(name, []).append(mean)
        self.seconds.append(seconds)

    def __len__(self) -> int:
        return len(self.loss)

    def __bool__(self) -> bool:
        return True

    def __str__(self) -> str:
        path = f"loss {self.loss[0]:.4g} → {self.loss[-1]:.4g}, " if self.loss else ""
        return f"{len(self)} epochs, {path}{sum(self.seconds):.3g} s; {self.stopped}"
