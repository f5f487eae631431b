"""`lictor config`: shows, checks and changes settings."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from lictor.cli.confirming import confirm, yes_option
from lictor.cli.listing import output, print_json, print_table, report
from lictor.settings import Setting, SettingsError, current, table
from lictor.settings.files import working_folder
from lictor.settings.load import located, setting_of
from lictor.settings.problems import ERROR, MASK, Problem, find_problems, nearest
from lictor.settings.profile_file import set_values, unset_values
from lictor.settings.profiles import Profiles, read_profiles
from lictor.settings.showing import as_text

FIXED = (table.HOME, table.PROFILES_PATH)
"""Settings that say where the profiles are, and so cannot stand in one."""


@click.group()
def config() -> None:
    """See, check and change settings.

    Example: lictor config view
    """


@config.command()
@click.option("--show-defaults/--hide-defaults", default=False, help="Settings that have their default too.")
@click.option("--show-sources/--hide-sources", default=True, help="Where each value comes from.")
@click.option("--show-secrets/--hide-secrets", default=False, help="Secrets in clear.")
@output
def view(show_defaults: bool, show_sources: bool, show_secrets: bool, output: str) -> None:
    """Show the settings and where their values come from.

    Example: lictor config view --show-defaults --output json
    """
    rows = view_rows(show_defaults, show_secrets)
    if output == "json":
        print_json(rows if show_sources else [{"name": row["name"], "value": row["value"]} for row in rows])
        return
    titles = ["Setting", "Value", *(["Source"] if show_sources else [])]
    keys = ["name", "value", *(["source"] if show_sources else [])]
    print_table(
        titles,
        [[row[key] or "" for key in keys] for row in rows],
        title=f"Profile '{current().profile}'",
    )


def view_rows(defaults: bool, secrets: bool) -> list[dict[str, str | None]]:
    """Return the settings in order of their names; what is not set has no value."""
    settings = current()
    return [
        {
            "name": setting.name,
            "value": as_text(setting, settings[setting], None if secrets else MASK) or None,
            "source": settings.source(setting),
        }
        for setting in sorted(table.SETTINGS, key=lambda each: each.name)
        if defaults or settings.source(setting) != "defaults"
    ]


@config.command(name="set")
@click.argument("settings", metavar="NAME=VALUE...", nargs=-1, required=True)
@output
def set_(settings: tuple[str, ...], output: str) -> None:
    """Set settings in the active profile.

    Example: lictor config set PREFECT_API_URL=http://127.0.0.1:4200/api
    """
    values = dict(parse(text) for text in settings)
    profiles, name = profiles_and_active()
    set_values(profiles.path, name, values)
    shown = {setting.name: MASK if setting.secret else value for setting, value in values.items()}
    lines = [f"Set {each.name}" + (" (a secret)." if each.secret else f" to '{shown[each.name]}'.") for each in values]
    report(output, {"profile": name, "set": shown}, *lines, f"Profile '{name}' is updated.")
    for setting in values:
        warn_if_hidden(setting)


@config.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@yes_option
@output
def unset(names: tuple[str, ...], yes: bool, output: str) -> None:
    """Take settings out of the active profile, so that they have their defaults again.

    Example: lictor config unset PREFECT_API_URL --yes
    """
    wanted = [find(name) for name in names]
    profiles, name = profiles_and_active()
    for setting in wanted:
        if not set(setting.names) & set(profiles.named[name]):
            raise click.ClickException(f"{setting.name} is not set in the profile '{name}'; see `lictor config view`.")
    confirm(f"Take {', '.join(each.name for each in wanted)} out of the profile '{name}'?", yes)
    unset_values(profiles.path, name, wanted)
    taken = [setting.name for setting in wanted]
    lines = [f"Unset {each}." for each in taken]
    report(output, {"profile": name, "unset": taken}, *lines, f"Profile '{name}' is updated.")
    for setting in wanted:
        warn_if_hidden(setting)


@config.command()
@click.option("--strict", is_flag=True, help="Let notes fail too.")
@output
def validate(strict: bool, output: str) -> None:
    """Check the settings of all sources; exit code 1 if there is an error.

    Errors are values that cannot be read and names that nobody knows. Notes are names that are taken for another, and
    settings without effect.

    Example: lictor config validate --output json
    """
    problems = find_problems(os.environ, working_folder())
    if output == "json":
        print_json([problem._asdict() for problem in problems])
    else:
        click.echo("\n".join(map(line_of, problems)) or "All settings are valid.")
    if any(strict or problem.level == ERROR for problem in problems):
        sys.exit(1)


def line_of(problem: Problem) -> str:
    """Return a problem as a line."""
    where = f"{problem.name} ({problem.source}): " if problem.name else ""
    fix = f"; {problem.fix}." if problem.fix else ""
    return f"{problem.level}: {where}{problem.problem}{fix}"


def parse(text: str) -> tuple[Setting[Any], str]:
    """Return the setting and the value of NAME=VALUE, which must be readable."""
    name, equals, value = text.partition("=")
    if not equals:
        raise click.ClickException(f"'{name}' has no value: write NAME=VALUE, such as PREFECT_LOGGING_LEVEL=DEBUG.")
    setting = find(name.strip())
    if setting in FIXED:
        raise click.ClickException(f"{setting.name} says where the profiles are: set it in the environment.")
    try:
        setting.read(value)
    except ValueError as wrong:
        shown = "" if setting.secret else f" '{value}'"
        raise click.ClickException(f"{setting.name}{shown} cannot be read: {wrong}.") from None
    return setting, value


def find(name: str) -> Setting[Any]:
    """Return a setting by its name, or say which one may be meant."""
    try:
        return setting_of(name)
    except SettingsError:
        near = nearest(name)
        hint = f"did you mean {near}?" if near else "see `lictor config view --show-defaults`."
        raise click.ClickException(f"There is no setting {name}; {hint}") from None


def profiles_and_active() -> tuple[Profiles, str]:
    """Return the profiles and the name of the active one."""
    profiles = read_profiles(located(os.environ, working_folder())[table.PROFILES_PATH])
    return profiles, profiles.active(os.environ)


def warn_if_hidden(setting: Setting[Any]) -> None:
    """Say where a profile's value does not count because another source wins."""
    source = located(os.environ, working_folder()).source(setting)
    if source != "defaults":
        click.echo(f"Note: {setting.name} is set by {source} too, which wins over the profile.", err=True)
