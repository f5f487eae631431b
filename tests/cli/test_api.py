"""`lictor api`, called as people and scripts call it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.test_commands import UNKNOWN, lictor, server
from tests.running import Server, clean_environment

__all__ = ["lictor", "server"]

Lictor = Callable[..., subprocess.CompletedProcess[str]]


def test_a_flow_is_made_read_changed_and_deleted(lictor: Lictor, tmp_path: Path) -> None:
    made = json.loads(lictor("api", "post", "flows/", "--data", '{"name": "by-hand"}').stdout)
    body = tmp_path / "tags.json"
    body.write_text('{"tags": ["mine"]}')
    assert lictor("api", "PATCH", f"/flows/{made['id']}", "--data", f"@{body}").stdout == ""
    read = lictor("api", "GET", f"/flows/{made['id']}")
    assert json.loads(read.stdout)["tags"] == ["mine"]
    assert lictor("api", "DELETE", f"/flows/{made['id']}").returncode == 0
    assert lictor("api", "GET", f"/flows/{made['id']}").returncode == 4


def test_a_body_is_piped(server: Server, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lictor.cli.main", "api", "POST", "/flows/"],
        env={**clean_environment(), "PREFECT_HOME": str(tmp_path), "PREFECT_API_URL": server.url},
        input='{"name": "piped"}',
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert json.loads(done.stdout)["name"] == "piped"


def test_what_is_sent_is_told_without_secrets(lictor: Lictor) -> None:
    words = ("api", "GET", "/api/health", "--root", "-v", "-H", "X-Mine: yes", "--query", "a=b c")
    done = lictor(*words, PREFECT_API_AUTH_STRING="me:geheim")
    assert done.stdout == "true\n"
    for text in ("/api/health?a=b+c", "> X-Mine: yes", "> Authorization: ********", "< 200"):
        assert text in done.stderr


FAILURES: dict[str, tuple[list[str], dict[str, str], int, str]] = {
    "nothing there": (["GET", f"/flow_runs/{UNKNOWN}"], {}, 4, "404"),
    "refused": (["POST", "/flow_runs/filter", "--data", '{"limit": "x"}'], {}, 4, "limit"),
    "no server": (["GET", "/health"], {"PREFECT_API_URL": "http://127.0.0.1:1/api"}, 7, "lictor server start"),
    "no JSON": (["POST", "/flows/", "--data", "{name}"], {}, 1, "What --data gives is not JSON"),
    "no file": (["POST", "/flows/", "--data", "@/nowhere"], {}, 1, "The file /nowhere cannot be read"),
    "no header": (["GET", "/health", "-H", "X-Mine"], {}, 1, "is not of the form 'Name: value'"),
    "no query": (["GET", "/health", "-q", "x"], {}, 1, "is not of the form name=value"),
    "no method": (["FETCH", "/health"], {}, 2, "FETCH"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_a_failure_has_its_exit_code(lictor: Lictor, case: str) -> None:
    words, environment, code, text = FAILURES[case]
    done = lictor("api", *words, **environment)
    assert (done.returncode, done.stdout) == (code, "")
    assert text in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_commands(lictor: Lictor, shell: str) -> None:
    assert "_LICTOR_COMPLETE" in lictor("shell", "completion", shell).stdout
    words = {"COMP_WORDS": "lictor flow-run wa", "COMP_CWORD": "wa" if shell == "fish" else "2"}
    assert "watch" in lictor(_LICTOR_COMPLETE=f"{shell}_complete", **words).stdout
