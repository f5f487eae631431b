"""Where values come from: each source says what it gives, under which spelling, and what nobody knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from lictor.settings import table
from lictor.settings.setting import Setting

PREFIX, INTERNAL = "PREFECT_", "PREFECT__"
NOT_SETTINGS = frozenset({"PREFECT_PROFILE"})


class Given:
    """A value as a source has it, and the name or place under which it stands there."""

    __slots__ = ("spelling", "value")

    def __init__(self, spelling: str, value: Any) -> None:
        self.spelling, self.value = spelling, value


class Source:
    """One source: its label, where it is, and what it gives."""

    __slots__ = ("given", "label", "place", "unknown")

    def __init__(self, label: str, place: str, given: dict[Setting[Any], Given], unknown: tuple[str, ...] = ()) -> None:
        self.label, self.place, self.given, self.unknown = label, place, given, unknown

    def where(self, setting: Setting[Any]) -> str:
        """Say where this source has a setting, such as `server.api.port in prefect.toml`."""
        spelling = self.given[setting].spelling
        return self.place if spelling in setting.names else f"{spelling} in {self.place}"


def named(label: str, place: str, values: Mapping[str, Any]) -> Source:
    """Return the source of values by the names of environment variables; the full name wins over an alias."""
    known = by_name()
    return collect(label, place, known, ((name, upper(name), value) for name, value in values.items()))


def upper(name: str) -> str:
    """Return a variable's name in capitals if it may be a setting's; the others stay as they are."""
    return name.upper() if name[:1] in "pP" else name


def placed(label: str, place: str, tree: Mapping[str, Any]) -> Source:
    """Return the source of values in TOML tables, whose places are the settings' paths."""
    known = by_path()
    return collect(label, place, known, ((path, path, value) for path, value in leaves(tree, known)))


def collect(
    label: str, place: str, known: Mapping[str, tuple[Setting[Any], int]], found: Iterator[tuple[str, str, Any]]
) -> Source:
    """Return a source of what was found: (spelling, key among the known, value)."""
    given: dict[Setting[Any], Given] = {}
    ranks: dict[Setting[Any], int] = {}
    unknown = []
    for spelling, key, value in found:
        if key not in known:
            if known is by_path() or (key.startswith(PREFIX) and not key.startswith(INTERNAL)):
                unknown.append(spelling)
            continue
        setting, rank = known[key]
        if value is not None and rank < ranks.get(setting, len(known)):
            ranks[setting], given[setting] = rank, Given(key if key in setting.names else spelling, value)
    return Source(label, place, given, tuple(name for name in unknown if name not in NOT_SETTINGS))


def leaves(tree: Mapping[str, Any], known: Mapping[str, object], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the values of TOML tables with their dotted paths; a known path's table is a value itself."""
    for name, value in tree.items():
        path = above + name
        if isinstance(value, dict) and path not in known:
            yield from leaves(value, known, f"{path}.")
        else:
            yield path, value


@cache
def by_name() -> dict[str, tuple[Setting[Any], int]]:
    """Return every setting by its names, with the rank of the name."""
    return {name: (setting, rank) for setting in table.SETTINGS for rank, name in enumerate(setting.names)}


@cache
def by_path() -> dict[str, tuple[Setting[Any], int]]:
    """Return every setting by its places in TOML, with the rank of the place."""
    return {path: (setting, rank) for setting in table.SETTINGS for rank, path in enumerate(setting.paths)}
