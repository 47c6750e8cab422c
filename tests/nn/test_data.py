"""Data helpers: batches, encodings, generated sets, IDX files."""

from __future__ import annotations

import gzip
import math
import random
import struct

import pytest

from autograd import ArgumentError, ArgumentTypeError
from nn import blobs, digits, minibatches, moons, one_hot, read_idx, spirals, train_test_split, xor

TEN = list(range(10))


def test_minibatches_hold_every_sample_once():
    batches = list(minibatches(TEN, [x * x for x in TEN], 4, seed=0))
    assert [len(xs) for xs, _ in batches] == [4, 4, 2]
    assert sorted(x for xs, _ in batches for x in xs) == TEN
    assert all(y == x * x for xs, ys in batches for x, y in zip(xs, ys, strict=True))
    assert batches == list(minibatches(TEN, [x * x for x in TEN], 4, seed=0))
    assert batches != list(minibatches(TEN, [x * x for x in TEN], 4, seed=1))
    assert list(minibatches(TEN, TEN, shuffle=False)) == [(TEN, TEN)]


def test_a_generator_gives_another_order_each_time():
    source = random.Random(0)
    first, second = [list(minibatches(TEN, TEN, seed=source)) for _ in range(2)]
    assert first != second


def test_split():
    a, b, c, d = train_test_split(TEN, [-x for x in TEN], test_size=0.3, seed=0)
    assert (len(a), len(b)) == (7, 3)
    assert sorted(a + b) == TEN
    assert [-x for x in a] == c
    assert [-x for x in b] == d


def test_arrays_will_do():
    numpy = pytest.importorskip("numpy")
    xs, ys = numpy.arange(12).reshape(6, 2), numpy.arange(6)
    for inputs, targets in minibatches(xs, ys, 4, seed=0):
        assert all(x[0] == 2 * y for x, y in zip(inputs, targets, strict=True))
    assert one_hot(numpy.array([1, 0])) == [[0, 1], [1, 0]]


def test_one_hot():
    assert one_hot([0, 2, 1]) == [[1, 0, 0], [0, 0, 1], [0, 1, 0]]
    assert one_hot([1], num_classes=4) == [[0, 1, 0, 0]]
    assert one_hot([0, 1], -1) == [[1, 0], [0, 1]]
    assert one_hot(2, num_classes=3) == [0, 0, 1]


@pytest.mark.parametrize("make", [moons, spirals, blobs])
@pytest.mark.parametrize("n", [2, 7, 40])
def test_generated_sets(make, n):
    inputs, targets = make(n, seed=3)
    assert (inputs, targets) == make(n, seed=3)
    assert inputs != make(n, seed=4)[0]
    assert len(inputs) == len(targets) == n
    assert targets.count(0) == (n + 1) // 2
    assert all(len(x) == 2 for x in inputs)


def test_their_shapes_without_noise():
    for (x, y), t in zip(*moons(50, noise=0.0), strict=True):
        assert math.hypot(x - t, y - 0.5 * t) == pytest.approx(1.0)
        assert y <= 0.5 if t else y >= 0
    radii = [math.hypot(*x) for x in spirals(50, noise=0.0)[0]]
    assert radii == pytest.approx(sorted(radii), rel=1e-12)
    assert blobs(4, centers=[[1, 2], [3, 4], [5, 6]], noise=0.0) == (
        [[1, 2], [3, 4], [5, 6], [1, 2]],
        [0, 1, 2, 0],
    )
    assert xor() == ([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0])


def test_digits():
    pytest.importorskip("sklearn")
    images, labels = digits()
    assert len(images) == len(labels) == 1797
    assert len(images[0]) == len(images[0][0]) == 8
    assert {x for row in images[5] for x in row} <= {i / 16 for i in range(17)}
    assert set(labels) == set(range(10))


# ── IDX files ─────────────────────────────────────────────────────────────────────────────────────

PIXELS = bytes(range(24))


def idx(kind=8, shape=(2, 3, 4), content=PIXELS):
    return bytes([0, 0, kind, len(shape)]) + struct.pack(f">{len(shape)}I", *shape) + content


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzipped"])
def test_idx(tmp_path, pack):
    path = tmp_path / "images"
    path.write_bytes(pack(idx()))
    images = read_idx(path)
    assert images.shape == (2, 3, 4)
    assert images.tolist()[1][2] == [20, 21, 22, 23]
    path.write_bytes(pack(idx(0x0D, (3,), struct.pack(">3f", 1.5, -2.0, 0.25))))
    assert read_idx(path).tolist() == [1.5, -2.0, 0.25]
    path.write_bytes(pack(idx(0x0B, (2,), struct.pack(">2h", -1, 256))))
    assert read_idx(path).tolist() == [-1, 256]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (idx()[:-1], "cut short: the shape [2, 3, 4] needs 24 bytes, but there are 23"),
        (idx() + b"x", "too long: the shape [2, 3, 4] needs 24 bytes, but there are more"),
        (idx()[:10], "cut short: it has no more than 10 bytes"),
        (b"\0\0", "no IDX file"),
        (b"", "no IDX file"),
        (b"\x89PNG\r\n", "no IDX file"),
        (idx(kind=7), "no IDX file"),
        (idx(shape=(2**31, 2**31)), "claims the shape"),
        (idx(shape=(1,) * 200), "claims 200 axes"),
        (gzip.compress(idx(), mtime=0)[:-9], "damaged or cut short"),
        (gzip.compress(idx(), mtime=0)[:-1] + b"\xff", "damaged or cut short"),
        (gzip.compress(idx(), mtime=0)[:10] + b"\xff" * 10, "damaged or cut short"),
        (gzip.compress(idx()[:-1], mtime=0), "cut short"),
    ],
)
def test_bad_idx_files(tmp_path, content, words):
    path = tmp_path / "images"
    path.write_bytes(content)
    with pytest.raises(ArgumentError) as caught:
        read_idx(path)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)


def test_what_is_no_name_of_an_idx_file():
    with pytest.raises(ArgumentTypeError, match="a file is named by a path, not None"):
        read_idx(None)
    with pytest.raises(ArgumentError, match="'' is no name of a file"):
        read_idx("")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: minibatches([1, 2], [1]), "2 and 1"),
        (lambda: minibatches([], []), "at least one sample"),
        (lambda: minibatches([1], [1], 0), "at least 1, not 0"),
        (lambda: train_test_split([1, 2], [1, 2], 0.0), "leaves one part empty"),
        (lambda: train_test_split([1, 2], [1, 2], 1.5), "below 1, not 1.5"),
        (lambda: one_hot([0, 3], 3), "label 1 is a class from 0 to 2, not 3"),
        (lambda: one_hot([-1]), "label 0 is at least 0, not -1"),
        (lambda: one_hot([math.nan]), "label 0 is at least 0, not nan"),
        (lambda: blobs(5, []), "blobs(centers=…) is a list of points, not []"),
        (lambda: one_hot([0.5]), "not 0.5"),
        (lambda: moons(1), "at least 2, not 1"),
        (lambda: blobs(5, [[1.0], [1.0, 2.0]]), "blobs(centers=…) needs rows of one shape"),
        (lambda: blobs(5, [1.0, 2.0]), "blobs(centers=…) is a list of points"),
        (lambda: blobs(5, 3), "blobs(centers=…) is a list of points"),
        (lambda: blobs(5, [["a"]]), "blobs(centers=…) needs numbers"),
        (lambda: spirals(5, turns=math.inf), "spirals(turns=…) is finite, not inf"),
        (lambda: one_hot([0, 2], -2), "num_classes is at least 1, not -2"),
        (lambda: moons(10, noise=-1.0), "at least 0, not -1.0"),
    ],
)
def test_errors(call, words):
    with pytest.raises(ArgumentError) as caught:
        call()
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "call",
    [
        lambda: one_hot("ab"),
        lambda: one_hot(None),
        lambda: minibatches(iter([1]), [1]),
        lambda: spirals(5, turns="a"),
    ],
)
def test_wrong_types(call):
    with pytest.raises(ArgumentTypeError):
        call()
