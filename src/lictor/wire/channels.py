"""The websockets, and the frames that go over them."""

from __future__ import annotations

import re

from msgspec import Struct, field

from lictor.wire.filters import EventFilter, LogFilter
from lictor.wire.operation import Need

SUBPROTOCOL = "prefect"
AUTH_SUCCESS = '{"type":"auth_success"}'


class Channel:
    """One websocket: its path, what it needs of the caller, and whether it insists on the subprotocol."""

    def __init__(self, path: str, need: Need, *, strict: bool = False) -> None:
        self.path, self.need, self.strict = path, need, strict
        self.matches = re.compile(re.sub(r"\{\w+\}", "[^/]+", path)).fullmatch


CHANNELS = (
    Channel("/events/in", "run"),
    Channel("/events/out", "read"),
    Channel("/logs/out", "read"),
    Channel("/task_runs/subscriptions/scheduled", "run"),
    Channel("/work_pools/{name}/workers/connect", "run", strict=True),
)


class Auth(Struct, tag="auth", kw_only=True):
    """The first frame: the auth string in clear, or null where the server asks for none."""

    token: str | None = None


class EventSubscription(Struct, tag="filter", kw_only=True):
    """Which events to send; with `backfill` those of late first."""

    filter: EventFilter = field(default_factory=EventFilter)
    backfill: bool = True


class LogSubscription(Struct, tag="filter", kw_only=True):
    """Which log lines to send."""

    filter: LogFilter = field(default_factory=LogFilter)


class TaskRunSubscription(Struct, tag="subscribe", kw_only=True):
    """Of which tasks to send deferred runs, and what the worker calls itself."""

    keys: list[str] = field(default_factory=list)
    client_id: str = ""
