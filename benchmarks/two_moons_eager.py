"""micrograd's two-moons demo, one eager training step, beside micrograd itself."""

from __future__ import annotations

import random

import measure
import micrograd.engine
import micrograd.nn

from nn import MLP, SGD, hinge_loss, l2_penalty, moons


def main() -> None:
    """100 points, 2-16-16-1, ReLU, max-margin loss, weight decay 1e-4, full batch."""
    inputs, classes = moons(100, noise=0.1, seed=1)
    targets = [2 * c - 1 for c in classes]
    model = MLP(2, [16, 16, 1], seed=1)
    optimizer = SGD(model.parameters(), lr=0.1)

    def ours() -> None:
        optimizer.zero_grad()
        loss = hinge_loss([model(x) for x in inputs], targets)
        (loss + l2_penalty(model.parameters(), 1e-4)).backward()
        optimizer.step()

    random.seed(1)
    theirs = micrograd.nn.MLP(2, [16, 16, 1])

    def micrograd_step() -> None:
        values = [list(map(micrograd.engine.Value, row)) for row in inputs]
        scores = list(map(theirs, values))
        losses = [(1 + -t * s).relu() for t, s in zip(targets, scores, strict=True)]
        loss = sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in theirs.parameters())
        theirs.zero_grad()
        loss.backward()
        for p in theirs.parameters():
            p.data -= 0.1 * p.grad

    seconds = measure.interleaved({"gradtable": ours, "micrograd": micrograd_step}, rounds=7)
    print("| engine | one step | gradtable / it |")
    print("|---|---|---|")
    for name, times in seconds.items():
        ratio = measure.ratio(seconds, "gradtable", name)
        print(f"| {name} | {measure.spread(times)} | 1/{1 / ratio:.3g} |")


if __name__ == "__main__":
    measure.with_deep_stack(main)
