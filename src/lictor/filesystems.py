"""Blocks that hold files."""

from lictor.sdk.remote_files import SMB, RemoteFileSystem
from lictor.sdk.system_blocks import (
    LocalFileSystem,
    ReadableFileSystem,
    WritableDeploymentStorage,
    WritableFileSystem,
)

__all__ = [
    "SMB",
    "LocalFileSystem",
    "ReadableFileSystem",
    "RemoteFileSystem",
    "WritableDeploymentStorage",
    "WritableFileSystem",
]
