"""jit: one epoch of 60,000 samples of 784-100-10 in batches of 128, through `nn.fit`."""

from __future__ import annotations

import measure
import numpy as np
import torch

from nn import MLP, SGD, cross_entropy, fit

SAMPLES, BATCH = 60_000, 128


def main() -> None:
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    generator = np.random.default_rng(0)
    inputs = generator.random((SAMPLES, 784))
    classes = generator.integers(0, 10, SAMPLES)
    model = MLP(784, [100, 10], seed=1)
    optimizer = SGD(model.parameters(), lr=0.05)
    theirs = torch.nn.Sequential(
        torch.nn.Linear(784, 100), torch.nn.ReLU(), torch.nn.Linear(100, 10)
    )
    their_optimizer = torch.optim.SGD(theirs.parameters(), lr=0.05)

    def ours() -> None:
        fit(
            model,
            (inputs, classes),
            loss=cross_entropy,
            optimizer=optimizer,
            epochs=1,
            batch_size=BATCH,
            seed=1,
            progress=False,
            jit=True,
        )

    def pytorch() -> None:
        x, y = torch.from_numpy(inputs), torch.from_numpy(classes)
        for part in torch.randperm(SAMPLES).split(BATCH):
            their_optimizer.zero_grad()
            torch.nn.functional.cross_entropy(theirs(x[part]), y[part]).backward()
            their_optimizer.step()

    seconds = measure.interleaved({"PyTorch": pytorch, "nn.fit(jit=True)": ours}, rounds=5)
    measure.comparison("one epoch", seconds, "nn.fit(jit=True)", {"PyTorch": "≤ 1.5"})


if __name__ == "__main__":
    main()
