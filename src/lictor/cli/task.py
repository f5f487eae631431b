"""`lictor task`: serves deferred tasks."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

import click

from lictor.cli.entrypoint import load_file
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
    tasks = [named(each) for each in entrypoints] + [each for name in modules for each in tasks_of(imported(name))]
    if not tasks:
        raise click.ClickException(f"There are no tasks in {', '.join(modules)}.")
    try:
        serve_tasks(*tasks, limit=limit)
    except ClientError as error:
        message = str(error)
        raise click.ClickException(message[:1].upper() + message[1:]) from None


def named(entrypoint: str) -> Task[..., Any]:
    """Return the task that an entrypoint names."""
    path, _, name = entrypoint.rpartition(":")
    if not path or not name:
        raise click.ClickException(f"'{entrypoint}' names no task: give path/to/file.py:function.")
    module = load_file(path, "path/to/file.py:function")
    found = getattr(module, name, None)
    if not isinstance(found, Task):
        known = ", ".join(each.name for each in tasks_of(module))
        raise click.ClickException(f"'{path}' has no task '{name}'; it has {known or 'none'}.")
    return found


def imported(name: str) -> ModuleType:
    """Return a module; the folder that the command is called in is searched first."""
    sys.path.insert(0, "")
    try:
        return import_module(name)
    except Exception as error:  # the user's module may raise anything
        raise click.ClickException(f"Module '{name}' cannot be imported: {type(error).__name__}: {error}") from error


def tasks_of(module: ModuleType) -> list[Task[..., Any]]:
    """Return the tasks of a module."""
    return [each for each in vars(module).values() if isinstance(each, Task)]
