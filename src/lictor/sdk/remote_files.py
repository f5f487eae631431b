"""Blocks for files that are kept elsewhere: wherever fsspec reaches, and on the shares of SMB servers."""

from __future__ import annotations

import asyncio
import posixpath
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from lictor.kit.ignored import Ignored
from lictor.sdk.calling import is_async_here
from lictor.sdk.parameters import hide_secrets
from lictor.sdk.remote_folder import fetch, file_system
from lictor.sdk.system_blocks import WritableDeploymentStorage, WritableFileSystem, local


class RemoteFileSystem(WritableFileSystem, WritableDeploymentStorage):
    """A file system that fsspec reaches, to keep files in; it needs `lictor[fsspec]`, and the driver of its scheme.

    Attributes:
        basepath: Where the files are, as in `s3://bucket/folder`.
        settings: What the driver is given: credentials, an endpoint and so on.
    """

    _block_type_name: ClassVar[str | None] = "Remote File System"
    _description: ClassVar[str | None] = "A file system that fsspec reaches, to keep files in."

    basepath: str = Field(description="Where the files are, as in `s3://bucket/folder`.")
    settings: dict[str, Any] = Field(default_factory=dict, description="What the driver of fsspec is given.")

    @field_validator("basepath")
    @classmethod
    def _placed(cls, value: str) -> str:
        """Refuse what names no scheme, or no place."""
        parts = urlsplit(value)
        if not parts.scheme:
            raise ValueError(f"a base path begins with a scheme, as in s3://bucket/folder; {value!r} has none")
        if not parts.netloc:
            raise ValueError(
                f"a base path names a place after its scheme, as in s3://bucket/folder; {value!r} names none"
            )
        return value

    @property
    def scheme(self) -> str:
        """Which driver is used."""
        return urlsplit(self.basepath).scheme.lower()

    @property
    def filesystem(self) -> Any:
        """The file system of fsspec; ImportError says what is missing."""
        return file_system(self.scheme, self.settings)

    def place(self, path: str | None = None) -> str:
        """Return where a path is; raise ValueError if it leads out of the base path."""
        base = self.basepath.rstrip("/")
        text = path or ""
        if "://" in text:
            if text != base and not text.startswith(f"{base}/"):
                raise ValueError(f"path: {text!r} is not below {base!r}")
            text = text.removeprefix(base)
        inner = posixpath.normpath(text.lstrip("/") or ".")
        if inner == ".." or inner.startswith("../"):
            raise ValueError(f"path: {path!r} leads out of {base!r}")
        return base if inner == "." else f"{base}/{inner}"

    def read_path(self, path: str) -> Any:
        """Return what the file at a path below the base path holds, as bytes."""
        return self.aread_path(path) if is_async_here() else self._read(path)

    async def aread_path(self, path: str) -> bytes:
        """Return what a file holds; as `read_path`."""
        return await asyncio.to_thread(self._read, path)

    def _read(self, path: str) -> bytes:
        """Read a file."""
        with self.filesystem.open(self.place(path), "rb") as file:
            content: bytes = file.read()
        return content

    def write_path(self, path: str, content: bytes) -> Any:
        """Write the file at a path below the base path; return where it is."""
        return self.awrite_path(path, content) if is_async_here() else self._write(path, content)

    async def awrite_path(self, path: str, content: bytes) -> str:
        """Write a file; as `write_path`."""
        return await asyncio.to_thread(self._write, path, content)

    def _write(self, path: str, content: bytes) -> str:
        """Write a file."""
        files, place = self.filesystem, self.place(path)
        files.makedirs(posixpath.dirname(place), exist_ok=True)
        with files.open(place, "wb") as file:
            file.write(content)
        return place

    def get_directory(self, from_path: str | None = None, local_path: str | None = None) -> Any:
        """Copy a folder below the base path, or all of it, into a folder here: by default the one worked in."""
        if is_async_here():
            return self.aget_directory(from_path, local_path)
        return self._get(from_path, local_path)

    async def aget_directory(self, from_path: str | None = None, local_path: str | None = None) -> None:
        """Copy a folder from there; as `get_directory`."""
        await asyncio.to_thread(self._get, from_path, local_path)

    def _get(self, from_path: str | None, local_path: str | None) -> None:
        """Copy a folder from there."""
        fetch(self.filesystem, self.place(from_path), local(local_path))

    def put_directory(
        self,
        local_path: str | None = None,
        to_path: str | None = None,
        ignore_file: str | None = None,
        overwrite: bool = True,
    ) -> Any:
        """Copy a folder, by default the one worked in, into one below the base path; return how many files.

        Args:
            local_path: The folder here.
            to_path: The folder there; by default the base path.
            ignore_file: A file like `.gitignore` that says which files are left out.
            overwrite: If False, files that are there stay as they are.
        """
        given = (local_path, to_path, ignore_file, overwrite)
        return self.aput_directory(*given) if is_async_here() else self._put(*given)

    async def aput_directory(
        self,
        local_path: str | None = None,
        to_path: str | None = None,
        ignore_file: str | None = None,
        overwrite: bool = True,
    ) -> int:
        """Copy a folder to there; as `put_directory`."""
        return await asyncio.to_thread(self._put, local_path, to_path, ignore_file, overwrite)

    def _put(self, local_path: str | None, to_path: str | None, ignore_file: str | None, overwrite: bool) -> int:
        """Copy a folder to there."""
        files, source = self.filesystem, local(local_path)
        ignored = Ignored(Path(ignore_file).read_text(encoding="utf-8").splitlines() if ignore_file else ())
        count, top = 0, self.place(to_path)
        for path in sorted(source.rglob("*")):
            name = path.relative_to(source).as_posix()
            if not path.is_file() or ignored.leaves_out(name):
                continue
            target = f"{top}/{name}"
            if not overwrite and files.exists(target):
                continue
            files.makedirs(posixpath.dirname(target), exist_ok=True)
            files.put_file(str(path), target)
            count += 1
        return count


class SMB(WritableFileSystem, WritableDeploymentStorage):
    """A share of an SMB server, to keep files in; it needs `lictor[smb]`.

    Attributes:
        share_path: The share, and the folder in it.
        smb_username: Who signs in.
        smb_password: With which password.
        smb_host: The server.
        smb_port: Its port, if it is another than usual.
    """

    _block_type_name: ClassVar[str | None] = "SMB"
    _description: ClassVar[str | None] = "A share of an SMB server, to keep files in."

    share_path: str = Field(description="The share, and the folder in it.")
    smb_username: SecretStr | None = Field(default=None, title="SMB Username", description="Who signs in.")
    smb_password: SecretStr | None = Field(default=None, title="SMB Password", description="With which password.")
    smb_host: str = Field(title="SMB server/hostname", description="The server.")
    smb_port: int | None = Field(default=None, title="SMB port", description="Its port, if it is not the usual one.")

    @property
    def basepath(self) -> str:
        """Where the files are."""
        return f"smb://{self.smb_host.rstrip('/')}/{self.share_path.lstrip('/')}"

    @property
    def filesystem(self) -> RemoteFileSystem:
        """The file system that does the work."""
        hide_secrets(self)
        said = {"host": self.smb_host, "port": self.smb_port}
        secret = {"username": self.smb_username, "password": self.smb_password}
        settings = {name: value for name, value in said.items() if value}
        settings |= {name: value.get_secret_value() for name, value in secret.items() if value}
        return RemoteFileSystem(basepath=self.basepath, settings=settings)

    def read_path(self, path: str) -> Any:
        """Return what a file on the share holds, as bytes."""
        return self.filesystem.read_path(path)

    async def aread_path(self, path: str) -> bytes:
        """Return what a file holds; as `read_path`."""
        return await self.filesystem.aread_path(path)

    def write_path(self, path: str, content: bytes) -> Any:
        """Write a file on the share; return where it is."""
        return self.filesystem.write_path(path, content)

    async def awrite_path(self, path: str, content: bytes) -> str:
        """Write a file; as `write_path`."""
        return await self.filesystem.awrite_path(path, content)

    def get_directory(self, from_path: str | None = None, local_path: str | None = None) -> Any:
        """Copy a folder of the share into one here: by default the one worked in."""
        return self.filesystem.get_directory(from_path, local_path)

    async def aget_directory(self, from_path: str | None = None, local_path: str | None = None) -> None:
        """Copy a folder from the share; as `get_directory`."""
        await self.filesystem.aget_directory(from_path, local_path)

    def put_directory(
        self, local_path: str | None = None, to_path: str | None = None, ignore_file: str | None = None
    ) -> Any:
        """Copy a folder, by default the one worked in, onto the share; return how many files."""
        return self.filesystem.put_directory(local_path, to_path, ignore_file)

    async def aput_directory(
        self, local_path: str | None = None, to_path: str | None = None, ignore_file: str | None = None
    ) -> int:
        """Copy a folder onto the share; as `put_directory`."""
        return await self.filesystem.aput_directory(local_path, to_path, ignore_file)
