"""What PostgreSQL's driver promises a transaction."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator

import asyncpg
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.store.address import Postgres
from lictor.store.postgres import PostgresStore, merged
from lictor.store.postgres_text import kept, read
from lictor.store.transaction import (
    Closed,
    Duplicate,
    LostRace,
    NotFound,
    Overloaded,
    Query,
    Transaction,
    Unavailable,
    Uncertain,
    many,
    one,
    write,
)
from tests.postgres import Cluster

ADD = Query("add", "insert into item (k, v) values (:k, :v)")
ADD_OR_LEAVE = Query("add_or_leave", "insert into item (k, v)\nvalues (:k, :v)\non conflict (k) do nothing")
READ = Query("read", "select v from item where k = :k {relock}")
READ_ALL = Query("read_all", "select k from item order by k")
CHANGE = Query("change", "update item set v = :v where k = :k and v = :old returning v")
ADD_TO = Query("add_to", "update item set v = v + 1 where k = :k")
WRONG = Query("wrong", "select * from nowhere")
END_ME = Query("end_me", "select pg_terminate_backend(pg_backend_pid())")


@pytest.fixture
def address(cluster: Cluster) -> Iterator[Postgres]:
    with cluster.database() as name:
        yield cluster.address(name)


@pytest.fixture
async def store(address: Postgres) -> AsyncIterator[PostgresStore]:
    opened = await PostgresStore.open(address)
    async with opened.pool.acquire() as db:
        await db.execute('create table item (k text collate "C" primary key, v bigint not null)')
    yield opened
    await opened.close()


def put(k: str, v: int = 0) -> Transaction[str]:
    yield ADD(k=k, v=v)
    return k


def value(k: str) -> Transaction[int]:
    return (yield from one(int, READ(k=k)))


def keys() -> Transaction[list[str]]:
    return (yield from many(str, READ_ALL()))


def count_up(k: str) -> Transaction[int]:
    old = yield from one(int, READ(k=k))
    yield from write(CHANGE(k=k, v=old + 1, old=old), ADD(k=f"{k}.{old + 1}", v=old + 1))
    return old + 1


async def test_those_who_lose_a_race_are_called_again(store: PostgresStore) -> None:
    await store.write(put, "n")
    counted = await asyncio.gather(*(store.write(count_up, "n") for _ in range(60)))
    assert sorted(counted) == list(range(1, 61))
    assert await store.point(value, "n") == 60
    assert len(await store.read(keys)) == 61


async def test_a_race_that_is_always_lost_is_told(store: PostgresStore) -> None:
    await store.write(put, "n")
    called = 0

    def hopeless() -> Transaction[None]:
        nonlocal called
        called += 1
        yield from write(CHANGE(k="n", v=1, old=5))

    with pytest.raises(LostRace):
        await store.write(hopeless)
    assert called > 5
    assert await store.point(value, "n") == 0


async def test_a_deadlock_is_undone_and_called_again(store: PostgresStore) -> None:
    for k in "ab":
        await store.write(put, k)
    wait = Query("wait", "select pg_sleep(0.1)")()

    async def both(order: str) -> None:
        def work() -> Transaction[None]:
            yield ADD_TO(k=order[0])
            yield wait
            yield ADD_TO(k=order[1])

        await store.write(work)

    await asyncio.gather(both("ab"), both("ba"))
    assert [await store.point(value, k) for k in "ab"] == [2, 2]


async def test_an_error_ends_its_transaction_where_it_was_asked(store: PostgresStore) -> None:
    seen: list[str] = []

    def work() -> Transaction[None]:
        yield ADD(k="a", v=0)
        try:
            yield WRONG()
        except asyncpg.PostgresError as error:
            seen.append(type(error).__name__)
            raise

    with pytest.raises(asyncpg.UndefinedTableError):
        await store.write(work)
    assert seen == ["UndefinedTableError"]

    def own() -> Transaction[None]:
        yield ADD(k="a", v=0)
        raise ValueError("of its own")

    with pytest.raises(ValueError, match="of its own"):
        await store.write(own)
    with pytest.raises(NotFound):
        await store.write(value, "a")
    assert await store.read(keys) == []


async def test_a_transaction_cannot_go_on_after_an_error(store: PostgresStore) -> None:
    def work() -> Transaction[str]:
        yield ADD(k="a", v=0)
        try:
            yield WRONG()
        except asyncpg.PostgresError:
            return "as if nothing had happened"
        return ""

    with pytest.raises(RuntimeError, match="ends at its first error"):
        await store.write(work)
    assert await store.read(keys) == []


async def test_a_taken_key_is_told_once_it_is_sure(store: PostgresStore) -> None:
    await store.write(put, "a")
    called = 0

    def get_or_put() -> Transaction[str]:
        nonlocal called
        called += 1
        if called > 1 and (yield READ(k="a")):
            return "found"
        return (yield from put("a"))

    assert await store.write(get_or_put) == "found"
    with pytest.raises(Duplicate):
        await store.write(put, "a")


async def test_a_connection_that_is_lost_before_the_commit_changes_nothing(store: PostgresStore) -> None:
    called = 0

    def work() -> Transaction[int]:
        nonlocal called
        called += 1
        yield ADD(k=f"try {called}", v=0)
        if called < 3:
            yield END_ME()
        return called

    assert await store.write(work) == 3
    assert await store.read(keys) == ["try 3"]


async def test_a_connection_that_is_lost_in_the_commit_is_told(store: PostgresStore) -> None:
    async with store.pool.acquire() as db:
        await db.execute(
            "create function cut() returns trigger language plpgsql as "
            "$$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;"
            "create constraint trigger cut after insert on item deferrable initially deferred "
            "for each row execute function cut()"
        )
    with pytest.raises(Uncertain):
        await store.write(put, "a")
    assert await store.read(keys) == []


async def test_a_database_that_is_gone_is_told_after_a_while(address: Postgres, cluster: Cluster) -> None:
    store = await PostgresStore.open(msgspec.structs.replace(address, patience=0.2))
    async with store.pool.acquire() as db:
        other = await asyncpg.connect(**{**address.options(), "database": "postgres"})
        await other.execute(f"drop database {address.database} with (force)")
        await other.close()
        assert db is not None
    with pytest.raises(Unavailable):
        await store.write(keys)
    with pytest.raises(Unavailable):
        await store.point(keys)
    await store.close()


async def test_a_server_that_turned_read_only_is_left_for_its_successor(
    store: PostgresStore, address: Postgres
) -> None:
    async def turn(word: str) -> None:
        db = await asyncpg.connect(**{**address.options(), "database": "postgres"})
        await db.execute(f"alter database {address.database} set default_transaction_read_only = {word}")
        await db.close()

    await turn("on")
    await store.pool.expire_connections()
    writing = asyncio.create_task(store.write(put, "a"))
    await asyncio.sleep(0.1)
    assert not writing.done()
    await turn("off")
    assert await writing == "a"


async def test_a_cancelled_wait_leaves_its_connection_whole(address: Postgres) -> None:
    store = await PostgresStore.open(msgspec.structs.replace(address, connections=1))
    async with store.pool.acquire() as db:
        await db.execute("create table item (k text primary key, v bigint not null)")

    def slow() -> Transaction[None]:
        yield ADD(k="slow", v=0)
        yield Query("wait", "select pg_sleep(20)")()

    waiting = asyncio.create_task(store.write(slow))
    await asyncio.sleep(0.1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await store.write(put, "next")
    assert await store.read(keys) == ["next"]
    await store.close()


async def test_too_many_are_refused_and_those_that_were_accepted_are_finished(address: Postgres) -> None:
    store = await PostgresStore.open(address, backlog=10)
    async with store.pool.acquire() as db:
        await db.execute("create table item (k text primary key, v bigint not null)")
    done = asyncio.gather(*(store.write(put, str(n)) for n in range(12)), return_exceptions=True)
    await asyncio.sleep(0)
    await store.close()
    found = await done
    assert [type(one) for one in found].count(Overloaded) == 2
    for work in (store.write, store.read, store.point):
        with pytest.raises(Closed):
            await work(keys)
    again = await PostgresStore.open(address)
    assert len(await again.read(keys)) == len([one for one in found if isinstance(one, str)])
    await again.close()


async def test_a_read_sees_one_moment_and_writes_nothing(store: PostgresStore) -> None:
    def twice() -> Transaction[tuple[int, int]]:
        before = yield READ_ALL()
        yield Query("wait", "select pg_sleep(0.2)")()
        return len(before), len((yield READ_ALL()))

    reading = asyncio.create_task(store.read(twice))
    await asyncio.sleep(0.1)
    await store.write(put, "a")
    assert await reading == (0, 0)
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await store.read(put, "b")


async def test_independent_inserts_are_one_statement_with_their_guard(store: PostgresStore) -> None:
    await store.write(put, "n")

    def work(old: int) -> Transaction[None]:
        yield from write(
            CHANGE(k="n", v=old + 1, old=old),
            ADD(k=f"a{old}", v=1),
            ADD_OR_LEAVE(k="n", v=7),
            ADD_TO.each([{"k": "n"}]),
        )

    assert merged(CHANGE, (ADD, ADD_OR_LEAVE)) is not None
    assert merged(CHANGE, (ADD_TO,)) is None
    await store.write(work, 0)
    assert await store.read(keys) == ["a0", "n"]
    assert await store.point(value, "n") == 2
    with pytest.raises(LostRace):
        await store.write(work, 0)
    assert await store.read(keys) == ["a0", "n"]


odd = st.text(st.sampled_from('\x00\x01\x02ab\\u01"é'), max_size=8)


@given(st.lists(odd, max_size=5), odd, odd)
def test_any_text_comes_back_and_keeps_its_order(texts: list[str], one: str, other: str) -> None:
    assert "\x00" not in kept(one)
    assert read(kept(one)) == one
    assert (one < other, one.startswith(other)) == (kept(one) < kept(other), kept(one).startswith(kept(other)))
    encoded = json.dumps(texts)
    assert read(kept(encoded)) == encoded
    assert json.loads(kept(encoded)) == [kept(text) for text in texts]
