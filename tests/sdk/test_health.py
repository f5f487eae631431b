"""What programs that run what falls due answer to probes."""

from __future__ import annotations

import socket
import struct
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from lictor.sdk.health import MOST, health, served
from lictor.sdk.worker import ProcessWorker
from lictor.settings import Settings, table, temporary_settings
from tests.running import free_port

HOST, PORT = table.WORKER_WEBSERVER_HOST, table.WORKER_WEBSERVER_PORT


def settings(folder: Path, port: int) -> Settings:
    return Settings({"PREFECT_HOME": str(folder), HOST.name: "127.0.0.1", PORT.name: str(port)})


def test_health_is_as_good_as_what_is_asked_for_it(tmp_path: Path) -> None:
    well = [True]
    with served(settings(tmp_path, 0), HOST, PORT, {"/health": health(lambda: well[0], "It")}) as place:
        assert httpx.get(f"{place}/health").json() == {"message": "OK"}
        assert httpx.get(f"{place}/health/?a=b").status_code == 200
        well[0] = False
        answer = httpx.get(f"{place}/health")
        assert (answer.status_code, answer.json()["message"]) == (
            503,
            "It has not heard from the server for too long",
        )
        assert httpx.get(f"{place}/").json() == {"detail": "There are: /health."}
        assert httpx.post(f"{place}/health").status_code == 501
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{place}/health")


def test_strangers_keep_no_probe_from_its_answer(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    before = threading.active_count()
    with served(settings(tmp_path, 0), HOST, PORT, {"/health": lambda: (200, "well")}) as place, ExitStack() as stack:
        url = httpx.URL(place)
        for number in range(5 * MOST):
            slow = stack.enter_context(socket.create_connection((url.host, url.port or 0)))
            slow.sendall(b"GET /health HTTP/1.1\r\nX: ")
            if number % 2:  # and goes away with a reset
                slow.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                slow.close()
        answer = httpx.get(f"{place}/health")
        assert (answer.json(), answer.headers["server"].strip()) == ("well", "lictor")
        assert threading.active_count() - before <= 2 * MOST
        assert httpx.get(f"{place}/health", headers={"X": "y" * 70_000}).status_code == 431
    assert capfd.readouterr().err == ""


def test_an_address_that_is_taken_is_told_with_the_setting(tmp_path: Path) -> None:
    port = free_port()
    with (
        socket.create_server(("127.0.0.1", port)),
        pytest.raises(ValueError, match=f"127.0.0.1:{port}.*Set {PORT.name}"),
        served(settings(tmp_path, port), HOST, PORT, {}),
    ):
        pass


def test_a_worker_is_well_while_the_server_answers_it() -> None:
    with temporary_settings({table.WORKER_QUERY_SECONDS: 1.0}):
        worker = ProcessWorker("pool")
    assert worker.healthy()
    worker.answered = time.monotonic() - 61
    assert not worker.healthy()
