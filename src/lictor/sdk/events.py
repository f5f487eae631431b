"""Events that users' code emits; they go out with those of runs, from the outbox."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from lictor.client.connection import connection
from lictor.engine.context import FLOW, TASK
from lictor.kit.clock import in_utc, now
from lictor.kit.ids import uuid7
from lictor.kit.json import encode
from lictor.sdk.api.event import sent
from lictor.sdk.objects import Event
from lictor.settings import current, table
from lictor.wire.types.event import Resource

TIGHT = timedelta(minutes=5)
"""An event that follows one from longer ago than this does not say so."""
ID, ROLE, NAME = "prefect.resource.id", "prefect.resource.role", "prefect.resource.name"


def emit_event(  # what an event may say
    event: str,
    resource: dict[str, str],
    occurred: datetime | None = None,
    related: Iterable[dict[str, str]] | None = None,
    payload: dict[str, Any] | None = None,
    id: UUID | None = None,  # noqa: A002  # the protocol's name
    follows: Event | None = None,
) -> Event:
    """Tell the server that something happened, and return the event; it goes out beside the program.

    In a flow or task the runs that go on, their flow, deployment and tags are related to the event, too.

    Args:
        event: What happened, such as `warehouse.table.loaded`.
        resource: What it happened to: labels, with the name of it under `prefect.resource.id`.
        occurred: When; by default now.
        related: What else has to do with it: labels as for `resource`, each with a `prefect.resource.role`.
        payload: What else there is to say: anything that JSON has.
        id: The event's id, a UUID; by default a new one.
        follows: The event that came before, if not by more than 5 minutes: the order of the two is then certain.

    Raises:
        ValueError: The resource has no id, a related one no role, or the event is larger than
            `server.events.maximum_size_bytes`.
        TypeError: The payload has something that JSON has not.
    """
    given = [dict(each) for each in related or ()]
    check(resource, given)
    moment = now() if occurred is None else in_utc(occurred)
    known = {resource[ID], *(each[ID] for each in given)}
    made = Event(
        event=event,
        resource=dict(resource),
        occurred=moment,
        related=[*given, *(each for each in going_on() if each[ID] not in known)],
        payload=payload or {},
        id=id or uuid7(),
        follows=follows.id if follows is not None and abs(moment - follows.occurred) < TIGHT else None,
    )
    body, most = encode(sent(made)), current()[table.SERVER_EVENTS_MAXIMUM_SIZE_BYTES]
    if len(body) > most:
        raise ValueError(f"the event {event!r} has {len(body)} bytes; at most {most} are sent: say less in its payload")
    connection().outbox.event(body)
    return made


def check(resource: dict[str, str], related: list[dict[str, str]]) -> None:
    """Refuse resources that the server would refuse."""
    if not resource.get(ID):
        raise ValueError(f"resource: say what the event is about under {ID!r}")
    for each in related:
        if not each.get(ID) or not each.get(ROLE):
            raise ValueError(f"related: {each!r} needs a {ID!r} and a {ROLE!r}")


def going_on() -> Iterator[Resource]:
    """Yield the resources of the runs that go on here."""
    flow, task = FLOW.get(), TASK.get()
    tags: set[str] = set()
    if flow is not None:
        yield named("flow-run", flow.run.id, flow.run.name)
        tags |= set(flow.run.tags)
    if task is not None:
        yield named("task-run", task.run.id, task.run.name)
        tags |= set(task.run.tags)
    if flow is not None:
        yield named("flow", flow.run.flow_id, flow.spec.name)
        if flow.run.deployment_id is not None:
            yield named("deployment", flow.run.deployment_id)
    for tag in sorted(tags):
        yield named("tag", tag)


def named(kind: str, key: UUID | str, name: str | None = None) -> Resource:
    """Return a related resource."""
    labels = {ID: f"prefect.{kind}.{key}", ROLE: kind}
    return labels if name is None else {**labels, NAME: name}
