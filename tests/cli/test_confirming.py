"""Commands ask before what cannot be undone: in a terminal, or where setting cli.prompt says so."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.running import clean_environment


class Done(NamedTuple):
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


def delete(home: Path, answer: str, *words: str, terminal: bool = False, **settings: str) -> Done:
    """Delete the profile `old`, with an answer to what is asked."""
    home.mkdir(exist_ok=True)
    (home / "profiles.toml").write_text('active = "local"\n[profiles.old]\nPREFECT_LOGGING_LEVEL = "DEBUG"\n')
    command = [sys.executable, "-m", "lictor.cli.main", *words, "profile", "delete", "old", "--output", "json"]
    environment = {**clean_environment(), "PREFECT_HOME": str(home), **settings}
    ours, theirs = pty.openpty() if terminal else os.pipe()[::-1]
    os.write(ours, answer.encode())
    try:
        done = subprocess.run(
            command, env=environment, stdin=theirs, capture_output=True, text=True, timeout=60, check=False
        )
    finally:
        os.close(ours)
        os.close(theirs)
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(
    ("terminal", "words", "settings"),
    [
        (True, (), {}),
        (False, ("--prompt",), {}),
        (False, (), {"PREFECT_CLI_PROMPT": "true"}),
    ],
)
def test_it_is_asked_for(tmp_path: Path, terminal: bool, words: tuple[str, ...], settings: dict[str, str]) -> None:
    no = delete(tmp_path, "n\n", *words, terminal=terminal, **settings)
    assert (no.code, no.out.strip()) == (1, "")
    assert "Delete the profile 'old'?" in no.err
    yes = delete(tmp_path, "y\n", *words, terminal=terminal, **settings)
    assert (yes.code, json.loads(yes.out)) == (0, {"deleted": [{"name": "old"}]})


@pytest.mark.parametrize(
    ("terminal", "words", "settings"),
    [(False, (), {}), (True, ("--no-prompt",), {}), (True, (), {"PREFECT_CLI_PROMPT": "0"})],
)
def test_it_is_not_asked_for(tmp_path: Path, terminal: bool, words: tuple[str, ...], settings: dict[str, str]) -> None:
    done = delete(tmp_path, "n\n", *words, terminal=terminal, **settings)
    assert (done.code, json.loads(done.out), done.err) == (0, {"deleted": [{"name": "old"}]}, "")


@pytest.mark.parametrize("name", ["PREFECT_CLI_PROMPT", "PREFECT_CLIENT_CUSTOM_HEADERS"])
def test_settings_that_cannot_be_read_are_in_nobodys_way(tmp_path: Path, name: str) -> None:
    file = tmp_path / "profiles.toml"
    file.write_text(f'active = "mine"\n[profiles.mine]\n{name} = "unreadable"\n')
    file.chmod(0o600)
    command = [sys.executable, "-m", "lictor.cli.main", "config", "unset", name]
    environment = {**clean_environment(), "PREFECT_HOME": str(tmp_path)}
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "unreadable" not in file.read_text()


def test_nobody_is_asked_where_everything_would_go(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lictor.cli.main", "--no-prompt", "server", "database", "reset"]
    environment = {**clean_environment(), "PREFECT_HOME": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: Remove everything from {tmp_path}/lictor.db? Say so with --yes")
