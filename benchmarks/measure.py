"""Timing for noisy machines: contestants take turns; medians and ratios are reported."""

from __future__ import annotations

import gc
import platform
import statistics
import sys
import threading
import time
from collections.abc import Callable, Mapping
from importlib import metadata


def interleaved(
    contestants: Mapping[str, Callable[[], object]], rounds: int, repeat: int = 1
) -> dict[str, list[float]]:
    """Seconds per call of each contestant, in rounds, so that all see the same weather."""
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for run in contestants.values():
        run()
    for _ in range(rounds):
        for name, run in contestants.items():
            gc.collect()
            start = time.perf_counter()
            for _ in range(repeat):
                run()
            seconds[name].append((time.perf_counter() - start) / repeat)
    return seconds


def ratio(seconds: Mapping[str, list[float]], name: str, peer: str) -> float:
    """The median over the rounds of this contestant's time divided by the peer's."""
    pairs = zip(seconds[name], seconds[peer], strict=True)
    return statistics.median(own / other for own, other in pairs)


def spread(times: list[float]) -> str:
    """The median and the quartiles, in a unit that suits."""
    low, middle, high = statistics.quantiles(times, n=4)
    units = {"s": 1.0, "ms": 1e3, "µs": 1e6, "ns": 1e9}
    unit = next((unit for unit, scale in units.items() if middle * scale >= 1.0), "ns")
    scale = units[unit]
    return f"{middle * scale:.3g} {unit} ({low * scale:.3g}–{high * scale:.3g})"


def machine(*packages: str) -> str:
    """What this ran on, for the head of a table."""
    versions = []
    for package in packages:
        try:
            versions.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            continue
    return ", ".join([f"Python {platform.python_version()}", platform.machine(), *versions])


def with_deep_stack(run: Callable[[], None]) -> None:
    """Run where recursive peers have room: micrograd sorts its graph recursively."""
    sys.setrecursionlimit(10**7)
    threading.stack_size(1024 * 1024 * 1024)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
