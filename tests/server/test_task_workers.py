"""Deferred task runs go to task workers, each to one, and to another if that one goes before it has begun."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from typing import Any
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.server.conftest import Api

PATIENCE = 60


class Worker:
    """A worker's side of a socket."""

    def __init__(self, socket: ClientConnection, subscription: Any) -> None:
        self.socket = socket
        self.say({"type": "auth", "token": None})
        assert self.next() == {"type": "auth_success"}
        self.say(subscription)

    def say(self, frame: Any) -> None:
        self.socket.send(json.dumps(frame))

    def next(self) -> Any:
        return json.loads(self.socket.recv(timeout=PATIENCE))

    def take(self) -> str:
        run = self.next()
        self.say({"type": "ack"})
        return str(run["id"])

    def drop(self) -> None:
        """Break the connection off, as a process that is killed does."""
        self.socket.socket.close()


def opened(api: Api) -> AbstractContextManager[ClientConnection]:
    """Open a socket."""
    address = api.server.url.replace("http", "ws", 1) + "/task_runs/subscriptions/scheduled"
    return connect(address, subprotocols=[Subprotocol("prefect")])


@pytest.fixture
def key() -> str:
    return f"task-{uuid4()}"


@pytest.fixture
def work(api: Api) -> Iterator[Any]:
    with ExitStack() as ends:

        def start(*keys: str, name: str = "worker") -> Worker:
            return Worker(ends.enter_context(opened(api)), {"type": "subscribe", "keys": keys, "client_id": name})

        yield start


def defer(api: Api, key: str, **fields: Any) -> str:
    state = {"type": "SCHEDULED", "state_details": {"deferred": True, "task_parameters_id": str(uuid4())}}
    body = {"task_key": key, "dynamic_key": str(uuid4()), "state": state, **fields}
    status, made = api("POST", "/task_runs/", body)
    assert status == 201
    return str(made["id"])


def begin(api: Api, run_id: str) -> None:
    status, answer = api("POST", f"/task_runs/{run_id}/set_state", {"state": {"type": "PENDING"}})
    assert (status, answer["status"]) == (201, "ACCEPT")


def test_runs_are_sent_in_order_before_and_after_the_worker_came(api: Api, work: Any, key: str) -> None:
    other = f"other-{key}"
    first = [defer(api, key), defer(api, other), defer(api, key)]
    defer(api, f"nobody-serves-{key}")
    worker = work(key, other)
    assert [worker.take() for _ in first] == first
    later = defer(api, other)
    run = worker.next()
    assert (run["id"], run["task_key"], run["state"]["type"]) == (later, other, "SCHEDULED")
    assert run["state"]["state_details"]["deferred"] is True


def test_only_deferred_scheduled_runs_are_sent(api: Api, work: Any, key: str) -> None:
    for state in ({"type": "SCHEDULED"}, {"type": "PENDING", "state_details": {"deferred": True}}):
        api("POST", "/task_runs/", {"task_key": key, "dynamic_key": str(uuid4()), "state": state})
    begun, gone, last = (defer(api, key) for _ in range(3))
    begin(api, begun)
    assert api("DELETE", f"/task_runs/{gone}")[0] == 204
    assert work(key).take() == last


def test_a_run_that_is_scheduled_again_is_sent_again(api: Api, work: Any, key: str) -> None:
    run_id = defer(api, key)
    worker = work(key)
    assert worker.take() == run_id
    for state in ({"type": "FAILED"}, {"type": "SCHEDULED", "state_details": {"deferred": True}}):
        assert api("POST", f"/task_runs/{run_id}/set_state", {"state": state, "force": True})[0] == 201
    assert worker.take() == run_id


def test_each_run_goes_to_one_of_many_workers(api: Api, work: Any, key: str) -> None:
    workers = [work(key, name=f"worker-{number}") for number in range(4)]

    def serve(worker: Worker) -> list[str]:
        taken: list[str] = []
        while True:
            run = worker.next()
            begin(api, run["id"])
            worker.say({"type": "ack"})
            if run["dynamic_key"].startswith("last"):
                worker.socket.close()
                return taken
            taken.append(str(run["id"]))

    with ThreadPoolExecutor(8) as threads:
        serving = [threads.submit(serve, worker) for worker in workers]
        made = list(threads.map(lambda _: defer(api, key), range(40)))
        for number in range(4):  # one for each worker, which then goes
            defer(api, key, dynamic_key=f"last-{number}")
        taken = [run_id for one in serving for run_id in one.result()]
    assert sorted(taken) == sorted(made)


@pytest.mark.parametrize("frame", [None, {"type": "other"}, {"type": "quit"}])
def test_what_is_not_acknowledged_goes_to_another(api: Api, work: Any, key: str, frame: Any) -> None:
    run_id = defer(api, key)
    lost = work(key)
    assert lost.next()["id"] == run_id
    other = work(key, name="other")
    if frame is None:
        lost.drop()
    else:
        lost.say(frame)
        with pytest.raises(ConnectionClosed) as closed:
            lost.next()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == (1000 if frame["type"] == "quit" else 4001)
    assert other.take() == run_id


def test_what_a_lost_worker_took_and_did_not_begin_goes_to_another(api: Api, work: Any, key: str) -> None:
    begun, waits = defer(api, key), defer(api, key)
    lost = work(key)
    assert [lost.take(), lost.take()] == [begun, waits]
    begin(api, begun)
    lost.drop()
    assert work(key).take() == waits


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        ({"type": "filter"}, "'subscribe'"),
        ({"type": "subscribe"}, "'keys'"),
        ({"type": "subscribe", "keys": [], "client_id": "x"}, "'keys'"),
        ({"type": "subscribe", "keys": ["a"]}, "'client_id'"),
        ({"type": "subscribe", "keys": [1], "client_id": "x"}, "'keys'"),
        ("text", "'subscribe'"),
    ],
)
def test_a_wrong_subscription_is_told_why(api: Api, frame: Any, said: str) -> None:
    with opened(api) as socket:
        worker = Worker(socket, frame)
        with pytest.raises(ConnectionClosed) as closed:
            worker.next()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4001
    assert said in closed.value.rcvd.reason


def test_workers_are_listed_while_they_are_there(api: Api, work: Any, key: str) -> None:
    name = f"name-{uuid4()}"
    body = {"task_worker_filter": {"task_keys": [key]}}
    worker = work(key, "another", name=name)
    defer(api, key)
    worker.take()
    (found,) = api("POST", "/task_workers/filter", body)[1]
    assert (found["identifier"], found["task_keys"]) == (name, sorted([key, "another"]))
    assert name in {each["identifier"] for each in api("POST", "/task_workers/filter")[1]}
    worker.say({"type": "quit"})
    with pytest.raises(ConnectionClosed):
        worker.next()
    assert api("POST", "/task_workers/filter", body)[1] == []
