"""Workers: processes that run what waits in a work pool."""

from __future__ import annotations

import json
import logging
import os
import shlex
import socket
import tempfile
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from lictor.client.connection import connection
from lictor.client.errors import ClientError
from lictor.kit.clock import now
from lictor.sdk.api.method import carry
from lictor.sdk.api.worker import send_worker_heartbeat
from lictor.sdk.objects import Deployment, WorkerFlowRunResponse, WorkPool
from lictor.sdk.objects import FlowRun as RunObject
from lictor.sdk.run_process import COMMAND, RunProcess
from lictor.sdk.supervisor import Supervisor
from lictor.sdk.templating import MISSING, fill, resolve
from lictor.settings import current, table
from lictor.wire.operation import Call
from lictor.wire.operations import deployment, flow, flow_run, work_pool
from lictor.wire.operations.work_pool import GetScheduledFlowRuns
from lictor.wire.types.flow_run import FlowRun, FlowRunUpdate

logger = logging.getLogger("lictor.worker")

TYPE = "process"
CONFIGURED = ("command", "env", "stream_output", "working_dir")


@dataclass
class JobConfiguration:
    """How a run's process is started, as the pool's template and the job variables say."""

    command: str | None = None
    env: dict[str, str | None] = field(default_factory=dict)
    stream_output: bool = True
    working_dir: str | None = None


class ProcessWorker(Supervisor):
    """Runs what waits in a work pool, each run in a process of its own; `start` returns as `Supervisor`'s does.

    Args:
        work_pool_name: The pool.
        work_queues: The names of the queues that it takes runs from; all of the pool's unless given.
        name: What it calls itself; two workers of a pool need different names. By its machine and process unless given.
        prefetch_seconds: A run's process starts so long before the run is due, `worker.prefetch_seconds` by default.
        limit: The most runs at once; None, the default, for any number.
    """

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
        self.name = name or f"{TYPE}-{socket.gethostname()}-{os.getpid()}"
        ahead = settings[table.WORKER_PREFETCH_SECONDS] if prefetch_seconds is None else prefetch_seconds
        self.prefetch = timedelta(seconds=ahead)
        self.beat_seconds = settings[table.WORKER_HEARTBEAT_SECONDS]

    def start(self, run_once: bool = False) -> None:
        """Run what falls due; with `run_once` only what is due now, to its end."""
        self.beat()
        threading.Thread(target=self.keep_beating, name="lictor-worker-beat", daemon=True).start()
        super().start(run_once)

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

    def process_of(self, run: FlowRun) -> RunProcess:
        """Start a run's process as its job configuration says, and tell the server where it is."""
        client = connection().client
        made = client(READ_DEPLOYMENT(id=run.deployment_id)) if run.deployment_id else None
        pool, variables = client(READ_POOL(name=self.pool)), client(READ_RUN(id=run.id)).job_variables
        job = configuration(pool.base_job_template, made.job_variables if made else {}, variables or {})
        env = {
            "PREFECT__FLOW_ID": str(run.flow_id),
            "PREFECT__FLOW_NAME": client(flow.READ(id=run.flow_id)).name,
            "PREFECT__WORKER_NAME": self.name,
            **({"PREFECT__DEPLOYMENT_ID": str(made.id), "PREFECT__DEPLOYMENT_NAME": made.name} if made else {}),
            **{name: value for name, value in job.env.items() if value is not None},
        }
        command = shlex.split(job.command) if job.command else COMMAND
        folder = Path(job.working_dir) if job.working_dir else Path(tempfile.mkdtemp(prefix="lictor-run-"))
        folder.mkdir(parents=True, exist_ok=True)
        process = RunProcess(run.id, self.settings, command, env, folder, quiet=not job.stream_output)
        place = FlowRunUpdate(infrastructure_pid=f"{socket.gethostname()}:{process.pid}")
        try:
            client(flow_run.UPDATE(place, id=run.id))
        except ClientError as error:
            logger.warning("The server does not know where flow run '%s' runs: %s", run.name, error)
        return process

    def shut_down(self) -> None:
        """Say that no more runs are taken."""
        logger.info("Worker '%s' takes no more runs", self.name)


READ_POOL, READ_DEPLOYMENT = work_pool.READ.giving(WorkPool), deployment.READ.giving(Deployment)
READ_RUN = flow_run.READ.giving(RunObject)


def configuration(template: dict[str, Any], of_deployment: dict[str, Any], of_run: dict[str, Any]) -> JobConfiguration:
    """Return how a run is started: the pool's defaults, over them the deployment's variables, over them the run's.

    Environment variables are laid over each other one by one.

    Raises ValueError for what cannot be filled in, or does not say how a process starts.
    """
    properties = template.get("variables", {}).get("properties", {})
    defaults = {name: each["default"] for name, each in properties.items() if each.get("default") is not None}
    values = {**defaults, **given(of_deployment), **given(of_run)}
    values["env"] = {**(defaults.get("env") or {}), **(of_deployment.get("env") or {}), **(of_run.get("env") or {})}
    said = template.get("job_configuration") or {name: f"{{{{ {name} }}}}" for name in CONFIGURED}
    filled = fill(said, lambda name: values.get(name, unfilled(name)))
    resolved = carry(connection().client, resolve(filled))
    known = {name: value for name, value in resolved.items() if name in CONFIGURED and value is not None}
    known["env"] = {name: as_text(value) for name, value in (known.get("env") or {}).items()}
    return JobConfiguration(**known)


def given(variables: dict[str, Any]) -> dict[str, Any]:
    """Return the variables that have a value."""
    return {name: value for name, value in variables.items() if value is not None}


def unfilled(name: str) -> Any:
    """Return what stands for a name that is no job variable: those of variables, blocks, the environment come later."""
    return f"{{{{ {name} }}}}" if "." in name or name.startswith("$") else MISSING


def as_text(value: Any) -> str | None:
    """Return a value of an environment variable."""
    return value if value is None or isinstance(value, str) else json.dumps(value)
