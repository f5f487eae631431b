"""The log of a flow run as CSV, made piece by piece."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable
from uuid import UUID

from lictor.kit.clock import from_micros
from lictor.kit.json import decode_any
from lictor.store import log
from lictor.store.log import Block, Line
from lictor.store.transaction import Store

COLUMNS = ("timestamp", "level", "flow_run_id", "task_run_id", "message")
BLOCKS = 200
"""How many blocks of lines are read at once."""

BEFORE_ALL = -(2**63)


async def log_table(store: Store, flow_run_id: UUID) -> AsyncIterator[bytes]:
    """Yield a flow run's log as CSV, oldest lines first; it is never held whole."""
    yield encoded([COLUMNS])
    first, position, held = BEFORE_ALL, 0, list[tuple[Line, Block]]()
    while True:
        found = await store.read(log.blocks_after, flow_run_id, first, position, BLOCKS)
        for first, block in found:  # noqa: B007  # the last one's time is where the next read goes on
            position = block.position
            held += [(line, block) for line in block.matching(None)]
        held.sort(key=lambda pair: pair[0])
        if len(found) < BLOCKS:
            break
        ready = [pair for pair in held if pair[0].timestamp < first]  # no further block begins earlier
        held = held[len(ready) :]
        yield encoded(row(*pair) for pair in ready)
    yield encoded(row(*pair) for pair in held)


def row(line: Line, block: Block) -> tuple[object, ...]:
    """Return a line's fields."""
    message = decode_any(line.message)
    return from_micros(line.timestamp), line.level, said(block.flow_run_id), said(block.task_run_id), message


def said(identifier: bytes | None) -> str:
    """Return an id as text."""
    return "" if identifier is None else str(UUID(bytes=identifier))


def encoded(rows: Iterable[Iterable[object]]) -> bytes:
    """Return rows as CSV."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
