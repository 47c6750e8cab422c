"""Losses: functions of a model's outputs and the targets, of one sample or of a batch.

Each is a mean over single numbers or over samples; `reduction` is "mean", "sum" or "none", as in
PyTorch: "none" gives the loss of each number, or of each sample, in their structure. Those that
take logits are stable at any size of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import autograd
from autograd import ArgumentError, DomainError, Value, dot, log, log1p, logsumexp, softplus
from autograd.contexts import stands_for_number
from autograd.operations import equal

from .checks import items, same_length
from .nested import is_leaf, mapped, plain


def mse_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    """(1/n) Σ (y − ŷ)², over all n numbers."""
    differences = _differences(input, target, "mse_loss")
    if reduction == "none":
        return in_shape(larger(input, target), [d * d for d in differences])
    return reduced([dot(differences, differences)], reduction, n=len(differences))


def half_squared_error(input: Any, target: Any) -> Any:
    """½ Σ (o − t)²."""
    differences = _differences(input, target, "half_squared_error")
    return 0.5 * dot(differences, differences)


def quadratic_cost(input: Any, target: Any) -> Any:
    """1/(2m) Σ ‖yᵢ − ŷᵢ‖² over the m samples of a batch."""
    differences = _differences(input, target, "quadratic_cost")
    return dot(differences, differences) / (2.0 * (1 if is_leaf(input) else len(input)))


def _differences(input: Any, target: Any, name: str) -> list[Any]:
    return [x - y for x, y in paired(input, target, name)]


def l1_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    """(1/n) Σ |y − ŷ|, over all n numbers; its minimiser is the conditional median."""
    losses = [autograd.abs(d) for d in _differences(input, target, "l1_loss")]
    return reduced(losses, reduction, larger(input, target))


def hinge_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    """(1/n) Σ max(0, 1 − y s) for targets y = ±1 and scores s: the max-margin loss."""
    pairs = paired(input, target, "hinge_loss")
    for i, (_, y) in enumerate(pairs):
        if not 1.0 <= abs(comparable(y)) <= 1.0:
            raise ArgumentError(f"hinge_loss needs targets −1 and 1, but target {i} is {plain(y)}")
    return reduced([autograd.relu(1.0 - s * y) for s, y in pairs], reduction, larger(input, target))


def binary_cross_entropy(input: Any, target: Any, reduction: str = "mean") -> Any:
    """−(1/n) Σ (y log p + (1 − y) log(1 − p)), from probabilities p."""
    name = "binary_cross_entropy"
    for i, (p, _) in enumerate(paired(input, target, name)):
        if not 0.0 <= comparable(p) <= 1.0:
            raise DomainError(f"{name} needs probabilities, but number {i} is {plain(p)}")
    return _binary(input, target, reduction, name, _from_probability)


def binary_cross_entropy_with_logits(input: Any, target: Any, reduction: str = "mean") -> Any:
    """(1/n) Σ ζ((1 − 2y) z) for targets y of 0 and 1, from logits z; y between is fine."""
    name = "binary_cross_entropy_with_logits"
    return _binary(input, target, reduction, name, _from_logit)


def _from_probability(p: Any, y: Any) -> Any:
    """−log of the probability of what happened; a term of weight 0 is left out: 0·log 0 is 0."""
    if type(y) is not Value and y in (0, 1):
        return -log(p) if y else -log1p(-p)
    return -dot([y, 1.0 - y], [log(p), log1p(-p)])


def _from_logit(z: Any, y: Any) -> Any:
    """y ζ(−z) + (1 − y) ζ(z), in which nothing cancels."""
    if type(y) is not Value and y in (0, 1):
        return softplus(-z if y else z)
    return dot([y, 1.0 - y], [softplus(-z), softplus(z)])


def _binary(
    input: Any, target: Any, reduction: str, name: str, loss: Callable[[Any, Any], Any]
) -> Any:
    pairs = paired(input, target, name)
    for i, (_, y) in enumerate(pairs):
        if not 0.0 <= comparable(y) <= 1.0:
            raise ArgumentError(
                f"{name} needs targets between 0 and 1, but target {i} is {plain(y)}"
            )
    return reduced([loss(x, y) for x, y in pairs], reduction, larger(input, target))


def cross_entropy(input: Any, target: Any, reduction: str = "mean") -> Any:
    """(1/n) Σ (log Σⱼ e^zⱼ − z_t) from logits z; the target is a class t or probabilities."""
    return _of_classes(
        input, target, reduction, "cross_entropy", lambda z, t: logsumexp(z) - _chosen(z, t)
    )


def nll_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    """−(1/n) Σ log p_t, or −(1/n) Σ Σⱼ yⱼ log pⱼ, from log-probabilities."""
    return _of_classes(input, target, reduction, "nll_loss", lambda p, t: -_chosen(p, t))


def negative_log_likelihood(input: Any, target: Any, reduction: str = "mean") -> Any:
    """−(1/n) Σ Σⱼ yⱼ log pⱼ from probabilities p; from logits `cross_entropy` is more exact."""

    def loss(p: Sequence[Any], t: Any) -> Any:
        if is_leaf(t):
            return -log(_chosen(p, t))
        possible = [(y, log(x)) for x, y in zip(p, t, strict=True) if type(y) is Value or y]
        return -dot(*zip(*possible, strict=True))

    return _of_classes(input, target, reduction, "negative_log_likelihood", loss)


def _of_classes(
    input: Any, target: Any, reduction: str, name: str, loss: Callable[[Any, Any], Any]
) -> Any:
    """The loss of one sample (a list of numbers) or of a batch of them (a list of lists)."""
    single = len(items(input, name)) and is_leaf(input[0])
    if single:
        input, target = [input], [target]
    same_length(input, [target] if is_leaf(target) else target, name)
    for i, (x, t) in enumerate(zip(input, target, strict=True)):
        _check_class(t, len(items(x, name)), f"{name}: target {i}")
    losses = [loss(x, t) for x, t in zip(input, target, strict=True)]
    return reduced(losses, reduction, 0.0 if single else losses)


def _chosen(x: Sequence[Any], t: Any) -> Any:
    """x_t of a class t, Σⱼ tⱼ xⱼ of probabilities.

    Where t is an input of a compiled program, which is for any class, x_t is Σⱼ [t = j] xⱼ.
    """
    if is_leaf(t) and type(t) is not Value:
        return x[int(plain(t))]
    return dot(_one_hot(t, len(x)) if is_leaf(t) else t, x)


def _one_hot(t: Any, classes: int) -> list[Any]:
    return [equal(t, float(j)) for j in range(classes)]


def _is_class(t: Any, classes: int) -> bool:
    if type(t) is not Value:
        return t in range(classes)
    return stands_for_number(t) and autograd.sum(_one_hot(t, classes)) > 0.0


def _check_class(t: Any, classes: int, what: str) -> None:
    """A target is a class from 0, or as many probabilities as there are classes."""
    if is_leaf(t):
        if not _is_class(t, classes):
            raise ArgumentError(f"{what} is a class from 0 to {classes - 1}, not {t!r}")
        return
    if len(items(t, what)) != classes:
        raise ArgumentError(f"{what} has {len(t)} probabilities, but there are {classes} classes")
    numbers = list(map(comparable, t))
    if not all(y >= 0.0 for y in numbers) or not 1.0 - 1e-6 <= sum(numbers) <= 1.0 + 1e-6:
        shown = list(map(plain, numbers))
        raise ArgumentError(f"{what} is a list of probabilities with the sum 1, not {shown}")


# ── what all losses share ─────────────────────────────────────────────────────────────────────────


def paired(input: Any, target: Any, name: str) -> list[tuple[Any, Any]]:
    """The numbers of two structures of one shape, pair by pair; a list of one number matches it."""
    if is_leaf(input) and is_leaf(target):
        return [(input, target)]
    xs, ys = [input] if is_leaf(input) else input, [target] if is_leaf(target) else target
    same_length(xs, ys, name)
    return [pair for x, y in zip(xs, ys, strict=True) for pair in paired(x, y, name)]


def comparable(x: Any) -> Any:
    """The number; a Value as it is, so that jit takes note of what it is compared with."""
    return x if type(x) is Value else plain(x)


def larger(input: Any, target: Any) -> Any:
    """Of two structures that match the one that is a list, if one is."""
    return input if is_leaf(target) else target


def reduced(losses: list[Any], reduction: str, structure: Any = None, n: int | None = None) -> Any:
    """The mean of n losses, their sum, or all of them in a structure."""
    if reduction == "none":
        return in_shape(structure, losses)
    if reduction not in ("mean", "sum"):
        raise ArgumentError(f'reduction is "mean", "sum" or "none", not {reduction!r}')
    total = losses[0] if len(losses) == 1 else autograd.sum(losses)
    n = n or len(losses)
    return total if reduction == "sum" or n == 1 else total / n


def in_shape(structure: Any, losses: list[Any]) -> Any:
    """One loss in the place of each number."""
    following = iter(losses)
    return mapped(lambda _: next(following), structure)


# These want an output for each class.
OF_CLASSES = (cross_entropy, nll_loss, negative_log_likelihood)

# Of these, the loss of a batch is the mean of the losses of its samples.
MEANS_OVER_SAMPLES = (
    mse_loss,
    quadratic_cost,
    l1_loss,
    hinge_loss,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    *OF_CLASSES,
)
