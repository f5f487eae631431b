"""Loads the named queries of `store/sql/`."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from lictor.store.transaction import Query

FOLDER = Path(__file__).parent / "sql"
NAMED = re.compile(r"^-- ([a-z_]+)\n((?:-- .*\n)+)([^;]+);$", re.MULTILINE)


def queries(resource: str) -> dict[str, Query]:
    """Return the queries of a resource by name: each is a line with its name, its sentence, and its SQL up to `;`."""
    text = (FOLDER / f"{resource}.sql").read_text(encoding="utf-8")
    return {name: Query(f"{resource}.{name}", sql.strip()) for name, _, sql in NAMED.findall(text)}


@lru_cache(maxsize=1000)
def query(name: str, text: str) -> Query:
    """Return a query whose text was put together; the same text gives the same query."""
    return Query(name, text)
