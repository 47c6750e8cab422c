"""The tour of `make demo`: tables, a picture, a page to step through, a network in training."""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

from autograd import Value, backprop, dot, sigmoid, trace
from nn import MLP, SGD, fit, moons
from nn.losses import hinge_loss

from .drawing import draw
from .stepper import step


def small_example() -> None:
    """e = (a + b)·(b + 1), its table, and the backward pass as a derivation."""
    a, b = Value(2.0, "a"), Value(1.0, "b")
    c, d = a + b, b + 1
    e = c * d
    c.label, d.label, e.label = "c", "d", "e"
    print("The gradient table of e = (a + b)·(b + 1):\n")
    print(backprop(e))
    print("\nstep by step:\n")
    for line in trace(e).backward_steps():
        print(f"  {line}")


def neuron(folder: Path) -> list[Path]:
    """A logistic neuron: its table, its drawing, and a page on which it is stepped through."""
    weights = [Value(0.8, "w1"), Value(-0.5, "w2")]
    inputs = [Value(1.0, "x1"), Value(2.0, "x2")]
    z = dot(weights, inputs, Value(0.1, "b"))
    y = sigmoid(z)
    z.label, y.label = "z", "y"
    table = backprop(y)
    print("\nA neuron y = σ(w·x + b):\n")
    print(table)
    drawing, page = folder / "neuron.svg", folder / "neuron.html"
    draw(table).save(str(drawing))
    step(y).save(str(page))
    return [drawing, page]


def training() -> None:
    """Two moons, separated by a small network."""
    inputs, classes = moons(60, noise=0.1, seed=1)
    targets = [2 * c - 1 for c in classes]
    model = MLP(2, [8, 1], activation="tanh", seed=2)
    print("\nA network of", len(list(model.parameters())), "parameters learns two moons:\n")
    sys.stdout.flush()
    fit(
        model,
        (inputs, targets),
        loss=hinge_loss,
        optimizer=SGD(model.parameters(), lr=0.3, momentum=0.9),
        epochs=30,
        batch_size=20,
        seed=Random(3),
    )
    right = sum((model(x).data > 0) == (t > 0) for x, t in zip(inputs, targets, strict=True))
    print(f"\n{right} of {len(inputs)} points are on their side of the border.")


def main(folder: str = "demo") -> None:
    """Run the tour and write its files into a folder."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    small_example()
    files = neuron(target)
    training()
    print("\nWritten:", *(f"  {path}" for path in files), sep="\n")
    print("Open the page in a browser and use the arrow keys.")


if __name__ == "__main__":
    main(*sys.argv[1:])
