"""`lictor deployment backfill`: makes the runs that schedules ask for in a time that is past."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

import click
from msgspec import structs

from lictor.cli.asking import ask_all, plainly
from lictor.cli.confirming import confirm, yes_option
from lictor.cli.deployment_name import find, full_name, missing, one_deployment
from lictor.cli.deployment_run import as_object, check_known
from lictor.cli.deployment_schedule import called, chosen, rule_of
from lictor.cli.json_values import pairs_of
from lictor.cli.listing import output, print_json
from lictor.cli.run_table import list_table, moment, show
from lictor.cli.times import Moment, Seconds, duration
from lictor.client.client import Client
from lictor.kit.clock import MICROSECOND, now
from lictor.rules.catch_up import LEFT_OUT
from lictor.rules.schedule import dates, key_at, key_of
from lictor.sdk.schedules import construct_schedule
from lictor.wire import filters
from lictor.wire.operations import deployment as operations
from lictor.wire.operations import flow_run
from lictor.wire.types.common import JSONObject
from lictor.wire.types.deployment import Deployment, DeploymentFlowRunCreate
from lictor.wire.types.flow_run import FlowRun, FlowRunSort
from lictor.wire.types.schedule import Schedule, read_schedule
from lictor.wire.types.state import StateCreate, StateDetails, StateType

TAG = "backfill"
LABEL = "lictor.schedule"
"""Names the schedule of a run that is made so: its slug, or its id."""
SHOWN = 20
MOST_TIMES = 20_000
"""How many times are looked at, of which those that have a run do not count as runs to make."""


class Source(NamedTuple):
    """A schedule whose runs are made: what it is called, what its keys name it by, when it fires, its parameters."""

    name: str
    key: str
    schedule: Schedule
    parameters: JSONObject


class Wanted(NamedTuple):
    """A run that is asked for, and the one that is there already, which may be one that was left out."""

    due: datetime
    source: Source
    there: FlowRun | None

    @property
    def new(self) -> bool:
        """Whether a run is to be made."""
        return self.there is None or self.there.state_name == LEFT_OUT


class Past(Moment):
    """A time on the command line, which may be so long ago."""

    def convert(self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the time, or say what is wrong with the text."""
        if isinstance(value, str) and value.strip().endswith("ago"):
            with suppress(ValueError):
                return now() - duration(value.strip().removesuffix("ago"))
        return super().convert(value, param, ctx)


@click.command()
@one_deployment
@click.option("--from", "since", type=Past(), required=True, help="From this time on: '2026-07-01', '7 days ago'.")
@click.option("--to", "until", type=Past(), help="Before this time.  [default: now]")
@click.option("--schedule", "which", multiple=True, help="Only of this schedule: its slug or id (repeatable).")
@click.option("--cron", help="As a cron expression says, in place of the deployment's schedules.")
@click.option("--interval", type=Seconds(), help="Each so many seconds or each '15 minutes' from --from on, likewise.")
@click.option("--rrule", help="As a recurrence rule (RFC 5545) says, likewise.")
@click.option("--timezone", help="The time zone whose clock these three go by.  [default: UTC]")
@click.option("--param", "-p", multiple=True, metavar="NAME=VALUE", help="A parameter, as JSON or text (repeatable).")
@click.option("--tag", multiple=True, help="A tag of the runs, beside 'backfill' (repeatable).")
@click.option("--work-queue", help="The work queue in which they wait, so that others come first.")
@click.option("--limit", type=click.IntRange(1), default=500, show_default=True, help="The most runs to make.")
@click.option("--dry-run", is_flag=True, help="Only show which runs it would make.")
@yes_option
@output
def backfill(  # noqa: PLR0913, PLR0917  # one for each option
    name: str | None,
    deployment_id: UUID | None,
    since: datetime,
    until: datetime | None,
    which: tuple[str, ...],
    cron: str | None,
    interval: timedelta | None,
    rrule: str | None,
    timezone: str | None,
    param: tuple[str, ...],
    tag: tuple[str, ...],
    work_queue: str | None,
    limit: int,
    dry_run: bool,
    yes: bool,
    output: str,
) -> None:
    """Make the runs that a deployment's schedules ask for in a time that is past.

    A time that has a run already, made by the schedule or by an earlier backfill, gets no other; so what is broken off
    is gone on with by the same command. The runs wait for a worker, the oldest first, before others that are due later;
    each has the time that it is for: lictor.runtime.flow_run.scheduled_start_time. Times are of this machine's clock
    unless they name a zone.

    \b
    Example: lictor deployment backfill hello/production --from 2026-07-01 --to 2026-08-01 --dry-run
             lictor deployment backfill hello/production --from '7 days ago' --schedule nightly --work-queue low
             lictor deployment backfill hello/production --from 2026-07-01 --cron '0 2 * * *' --timezone Europe/Berlin
    """
    since, until = since.astimezone(), (until or now()).astimezone()
    check_range(since, until)
    given = pairs_of(param, "--param")
    found = find(name, deployment_id)
    full = full_name(found)
    check_known(given, found, full)
    own = own_sources(cron, interval, rrule, timezone, since)
    if own and which:
        raise click.UsageError(
            "--schedule is for the deployment's own schedules: leave out --cron, --interval or --rrule."
        )
    sources = own or sources_of(found, full, which)
    wanted = wanted_of(found, sources, since, until)
    new = [each for each in wanted if each.new]
    if len(new) > limit:
        raise click.ClickException(
            f"That is {len(new)} runs, more than --limit {limit}: choose a shorter time, or a larger limit."
        )
    if output != "json":
        preview(full, wanted, new, since, until)
    made: list[FlowRun] = []
    if new and not dry_run:
        confirm(f"Make {counted(len(new))} of deployment '{full}'?", yes)
        made = make(found, full, [body_of(found, each, given, tag, work_queue) for each in new])
    if output == "json":
        print_json(told(full, wanted, made, dry_run))
    elif new and not dry_run:
        click.echo(f"{counted(len(made))} made. Watch: lictor flow-run ls --tag {TAG}")


def check_range(since: datetime, until: datetime) -> None:
    """Refuse a time that is none, or not past."""
    if until > now():
        raise click.UsageError(f"--to {moment(until)} is not past: the scheduler makes the runs that are to come.")
    if since >= until:
        raise click.UsageError(f"--from {moment(since)} is not before --to {moment(until)}.")


def own_sources(
    cron: str | None, interval: timedelta | None, rrule: str | None, timezone: str | None, since: datetime
) -> list[Source]:
    """Return the schedule that is given on the command line, if any is."""
    if cron is None and interval is None and rrule is None:
        if timezone is not None:
            raise click.UsageError("--timezone is for --cron, --interval and --rrule.")
        return []
    try:
        rule, zone = (rrule, timezone) if rrule is None else rule_of(rrule, timezone)
        schedule = construct_schedule(interval, None if interval is None else since, cron, rule, zone)
    except ValueError as wrong:
        raise click.ClickException(str(wrong)) from None
    said = cron or rule or f"every {interval}"
    return [Source("", f"backfill:{said}".replace(" ", "_"), schedule, {})]


def sources_of(found: Deployment, full: str, which: Sequence[str]) -> list[Source]:
    """Return the schedules of a deployment that are named, or all that are active."""
    schedules = [chosen(full, found.schedules, each) for each in which]
    schedules = schedules or [each for each in found.schedules if each.active]
    if not schedules:
        off = "; name one that is off with --schedule" if found.schedules else ""
        raise click.ClickException(
            f"Deployment '{full}' has no schedule that is on: give --cron, --interval or --rrule{off}."
        )
    return [Source(called(each), str(each.id), read_schedule(each.schedule), each.parameters) for each in schedules]


def wanted_of(found: Deployment, sources: Sequence[Source], since: datetime, until: datetime) -> list[Wanted]:
    """Return the runs that schedules ask for in a time, the oldest first, and which of them are there."""
    end = until - MICROSECOND
    times = [(due, source) for source in sources for due in islice(dates(source.schedule, since, end), MOST_TIMES + 1)]
    if len(times) > MOST_TIMES:
        raise click.ClickException(f"That is more than {MOST_TIMES} runs: choose a shorter time, or one --schedule.")
    there = runs_there(found, since, until) if times else {}
    times.sort(key=itemgetter(0))
    return [Wanted(due, source, there.get((source.name or source.key, due))) for due, source in times]


def runs_there(found: Deployment, since: datetime, until: datetime) -> dict[tuple[str, datetime], FlowRun]:
    """Return the runs of a deployment's schedules in a time that are there, by what the schedule is called and when.

    A schedule is known by its slug, for its id is another each time the deployment is applied.
    """
    body = flow_run.ReadFlowRuns(
        flow_runs=filters.FlowRunFilter(
            deployment_id=filters.FlowRunFilterDeploymentId(any_=[found.id]),
            expected_start_time=filters.FlowRunFilterExpectedStartTime(after_=since, before_=until),
        ),
        sort=FlowRunSort.EXPECTED_START_TIME_ASC,
    )
    names = {str(each.id): called(each) for each in found.schedules}
    runs = ask_all(lambda offset: flow_run.FILTER(structs.replace(body, offset=offset)))
    runs.sort(key=lambda run: run.state_name != LEFT_OUT)  # one that is made in place of another counts
    return {
        (name, run.expected_start_time): run
        for run in runs
        if run.expected_start_time is not None
        for name in names_of(run, names)
    }


def names_of(run: FlowRun, names: dict[str, str]) -> Iterator[str]:
    """Yield what the schedule of a run may be called."""
    key = (run.idempotency_key or "").split(" ")
    if len(key) > 3 and key[0] == "scheduled":
        yield names.get(key[2], key[2])
    if run.labels.get(LABEL) is not None:
        yield str(run.labels[LABEL])
    elif run.created_by is not None and run.created_by.type == "SCHEDULE" and run.created_by.display_value:
        yield run.created_by.display_value


def body_of(
    found: Deployment, wanted: Wanted, given: dict[str, Any], tags: Sequence[str], work_queue: str | None
) -> DeploymentFlowRunCreate:
    """Return what is asked for a run."""
    due, source, there = wanted
    key = key_at(key_of(found.id, source.key), source.schedule, due)
    return DeploymentFlowRunCreate(
        state=StateCreate(
            type=StateType.SCHEDULED, message="Backfilled", state_details=StateDetails(scheduled_time=due)
        ),
        parameters={**source.parameters, **as_object(given)},
        tags=[TAG, *tags],
        labels={LABEL: source.name or source.key},
        idempotency_key=key if there is None else f"{key} {TAG}",
        work_queue_name=work_queue,
    )


def make(found: Deployment, full: str, bodies: Sequence[DeploymentFlowRunCreate]) -> list[FlowRun]:
    """Make runs one after the other, and return them; say how far it came where that fails."""
    made: list[FlowRun] = []
    label = f"Making {counted(len(bodies))}"
    try:
        with Client() as client, click.progressbar(bodies, label=label, file=sys.stderr) as going:
            for body in going:
                with plainly(missing(full)):
                    made.append(client(operations.CREATE_FLOW_RUN(body, id=found.id)))
    except (click.ClickException, KeyboardInterrupt) as error:
        reason = error.message if isinstance(error, click.ClickException) else "Interrupted."
        if not made:
            raise click.ClickException(reason) from None
        raise click.ClickException(
            f"{reason} {len(made)} of {counted(len(bodies))} are made; the same command goes on from there."
        ) from None
    return made


def preview(full: str, wanted: Sequence[Wanted], new: Sequence[Wanted], since: datetime, until: datetime) -> None:
    """Show which runs are asked for, and which of them are there."""
    between = f"from {moment(since)} to {moment(until)}"
    if not wanted:
        click.echo(f"No schedule of deployment '{full}' fires {between}: nothing is to be made.")
        return
    rows = [[moment(each.due) or "", each.source.name or each.source.key, said(each)] for each in wanted[:SHOWN]]
    show(list_table(("Due", "Schedule", "Run"), rows))
    if len(wanted) > SHOWN:
        click.echo(f"… and {len(wanted) - SHOWN} more, the last of {moment(wanted[-1].due)}.")
    there = len(wanted) - len(new)
    click.echo(f"{counted(len(new))} to make, {there} there already, {between}.")


def said(wanted: Wanted) -> str:
    """Return what is done about a run that is asked for."""
    if wanted.there is None:
        return "new"
    return "new, was left out" if wanted.new else f"is there: {wanted.there.name}"


def told(full: str, wanted: Sequence[Wanted], made: Sequence[FlowRun], dry_run: bool) -> dict[str, Any]:
    """Return what programs are told."""
    ids = iter([run.id for run in made])
    runs = [
        {
            "due": each.due,
            "schedule": each.source.name or each.source.key,
            "new": each.new,
            "id": next(ids, None) if each.new else each.there and each.there.id,
        }
        for each in wanted
    ]
    return {"deployment": full, "dry_run": dry_run, "made": len(made), "runs": runs}


def counted(number: int) -> str:
    """Return a number of runs in words."""
    return f"{number} run{'' if number == 1 else 's'}"
