"""Changes to `profiles.toml`: comments stay, the file appears whole or not at all, and only its owner may read it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from lictor.settings.errors import SettingsError
from lictor.settings.profiles import FIRST, STOCK
from lictor.settings.setting import Setting

if TYPE_CHECKING:
    from tomlkit import TOMLDocument
    from tomlkit.items import Table


def set_values(path: str, profile: str, values: Mapping[Setting[Any], str]) -> None:
    """Set values in a profile, under the settings' full names."""

    def edit(document: TOMLDocument) -> None:
        table = profile_in(document, profile)
        for setting, value in values.items():
            for alias in setting.aliases:
                table.pop(alias, None)
            table[setting.name] = value

    change(path, edit)


def unset_values(path: str, profile: str, settings: list[Setting[Any]]) -> None:
    """Take settings out of a profile, under whichever name they stand there."""

    def edit(document: TOMLDocument) -> None:
        table = profile_in(document, profile)
        for setting in settings:
            for name in setting.names:
                table.pop(name, None)

    change(path, edit)


def create_profile(path: str, name: str, values: Mapping[str, Any]) -> None:
    """Add a profile with values."""
    change(path, lambda document: profile_in(document, name).update(values))


def use_profile(path: str, name: str) -> None:
    """Make a profile the active one."""

    def edit(document: TOMLDocument) -> None:
        profile_in(document, name)
        document["active"] = name

    change(path, edit)


def rename_profile(path: str, name: str, new: str) -> None:
    """Give a profile another name; it stays active if it was."""

    def edit(document: TOMLDocument) -> None:
        profile_in(document, name)
        profiles = profiles_in(document)
        profiles.add(new, profiles.pop(name))
        if document["active"] == name:
            document["active"] = new

    change(path, edit)


def delete_profile(path: str, name: str) -> None:
    """Take a profile out of the file."""
    change(path, lambda document: profiles_in(document).pop(name))


def change(path: str, edit: Callable[[TOMLDocument], object]) -> None:
    """Change the file of profiles, which is made where it does not exist."""
    import tomlkit  # noqa: PLC0415 - loaded when needed

    path = os.path.realpath(path)
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        document = tomlkit.document()
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                document = tomlkit.parse(file.read())
        document.setdefault("active", FIRST)
        edit(document)
        replace(path, tomlkit.dumps(document))
    except OSError as wrong:
        raise SettingsError(f"{path} cannot be written: {wrong.strerror}. Let this user write it.") from None


def replace(path: str, content: str) -> None:
    """Write a file whole or not at all, for its owner's eyes."""
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".profiles-")  # its mode is 0600
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def profiles_in(document: TOMLDocument) -> Table:
    """Return the tables of profiles, made where they do not exist."""
    import tomlkit  # noqa: PLC0415 - loaded when needed

    if "profiles" not in document:
        document.add("profiles", tomlkit.table(is_super_table=True))
    found: Table = document["profiles"]
    return found


def profile_in(document: TOMLDocument, name: str) -> Table:
    """Return a profile's table; a stock profile that is not in the file yet is written down."""
    import tomlkit  # noqa: PLC0415 - loaded when needed

    profiles = profiles_in(document)
    if name not in profiles:
        profiles.add(name, tomlkit.table())
        profiles[name].update(STOCK.get(name, {}))
    found: Table = profiles[name]
    return found
