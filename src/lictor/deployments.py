"""Deployments of flows."""

from lictor.sdk.entrypoint import EntrypointType
from lictor.sdk.runner_deployment import ConcurrencyLimitConfig, RunnerDeployment

__all__ = ["ConcurrencyLimitConfig", "EntrypointType", "RunnerDeployment"]
