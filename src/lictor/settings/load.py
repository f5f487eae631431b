"""Reads the settings: environment, `.env`, `prefect.toml`, `pyproject.toml`, the active profile, else the defaults."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from lictor.settings import table
from lictor.settings.computed import complete
from lictor.settings.errors import SettingsError
from lictor.settings.files import FOLDER_SOURCES, working_folder
from lictor.settings.profiles import read_profiles
from lictor.settings.setting import Setting
from lictor.settings.showing import bare, plain
from lictor.settings.sources import Given, Source, by_name, named

T = TypeVar("T")

DEFAULTS = "defaults"


class Settings:
    """The values of all settings; `settings[table.API_URL]` is the value of one.

    Made from environment variables alone it reads no file; `load` reads them all.
    """

    def __init__(self, environment: Mapping[str, Any]) -> None:
        self.profile: str | None = None
        """The name of the active profile; none where no profile was read."""
        self.sources: list[Source] = []
        """What was read, the source that wins first."""
        self._read: dict[Setting[Any], tuple[Any, str]] = {}
        self._values: dict[Setting[Any], Any] = {}
        self.add(named("env", "environment variable", environment))

    def __getitem__(self, setting: Setting[T]) -> T:
        try:
            value: T = self._values[setting]
        except KeyError:
            given = self._read[setting][0] if setting in self._read else None
            value = self._values[setting] = complete(setting, given, self)
        return value

    def add(self, source: Source) -> None:
        """Read what a further source gives and no earlier one did; a bad value raises SettingsError."""
        self.sources.append(source)
        self._values.clear()
        for setting, given in source.given.items():
            if setting not in self._read:
                self._read[setting] = read(setting, given.value, source), source.label

    def source(self, setting: Setting[Any]) -> str:
        """Return where a setting's value comes from: `env`, `.env file`, `prefect.toml`, …, or `defaults`."""
        return self._read[setting][1] if setting in self._read else DEFAULTS


def read(setting: Setting[T], given: object, source: Source) -> T:
    """Read a value, or say what is wrong with it; a secret one is not shown."""
    try:
        return setting.read(given)
    except ValueError as wrong:
        shown = "" if setting.secret else f" {bare(given, '**********')!r}"
        spelling = source.given[setting].spelling
        name = spelling if spelling in setting.names else setting.name
        raise SettingsError(f"{name}{shown} ({source.where(setting)}) cannot be read: {wrong}.") from None


def load(environment: Mapping[str, str], folder: str) -> Settings:
    """Read the settings from all sources."""
    settings = located(environment, folder)
    profiles = read_profiles(settings[table.PROFILES_PATH])
    settings.profile = profiles.active(environment)
    settings.add(profiles.source(settings.profile))
    return settings


def located(environment: Mapping[str, str], folder: str) -> Settings:
    """Read the settings from all sources but the profile, which is enough to find the profiles."""
    settings = Settings(environment)
    for source_in in FOLDER_SOURCES:
        source = source_in(folder)
        if source is not None:
            settings.add(source)
    return settings


_current: Settings | None = None


def current() -> Settings:
    """Return the process's settings, read once."""
    global _current  # noqa: PLW0603  # the process has one environment
    if _current is None:
        _current = load(os.environ, working_folder())
    return _current


def reset() -> None:
    """Forget what was read, so that the next `current` reads again."""
    global _current  # noqa: PLW0603  # see above
    _current = None


def packed_settings(settings: Settings) -> tuple[str | None, list[tuple[str, dict[str, Any]]]]:
    """Return what settings were read from, for another process: the profile, and what each source gives."""
    return settings.profile, [
        (source.label, {setting.path: given.value for setting, given in source.given.items()})
        for source in settings.sources
    ]


def unpacked_settings(profile: str | None, sources: list[tuple[str, dict[str, Any]]]) -> None:
    """Let `current` answer the settings that another process sent."""
    global _current  # noqa: PLW0603  # see above
    by_path = {setting.path: setting for setting in table.SETTINGS}
    _current = Settings({})
    _current.profile = profile
    for label, given in sources:
        _current.add(source_of(label, {by_path[path]: value for path, value in given.items()}))


if TYPE_CHECKING:
    Named = Setting[Any] | str


@contextmanager
def temporary_settings(
    updates: Mapping[Named, Any] | None = None,
    set_defaults: Mapping[Named, Any] | None = None,
    restore_defaults: Iterable[Named] = (),
) -> Iterator[Settings]:
    """Let `current` answer other values within a block, in all threads.

    Settings are named as environment variables are, or as rows of `table`. A value of None has the default.

    Args:
        updates: Values that win over every source.
        set_defaults: Values for settings that no source gives.
        restore_defaults: Settings that have their default, whatever sources say.

    Raises:
        SettingsError: There is no such setting, or it cannot have such a value.
    """
    global _current  # noqa: PLW0603  # see above
    before = current()
    dropped = {setting_of(each) for each in restore_defaults}
    changed = by_setting(updates or {})
    dropped |= {setting for setting, value in changed.items() if value is None}
    sources = [
        source_of("temporary", changed),
        *(without(source, dropped) for source in before.sources),
        source_of("temporary", {s: v for s, v in by_setting(set_defaults or {}).items() if s not in dropped}),
    ]
    changing = Settings({})
    changing.profile = before.profile
    for source in sources:
        changing.add(source)
    _current = changing
    try:
        yield changing
    finally:
        _current = before


def setting_of(name: Named) -> Setting[Any]:
    """Return a setting, also by any of its names."""
    if isinstance(name, Setting):
        return name
    try:
        return by_name()[name.upper()][0]
    except KeyError:
        raise SettingsError(f"There is no setting {name}; see `lictor config view --show-defaults`.") from None


def by_setting(values: Mapping[Named, Any]) -> dict[Setting[Any], Any]:
    """Return values by their settings."""
    return {setting_of(name): value for name, value in values.items()}


def source_of(label: str, values: Mapping[Setting[Any], Any]) -> Source:
    """Return the source of values that a program gives."""
    return Source(label, label, {s: Given(s.name, value) for s, value in values.items() if value is not None})


def without(source: Source, dropped: set[Setting[Any]]) -> Source:
    """Return a source without some of its settings."""
    given = {setting: value for setting, value in source.given.items() if setting not in dropped}
    return Source(source.label, source.place, given, source.unknown)


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
        node[leaf] = plain(setting, settings[setting])
    return tree
