"""Processes that run what falls due of deployments."""

from lictor.sdk.runner import Runner, aserve, serve

__all__ = ["Runner", "aserve", "serve"]
