"""Log lines in the store."""
# ruff: noqa: S608 - statements are put together from texts of this package; what a request says travels as a parameter

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from lictor.kit.clock import in_utc, to_micros
from lictor.kit.ids import uuid7
from lictor.kit.json import encode
from lictor.store.columns import key, whole
from lictor.store.queries import queries
from lictor.store.transaction import Transaction, many, one
from lictor.store.where import Where
from lictor.wire.types.log import LogCreate, LogSort

if TYPE_CHECKING:
    from lictor.wire.filters import LogFilter
    from lictor.wire.operations.log import ReadLogs

SQL = queries("log")
ORDERS = {LogSort.TIMESTAMP_ASC: "timestamp, position", LogSort.TIMESTAMP_DESC: "timestamp desc, position desc"}
LOW_BITS = 2**61 - 1


def add(lines: list[LogCreate], now: datetime, by: str) -> Transaction[None]:
    """Add lines."""
    first, stamp = uuid7(), encode(now).decode()
    rest = f'","created":{stamp},"updated":{stamp},'
    rows = []
    for at, line in enumerate(lines):
        line.timestamp = in_utc(line.timestamp)
        rows.append(
            {
                "flow_run_id": key(line.flow_run_id),
                "task_run_id": key(line.task_run_id),
                "level": whole(line.level),
                "timestamp": to_micros(line.timestamp),
                "body": f'{{"id":"{following(first, at)}{rest}{encode(line)[1:].decode()}',
                "by": by,
            }
        )
    yield SQL["insert"].each(rows)


def following(first: UUID, distance: int) -> str:
    """Return the id that lies some way after a fresh one: a batch draws random bits once."""
    low = 1 << 63 | (first.int + distance) & LOW_BITS
    return f"{str(first)[:19]}{low >> 48:04x}-{low & 0xFFFF_FFFF_FFFF:012x}"


def texts(body: ReadLogs) -> Transaction[list[str]]:
    """Return the JSON of the lines that a request matches."""
    where = Where()
    rows = where.matching(body.logs, "logs")
    statement = f"select body from log{rows} order by {ORDERS[body.sort]} limit :limit offset :offset"
    limit = -1 if body.limit is None else body.limit
    return (yield from many(str, where.ask("log.texts", statement, limit=limit, offset=whole(body.offset))))


def after(position: int, sought: LogFilter | None, limit: int) -> Transaction[list[tuple[int, str]]]:
    """Return position and JSON of the first matching lines after a position, in the order they came in."""
    where = Where()
    condition = where.matching(sought, "logs").replace(" where ", " and ", 1)
    statement = f"select position, body from log where position > :position{condition} order by position limit :limit"
    return (yield from many(lambda *row: row, where.ask("log.after", statement, position=position, limit=limit)))


def last() -> Transaction[int]:
    """Return the position of the last line, 0 without any."""
    return (yield from one(int, SQL["last"]()))
