"""Flows."""

from lictor.sdk.flow import Flow, flow
from lictor.sdk.runner import aserve, serve

__all__ = ["Flow", "aserve", "flow", "serve"]
