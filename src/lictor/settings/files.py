"""The files that settings are read from: `.env`, `prefect.toml` and `pyproject.toml` in the folder, the profiles."""

from __future__ import annotations

import io
import logging
import os
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from lictor.settings.errors import SettingsError
from lictor.settings.sources import Source, named, placed

LINE = r" \(at (?:line (\d+), column \d+|end of document)\)"
OTHERS = 0o044
"""The permission bits that let others read a file."""

log = logging.getLogger("lictor.settings")


def dotenv_source(folder: str) -> Source | None:
    """Return what `.env` gives; nothing where it does not exist."""
    path = os.path.join(folder, ".env")
    content = content_of(path)
    if content is None:
        return None
    from dotenv import dotenv_values  # noqa: PLC0415 - loaded when needed

    source = named(".env file", path, dotenv_values(stream=io.StringIO(content)))
    warn_if_open(path, source)
    return source


def prefect_toml_source(folder: str) -> Source | None:
    """Return what `prefect.toml` gives; nothing where it does not exist."""
    path = os.path.join(folder, "prefect.toml")
    tree = read_toml(path)
    return None if tree is None else placed("prefect.toml", path, tree)


def pyproject_source(folder: str) -> Source | None:
    """Return what `[tool.prefect]` in `pyproject.toml` gives; nothing where there is none."""
    path = os.path.join(folder, "pyproject.toml")
    tree = read_toml(path, wanted="prefect")
    tool = (tree or {}).get("tool", {})
    found = tool.get("prefect") if isinstance(tool, dict) else None
    return placed("pyproject.toml", f"[tool.prefect] of {path}", found) if isinstance(found, dict) else None


FOLDER_SOURCES: tuple[Callable[[str], Source | None], ...] = (dotenv_source, prefect_toml_source, pyproject_source)
"""The sources in a folder, the one that wins first."""


def working_folder() -> str:
    """Return the folder in which the program works; where it was removed, a name that holds no file."""
    try:
        return os.getcwd()
    except FileNotFoundError:
        return os.curdir


def read_toml(path: str, wanted: str = "") -> dict[str, Any] | None:
    """Return a TOML file's tables; nothing where it does not exist, or does not hold the wanted word."""
    content = content_of(path)
    if content is None or wanted not in content:
        return None
    import tomllib  # noqa: PLC0415 - loaded when needed

    try:
        return tomllib.loads(content)
    except tomllib.TOMLDecodeError as wrong:
        at = re.search(LINE, str(wrong))
        line = at.group(1) if at and at.group(1) else content.count("\n") + 1
        reason = re.sub(LINE, "", str(wrong).splitlines()[0])
        raise SettingsError(f"{path}, line {line}, is not valid TOML: {reason}. Correct that line.") from None


def content_of(path: str) -> str | None:
    """Return a file's text; nothing where it does not exist."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except UnicodeDecodeError as wrong:
        raise SettingsError(f"{path} is not UTF-8 (byte {wrong.start}). Save it as UTF-8.") from None
    except OSError as wrong:
        raise SettingsError(f"{path} cannot be read: {wrong.strerror}. Let this user read it, or remove it.") from None


def warn_if_open(path: str, source: Source) -> None:
    """Warn, once, of a file that holds a credential and that others may read."""
    held = [setting.name for setting, given in source.given.items() if setting.secret and given.value]
    if held and os.name == "posix" and os.stat(path).st_mode & OTHERS:
        warn_once(f"{path} holds {held[0]} and can be read by others. Run: chmod 600 {path}")


@cache
def warn_once(message: str) -> None:
    """Log a warning, once a process."""
    log.warning("%s", message)
