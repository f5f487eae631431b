"""A type of worker: each flow run gets a limit on its memory and its processor time, by `prlimit` of util-linux.

Its package says where it is, and `lictor worker start --type limited --pool small` starts one:

    [project.entry-points."lictor.workers"]
    limited = "limited_worker:LimitedWorker"
"""

import os
import shlex
import subprocess
from dataclasses import dataclass

from lictor.client.schemas.objects import FlowRun
from lictor.workers import Job, JobConfiguration, Worker


@dataclass(kw_only=True)
class LimitedConfiguration(JobConfiguration):
    """What a job is told, beside command and environment; pools get a template with these job variables."""

    memory_mb: int = 2048
    processor_seconds: int = 3600


class LimitedJob:
    """A process with limits."""

    def __init__(self, name: str, command: list[str], env: dict[str, str]) -> None:
        self.process = subprocess.Popen(command, env={**os.environ, **env})  # noqa: S603 - the pool says what runs
        self.identifier = f"{name}:{self.process.pid}"

    def wait(self) -> int:
        """Wait until it has ended; return its exit code."""
        return self.process.wait()

    def stop(self, grace_seconds: float) -> bool:
        """End it; say whether it ended within the grace."""
        self.process.terminate()
        try:
            self.process.wait(grace_seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return False
        return True


class LimitedWorker(Worker[LimitedConfiguration]):
    """Runs what waits in pools of type `limited`."""

    type = "limited"
    configuration = LimitedConfiguration

    def begin_job(self, run: FlowRun, configuration: LimitedConfiguration) -> Job:
        """Start a run's process."""
        limits = [f"--as={configuration.memory_mb << 20}", f"--cpu={configuration.processor_seconds}"]
        env = {name: value for name, value in configuration.env.items() if value is not None}
        command = ["prlimit", *limits, *shlex.split(configuration.command or self.command)]
        return LimitedJob(configuration.name or run.name, command, env)
