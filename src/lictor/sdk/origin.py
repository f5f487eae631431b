"""What tells a function from others: its key, and the version of the file it stands in."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any


def key_of(function: Callable[..., Any]) -> str:
    """Return a key that is the same in every process that runs the function."""
    name = getattr(function, "__name__", type(function).__name__)
    place = f"{module_of(function)}.{getattr(function, '__qualname__', name)}"
    return f"{name}-{zlib.crc32(place.encode()):08x}"


def module_of(function: Callable[..., Any]) -> str:
    """Return a function's module; a script is named by its file."""
    module = getattr(function, "__module__", None) or "?"
    return file_of(function).rsplit("/", 1)[-1] if module == "__main__" else module


def file_of(function: Callable[..., Any]) -> str:
    """Return the file that a function stands in, or an empty text."""
    code = getattr(function, "__code__", None)
    return getattr(code, "co_filename", "")


@cache
def version_of_file(path: str) -> str | None:
    """Return a digest of a file's content; None if there is no such file."""
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:32]
    except OSError:
        return None
