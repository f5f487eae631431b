"""Secrets that a server was given or was sent are in no log, also at DEBUG, in no answer and in no process title."""

from __future__ import annotations

from pathlib import Path

from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.running import Server
from tests.security.asking import ask, basic

SECRET, PREVIOUS, GUESS = "admin:first-secret", "admin:second-secret", "admin:a-guessed-one"
DATABASE_PASSWORD, HEADER = "database-secret", "header-secret"


class Talkative(Server):
    command = (*Server.command, "--log-level", "DEBUG")


def test_a_full_debug_run_tells_no_secret(tmp_path: Path) -> None:
    settings = {
        "PREFECT_SERVER_API_AUTH_STRING": SECRET,
        "PREFECT_SERVER_API_PREVIOUS_AUTH_STRING": PREVIOUS,
        "PREFECT_API_KEY": DATABASE_PASSWORD,
        "PREFECT_CLIENT_CUSTOM_HEADERS": '{"Authorization": "Bearer ' + HEADER + '"}',
        "PREFECT_LOGGING_LEVEL": "DEBUG",
    }
    with Talkative(tmp_path, **settings) as server:
        told = [
            ask(server, "GET", "/api/hello", **basic(GUESS)),
            ask(server, "GET", "/api/admin/settings", **basic(SECRET)),
            ask(server, "POST", "/api/flows/", {"name": 7}, **basic(PREVIOUS)),
            ask(server, "POST", "/api/flows/", b"{", **basic(SECRET)),
            ask(server, "POST", "/api/session", **basic(SECRET)),
            ask(server, "GET", "/", Accept="text/html", **basic(SECRET)),
        ]
        cookie = told[4].headers["set-cookie"].partition(";")[0].partition("=")[2]
        for token in (SECRET, GUESS):
            address = f"ws://127.0.0.1:{server.port}/api/logs/out"
            with connect(address, subprotocols=[Subprotocol("prefect")], proxy=None) as socket:
                socket.send('{"type":"auth","token":"' + token + '"}')
        title = Path(f"/proc/{server.pid}/cmdline").read_bytes()
    log = server.log.read_text()
    assert "DEBUG" in log or "INFO" in log or "WARNING" in log
    for name in (SECRET, PREVIOUS, GUESS, DATABASE_PASSWORD, HEADER, cookie):
        for shown in (name, basic(name)["Authorization"][6:]):
            assert shown not in log
            assert shown.encode() not in title
            assert all(shown.encode() not in answer.content for answer in told)
