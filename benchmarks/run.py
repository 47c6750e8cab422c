"""Run every benchmark and write what they print into RESULTS.md."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import measure

HERE = Path(__file__).parent
ENVIRONMENT = {
    **os.environ,
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}


def main() -> None:
    sections = [
        "# Results\n\nWritten by `make bench`. Times are medians (with quartiles) on "
        f"{measure.machine('numpy', 'micrograd', 'xad', 'torch', 'casadi', 'jax')}; ratios are "
        "medians of the ratios of turns taken one after the other. One thread.\n"
    ]
    for script in sorted(HERE.glob("*.py")):
        if script.name in ("run.py", "measure.py") or script.name.startswith("_"):
            continue
        title = script.read_text(encoding="utf-8").split('"""')[1].splitlines()[0]
        print(f"\n## {title}\n", flush=True)
        done = subprocess.run(
            [sys.executable, str(script)], env=ENVIRONMENT, stdout=subprocess.PIPE, text=True
        )
        print(done.stdout)
        body = done.stdout.strip() if done.returncode == 0 else "did not run to its end"
        sections.append(f"## {title}\n\n{body}\n")
    (HERE / "RESULTS.md").write_text("\n".join(sections), encoding="utf-8")


if __name__ == "__main__":
    main()
