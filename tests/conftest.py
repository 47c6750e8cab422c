"""Where nothing may be skipped for want of a tool, a skip is a failure."""

from __future__ import annotations

import os

import pytest

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
