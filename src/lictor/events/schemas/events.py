"""Events as they are sent and answered."""

from lictor.sdk.objects import Event, ReceivedEvent
from lictor.wire.filters.filter import ResourceSpecification
from lictor.wire.types.event import Resource
from lictor.wire.types.event import Resource as RelatedResource

__all__ = ["Event", "ReceivedEvent", "RelatedResource", "Resource", "ResourceSpecification"]
