"""Auth strings: in clear, hashed, from files, two at once, read again; guessing is slowed down."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from lictor.server.guards.throttle import LONGEST_DELAY, delay_after
from lictor.server.serve import Application
from lictor.settings import Settings, SettingsError
from tests.running import Server, clean_environment
from tests.security.asking import SECRET, ask, basic

NOT_ASCII = "Bürger:pass:wört"


def status(server: Server, text: str) -> int:
    return ask(server, "GET", "/api/hello", **basic(text)).status


@pytest.mark.parametrize("secret", [SECRET, "no colon", ":", "a:b:c:d", NOT_ASCII])
def test_an_auth_string_is_one_opaque_text(secret: str) -> None:
    with Server(PREFECT_SERVER_API_AUTH_STRING=secret) as server:
        assert status(server, secret) == 200
        for wrong in (secret + " ", " " + secret, secret[:-1], secret.upper() + "X", "ä", ""):
            assert status(server, wrong) == 401
        assert ask(server, "GET", "/api/hello", Authorization=basic(secret)["Authorization"].lower()[:5]).status == 401
        assert (
            ask(server, "GET", "/api/hello", Authorization="bAsIc" + basic(secret)["Authorization"][5:]).status == 200
        )


def hashed(text: str) -> str:
    command = [sys.executable, "-m", "lictor.cli.main", "server", "hash-auth"]
    done = subprocess.run(
        command, input=text + "\n", capture_output=True, text=True, check=True, env=clean_environment()
    )
    return done.stdout.strip()


def test_a_hash_stands_for_an_auth_string() -> None:
    made = hashed(NOT_ASCII)
    assert made.startswith("$argon2id$")
    with Server(PREFECT_SERVER_API_AUTH_STRING=made) as server:
        assert [status(server, text) for text in (NOT_ASCII, NOT_ASCII, "wrong", made)] == [200, 200, 401, 401]
        with connect(
            f"ws://127.0.0.1:{server.port}/api/logs/out", subprotocols=[Subprotocol("prefect")], proxy=None
        ) as one:
            one.send(json.dumps({"type": "auth", "token": NOT_ASCII}))
            assert one.recv(timeout=60) == '{"type":"auth_success"}'


def test_files_hold_auth_strings_and_are_read_again(tmp_path: Path) -> None:
    now, before = tmp_path / "now", tmp_path / "before"
    now.write_text("one:1\n")
    before.write_text("old:0")
    with Server(
        PREFECT_SERVER_API_AUTH_STRING_FILE=str(now), PREFECT_SERVER_API_PREVIOUS_AUTH_STRING_FILE=str(before)
    ) as server:
        assert [status(server, text) for text in ("one:1", "old:0", "two:2")] == [200, 200, 401]
        now.write_text("two:2")
        before.write_text("one:1")
        assert server.process is not None
        server.process.send_signal(signal.SIGHUP)
        wait_for(lambda: status(server, "two:2") == 200)
        assert [status(server, text) for text in ("two:2", "one:1", "old:0")] == [200, 200, 401]
        now.write_text("")
        server.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "stay as they were" in server.log.read_text())
        assert status(server, "two:2") == 200


def wait_for(seen) -> None:  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + 60
    while not seen():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"PREFECT_SERVER_API_AUTH_STRING_FILE": "/nowhere/at/all"}, "PREFECT_SERVER_API_AUTH_STRING_FILE"),
        ({"PREFECT_SERVER_API_AUTH_STRING_FILE": "/x", "PREFECT_SERVER_API_AUTH_STRING": "hidden:x"}, "both set"),
        ({"PREFECT_SERVER_API_AUTH_STRING": "$argon2id$v=19$rubbish"}, "hash-auth"),
        ({"PREFECT_SERVER_TRUSTED_PROXIES": "10.0.0.0/99"}, "PREFECT_SERVER_TRUSTED_PROXIES"),
        ({"PREFECT_SERVER_TLS_CERT_FILE": "/nowhere.pem"}, "PREFECT_SERVER_TLS_CERT_FILE"),
    ],
)
def test_what_cannot_be_used_stops_the_start(tmp_path: Path, settings: dict[str, str], said: str) -> None:
    command = [sys.executable, "-m", "lictor.cli.main", "server", "start", "--port", "0"]
    environment = {**clean_environment(), "PREFECT_HOME": str(tmp_path), **settings}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert said in done.stderr
    assert "hidden" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_wrong_credentials_are_answered_later_and_later() -> None:
    waits = [delay_after(wrong) for wrong in (1, 10, 11, 12, 13, 15, 16, 100_000)]
    assert waits == [0, 0, 0.1, 0.2, 0.4, 1.6, 2, 2]


GUESSES = 14


def timed(server: Server, text: str | None, path: str = "/api/hello") -> tuple[float, int]:
    """Return how long an answer took, and its status."""
    began = time.monotonic()
    got = ask(server, "GET", path, **(basic(text) if text else {}))
    return time.monotonic() - began, got.status


def is_slowed(server: Server, text: str | None, path: str = "/api/hello") -> bool:
    """Tell whether every answer comes as late as that to a further guess; a busy machine makes some late."""
    return min(timed(server, text, path)[0] for _ in range(5)) >= delay_after(GUESSES + 1)


def test_guessing_is_slowed_for_one_name_and_others_are_untouched() -> None:
    with Server(PREFECT_SERVER_API_AUTH_STRING=SECRET) as server:
        times = [timed(server, "admin:guess") for _ in range(GUESSES)]
        assert {status for _, status in times} == {401}
        assert [wrong for wrong, (took, _) in enumerate(times, 1) if took < delay_after(wrong)] == []
        assert min(times)[0] < 0.1
        assert not is_slowed(server, "other:guess")
        assert not is_slowed(server, None)  # nothing was guessed
        assert not is_slowed(server, SECRET)
        assert not is_slowed(server, "admin:guess")  # a success ended it
        for _ in range(GUESSES):
            status(server, "admin:guess")
        assert not is_slowed(server, "admin:guess", "/api/health")  # a probe guesses nothing
        assert is_slowed(server, "admin:guess")
        assert "guess" not in server.log.read_text()
        assert "Wrong credentials from 127.0.0.1" in server.log.read_text()


def test_guesses_that_wait_hold_up_nobody_and_many_at_once_are_not_faster() -> None:
    with Server(PREFECT_SERVER_API_AUTH_STRING=SECRET) as server, ThreadPoolExecutor(30) as pool:
        for _ in range(16):
            status(server, "admin:guess")
        waiting = [pool.submit(timed, server, "admin:guess") for _ in range(20)]
        assert not is_slowed(server, None, "/api/health")
        took, told = zip(*(one.result() for one in waiting), strict=True)
        assert set(told) == {401}
        assert min(took) < LONGEST_DELAY  # refused unread: five may wait
        assert sum(each >= LONGEST_DELAY for each in took) >= 5


def test_a_socket_that_guesses_is_slowed_too() -> None:
    with Server(PREFECT_SERVER_API_AUTH_STRING=SECRET) as server:
        for _ in range(12):
            status(server, "admin:guess")
        began = time.monotonic()
        with connect(
            f"ws://127.0.0.1:{server.port}/api/logs/out", subprotocols=[Subprotocol("prefect")], proxy=None
        ) as one:
            one.send('{"type":"auth","token":"admin:guess"}')
            with pytest.raises(ConnectionClosed):
                one.recv(timeout=60)
        assert time.monotonic() - began >= 0.4


def test_an_open_server_warns_beyond_loopback(tmp_path: Path) -> None:
    class Everywhere(Server):
        command = (*Server.command, "--host", "0.0.0.0")

    with Everywhere(tmp_path) as server:
        told = server.log.read_text()
    assert "PREFECT_SERVER_API_AUTH_STRING" in told
    assert "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS" in told
    with Server() as here:
        assert "PREFECT_SERVER_API_AUTH_STRING" not in here.log.read_text()


def test_settings_that_cannot_be_read_again_change_nothing(tmp_path: Path) -> None:
    app = Application(Settings({"PREFECT_SERVER_API_AUTH_STRING": SECRET}), str(tmp_path / "lictor.db"), "http://here")

    def broken() -> Settings:
        raise SettingsError("prefect.toml, line 1, is not valid TOML.")

    app.reload_credentials(broken)
    assert app.credentials.strings == (SECRET,)
    app.reload_credentials(lambda: Settings({"PREFECT_SERVER_API_AUTH_STRING": "another:one"}))
    assert app.credentials.strings == ("another:one",)
