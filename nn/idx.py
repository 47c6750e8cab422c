"""Reader for IDX files, the format of MNIST and Fashion-MNIST."""

from __future__ import annotations

import gzip
import zlib
from math import prod
from os import PathLike
from typing import IO, Any

from autograd import ArgumentError

from .checks import file_name

_KINDS = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_MAX_BYTES = 1 << 31
_MAX_AXES = 32


def read_idx(path: str | PathLike[str]) -> Any:
    """The NumPy array in an IDX file, gzipped or not.

    The file is two zero bytes, the type, the number of axes, their lengths (four bytes each, the
    highest first), and then the numbers; not a byte less or more.
    """
    path = file_name(path)
    with open(path, "rb") as file:
        gzipped = file.read(2) == b"\x1f\x8b"
    opener: Any = gzip.open if gzipped else open
    try:
        with opener(path, "rb") as file:
            return _read(file, path)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ArgumentError(f"{path} is damaged or cut short: {error}") from None


def _read(file: IO[bytes], path: str) -> Any:
    import numpy

    magic = file.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in _KINDS:
        raise ArgumentError(f"{path} is no IDX file: it begins with {magic!r}")
    lengths = file.read(4 * magic[3])
    if len(lengths) < 4 * magic[3]:
        raise ArgumentError(f"{path} is cut short: it has no more than {4 + len(lengths)} bytes")
    if magic[3] > _MAX_AXES:
        raise ArgumentError(f"{path} claims {magic[3]} axes, more than {_MAX_AXES}")
    shape = [int.from_bytes(lengths[i : i + 4]) for i in range(0, len(lengths), 4)]
    kind = numpy.dtype(_KINDS[magic[2]])
    size = prod(shape) * kind.itemsize
    if size > _MAX_BYTES:
        raise ArgumentError(f"{path} claims the shape {shape}, more than {_MAX_BYTES} bytes")
    content = file.read(size + 1)
    if len(content) != size:
        why = "cut short" if len(content) < size else "too long"
        held = f"{len(content)}" if len(content) < size else "more"
        raise ArgumentError(
            f"{path} is {why}: the shape {shape} needs {size} bytes, but there are {held}"
        )
    return numpy.frombuffer(content, kind).reshape(shape).astype(kind.newbyteorder("="))
