"""`lictor server doctor`: each point of the checklist, with its fix, and an exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lictor.client.lane import Batch, Kind
from lictor.client.spool import Spool
from lictor.kit.ids import uuid7
from tests.running import Server, clean_environment


def doctor(home: Path, *arguments: str, **settings: str) -> tuple[int, dict[str, Any]]:
    command = [sys.executable, "-m", "lictor.cli.main", "server", "doctor", "--output", "json", *arguments]
    environment = {**clean_environment(), "PREFECT_HOME": str(home), **settings}
    done = subprocess.run(command, env=environment, cwd=home, capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, {one["point"]: one for one in json.loads(done.stdout)}


GOOD = {
    "PREFECT_SERVER_API_AUTH_STRING": "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
    "PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED": "true",
    "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": "https://tools.example",
    "PREFECT_SERVER_TRUSTED_PROXIES": "10.0.0.1",
}
POINTS = {
    "Credentials": ({"PREFECT_SERVER_API_AUTH_STRING": ""}, "mend"),
    "The auth string": ({"PREFECT_SERVER_API_AUTH_STRING": "admin:pass"}, "mend"),
    "TLS": ({"PREFECT_SERVER_TRUSTED_PROXIES": ""}, "mend"),
    "Pages of other origins": ({"PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": "*"}, "mend"),
    "CSRF tokens": ({"PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED": "false"}, "advice"),
}


def test_a_hardened_server_passes(tmp_path: Path) -> None:
    code, found = doctor(tmp_path, "--host", "0.0.0.0", **GOOD)
    assert code == 0
    assert {one["verdict"] for one in found.values()} == {"ok"}
    assert set(POINTS) <= set(found)


@pytest.mark.parametrize("point", POINTS)
def test_each_point_has_its_fix(tmp_path: Path, point: str) -> None:
    change, verdict = POINTS[point]
    code, found = doctor(tmp_path, "--host", "0.0.0.0", **{**GOOD, **change})
    assert found[point]["verdict"] == verdict
    assert found[point]["fix"]
    assert code == (1 if verdict == "mend" else 0)
    assert "pass" not in found["The auth string"]["found"]


def test_files_that_others_may_read_are_found(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("")
    (tmp_path / ".env").chmod(0o644)
    code, found = doctor(tmp_path, **GOOD)
    assert (code, found[".env"]["fix"]) == (1, "chmod 600 .env")


def test_files_of_secrets_that_others_may_read_are_found(tmp_path: Path) -> None:
    names = ("API_AUTH_STRING", "SERVER_API_PREVIOUS_AUTH_STRING", "SERVER_DATABASE_PASSWORD", "SERVER_TLS_KEY")
    places = {f"PREFECT_{name}_FILE": tmp_path / name for name in names}
    for place in places.values():
        place.write_text("a secret")
        place.chmod(0o644)
    code, found = doctor(tmp_path, **GOOD, **{name: str(place) for name, place in places.items()})
    assert code == 1
    assert {found[str(place)]["verdict"] for place in places.values()} == {"mend"}


@pytest.mark.parametrize(("secret", "code"), [("admin:a good long one", 0), ("", 1)])
def test_a_running_server_is_asked_as_a_stranger_would(tmp_path: Path, secret: str, code: int) -> None:
    with Server(PREFECT_SERVER_API_AUTH_STRING=secret) as server:
        got, found = doctor(tmp_path, "--url", server.url)
    assert got == code
    assert found["The API"]["verdict"] == ("ok" if secret else "mend")


def test_a_server_that_is_not_there_is_said_to_be(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lictor.cli.main", "server", "doctor", "--url", "http://127.0.0.1:9/api"]
    done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "cannot be asked" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_waits_for_a_server_is_told(tmp_path: Path) -> None:
    spool, dead = Spool(tmp_path / "spool", "http://one/api"), Spool(tmp_path / "spool", "http://two/api")
    for each in (spool, dead):
        each.append(Batch(Kind.LOG, [b"{}", b"{}"], uuid7(), again=False))
        each.append(Batch(Kind.STATE, [b"{}"], uuid7(), again=False))
    left = dead.leave()
    _, found = doctor(tmp_path, **GOOD)
    assert found[str(left)]["found"] == "2 log lines, 1 last states of runs for http://two/api"
    assert (found[str(left)]["verdict"], found[str(spool.path)]["verdict"]) == ("advice", "ok")
    spool.finish()
