"""`lictor flow-run`: looks at flow runs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import click

from lictor.cli.asking import UUIDText, ask
from lictor.cli.listing import output
from lictor.kit.clock import now
from lictor.kit.json import encode
from lictor.wire import filters
from lictor.wire.operations import flow, log
from lictor.wire.operations import flow_run as operations
from lictor.wire.types.flow import Flow
from lictor.wire.types.flow_run import FlowRun, FlowRunSort
from lictor.wire.types.log import Log, LogSort
from lictor.wire.types.state import StateType

if TYPE_CHECKING:
    from rich.table import Table

PAGE = 200
WIDTHS = {"ID": 36, "State": 9, "When": 7, "Took": 5}
COLOURS = {
    StateType.COMPLETED: "green",
    StateType.FAILED: "red",
    StateType.CRASHED: "red",
    StateType.RUNNING: "blue",
    StateType.CANCELLED: "yellow",
    StateType.CANCELLING: "yellow",
}
LEVELS = {10: "DEBUG", 20: "INFO", 30: "WARNING", 40: "ERROR", 50: "CRITICAL"}
UNITS = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))

run_id = click.argument("id", type=UUIDText())


@click.group()
def flow_run() -> None:
    """Look at flow runs."""


@flow_run.command()
@click.option("--limit", type=click.IntRange(1, PAGE), default=15, show_default=True, help="How many, newest first.")
@click.option("--flow-name", multiple=True, help="Only runs of this flow (repeatable).")
@click.option(
    "--state",
    multiple=True,
    help="Only runs in this state: a type such as FAILED, or a name such as Late (repeatable).",
)
@output
def ls(limit: int, flow_name: tuple[str, ...], state: tuple[str, ...], output: str) -> None:
    """List flow runs, newest first.

    Example: lictor flow-run ls --state FAILED --limit 5
    """
    wanted = filters.FlowRunFilter(state=state_filter(state)) if state else None
    named = filters.FlowFilter(name=filters.FlowFilterName(any_=list(flow_name))) if flow_name else None
    body = operations.ReadFlowRuns(
        flow_runs=wanted, flows=named, limit=limit, sort=FlowRunSort.EXPECTED_START_TIME_DESC
    )
    runs = ask(operations.FILTER(body))
    if output == "json":
        click.echo(encode(runs))
    elif runs:
        show(runs_table(runs, flows_of(runs)))
    else:
        click.echo("No flow runs match.")


@flow_run.command()
@run_id
@output
def inspect(id: UUID, output: str) -> None:  # noqa: A002  # the argument's name
    """Show everything about a flow run.

    Example: lictor flow-run inspect 01a214fb-6656-754d-8ad2-d76a8109659d
    """
    run = ask(operations.READ(id=id), f"The flow run {id} does not exist")
    if output == "json":
        click.echo(encode(run))
    else:
        show(details_table(run, flows_of([run])))


@flow_run.command()
@run_id
@click.option("--limit", "-n", type=click.IntRange(1), help="How many lines.  [default: all]")
@click.option("--tail", is_flag=True, help="The last lines in place of the first.")
@output
def logs(id: UUID, limit: int | None, tail: bool, output: str) -> None:  # noqa: A002  # the argument's name
    """Print a flow run's log, those of its task runs included.

    Example: lictor flow-run logs 01a214fb-6656-754d-8ad2-d76a8109659d --tail -n 20
    """
    ask(operations.READ(id=id), f"The flow run {id} does not exist")
    lines = read_lines(id, limit, tail)
    if output == "json":
        click.echo(encode(lines))
        return
    for line in lines:
        moment = line.timestamp.astimezone().strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
        click.echo(f"{moment} | {LEVELS.get(line.level, str(line.level)):<7} | {line.message}")


def state_filter(states: tuple[str, ...]) -> filters.FlowRunFilterState:
    """Return the filter of states given by type or by name."""
    types = [StateType(each.upper()) for each in states if each.upper() in StateType.__members__]
    names = [each for each in states if each.upper() not in StateType.__members__]
    return filters.FlowRunFilterState(
        operator="or_",
        type=filters.FlowRunFilterStateType(any_=types) if types else None,
        name=filters.FlowRunFilterStateName(any_=names) if names else None,
    )


def flows_of(runs: list[FlowRun]) -> dict[UUID, Flow]:
    """Return the flows of runs by their ids."""
    wanted = filters.FlowFilter(id=filters.FlowFilterId(any_=list({run.flow_id for run in runs})))
    return {each.id: each for each in ask(flow.FILTER(flow.ReadFlows(flows=wanted)))}


def read_lines(flow_run_id: UUID, limit: int | None, tail: bool) -> list[Log]:
    """Return log lines of a run, oldest first, page by page."""
    wanted = filters.LogFilter(flow_run_id=filters.LogFilterFlowRunId(any_=[flow_run_id]))
    sort = LogSort.TIMESTAMP_DESC if tail else LogSort.TIMESTAMP_ASC
    lines: list[Log] = []
    while limit is None or len(lines) < limit:
        size = PAGE if limit is None else min(PAGE, limit - len(lines))
        page = ask(log.FILTER(log.ReadLogs(logs=wanted, sort=sort, limit=size, offset=len(lines))))
        lines += page
        if len(page) < size:
            break
    return lines[::-1] if tail else lines


def show(shown: Table) -> None:
    """Print a table."""
    from rich.console import Console  # noqa: PLC0415  # only tables need it

    Console().print(shown)


def runs_table(runs: list[FlowRun], flows: dict[UUID, Flow]) -> Table:
    """Return runs as a table."""
    from rich import box  # noqa: PLC0415  # see show
    from rich.table import Table  # noqa: PLC0415  # see show

    shown = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for title in ("ID", "Flow", "Name", "State", "When", "Took"):
        shown.add_column(title, no_wrap=title in WIDTHS, min_width=WIDTHS.get(title), overflow="ellipsis")
    for run in runs:
        name = flows[run.flow_id].name if run.flow_id in flows else str(run.flow_id)
        colour = COLOURS.get(run.state_type) if run.state_type else None
        state = f"[{colour}]{run.state_name}[/]" if colour else str(run.state_name)
        shown.add_row(str(run.id), name, run.name, state, ago(run.start_time or run.expected_start_time), took(run))
    return shown


def details_table(run: FlowRun, flows: dict[UUID, Flow]) -> Table:
    """Return a run as a table of its fields."""
    from rich import box  # noqa: PLC0415  # see show
    from rich.table import Table  # noqa: PLC0415  # see show

    shown = Table("Field", "Value", title=f"Flow run '{run.name}'", show_header=False, box=box.SIMPLE)
    found = flows.get(run.flow_id)
    values = {
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
        "took": took(run),
        "run count": run.run_count,
        "parent task run": run.parent_task_run_id,
        "deployment": run.deployment_id,
        "version": run.flow_version,
        "process": run.infrastructure_pid,
    }
    for name, value in values.items():
        if value not in (None, ""):
            shown.add_row(name, str(value))
    return shown


def moment(when: datetime | None) -> str | None:
    """Return a time as people read it, in their own zone."""
    return None if when is None else when.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")


def ago(when: datetime | None) -> str:
    """Return how long ago a time was, or how far ahead it lies."""
    if when is None:
        return ""
    seconds = (now() - when).total_seconds()
    size, unit = next((each for each in UNITS if abs(seconds) >= each[0]), UNITS[-1])
    count = int(abs(seconds) // size)
    return f"{count}{unit} ago" if seconds >= 0 else f"in {count}{unit}"


def took(run: FlowRun) -> str:
    """Return how long a run has run."""
    seconds = run.estimated_run_time
    return f"{seconds:.2f}s" if seconds < 60 else f"{int(seconds // 60)}m {int(seconds % 60)}s"
