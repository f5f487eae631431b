"""`lictor flow-run`: looks at flow runs, and cancels, retries and deletes them."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, NoReturn
from uuid import UUID

import click
from msgspec import structs

from lictor.cli import run_log
from lictor.cli.asking import UUIDText, ask
from lictor.cli.browser import open_page, web_option
from lictor.cli.confirming import confirm, yes_option
from lictor.cli.flow import flows_of
from lictor.cli.listing import aside, output, print_json, report
from lictor.cli.progress import Progress
from lictor.cli.run_state import name_of, names, state_options
from lictor.cli.run_table import ago, details_table, list_table, moment, show, state_text, took
from lictor.kit.clock import now
from lictor.kit.json import decode_any, encode
from lictor.sdk.run_environment import RUN_ID, take_claim
from lictor.wire import filters
from lictor.wire.operations import deployment, flow_run_why, work_pool
from lictor.wire.operations import flow_run as operations
from lictor.wire.types.flow import Flow
from lictor.wire.types.flow_run import FlowRun, FlowRunSort
from lictor.wire.types.flow_run_why import FlowRunWhy
from lictor.wire.types.state import FINAL, SetState, StateCreate, StateType

if TYPE_CHECKING:
    from rich.text import Text

PAGE = 200
FEW = 5
POLL_SECONDS = 0.5

which = click.argument("run_id", metavar="ID", type=UUIDText())


@click.group()
def flow_run() -> None:
    """Look at flow runs, and cancel, retry and delete them."""


@flow_run.command()
@click.option("--limit", type=click.IntRange(1, PAGE), default=15, show_default=True, help="How many, newest first.")
@click.option("--flow-name", multiple=True, help="Only runs of this flow (repeatable).")
@click.option("--tag", multiple=True, help="Only those with this tag; of several they have all (repeatable).")
@state_options
@output
def ls(
    limit: int,
    flow_name: tuple[str, ...],
    tag: tuple[str, ...],
    state: tuple[str, ...],
    state_type: tuple[str, ...],
    output: str,
) -> None:
    """List flow runs, newest first.

    \b
    Example: lictor flow-run ls --state FAILED --limit 5
             lictor flow-run ls --tag nightly
    """
    named = filters.FlowFilter(name=filters.FlowFilterName(any_=list(flow_name))) if flow_name else None
    wanted = state_filter(state, state_type)
    if tag:
        wanted = structs.replace(wanted or filters.FlowRunFilter(), tags=filters.FlowRunFilterTags(all_=list(tag)))
    body = operations.ReadFlowRuns(
        flow_runs=wanted, flows=named, limit=limit, sort=FlowRunSort.EXPECTED_START_TIME_DESC
    )
    runs = ask(operations.FILTER(body))
    if output == "json":
        print_json(runs)
    elif runs:
        flows = flows_of(run.flow_id for run in runs)
        show(list_table(("ID", "Flow", "Name", "State", "When", "Took"), [row(run, flows) for run in runs], ("Took",)))
    else:
        click.echo("No flow runs match.")


@flow_run.command()
@which
@web_option
@output
def inspect(run_id: UUID, web: bool, output: str) -> None:
    """Show everything about a flow run.

    Example: lictor flow-run inspect 01a214fb-6656-754d-8ad2-d76a8109659d
    """
    run = find(run_id)
    if web:
        open_page(f"/runs/flow-run/{run_id}", output)
    elif output == "json":
        print_json(run)
    else:
        show(details_table(f"Flow run '{run.name}'", details(run, flows_of([run.flow_id]))))


@flow_run.command()
@which
@output
def why(run_id: UUID, output: str) -> None:
    """Say why a flow run does not run.

    Example: lictor flow-run why 01a214fb-6656-754d-8ad2-d76a8109659d
    """
    found = ask(flow_run_why.READ(id=run_id), missing(run_id))
    if output == "json":
        print_json(found)
        return
    tell(found)


def tell(why: FlowRunWhy) -> None:
    """Print why a flow run does not run."""
    for cause in why.causes:
        click.echo(cause.message)


@flow_run.command()
@which
@run_log.log_options
@click.option("--follow", is_flag=True, help="Go on printing lines as they come, until the run has ended.")
@output
def logs(  # one for each option
    run_id: UUID,
    head: bool,
    tail: bool,
    num_logs: int | None,
    reverse: bool,
    follow: bool,
    output: str,
) -> None:
    """Print a flow run's log, those of its task runs included.

    Example: lictor flow-run logs 01a214fb-6656-754d-8ad2-d76a8109659d --tail -n 5

    Example: lictor flow-run logs 01a214fb-6656-754d-8ad2-d76a8109659d --follow
    """
    part = run_log.part_of(head, tail, num_logs, reverse, follow)
    find(run_id)
    wanted = run_log.of_flow_run(run_id)
    if follow:
        run_log.follow_log(wanted, part, output, lambda: find(run_id).state_type in FINAL)
    else:
        run_log.print_log(wanted, part, output)


@flow_run.command()
@which
@click.option("--timeout", type=click.FloatRange(0), help="Give up after so many seconds.  [default: never]")
@output
def watch(run_id: UUID, timeout: float | None, output: str) -> None:
    """Watch a flow run until it ends, and tell each state it enters; a terminal shows how far its tasks are.

    Exit code 0 if it completed, 1 if it ended otherwise or did not end in time. As JSON each state is a line, with the
    flow run as it is then.

    Example: lictor flow-run watch 01a214fb-6656-754d-8ad2-d76a8109659d --timeout 600
    """
    follow(run_id, timeout, output)


def follow(run_id: UUID, timeout: float | None, output: str, pause: float = POLL_SECONDS) -> NoReturn:
    """Tell each state that a flow run enters until it ends, and end with the exit code that says how it ended."""
    deadline = None if timeout is None else time.monotonic() + timeout
    run, told, progress = find(run_id), None, Progress(run_id)
    while True:
        if run.state is not None and run.state.id != told:
            told = run.state.id
            progress.clear()
            click.echo(encode(run) if output == "json" else f"{moment(run.state.timestamp)} | {said(run)}")
        if run.state_type in FINAL:
            break
        progress.show()
        left = pause if deadline is None else min(pause, deadline - time.monotonic())
        if left <= 0:
            progress.clear()
            why = "" if run.start_time else f" `lictor flow-run why {run.id}` says why it has not begun."
            raise click.ClickException(f"Flow run '{run.name}' is {run.state_name} after {timeout:g} seconds.{why}")
        time.sleep(left)
        run = find(run_id)
    sys.exit(0 if run.state_type == StateType.COMPLETED else 1)


@flow_run.command()
@which
@output
def cancel(run_id: UUID, output: str) -> None:
    """Cancel a flow run; one that runs is told to stop, one that waits never starts.

    Example: lictor flow-run cancel 01a214fb-6656-754d-8ad2-d76a8109659d
    """
    propose(run_id, StateCreate(type=StateType.CANCELLING), "cancelled", force=False, output=output)


@flow_run.command()
@click.argument("id_or_name")
@click.option("--entrypoint", "-e", metavar="FILE:FUNCTION", help="Where the flow is, to run it here.")
@output
def retry(id_or_name: str, entrypoint: str | None, output: str) -> None:
    """Run a flow run again that has ended: a worker picks it up if it has a deployment, else it runs here.

    A name that several flow runs have is refused: give the id then. Without a deployment, --entrypoint tells where the
    flow is; it runs in this process, and the exit code is 1 if it does not complete.

    \b
    Example: lictor flow-run retry first-run
             lictor flow-run retry snowy-waterfall --entrypoint flows/report.py:report
    """
    from lictor.cli.entrypoint import load_flow  # noqa: PLC0415 - it loads all that flows need

    run = find_by_id_or_name(id_or_name)
    if run.state_type not in FINAL:
        raise click.ClickException(f"Flow run '{run.name}' is {run.state_name}: only runs that have ended are retried.")
    if run.deployment_id is None and entrypoint is None:
        raise click.ClickException(
            f"Flow run '{run.name}' has no deployment, so that no worker would run it: say where its flow is with "
            "--entrypoint path/to/file.py:function, and it runs here."
        )
    with aside(output):
        found = None if entrypoint is None else load_flow(entrypoint)
    state = StateCreate(type=StateType.SCHEDULED, message="Retried from the command line.")
    state.state_details.scheduled_time = now()
    propose(run.id, state, "retried", force=True, output=output if found is None else None)
    if found is not None:
        with aside(output):
            end = found.run_again(find(run.id))
        if output == "json":
            print_json(find(run.id))
        if not end.is_completed():
            sys.exit(1)


@flow_run.command()
@click.argument("run_id", metavar="[ID]", type=UUIDText(), envvar=RUN_ID)
@click.option(
    "--entrypoint", "-e", metavar="FILE:FUNCTION", help="Where the flow is, if not where its deployment says."
)
@output
def execute(run_id: UUID, entrypoint: str | None, output: str) -> None:
    """Run a flow run in this process that waits for it, as the processes do that workers start.

    Without an ID it is the run that PREFECT__FLOW_RUN_ID names. The exit code is 1 if it does not complete.

    Example: lictor flow-run execute 01a214fb-6656-754d-8ad2-d76a8109659d
    """
    from lictor.engine.errors import Aborted  # noqa: PLC0415 - see below
    from lictor.sdk.execution import execute as carry_out  # noqa: PLC0415 - it loads all that flows need

    claim = take_claim(run_id)
    if claim is None and (run := find(run_id)).state_type in FINAL:
        raise click.ClickException(f"Flow run '{run.name}' is {run.state_name}: `lictor flow-run retry` runs it again.")
    try:
        with aside(output):
            end = carry_out(run_id, entrypoint, claim)
    except (Aborted, ValueError) as wrong:
        raise click.ClickException(str(wrong)) from None
    if output == "json":
        print_json(find(run_id))
    if not end.is_completed():
        sys.exit(1)


@flow_run.command("job-variables")
@which
@output
def job_variables(run_id: UUID, output: str) -> None:
    """Show with what a run's job is started, and what says so: its work pool, its deployment or the run itself.

    Example: lictor flow-run job-variables 01a214fb-6656-754d-8ad2-d76a8109659d
    """
    from lictor.sdk.job_configuration import given  # noqa: PLC0415 - few commands need it

    run = find(run_id)
    if run.work_pool_name is None:
        raise click.ClickException(f"Flow run '{run.name}' is in no work pool, so no job variables start it.")
    template = ask(work_pool.READ(name=run.work_pool_name)).base_job_template
    made = None if run.deployment_id is None else ask(deployment.READ(id=run.deployment_id))
    layers = (template, made.job_variables if made else {}, run.job_variables)
    found = given(*(decode_any(encode(each)) or {} for each in layers))
    if output == "json":
        print_json({name: {"value": each.value, "from": each.level} for name, each in sorted(found.items())})
    elif found:
        rows = [[name, each.level, encode(each.value).decode()] for name, each in sorted(found.items())]
        show(list_table(("Job variable", "From", "Value"), rows))
    else:
        click.echo("There are none.")


@flow_run.command()
@which
@yes_option
@output
def delete(run_id: UUID, yes: bool, output: str) -> None:
    """Delete a flow run with its task runs.

    Example: lictor flow-run delete 01a214fb-6656-754d-8ad2-d76a8109659d --yes
    """
    name = find(run_id).name
    confirm(f"Delete flow run '{name}'?", yes)
    ask(operations.DELETE(id=run_id), missing(run_id))
    report(output, {"deleted": [{"id": run_id, "name": name}]}, f"Flow run {run_id} is deleted.")


def missing(run_id: UUID) -> str:
    """Say that there is no such flow run."""
    return f"The flow run {run_id} does not exist"


def find(run_id: UUID) -> FlowRun:
    """Return a flow run."""
    return ask(operations.READ(id=run_id), missing(run_id))


def find_by_id_or_name(text: str) -> FlowRun:
    """Return the only flow run with an id or a name."""
    try:
        return find(UUID(text))
    except ValueError:
        named = filters.FlowRunFilter(name=filters.FlowRunFilterName(any_=[text]))
    found = ask(operations.FILTER(operations.ReadFlowRuns(flow_runs=named, limit=FEW + 1)))
    if not found:
        raise click.ClickException(f"No flow run is named '{text}' on this server.")
    if len(found) > 1:
        ids = ", ".join(str(run.id) for run in found[:FEW])
        raise click.ClickException(f"Several flow runs are named '{text}': give the id of one of them, such as {ids}.")
    return found[0]


def propose(run_id: UUID, state: StateCreate, done: str, *, force: bool, output: str | None) -> None:
    """Propose a state for a flow run; `done` says what for. Print what came of it, unless `output` is None."""
    result = ask(operations.SET_STATE(SetState(state=state, force=force), id=run_id), missing(run_id))
    cancelled = result.status == "REJECT" and result.state is not None and result.state.type == StateType.CANCELLED
    if result.status != "ACCEPT" and not cancelled:  # what waits is cancelled at once, in place of being told to stop
        reason = getattr(result.details, "reason", None)
        raise click.ClickException(f"Flow run {run_id} cannot be {done}: {reason or result.status}")
    if output is not None and result.state is not None:
        name = name_of(result.state.name, result.state.type)
        report(output, lambda: find(run_id), f"Flow run {run_id} is {name} now.")


def said(run: FlowRun) -> str:
    """Return a run's state and its message."""
    message = run.state.message if run.state else None
    return f"{run.state_name}: {message}" if message else str(run.state_name)


def state_filter(state: tuple[str, ...], state_type: tuple[str, ...]) -> filters.FlowRunFilter | None:
    """Return the filter of states given by type or by name."""
    if not state and not state_type:
        return None
    operator, types, called = names(state, state_type)
    wanted = filters.FlowRunFilterState(
        operator=operator,
        type=filters.FlowRunFilterStateType(any_=types) if types else None,
        name=filters.FlowRunFilterStateName(any_=called) if called else None,
    )
    return filters.FlowRunFilter(state=wanted)


def row(run: FlowRun, flows: dict[UUID, Flow]) -> list[str | Text]:
    """Return a run as a row."""
    name = flows[run.flow_id].name if run.flow_id in flows else str(run.flow_id)
    state = state_text(run.state_name, run.state_type)
    return [
        str(run.id),
        name,
        run.name,
        state,
        ago(run.start_time or run.expected_start_time),
        took(run.estimated_run_time),
    ]


def details(run: FlowRun, flows: dict[UUID, Flow]) -> dict[str, object]:
    """Return a run's fields as they are shown."""
    found = flows.get(run.flow_id)
    return {
        "id": run.id,
        "flow": found.name if found else run.flow_id,
        "state": f"{run.state_name} ({run.state_type})",
        "message": run.state.message if run.state else None,
        "parameters": bytes(run.parameters).decode(),
        "tags": ", ".join(run.tags),
        "created": moment(run.created),
        "expected start": moment(run.expected_start_time),
        "start": moment(run.start_time),
        "end": moment(run.end_time),
        "took": took(run.estimated_run_time),
        "run count": run.run_count,
        "parent task run": run.parent_task_run_id,
        "deployment": run.deployment_id,
        "version": run.flow_version,
        "process": run.infrastructure_pid,
    }
