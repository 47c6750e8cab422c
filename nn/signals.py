"""Convolution and cross-correlation of plain signals, in one and two dimensions."""

from __future__ import annotations

from typing import Any

from autograd import ArgumentError, dot

from .nested import flattened, nested, shape_of
from .windows import Window, patch_indices

MODES = ("full", "valid")


def convolve(signal: Any, kernel: Any, mode: str = "full") -> Any:
    """r(i) = Σₙ s(i−n) k(n), and r(i,j) = Σₙ Σₘ s(i−n, j−m) k(n,m).

    "full": wherever signal and kernel overlap; "valid": where the kernel lies wholly inside.
    """
    return _slid(signal, kernel, mode, flip=True, name="convolve")


def cross_correlate(signal: Any, kernel: Any, mode: str = "valid") -> Any:
    """r(i) = Σₙ s(i+n) k(n), r(i,j) = Σₙ Σₘ s(i+n, j+m) k(n,m): the "convolution" of networks."""
    return _slid(signal, kernel, mode, flip=False, name="cross_correlate")


def _slid(signal: Any, kernel: Any, mode: str, flip: bool, name: str) -> Any:
    if mode not in MODES:
        raise ArgumentError(f"{name}(mode=…) is one of {MODES}, not {mode!r}")
    size, extent = shape_of(signal, name), shape_of(kernel, name)
    if len(size) != len(extent) or len(size) not in (1, 2) or 0 in size + extent:
        raise ArgumentError(
            f"{name} needs a signal and a kernel, both with one axis or both with two, "
            f"but got shapes {size} and {extent}"
        )
    sides = [n - 1 if mode == "full" else 0 for n in extent]
    window = Window(extent, (1,) * len(extent), tuple([(n, n) for n in sides]))
    places = window.places(size, name)
    weights = flattened(kernel)[::-1] if flip else flattened(kernel)
    numbers = [*flattened(signal), 0.0]
    patches = patch_indices(window, 1, size)
    return nested([dot([numbers[i] for i in patch], weights) for patch in patches], places)
