"""Flows."""

from lictor.sdk.flow import Flow, flow

__all__ = ["Flow", "flow"]
