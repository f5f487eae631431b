"""`lictor block`, called as people and scripts call it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.cli.test_commands import lictor, server

__all__ = ["lictor", "server"]

Lictor = Callable[..., subprocess.CompletedProcess[str]]
SECRET = "never-on-a-terminal"
BLOCKS = """
from pydantic import SecretStr
from lictor.blocks.core import Block

class Inner(Block):
    word: str = "w"

class Account(Block):
    "An account."
    user: str
    password: SecretStr
    inner: Inner | None = None
"""


def said(lictor: Lictor, *words: str) -> str:
    done = lictor("block", *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(lictor: Lictor, *words: str) -> str:
    done = lictor("block", *words)
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_block_is_made_shown_and_removed(lictor: Lictor, tmp_path: Path) -> None:
    assert "There are no blocks yet" in said(lictor, "ls")
    (tmp_path / "my_blocks.py").write_text(BLOCKS)
    shown = said(lictor, "register", "-f", str(tmp_path / "my_blocks.py"))
    assert "'account' is registered" in shown
    assert "'inner' is registered" in shown
    data = json.dumps({"user": "u", "password": SECRET})
    assert "Block 'account/mine' is created." in said(lictor, "create", "account", "--name", "mine", "--data", data)
    (listed,) = json.loads(said(lictor, "ls", "-o", "json"))
    shown = said(lictor, "inspect", "--id", listed["id"])
    assert ("********" in shown, SECRET in shown) == (True, False)
    assert "is deleted" in said(lictor, "delete", "account/mine")
    assert "no block 'account/mine'" in refused(lictor, "delete", "account/mine")


def test_block_types_are_shown(lictor: Lictor) -> None:
    listed = said(lictor, "type", "ls")
    assert "local-file-system" in listed
    assert "s3-bucket" in listed
    assert "basepath" in said(lictor, "create", "local-file-system")
    assert json.loads(said(lictor, "type", "inspect", "secret", "-o", "json"))["block_type"]["is_protected"] is True


def test_mistakes_are_told_in_a_line(lictor: Lictor, tmp_path: Path) -> None:
    (tmp_path / "nothing.py").write_text("x = 1\n")
    (tmp_path / "broken.py").write_text("1 / 0\n")
    assert "declares no block" in refused(lictor, "register", "-f", str(tmp_path / "nothing.py"))
    assert "ZeroDivisionError" in refused(lictor, "register", "-f", str(tmp_path / "broken.py"))
    assert "is no JSON" in refused(lictor, "create", "secret", "--name", "x", "--data", "{")
    assert "cannot be deleted" in refused(lictor, "type", "delete", "secret", "-y")
