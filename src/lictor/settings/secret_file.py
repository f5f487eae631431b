"""Secrets in files of their own, as Docker, Kubernetes and systemd hand them to a program."""

from __future__ import annotations

from pathlib import Path

from lictor.settings.errors import SettingsError


def read_secret(path: str, name: str, what: str) -> str:
    """Return the text that a file holds, without the end of its line.

    Args:
        path: The file.
        name: The setting that names it.
        what: What it holds, in words.

    Raises:
        SettingsError: It cannot be read, or is empty.
    """
    try:
        text = Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeError) as error:
        raise SettingsError(f"{name} {path!r} cannot be read: {error}.") from None
    if not text:
        raise SettingsError(f"{name} {path!r} is empty: put the {what} into it.")
    return text
