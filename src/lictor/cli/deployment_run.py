"""`lictor deployment run`: makes a run of a deployment."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import click

from lictor.cli.asking import ask
from lictor.cli.deployment_name import find, full_name, missing, one_deployment, properties_of
from lictor.cli.flow_run import follow, tell
from lictor.cli.json_values import object_of, pairs_of
from lictor.cli.listing import output, print_json
from lictor.cli.run_table import details_table, moment, show
from lictor.cli.times import Duration, Moment
from lictor.kit.clock import now
from lictor.kit.json import decode_any, raw
from lictor.wire.operations import deployment as operations
from lictor.wire.operations import flow_run_why
from lictor.wire.types.common import JSONObject
from lictor.wire.types.deployment import Deployment, DeploymentFlowRunCreate
from lictor.wire.types.flow_run import FlowRun
from lictor.wire.types.state import StateCreate, StateType

watch_option = click.option("--watch", is_flag=True, help="Tell the run's states until it ends; 1 unless it completes.")
interval_option = click.option(
    "--watch-interval",
    type=click.FloatRange(0, min_open=True),
    default=0.5,
    show_default=True,
    help="Look every so many seconds.",
)
timeout_option = click.option(
    "--watch-timeout", type=click.FloatRange(0), help="Stop watching after so many seconds.  [default: never]"
)


@click.command()
@one_deployment
@click.option("--param", "-p", multiple=True, metavar="NAME=VALUE", help="A parameter, as JSON or text (repeatable).")
@click.option("--params", metavar="JSON", help="Parameters as a JSON object; - reads it from standard input.")
@click.option("--start-in", type=Duration(), help="Start after so long: '5 minutes', '1h30m', '2 days'.")
@click.option("--start-at", type=Moment(), help="Start at a time: '17:30', 'tomorrow at 9am', '2026-08-01 17:30'.")
@click.option("--tag", multiple=True, help="A tag of the run, beside its deployment's (repeatable).")
@click.option(
    "--job-variable", multiple=True, metavar="NAME=VALUE", help="A job variable, as JSON or text (repeatable)."
)
@click.option("--flow-run-name", help="The run's name; {NAME} stands for a parameter.")
@watch_option
@interval_option
@timeout_option
@output
def run(  # noqa: PLR0913, PLR0917  # one for each option
    name: str | None,
    deployment_id: UUID | None,
    param: tuple[str, ...],
    params: str | None,
    start_in: timedelta | None,
    start_at: datetime | None,
    tag: tuple[str, ...],
    job_variable: tuple[str, ...],
    flow_run_name: str | None,
    watch: bool,
    watch_interval: float,
    watch_timeout: float | None,
    output: str,
) -> None:
    """Make a run of a deployment.

    A worker of its work pool starts it, now or at the time that is given. What --param says wins over --params. Times
    are of this machine's clock unless they name a zone. With --watch the exit code is 0 if the run completes, and 1 if
    it ends otherwise or not in time.

    \b
    Example: lictor deployment run hello/production --param name=you --watch
             lictor deployment run hello/production --start-at 'tomorrow at 9:00'
             echo '{"name": "you"}' | lictor deployment run hello/production --params -
    """
    if start_in is not None and start_at is not None:
        raise click.UsageError("--start-in and --start-at exclude each other: give one of them.")
    given = {**({} if params is None else object_of(params, "--params")), **pairs_of(param, "--param")}
    variables = pairs_of(job_variable, "--job-variable")
    found = find(name, deployment_id)
    called = full_name(found)
    check_known(given, found, called)
    body = DeploymentFlowRunCreate(
        parameters=as_object(given),
        state=scheduled(now() + start_in if start_in is not None else start_at),
        name=filled_in(flow_run_name, given, found),
        tags=list(tag),
        job_variables=as_object(variables) if variables else None,
    )
    made = ask(operations.CREATE_FLOW_RUN(body, id=found.id), missing(called))
    if output != "json":
        print_run(made, called)
        with suppress(click.ClickException):  # a server that is not Lictor's does not know
            tell(ask(flow_run_why.READ(id=made.id)))
    elif not watch:
        print_json(made)
    if watch:
        follow(made.id, watch_timeout, output, watch_interval)


def check_known(given: dict[str, Any], found: Deployment, called: str) -> None:
    """Refuse parameters that a deployment's flow does not take."""
    known = properties_of(found)
    unknown = [name for name in given if name not in known]
    if unknown:
        takes = f"it takes {', '.join(known)}" if known else "it takes none"
        raise click.ClickException(f"Deployment '{called}' has no parameter '{unknown[0]}': {takes}.")


def scheduled(when: datetime | None) -> StateCreate:
    """Return the state of a run that starts at a time, or now; its transition has an id, so that it is made once."""
    state = StateCreate(type=StateType.SCHEDULED)
    state.state_details.scheduled_time, state.state_details.transition_id = when or now(), uuid4()
    return state


def filled_in(name: str | None, given: dict[str, Any], found: Deployment) -> str | None:
    """Return a run's name with its parameters put in."""
    if name is None:
        return None
    values = {key: decode_any(value) for key, value in found.parameters.items()} | given
    try:
        return name.format_map(values)
    except KeyError as error:
        raise click.ClickException(f"--flow-run-name '{name}': the run is given no parameter {error}.") from None
    except (ValueError, LookupError, AttributeError, TypeError) as error:
        raise click.ClickException(f"--flow-run-name '{name}' cannot be filled in: {error}.") from None


def as_object(values: dict[str, Any]) -> JSONObject:
    """Return values as a request carries them."""
    return {name: raw(value) for name, value in values.items()}


def print_run(made: FlowRun, called: str) -> None:
    """Show a run that was made."""
    start = made.expected_start_time
    values = {
        "ID": made.id,
        "Deployment": called,
        "Start": moment(start) if start is not None and start > now() else "now",
        "Parameters": bytes(made.parameters).decode(),
        "Job variables": bytes(made.job_variables or b"{}").decode().replace("{}", ""),
        "Tags": ", ".join(made.tags),
    }
    show(details_table(f"Flow run '{made.name}'", values))
