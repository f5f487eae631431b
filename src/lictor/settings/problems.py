"""What is wrong with the settings as they stand, source by source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lictor.settings import table
from lictor.settings.errors import SettingsError
from lictor.settings.files import FOLDER_SOURCES
from lictor.settings.load import Settings
from lictor.settings.profiles import STOCK, read_profiles
from lictor.settings.setting import Setting
from lictor.settings.showing import bare
from lictor.settings.sources import PREFIX, Source, by_name, by_path, named
from lictor.settings.unbuilt import UNBUILT

ERROR, NOTE = "error", "note"
MASK = "********"


class Problem(NamedTuple):
    """A problem: an error, or a note about something that is taken all the same."""

    level: str
    name: str
    source: str
    problem: str
    fix: str


def find_problems(environment: Mapping[str, str], folder: str) -> list[Problem]:
    """Return all problems of all sources, the source that wins first."""
    problems: list[Problem] = []
    settings = Settings({})
    take(settings, named("env", "environment variable", environment), problems)
    for source_in in FOLDER_SOURCES:
        try:
            source = source_in(folder)
        except SettingsError as wrong:
            problems.append(unreadable(str(wrong)))
        else:
            take(settings, source, problems)
    try:
        profiles = read_profiles(settings[table.PROFILES_PATH])
        name = profiles.active(environment)
        take(settings, profiles.source(name), problems, stock=STOCK.get(name, {}))
        settings[table.SERVER_DATABASE_CONNECTION_URL]  # its parts must fit each other
        settings[table.API_AUTH_STRING]  # its file must be there
    except SettingsError as wrong:
        problems.append(unreadable(str(wrong)))
    return problems


def unreadable(message: str) -> Problem:
    """Return the problem of what cannot be read at all; its message names the place and the fix."""
    return Problem(ERROR, "", "", message, "")


def take(
    settings: Settings, source: Source | None, problems: list[Problem], stock: Mapping[str, str] | None = None
) -> None:
    """Note a source's problems, and read what is right in it."""
    if source is None:
        return
    problems += unknown_names(source)
    for setting, given in list(source.given.items()):
        bad = bad_value(setting, source)
        if bad:
            problems.append(bad)
            del source.given[setting]
        elif given.spelling not in (stock or {}):
            problems += notes(setting, source)
    settings.add(source)


def unknown_names(source: Source) -> Iterator[Problem]:
    """Yield what a source gives that nobody knows."""
    for name in source.unknown:
        near = nearest(name)
        yield Problem(ERROR, name, source.place, "no setting has this name", f"write {near}" if near else "take it out")


def nearest(name: str) -> str | None:
    """Return the name or path that looks most like one that does not exist."""
    from difflib import get_close_matches  # noqa: PLC0415 - loaded when needed

    if not name.upper().startswith(PREFIX):
        return next(iter(get_close_matches(name, by_path(), n=1, cutoff=0.75)), None)
    known = [each.removeprefix(PREFIX) for each in by_name()]
    near = get_close_matches(name.upper().removeprefix(PREFIX), known, n=1, cutoff=0.75)
    return PREFIX + near[0] if near else None


def bad_value(setting: Setting[Any], source: Source) -> Problem | None:
    """Return the problem of a value that cannot be read; a secret one is not shown."""
    given = source.given[setting]
    try:
        setting.read(given.value)
    except ValueError as wrong:
        shown = "its value" if setting.secret else repr(bare(given.value, MASK))
        return Problem(ERROR, given.spelling, source.place, f"{shown} cannot be read", str(wrong))
    return None


def notes(setting: Setting[Any], source: Source) -> Iterator[Problem]:
    """Yield what is taken and yet worth a word."""
    spelling = source.given[setting].spelling
    if not setting.effect:
        yield Problem(NOTE, spelling, source.place, "has no effect in Lictor", "take it out")
    elif setting.path in UNBUILT:
        yield Problem(NOTE, spelling, source.place, "has no effect in Lictor yet", "leave it")
    elif spelling not in (setting.name, setting.path):
        full = setting.name if spelling in setting.names else setting.path
        yield Problem(NOTE, spelling, source.place, "is another name of a setting", f"write {full}")
