"""Settings of the server's events."""

from __future__ import annotations

from datetime import timedelta

from lictor.settings.reading import (
    boolean,
    duration,
    integer,
    text,
)
from lictor.settings.setting import Setting

SERVER_EVENTS_STREAM_OUT_ENABLED = Setting(
    "server.events.stream_out_enabled",
    boolean,
    True,
    "Whether events are streamed over /events/out.",
    aliases=("PREFECT_API_EVENTS_STREAM_OUT_ENABLED",),
)
SERVER_EVENTS_RELATED_RESOURCE_CACHE_TTL = Setting(
    "server.events.related_resource_cache_ttl",
    duration,
    timedelta(minutes=5),
    "How long related resources are remembered in memory; Lictor reads them where they are.",
    aliases=("PREFECT_API_EVENTS_RELATED_RESOURCE_CACHE_TTL",),
    effect=False,
)
SERVER_EVENTS_MAXIMUM_LABELS_PER_RESOURCE = Setting(
    "server.events.maximum_labels_per_resource",
    integer,
    500,
    "The most labels of a resource of an event.",
    aliases=("PREFECT_EVENTS_MAXIMUM_LABELS_PER_RESOURCE",),
)
SERVER_EVENTS_MAXIMUM_RELATED_RESOURCES = Setting(
    "server.events.maximum_related_resources",
    integer,
    100,
    "The most related resources of an event.",
    aliases=("PREFECT_EVENTS_MAXIMUM_RELATED_RESOURCES",),
)
SERVER_EVENTS_MAXIMUM_SIZE_BYTES = Setting(
    "server.events.maximum_size_bytes",
    integer,
    1500000,
    "The most bytes of an event.",
    aliases=("PREFECT_EVENTS_MAXIMUM_SIZE_BYTES",),
)
SERVER_EVENTS_EXPIRED_BUCKET_BUFFER = Setting(
    "server.events.expired_bucket_buffer",
    duration,
    timedelta(minutes=1),
    "How long the count of an automation is kept after its time ran out.",
    aliases=("PREFECT_EVENTS_EXPIRED_BUCKET_BUFFER",),
)
SERVER_EVENTS_PROACTIVE_GRANULARITY = Setting(
    "server.events.proactive_granularity",
    duration,
    timedelta(seconds=5),
    "How often automations that wait for something not to happen are looked at.",
    aliases=("PREFECT_EVENTS_PROACTIVE_GRANULARITY",),
)
SERVER_EVENTS_RETENTION_PERIOD = Setting(
    "server.events.retention_period",
    duration,
    timedelta(days=7),
    "How long events are kept from when they came in.",
    aliases=("PREFECT_EVENTS_RETENTION_PERIOD",),
)
SERVER_EVENTS_MAXIMUM_WEBSOCKET_BACKFILL = Setting(
    "server.events.maximum_websocket_backfill",
    duration,
    timedelta(minutes=15),
    "How far back a subscription may begin.",
    aliases=("PREFECT_EVENTS_MAXIMUM_WEBSOCKET_BACKFILL",),
)
SERVER_EVENTS_WEBSOCKET_BACKFILL_PAGE_SIZE = Setting(
    "server.events.websocket_backfill_page_size",
    integer,
    250,
    "Events read at a time for a subscription.",
    aliases=("PREFECT_EVENTS_WEBSOCKET_BACKFILL_PAGE_SIZE",),
)
SERVER_EVENTS_MESSAGING_BROKER = Setting(
    "server.events.messaging_broker",
    text,
    "prefect.server.utilities.messaging.memory",
    "The module that passes events on; Lictor passes them on through its database.",
    aliases=("PREFECT_MESSAGING_BROKER",),
    effect=False,
)
SERVER_EVENTS_MESSAGING_CACHE = Setting(
    "server.events.messaging_cache",
    text,
    "prefect.server.utilities.messaging.memory",
    "The module that remembers which events were passed on.",
    aliases=("PREFECT_MESSAGING_CACHE",),
    effect=False,
)
SERVER_EVENTS_CAUSAL_ORDERING = Setting(
    "server.events.causal_ordering",
    text,
    "prefect.server.events.ordering.memory",
    "The module that keeps events in order.",
    effect=False,
)
SERVER_EVENTS_MAXIMUM_EVENT_NAME_LENGTH = Setting(
    "server.events.maximum_event_name_length", integer, 1024, "The most characters of an event's name."
)
