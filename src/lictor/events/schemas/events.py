"""Events as they are sent and answered."""

from lictor.sdk.objects import Event, ReceivedEvent
from lictor.wire.types.event import Resource

__all__ = ["Event", "ReceivedEvent", "Resource"]
