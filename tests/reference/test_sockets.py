"""What a stranger's socket is answered is what the reference answers, save where that is a fault of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.reference.conftest import Pair, both
from tests.running import Server
from tests.security.asking import SECRET, basic

PLAIN = ("/events/in", "/events/out", "/logs/out", "/task_runs/subscriptions/scheduled")
WORKERS = "/work_pools/pool/workers/connect"
ALL = (*PLAIN, WORKERS)
SPOKEN = ("prefect",)
GOOD, WRONG = json.dumps({"type": "auth", "token": SECRET}), json.dumps({"type": "auth", "token": "admin:wrong"})
OUT = ("/events/out", "/logs/out")


class Case(NamedTuple):
    """A socket to open: where, with which subprotocols, and the frames to send."""

    path: str
    protocols: tuple[str, ...]
    frames: tuple[str, ...] = ()
    headers: dict[str, str] = {}  # noqa: RUF012 - never changed

    def __str__(self) -> str:
        return " ".join([self.path, *self.protocols, *self.headers, *self.frames]).replace(SECRET, "SECRET")


FIRST = (
    '{"type":"auth","token":null}',
    '{"type":"auth","token":""}',
    '{"type":"auth"}',
    '{"type":"filter"}',
    WRONG,
    GOOD,
)
CLOSED = [
    *(Case(path, protocols) for path in ALL for protocols in ((), ("other",))),
    *(Case(path, SPOKEN, (frame,)) for path in ALL for frame in FIRST),
    *(Case(path, ("other", "prefect", "third"), (GOOD,)) for path in ALL),
    *(Case(path, (), (), basic()) for path in PLAIN),
    *(Case(path, SPOKEN, (GOOD,), basic("admin:wrong")) for path in PLAIN),
    *(Case(path, SPOKEN, (WRONG,), basic()) for path in PLAIN),
    *(Case(path, SPOKEN, (GOOD, '{"type":"something"}')) for path in OUT),
    Case("/nowhere", SPOKEN, (GOOD,)),
    Case("/flows/", SPOKEN, (GOOD,)),
]
OPENED = [
    *(Case(path, SPOKEN, (frame,)) for path in ALL for frame in (WRONG, FIRST[0], FIRST[3])),
    *(Case(path, ()) for path in (*PLAIN, WORKERS)),
    *(Case(path, (), ('{"type":"something"}',)) for path in OUT),
]


@pytest.fixture(scope="module")
def opened(reference_python: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with ExitStack() as stack:
        yield both(reference_python, tmp_path_factory, stack)


def heard(server: Server, case: Case) -> Any:
    """Return what a socket hears: its refusal, or its subprotocol, the answer to each frame, and how it ended."""
    names = [Subprotocol(name) for name in case.protocols] or None
    address = f"ws://127.0.0.1:{server.port}/api{case.path}"
    try:
        connection = connect(
            address, subprotocols=names, additional_headers=case.headers, proxy=None, open_timeout=60, close_timeout=5
        )
    except InvalidStatus as refused:
        return refused.response.status_code
    said: list[Any] = [connection.subprotocol]
    with connection:
        try:
            for frame in case.frames:
                connection.send(frame)
                said.append(json.loads(connection.recv(timeout=60)))
        except ConnectionClosed as ended:
            said.append((ended.rcvd.code, ended.rcvd.reason) if ended.rcvd else None)
    return said


@pytest.mark.parametrize("case", CLOSED, ids=str)
def test_a_closed_server_answers_the_same(closed: Pair, case: Case) -> None:
    ours, theirs = (heard(server, case) for server in closed)
    assert ours == theirs


@pytest.mark.parametrize("case", OPENED, ids=str)
def test_an_open_server_answers_the_same(opened: Pair, case: Case) -> None:
    ours, theirs = (heard(server, case) for server in opened)
    assert ours == theirs
