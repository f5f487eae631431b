"""Emits events."""

from lictor.sdk.events import emit_event

__all__ = ["emit_event"]
