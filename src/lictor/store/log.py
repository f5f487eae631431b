"""Log lines in the store, in blocks: the lines of one run that came in together are one row.

A block's row says what bounds its lines (the run, times, levels); by that a query finds blocks, and what is in
them is compared line by line here. Lines have no row or index entry of their own: those would cost more than all
the rest of taking them in.
"""
# ruff: noqa: S608 - statements are put together from texts of this package; what a request says travels as a parameter

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from hashlib import blake2b
from itertools import count
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

import msgspec
from msgspec import Raw

from lictor.kit.clock import from_micros, to_micros
from lictor.kit.ids import uuid7_bytes
from lictor.kit.json import encode
from lictor.store.cursor import Cursor, Page, ready
from lictor.store.cursor import end as end_of
from lictor.store.dialect import key, micros, whole
from lictor.store.queries import queries
from lictor.store.search import Search, read_search
from lictor.store.transaction import Each, Transaction, brief, many
from lictor.store.where import Where
from lictor.wire.types.log import LogCreate, LogSort

if TYPE_CHECKING:
    from lictor.wire.filters import LogFilter
    from lictor.wire.operations.log import ReadLogs

SQL = queries("log")
COLUMNS = "position, id, flow_run_id, task_run_id, received, lines"
FEW = 200
LARGEST_BLOCK = 200
BLOCKS_AT_ONCE = 16
LOW_BITS = 2**47 - 1  # leaves room to count on
decode_lines = msgspec.json.Decoder(list[tuple[int, int, Raw, Raw]]).decode

Matches = Callable[[int, int, Raw, Raw], bool]
read_text = msgspec.json.Decoder(str).decode


class Line(NamedTuple):
    """A line of a block: time, the block's position, its place there, level, and the JSON texts of name and message."""

    timestamp: int
    position: int
    place: int
    level: int
    name: Raw
    message: Raw


class Block(NamedTuple):
    """A row of the table."""

    position: int
    id: bytes
    flow_run_id: bytes | None
    task_run_id: bytes | None
    received: int
    lines: str

    def matching(self, sought: LogFilter | None) -> Iterator[Line]:
        """Yield the lines that a filter matches."""
        matches = None if sought is None else test_of(sought, self)
        for place, (timestamp, level, name, message) in enumerate(decode_lines(self.lines)):
            if matches is None or matches(timestamp, level, name, message):
                yield Line(timestamp, self.position, place, level, name, message)

    def text(self, line: Line) -> str:
        """Return a line's JSON."""
        last = int.from_bytes(self.id[8:], "big") + line.place
        own_id = UUID(bytes=self.id[:8] + last.to_bytes(8, "big"))
        received = encode(from_micros(self.received)).decode()
        return (
            f'{{"id":"{own_id}","created":{received},"updated":{received},"name":{bytes(line.name).decode()},'
            f'"level":{line.level},"message":{bytes(line.message).decode()},'
            f'"timestamp":{encode(from_micros(line.timestamp)).decode()},'
            f'"flow_run_id":{said(self.flow_run_id)},"task_run_id":{said(self.task_run_id)}}}'
        )


def said(identifier: bytes | None) -> str:
    """Return an id as JSON."""
    return "null" if identifier is None else f'"{UUID(bytes=identifier)}"'


def test_of(sought: LogFilter, block: Block) -> Matches | None:
    """Return what tells which lines of a block a filter matches, None if all; the block is one that may have some."""
    tests = list(line_tests(sought))
    if not tests or (sought.operator == "or_" and of_run(sought, block)):
        return None
    if len(tests) == 1:
        return tests[0]
    enough = any if sought.operator == "or_" else all
    return lambda *line: enough(test(*line) for test in tests)


def line_tests(sought: LogFilter) -> Iterator[Matches]:
    """Yield a test for each part of a filter that lines are compared with."""
    level, time = sought.level, sought.timestamp
    if level is not None and (level.ge_, level.le_) != (None, None):
        yield in_level(level.ge_, level.le_)
    if time is not None and (time.after_, time.before_) != (None, None):
        yield in_time(micros(time.after_), micros(time.before_))
    if sought.text is not None:
        yield has_text(read_search(sought.text.query))


def in_level(least: int | None, most: int | None) -> Matches:
    """The line's level is within bounds."""
    return lambda _, level, *line: (least is None or level >= least) and (most is None or level <= most)


def in_time(after: int | None, before: int | None) -> Matches:
    """The line's time is within bounds."""
    return lambda time, *line: (after is None or time >= after) and (before is None or time <= before)


def has_text(search: Search) -> Matches:
    """The line's message or its logger's name match a search."""
    return lambda time, level, name, message: search.matches(f"{read_text(message)} {read_text(name)}")


def of_run(sought: LogFilter, block: Block) -> bool:
    """Tell whether a filter, of which one part is enough, matches a block by its run."""
    flow_run, task_run = sought.flow_run_id, sought.task_run_id
    if flow_run is not None and flow_run.any_ is not None and block.flow_run_id in map(key, flow_run.any_):
        return True
    if task_run is None or (task_run.any_ is None and task_run.is_null_ is None):
        return False
    any_, is_null = task_run.any_, task_run.is_null_
    return (any_ is None or block.task_run_id in map(key, any_)) and (
        is_null is None or (block.task_run_id is None) == is_null
    )


class Batch(NamedTuple):
    """What a client calls the lines that it sends at once; `again` says that they may be stored already."""

    key: UUID
    again: bool


def add(lines: list[LogCreate], now: datetime, by: str, batch: Batch | None = None) -> Transaction[None]:
    """Add lines; those of a batch that is sent again are added where they are not stored yet."""
    received = to_micros(now)
    runs: dict[tuple[UUID | None, UUID | None], list[LogCreate]] = {}
    for line in lines:
        runs.setdefault((line.flow_run_id, line.task_run_id), []).append(line)
    rows, numbers = [], count()
    for run, of_run in runs.items():
        for block in slices(of_run):
            packed = [(to_micros(line.timestamp), line.level, line.name, line.message) for line in block]
            times, levels = [line[0] for line in packed], [line[1] for line in packed]
            bounds = (min(times), max(times), whole(min(levels)), whole(max(levels)))
            block_id = new_id() if batch is None else id_in(batch, run, next(numbers))
            if batch is not None and batch.again and (yield SQL["read_place"](first=bounds[0], id=block_id)):
                continue
            rows.append((block_id, *map(key, run), received, *bounds, encode(packed).decode(), by))
    # In the order of the query's parameters.
    if rows:
        yield Each(SQL["insert"], rows)


def slices(lines: list[LogCreate]) -> Iterable[list[LogCreate]]:
    """Cut lines into blocks."""
    return (lines[start : start + LARGEST_BLOCK] for start in range(0, len(lines), LARGEST_BLOCK))


def new_id() -> bytes:
    """Return an id whose successors are the ids of the other lines of its block."""
    fresh = uuid7_bytes()
    return fresh[:10] + (int.from_bytes(fresh[10:], "big") & LOW_BITS).to_bytes(6, "big")


def id_in(batch: Batch, run: tuple[UUID | None, UUID | None], number: int) -> bytes:
    """Return the id of a block of a batch: the same ones whenever the batch is sent."""
    said = b"".join(b"-" if each is None else each.bytes for each in (batch.key, *run))
    drawn = int.from_bytes(blake2b(said + number.to_bytes(4, "big"), digest_size=10).digest(), "big")
    drawn = drawn & ~(0xF << 76 | 0x3 << 62 | 1 << 47) | 0x7 << 76 | 0x2 << 62
    return batch.key.bytes[:6] + drawn.to_bytes(10, "big")


@brief
def add_few(lines: list[LogCreate], now: datetime, by: str, batch: Batch | None = None) -> Transaction[None]:
    """Add lines, at most FEW."""
    yield from add(lines, now, by, batch)


def texts(body: ReadLogs) -> Transaction[list[str]]:
    """Return the JSON of the lines that a request matches.

    Blocks are read in the order of their first line's time (of their last line's, backwards) until no further block
    can have a line that belongs to the page.
    """
    backwards = body.sort == LogSort.TIMESTAMP_DESC
    where = Where()
    rows = where.matching(body.logs, "logs")
    bound, order = ("last", " desc") if backwards else ("first", "")
    statement = (
        f"select {bound}, {COLUMNS} from log{rows} order by {bound}{order}, position{order} limit :most offset :seen"
    )
    start = whole(body.offset)
    end = None if body.limit is None else start + body.limit
    blocks: dict[int, Block] = {}
    lines: list[Line] = []
    at_once = BLOCKS_AT_ONCE
    while True:
        found = yield where.ask("log.texts", statement, most=at_once, seen=len(blocks))
        for _, *columns in found:
            block = Block(*columns)
            blocks[block.position] = block
            lines += block.matching(body.logs)
        lines.sort(reverse=backwards)
        if len(found) < at_once:
            break
        edge = found[-1][0]
        if end is not None and len(lines) >= end and (end == 0 or beyond(lines[end - 1].timestamp, edge, backwards)):
            break
        at_once *= 2
    return [blocks[line.position].text(line) for line in lines[start:end]]


def blocks_after(flow_run_id: UUID, first: int, position: int, most: int) -> Transaction[list[tuple[int, Block]]]:
    """Return some blocks of a flow run after a place, each with the time of its first line, in the order of those."""
    ask = SQL["read_blocks"](flow_run_id=flow_run_id.bytes, first=first, position=position, most=most)
    return (yield from many(lambda first, *columns: (first, Block(*columns)), ask))


def beyond(timestamp: int, edge: int, backwards: bool) -> bool:
    """Tell whether a line comes before all lines of blocks from an edge on."""
    return timestamp > edge if backwards else timestamp < edge


def after(cursor: Cursor, sought: LogFilter | None, limit: int) -> Transaction[Page]:
    """Return the first matching lines behind a cursor, in the order they came in; `limit` counts blocks."""
    where = Where()
    condition = where.matching(sought, "logs").replace(" where ", " and ", 1)
    statement = (
        f"select {COLUMNS} from log {{by_position}} where {{committed since until position}}{condition} "
        "order by position limit :limit"
    )
    cursor = yield from ready(cursor, "log")
    blocks = yield from many(Block, where.ask("log.after", statement, limit=limit, **cursor.values()))
    bodies = [block.text(line) for block in blocks for line in block.matching(sought)]
    more = len(blocks) == limit
    return Page(bodies, cursor.behind(blocks[-1].position) if more else cursor.done(), more)


def end() -> Transaction[Cursor]:
    """Return the cursor behind all lines."""
    return (yield from end_of("log"))
