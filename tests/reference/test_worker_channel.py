"""The channel of a worker hears the same from both servers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.reference import telling
from tests.running import Server

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


@pytest.mark.parametrize("talk", [refused, served, wrong_later])
def test_both_servers_say_the_same(
    lictor_server: Server, reference_server: Server, talk: Callable[[Server, Ask, str], Iterator[Any]]
) -> None:
    def told(server: Server, pool: str) -> list[Any]:
        http = telling.Server(server.url)

        def ask(method: str, path: str, body: Any) -> telling.Answer:
            content = None if body is None else json.dumps(body).encode()
            return http.send(method, path, content, {})

        return json.loads(json.dumps(list(talk(server, ask, pool))).replace(pool, "pool"))  # type: ignore[no-any-return]

    word = f"w{uuid4().hex[:12]}"
    assert told(lictor_server, word) == told(reference_server, word)
