"""`lictor deployment schedule`: when a deployment's runs start by themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import click
from msgspec import structs

from lictor.cli.asking import ask, ask_all
from lictor.cli.confirming import confirm, yes_option
from lictor.cli.deployment_name import by_name, missing, name_argument
from lictor.cli.json_values import pairs_of, value_of
from lictor.cli.listing import output, print_json, report
from lictor.cli.run_table import ago, list_table, show
from lictor.cli.times import Seconds, length
from lictor.kit.clock import now
from lictor.kit.json import encode, raw
from lictor.rules.schedule import dates
from lictor.sdk.schedules import construct_schedule, policy_of
from lictor.wire.operations import catch_up as catch_up_operations
from lictor.wire.operations import deployment as operations
from lictor.wire.types.catch_up import CatchUp, CatchUpGiven, CatchUpPolicy
from lictor.wire.types.deployment import (
    Deployment,
    DeploymentSchedule,
    DeploymentScheduleCreate,
    DeploymentScheduleUpdate,
)
from lictor.wire.types.schedule import CronSchedule, IntervalSchedule, RRuleSchedule, Schedule, read_schedule, text_of

if TYPE_CHECKING:
    from rich.table import Table

F = TypeVar("F", bound=Callable[..., Any])
POLICIES = [policy.value for policy in CatchUpPolicy]
NO_POLICIES = "The server has no catch-up policies: it is not Lictor's, or older"


def which_schedules(command: F) -> F:
    """Let a command be about one schedule, or about all there are."""
    every = click.option("--all", "every", is_flag=True, help="All schedules of all deployments.")(
        yes_option(output(command))
    )
    which = click.argument("which", required=False, metavar="[SCHEDULE]")(every)
    return click.argument("name", required=False, metavar="[FLOW/DEPLOYMENT]")(which)


@click.group()
def schedule() -> None:
    """Keep the schedules of deployments.

    A SCHEDULE is named by its slug or its id.
    """


@schedule.command()
@name_argument
@click.option("--interval", type=Seconds(), help="Each so many seconds, or each '15 minutes'.")
@click.option("--anchor-date", help="The time from which an interval is counted, in UTC unless it says otherwise.")
@click.option("--cron", help="As a cron expression says.")
@click.option(
    "--day-or/--no-day-or",
    "--day_or/--no-day_or",
    default=True,
    help="Whether a cron expression's days of month and of week count either, or only both.",
)
@click.option("--rrule", help="As a recurrence rule (RFC 5545) says.")
@click.option("--timezone", help="The time zone whose clock counts.  [default: UTC]")
@click.option("--slug", help="A name for it, of its own within the deployment.")
@click.option(
    "--param", "-p", multiple=True, metavar="NAME=VALUE", help="A parameter of its runs, JSON or text (repeatable)."
)
@click.option("--active/--no-active", default=True, help="Whether it makes runs.")
@click.option(
    "--catch-up",
    type=click.Choice(POLICIES),
    help="What becomes of runs that are missed while the server or the workers are away; needs --slug.",
)
@click.option("--replace", is_flag=True, help="Put it in the place of all schedules that the deployment has.")
@yes_option
@output
def create(  # noqa: PLR0913, PLR0917  # one for each option
    name: str,
    interval: timedelta | None,
    anchor_date: str | None,
    cron: str | None,
    day_or: bool,
    rrule: str | None,
    timezone: str | None,
    slug: str | None,
    param: tuple[str, ...],
    active: bool,
    catch_up: str | None,
    replace: bool,
    yes: bool,
    output: str,
) -> None:
    """Give a deployment a schedule.

    \b
    Example: lictor deployment schedule create hello/production --cron '0 9 * * mon-fri' --timezone Europe/Berlin
             lictor deployment schedule create hello/production --interval '15 minutes' --slug often
             lictor deployment schedule create hello/production --cron '0 2 * * *' --slug nightly --catch-up newest-only
             lictor deployment schedule create hello/production --rrule 'FREQ=MONTHLY;BYDAY=-1FR' --replace
    """
    try:
        policy = policy_of(catch_up, slug)
        rule, zone = (rrule, timezone) if rrule is None else rule_of(rrule, timezone)
        wanted = construct_schedule(interval, in_utc(anchor_date), cron, rule, zone, day_or)
    except ValueError as wrong:
        raise click.ClickException(str(wrong)) from None
    parameters = {key: raw(value) for key, value in pairs_of(param, "--param").items()}
    body = DeploymentScheduleCreate(schedule=text_of(wanted), active=active, slug=slug, parameters=parameters)
    found = by_name(name)
    replaced = found.schedules if replace else []
    if replaced:
        confirm(f"Replace {counted(len(replaced))} of deployment '{name}'?", yes)
        remove(found, replaced)
    (made,) = ask(operations.CREATE_SCHEDULES([body], id=found.id), missing(name))
    policies: dict[str, CatchUp] = {}
    if slug and policy is not None:
        policies = given(found, slug, policy)
    if output == "json":
        print_json(with_policy(made, policies))
        return
    instead = f" instead of {len(replaced)}" if replaced else ""
    click.echo(f"Deployment '{name}' has a new schedule{instead}:")
    show(schedule_table([made], policies))


def rule_of(text: str, timezone: str | None) -> tuple[str, str | None]:
    """Return a recurrence rule and its time zone, which may stand in JSON with it; raise ValueError for neither."""
    said = value_of(text)
    if isinstance(said, dict):
        text, timezone = str(said.get("rrule", "")), timezone or said.get("timezone")
    if timezone is None and "TZID" in text.upper():
        raise ValueError("--rrule: the time zone in the rule (TZID) is not read; give it with --timezone.")
    return text, timezone


def in_utc(text: str | None) -> datetime | None:
    """Return a time that is one of UTC unless it says otherwise; raise ValueError for none."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"--anchor-date '{text}' is no time: write 2026-08-01 or 2026-08-01T17:30:00Z.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@schedule.command()
@name_argument
@output
def ls(name: str, output: str) -> None:
    """List the schedules of a deployment.

    Example: lictor deployment schedule ls hello/production
    """
    found = by_name(name)
    policies = policies_of(found)
    if output == "json":
        print_json([with_policy(each, policies) for each in found.schedules])
    elif found.schedules:
        show(schedule_table(found.schedules, policies))
    else:
        click.echo(f"Deployment '{name}' has no schedule: see `lictor deployment schedule create --help`.")


def policies_of(found: Deployment) -> dict[str, CatchUp]:
    """Return the catch-up policies of a deployment's schedules by their slugs; a server without them has none."""
    if not any(each.slug for each in found.schedules):
        return {}
    with suppress(click.ClickException):
        return {each.slug: each for each in ask(catch_up_operations.READ(id=found.id))}
    return {}


def given(found: Deployment, slug: str, policy: CatchUpPolicy | None) -> dict[str, CatchUp]:
    """Give a schedule of a deployment a catch-up policy, or none; return those of its schedules."""
    call = catch_up_operations.UPDATE([CatchUpGiven(slug=slug, policy=policy)], id=found.id)
    return {each.slug: each for each in ask(call, missing(found.id), NO_POLICIES)}


def with_policy(found: DeploymentSchedule, policies: Mapping[str, CatchUp]) -> dict[str, Any]:
    """Return what programs are told of a schedule."""
    policy = policies.get(found.slug or "")
    return {**structs.asdict(found), "catch_up": policy and policy.policy}


def schedule_table(schedules: Sequence[DeploymentSchedule], policies: Mapping[str, CatchUp]) -> Table:
    """Return schedules as a table: each by its slug, or by its id if it has none."""
    rows = [row(each) for each in schedules]
    titles = ["Schedule", "Fires", "Active", "Next"]
    if not policies:
        return list_table(titles, rows)
    missed = [str(with_policy(each, policies)["catch_up"] or "") for each in schedules]
    return list_table([*titles, "If missed"], [[*cells, said] for cells, said in zip(rows, missed, strict=True)])


def row(found: DeploymentSchedule) -> list[str]:
    """Return a schedule as a row; its parameters stand below when it fires."""
    wanted = read_schedule(found.schedule)
    upcoming = ago(next(dates(wanted, now()), None)) or "never" if found.active else ""
    parameters = f"\n{encode(found.parameters).decode()}" if found.parameters else ""
    return [called(found), told(wanted) + parameters, "yes" if found.active else "no", upcoming]


def called(found: DeploymentSchedule) -> str:
    """Return what a schedule is named by: its slug, or its id."""
    return found.slug or str(found.id)


def told(wanted: Schedule) -> str:
    """Return when a schedule fires, in words."""
    match wanted:
        case IntervalSchedule(interval=interval):
            said = f"every {length(interval)}"
        case CronSchedule(cron=cron, day_or=day_or):
            said = f"cron {cron}" + ("" if day_or else " (both days)")
        case RRuleSchedule(rrule=rrule):
            said = f"rrule {rrule}"
    return said if wanted.timezone in (None, "UTC") else f"{said} {wanted.timezone}"


@schedule.command()
@which_schedules
def pause(name: str | None, which: str | None, every: bool, yes: bool, output: str) -> None:
    """Pause one schedule, or all there are.

    The runs that it has planned go. Where the deployment has a single schedule, SCHEDULE may be left out.

    \b
    Example: lictor deployment schedule pause hello/production nightly
             lictor deployment schedule pause --all
    """
    switch(name, which, every, yes, output, on=False)


@schedule.command()
@which_schedules
def resume(name: str | None, which: str | None, every: bool, yes: bool, output: str) -> None:
    """Resume one schedule, or all there are.

    Where the deployment has a single schedule, SCHEDULE may be left out.

    \b
    Example: lictor deployment schedule resume hello/production nightly
             lictor deployment schedule resume --all
    """
    switch(name, which, every, yes, output, on=True)


def switch(name: str | None, which: str | None, every: bool, yes: bool, output: str, *, on: bool) -> None:
    """Switch a schedule on or off, or all of them; print what was switched."""
    verb, state = ("Resume", "goes on") if on else ("Pause", "is paused")
    if every == (name is not None):
        raise click.UsageError("Say which: FLOW/DEPLOYMENT and SCHEDULE, or --all for every schedule there is.")
    if name is not None:
        found = chosen(name, by_name(name).schedules, which)
        if found.active == on:
            raise click.ClickException(f"Schedule '{called(found)}' of deployment '{name}' {state} already.")
        switched, said = [found], f"Schedule '{called(found)}' of deployment '{name}' {state}."
    else:
        deployments = ask_all(lambda offset: operations.FILTER(operations.ReadDeployments(offset=offset)))
        switched = [each for deployment in deployments for each in deployment.schedules if each.active != on]
        said = f"{counted(len(switched))} {'go on' if on else 'paused'}."
        if switched:
            confirm(f"{verb} {counted(len(switched))}?", yes)
    for each in switched:
        body = DeploymentScheduleUpdate(active=on, parameters=each.parameters)  # those go that are not sent
        ask(
            operations.UPDATE_SCHEDULE(body, id=each.deployment_id, schedule_id=each.id),
            f"Schedule {each.id} does not exist",
        )
        each.active = on
    report(output, switched[0] if name else switched, said)


@schedule.command("catch-up")
@name_argument
@click.argument("which", metavar="SCHEDULE")
@click.argument("policy", type=click.Choice([*POLICIES, "none"]), metavar="POLICY")
@output
def catch_up_with(name: str, which: str, policy: str, output: str) -> None:
    """Say what becomes of a schedule's runs that are missed.

    Runs are missed while the server or the workers are away. When they are back, run-all runs each of them, newest-only
    the newest, and skip none. With none, those run that were planned before. The policy stays with the schedule's slug
    when the deployment is applied again.

    Example: lictor deployment schedule catch-up hello/production nightly newest-only
    """
    found = by_name(name)
    one = chosen(name, found.schedules, which)
    if one.slug is None:
        raise click.ClickException(f"Schedule '{which}' has no slug, by which a policy is kept: give it one first.")
    policies = given(found, one.slug, None if policy == "none" else CatchUpPolicy(policy))
    said = "has no catch-up policy" if policy == "none" else f"has the catch-up policy {policy}"
    report(output, with_policy(one, policies), f"Schedule '{one.slug}' of deployment '{name}' {said}.")


@schedule.command()
@name_argument
@click.argument("which", metavar="SCHEDULE")
@yes_option
@output
def delete(name: str, which: str, yes: bool, output: str) -> None:
    """Delete one schedule of a deployment.

    The runs that it has planned go.

    Example: lictor deployment schedule delete hello/production nightly
    """
    found = by_name(name)
    gone = chosen(name, found.schedules, which)
    confirm(f"Delete schedule '{which}' of deployment '{name}'?", yes)
    remove(found, [gone])
    report(output, deleted([gone]), f"Schedule '{which}' of deployment '{name}' is deleted.")


@schedule.command()
@name_argument
@yes_option
@output
def clear(name: str, yes: bool, output: str) -> None:
    """Delete all schedules of a deployment.

    The runs that they have planned go.

    Example: lictor deployment schedule clear hello/production --yes
    """
    found = by_name(name)
    gone = found.schedules
    if gone:
        confirm(f"Delete {counted(len(gone))} of deployment '{name}'?", yes)
    remove(found, gone)
    report(output, deleted(gone), f"Deployment '{name}' has no schedule{' any more' if gone else ''}.")


def chosen(name: str, schedules: Sequence[DeploymentSchedule], which: str | None) -> DeploymentSchedule:
    """Return the one of a deployment's schedules with an id or a slug, or the only one."""
    if which is None and len(schedules) != 1:
        known = ", ".join(called(each) for each in schedules)
        raise click.ClickException(f"Say which schedule of deployment '{name}': it has {known or 'none'}.")
    for each in schedules:
        if which in (None, each.slug, str(each.id)):
            return each
    raise click.ClickException(f"Deployment '{name}' has no schedule '{which}': see `lictor deployment schedule ls`.")


def remove(found: Deployment, schedules: Sequence[DeploymentSchedule]) -> None:
    """Delete schedules of a deployment."""
    for each in schedules:
        ask(operations.DELETE_SCHEDULE(id=found.id, schedule_id=each.id), f"Schedule {each.id} does not exist")


def deleted(schedules: Sequence[DeploymentSchedule]) -> dict[str, object]:
    """Return what is said of schedules that were deleted."""
    return {"deleted": [{"id": each.id, "slug": each.slug} for each in schedules]}


def counted(number: int) -> str:
    """Return a number of schedules in words."""
    return f"{number} schedule{'' if number == 1 else 's'}"
