"""`import autograd`: quick, alone, and on its guard against the other package of that name."""

from __future__ import annotations

import ast
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

import autograd
from autograd import _neighbour

PACKAGE = Path(autograd.__file__).parent
ROOT = PACKAGE.parent
OURS = ("nn", "viz")


def run(code: str, *options: str) -> str:
    """What a fresh interpreter prints."""
    path = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
    done = subprocess.run(
        [sys.executable, *options, "-c", path + code], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_only_the_standard_library_is_loaded() -> None:
    loaded = json.loads(
        run(
            "import json, autograd; print(json.dumps([m.partition('.')[0] for m in sys.modules]))",
            "-I",
        )
    )
    own = {"autograd", "__main__"}
    strangers = {m for m in loaded if m not in sys.stdlib_module_names} - own
    assert strangers <= {
        name for name in strangers if name.startswith(("_distutils", "__editable__"))
    }
    assert not {"numpy", "graphviz", "matplotlib", "nn", "viz"} & set(loaded)


def test_slow_modules_wait_until_they_are_needed() -> None:
    loaded = set(run("import autograd; print(*sys.modules)", "-I", "-S").split())
    assert (
        not {"typing", "re", "inspect", "dataclasses", "decimal", "fractions", "asyncio"} & loaded
    )
    assert not {"autograd.arrays", "autograd.compiler"} & loaded


def test_numpy_is_loaded_when_arrays_come_in() -> None:
    code = """
import autograd
x = autograd.Value(2.0)
autograd.backprop((x * x).tanh())
autograd.grad(lambda p: p[0] * p[1])([1.0, 2.0])
print("numpy" in sys.modules)
"""
    assert run(code).split() == ["False"]


def test_the_engine_works_without_numpy() -> None:
    """But for arrays themselves, and for derivatives at edges."""
    code = """
sys.modules["numpy"] = None
import autograd, copy, pickle
from autograd import Value, backprop, check_gradients, checkpoint, dot, hessian, logsumexp, maximum, trace
x, y = Value(0.5, "x"), Value(2.0, "y")
u = dot([x, y], [y, 1.0], x).tanh() + logsumexp([x, y]) / maximum(x, y)
u.backward()
print(backprop(u), trace(u).forward({x: 1}), *trace(u).backward_steps())
backprop(u, create_graph=True)
check_gradients(lambda a, b: a ** b, 0.5, 2.0)
hessian(lambda p: p[0] * p[1])([1.0, 2.0])
pickle.loads(pickle.dumps(copy.deepcopy(u)))
checkpoint(lambda v: v * v)(x).backward()
try:
    Value([1.0])
except TypeError as error:
    print(error)
"""
    assert "a Value needs a real number" in run(code)


def imports(file: Path) -> set[str]:
    """The packages that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(str(node.module).partition(".")[0])
    return found


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_the_engine_imports_none_of_ours_and_only_numpy_of_others(file: Path) -> None:
    found = imports(file)
    assert not found & set(OURS)
    assert found - set(sys.stdlib_module_names) <= {"numpy", "autograd"}


def test_star_import_brings_names_that_exist() -> None:
    names: dict[str, object] = {}
    exec("from autograd import *", names)
    assert {"Value", "backprop", "trace", "grad"} <= set(names)


def test_the_files_of_the_other_package_are_noticed(tmp_path: Path) -> None:
    _neighbour.check(str(tmp_path))
    (tmp_path / "tracer.py").write_text("")
    with pytest.raises(
        ImportError, match="two packages that are both imported as `autograd`"
    ) as caught:
        _neighbour.check(str(tmp_path))
    assert "tracer.py" in str(caught.value)
    assert str(tmp_path) in str(caught.value)
    assert "pip uninstall" in str(caught.value)


def test_a_mixed_installation_stops_at_import(tmp_path: Path) -> None:
    package = tmp_path / "autograd"
    package.mkdir()
    for file in PACKAGE.glob("*.py"):
        (package / file.name).write_text(file.read_text())
    (package / "differential_operators.py").write_text("raise SystemExit('never run')")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import autograd"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert "ImportError: two packages" in done.stderr
    assert "differential_operators.py" in done.stderr


@pytest.mark.long
def test_import_takes_at_most_30_milliseconds() -> None:
    """Over a bare interpreter, as a median of many; on a slow machine, in proportion."""

    def seconds(code: str) -> float:
        start = time.perf_counter()
        run(code, "-I", "-S")
        return time.perf_counter() - start

    run("import autograd")  # so that its files are compiled
    bare, ours, yardstick = [], [], []
    for _ in range(25):
        bare.append(seconds("pass"))
        ours.append(seconds("import autograd"))
        yardstick.append(seconds("import argparse, json, decimal"))
    taken, allowed = (statistics.median(ours) - statistics.median(bare)), 0.030
    slowness = (statistics.median(yardstick) - statistics.median(bare)) / 0.010
    assert taken <= allowed * max(1.0, slowness)
