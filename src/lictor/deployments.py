"""Deployments of flows."""

from lictor.sdk.deployment_run import arun_deployment, run_deployment
from lictor.sdk.entrypoint import EntrypointType
from lictor.sdk.runner_deployment import ConcurrencyLimitConfig, RunnerDeployment

__all__ = ["ConcurrencyLimitConfig", "EntrypointType", "RunnerDeployment", "arun_deployment", "run_deployment"]
