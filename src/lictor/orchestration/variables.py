"""Makes, changes and removes variables, each with its event."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import UNSET

from lictor.kit.ids import uuid7
from lictor.kit.json import encode
from lictor.orchestration.lifecycle_events import Action, lifecycle
from lictor.orchestration.refusal import Conflict
from lictor.store import event, variable
from lictor.store.transaction import Ask, Transaction, brief
from lictor.wire.types.variable import Variable, VariableCreate, VariableUpdate


@brief
def create(body: VariableCreate, now: datetime, by: str) -> Transaction[str]:
    """Make a variable; return its JSON."""
    made = Variable(id=uuid7(), created=now, updated=now, name=body.name, value=body.value, tags=body.tags)
    if not (yield from variable.insert(made, by)):
        raise taken(body.name)
    yield told(made, "created", now, by)
    return encode(made).decode()


@brief
def update(key: UUID | str, body: VariableUpdate, now: datetime, by: str) -> Transaction[None]:
    """Change what was sent of a variable, which its id or its name tells."""
    found = yield from variable.load_to_change(key)
    if body.name not in (UNSET, None, found.name):
        found.name = str(body.name)
        if (yield from variable.is_taken(found.name, found.id)):
            raise taken(found.name)
    if body.value is not UNSET:
        found.value = body.value
    if body.tags is not UNSET:
        found.tags = body.tags or []
    found.updated = now
    yield from variable.save(found, by)
    yield told(found, "updated", now, by)


@brief
def delete(key: UUID | str, now: datetime, by: str) -> Transaction[None]:
    """Remove a variable, which its id or its name tells."""
    found = yield from variable.load_to_change(key)
    yield told(found, "deleted", now, by)
    yield from variable.delete(found.id)


def taken(name: str) -> Conflict:
    """Say that a name is taken."""
    return Conflict(f"A variable with the name '{name}' already exists.")


def told(found: Variable, action: Action, now: datetime, by: str) -> Ask:
    """Return what records that a variable was changed."""
    payload = {"name": found.name, "value": found.value, "tags": found.tags}
    return event.ask(lifecycle("variable", action, found.id, found.name, payload, now), by)
