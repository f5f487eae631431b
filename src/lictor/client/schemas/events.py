"""Pages of events."""

from lictor.sdk.objects import EventPage

__all__ = ["EventPage"]
