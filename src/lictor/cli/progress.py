"""A line on a terminal that says how far a flow run is."""

from __future__ import annotations

import sys
from uuid import UUID

import click

from lictor.cli.asking import ask
from lictor.wire.filters import FlowRunFilter, FlowRunFilterId, TaskRunFilter
from lictor.wire.filters.task_run import TaskRunFilterState, TaskRunFilterStateType
from lictor.wire.operations.task_run import COUNT, CountTaskRuns
from lictor.wire.types.state import FINAL

CLEAR = "\r\x1b[K"
"""Takes away what stands in a terminal's line."""


class Progress:
    """Says on standard error, where that is a terminal, how many task runs of a flow run are over."""

    def __init__(self, run_id: UUID) -> None:
        self.of_run = FlowRunFilter(id=FlowRunFilterId(any_=[run_id]))
        self.over = TaskRunFilter(state=TaskRunFilterState(type=TaskRunFilterStateType(any_=sorted(FINAL))))
        self.on = sys.stderr.isatty()

    def show(self) -> None:
        """Write the line anew; there is none as long as there are no task runs."""
        if self.on:
            made = ask(COUNT(CountTaskRuns(flow_runs=self.of_run)))
            over = ask(COUNT(CountTaskRuns(flow_runs=self.of_run, task_runs=self.over))) if made else 0
            click.echo(CLEAR + (f"{over} of {made} task runs are over" if made else ""), nl=False, err=True)

    def clear(self) -> None:
        """Take the line away."""
        if self.on:
            click.echo(CLEAR, nl=False, err=True)
