"""What tests of several files need around them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograd import operation


@pytest.fixture
def own_rows() -> Iterator[None]:
    """Rows that a test adds to the table of operations are gone after it."""
    before = dict(operation._table)
    yield
    operation._table.clear()
    operation._table.update(before)
