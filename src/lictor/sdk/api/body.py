"""Values as requests carry them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import msgspec
from msgspec import Raw, structs

from lictor.engine.states import State, proposal
from lictor.wire.types.common import JSONObject
from lictor.wire.types.state import StateCreate

MASK = "********"


def json_object(values: Mapping[str, Any] | None) -> JSONObject:
    """Return values by name as JSON; raise TypeError for one that has none."""
    return {name: Raw(msgspec.json.encode(value, enc_hook=dumped)) for name, value in (values or {}).items()}


def dumped(value: Any) -> Any:
    """Return a pydantic model's fields."""
    dump = getattr(value, "model_dump", None)
    if dump is None or isinstance(value, type):
        raise TypeError(f"a value of type {type(value).__name__} has no JSON")
    return dump(mode="json")


def proposed(state: State[Any]) -> StateCreate:
    """Return a state as it is proposed; its transition has an id, so that a repeated request is known."""
    body = proposal(state)
    body.state_details = structs.replace(body.state_details, transition_id=uuid4())
    return body


def without_secrets(value: Any, include: bool) -> Any:
    """Return a value as JSON has it, the secrets in it in clear or masked."""
    if hasattr(value, "get_secret_value"):
        secret = value.get_secret_value()
        return without_secrets(secret.decode() if isinstance(secret, bytes) else secret, True) if include else MASK
    if isinstance(value, Mapping):
        return {str(name): without_secrets(each, include) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [without_secrets(each, include) for each in value]
    return msgspec.json.decode(msgspec.json.encode(value, enc_hook=dumped))
