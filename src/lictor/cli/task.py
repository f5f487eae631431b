"""`lictor task`: serves deferred tasks."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import click

from lictor.cli.entrypoint import load, load_code
from lictor.client.errors import ClientError
from lictor.sdk.task import Task
from lictor.sdk.task_worker import serve as serve_tasks


@click.group()
def task() -> None:
    """Run deferred tasks."""


@task.command()
@click.argument("entrypoints", nargs=-1)
@click.option("--module", "-m", "modules", multiple=True, metavar="NAME", help="Serve all tasks of a module instead.")
@click.option("--limit", type=click.IntRange(1), default=10, show_default=True, help="How many runs at once.")
def serve(entrypoints: tuple[str, ...], modules: tuple[str, ...], limit: int) -> None:
    """Run the deferred runs of tasks: those that `path/to/file.py:function` names, or all of a module.

    It ends, when it is interrupted or terminated, once what it runs is over.

    Example: lictor task serve work.py:send_report work.py:clean_up --limit 4
    """
    if bool(entrypoints) == bool(modules):
        raise click.UsageError("Say what to serve: path/to/file.py:function, or --module NAME.")
    tasks = [load(each, Task) for each in entrypoints]
    tasks += [each for name in modules for each in tasks_of(load_code(None, name))]
    if not tasks:
        raise click.ClickException(f"There are no tasks in {', '.join(modules)}.")
    try:
        serve_tasks(*tasks, limit=limit)
    except ClientError as error:
        message = str(error)
        raise click.ClickException(message[:1].upper() + message[1:]) from None


def tasks_of(module: ModuleType) -> list[Task[..., Any]]:
    """Return the tasks of a module."""
    return [each for each in vars(module).values() if isinstance(each, Task)]
