"""The server's auth strings, from their settings or from the files that other settings name."""

from __future__ import annotations

from lictor.kit.hashing import is_hash, is_hashed
from lictor.kit.secret import Secret
from lictor.settings import table
from lictor.settings.errors import SettingsError
from lictor.settings.load import Settings
from lictor.settings.secret_file import read_secret
from lictor.settings.setting import Setting

PAIRS = (
    (table.SERVER_API_AUTH_STRING, table.SERVER_API_AUTH_STRING_FILE),
    (table.SERVER_API_PREVIOUS_AUTH_STRING, table.SERVER_API_PREVIOUS_AUTH_STRING_FILE),
)
"""Where the present auth string and the one before it come from."""


def auth_strings(settings: Settings) -> tuple[str, ...]:
    """Return the auth strings that are valid, the present one first; raise SettingsError for what cannot be used."""
    return tuple(text for pair in PAIRS if (text := auth_string(settings, *pair)) is not None)


def auth_string(settings: Settings, direct: Setting[Secret | None], file: Setting[str | None]) -> str | None:
    """Return an auth string from its setting or its file."""
    value, path = settings[direct], settings[file]
    if path is not None and value:
        raise SettingsError(f"{direct.name} and {file.name} are both set: keep one of them.")
    text = read_secret(path, file.name, "auth string") if path is not None else value.reveal() if value else None
    if text is not None and is_hashed(text) and not is_hash(text):
        name = direct.name if path is None else file.name
        raise SettingsError(f"{name} is no argon2id hash: make one with `lictor server hash-auth`.")
    return text
