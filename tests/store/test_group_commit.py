"""What a group of transactions promises each of its members."""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import threading
import traceback
from collections.abc import Coroutine
from contextlib import closing
from typing import Any

import pytest

from lictor.store.sqlite import SQLiteStore
from lictor.store.transaction import (
    Closed,
    Duplicate,
    LostRace,
    NotFound,
    Overloaded,
    Query,
    Transaction,
    Unavailable,
    brief,
    many,
    one,
    write,
)

from .samples import rows

ADD = Query("add", "insert into item (k, v) values (:k, :v)")
ADD_OR_ROLLBACK = Query("add_or_rollback", "insert or rollback into item (k, v) values (:k, :v)")
ADD_CHILD = Query("add_child", "insert into child (item) values (:item)")
READ = Query("read", "select v from item where k = :k")
READ_ALL = Query("read_all", "select k from item order by rowid")
CHANGE = Query("change", "update item set v = :v where k = :k and v = :old returning v")
WRONG = Query("wrong", "select * from nowhere")

SCHEMA = """
create table item (k text primary key, v text not null);
create table child (item text references item (k) deferrable initially deferred);
"""


@pytest.fixture
async def store(path: str) -> Any:
    opened = await SQLiteStore.open(path)
    with closing(sqlite3.connect(path)) as db:
        db.executescript(SCHEMA)
    opened._db.execute("pragma foreign_keys=on")
    yield opened
    await opened.close()


def put(k: str, v: str = "") -> Transaction[str]:
    yield ADD(k=k, v=v)
    return k


def put_then_fail(k: str) -> Transaction[None]:
    yield from put(k)
    yield from put(k + "+")
    raise ValueError(k)


def put_twice(k: str) -> Transaction[None]:
    yield from put(k)
    yield from put(k)


def put_then_rollback_all(k: str) -> Transaction[None]:
    yield from put(k)
    yield ADD_OR_ROLLBACK(k=k, v="")


def put_then_fail_at_commit(k: str) -> Transaction[None]:
    yield from put(k)
    yield ADD_CHILD(item="nobody")


def get(k: str) -> Transaction[str]:
    return (yield from one(str, READ(k=k)))


def all_keys() -> Transaction[list[str]]:
    return (yield from many(str, READ_ALL()))


def keys(path: str) -> list[str]:
    return [k for (k,) in rows(path, "select k from item order by rowid")]


async def outcomes(*writes: Coroutine[Any, Any, Any]) -> list[Any]:
    return await asyncio.gather(*writes, return_exceptions=True)


class Held:
    """A transaction that stays in the writer until it is let go."""

    def __init__(self) -> None:
        self.inside, self.go = threading.Event(), threading.Event()

    def put(self, k: str) -> Transaction[str]:
        self.inside.set()
        self.go.wait(5)
        return (yield from put(k))

    async def entered(self) -> None:
        await asyncio.to_thread(self.inside.wait, 5)


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (put_then_fail, ValueError),
        (put_twice, Duplicate),
        (put_then_rollback_all, Duplicate),
        (put_then_fail_at_commit, sqlite3.IntegrityError),
    ],
    ids=["fails in Python", "fails in SQL", "SQLite gives the whole group up", "fails at commit"],
)
async def test_a_member_that_fails_fails_alone_and_whole(store: SQLiteStore, path: str, bad: Any, error: Any) -> None:
    first, failed, last = await outcomes(store.write(put, "a"), store.write(bad, "b"), store.write(put, "c"))
    assert (first, last) == ("a", "c")
    assert isinstance(failed, error)
    assert keys(path) == ["a", "c"]
    assert await store.write(put, "d") == "d"


async def test_transactions_of_one_moment_share_a_commit(store: SQLiteStore) -> None:
    before = store._db.total_changes
    commits: list[str] = []
    store._db.set_trace_callback(lambda statement: commits.append(statement) if statement == "commit" else None)
    await asyncio.gather(*(store.write(put, str(k)) for k in range(50)))
    assert store._db.total_changes - before == 50
    assert len(commits) < 25


async def test_order_is_the_order_of_submission(store: SQLiteStore, path: str) -> None:
    asked = [f"{k:03}" for k in range(300)]
    answered: list[str] = []

    async def add(k: str) -> None:
        answered.append(await store.write(put, k))

    await asyncio.gather(*map(add, asked))
    assert keys(path) == asked == answered


async def test_a_cancelled_wait_drops_what_is_queued_and_keeps_what_runs(store: SQLiteStore, path: str) -> None:
    held = Held()
    running = asyncio.create_task(store.write(held.put, "running"))
    await held.entered()
    queued = asyncio.create_task(store.write(put, "queued"))
    other = asyncio.create_task(store.write(put, "other"))
    await asyncio.sleep(0)
    queued.cancel()
    running.cancel()
    held.go.set()
    assert await other == "other"
    assert keys(path) == ["running", "other"]


async def test_cancelling_at_random_loses_no_answered_write(store: SQLiteStore, path: str) -> None:
    chance, answered = random.Random(1), set()

    async def add(k: str) -> None:
        answered.add(await store.write(put, k))

    tasks = [asyncio.create_task(add(str(k))) for k in range(200)]
    for task in chance.sample(tasks, 100):
        await asyncio.sleep(0)
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert await store.write(put, "after") == "after"
    kept = keys(path)
    assert answered <= set(kept)
    assert len(kept) == len(set(kept))


async def test_close_commits_what_was_accepted_and_refuses_the_rest(path: str) -> None:
    store = await SQLiteStore.open(path)
    with closing(sqlite3.connect(path)) as db:
        db.executescript(SCHEMA)
    waiting = [asyncio.create_task(store.write(put, str(k))) for k in range(200)]
    await asyncio.sleep(0)
    await store.close()
    assert [await one for one in waiting] == [str(k) for k in range(200)] == keys(path)
    assert not os.path.exists(f"{path}-wal")  # noqa: ASYNC240
    with pytest.raises(Closed):
        await store.write(put, "late")
    with pytest.raises(Closed):
        await store.point(get, "0")
    with pytest.raises(Closed):
        await store.read(all_keys)


async def test_more_than_the_backlog_is_refused_at_once(path: str) -> None:
    store = await SQLiteStore.open(path, backlog=10)
    with closing(sqlite3.connect(path)) as db:
        db.executescript(SCHEMA)
    held = Held()
    running = asyncio.create_task(store.write(held.put, "running"))
    await held.entered()
    waiting = [asyncio.create_task(store.write(put, str(k))) for k in range(10)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await store.write(put, "too many")
    held.go.set()
    await asyncio.gather(running, *waiting)
    assert len(keys(path)) == 11
    await store.close()


async def test_an_answered_write_is_seen_by_the_next_read(store: SQLiteStore) -> None:
    for k in range(100):
        await store.write(put, str(k), "v")
        assert await store.point(get, str(k)) == "v"
        assert len(await store.read(all_keys)) == k + 1


@pytest.mark.parametrize("how", ["point", "read"])
async def test_reads_cannot_write(store: SQLiteStore, path: str, how: str) -> None:
    with pytest.raises(Unavailable, match="readonly"):
        await getattr(store, how)(put, "x")
    assert keys(path) == []


async def test_a_write_whose_guard_finds_no_row_writes_nothing(store: SQLiteStore, path: str) -> None:
    def change(old: str) -> Transaction[None]:
        yield from write(CHANGE(k="a", old=old, v="2"), ADD(k="b", v=""))

    await store.write(put, "a", "1")
    with pytest.raises(LostRace):
        await store.write(change, "0")
    assert keys(path) == ["a"]
    await store.write(change, "1")
    assert keys(path) == ["a", "b"]


async def test_an_error_is_raised_at_the_yield_that_asked(store: SQLiteStore) -> None:
    with pytest.raises(Duplicate) as caught:
        await store.write(put_twice, "a")
    shown = "".join(traceback.format_exception(caught.value))
    assert "yield ADD(k=k, v=v)" in shown
    assert "UNIQUE constraint failed: item.k" in shown


async def test_a_mistake_in_sql_is_no_error_of_the_database(store: SQLiteStore) -> None:
    def wrong() -> Transaction[str]:
        return (yield from one(str, WRONG()))

    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await store.write(wrong)
    with pytest.raises(NotFound):
        await store.point(get, "absent")


async def test_a_file_locked_by_another_process_is_unavailable_to_all_who_wait(path: str) -> None:
    store = await SQLiteStore.open(path, timeout=0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.executescript(SCHEMA)
        other.execute("begin immediate")
        for error in await outcomes(*(store.write(put, str(k)) for k in range(5))):
            assert isinstance(error, Unavailable)
            assert f"{path}: another process holds it" in str(error)
        other.execute("rollback")
    assert await store.write(put, "a") == "a"
    await store.close()


def test_a_query_takes_all_of_its_values_and_no_other() -> None:
    with pytest.raises(TypeError, match="add takes"):
        ADD(k="a")
    assert ADD(v="1", k="a").values == ("a", "1")


@brief
def put_briefly(k: str, v: str = "") -> Transaction[int]:
    yield from put(k, v)
    return threading.get_ident()


@brief
def put_briefly_then_fail(k: str) -> Transaction[None]:
    yield from put(k)
    raise ValueError(k)


def put_elsewhere(k: str) -> Transaction[int]:
    yield from put(k)
    return threading.get_ident()


async def test_a_lone_brief_transaction_is_committed_on_the_loop(store: SQLiteStore, path: str) -> None:
    assert await store.write(put_briefly, "a") == threading.get_ident()
    assert await store.write(put_elsewhere, "b") != threading.get_ident()
    together = await asyncio.gather(store.write(put_briefly, "c"), store.write(put_briefly, "d"))
    assert threading.get_ident() not in together
    with pytest.raises(ValueError, match="e"):
        await store.write(put_briefly_then_fail, "e")
    assert keys(path) == ["a", "b", "c", "d"]


async def test_a_brief_transaction_waits_for_another_process_without_holding_up_the_loop(path: str) -> None:
    store = await SQLiteStore.open(path, timeout=5)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.executescript(SCHEMA)
        other.execute("begin immediate")
        waiting = asyncio.create_task(store.write(put_briefly, "a"))
        await asyncio.sleep(0.02)
        assert not waiting.done()
        other.execute("rollback")
        assert await waiting != threading.get_ident()
    assert keys(path) == ["a"]
    await store.close()


async def test_the_log_is_folded_into_the_file_again_and_again(
    store: SQLiteStore, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lictor.store.group_commit.COMMITS_TO_CHECKPOINT", 5)
    for k in range(200):
        await store.write(put_briefly, str(k), "x" * 4000)
    assert os.stat(f"{path}-wal").st_size < 400_000
    for turn in range(5):
        await asyncio.gather(*(store.write(put, f"{turn} {k}", "x" * 4000) for k in range(64)))
    assert os.stat(f"{path}-wal").st_size < 2_000_000
    assert len(keys(path)) == 520
