"""`lictor task-run`: looks at task runs."""

from __future__ import annotations

from uuid import UUID

import click

from lictor.cli import run_log
from lictor.cli.asking import UUIDText, ask
from lictor.cli.browser import open_page, web_option
from lictor.cli.listing import output, print_json
from lictor.cli.run_state import names, state_options
from lictor.cli.run_table import ago, details_table, list_table, moment, show, state_text, took
from lictor.wire import filters
from lictor.wire.filters import task_run as parts
from lictor.wire.operations import task_run as operations
from lictor.wire.types.state import FINAL
from lictor.wire.types.task_run import TaskRun, TaskRunSort

PAGE = 200

which = click.argument("run_id", metavar="ID", type=UUIDText("task-run"))


@click.group()
def task_run() -> None:
    """Look at task runs."""


@task_run.command()
@click.option("--limit", type=click.IntRange(1, PAGE), default=15, show_default=True, help="How many, newest first.")
@click.option("--task-run-name", multiple=True, help="Only task runs of this name (repeatable).")
@click.option("--flow-run-id", type=UUIDText(), multiple=True, help="Only task runs of this flow run (repeatable).")
@state_options
@output
def ls(  # one for each option
    limit: int,
    task_run_name: tuple[str, ...],
    flow_run_id: tuple[UUID, ...],
    state: tuple[str, ...],
    state_type: tuple[str, ...],
    output: str,
) -> None:
    """List task runs, newest first.

    Example: lictor task-run ls --state FAILED --limit 5
    """
    operator, types, called = names(state, state_type)
    wanted = filters.TaskRunFilter(
        name=parts.TaskRunFilterName(any_=list(task_run_name)) if task_run_name else None,
        state=parts.TaskRunFilterState(
            operator=operator,
            type=parts.TaskRunFilterStateType(any_=types) if types else None,
            name=parts.TaskRunFilterStateName(any_=called) if called else None,
        )
        if types or called
        else None,
    )
    of = filters.FlowRunFilter(id=filters.FlowRunFilterId(any_=list(flow_run_id))) if flow_run_id else None
    sort = TaskRunSort.EXPECTED_START_TIME_DESC
    found = ask(operations.FILTER(operations.ReadTaskRuns(task_runs=wanted, flow_runs=of, limit=limit, sort=sort)))
    if output == "json":
        print_json(found)
    elif found:
        rows = [
            (
                str(run.id),
                run.name,
                state_text(run.state_name, run.state_type),
                ago(run.start_time or run.expected_start_time),
                took(run.estimated_run_time),
            )
            for run in found
        ]
        show(list_table(("ID", "Name", "State", "When", "Took"), rows))
    else:
        click.echo("No task runs match.")


@task_run.command()
@which
@web_option
@output
def inspect(run_id: UUID, web: bool, output: str) -> None:
    """Show everything about a task run; its page is that of its flow run.

    Example: lictor task-run inspect 01a214fb-6656-754d-8ad2-d76a8109659d
    """
    run = find(run_id)
    if web:
        of_flow_run = f"flow-run/{run.flow_run_id}?task={run_id}"
        open_page(f"/runs/{of_flow_run if run.flow_run_id else f'task-run/{run_id}'}", output)
    elif output == "json":
        print_json(run)
    else:
        show(details_table(f"Task run '{run.name}'", details(run)))


@task_run.command()
@which
@run_log.log_options
@click.option("--follow", is_flag=True, help="Go on printing lines as they come, until the task run has ended.")
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
    """Print a task run's log.

    Example: lictor task-run logs 01a214fb-6656-754d-8ad2-d76a8109659d --tail
    """
    part = run_log.part_of(head, tail, num_logs, reverse, follow)
    find(run_id)
    wanted = run_log.of_task_run(run_id)
    if follow:
        run_log.follow_log(wanted, part, output, lambda: find(run_id).state_type in FINAL)
    else:
        run_log.print_log(wanted, part, output)


def find(run_id: UUID) -> TaskRun:
    """Return a task run."""
    return ask(operations.READ(id=run_id), f"The task run {run_id} does not exist")


def details(run: TaskRun) -> dict[str, object]:
    """Return a run's fields as they are shown."""
    return {
        "id": run.id,
        "flow run": run.flow_run_id,
        "state": f"{run.state_name} ({run.state_type})",
        "message": run.state.message if run.state else None,
        "task": run.task_key,
        "tags": ", ".join(run.tags),
        "created": moment(run.created),
        "start": moment(run.start_time),
        "end": moment(run.end_time),
        "took": took(run.estimated_run_time),
        "run count": run.run_count,
        "cache key": run.cache_key,
        "version": run.task_version,
    }
