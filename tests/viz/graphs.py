"""Graphs to draw: those of the curriculum, and random ones."""

from __future__ import annotations

import random
from collections.abc import Callable

from autograd import Value, dot, logsumexp, relu, scope, sigmoid, sum as total, tanh


def worked_example() -> Value:
    """e = (a + b)·(b + 1)."""
    a, b = Value(2.0, "a"), Value(1.0, "b")
    c, d = a + b, b + 1
    e = c * d
    c.label, d.label, e.label = "c", "d", "e"
    return e


def sigmoid_loss() -> Value:
    """L = ½(y − σ(w1·x1³ + w2·x2))²."""
    w1, w2, y = Value(0.02, "w1"), Value(0.01, "w2"), Value(0.0, "y")
    x1, x2 = Value(3.0, "x1"), Value(5.0, "x2")
    u = sigmoid(w1 * x1**3 + w2 * x2)
    return 0.5 * (y - u) ** 2


def product() -> Value:
    return Value(3.0, "x") * Value(-2.0, "y")


def logistic_neuron(n: int = 2) -> Value:
    """ŷ = σ(xᵀw + b)."""
    ws = [Value(0.5 - 0.3 * i, f"w{i}") for i in range(n)]
    xs = [Value(1.0 + i, f"x{i}") for i in range(n)]
    return sigmoid(dot(ws, xs, Value(0.1, "b")))


def relu_layer() -> Value:
    """The sum of H = relu(XW + b)."""
    x = [[Value(0.1 * i + j, f"X{j}{i}") for i in range(3)] for j in range(2)]
    w = [[Value(0.2 * i - j, f"W{i}{j}") for j in range(2)] for i in range(3)]
    b = [Value(0.1, "b0"), Value(0.2, "b1")]
    columns = [[row[j] for row in w] for j in range(2)]
    return total([relu(dot(row, columns[j], b[j])) for row in x for j in range(2)])


def weight_decay() -> Value:
    """xᵀw + λ Σ wᵢ²."""
    w = [Value(0.1 * i, f"w{i}") for i in range(4)]
    x = [Value(0.3 * i, f"x{i}") for i in range(4)]
    return dot(w, x) + Value(0.1, "λ") * total([v * v for v in w])


def network(n_inputs: int = 3, widths: tuple[int, ...] = (4, 4, 1), scoped: bool = True) -> Value:
    """A multi-layer perceptron, its units in scopes of their own."""
    numbers = random.Random(0)
    xs = [Value(numbers.gauss(0, 1), f"x{i}") for i in range(n_inputs)]
    for i, width in enumerate(widths):
        outputs = []
        for j in range(width):
            with scope(f"layer{i}/neuron{j}" if scoped else ""):
                ws = [Value(numbers.gauss(0, 1)) for _ in xs]
                outputs.append(tanh(dot(ws, xs, Value(0.0))))
        xs = outputs
    return total(xs) if len(xs) > 1 else xs[0]


def one_operation_at_a_time() -> Value:
    """The same without `dot`, as in micrograd."""
    numbers = random.Random(0)
    xs = [Value(numbers.random()) for _ in range(3)]
    for width in (4, 4, 1):
        outputs = []
        for _ in range(width):
            so_far = Value(0.0)
            for x in xs:
                so_far = so_far + Value(numbers.gauss(0, 1)) * x
            outputs.append(relu(so_far))
        xs = outputs
    return xs[0]


def recurrent() -> Value:
    """One cell over eight time steps, its weights shared."""
    w, u, b, h = Value(0.5, "w"), Value(0.4, "u"), Value(0.1, "b"), Value(0.0, "h")
    for t in range(8):
        h = tanh(dot([w, u], [Value(1.0 * t, f"x{t}"), h], b))
    return h


def recurrent_units() -> Value:
    """Two units that use each other's state: their scopes depend on one another in a ring."""
    states = [Value(0.1, "h0"), Value(0.2, "h1")]
    for _ in range(3):
        following = []
        for j in range(2):
            with scope(f"cell/unit{j}"):
                following.append(tanh(dot([Value(0.5), Value(-0.3)], states)))
        states = following
    return states[0] + states[1]


def softmax_loss() -> Value:
    """Cross-entropy of a small classifier, from its logits."""
    outputs = list(network(3, (4, 3)).parents)
    return logsumexp(outputs) - outputs[1]


def wide_dot() -> Value:
    return dot([Value(0.1 * i) for i in range(32)], [Value(0.2 * i) for i in range(32)])


def random_graph(seed: int, size: int) -> Value:
    """Sums, products and functions of earlier nodes; some in scopes, some operands twice."""
    numbers = random.Random(seed)
    nodes = [Value(numbers.random()) for _ in range(max(size // 4, 2))]
    while len(nodes) < size:
        with scope(numbers.choice(["", "", "one", "one/two", "one/three", "four"])):
            a, b = (numbers.choice(nodes[-30:]) for _ in range(2))
            pick = numbers.random()
            nodes.append(a * b if pick < 0.5 else tanh(a) if pick < 0.7 else a + a)
    return total(nodes[-6:])


def chain(length: int) -> Value:
    x = Value(0.5, "x")
    for _ in range(length):
        x = x * 0.999
    return x


SAMPLES: dict[str, Callable[[], Value]] = {
    "product": product,
    "logistic neuron": logistic_neuron,
    "relu layer": relu_layer,
    "weight decay": weight_decay,
}

CURRICULUM: dict[str, Callable[[], Value]] = {
    **SAMPLES,
    "worked example": worked_example,
    "sigmoid loss": sigmoid_loss,
    "network": network,
    "network without scopes": lambda: network(scoped=False),
    "one operation at a time": one_operation_at_a_time,
    "recurrent": recurrent,
    "softmax loss": softmax_loss,
    "wide dot": wide_dot,
}
