"""Operations on log lines."""

from __future__ import annotations

from types import NoneType

from lictor.wire.filters import LogFilter
from lictor.wire.operation import Operation
from lictor.wire.types.common import NotNegative, Query
from lictor.wire.types.log import Log, LogCreate, LogSort


class ReadLogs(Query, kw_only=True):
    """Which log lines to list, in which order."""

    logs: LogFilter | None = None
    sort: LogSort = LogSort.TIMESTAMP_ASC
    offset: NotNegative = 0
    limit: int | None = None


BATCH, AGAIN = "Lictor-Batch", "again"
"""The header by which a client names the lines that it sends at once, with a UUID, and what it adds when it sends them
again: a server that knows it stores them once."""

CREATE = Operation("POST", "/logs/", list[LogCreate], NoneType, "run", statuses=(201,))
DOWNLOAD = Operation("GET", "/flow_runs/{id}/logs/download", NoneType, str, "read", media="text/csv")
FILTER = Operation("POST", "/logs/filter", ReadLogs, list[Log], "read")
