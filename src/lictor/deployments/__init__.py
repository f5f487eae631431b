"""Deployments of flows."""

from lictor.sdk.deployment_run import arun_deployment, run_deployment
from lictor.sdk.entrypoint import EntrypointType
from lictor.sdk.runner_deployment import ConcurrencyLimitConfig, RunnerDeployment, deploy
from lictor.sdk.storage import GitRepository, LocalStorage

__all__ = [
    "ConcurrencyLimitConfig",
    "EntrypointType",
    "GitRepository",
    "LocalStorage",
    "RunnerDeployment",
    "arun_deployment",
    "deploy",
    "run_deployment",
]
