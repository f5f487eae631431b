"""Runs the scheduled runs of deployments as they fall due, each in a process of its own."""

from __future__ import annotations

import logging
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from lictor.client.connection import connection
from lictor.client.errors import ClientError
from lictor.kit.clock import now
from lictor.sdk.run_process import RunProcess
from lictor.sdk.runner_deployment import RunnerDeployment
from lictor.sdk.stopping import stopped_by_signals
from lictor.sdk.supervisor import Supervisor
from lictor.settings import current, table
from lictor.wire.operation import Call
from lictor.wire.operations import deployment
from lictor.wire.operations.deployment import ScheduledRuns
from lictor.wire.types.flow_run import FlowRun

logger = logging.getLogger("lictor.runner")

PREFETCH_SECONDS = 10.0


class Runner(Supervisor):
    """Runs what falls due of some deployments; `start` returns when `stop` is called and what runs is over.

    Args:
        name: What it calls itself in log lines.
        query_seconds: Seconds between two questions for due runs, `runner.poll_frequency` by default.
        prefetch_seconds: A run's process starts so long before the run is due.
        limit: The most runs at once, `runner.process_limit` by default; None for any number.
        pause_on_shutdown: Whether the deployments are paused when it ends, so that no runs pile up.
    """

    def __init__(
        self,
        name: str | None = None,
        query_seconds: float | None = None,
        prefetch_seconds: float = PREFETCH_SECONDS,
        limit: int | ellipsis | None = ...,  # noqa: F821  # the type of `...`
        pause_on_shutdown: bool = True,
    ) -> None:
        settings = current()
        super().__init__(
            settings[table.RUNNER_POLL_FREQUENCY] if query_seconds is None else query_seconds,
            settings[table.RUNNER_PROCESS_LIMIT] if limit is ... else limit,
        )
        self.name = name or f"runner-{uuid4()}"
        self.prefetch = timedelta(seconds=prefetch_seconds)
        self.pause_on_shutdown = pause_on_shutdown
        self.deployments: dict[UUID, RunnerDeployment] = {}

    def add_deployment(self, made: RunnerDeployment) -> UUID:
        """Make a deployment known to the server, and run what falls due of it."""
        deployment_id: UUID = made.apply()
        self.deployments[deployment_id] = made
        return deployment_id

    def question(self, most: int | None) -> Call[list[Any]]:
        """Return what asks for runs of the deployments."""
        before = now() + self.prefetch
        wanted = ScheduledRuns(deployment_ids=list(self.deployments), scheduled_before=before, limit=most)
        return deployment.SCHEDULED_RUNS(wanted)

    def process_of(self, run: FlowRun) -> RunProcess:
        """Start a run's process: in this one's folder, or in a new one if it gets its code from elsewhere."""
        made = None if run.deployment_id is None else self.deployments.get(run.deployment_id)
        elsewhere = made is not None and made.pull_steps
        folder = Path(tempfile.mkdtemp(prefix="lictor-run-")) if elsewhere else None
        return RunProcess(run.id, self.settings, folder=folder)

    def shut_down(self) -> None:
        """Pause the deployments, so that no runs pile up."""
        if not self.pause_on_shutdown:
            return
        for deployment_id, made in self.deployments.items():
            try:
                connection().client(deployment.PAUSE(id=deployment_id))
            except ClientError as error:
                logger.warning("Deployment '%s' could not be paused: %s", made.full_name, error)


def serve(
    *deployments: RunnerDeployment,
    pause_on_shutdown: bool = True,
    print_starting_message: bool = True,
    limit: int | None = None,
    **options: Any,
) -> None:
    """Run what falls due of deployments, until the process is interrupted or terminated.

    Then what runs comes to its end first; at the second signal it is ended and scheduled again.

    Args:
        deployments: What to serve, made by `Flow.to_deployment`.
        pause_on_shutdown: Whether the deployments are paused at the end, so that no runs pile up. True by default.
        print_starting_message: Whether to say what is served and how to start a run.
        limit: The most runs at once; None, the default, for any number.
        options: Further arguments of `Runner`.
    """
    runner = Runner(pause_on_shutdown=pause_on_shutdown, limit=limit, **options)
    with stopped_by_signals(runner.stop):
        for each in deployments:
            runner.add_deployment(each)
        if print_starting_message:
            print(starting_message([each.full_name for each in deployments]))
        runner.start()


def starting_message(names: list[str]) -> str:
    """Return what is said when deployments are served."""
    served = "\n".join(f"  {name}" for name in names)
    return (
        f"Serving, until it is interrupted:\n{served}\n"
        f"Start a run with: lictor deployment run '{names[0] if names else 'FLOW/DEPLOYMENT'}'"
    )
