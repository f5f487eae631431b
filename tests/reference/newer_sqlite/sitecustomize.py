"""Gives the reference's server a newer SQLite than Python's own: its text search needs 3.44."""
# mypy: ignore-errors

import contextlib
import sys

with contextlib.suppress(ImportError):
    import pysqlite3
    import pysqlite3.dbapi2

    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
