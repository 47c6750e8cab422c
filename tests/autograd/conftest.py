from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from autograd import eager, operation

settings.register_profile(
    "deterministic",
    derandomize=True,
    database=None,
    deadline=None,
    print_blob=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("deterministic")


@pytest.fixture
def own_rows() -> Iterator[None]:
    """Rows that a test adds to the table are gone after it."""
    kept = [(table, dict(table)) for table in (operation._table, eager._sources)]
    yield
    for table, before in kept:
        table.clear()
        table.update(before)
