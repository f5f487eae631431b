"""The channel of a worker hears the same from both servers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.reference import telling
from tests.reference.conftest import both
from tests.running import Server

BUSY = [1011, "heartbeat_persistence_failed"]
CONSUMER = str(uuid4())
SENT = "2026-03-01T12:00:00Z"
TEMPLATE = {
    "job_configuration": {"a": "{{ a }}"},
    "variables": {"type": "object", "properties": {"a": {"type": "string"}}},
}
HELLO: dict[str, Any] = {
    "consumer_id": CONSUMER,
    "worker_name": "worker",
    "worker_type": "process",
    "heartbeat_interval_seconds": 30,
    "supported_channel_versions": ["work_pool_worker_channel.v1"],
    "requested_capabilities": ["worker_heartbeat.v1", "work_pool_snapshot.v1", "other.v1"],
}
BOTH = HELLO["requested_capabilities"]
CLEANING: dict[str, Any] = {
    "requested_capabilities": [*BOTH, "cleanup_delivery.v1"],
    "handled_cleanup_kinds": ["cancelling_timeout_teardown.v1"],
}
SOON = {
    "PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_LOOP_SECONDS": "0.5",
    "PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_CANCELLING_TIMEOUT_SECONDS": "0.5",
    "PREFECT_SERVER_WORKER_CHANNEL_CLEANUP_MAX_DELIVERY_ATTEMPTS": "2",
    "PREFECT_SERVER_WORKER_CHANNEL_CLEANUP_LEASE_SECONDS": "60",
}
"""Runs that are cancelled have half a second to end."""


def frame(kind: str, payload: Any) -> str:
    return json.dumps({"type": kind, "id": str(uuid4()), "sent_at": SENT, "payload": payload})


def beat(**changed: Any) -> str:
    known = {name: HELLO[name] for name in ("consumer_id", "worker_name", "heartbeat_interval_seconds")}
    return frame("worker.heartbeat.v1", {**known, **changed})


@contextmanager
def channel(server: Server, pool: str) -> Iterator[ClientConnection]:
    """Open the channel of a pool's worker and pass the gate."""
    address = f"ws://127.0.0.1:{server.port}/api/work_pools/{pool}/workers/connect"
    with connect(address, subprotocols=[Subprotocol("prefect")], proxy=None, open_timeout=60) as socket:
        socket.send('{"type":"auth","token":null}')
        socket.recv(timeout=60)
        yield socket


def heard(socket: ClientConnection) -> Any:
    """Return the next frame without what differs from one server to another, or how the channel ended."""
    try:
        said = json.loads(socket.recv(timeout=60))
    except ConnectionClosed as ended:
        return (ended.rcvd.code, ended.rcvd.reason) if ended.rcvd else None
    return plain(said)


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, str) and value != CONSUMER and telling.UUID.fullmatch(value):
        return "an id"
    return "a time" if isinstance(value, str) and telling.TIME.fullmatch(value) else value


Ask = Callable[..., telling.Answer]
Talk = Callable[[Server, Ask, str], Iterator[Any]]


def refused(server: Server, ask: Ask, pool: str) -> Iterator[Any]:
    """Greet the server in ways that it does not take."""
    ask("POST", "/work_pools/", {"name": pool, "type": "process"})
    greetings = [
        "no JSON",
        beat(),
        frame("worker.other.v1", {}),
        frame("worker.hello.v1", {}),
        frame("worker.hello.v1", {**HELLO, "heartbeat_interval_seconds": 0}),
        frame("worker.hello.v1", {**HELLO, "requested_capabilities": BOTH[:1]}),
        frame("worker.hello.v1", {**HELLO, "supported_channel_versions": ["other.v1"]}),
        frame("worker.hello.v1", {**HELLO, "work_queue_names": ["default", "none"]}),
        frame("worker.hello.v1", {**HELLO, "create_pool_if_not_found": True}),
    ]
    names = [*[pool] * 8, f"prefect-{pool}"]
    for name, greeting in zip([*names, f"none-{pool}"], [*greetings, frame("worker.hello.v1", HELLO)], strict=True):
        with channel(server, name) as socket:
            socket.send(greeting)
            yield heard(socket)


def served(server: Server, ask: Ask, pool: str) -> Iterator[Any]:
    """Be served, while the pool changes, until it is gone."""
    ask("POST", "/work_pools/", {"name": pool, "type": "process"})
    ask("POST", f"/work_pools/{pool}/queues", {"name": "q"})
    with channel(server, pool) as socket:
        socket.send(
            frame("worker.hello.v1", {**HELLO, "work_queue_names": ["q", "q"], "default_base_job_template": TEMPLATE})
        )
        yield heard(socket)
        yield plain(ask("GET", f"/work_pools/{pool}", None))
        yield plain(ask("POST", f"/work_pools/{pool}/workers/filter", {}))
        socket.send(beat(heartbeat_interval_seconds=7))
        ask("PATCH", f"/work_pools/{pool}", {"description": "no news"})
        ask("PATCH", f"/work_pools/{pool}", {"concurrency_limit": 3})
        yield last(socket, "concurrency_limit", 3)
        yield plain(ask("POST", f"/work_pools/{pool}/workers/filter", {}))
        ask("PATCH", f"/work_pools/{pool}", {"is_paused": True})
        yield last(socket, "is_paused", True)
        ask("DELETE", f"/work_pools/{pool}", None)
        yield heard(socket)


def last(socket: ClientConnection, name: str, value: Any) -> Any:
    """Return the first snapshot in which a field has a value; how many come before differs."""
    while True:
        said = heard(socket)
        if not isinstance(said, dict) or said["payload"]["work_pool"][name] == value:
            return said["payload"]["work_pool"] if isinstance(said, dict) else said


def wrong_later(server: Server, ask: Ask, pool: str) -> Iterator[Any]:
    """Say something wrong once the channel is open; the pool is made for the worker."""
    for later in (beat(worker_name="other"), beat(consumer_id=str(uuid4())), "no JSON", frame("cleanup.ack.v1", {})):
        with channel(server, pool) as socket:
            greeting = {**HELLO, "create_pool_if_not_found": True, "default_base_job_template": TEMPLATE}
            socket.send(frame("worker.hello.v1", greeting))
            yield heard(socket)
            socket.send(later)
            yield heard(socket)
    yield plain(ask("GET", f"/work_pools/{pool}", None))


def with_templates(server: Server, ask: Ask, pool: str) -> Iterator[Any]:
    """Bring templates that are wrong, where they are needed and where not."""
    ask("POST", "/work_pools/", {"name": pool, "type": "process", "base_job_template": TEMPLATE})
    ask("POST", "/work_pools/", {"name": f"empty-{pool}", "type": "process"})
    unfit = {"a": {"type": "string", "default": 3}}
    missing = {"a": {"type": "object", "default": {"$ref": {"block_document_id": str(uuid4())}}}}
    templates: list[Any] = [
        {"variables": {}},
        {**TEMPLATE, "job_configuration": {"a": "{{ b }}"}},
        {**TEMPLATE, "variables": {"type": "object", "properties": unfit}},
        {**TEMPLATE, "variables": {"type": "object", "properties": missing}},
        {**TEMPLATE, "variables": {"type": "nothing"}},
    ]
    for number, template in enumerate(templates):
        for name in (pool, f"empty-{pool}", f"new-{number}-{pool}"):
            with channel(server, name) as socket:
                greeting = {**HELLO, "create_pool_if_not_found": True, "default_base_job_template": template}
                socket.send(frame("worker.hello.v1", greeting))
                said = heard(socket)
            # the reference lets a worker whose template is wrong come again and again
            yield [1002, "protocol_error"] if said == (1011, "transient_server_error") else said
            yield plain(ask("GET", f"/work_pools/{name}", None))


def asked_for_cleanups(server: Server, ask: Ask, pool: str) -> Iterator[Any]:
    """Ask for cleanups in ways that are taken, and in others."""
    ask("POST", "/work_pools/", {"name": pool, "type": "process"})
    asked: list[dict[str, Any]] = [
        {"max_cleanup_concurrency": 2},
        {"handled_cleanup_kinds": []},
        {"handled_cleanup_kinds": ["other.v1"]},
        {"max_cleanup_concurrency": 0},
        {"max_cleanup_concurrency": -1},
        {"max_cleanup_concurrency": None},
        {"requested_capabilities": BOTH},
        {"requested_capabilities": BOTH, "handled_cleanup_kinds": []},
        {"requested_capabilities": BOTH, "handled_cleanup_kinds": [], "max_cleanup_concurrency": 1},
        {},
    ]
    for changed in asked:
        with channel(server, pool) as socket:
            socket.send(frame("worker.hello.v1", {**HELLO, **CLEANING, **changed}))
            yield heard(socket)
    with channel(server, pool) as socket:
        socket.send(frame("worker.hello.v1", HELLO))
        yield heard(socket)
        yield answered(socket, "ack", str(uuid4()), "t")
    with channel(server, pool) as socket:
        socket.send(frame("worker.hello.v1", {**HELLO, **CLEANING}))
        yield heard(socket)
        for kind in ("ack", "renew", "release"):
            yield answered(socket, kind, str(uuid4()), "t")
        socket.send(frame("cleanup.release.v1", {"message_id": str(uuid4()), "reservation_token": "t"}))
        yield heard(socket)


def said_of(socket: ClientConnection, kind: str, message: str, token: str) -> Any:
    """Say something of a cleanup and return the answer's payload."""
    why = {"reason": "busy"} if kind == "release" else {}
    socket.send(frame(f"cleanup.{kind}.v1", {"message_id": message, "reservation_token": token, **why}))
    while (said := json.loads(socket.recv(timeout=60)))["type"] != "cleanup.operation_result.v1":
        LATER.append(said)
    return said["payload"]


def answered(socket: ClientConnection, kind: str, message: str, token: str) -> Any:
    return plain(said_of(socket, kind, message, token))


LATER: list[Any] = []
"""What came before an answer."""


def handed(socket: ClientConnection) -> Any:
    """Return the next cleanup that the server hands out."""
    while LATER:
        if (said := LATER.pop(0))["type"] == "cleanup.message.v1":
            return said["payload"]
    while (said := json.loads(socket.recv(timeout=60)))["type"] != "cleanup.message.v1":
        pass
    return said["payload"]


def seen(cleanup: Any, known: list[str]) -> Any:
    """Return a cleanup without its token; which run it is about as a number."""
    known.append(cleanup["target"]["flow_run_id"])
    about = {**cleanup["target"], "flow_run_id": known.index(cleanup["target"]["flow_run_id"])}
    return plain({**cleanup, "reservation_token": "token", "target": about})


def stuck(ask: Ask, flow: str, pool: str, queue: str, **fields: Any) -> str:
    """Make a run whose process does not answer that it is to end."""
    body = {"flow_id": flow, "work_pool_name": pool, "work_queue_name": queue, "state": {"type": "RUNNING"}, **fields}
    run: str = ask("POST", "/flow_runs/", body)[1]["id"]
    ask("POST", f"/flow_runs/{run}/set_state", {"state": {"type": "CANCELLING"}, "force": True})
    return run


def cleaned_up(server: Server, ask: Ask, pool: str) -> Iterator[Any]:
    """Be handed what is left of runs that did not end when they were cancelled."""
    LATER.clear()
    ask("POST", "/work_pools/", {"name": pool, "type": "process"})
    ask("POST", f"/work_pools/{pool}/queues", {"name": "mine"})
    flow = ask("POST", "/flows/", {"name": pool})[1]["id"]
    known: list[str] = []
    greeting = {**HELLO, **CLEANING, "work_queue_names": ["mine"]}
    with channel(server, pool) as socket:
        socket.send(frame("worker.hello.v1", greeting))
        heard(socket)
        stuck(ask, flow, pool, "mine")
        first = handed(socket)
        yield seen(first, known)
        message, token = first["message_id"], first["reservation_token"]
        for kind in ("ack", "renew", "release"):
            yield answered(socket, kind, message, "other")
        yield answered(socket, "renew", message, token)
        yield answered(socket, "release", message, token)
        again = handed(socket)
        yield seen(again, known)
        assert (again["message_id"], again["delivery_count"]) == (message, 2)
        yield answered(socket, "ack", message, token)
        yield answered(socket, "release", message, again["reservation_token"])
        yield answered(socket, "ack", message, again["reservation_token"])
        stuck(ask, flow, pool, "default")
        other = handed(socket)
        yield seen(other, known)
    with channel(server, pool) as socket:
        socket.send(frame("worker.hello.v1", greeting))
        heard(socket)
        yield answered(socket, "ack", other["message_id"], other["reservation_token"])
        yield answered(socket, "ack", other["message_id"], other["reservation_token"])


def told(server: Server, talk: Talk, pool: str) -> list[Any]:
    """Return what a server says in a talk."""
    http = telling.Server(server.url)

    def ask(method: str, path: str, body: Any) -> telling.Answer:
        content = None if body is None else json.dumps(body).encode()
        return http.send(method, path, content, {})

    return json.loads(json.dumps(list(talk(server, ask, pool))).replace(pool, "pool"))  # type: ignore[no-any-return]


@pytest.mark.parametrize("talk", [refused, served, wrong_later, with_templates, asked_for_cleanups])
def test_both_servers_say_the_same(lictor_server: Server, reference_server: Server, talk: Talk) -> None:
    theirs = told(reference_server, talk, f"w{uuid4().hex[:12]}")
    while BUSY in theirs:  # its database is locked now and then
        theirs = told(reference_server, talk, f"w{uuid4().hex[:12]}")
    assert told(lictor_server, talk, f"w{uuid4().hex[:12]}") == theirs


def test_both_servers_hand_out_the_same_cleanups(
    reference_python: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with ExitStack() as stack:
        ours, theirs = both(reference_python, tmp_path_factory, stack, **SOON)
        assert told(ours, cleaned_up, "word") == told(theirs, cleaned_up, "word")
