"""Files that are kept elsewhere, with a file system of fsspec that is in memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr, ValidationError

from lictor.filesystems import SMB, RemoteFileSystem
from tests.sdk.conftest import Api


@pytest.fixture
def files() -> RemoteFileSystem:
    return RemoteFileSystem(basepath=f"memory://{uuid4()}/base")


def made(folder: Path) -> Path:
    """Fill a folder."""
    for name in ("a.txt", "b/c.txt", "b/d.log"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def seen(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


async def test_files_are_written_and_read(files: RemoteFileSystem) -> None:
    place = await files.awrite_path("x/y.bin", b"\0\1")
    assert place == f"{files.basepath}/x/y.bin"
    for path in ("x/y.bin", "/x/y.bin", "x/../x/./y.bin", place):
        assert await files.aread_path(path) == await files.read_path(path) == b"\0\1"
    with pytest.raises(FileNotFoundError):
        await files.aread_path("none")


@pytest.mark.parametrize("path", ["../x", "x/../../y", "memory://elsewhere/x", "s3://base/x", "/../x"])
def test_nothing_outside_is_touched(files: RemoteFileSystem, path: str) -> None:
    for wrong in (path, f"{files.basepath}ment/x", f"{files.basepath}/../x"):
        with pytest.raises(ValueError, match="path:"):
            files.read_path(wrong)
        with pytest.raises(ValueError, match="path:"):
            files.write_path(wrong, b"")


def test_folders_are_copied(files: RemoteFileSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = made(tmp_path / "source")
    (tmp_path / "ignored").write_text("*.log\n")
    assert files.put_directory(str(source), "all") == 3
    assert files.put_directory(str(source), "some", ignore_file=str(tmp_path / "ignored")) == 2
    assert files.put_directory(str(source), "some", overwrite=False) == 1
    (source / "a.txt").write_text("new")
    monkeypatch.chdir(source)
    assert files.put_directory(to_path="some") == 3
    for there, expected in (("all", {**seen(source), "a.txt": "a.txt"}), ("some", seen(source))):
        target = tmp_path / f"from {there}"
        for _ in range(2):
            files.get_directory(there, str(target))
        assert seen(target) == expected
    files.get_directory(local_path=str(tmp_path / "whole"))
    assert set(seen(tmp_path / "whole")) == {f"{top}/{name}" for top in ("all", "some") for name in seen(source)}


async def test_folders_are_copied_where_it_is_awaited(files: RemoteFileSystem, tmp_path: Path) -> None:
    source = made(tmp_path / "source")
    assert await files.put_directory(str(source)) == await files.aput_directory(str(source)) == 3
    await files.get_directory(local_path=str(tmp_path / "one"))
    await files.aget_directory(local_path=str(tmp_path / "other"))
    assert seen(tmp_path / "one") == seen(tmp_path / "other") == seen(source)


def test_a_block_of_files_is_saved(api: Api, files: RemoteFileSystem) -> None:
    files.settings = {"skip_instance_cache": True}
    files.save("elsewhere", overwrite=True)
    loaded = RemoteFileSystem.load("elsewhere")
    assert (loaded.basepath, loaded.settings) == (files.basepath, files.settings)


@pytest.mark.parametrize("path", ["", "folder", "/folder", "s3://", "s3:/folder", "file:///folder"])
def test_a_base_path_has_a_scheme_and_a_place(path: str) -> None:
    with pytest.raises(ValidationError, match="a base path"):
        RemoteFileSystem(basepath=path)


def test_a_share_is_a_file_system_of_smb() -> None:
    share = SMB(
        share_path="/share/x", smb_host="host/", smb_username=SecretStr("user"), smb_password=SecretStr("a-long-word")
    )
    assert share.basepath == share.filesystem.basepath == "smb://host/share/x"
    assert share.filesystem.settings == {"host": "host/", "username": "user", "password": "a-long-word"}
    assert "a-long-word" not in repr(share)


def test_what_is_missing_is_named() -> None:
    code = (
        "import sys; sys.modules.update(dict.fromkeys(('fsspec', 'smbprotocol', 'smbclient')))\n"
        "from lictor.filesystems import SMB, RemoteFileSystem\n"
        "for block in (RemoteFileSystem(basepath='memory://x'), SMB(share_path='x', smb_host='127.0.0.1')):\n"
        "    try:\n"
        "        block.read_path('x')\n"
        "    except ImportError as error:\n"
        "        print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    said = done.stdout.splitlines()
    assert ["pip install 'lictor[fsspec]'" in said[0], "pip install 'lictor[smb]'" in said[1]] == [True, True]
