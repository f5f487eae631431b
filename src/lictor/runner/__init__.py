"""Processes that run what falls due of deployments."""

from lictor.sdk.runner import Runner, serve

__all__ = ["Runner", "serve"]
