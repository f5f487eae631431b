"""What options of `lictor deploy` say of a deployment, laid over what its project file says."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

import click

from lictor.cli.json_values import object_of, pairs_of
from lictor.cli.times import Seconds
from lictor.sdk.version_info import VersionType
from lictor.wire.types.deployment import ConcurrencyLimitStrategy

F = TypeVar("F", bound=Callable[..., Any])

UNBUILT = {"trigger": "automations", "sla": "service level agreements"}
OPTIONS = (
    click.option("--description", "-d", help="What it is for; by default what the flow says."),
    click.option("--version", help="Its version; by default the commit's, or else the flow's."),
    click.option(
        "--version-type",
        type=click.Choice([str(each) for each in VersionType]),
        help="Where the commit is looked for.  [default: anywhere]",
    ),
    click.option("--tag", "-t", "tags", multiple=True, help="Given to each run (repeatable)."),
    click.option("--concurrency-limit", type=click.IntRange(1), help="The most runs at once."),
    click.option(
        "--collision-strategy",
        type=click.Choice([str(each) for each in ConcurrencyLimitStrategy]),
        help="What becomes of runs beyond --concurrency-limit: they wait, or are cancelled.",
    ),
    click.option("--pool", "-p", metavar="NAME", help="The work pool whose workers run it."),
    click.option("--work-queue", "-q", metavar="NAME", help="The queue in the pool; it is made if it is not there."),
    click.option(
        "--job-variable",
        "job_variables",
        multiple=True,
        metavar="NAME=VALUE",
        help="A value for the pool's job template, or several as a JSON object (repeatable).",
    ),
    click.option("--cron", multiple=True, help="Run as a cron expression says (repeatable)."),
    click.option("--interval", type=Seconds(), multiple=True, help="Run each so many seconds (repeatable)."),
    click.option("--anchor-date", "--interval-anchor", help="The time from which intervals are counted."),
    click.option("--rrule", multiple=True, help="Run as a recurrence rule (RFC 5545) says (repeatable)."),
    click.option("--timezone", help="The time zone whose clock the schedules go by.  [default: UTC]"),
    click.option("--param", multiple=True, metavar="NAME=VALUE", help="A parameter, JSON or text (repeatable)."),
    click.option("--params", help='Parameters as a JSON object: {"NAME": VALUE}; - reads it from standard input.'),
    click.option(
        "--enforce-parameter-schema/--no-enforce-parameter-schema",
        default=None,
        help="Whether runs are refused whose parameters do not fit the flow's.  [default: refused]",
    ),
    click.option("--trigger", multiple=True, hidden=True),
    click.option("--sla", multiple=True, hidden=True),
)


def deployment_options(command: F) -> F:
    """Give a command the options that say something of a deployment."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def check(given: Mapping[str, Any]) -> None:
    """Refuse options that nothing goes by yet, and those that exclude each other."""
    for name, what in UNBUILT.items():
        if given[name]:
            raise click.UsageError(f"--{name}: {what} are not built yet; leave it out.")
    if given["param"] and given["params"] is not None:
        raise click.UsageError("Give parameters with --param or with --params, not with both.")
    if given["collision_strategy"] and given["concurrency_limit"] is None:
        raise click.UsageError("--collision-strategy goes with --concurrency-limit.")


def names_of(given: Mapping[str, Any]) -> list[str]:
    """Return the options that were given, as they are written."""
    written = {"tags": "tag", "job_variables": "job-variable"}
    return [
        f"--{written.get(name, name).replace('_', '-')}" for name, value in given.items() if value not in (None, (), "")
    ]


def laid_over(entry: Mapping[str, Any], given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a deployment with what options say of it, and the job variables that they give.

    Those may stand in the file's placeholders, too.
    """
    said = copy.deepcopy(dict(entry))
    for name in ("description", "version", "version_type", "enforce_parameter_schema"):
        if given[name] is not None:
            said[name] = given[name]
    if given["tags"]:
        said["tags"] = list(given["tags"])
    if given["concurrency_limit"] is not None:
        strategy = given["collision_strategy"]
        limit = given["concurrency_limit"]
        said["concurrency_limit"] = limit if strategy is None else {"limit": limit, "collision_strategy": strategy}
    parameters = pairs_of(given["param"], "--param")
    if given["params"] is not None:
        parameters = object_of(given["params"], "--params")
    if parameters:
        said["parameters"] = {**(written(said, "parameters", "--param") or {}), **parameters}
    variables = job_variables_of(given["job_variables"])
    pool = {"name": given["pool"], "work_queue_name": given["work_queue"]}
    pool = {name: value for name, value in pool.items() if value}
    if pool or variables:
        before = said["work_pool"] if isinstance(said.get("work_pool"), Mapping) else {}
        said["work_pool"] = {**before, **pool, "job_variables": {**(before.get("job_variables") or {}), **variables}}
    add_schedules(said, given)
    return said, variables


def written(said: Mapping[str, Any], name: str, option: str) -> Any:
    """Return a field that options are laid over; refuse one that is a placeholder, and so not known yet."""
    if isinstance(said.get(name), str):
        raise click.ClickException(
            f"{option}: '{name}' in the file is a placeholder, which options cannot be laid over."
        )
    return said.get(name)


def job_variables_of(texts: tuple[str, ...]) -> dict[str, Any]:
    """Return job variables, each a JSON object of several or NAME=VALUE: a JSON object or list, or a text."""
    found: dict[str, Any] = {}
    for text in texts:
        if text.lstrip().startswith("{"):
            found |= object_of(text, "--job-variable")
            continue
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise click.ClickException(f"--job-variable '{name}' gives no value: write --job-variable NAME=VALUE.")
        try:
            found[name] = json.loads(value) if value.startswith(("{", "[")) else value
        except ValueError:
            raise click.ClickException(
                f"--job-variable '{name}': what follows = begins as JSON, but is none."
            ) from None
    return found


def add_schedules(said: dict[str, Any], given: Mapping[str, Any]) -> None:
    """Add the schedules that options say; a time zone, and from when intervals count, are for those there are, too."""
    added: list[dict[str, Any]] = [
        *({"cron": each} for each in given["cron"]),
        *({"interval": each.total_seconds() if isinstance(each, timedelta) else each} for each in given["interval"]),
        *({"rrule": each} for each in given["rrule"]),
    ]
    if not added and not given["timezone"] and not given["anchor_date"]:
        return
    single = written(said, "schedule", "--cron and its like") or None
    written(said, "schedules", "--cron and its like")
    several = [*filter(None, said.get("schedules") or [single]), *added]
    for each in several:
        if given["timezone"]:
            each["timezone"] = given["timezone"]
        if given["anchor_date"] and each.get("interval") is not None:
            each["anchor_date"] = given["anchor_date"]
    if several:
        said.pop("schedule", None)
        said["schedules"] = several
