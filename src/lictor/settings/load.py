"""Reads the settings: from the environment, else their defaults."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from lictor.kit.secret import Secret
from lictor.settings import table
from lictor.settings.setting import Setting, plain

T = TypeVar("T")


class SettingsError(Exception):
    """A setting has a value that it cannot take; the message names the setting, its source and the fix."""


class Settings:
    """The values of all settings; `settings[table.API_URL]` is the value of one."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._values: dict[Setting[Any], Any] = {}
        for setting in table.SETTINGS:
            self._values[setting] = read(setting, environment)
        compute(self._values)

    def __getitem__(self, setting: Setting[T]) -> T:
        value: T = self._values[setting]
        return value


def read(setting: Setting[T], environment: Mapping[str, str]) -> T:
    """Return a setting's value; its full name wins over an alias."""
    for name in setting.names:
        given = environment.get(name)
        if given is not None:
            try:
                return setting.read(given)
            except ValueError as wrong:
                shown = "" if setting.secret else f" {given!r}"
                raise SettingsError(f"{name}{shown} (environment variable) cannot be read: {wrong}.") from None
    return setting.default


def compute(values: dict[Setting[Any], Any]) -> None:
    """Fill in what depends on other settings."""
    home = Path(values[table.HOME]).expanduser()
    values[table.HOME] = str(home)
    if values[table.SERVER_DATABASE_CONNECTION_URL] is None:
        values[table.SERVER_DATABASE_CONNECTION_URL] = Secret(f"sqlite+aiosqlite:///{home}/lictor.db")


_current: Settings | None = None


def current() -> Settings:
    """Return the process's settings, read once."""
    global _current  # noqa: PLW0603  # the process has one environment
    if _current is None:
        _current = Settings(os.environ)
    return _current


def reset() -> None:
    """Forget what was read, so that the next `current` reads again."""
    global _current  # noqa: PLW0603  # see above
    _current = None


def nested(settings: Settings) -> dict[str, Any]:
    """Return the settings as nested objects by dotted path, secrets masked, without Lictor's own."""
    tree: dict[str, Any] = {}
    for setting in table.SETTINGS:
        if setting.own:
            continue
        *folders, leaf = setting.path.split(".")
        node = tree
        for folder in folders:
            node = node.setdefault(folder, {})
        node[leaf] = plain(settings[setting])
    return tree
