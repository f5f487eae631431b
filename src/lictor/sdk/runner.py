"""Runs the scheduled runs of deployments as they fall due, each in a process of its own."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from lictor.client.connection import connection
from lictor.client.errors import ClientError
from lictor.kit.clock import now
from lictor.sdk.calling import is_async_here
from lictor.sdk.run_environment import CLAIM, HOOKS
from lictor.sdk.run_process import RunProcess, finish_hooks
from lictor.sdk.runner_deployment import RunnerDeployment
from lictor.sdk.steps import Steps, played
from lictor.sdk.stopping import stopped_by_signals
from lictor.sdk.supervisor import HASTY_SECONDS, WAIT_SECONDS, Supervisor
from lictor.settings import current, table
from lictor.wire.operation import Call
from lictor.wire.operations import deployment
from lictor.wire.operations.deployment import ScheduledRuns
from lictor.wire.types.flow_run import FlowRun

if TYPE_CHECKING:
    from lictor.sdk.flow import Flow

logger = logging.getLogger("lictor.runner")

PREFETCH_SECONDS = 10.0


class Runner(Supervisor):
    """Runs what falls due of some deployments; `start` returns when `stop` is called and what runs is over.

    Args:
        name: What it calls itself; by its machine and process unless given.
        query_seconds: Seconds between two questions for due runs, `runner.poll_frequency` by default.
        prefetch_seconds: A run's process starts so long before the run is due.
        limit: The most runs at once, `runner.process_limit` by default; None for any number.
        pause_on_shutdown: Whether the deployments are paused when it ends, so that no runs pile up.
        webserver: Whether `GET /health` and `GET /run_count` are answered on `runner.server.host` and
            `runner.server.port`; as `runner.server.enable` says by default.
    """

    def __init__(
        self,
        name: str | None = None,
        query_seconds: float | None = None,
        prefetch_seconds: float = PREFETCH_SECONDS,
        limit: int | ellipsis | None = ...,  # noqa: F821  # the type of `...`
        pause_on_shutdown: bool = True,
        webserver: bool = False,
    ) -> None:
        settings = current()
        super().__init__(
            settings[table.RUNNER_POLL_FREQUENCY] if query_seconds is None else query_seconds,
            settings[table.RUNNER_PROCESS_LIMIT] if limit is ... else limit,
        )
        self.name = name or f"runner-{socket.gethostname()}-{os.getpid()}"
        self.prefetch = timedelta(seconds=prefetch_seconds)
        self.pause_on_shutdown = pause_on_shutdown
        self.deployments: dict[UUID, RunnerDeployment] = {}
        self.webserver = webserver or settings[table.RUNNER_SERVER_ENABLE]
        self.patience = settings[table.RUNNER_SERVER_MISSED_POLLS_TOLERANCE] * self.query_seconds + WAIT_SECONDS

    def add_deployment(self, made: RunnerDeployment) -> UUID:
        """Make a deployment known to the server, and run what falls due of it; return its id.

        One that was paused, as at the end of the program before, goes on, unless it says `paused`. To be awaited in
        async code.
        """
        return cast("UUID", played(self.adding(made)))

    def add_flow(self, flow: Flow[..., Any], name: str | None = None, **options: Any) -> UUID:
        """Make a deployment of a flow, and run what falls due of it; return its id. To be awaited in async code.

        Args:
            flow: The flow.
            name: The deployment's name, by default the flow's.
            options: What else is said of it: see `Flow.to_deployment`.
        """
        return self.add_deployment(flow.deployment(name or flow.name, **options))

    def adding(self, made: RunnerDeployment) -> Steps[UUID]:
        """Make a deployment known, and remember it."""
        made.paused = bool(made.paused)
        deployment_id = yield from made.made_known()
        self.deployments[deployment_id] = made
        return deployment_id

    def start(self, run_once: bool = False) -> None:
        """Run what falls due; with `run_once` only what is due now, to its end. To be awaited in async code."""
        if is_async_here():
            return cast("None", beside_loop(partial(self.start, run_once), self.stop))
        with self.answering():
            return super().start(run_once)

    def answering(self) -> AbstractContextManager[object]:
        """Answer probes, if it is to, while the block lasts."""
        if not self.webserver:
            return nullcontext()
        from lictor.sdk.health import health, served  # noqa: PLC0415  # few have one

        answers = {"/health": health(self.healthy, self.name), "/run_count": lambda: (200, len(self.going))}
        return served(self.settings, table.RUNNER_SERVER_HOST, table.RUNNER_SERVER_PORT, answers)

    def question(self, most: int | None) -> Call[list[Any]]:
        """Return what asks for runs of the deployments."""
        before = now() + self.prefetch
        wanted = ScheduledRuns(deployment_ids=list(self.deployments), scheduled_before=before, limit=most)
        return deployment.SCHEDULED_RUNS(wanted)

    def job_of(self, run: FlowRun, claim: UUID) -> RunProcess:
        """Start a run's process."""
        return self.process(run, {CLAIM: str(claim)})

    def process(self, run: FlowRun, env: dict[str, str]) -> RunProcess:
        """Start a process: in this one's folder, or in a new one if it gets its code from elsewhere."""
        made = None if run.deployment_id is None else self.deployments.get(run.deployment_id)
        return RunProcess(run.id, self.settings, env=env, apart=bool(made is not None and made.pull_steps))

    def call_hooks(self, run: FlowRun) -> None:
        """Call the hooks of the state in which a run ended."""
        finish_hooks(self.process(run, {HOOKS: "1"}))

    def shut_down(self) -> None:
        """Pause the deployments, so that no runs pile up."""
        if not self.pause_on_shutdown:
            return
        for deployment_id, made in self.deployments.items():
            try:
                connection().client(deployment.PAUSE(id=deployment_id), patience=HASTY_SECONDS)
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
        options: Further arguments of `Runner`, such as `webserver`.

    Raises:
        RuntimeError: An event loop runs here.
    """
    if is_async_here():
        raise RuntimeError("An event loop runs here: `await aserve(…)` serves beside it.")
    runner = Runner(pause_on_shutdown=pause_on_shutdown, limit=limit, **options)
    with stopped_by_signals(runner.stop):
        run_deployments(runner, deployments, print_starting_message)


async def aserve(
    *deployments: RunnerDeployment,
    pause_on_shutdown: bool = True,
    print_starting_message: bool = True,
    limit: int | None = None,
    **options: Any,
) -> None:
    """Run what falls due of deployments as `serve` does, beside what else the event loop does.

    It ends as `serve` does; cancelling it is the same as interrupting the process.
    """
    runner = Runner(pause_on_shutdown=pause_on_shutdown, limit=limit, **options)
    await beside_loop(partial(run_deployments, runner, deployments, print_starting_message), runner.stop)


async def beside_loop(run: Callable[[], None], stop: Callable[[], None]) -> None:
    """Run something in a thread until it is over; signals, and being cancelled, stop it."""
    import asyncio  # noqa: PLC0415  # `serve` does without

    cancelled = None
    with stopped_by_signals(stop):
        work = asyncio.ensure_future(asyncio.to_thread(run))
        while not work.done():
            try:
                await asyncio.shield(work)
            except asyncio.CancelledError as error:
                cancelled = error
                stop()
    work.result()
    if cancelled is not None:
        raise cancelled


def run_deployments(runner: Runner, deployments: Sequence[RunnerDeployment], tell: bool) -> None:
    """Make deployments known, say so, and run what falls due of them."""
    for each in deployments:
        runner.add_deployment(each)
    if tell:
        print(starting_message([each.full_name for each in deployments]))
    runner.start()


def starting_message(names: list[str]) -> str:
    """Return what is said when deployments are served."""
    served = "\n".join(f"  {name}" for name in names)
    return (
        f"Serving, until it is interrupted:\n{served}\n"
        f"Start a run with: lictor deployment run '{names[0] if names else 'FLOW/DEPLOYMENT'}'"
    )
