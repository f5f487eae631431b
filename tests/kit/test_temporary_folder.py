"""Temporary folders end with their processes, also with those that are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from lictor.kit.temporary_folder import clear

CODE = """
import os, sys
from lictor.kit.temporary_folder import temporary_folder
folder = temporary_folder("kept-")
(folder / "code").mkdir()
(folder / "code" / "x.py").write_text("x = 1")
print(folder, flush=True)
{then}
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that temporary folders are made in."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def started(then: str) -> tuple[subprocess.Popen[str], Path]:
    """Start a process that makes a folder; return both once it is there."""
    command = [sys.executable, "-c", CODE.format(then=then)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


@pytest.mark.parametrize("then", ["", "raise SystemExit(3)", "1 / 0"])
def test_a_folder_ends_with_its_process(place: Path, then: str) -> None:
    process, folder = started(then)
    process.communicate()
    assert folder.parent == place
    assert list(place.iterdir()) == []


def test_a_folder_of_a_process_that_goes_on_is_left_alone(place: Path) -> None:
    process, folder = started("input()")
    clear("kept-")
    assert (folder / "code" / "x.py").read_text() == "x = 1"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert folder.is_dir()
    clear("kept-")
    assert list(place.iterdir()) == []


def test_what_others_keep_there_is_left_alone(place: Path) -> None:
    (place / "kept-file").write_text("mine")
    (place / "kept-folder").mkdir()
    (place / "kept-locked").mkdir()
    (place / "kept-locked" / ".lictor-lock-new").touch()  # of one that is being made
    process, folder = started("input()")
    process.communicate("\n")
    assert {each.name for each in place.iterdir()} == {"kept-file", "kept-folder", "kept-locked"}
    assert not folder.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_what_others_plant_there_is_left_alone(place: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / ".lictor-lock").touch()
    (place / "kept-link").symlink_to(elsewhere)
    (place / "kept-linked").mkdir()
    (place / "kept-linked" / ".lictor-lock").symlink_to(elsewhere / ".lictor-lock")
    names = {"kept-link", "kept-linked"}
    if os.getuid() == 0:  # only root can give a folder away
        (place / "kept-theirs").mkdir()
        (place / "kept-theirs" / ".lictor-lock").touch()
        os.chown(place / "kept-theirs", 65534, 65534)
        names.add("kept-theirs")
    clear("kept-")
    assert {each.name for each in place.iterdir()} == names
    assert (elsewhere / ".lictor-lock").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_folder_stays_for_a_fork_that_goes_on(place: Path) -> None:
    process, folder = started("child = os.fork()\nif child == 0: input(); sys.exit()\nos._exit(0)")
    process.wait(60)
    clear("kept-")
    assert folder.is_dir()
    process.communicate("\n")  # until the fork has closed its end, too
    assert folder.is_dir()
    clear("kept-")
    assert not folder.exists()
