"""Rows are followed as they are committed: each once, none passed over."""

from __future__ import annotations

import asyncio
import random

import asyncpg
import msgspec

from lictor.kit.json import decode_any
from lictor.store import event
from lictor.store.address import Postgres
from lictor.store.cursor import START, Cursor
from lictor.store.postgres import PostgresStore
from lictor.store.transaction import Query, Store, Transaction
from lictor.wire.filters import EventFilter

from .conftest import emptied
from .samples import BY, an_event

WIDE = msgspec.convert(
    {"occurred": {"since": "2026-01-01T00:00:00Z", "until": "2027-01-01T00:00:00Z"}, "event": {"prefix": [""]}},
    EventFilter,
)
SLEEP = Query("sleep", "select pg_sleep(:seconds)")


async def read_on(store: Store, cursor: Cursor, limit: int = 100) -> tuple[list[str], Cursor]:
    """Return the names of the events behind a cursor, and the cursor behind them."""
    found: list[str] = []
    while True:
        page = await store.read(event.after, cursor, WIDE, limit)
        found += [decode_any(text)["event"] for text in page.bodies]
        cursor = page.cursor
        if not page.more:
            return found, cursor


async def test_what_was_committed_late_is_read_late_and_not_never(postgres: Postgres) -> None:
    store = await PostgresStore.open(await emptied(postgres))
    began, go = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        db = await asyncpg.connect(**postgres.options())
        async with db.transaction():
            await db.execute(
                "insert into event (id, occurred, received, name, resource_id, body, written_by) "
                "select packed, 1767225600000000, 0, 'late', '', '{\"event\":\"late\"}', '' "
                "from (select decode(repeat('00', 16), 'hex') as packed) as made"
            )
            began.set()
            await go.wait()
        await db.close()

    writing = asyncio.create_task(slow())
    await began.wait()
    cursor = await store.point(event.end)
    await store.write(event.add, [an_event("early")], BY)
    found, cursor = await read_on(store, cursor)
    assert found == ["early"]
    assert await read_on(store, cursor) == ([], cursor)
    go.set()
    await writing
    found, cursor = await read_on(store, cursor)
    assert found == ["late"]
    assert (await read_on(store, cursor))[0] == []
    assert (await read_on(store, START))[0] == ["late", "early"]
    await store.close()


async def test_a_reader_among_many_writers_reads_each_event_once(store: Store) -> None:
    chance = random.Random(5)
    slowly = isinstance(store, PostgresStore)

    def work(number: int, pause: float) -> Transaction[None]:
        yield from event.add([an_event(f"{number}.{place}") for place in range(3)], BY)
        if slowly:
            yield SLEEP(seconds=pause)

    writing = asyncio.gather(*(store.write(work, number, chance.uniform(0, 0.05)) for number in range(60)))
    seen: list[str] = []
    cursor = START
    while not writing.done():
        found, cursor = await read_on(store, cursor, 7)
        seen += found
    seen += (await read_on(store, cursor, 7))[0]
    assert len(seen) == len(set(seen)) == 180
    for number in range(60):
        assert [name for name in seen if name.startswith(f"{number}.")] == [f"{number}.{place}" for place in range(3)]


async def test_servers_hear_of_each_others_commits(postgres: Postgres) -> None:
    one, two = await PostgresStore.open(await emptied(postgres)), await PostgresStore.open(postgres)
    heard = {"one": asyncio.Queue[str](), "two": asyncio.Queue[str]()}
    one.listen(heard["one"].put_nowait)
    two.listen(heard["two"].put_nowait)
    for _ in range(2):  # both are connected when each woke its own
        await asyncio.wait_for(heard["one"].get(), 10)
        await asyncio.wait_for(heard["two"].get(), 10)
    while not heard["two"].empty():
        heard["two"].get_nowait()
    one.announce("news")
    while await asyncio.wait_for(heard["two"].get(), 10) != "news":
        pass
    await one.close()
    await two.close()
    assert "news" not in [heard["one"].get_nowait() for _ in range(heard["one"].qsize())]
