"""Run every benchmark, one thread each, and write what they print into RESULTS.md."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import measure

HERE = Path(__file__).parent
SCRIPTS = [
    "engine", "two_moons_eager", "jit_two_moons", "jit_softmax", "jit_convolution",
    "jit_irregular", "jit_epoch", "jit_compiling", "jit_memory",
]  # fmt: skip
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
HEAD = """# Results

Written by `make bench`, on {machine}.
Load of the machine when it began: {load}.

Times are medians with quartiles. Contestants take turns; a ratio is the median, with quartiles, of
the ratios of turns taken one after the other. One thread, float64, the collector on. A bar is what
was aimed for. NumPy by hand, PyTorch and CasADi give the same gradients.
"""


def title_of(script: Path) -> str:
    return script.read_text(encoding="utf-8").split('"""')[1].splitlines()[0].rstrip(".")


def main() -> None:
    packages = ("gradtable", "numpy", "micrograd", "xad", "torch", "casadi")
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    sections = [HEAD.format(machine=measure.machine(*packages), load=load)]
    failed = []
    for name in SCRIPTS:
        script = HERE / f"{name}.py"
        sections.append(f"## {title_of(script)}\n")
        print(f"\n{sections[-1]}", flush=True)
        environment = {**os.environ, **dict.fromkeys(THREADS, "1")}
        command = [sys.executable, str(script)]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True)
        print(done.stdout, flush=True)
        if done.returncode:
            failed.append(name)
            sections.append("It did not run to its end.\n")
        else:
            sections.append(done.stdout.strip() + "\n")
        (HERE / "RESULTS.md").write_text("\n".join(sections), encoding="utf-8")
    if failed:
        sys.exit(f"did not run to its end: {', '.join(failed)}")


if __name__ == "__main__":
    main()
