"""Events and log lines leave in batches; one that is refused does not take others with it."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path

import pytest

from lictor import task
from lictor.client.client import Client
from lictor.client.lane import MOST_ITEMS, Batch, Kind, Lane
from lictor.client.outbox import Outbox
from lictor.client.spool import Spool
from lictor.engine import states
from lictor.engine.task_run import LiveTaskRun
from lictor.kit.ids import uuid7
from lictor.settings import Settings
from lictor.wire import filters
from lictor.wire.operations import task_run
from tests.running import free_port
from tests.sdk.conftest import eventually


def test_a_refused_event_does_not_take_others_with_it(server: str, caplog: pytest.LogCaptureFixture) -> None:
    settings = Settings({"PREFECT_API_URL": server})
    outbox = Outbox(settings, server)
    lives = []
    with caplog.at_level(logging.WARNING):
        for number in range(7):
            if number == 3:
                outbox.event(b'{"not":"an event"}')
            live = LiveTaskRun(task(lambda x: x).spec, (number,), {}, outbox)
            live.enter(states.Running())
            live.enter(states.Completed(data=number))
            lives.append(live)
        assert outbox.flush(20)
    assert [record.args[0] for record in caplog.records if record.args] == [1]  # type: ignore[index]  # a tuple
    ids = [live.run.id for live in lives]
    body = task_run.ReadTaskRuns(task_runs=filters.TaskRunFilter(id=filters.TaskRunFilterId(any_=ids)))
    with Client(settings) as client:
        runs = eventually(
            lambda: client(task_run.FILTER(body)),
            lambda found: [run.state_name for run in found] == ["Completed"] * 7,
        )
    assert {run.id for run in runs} == set(ids)
    outbox.close()


def test_batches_keep_the_order_and_marks_stand_between() -> None:
    lane = Lane(Kind.EVENT, 0.1, 10)
    mark = threading.Event()
    lane.waiting.extend([b"1234", b"5678", mark, b"9", b"0" * 20, b"x"])
    batches: list[list[bytes]] = []
    while batch := lane.take():
        assert mark.is_set() == bool(batches)
        assert lane.take() is batch, "until it is out of the lane's hands"
        batches.append(batch.items)
        lane.done()
    assert batches == [[b"1234", b"5678"], [b"9"], [b"0" * 20], [b"x"]]
    lane.most_bytes = 10**6
    lane.waiting.extend([b"x"] * (MOST_ITEMS + 1))
    batch = lane.take()
    assert batch is not None
    assert len(batch.items) == MOST_ITEMS
    assert len(lane) == MOST_ITEMS + 1


def kept(spool: Spool) -> list[bytes]:
    """Return all that lies in files, and delete them."""
    found = []
    for path in spool.files():
        with spool.claim(path) as batches:
            assert batches is not None, "its process has let go of it"
            with spool.claim(path) as again:
                assert again is None
            found += [item for batch in batches for item in batch.items]
    assert spool.files() == []
    return found


def test_what_waits_for_a_server_goes_to_a_file_and_none_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("lictor.client.outbox.MOST_WAITING", 100)
    address = f"http://127.0.0.1:{free_port()}/api"
    outbox = Outbox(Settings({"PREFECT_HOME": str(tmp_path)}), address)
    spool = Spool(tmp_path / "spool", address)
    for number in range(1500):
        if outbox.full:
            outbox.make_room()
        outbox.event(b'{"number":%d}' % number)
    (file,) = eventually(spool.files, bool)
    assert file.stat().st_mode & 0o777 == 0o600
    with spool.claim(file) as another:
        assert another is None, "its process lives"
    with caplog.at_level(logging.WARNING):
        outbox.close()
    assert str(file) in caplog.text
    assert kept(spool) == [b'{"number":%d}' % number for number in range(1500)]


def test_what_cannot_be_written_stays_in_memory_and_holds_up_who_makes_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("lictor.client.outbox.MOST_WAITING", 10)
    (tmp_path / "spool").write_text("no folder")
    outbox = Outbox(Settings({"PREFECT_HOME": str(tmp_path)}), f"http://127.0.0.1:{free_port()}/api")
    for number in range(MOST_ITEMS + 11):
        outbox.event(b'{"number":%d}' % number)
    eventually(lambda: caplog.text, lambda said: "it cannot be kept" in said)
    eventually(lambda: outbox.failures, lambda often: often > 2)
    assert outbox.full
    assert caplog.text.count("it cannot be kept") == 1
    (tmp_path / "spool").unlink()
    outbox.make_room()
    outbox.close()
    assert len(kept(outbox.spool)) == MOST_ITEMS + 11


def test_a_file_that_cannot_be_sent_stays(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "http://one")
    batch = Batch(Kind.LOG, [b'{"a":1}', b'{"a":2}'], uuid7(), again=False)
    spool.append(batch)
    spool.append(batch)
    path = spool.leave()
    assert path is not None
    with pytest.raises(OSError, match="away"), spool.claim(path):
        raise OSError("away")
    assert spool.files() == [path]
    assert Spool(tmp_path, "http://other").files() == []
    with spool.claim(path) as found:
        assert list(found or ()) == [batch._replace(again=True)] * 2


@pytest.mark.parametrize("cut", range(1, 60))
def test_a_line_that_was_cut_off_loses_itself_alone(tmp_path: Path, cut: int) -> None:
    spool = Spool(tmp_path, "http://one")
    first, second = (Batch(kind, [b'{"a":1}', b'{"b":2}'], uuid7(), again=False) for kind in (Kind.LOG, Kind.EVENT))
    spool.append(first)
    whole = spool.size
    spool.append(second)
    path = spool.leave()
    assert path is not None
    os.truncate(path, spool.size - cut)
    with spool.claim(path) as found:
        batches = list(found or ())
    assert batches[0].items == first.items
    left = spool.size - cut - whole
    heads = len(f"batch event {second.key}\n")
    assert [batch.items for batch in batches[1:]] == ([second.items[: (left - heads) // 8]] if left >= heads else [])


def test_a_batch_is_cut_the_same_way_whenever_it_is_cut() -> None:
    batch = Batch(Kind.LOG, [b"1", b"2", b"3"], uuid7(), again=True)
    first, second = batch.halves()
    assert (first.items, second.items) == ([b"1"], [b"2", b"3"])
    assert len({batch.key, first.key, second.key}) == 3
    assert batch.halves() == (first, second)
