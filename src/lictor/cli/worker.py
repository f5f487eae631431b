"""`lictor worker`: processes that run what waits in work pools."""

from __future__ import annotations

from pathlib import Path

import click

from lictor.cli.asking import ask
from lictor.cli.work_pool import read_template, usual_templates
from lictor.client.errors import ClientError
from lictor.sdk.worker import TYPE, ProcessWorker
from lictor.wire.filters import WorkPoolFilter, WorkPoolFilterName
from lictor.wire.operations import work_pool as operations
from lictor.wire.types.work_pool import WorkPool, WorkPoolCreate


@click.group()
def worker() -> None:
    """Run what waits in work pools."""


@worker.command()
@click.option("--pool", "-p", required=True, metavar="NAME", help="The work pool; it is made if it is not there.")
@click.option(
    "--work-queue", "-q", "queues", multiple=True, metavar="NAME", help="Take runs of this queue alone; repeatable."
)
@click.option("--name", "-n", help="What the worker is called; by default by its machine and process.")
@click.option("--type", "-t", "kind", help=f"The type of worker; there is {TYPE}.")
@click.option("--limit", "-l", type=click.IntRange(1), help="The most runs at once; any number by default.")
@click.option("--prefetch-seconds", type=click.FloatRange(0), help="Begin runs so many seconds before they are due.")
@click.option("--run-once", is_flag=True, help="Run what is due now, to its end.")
@click.option(
    "--base-job-template",
    "template",
    type=click.Path(path_type=Path),
    help="A JSON file with the template of a pool that is made.",
)
@click.option(
    "--create-pool-if-not-found/--no-create-pool-if-not-found",
    "create",
    default=True,
    show_default=True,
    help="Make the pool if it is not there.",
)
def start(  # noqa: PLR0913  # one for each option
    *,
    pool: str,
    queues: tuple[str, ...],
    name: str | None,
    kind: str | None,
    limit: int | None,
    prefetch_seconds: float | None,
    run_once: bool,
    template: Path | None,
    create: bool,
) -> None:
    """Run what waits in a work pool, each run in a process of its own, until told to end.

    On SIGTERM or Ctrl-C the worker takes no more runs and ends when those that go on are over; at a second signal they
    are ended and handed back.

    \b
    Example: lictor worker start --pool local
             lictor worker start -p local -q urgent --limit 4
    """
    try:
        found = find(pool, kind, template, create)
        if found.type != TYPE:
            raise click.ClickException(
                f"Work pool '{pool}' is for workers of type '{found.type}': this one is of type '{TYPE}'."
            )
        running = ProcessWorker(pool, list(queues), name, prefetch_seconds, limit)
        click.echo(f"Worker '{running.name}' runs what waits in work pool '{pool}', until it is interrupted.")
        running.start(run_once)
    except ClientError as error:
        message = str(error)
        raise click.ClickException(message[:1].upper() + message[1:]) from None


def find(pool: str, kind: str | None, given: Path | None, create: bool) -> WorkPool:
    """Return the pool, which is made if it may be."""
    sought = WorkPoolFilter(name=WorkPoolFilterName(any_=[pool]))
    found = ask(operations.FILTER(operations.ReadWorkPools(work_pools=sought)))
    if found:
        return found[0]
    if not create:
        raise click.ClickException(
            f"There is no work pool '{pool}'. Make it: lictor work-pool create {pool} --type {kind or TYPE}"
        )
    usual = usual_templates().get(kind or TYPE, {}) if given is None else read_template(given)
    return ask(operations.CREATE(WorkPoolCreate(name=pool, type=kind or TYPE, base_job_template=usual)))
