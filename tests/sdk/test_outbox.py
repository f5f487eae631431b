"""Events and log lines leave in batches; one that is refused does not take others with it."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest

from lictor import task
from lictor.client.client import Client
from lictor.client.lane import MOST_ITEMS, Lane
from lictor.client.outbox import Outbox
from lictor.client.spool import Spool
from lictor.engine import states
from lictor.engine.task_run import LiveTaskRun
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
    lane = Lane(Outbox(Settings({}), "http://nowhere").events.operation, 0.1, 10)
    mark = threading.Event()
    lane.waiting.extend([b"1234", b"5678", mark, b"9", b"0" * 20, b"x"])
    batches: list[list[bytes]] = []
    while lane.take():
        assert mark.is_set() == bool(batches)
        batches.append(lane.batch)
        lane.batch = []
    assert batches == [[b"1234", b"5678"], [b"9", b"0" * 20], [b"x"]]
    lane.most_bytes = 10**6
    lane.waiting.extend([b"x"] * (MOST_ITEMS + 1))
    assert lane.take()
    assert len(lane.batch) == MOST_ITEMS
    assert len(lane) == MOST_ITEMS + 1
    assert len(lane.take_all()) == MOST_ITEMS + 1


def test_what_is_too_much_for_memory_goes_to_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("lictor.client.outbox.MOST_WAITING", 100)
    address = f"http://127.0.0.1:{free_port()}/api"
    outbox = Outbox(Settings({"PREFECT_HOME": str(tmp_path)}), address)
    for number in range(350):
        if outbox.full:
            outbox.make_room()
        outbox.event(b'{"number":%d}' % number)
    outbox.close()
    spool = Spool(tmp_path / "spool", address)
    kept: list[bytes] = []
    for path in spool.files():
        with spool.claim(path) as found:
            assert found is not None
            kept += found[0]
            with spool.claim(path) as again:
                assert again is None
    assert kept == [b'{"number":%d}' % number for number in range(350)]
    assert spool.files() == []


def test_a_file_that_cannot_be_sent_stays(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "http://one")
    path = spool.write([b"{}"], [b'{"a":1}'])
    with pytest.raises(OSError, match="away"), spool.claim(path):
        raise OSError("away")
    assert spool.files() == [path]
    assert Spool(tmp_path, "http://other").files() == []
    with spool.claim(path) as found:
        assert found == ([b"{}"], [b'{"a":1}'])
