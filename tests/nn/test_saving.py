"""Model files: exact to the bit, whole whatever happens, and read with suspicion."""

from __future__ import annotations

import json
import math
import os
import stat
import subprocess
import sys
import textwrap

import pytest
from hypothesis import given, strategies as st

import nn.saving
from autograd import ArgumentError, ArgumentTypeError
from nn import MLP, Conv2d, Perceptron, Sequential
from nn.saving import FORMAT


@pytest.fixture
def model():
    return MLP(2, [2, 1], seed=0)


@pytest.fixture
def file(model, tmp_path):
    model.save(tmp_path / "model.json")
    return tmp_path / "model.json"


def test_there_and_back(model, file):
    other = MLP(2, [2, 1], seed=1)
    assert other.state_dict() != model.state_dict()
    other.load(file)
    assert other.state_dict() == model.state_dict()
    assert os.listdir(file.parent) == ["model.json"]
    other.load(str(file))


def test_names_of_files(model, tmp_path):
    name = os.fsencode(tmp_path / "bytes.json")
    model.save(name)
    model.load(name)
    for wrong in (None, 3, 1.5, True, ["m.json"], sys.stdout):
        for call in (model.save, model.load):
            with pytest.raises(ArgumentTypeError, match="a file is named by a path, not"):
                call(wrong)
    for wrong in ("", "a\0b", tmp_path / "x\0"):
        for call in (model.save, model.load):
            with pytest.raises(ArgumentError, match="no name of a file"):
                call(wrong)
    assert os.listdir(tmp_path) == ["bytes.json"]


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(-1e-300, 1e-300))
def test_floats_keep_every_bit(tmp_path_factory, x, y):
    path = tmp_path_factory.mktemp("bits") / "unit.json"
    unit, other = Perceptron(2), Perceptron(2)
    unit.weight.data = [x, y]
    unit.save(path)
    other.load(path)
    assert [w.hex() for w in other.weight.data] == [x.hex(), y.hex()]


def test_other_shapes(tmp_path):
    model = Sequential(Conv2d(2, 3, (2, 1), seed=0), Perceptron(3))
    model.save(tmp_path / "m.json")
    other = Sequential(Conv2d(2, 3, (2, 1), seed=1), Perceptron(3))
    other.load(tmp_path / "m.json")
    assert other.state_dict() == model.state_dict()


def test_what_is_not_finite_is_not_saved(model, file):
    before = file.read_bytes()
    model.parameters()[3].data = math.inf
    with pytest.raises(ArgumentError, match="not finite"):
        model.save(file)
    assert file.read_bytes() == before


@pytest.mark.parametrize("broken", ["fsync", "replace", "chmod"])
def test_a_crash_while_saving_leaves_the_old_file(model, file, monkeypatch, broken):
    before = file.read_bytes()

    def crash(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(nn.saving.os, broken, crash)
    model.parameters()[0].data = 77.0
    with pytest.raises(OSError, match="no space"):
        model.save(file)
    assert file.read_bytes() == before
    assert os.listdir(file.parent) == ["model.json"]


def test_a_killed_process_leaves_the_old_file(model, file):
    before = file.read_bytes()
    program = """
        import os, signal, sys, nn.saving
        from nn import MLP
        nn.saving.os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
        MLP(2, [2, 1], seed=5).save(sys.argv[1])
    """
    arguments = [sys.executable, "-c", textwrap.dedent(program), str(file)]
    assert subprocess.run(arguments).returncode == -9
    assert file.read_bytes() == before


def test_permissions(model, tmp_path):
    path = tmp_path / "m.json"
    old = os.umask(0o027)
    try:
        model.save(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        path.chmod(0o604)
        model.save(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o604
    finally:
        os.umask(old)


def test_a_link_stays_a_link(model, file, tmp_path):
    link = tmp_path / "link.json"
    link.symlink_to(file)
    model.parameters()[0].data = 5.0
    model.save(link)
    assert link.is_symlink()
    other = MLP(2, [2, 1])
    other.load(file)
    assert other.parameters()[0].data == 5.0


def spoiled(**entries):
    """The text of a model file with other entries; an underscore stands for the dot in a name."""
    state = MLP(2, [2, 1], seed=0).state_dict()
    state |= {name.replace("_", "."): entry for name, entry in entries.items()}
    return json.dumps({"format": FORMAT, "parameters": state})


def with_bias(text):
    """The text of a model file with this in the place of layer1's bias."""
    return spoiled(layer1_bias="@").replace('"@"', text)


BAD = {
    "missing": (spoiled().replace("layer1.bias", "layer1.b"), "lacks 'layer1.bias'"),
    "unknown": (spoiled(extra=[1.0]), "has 'extra'"),
    "shape": (with_bias("[1.0, 2.0]"), "layer1.bias has shape (1,)"),
    "ragged": (spoiled(layer0_weight=[[1.0], [1.0, 2.0]]), "layer0.weight"),
    "text": (with_bias('["1"]'), "layer1.bias"),
    "null": (with_bias("[null]"), "layer1.bias"),
    "true": (with_bias("[true]"), "layer1.bias[0]"),
    "object": (with_bias('{"0": 1.0}'), "layer1.bias"),
    "nan": (with_bias("[NaN]"), "NaN is not a finite number"),
    "infinite": (with_bias("[-Infinity]"), "-Infinity is not a finite number"),
    "1e999": (with_bias("[1e999]"), "layer1.bias[0]"),
    "long": (with_bias(f"[{'9' * 5000}]"), "layer1.bias[0]"),
    "twice": (spoiled().replace('"layer0.bias"', '"layer1.bias"'), "occurs twice"),
    "format": (json.dumps({"format": "other", "parameters": {}}), "is no model file"),
    "more": (json.dumps({"format": FORMAT, "parameters": {}, "more": 1}), "and no others"),
    "list": ("[1, 2]", "is no model file"),
    "parameters": (json.dumps({"format": FORMAT, "parameters": [1]}), "and no others"),
    "deep": ('{"format": ' + "[" * 100_000 + "]" * 100_000 + "}", "levels deep"),
    "open": ("[" * 100_000, "levels deep"),
    "empty": ("", "cannot be read"),
    "cut": (spoiled()[:-20], "cannot be read"),
    "bytes": ("\udcff", "cannot be read"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_refused_by_name(model, tmp_path, name):
    text, words = BAD[name]
    path, before = tmp_path / "bad.json", model.state_dict()
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(ArgumentError) as caught:
        model.load(path)
    assert words in str(caught.value)
    assert model.state_dict() == before


def test_brackets_in_names_do_not_count(model, tmp_path):
    path = tmp_path / "m.json"
    path.write_text(spoiled(**{"[" * 50 + '\\"': [1.0]}))
    with pytest.raises(ArgumentError, match="the state has"):
        model.load(path)


def test_too_large_a_file(model, file, monkeypatch):
    monkeypatch.setattr(nn.saving, "MAX_BYTES", 100)
    with pytest.raises(ArgumentError, match="larger than the 100 bytes"):
        model.load(file)


def test_a_number_is_no_path(model, file):
    with open(file) as opened:
        with pytest.raises(TypeError):
            model.load(opened.fileno())
        assert opened.read()


def test_no_file(model, tmp_path):
    with pytest.raises(FileNotFoundError):
        model.load(tmp_path / "none.json")
