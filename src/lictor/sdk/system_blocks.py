"""The blocks that every server knows: Secret, and files of the machine that a flow runs on."""

from __future__ import annotations

import asyncio
import json
import shutil
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import pydantic
from pydantic import Field, JsonValue, SecretStr, field_validator

from lictor.sdk.block import Block
from lictor.sdk.calling import is_async_here
from lictor.sdk.parameters import hide_all

T = TypeVar("T")


class Secret(Block, Generic[T]):
    """One secret value: a text, or anything that JSON can hold.

    Attributes:
        value: The secret.
    """

    value: SecretStr | pydantic.Secret[JsonValue] = Field(
        description="A text, or anything that JSON can hold.",
        json_schema_extra={"writeOnly": True, "format": "password"},
    )

    if TYPE_CHECKING:

        def __init__(self, *, value: T | SecretStr | pydantic.Secret[T]) -> None:
            """`value` is the secret, hidden already or not."""

    @field_validator("value", mode="before")
    @classmethod
    def _hidden(cls, value: Any) -> Any:
        """Take a value as it is."""
        return value if hasattr(value, "get_secret_value") or isinstance(value, str) else pydantic.Secret(value)

    def get(self) -> Any:
        """Return the secret; a text that is JSON is read. Log lines show a mask for it from then on."""
        value = self.value.get_secret_value()
        hide_all(value)
        if not isinstance(value, str):
            return value
        try:
            read = json.loads(value)
        except ValueError:
            return value
        hide_all(read)
        return read


class ReadableFileSystem(Block, ABC):
    """A block that files are read from."""

    _block_schema_capabilities: ClassVar[list[str] | None] = ["read-path"]

    @abstractmethod
    def read_path(self, path: str) -> Any:
        """Return what a file holds."""


class WritableFileSystem(Block, ABC):
    """A block that files are read from and written to."""

    _block_schema_capabilities: ClassVar[list[str] | None] = ["read-path", "write-path"]

    @abstractmethod
    def read_path(self, path: str) -> Any:
        """Return what a file holds."""

    @abstractmethod
    def write_path(self, path: str, content: bytes) -> Any:
        """Write a file."""


class WritableDeploymentStorage(Block, ABC):
    """A block that folders are copied from and to."""

    _block_schema_capabilities: ClassVar[list[str] | None] = ["get-directory", "put-directory"]

    @abstractmethod
    def get_directory(self, from_path: str | None = None, local_path: str | None = None) -> Any:
        """Copy a folder from there."""

    @abstractmethod
    def put_directory(self, local_path: str | None = None, to_path: str | None = None) -> Any:
        """Copy a folder to there."""


class LocalFileSystem(WritableFileSystem, WritableDeploymentStorage):
    """Files below a folder of the machine that the code runs on.

    Attributes:
        basepath: The folder; by default the one that the process works in.
    """

    _block_type_name: ClassVar[str | None] = "Local File System"

    basepath: str | None = Field(default=None, description="The folder; by default the one that the process works in.")

    @field_validator("basepath", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        """Take a path for its text."""
        return str(value) if isinstance(value, Path) else value

    def place(self, path: str | None = None) -> Path:
        """Return where a path is; raise ValueError if it leads out of the folder."""
        base = Path(self.basepath or ".").expanduser().resolve()
        place = (base / Path(path or ".").expanduser()).resolve()
        if base != place and base not in place.parents:
            raise ValueError(f"path: {place} is not below {base}")
        return place

    def read_path(self, path: str) -> Any:
        """Return what the file at a path below the folder holds, as bytes."""
        return self.aread_path(path) if is_async_here() else self.place(path).read_bytes()

    async def aread_path(self, path: str) -> bytes:
        """Return what the file at a path below the folder holds; as `read_path`."""
        return await asyncio.to_thread(self.place(path).read_bytes)

    def write_path(self, path: str, content: bytes) -> Any:
        """Write the file at a path below the folder, made with the folders that lead to it; return where it is."""
        return self.awrite_path(path, content) if is_async_here() else self._write(path, content)

    async def awrite_path(self, path: str, content: bytes) -> str:
        """Write the file at a path below the folder; as `write_path`."""
        return await asyncio.to_thread(self._write, path, content)

    def _write(self, path: str, content: bytes) -> str:
        """Write a file."""
        place = self.place(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        return str(place)

    def get_directory(self, from_path: str | None = None, local_path: str | None = None) -> Any:
        """Copy a folder below this one, or all of it, into another folder: by default the one worked in."""
        ends = self.place(from_path), local(local_path)
        return copied_there(*ends) if is_async_here() else copied(*ends)

    async def aget_directory(self, from_path: str | None = None, local_path: str | None = None) -> None:
        """Copy a folder below this one; as `get_directory`."""
        await copied_there(self.place(from_path), local(local_path))

    def put_directory(self, local_path: str | None = None, to_path: str | None = None) -> Any:
        """Copy a folder, by default the one worked in, into one below this one."""
        ends = local(local_path), self.place(to_path)
        return copied_there(*ends) if is_async_here() else copied(*ends)

    async def aput_directory(self, local_path: str | None = None, to_path: str | None = None) -> None:
        """Copy a folder into one below this one; as `put_directory`."""
        await copied_there(local(local_path), self.place(to_path))


def local(path: str | None) -> Path:
    """Return where a folder is; by default it is the one that the process works in."""
    return Path(path or ".").resolve()


def copied(source: Path, target: Path) -> None:
    """Copy what is in a folder into another, which may lie in it; one into itself stays as it is."""

    def target_in(folder: str, _: list[str]) -> list[str]:
        return [target.name] if Path(folder).resolve() == target.parent else []

    if source != target:
        shutil.copytree(source, target, dirs_exist_ok=True, symlinks=True, ignore=target_in)


async def copied_there(source: Path, target: Path) -> None:
    """Copy in a thread."""
    await asyncio.to_thread(copied, source, target)
