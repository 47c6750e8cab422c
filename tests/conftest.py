"""What holds for all tests: the same random programs in every run, no skip where nothing may be
skipped for want of a tool, and one browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from .viz.screen import CHROMIUM

settings.register_profile(
    "deterministic",
    derandomize=True,
    database=None,
    deadline=None,
    print_blob=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("deterministic")

_skipped: list[str] = []


def _note(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail"):
        _skipped.append(report.nodeid)


pytest_runtest_logreport = _note
pytest_collectreport = _note


def pytest_sessionfinish(session: pytest.Session) -> None:
    if _skipped and os.environ.get("GRADTABLE_NOTHING_SKIPPED"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        print("\nnothing may be skipped here, but these were:", *_skipped, sep="\n  ")


@pytest.fixture(scope="module")  # for a session its event loop would be in other tests' way
def browser() -> Iterator[Any]:
    """A real Chromium."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()
