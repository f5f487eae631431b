"""What clients ask about log lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from lictor.wire.filters import LogFilter
from lictor.wire.operation import Call
from lictor.wire.operations import log as rows
from lictor.wire.types.log import Log, LogCreate, LogSort


def create_logs(logs: Iterable[LogCreate | Mapping[str, Any]]) -> Call[None]:
    """Store log lines."""
    return rows.CREATE([LogCreate.model_validate(line) for line in logs])


def read_logs(
    log_filter: LogFilter | None = None,
    limit: int | None = None,
    offset: int | None = None,
    sort: LogSort | None = None,
) -> Call[list[Log]]:
    """Return the log lines that a filter matches, oldest first unless `sort` says otherwise, 200 at most."""
    return rows.FILTER(
        rows.ReadLogs(logs=log_filter, limit=limit, offset=offset or 0, sort=sort or LogSort.TIMESTAMP_ASC)
    )


def download_flow_run_logs(flow_run_id: UUID) -> Call[str]:
    """Return all log lines of a flow run and its task runs, as CSV."""
    return rows.DOWNLOAD(id=flow_run_id)
