"""Deployments as programs make them."""

from lictor.sdk.runner_deployment import ConcurrencyLimitConfig, RunnerDeployment, adeploy, deploy

__all__ = ["ConcurrencyLimitConfig", "RunnerDeployment", "adeploy", "deploy"]
