"""A house for each test, on SQLite, or on each database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lictor.store.transaction import Store
from tests.orchestration.house import House
from tests.store.conftest import path, place, postgres, store

__all__ = ["path", "place", "postgres", "store"]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with House.at(tmp_path) as opened:
        yield opened


@pytest.fixture
def everywhere(store: Store) -> House:
    return House(store)
