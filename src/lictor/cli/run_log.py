"""Prints the log of a run: all of it, its beginning or end, or as it grows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import click

from lictor.cli.asking import ask
from lictor.cli.listing import print_json
from lictor.kit.json import encode
from lictor.wire.filters import LogFilter
from lictor.wire.filters.log import LogFilterFlowRunId, LogFilterTaskRunId, LogFilterTimestamp
from lictor.wire.operations import log
from lictor.wire.types.log import Log, LogSort

F = TypeVar("F", bound=Callable[..., Any])

PAGE = 200
FEW = 20
POLL_SECONDS = 0.5
OVERLAP = timedelta(seconds=10)
"""How late a line may arrive behind a younger one and still be printed by --follow."""
LEVELS = {10: "DEBUG", 20: "INFO", 30: "WARNING", 40: "ERROR", 50: "CRITICAL"}


class Part(NamedTuple):
    """Which lines of a log, in which order; all of them where `most` is None."""

    most: int | None
    tail: bool
    newest_first: bool


def log_options(command: F) -> F:
    """Give a command the options that choose a part of a log."""
    for option in (
        click.option("--reverse", "-r", is_flag=True, help="Newest lines first."),
        click.option("--num-logs", "-n", type=click.IntRange(1), help=f"How many lines.  [default: all, or {FEW}]"),
        click.option("--tail", "-t", is_flag=True, help=f"Only the last {FEW} lines, or --num-logs of them."),
        click.option("--head", "-h", is_flag=True, help=f"Only the first {FEW} lines, or --num-logs of them."),
    ):
        command = option(command)
    return command


def part_of(head: bool, tail: bool, num_logs: int | None, reverse: bool, follow: bool = False) -> Part:
    """Return the part that the options choose; `follow` starts with the last lines where a number is given."""
    if head and tail:
        raise click.ClickException("--head and --tail exclude each other: give one of them.")
    if follow and (head or reverse):
        raise click.ClickException("--follow goes forward from the last lines: leave out --head and --reverse.")
    tail = tail or (follow and num_logs is not None)
    return Part(num_logs or (FEW if head or tail else None), tail, reverse)


def print_log(wanted: LogFilter, part: Part, output: str) -> None:
    """Print a part of a log."""
    lines = read(wanted, part)
    if output == "json":
        print_json(lines)
        return
    for line in lines:
        click.echo(as_text(line))


def follow_log(wanted: LogFilter, part: Part, output: str, ended: Callable[[], bool]) -> None:
    """Print a part of a log and then each line as it comes, until the run has ended and no line follows.

    As JSON each line is an object of its own.
    """
    for line in growing(wanted, part, ended):
        click.echo(encode(line) if output == "json" else as_text(line))


def growing(wanted: LogFilter, part: Part, ended: Callable[[], bool]) -> Iterator[Log]:
    """Yield the lines of a part of a log, then new ones."""
    lines = read(wanted, part)
    floor = lines[0].timestamp if part.most is not None and len(lines) == part.most else None
    seen = {line.id: line.timestamp for line in lines}
    yield from lines
    while True:
        over = ended()  # Asked before reading: what was written before the end is read after it.
        newest = max(seen.values(), default=None)
        since = None if newest is None else LogFilterTimestamp(after_=newest - OVERLAP)
        recent = LogFilter(flow_run_id=wanted.flow_run_id, task_run_id=wanted.task_run_id, timestamp=since)
        found = read(recent, Part(None, tail=False, newest_first=False))
        fresh = [line for line in found if line.id not in seen and (floor is None or line.timestamp > floor)]
        seen.update((line.id, line.timestamp) for line in fresh)
        yield from fresh
        if over and not fresh:
            return
        time.sleep(POLL_SECONDS)


def read(wanted: LogFilter, part: Part) -> list[Log]:
    """Return a part of a log, page by page."""
    sort = LogSort.TIMESTAMP_DESC if part.tail or part.newest_first else LogSort.TIMESTAMP_ASC
    lines: list[Log] = []
    while part.most is None or len(lines) < part.most:
        size = PAGE if part.most is None else min(PAGE, part.most - len(lines))
        page = ask(log.FILTER(log.ReadLogs(logs=wanted, sort=sort, limit=size, offset=len(lines))))
        lines += page
        if len(page) < size:
            break
    return lines[::-1] if part.tail and not part.newest_first else lines


def as_text(line: Log) -> str:
    """Return a line as people read it."""
    moment = line.timestamp.astimezone().strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    return f"{moment} | {LEVELS.get(line.level, str(line.level)):<7} | {line.message}"


def of_flow_run(run_id: UUID) -> LogFilter:
    """Return the filter of a flow run's lines, those of its task runs included."""
    return LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run_id]))


def of_task_run(run_id: UUID) -> LogFilter:
    """Return the filter of a task run's lines."""
    return LogFilter(task_run_id=LogFilterTaskRunId(any_=[run_id]))
