"""What tests of all floors share."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.postgres import Cluster, open_cluster
from tests.spread import pytest_collection_modifyitems, pytest_xdist_make_scheduler

__all__ = ["pytest_collection_modifyitems", "pytest_xdist_make_scheduler"]

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # each program that a test starts would compile all of Lictor again

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server of this run's own."""
    opened = open_cluster()
    yield opened
    opened.close()
