"""Events: what happens to runs and other things."""

from lictor.events.schemas.events import Event, ReceivedEvent, RelatedResource, Resource, ResourceSpecification
from lictor.sdk.events import emit_event

__all__ = ["Event", "ReceivedEvent", "RelatedResource", "Resource", "ResourceSpecification", "emit_event"]
