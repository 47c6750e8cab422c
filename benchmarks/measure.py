"""Timing for noisy machines: contestants take turns; medians and ratios are reported."""

from __future__ import annotations

import gc
import os
import platform
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

Seconds = Mapping[str, list[float]]


def interleaved(
    contestants: Mapping[str, Callable[[], object]], rounds: int, repeat: int = 1
) -> dict[str, list[float]]:
    """Seconds per call of each contestant, in rounds, so that all see the same weather."""
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for run in contestants.values():
        run()
        run()
    for _ in range(rounds):
        for name, run in contestants.items():
            gc.collect()
            start = time.perf_counter()
            for _ in range(repeat):
                run()
            seconds[name].append((time.perf_counter() - start) / repeat)
    return seconds


def ratio(seconds: Seconds, name: str, peer: str) -> float:
    """The median over the rounds of this contestant's time divided by the peer's."""
    return statistics.median(_ratios(seconds, name, peer))


def _ratios(seconds: Seconds, name: str, peer: str) -> list[float]:
    pairs = zip(seconds[name], seconds[peer], strict=True)
    return [own / other for own, other in pairs]


def ratio_text(seconds: Seconds, name: str, peer: str) -> str:
    """The median ratio with its quartiles."""
    low, middle, high = statistics.quantiles(_ratios(seconds, name, peer), n=4)
    return f"{middle:.3g} ({low:.3g}–{high:.3g})"


def spread(times: list[float]) -> str:
    """The median and the quartiles, in a unit that suits."""
    low, middle, high = statistics.quantiles(times, n=4)
    units = {"s": 1.0, "ms": 1e3, "µs": 1e6, "ns": 1e9}
    unit = next((unit for unit, scale in units.items() if middle * scale >= 1.0), "ns")
    scale = units[unit]
    return f"{middle * scale:.3g} {unit} ({low * scale:.3g}–{high * scale:.3g})"


def table(header: Iterable[object], rows: Iterable[Iterable[object]]) -> None:
    """Print a Markdown table."""
    lines = [list(map(str, row)) for row in (header, *rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    print("\n".join(f"| {' | '.join(line)} |" for line in lines), flush=True)


def comparison(
    what: str, seconds: Seconds, own: str, bars: Mapping[str, str] | None = None
) -> None:
    """A table of times, and how many times as long as each peer `own` takes."""
    rows = [
        [name, spread(times), "" if name == own else ratio_text(seconds, own, name),
         (bars or {}).get(name, "")]
        for name, times in seconds.items()
    ]  # fmt: skip
    table([what, "time", f"{own} takes", "bar"], rows)


def casadi_run(function: Any, given: list[Any]) -> Callable[[], object]:
    """A call of CasADi's function on arrays, without its Python wrapping."""
    import numpy as np

    inputs = [np.ravel(np.asarray(x, dtype=float), order="F") for x in given]
    outputs = [np.zeros(function.nnz_out(i)) for i in range(function.n_out())]
    buffers, evaluate = function.buffer()
    for i, array in enumerate(inputs):
        buffers.set_arg(i, memoryview(array))
    for i, array in enumerate(outputs):
        buffers.set_res(i, memoryview(array))

    def run() -> object:
        evaluate()
        return buffers, inputs, outputs  # which have to live as long as `evaluate`

    return run


def machine(*packages: str) -> str:
    """What this ran on, for the head of a table."""
    versions = []
    for package in packages:
        try:
            versions.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            continue
    cores = f"{os.cpu_count()} cores"
    return ", ".join([processor(), cores, f"Python {platform.python_version()}", *versions])


def processor() -> str:
    """The kind of processor."""
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def with_deep_stack(run: Callable[[], None]) -> None:
    """Run where recursive peers have room: micrograd sorts its graph recursively."""
    sys.setrecursionlimit(10**7)
    threading.stack_size(1024 * 1024 * 1024)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
