"""Names, order and defaults are PyTorch's, or docs/names.md says what is different."""

from __future__ import annotations

import doctest
import inspect
import re
from pathlib import Path

import pytest

import nn

PAGE = Path(__file__).parents[2] / "docs" / "names.md"
TEXT = PAGE.read_text()

PLACES = {
    "nn": "Conv1d Conv2d MaxPool2d AvgPool2d Dropout LayerNorm PReLU LeakyReLU RNNCell",
    "nn.functional": """mse_loss l1_loss binary_cross_entropy binary_cross_entropy_with_logits
        cross_entropy nll_loss gaussian_nll_loss""",
    "optim": "SGD Adagrad RMSprop Adam AdamW",
    "optim.lr_scheduler": "LambdaLR StepLR ExponentialLR LinearLR CosineAnnealingLR",
    "nn.utils": "clip_grad_norm_ clip_grad_value_",
}
SAME = {name: place for place, names in PLACES.items() for name in names.split()}
OF_OUR_OWN = {"seed", "init"}  # PReLU's init is PyTorch's
FURTHER_ON = {"reduction"}  # behind arguments that are obsolete, or not here


def parameters(function):
    return list(inspect.signature(function).parameters.values())


@pytest.mark.torch
@pytest.mark.parametrize("name", SAME)
def test_order_and_defaults_are_those_of_torch(name):
    place = pytest.importorskip("torch")
    for part in SAME[name].split("."):
        place = getattr(place, part)
    theirs = {p.name: (i, p) for i, p in enumerate(parameters(getattr(place, name)))}
    for i, own in enumerate(parameters(getattr(nn, name))):
        if own.name not in theirs:
            assert own.name in OF_OUR_OWN, own.name
            continue
        j, peer = theirs[own.name]
        assert own.default == peer.default, own.name
        if own.kind is not own.KEYWORD_ONLY and own.name not in FURTHER_ON:
            assert i == j, own.name


def test_every_other_name_is_in_the_table():
    named = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]*)`", TEXT))))
    same = {*SAME, "Sequential", "Module", "Optimizer"}
    assert not {name for name in nn.__all__ if name not in same} - named


def test_the_examples_of_the_page_run():
    failed, attempted = doctest.testfile(str(PAGE), module_relative=False)
    assert attempted > 10
    assert failed == 0
