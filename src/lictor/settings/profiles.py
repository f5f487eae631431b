"""Profiles: named sets of settings in `profiles.toml`, one of which is active."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lictor.settings.errors import SettingsError
from lictor.settings.files import read_toml, warn_if_open
from lictor.settings.sources import Source, named

STOCK: dict[str, dict[str, str]] = {
    "ephemeral": {"PREFECT_SERVER_EPHEMERAL_ENABLED": "true"},
    "local": {"PREFECT_API_URL": "http://127.0.0.1:4200/api"},
    "cloud": {},
    "test": {
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "true",
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": "sqlite+aiosqlite:///:memory:",
    },
}
"""The profiles that are there without a file."""
FIRST = "ephemeral"
"""The profile that is active where nothing chooses one."""


class Profiles:
    """All profiles: those of the file, and the stock ones that the file does not have."""

    __slots__ = ("chosen", "named", "path", "written")

    def __init__(self, path: str, chosen: str | None, written: dict[str, dict[str, Any]]) -> None:
        self.path, self.chosen, self.written = path, chosen, written
        self.named: dict[str, dict[str, Any]] = {**{name: dict(stock) for name, stock in STOCK.items()}, **written}

    def active(self, environment: Mapping[str, str]) -> str:
        """Return the name of the active profile; PREFECT_PROFILE wins over the file."""
        asked = environment.get("PREFECT_PROFILE")
        name = asked or self.chosen or FIRST
        if name not in self.named:
            by = "PREFECT_PROFILE" if asked else f"'active' in {self.path}"
            raise SettingsError(f"{by} names the profile '{name}', which does not exist: use {self.listed()}.")
        return name

    def listed(self) -> str:
        """Return the names of all profiles as a choice."""
        *names, last = sorted(self.named)
        return f"{', '.join(names)} or {last}"

    def source(self, name: str) -> Source:
        """Return what a profile gives."""
        stored = name in self.written
        source = named("profile", f"profile '{name}'" + (f" in {self.path}" if stored else ""), self.named[name])
        if stored:
            warn_if_open(self.path, source)
        return source


def read_profiles(path: str) -> Profiles:
    """Read the profiles of a file; where it does not exist there are the stock ones."""
    tree = read_toml(path) or {}
    written, chosen = tree.get("profiles", {}), tree.get("active")
    tables = list(written.values()) if isinstance(written, dict) else [None]
    if not all(isinstance(each, dict) for each in tables):
        raise SettingsError(f"{path} has profiles that are not tables. Write each below [profiles.NAME].")
    return Profiles(path, chosen if isinstance(chosen, str) else None, written)
