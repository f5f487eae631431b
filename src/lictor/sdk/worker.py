"""Workers: programs that run what waits in a work pool, each run by a job of the pool's type."""

from __future__ import annotations

import builtins
import logging
import os
import shlex
import socket
import threading
from abc import abstractmethod
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from lictor.client.connection import connection
from lictor.client.errors import ClientError, ObjectNotFound
from lictor.client.processes import client_settings
from lictor.kit.clock import now
from lictor.kit.json import decode_any, encode
from lictor.sdk.api.method import carry
from lictor.sdk.api.worker import send_worker_heartbeat
from lictor.sdk.job_configuration import JobConfiguration
from lictor.sdk.logging import set_up
from lictor.sdk.objects import Deployment, Event, WorkerFlowRunResponse, WorkPool
from lictor.sdk.objects import FlowRun as RunObject
from lictor.sdk.run_environment import CLAIM, HOOKS, RUN_ID
from lictor.sdk.run_process import COMMAND, HANDED_ON, RunProcess, finish_hooks
from lictor.sdk.stopping import stopped_by_signals
from lictor.sdk.supervisor import WAIT_SECONDS, Going, Job, Supervisor
from lictor.sdk.templating import at, fill
from lictor.sdk.worker_events import WorkerEvents, executed, related_to
from lictor.settings import current, table
from lictor.wire.operation import Call
from lictor.wire.operations import deployment, flow, flow_run, work_pool, work_queue
from lictor.wire.operations.work_pool import GetScheduledFlowRuns
from lictor.wire.types.event import Resource
from lictor.wire.types.flow_run import FlowRun

C = TypeVar("C", bound=JobConfiguration)

logger = logging.getLogger("lictor.worker")

MISSED_POLLS = 30
"""A worker that the server did not answer for so many of its pauses between questions is not healthy."""


class Ready(NamedTuple, Generic[C]):
    """What is needed to start a run's job: the run, the complete configuration, and what events of it tell."""

    run: RunObject
    configuration: C
    related: list[Resource]


class Worker(Supervisor, Generic[C]):
    """Runs what waits in a work pool; `start` returns when `stop` is called and what runs is over.

    A type of worker is a subclass that has a `type`, a `configuration`, and says in `begin_job` how a run is started.
    `lictor worker start` finds it by an entry point of the group `lictor.workers` that has the type's name.

    Args:
        work_pool_name: The pool.
        work_queues: The names of the queues that it takes runs from; all of the pool's unless given.
        name: What it calls itself; two workers of a pool need different names. By its machine and process unless given.
        prefetch_seconds: A run's job starts so long before the run is due, `worker.prefetch_seconds` by default.
        limit: The most runs at once; None, the default, for any number.
    """

    type: str
    """Of which pools this is a worker."""
    configuration: builtins.type[C]
    """What its jobs are told: a dataclass that extends `JobConfiguration`."""
    command: str = "lictor flow-run execute"
    """What runs the flow run, unless job variables say otherwise."""

    def __init__(
        self,
        work_pool_name: str,
        work_queues: list[str] | None = None,
        name: str | None = None,
        prefetch_seconds: float | None = None,
        limit: int | None = None,
    ) -> None:
        settings = current()
        super().__init__(settings[table.WORKER_QUERY_SECONDS], limit)
        self.pool, self.queues = work_pool_name, work_queues or None
        self.name = name or f"{self.type}-{socket.gethostname()}-{os.getpid()}"
        ahead = settings[table.WORKER_PREFETCH_SECONDS] if prefetch_seconds is None else prefetch_seconds
        self.prefetch = timedelta(seconds=ahead)
        self.events: WorkerEvents
        self.submitted: dict[UUID, tuple[list[Resource], Event]] = {}
        self.beat_seconds = settings[table.WORKER_HEARTBEAT_SECONDS]
        self.patience = MISSED_POLLS * self.query_seconds + WAIT_SECONDS

    @abstractmethod
    def begin_job(self, run: RunObject, configuration: C) -> Job:
        """Start what runs a flow run, and return it.

        The `configuration` is complete: `command` is what to run, and `env` has all that it needs to know. Raise
        OSError or ValueError if it cannot be started: the run crashes, and its state has the reason.
        """

    def kind(self) -> str:
        """Return what it is, as messages name it."""
        return "worker"

    def start(self, run_once: bool = False) -> None:
        """Run what falls due; with `run_once` only what is due now, to its end."""
        if self.settings[table.WORKER_DEBUG_MODE]:
            set_up()
            logging.getLogger("lictor").setLevel(logging.DEBUG)
        with stopped_by_signals(self.stop):  # whoever knows of the worker may tell it to end
            self.beat()
            threading.Thread(target=self.keep_beating, name="lictor-worker-beat", daemon=True).start()
            pool = connection().client(READ_POOL(name=self.pool))
            self.events = WorkerEvents(self.type, self.name, pool.id, pool.name)
            begun = self.events.tell("started")
            super().start(run_once)
            self.events.tell("stopped", follows=begun)

    def beat(self) -> None:
        """Tell that the worker is there."""
        carry(connection().client, send_worker_heartbeat(self.pool, self.name, self.beat_seconds))

    def keep_beating(self) -> None:
        """Tell so again and again."""
        while not self.finished.wait(self.beat_seconds):
            try:
                self.beat()
            except ClientError as error:
                logger.warning("The server does not hear that worker '%s' goes on: %s", self.name, error)

    def question(self, most: int | None) -> Call[list[Any]]:
        """Return what asks for runs of the pool."""
        before = now() + self.prefetch
        wanted = GetScheduledFlowRuns(work_queue_names=self.queues, scheduled_before=before, limit=most)
        return work_pool.GET_SCHEDULED_FLOW_RUNS.giving(list[WorkerFlowRunResponse])(wanted, name=self.pool)

    def due(self, most: int | None, patient: bool) -> list[FlowRun]:
        """Return runs to begin; raise ClientError with the fix where the pool, or a queue, is not there."""
        try:
            return super().due(most, patient)
        except ObjectNotFound:
            raise ClientError(self.what_is_missing()) from None

    def what_is_missing(self) -> str:
        """Return that the pool is not there, or else which queues are not, and what makes them."""
        pool = shlex.quote(self.pool)
        if not self.is_there(work_pool.READ(name=self.pool)):
            fix = f"lictor work-pool create {pool} --type {self.type}"
            return f"there is no work pool '{self.pool}' any more; make it: {fix}"
        asked = {each: work_queue.READ_IN_POOL(work_pool_name=self.pool, name=each) for each in self.queues or ()}
        gone = [each for each, call in asked.items() if not self.is_there(call)]
        fix = " && ".join(f"lictor work-queue create {shlex.quote(each)} --pool {pool}" for each in gone)
        return f"work pool '{self.pool}' has no work queue {', '.join(map(repr, gone))}; make it: {fix}"

    def is_there(self, call: Call[Any]) -> bool:
        """Tell whether what a call reads is there."""
        try:
            connection().client(call)
        except ObjectNotFound:
            return False
        return True

    def job_of(self, run: FlowRun, claim: UUID) -> Job:
        """Start a run's job as its configuration says, and tell the server where it is."""
        ready = self.ready(run)
        ready.configuration.env[CLAIM] = str(claim)
        job = self.begin_job(ready.run, ready.configuration)
        self.submitted[run.id] = ready.related, self.events.tell("submitted-flow-run", ready.related)
        self.tell_place(run, job)
        return job

    def over(self, going: Going, code: int) -> None:
        """See to a run whose job has ended."""
        related, submitted = self.submitted.pop(going.run.id)
        self.events.tell("executed-flow-run", executed(related, going.job.identifier, code), submitted)
        super().over(going, code)

    def ready(self, run: FlowRun) -> Ready[C]:
        """Return what is needed to start a run's job."""
        client = connection().client
        made = client(READ_DEPLOYMENT(id=run.deployment_id)) if run.deployment_id else None
        pool, found = client(READ_POOL(name=self.pool)), client(READ_RUN(id=run.id))
        variables = (made.job_variables if made else {}, found.job_variables or {})
        job = carry(client, self.configuration.of(pool.base_job_template, *variables))
        its_flow = client(flow.READ(id=run.flow_id))
        said = {
            "flow-run-id": str(run.id),
            "flow-run-name": run.name,
            "flow-id": str(run.flow_id),
            "flow-name": its_flow.name,
            "worker-name": self.name,
            "work-pool-name": self.pool,
            **({"deployment-id": str(made.id), "deployment-name": made.name} if made else {}),
        }
        told = {f"PREFECT__{name.upper().replace('-', '_')}": value for name, value in said.items()}
        job.env = {**client_settings(self.settings, HANDED_ON), **told, RUN_ID: str(run.id), **job.env}
        job.labels = {**{f"prefect.io/{name}": value for name, value in said.items()}, **job.labels}
        job.command = job.command or self.command
        about = {"ctx": {"flow": decode_any(encode(its_flow)), "flow_run": decode_any(encode(found))}}
        job.name = str(fill(job.name or "", lambda name: at(about, name), "")) or run.name
        return Ready(found, job, related_to(found, its_flow.name, made))

    def shut_down(self) -> None:
        """Say that no more runs are taken."""
        logger.info("Worker '%s' takes no more runs", self.name)


READ_POOL, READ_DEPLOYMENT = work_pool.READ.giving(WorkPool), deployment.READ.giving(Deployment)
READ_RUN = flow_run.READ.giving(RunObject)


@dataclass(kw_only=True)
class ProcessConfiguration(JobConfiguration):
    """How a run's process is started.

    Args:
        stream_output: Whether what it prints comes out of the worker, too.
        working_dir: Where it begins: a new folder, which is removed at its end, unless given.
    """

    stream_output: bool = True
    working_dir: str | None = None


class ProcessWorker(Worker[ProcessConfiguration]):
    """Runs what waits in a work pool, each run in a process and a process group of its own."""

    type = "process"
    configuration = ProcessConfiguration
    command = shlex.join(COMMAND)

    def begin_job(self, run: RunObject, configuration: ProcessConfiguration) -> RunProcess:
        """Start a run's process."""
        folder = Path(configuration.working_dir) if configuration.working_dir else None
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        return RunProcess(
            run.id,
            self.settings,
            shlex.split(configuration.command or self.command),
            configuration.env,
            folder,
            apart=True,
            quiet=not configuration.stream_output,
        )

    def call_hooks(self, run: FlowRun) -> None:
        """Call the hooks of the state in which a run ended."""
        ready = self.ready(run)
        ready.configuration.env[HOOKS] = "1"
        finish_hooks(self.begin_job(ready.run, ready.configuration))
