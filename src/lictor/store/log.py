"""Log lines in the store."""
# ruff: noqa: S608 - statements are put together from texts of this package; what a request says travels as a parameter

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from lictor.kit.clock import in_utc, to_micros
from lictor.kit.ids import uuid7
from lictor.kit.json import encode
from lictor.store.columns import key, whole
from lictor.store.queries import queries
from lictor.store.transaction import Each, Transaction, brief, many, one
from lictor.store.where import Where
from lictor.wire.types.log import LogCreate, LogSort

if TYPE_CHECKING:
    from lictor.wire.filters import LogFilter
    from lictor.wire.operations.log import ReadLogs

SQL = queries("log")
ORDERS = {LogSort.TIMESTAMP_ASC: "timestamp, position", LogSort.TIMESTAMP_DESC: "timestamp desc, position desc"}
FEW = 200
LOW_BITS = 2**47 - 1  # leaves room to count on


def add(lines: list[LogCreate], now: datetime, by: str) -> Transaction[None]:
    """Add lines."""
    stamp = encode(now).decode()
    rest = f'","created":{stamp},"updated":{stamp},'
    rows = []
    for line, own_id in zip(lines, new_ids(len(lines)), strict=True):
        line.timestamp = in_utc(line.timestamp)
        body = f'{{"id":"{own_id}{rest}{encode(line)[1:].decode()}'
        rows.append(
            (key(line.flow_run_id), key(line.task_run_id), whole(line.level), to_micros(line.timestamp), body, by)
        )
    # In the order of the query's parameters: naming them would cost as much as the rest.
    yield Each(SQL["insert"], rows)


@brief
def add_few(lines: list[LogCreate], now: datetime, by: str) -> Transaction[None]:
    """Add lines, at most FEW."""
    yield from add(lines, now, by)


def new_ids(count: int) -> list[str]:
    """Return fresh ids for a batch: random bits are drawn once, each id but the first follows the one before."""
    first = str(uuid7())
    start, last = first[:24], int(first[24:], 16) & LOW_BITS
    return [f"{start}{last + step:012x}" for step in range(count)]


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
    statement = (
        f"select position, body from log {{by_position}} where position > :position{condition} "
        "order by position limit :limit"
    )
    return (yield from many(lambda *row: row, where.ask("log.after", statement, position=position, limit=limit)))


def last() -> Transaction[int]:
    """Return the position of the last line, 0 without any."""
    return (yield from one(int, SQL["last"]()))
