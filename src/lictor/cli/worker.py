"""`lictor worker`: processes that run what waits in work pools."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import click

from lictor.cli.asking import as_sentence, ask
from lictor.cli.work_pool import read_template, usual_templates
from lictor.client.connection import connection
from lictor.client.errors import ClientError, is_away
from lictor.sdk.supervisor import LONGEST_PAUSE, delays
from lictor.sdk.worker import ProcessWorker, Worker
from lictor.sdk.worker_types import worker_type
from lictor.settings import current, table
from lictor.wire.filters import WorkPoolFilter, WorkPoolFilterName
from lictor.wire.operations import root
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
@click.option("--type", "-t", "kind", help="The type of worker: that of the pool, or process.")
@click.option("--limit", "-l", type=click.IntRange(1), help="The most runs at once; any number by default.")
@click.option("--prefetch-seconds", type=click.FloatRange(0), help="Begin runs so many seconds before they are due.")
@click.option("--run-once", is_flag=True, help="Run what is due now, to its end.")
@click.option(
    "--with-healthcheck",
    "with_health",
    is_flag=True,
    help="Answer GET /health on worker.webserver.host and worker.webserver.port: 503 if the server does not answer.",
)
@click.option(
    "--install-policy",
    type=click.Choice(["always", "if-not-present", "never", "prompt"]),
    help="Taken for the sake of scripts: packages with types of workers are yours to install.",
)
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
    with_health: bool,
    install_policy: str | None,
    template: Path | None,
    create: bool,
) -> None:
    """Run what waits in a work pool, each run by a job of the pool's type, until told to end.

    Type process starts a process for each run. Other types come with packages that have them as entry points.

    On SIGTERM or Ctrl-C the worker takes no more runs and ends when those that go on are over; at a second signal they
    are ended and handed back.

    \b
    Example: lictor worker start --pool local
             lictor worker start -p local -q urgent --limit 4
    """
    if not run_once and current()[table.API_URL] is not None:
        await_server()
    try:
        worker_class, found = find(pool, kind, template, create)
        running = worker_class(found.name, list(queues), name, prefetch_seconds, limit)
        click.echo(f"Worker '{running.name}' runs what waits in work pool '{pool}', until it is interrupted.")
        with health_of(running) if with_health else nullcontext():
            running.start(run_once)
    except ClientError as error:
        raise click.ClickException(as_sentence(str(error))) from None
    except ValueError as error:
        raise click.ClickException(str(error)) from None


def await_server() -> None:
    """Wait until the server answers: on a machine that starts, a worker may be there first."""
    pauses = delays(1.0, LONGEST_PAUSE)
    while True:
        try:
            connection().client(root.HEALTH(), retries=0)
        except ClientError as error:
            if not is_away(error):
                return  # whoever asks next says so
            pause = next(pauses)
            click.echo(f"{as_sentence(str(error))} The next try is in {pause:.0f} seconds.", err=True)
            time.sleep(pause)
        else:
            return


def find(pool: str, kind: str | None, given: Path | None, create: bool) -> tuple[type[Worker[Any]], WorkPool]:
    """Return the class of a pool's workers, and the pool, which is made if it may be."""
    sought = WorkPoolFilter(name=WorkPoolFilterName(any_=[pool]))
    found = ask(operations.FILTER(operations.ReadWorkPools(work_pools=sought)))
    if found:
        here = found[0].type
        if kind not in (None, here):
            raise ValueError(f"Work pool '{pool}' is for workers of type '{here}', not of type '{kind}'.")
        try:
            return worker_type(here), found[0]
        except ValueError as error:
            raise ValueError(f"Work pool '{pool}' is for workers of type '{here}'. {error}") from None
    kind = kind or ProcessWorker.type
    if not create:
        raise ValueError(f"There is no work pool '{pool}'. Make it: lictor work-pool create {pool} --type {kind}")
    worker_class = worker_type(kind)
    if given is not None:
        usual = read_template(given)
    else:
        usual = usual_templates().get(kind) or worker_class.configuration.template()
    return worker_class, ask(operations.CREATE(WorkPoolCreate(name=pool, type=kind, base_job_template=usual)))


@contextmanager
def health_of(worker: Worker[Any]) -> Iterator[None]:
    """Answer whether a worker is well, while the block lasts."""
    from lictor.sdk.health import health, served  # noqa: PLC0415  # few have one

    answers = {"/health": health(worker.healthy, worker.name)}
    with served(current(), table.WORKER_WEBSERVER_HOST, table.WORKER_WEBSERVER_PORT, answers) as place:
        click.echo(f"Its health: {place}/health")
        yield
