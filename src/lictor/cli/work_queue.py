"""`lictor work-queue`: the order in which a work pool's runs are handed to workers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import click

from lictor.cli.asking import ask, ask_all
from lictor.cli.confirming import confirm, yes_option
from lictor.cli.listing import output, print_json, report
from lictor.cli.run_table import details_table, in_words, list_table, moment, show
from lictor.cli.work_pool import hours, limit_text, missing, print_holders, print_runs
from lictor.kit.clock import now
from lictor.wire.filters import WorkQueueFilter, WorkQueueFilterName
from lictor.wire.operation import Call
from lictor.wire.operations import work_queue as operations
from lictor.wire.types.work_queue import WorkQueue, WorkQueueCreate, WorkQueueUpdate

F = TypeVar("F", bound=Callable[..., Any])

pool_option = click.option("--pool", "-p", help="The work pool that the queue belongs to; without it that for agents.")


def queue_and_pool(command: F) -> F:
    """Let a command take a queue, by its name or id, and its pool."""
    return click.argument("name")(pool_option(command))


def found(name: str, pool: str | None) -> WorkQueue:
    """Return the queue that a command names."""
    try:
        return ask(operations.READ(id=UUID(name)), f"Work queue {name} does not exist")
    except ValueError:
        pass
    if pool is None:
        return ask(operations.READ_BY_NAME(name=name), f"Work queue '{name}' does not exist in the pool for agents")
    no_queue = f"Work queue '{name}' of work pool '{pool}' does not exist"
    return ask(operations.READ_IN_POOL(work_pool_name=pool, name=name), no_queue)


@click.group()
def work_queue() -> None:
    """Keep work queues, which say in what order runs of a pool start."""


@work_queue.command()
@click.argument("name")
@click.option("--limit", "-l", type=click.IntRange(0), help="How many of its runs may go on at once.")
@pool_option
@click.option("--priority", "-q", type=click.IntRange(1), help="1 comes first; without it the queue comes last.")
@output
def create(name: str, limit: int | None, pool: str | None, priority: int | None, output: str) -> None:
    """Make a work queue.

    Example: lictor work-queue create urgent --pool machines --priority 1
    """
    body = WorkQueueCreate(name=name, concurrency_limit=limit, priority=priority)
    if pool is None:
        made = ask(operations.CREATE(body))
    else:
        made = ask(operations.CREATE_IN_POOL(body, work_pool_name=pool), missing(pool))
    report(output, made, f"Work queue '{name}' of work pool '{made.work_pool_name}' has priority {made.priority}.")


@work_queue.command()
@click.option("--pool", "-p", help="The work pool whose queues to list; without it those of all.")
@click.option("--match", "-m", "prefix", help="List only queues whose names begin so.")
@click.option("--verbose", "-v", is_flag=True, help="Show their descriptions, too.")
@output
def ls(pool: str | None, prefix: str | None, verbose: bool, output: str) -> None:
    """List work queues: those of a pool by priority, those of all by name.

    Example: lictor work-queue ls --pool machines
    """
    sought = None if prefix is None else WorkQueueFilter(name=WorkQueueFilterName(startswith_=[prefix]))
    queues = ask_all(
        lambda offset: listing(operations.ReadWorkQueues(work_queues=sought, offset=offset), pool), missing(str(pool))
    )
    if output == "json":
        print_json(queues)
    elif queues:
        titles = ["Name", "Pool", "Priority", "Status", "Limit", "ID", *(["Description"] if verbose else [])]
        show(list_table(titles, [row(each, verbose) for each in queues], () if verbose else ("ID",)))
    else:
        click.echo("There are no such work queues.")


def listing(body: operations.ReadWorkQueues, pool: str | None) -> Call[list[WorkQueue]]:
    """Return the call that lists work queues of a pool, or of all."""
    return operations.FILTER(body) if pool is None else operations.FILTER_IN_POOL(body, work_pool_name=pool)


def row(queue: WorkQueue, verbose: bool) -> list[str]:
    """Return a queue as a row."""
    limit, pool = limit_text(queue.concurrency_limit), queue.work_pool_name or ""
    more = [queue.description or ""] if verbose else []
    return [queue.name, pool, str(queue.priority), in_words(queue.status), limit, str(queue.id), *more]


@work_queue.command()
@queue_and_pool
@output
def inspect(name: str, pool: str | None, output: str) -> None:
    """Show a work queue, and whether it is healthy.

    Example: lictor work-queue inspect urgent --pool machines
    """
    queue = found(name, pool)
    if output == "json":
        print_json(queue)
        return
    health = ask(operations.STATUS(id=queue.id))
    values = {
        "ID": queue.id,
        "Pool": queue.work_pool_name,
        "Priority": queue.priority,
        "Status": in_words(queue.status),
        "Limit": limit_text(queue.concurrency_limit),
        "Slots in use": queue.active_slots,
        "Description": queue.description,
        "Last asked for work": moment(queue.last_polled) or "never",
        "Late runs": health.late_runs_count,
        "Healthy": "yes" if health.healthy else "no",
    }
    show(details_table(f"Work queue '{queue.name}'", values))


def change(output: str, said: str, name: str, pool: str | None, **fields: Any) -> None:
    """Change a queue and print that; `said` is the sentence, with {} for the queue's name."""
    queue = found(name, pool)
    ask(operations.UPDATE(WorkQueueUpdate(**fields), id=queue.id))
    report(output, lambda: found(str(queue.id), pool), said.format(f"'{queue.name}'"))


@work_queue.command()
@queue_and_pool
@output
def pause(name: str, pool: str | None, output: str) -> None:
    """Hand out no more runs of a work queue.

    Example: lictor work-queue pause urgent --pool machines
    """
    change(output, "Work queue {} is paused.", name, pool, is_paused=True)


@work_queue.command()
@queue_and_pool
@output
def resume(name: str, pool: str | None, output: str) -> None:
    """Hand out runs of a work queue again.

    Example: lictor work-queue resume urgent --pool machines
    """
    change(output, "Work queue {} goes on.", name, pool, is_paused=False)


@work_queue.command("set-concurrency-limit")
@click.argument("name")
@click.argument("limit", type=click.IntRange(0))
@pool_option
@output
def set_limit(name: str, limit: int, pool: str | None, output: str) -> None:
    """Limit how many runs of a work queue go on at once.

    Example: lictor work-queue set-concurrency-limit urgent 2 --pool machines
    """
    change(output, f"Of work queue {{}} at most {limit} runs go on at once.", name, pool, concurrency_limit=limit)


@work_queue.command("clear-concurrency-limit")
@queue_and_pool
@output
def clear_limit(name: str, pool: str | None, output: str) -> None:
    """Let any number of runs of a work queue go on at once.

    Example: lictor work-queue clear-concurrency-limit urgent --pool machines
    """
    change(output, "Work queue {} has no limit any more.", name, pool, concurrency_limit=None)


@work_queue.command()
@queue_and_pool
@hours
@output
def preview(name: str, pool: str | None, hours: int, output: str) -> None:
    """List the runs of a work queue that may start next; asking counts as a worker's question.

    Example: lictor work-queue preview urgent --pool machines --hours 12
    """
    runs(name, pool, hours, output)


@work_queue.command("read-runs")
@queue_and_pool
@output
def read_runs(name: str, pool: str | None, output: str) -> None:
    """List the runs of a work queue that may start, as a worker would.

    Example: lictor work-queue read-runs urgent --pool machines
    """
    runs(name, pool, 0, output)


def runs(name: str, pool: str | None, hours: int, output: str) -> None:
    """Print the runs of a queue that may start within some hours."""
    body = operations.ReadWorkQueueRuns(scheduled_before=now() + timedelta(hours=hours))
    waiting = ask(operations.GET_RUNS(body, id=found(name, pool).id))
    print_runs(waiting, hours, output)


@work_queue.command()
@queue_and_pool
@output
def slots(name: str, pool: str | None, output: str) -> None:
    """Show which runs hold slots of a work queue.

    Example: lictor work-queue slots urgent --pool machines
    """
    status = ask(operations.CONCURRENCY_STATUS(operations.ReadWorkQueueConcurrency(), id=found(name, pool).id))
    if output == "json":
        print_json(status)
        return
    click.echo(f"{status.active_slots} slots are in use; the limit is {limit_text(status.concurrency_limit)}.")
    print_holders(status.flow_runs)


@work_queue.command()
@queue_and_pool
@yes_option
@output
def delete(name: str, pool: str | None, yes: bool, output: str) -> None:
    """Delete a work queue; its runs stay, and belong to none.

    Example: lictor work-queue delete urgent --pool machines --yes
    """
    queue = found(name, pool)
    confirm(f"Delete work queue '{queue.name}'?", yes)
    ask(operations.DELETE(id=queue.id))
    report(output, {"deleted": [{"id": queue.id, "name": queue.name}]}, f"Work queue '{queue.name}' is deleted.")
