"""`lictor profile`: named sets of settings, one of which is active."""

from __future__ import annotations

import os
from typing import Any

import click

from lictor.cli.confirming import confirm, yes_option
from lictor.cli.listing import output, print_json, print_table, report
from lictor.settings import SettingsError, table
from lictor.settings.files import working_folder
from lictor.settings.load import located
from lictor.settings.problems import MASK
from lictor.settings.profile_file import create_profile, delete_profile, rename_profile, use_profile
from lictor.settings.profiles import Profiles, read_profiles
from lictor.settings.showing import as_text
from lictor.settings.sources import by_name


@click.group()
def profile() -> None:
    """Keep several sets of settings, and choose one.

    Example: lictor profile use local
    """


@profile.command()
@output
def ls(output: str) -> None:
    """List the profiles.

    Example: lictor profile ls
    """
    profiles = read()
    active = active_of(profiles)
    if output == "json":
        print_json([described(name) for name in sorted(profiles.named)])
        return
    rows = [
        ["*" if name == active else "", name, str(len(values)), "" if name in profiles.written else "built in"]
        for name, values in sorted(profiles.named.items())
    ]
    print_table(["Active", "Profile", "Settings", ""], rows)


@profile.command()
@click.argument("name")
@click.option("--from", "source", metavar="NAME", help="Begin with the settings of this profile.")
@output
def create(name: str, source: str | None, output: str) -> None:
    """Create a profile.

    Example: lictor profile create staging --from local
    """
    profiles = read()
    if source is not None:
        existing(profiles, source)
    free(profiles, name)
    create_profile(profiles.path, name, profiles.named[source] if source is not None else {})
    said = f"Created the profile '{name}'. Choose it with `lictor profile use {name}`."
    report(output, lambda: described(name), said)


@profile.command()
@click.argument("name")
@output
def use(name: str, output: str) -> None:
    """Make a profile the active one.

    Example: lictor profile use local
    """
    profiles = read()
    existing(profiles, name)
    use_profile(profiles.path, name)
    report(output, lambda: described(name), f"The profile '{name}' is active now.")
    forced = os.environ.get("PREFECT_PROFILE")
    if forced and forced != name:
        click.echo(f"Note: PREFECT_PROFILE chooses '{forced}' here, which wins.", err=True)


@profile.command()
@click.argument("name", required=False)
@click.option("--show-secrets/--hide-secrets", default=False, help="Secrets in clear.")
@output
def inspect(name: str | None, show_secrets: bool, output: str) -> None:
    """Show the settings of a profile, the active one if none is named.

    Example: lictor profile inspect local
    """
    profiles = read()
    name = existing(profiles, name) if name is not None else profiles.active(os.environ)
    values = {key: shown(key, value, None if show_secrets else MASK) for key, value in profiles.named[name].items()}
    if output == "json":
        print_json(values)
    elif values:
        print_table(["Setting", "Value"], list(values.items()), title=f"Profile '{name}'")
    else:
        click.echo(f"The profile '{name}' sets nothing.")


@profile.command()
@click.argument("name")
@click.argument("new_name")
@output
def rename(name: str, new_name: str, output: str) -> None:
    """Give a profile another name.

    Example: lictor profile rename staging production
    """
    profiles = read()
    stored(profiles, name)
    free(profiles, new_name)
    rename_profile(profiles.path, name, new_name)
    report(output, lambda: described(new_name), f"Renamed the profile '{name}' to '{new_name}'.")
    if os.environ.get("PREFECT_PROFILE") == name:
        click.echo(f"Note: PREFECT_PROFILE still says '{name}'; set it to '{new_name}'.", err=True)


@profile.command()
@click.argument("name")
@yes_option
@output
def delete(name: str, yes: bool, output: str) -> None:
    """Delete a profile that is not active.

    Example: lictor profile delete staging --yes
    """
    profiles = read()
    stored(profiles, name)
    if name in (active_of(profiles), profiles.chosen):
        raise click.ClickException(f"The profile '{name}' is active; choose another first: `lictor profile use NAME`.")
    confirm(f"Delete the profile '{name}'?", yes)
    delete_profile(profiles.path, name)
    report(output, {"deleted": [{"name": name}]}, f"Deleted the profile '{name}'.")


def read() -> Profiles:
    """Return the profiles of the file that the other settings name."""
    return read_profiles(located(os.environ, working_folder())[table.PROFILES_PATH])


def described(name: str) -> dict[str, object]:
    """Return a profile as lists show it."""
    return {"name": name, "active": name == active_of(read())}


def active_of(profiles: Profiles) -> str | None:
    """Return the active profile; none where one is named that does not exist."""
    try:
        return profiles.active(os.environ)
    except SettingsError:
        return None


def existing(profiles: Profiles, name: str) -> str:
    """Return the name of a profile that exists."""
    if name not in profiles.named:
        raise click.ClickException(f"There is no profile '{name}': use {profiles.listed()}.")
    return name


def stored(profiles: Profiles, name: str) -> None:
    """Refuse a profile that is not in the file."""
    existing(profiles, name)
    if name not in profiles.written:
        raise click.ClickException(
            f"The profile '{name}' is built in; copy it instead: `lictor profile create NAME --from {name}`."
        )


def free(profiles: Profiles, name: str) -> None:
    """Refuse a name that a profile cannot have, or has."""
    if not name.strip() or not name.isprintable():
        raise click.ClickException("A profile needs a name of printable characters, such as staging.")
    if name in profiles.named:
        raise click.ClickException(f"The profile '{name}' exists already: choose another name.")


def shown(key: str, value: Any, mask: str | None) -> str:
    """Return a profile's value as text; secrets are masked, unknown names' values as well."""
    known = by_name().get(key.upper())
    if known is None:
        return str(value) if mask is None else mask
    setting = known[0]
    try:
        return as_text(setting, setting.read(value), mask)
    except ValueError:
        return str(value) if mask is None or not setting.secret else mask
