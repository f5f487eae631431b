"""Deployments of flows."""

from lictor.sdk.deployment_run import arun_deployment, run_deployment
from lictor.sdk.entrypoint import EntrypointType
from lictor.sdk.project_writing import initialize_project
from lictor.sdk.runner_deployment import ConcurrencyLimitConfig, RunnerDeployment, adeploy, deploy
from lictor.sdk.storage import BlockStorageAdapter, GitRepository, LocalStorage, RemoteStorage

__all__ = [
    "BlockStorageAdapter",
    "ConcurrencyLimitConfig",
    "EntrypointType",
    "GitRepository",
    "LocalStorage",
    "RemoteStorage",
    "RunnerDeployment",
    "adeploy",
    "arun_deployment",
    "deploy",
    "initialize_project",
    "run_deployment",
]
