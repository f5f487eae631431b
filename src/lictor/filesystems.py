"""Blocks that hold files."""

from lictor.sdk.system_blocks import (
    LocalFileSystem,
    ReadableFileSystem,
    WritableDeploymentStorage,
    WritableFileSystem,
)

__all__ = ["LocalFileSystem", "ReadableFileSystem", "WritableDeploymentStorage", "WritableFileSystem"]
