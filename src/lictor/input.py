"""Typed input that a paused flow run waits for."""

from lictor.sdk.run_input import RunInput

__all__ = ["RunInput"]
