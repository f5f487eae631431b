"""`lictor work-pool`: where runs of deployments wait for workers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import msgspec
from msgspec.json import format as indented

from lictor.cli.asking import ask, ask_all
from lictor.cli.confirming import confirm, yes_option
from lictor.cli.listing import output, print_json, report
from lictor.cli.run_table import ago, details_table, in_words, list_table, moment, show
from lictor.kit.clock import now
from lictor.wire.filters import WorkPoolFilter, WorkPoolFilterName
from lictor.wire.operations import collection as collections
from lictor.wire.operations import work_pool as operations
from lictor.wire.operations import worker as workers
from lictor.wire.types.flow_run import FlowRunFields, FlowRunSlotSummary
from lictor.wire.types.work_pool import WorkPool, WorkPoolCreate, WorkPoolUpdate

name = click.argument("name")
template = click.option(
    "--base-job-template", "template", type=click.Path(path_type=Path), help="A JSON file with the pool's template."
)
hours = click.option(
    "--hours", "-h", type=click.IntRange(1), default=1, show_default=True, help="How far to look ahead."
)


@click.group()
def work_pool() -> None:
    """Keep work pools, in which runs wait for workers."""


@work_pool.command()
@name
@click.option("--type", "-t", "kind", default="process", show_default=True, help="What its workers start runs in.")
@template
@click.option("--paused", is_flag=True, help="Let no run of it start yet.")
@click.option("--overwrite", is_flag=True, help="Change the pool that has this name already.")
@output
def create(name: str, kind: str, template: Path | None, paused: bool, overwrite: bool, output: str) -> None:
    """Make a work pool; without a template it gets the usual one of its type, or of the first worker that comes.

    Example: lictor work-pool create machines --type process
    """
    given = None if template is None else read_template(template)
    sought = WorkPoolFilter(name=WorkPoolFilterName(any_=[name]))
    if overwrite and ask(operations.FILTER(operations.ReadWorkPools(work_pools=sought))):
        ask(operations.UPDATE(WorkPoolUpdate(is_paused=paused, base_job_template=given or msgspec.UNSET), name=name))
        report(output, lambda: find(name), f"Work pool '{name}' is changed.")
        return
    usual = usual_templates().get(kind, {}) if given is None else given
    made = ask(operations.CREATE(WorkPoolCreate(name=name, type=kind, base_job_template=usual, is_paused=paused)))
    report(output, made, f"Work pool '{name}' waits for a worker of type {kind}.")


def usual_templates() -> dict[str, dict[str, Any]]:
    """Return the usual templates by the type of pool, as the server's catalogue has them."""
    found = ask(collections.VIEW(view="aggregate-worker-metadata"))
    return {
        kind: said["default_base_job_configuration"] for package in found.values() for kind, said in package.items()
    }


@work_pool.command("get-default-base-job-template")
@click.option("--type", "-t", "kind", required=True, help="The type of pool.")
@click.option("--file", "-f", "path", type=click.Path(path_type=Path), help="Write it there instead of printing it.")
@output
def usual_template(kind: str, path: Path | None, output: str) -> None:
    """Print the usual template of a type of pool as JSON, to change it and give it to a pool.

    Example: lictor work-pool get-default-base-job-template --type process --file template.json
    """
    known = usual_templates()
    if kind not in known:
        raise click.ClickException(f"No template of type '{kind}' is known; there are: {', '.join(sorted(known))}.")
    text = json.dumps(known[kind], indent=2)
    if path is None:
        click.echo(text)
        return
    try:
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}; name a file that can be written.") from None
    report(output, {"file": str(path)}, f"The template is in {path}.")


def read_template(path: Path) -> dict[str, Any]:
    """Return the template in a file."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}; name a JSON file.") from None
    except msgspec.DecodeError as error:
        raise click.ClickException(f"{path} has no JSON object: {error}.") from None
    return found


@work_pool.command()
@click.option("--verbose", "-v", is_flag=True, help="Show what their workers start runs with, too.")
@output
def ls(verbose: bool, output: str) -> None:
    """List work pools, by name.

    Example: lictor work-pool ls
    """
    found = ask_all(lambda offset: operations.FILTER(operations.ReadWorkPools(offset=offset)))
    if output == "json":
        print_json(found)
    elif found:
        titles = ["Name", "Type", "Status", "Limit", "ID", *(["Template"] if verbose else [])]
        show(list_table(titles, [row(each, verbose) for each in found]))
    else:
        click.echo("There are no work pools yet: make one with `lictor work-pool create NAME`.")


def row(pool: WorkPool, verbose: bool) -> list[str]:
    """Return a pool as a row."""
    more = [bytes(pool.base_job_template).decode()] if verbose else []
    return [pool.name, pool.type, status(pool), limit_text(pool.concurrency_limit), str(pool.id), *more]


def status(pool: WorkPool) -> str:
    """Return whether a pool's runs start, in words."""
    return "paused" if pool.is_paused else in_words(pool.status)


def limit_text(limit: int | None) -> str:
    """Return a limit in words."""
    return "none" if limit is None else str(limit)


@work_pool.command()
@name
@output
def inspect(name: str, output: str) -> None:
    """Show a work pool, and its workers.

    Example: lictor work-pool inspect machines
    """
    pool = find(name)
    if output == "json":
        print_json(pool)
        return
    values = {
        "ID": pool.id,
        "Type": pool.type,
        "Status": status(pool),
        "Limit": limit_text(pool.concurrency_limit),
        "Slots in use": pool.active_slots,
        "Description": pool.description,
        "Created": moment(pool.created),
        "Template": indented(bytes(pool.base_job_template)).decode(),
    }
    show(details_table(f"Work pool '{name}'", values))
    found = ask(workers.FILTER(workers.ReadWorkers(), work_pool_name=name))
    if found:
        rows = [[each.name, each.status.lower(), ago(each.last_heartbeat_time)] for each in found]
        show(list_table(("Worker", "Status", "Sign of life"), rows))
    else:
        click.echo("No worker has served this pool yet.")


@work_pool.command()
@name
@output
def pause(name: str, output: str) -> None:
    """Let no more runs of a work pool start.

    Example: lictor work-pool pause machines
    """
    ask(operations.UPDATE(WorkPoolUpdate(is_paused=True), name=name), missing(name))
    report(output, lambda: find(name), f"Work pool '{name}' is paused.")


@work_pool.command()
@name
@output
def resume(name: str, output: str) -> None:
    """Let runs of a work pool start again.

    Example: lictor work-pool resume machines
    """
    ask(operations.UPDATE(WorkPoolUpdate(is_paused=False), name=name), missing(name))
    report(output, lambda: find(name), f"Work pool '{name}' goes on.")


@work_pool.command()
@name
@template
@click.option("--concurrency-limit", type=click.IntRange(0), help="How many of its runs may go on at once.")
@click.option("--description", help="What it is for.")
@output
def update(
    name: str, template: Path | None, concurrency_limit: int | None, description: str | None, output: str
) -> None:
    """Change a work pool; what is not given stays.

    Example: lictor work-pool update machines --description "The build machines"
    """
    body = WorkPoolUpdate(
        base_job_template=msgspec.UNSET if template is None else read_template(template),
        concurrency_limit=msgspec.UNSET if concurrency_limit is None else concurrency_limit,
        description=msgspec.UNSET if description is None else description,
    )
    if body == WorkPoolUpdate():
        raise click.UsageError("Say what to change: --base-job-template, --concurrency-limit or --description.")
    ask(operations.UPDATE(body, name=name), missing(name))
    report(output, lambda: find(name), f"Work pool '{name}' is changed.")


@work_pool.command()
@name
@yes_option
@output
def delete(name: str, yes: bool, output: str) -> None:
    """Delete a work pool with its queues; its runs stay, and belong to no pool.

    Example: lictor work-pool delete machines --yes
    """
    confirm(f"Delete work pool '{name}'?", yes)
    ask(operations.DELETE(name=name), missing(name))
    report(output, {"deleted": [{"name": name}]}, f"Work pool '{name}' is deleted.")


@work_pool.command("set-concurrency-limit")
@name
@click.argument("limit", type=click.IntRange(0))
@output
def set_limit(name: str, limit: int, output: str) -> None:
    """Limit how many runs of a work pool go on at once.

    Example: lictor work-pool set-concurrency-limit machines 5
    """
    ask(operations.UPDATE(WorkPoolUpdate(concurrency_limit=limit), name=name), missing(name))
    report(output, lambda: find(name), f"Of work pool '{name}' at most {limit} runs go on at once.")


@work_pool.command("clear-concurrency-limit")
@name
@output
def clear_limit(name: str, output: str) -> None:
    """Let any number of runs of a work pool go on at once.

    Example: lictor work-pool clear-concurrency-limit machines
    """
    ask(operations.UPDATE(WorkPoolUpdate(concurrency_limit=None), name=name), missing(name))
    report(output, lambda: find(name), f"Work pool '{name}' has no limit any more.")


@work_pool.command()
@name
@hours
@output
def preview(name: str, hours: int, output: str) -> None:
    """List the runs that a work pool's workers start next, in that order; asking counts as a worker's question.

    Example: lictor work-pool preview machines --hours 12
    """
    body = operations.GetScheduledFlowRuns(scheduled_before=now() + timedelta(hours=hours))
    found = ask(operations.GET_SCHEDULED_FLOW_RUNS(body, name=name), missing(name))
    print_runs([each.flow_run for each in found], hours, output)


def print_runs(runs: Sequence[FlowRunFields], hours: int, output: str) -> None:
    """Print runs that wait."""
    if output == "json":
        print_json(list(runs))
    elif runs:
        rows = [[str(run.id), run.name, run.work_queue_name or "", ago(run.next_scheduled_start_time)] for run in runs]
        show(list_table(("ID", "Name", "Queue", "Due"), rows))
    else:
        click.echo(f"No run may start within {hours} h; look further ahead with --hours, or at limits and pauses.")


@work_pool.command()
@name
@output
def slots(name: str, output: str) -> None:
    """Show which runs hold slots of a work pool, queue by queue.

    Example: lictor work-pool slots machines
    """
    found = ask(operations.CONCURRENCY_STATUS(operations.ReadWorkPoolConcurrency(), name=name), missing(name))
    if output == "json":
        print_json(found)
        return
    click.echo(f"{found.active_slots} slots are in use; the limit is {limit_text(found.concurrency_limit)}.")
    for queue in found.queues:
        click.echo(f"Queue '{queue.queue_name}': {queue.active_slots}, limit {limit_text(queue.concurrency_limit)}.")
        print_holders(queue.flow_runs)


def print_holders(runs: list[FlowRunSlotSummary]) -> None:
    """Print runs that hold slots."""
    if runs:
        rows = [[str(run.id), run.name, run.state_name or "", ago(run.state_timestamp)] for run in runs]
        show(list_table(("ID", "Name", "State", "Since"), rows))


def find(name: str) -> WorkPool:
    """Return a work pool."""
    return ask(operations.READ(name=name), missing(name))


def missing(name: str) -> str:
    """Say that there is no pool with a name."""
    return f"Work pool '{name}' does not exist"
