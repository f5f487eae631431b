"""What PostgreSQL's errors mean for a transaction."""

from __future__ import annotations

from typing import Any

import asyncpg

from lictor.store.transaction import Closed, DiskFull, Duplicate, StoreError, Unavailable


class Again(Unavailable):
    """The transaction met another one, was undone, and is called again."""


class Gone(Unavailable):
    """The connection was lost, or none could be made; the transaction was not committed, and is called again."""


MET = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.InvalidCachedStatementError,
)
LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InternalClientError,  # what its driver says of a connection whose end came while it did nothing
    OSError,
)
FORGOTTEN = (asyncpg.InvalidSQLStatementNameError, asyncpg.DuplicatePreparedStatementError)
"""What a pooler between makes of prepared statements, where it changes the session between transactions."""
POOLER = (
    "a pooler in transaction mode lies between, which forgets prepared statements; set "
    "PREFECT_SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_STATEMENT_CACHE_SIZE=0"
)
DRIVER = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
"""All that a use of a connection raises."""
REFUSED = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresSystemError,
)

MEANINGS: tuple[tuple[Any, type[StoreError]], ...] = (
    (TimeoutError, Unavailable),
    (asyncpg.UniqueViolationError, Duplicate),
    (MET, Again),
    (asyncpg.DiskFullError, DiskFull),
    (LOST, Gone),
    (FORGOTTEN, Unavailable),
    (REFUSED, Unavailable),
)
"""The first that fits counts."""
NO_ROOM = "Check free disk space."
"""PostgreSQL's hint where a file cannot grow, whatever keeps it from growing."""


def translated(error: Exception, name: str, lost: bool = False) -> Exception:
    """Return the store's own error for one of PostgreSQL's, or that one where it shows a mistake of ours.

    `lost` tells that the connection was found closed.
    """
    if isinstance(error, StoreError):
        return error
    if getattr(error, "hint", None) == NO_ROOM:
        return DiskFull(f"{name}: {said(error)}")
    for kinds, ours in MEANINGS:
        if isinstance(error, kinds):
            return ours(f"{name}: {said(error)}")
    if isinstance(error, asyncpg.InterfaceError):
        if lost:
            return Gone(f"{name}: {said(error)}")
        if "pool is clos" in str(error):
            return Closed("The store is closed.")
    return error


def is_lost(db: Any) -> bool:
    """Tell whether a connection is closed; one of a pool is taken away from its user then."""
    try:
        return bool(db.is_closed())
    except asyncpg.InterfaceError:
        return True


def said(error: Exception) -> str:
    """Return what an error says, in one line."""
    if isinstance(error, TimeoutError):
        return "it took too long to answer"
    if isinstance(error, FORGOTTEN):
        return POOLER
    return " ".join(str(error).split()) or type(error).__name__
