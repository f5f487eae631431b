"""The inputs of flow runs as they are stored, JSON under keys; without an id those of the run that goes on here."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from lictor.client.errors import ObjectNotFound
from lictor.kit.json import decode_any, encode
from lictor.sdk.api import flow_run_input as api
from lictor.sdk.objects import FlowRunInput
from lictor.sdk.run_input import run_here, sender_here
from lictor.sdk.steps import Steps, awaited, played


def creating(key: str, text: str, flow_run_id: UUID | None, sender: str | None) -> Steps[None]:
    """Store an input."""
    yield api.create_flow_run_input(run_here(flow_run_id), key, text, sender)


def finding(
    key_prefix: str, limit: int, exclude_keys: Collection[str] | None, flow_run_id: UUID | None
) -> Steps[list[FlowRunInput]]:
    """List inputs."""
    found: list[FlowRunInput] = yield api.filter_flow_run_input(
        run_here(flow_run_id), key_prefix, limit, exclude_keys or ()
    )
    return found


def reading(key: str, flow_run_id: UUID | None) -> Steps[Any]:
    """Read an input."""
    try:
        return decode_any((yield api.read_flow_run_input(run_here(flow_run_id), key)))
    except ObjectNotFound:
        return None


def deleting(key: str, flow_run_id: UUID | None) -> Steps[None]:
    """Delete an input."""
    yield api.delete_flow_run_input(run_here(flow_run_id), key)


def create_flow_run_input(key: str, value: Any, flow_run_id: UUID | None = None, sender: str | None = None) -> Any:
    """Store a value as JSON; raise ObjectAlreadyExists if the run has an input of this key."""
    return played(creating(key, encode(value).decode(), flow_run_id, sender))


async def acreate_flow_run_input(
    key: str, value: Any, flow_run_id: UUID | None = None, sender: str | None = None
) -> None:
    """Do as `create_flow_run_input`, awaited."""
    await awaited(creating(key, encode(value).decode(), flow_run_id, sender))


def create_flow_run_input_from_model(
    key: str, model_instance: BaseModel, flow_run_id: UUID | None = None, sender: str | None = None
) -> Any:
    """Store a pydantic model; the sender is, unless named, the flow run that goes on here."""
    return played(creating(key, model_instance.model_dump_json(), flow_run_id, sender_here(sender)))


async def acreate_flow_run_input_from_model(
    key: str, model_instance: BaseModel, flow_run_id: UUID | None = None, sender: str | None = None
) -> None:
    """Do as `create_flow_run_input_from_model`, awaited."""
    await awaited(creating(key, model_instance.model_dump_json(), flow_run_id, sender_here(sender)))


def filter_flow_run_input(
    key_prefix: str, limit: int = 1, exclude_keys: Collection[str] | None = None, flow_run_id: UUID | None = None
) -> Any:
    """Return the inputs whose keys begin alike, oldest first, without those of some keys."""
    return played(finding(key_prefix, limit, exclude_keys, flow_run_id))


async def afilter_flow_run_input(
    key_prefix: str, limit: int = 1, exclude_keys: Collection[str] | None = None, flow_run_id: UUID | None = None
) -> list[FlowRunInput]:
    """Do as `filter_flow_run_input`, awaited."""
    return await awaited(finding(key_prefix, limit, exclude_keys, flow_run_id))


def read_flow_run_input(key: str, flow_run_id: UUID | None = None) -> Any:
    """Return an input's value, or None if there is none of this key."""
    return played(reading(key, flow_run_id))


async def aread_flow_run_input(key: str, flow_run_id: UUID | None = None) -> Any:
    """Do as `read_flow_run_input`, awaited."""
    return await awaited(reading(key, flow_run_id))


def delete_flow_run_input(key: str, flow_run_id: UUID | None = None) -> Any:
    """Delete an input; raise ObjectNotFound if there is none of this key."""
    return played(deleting(key, flow_run_id))


async def adelete_flow_run_input(key: str, flow_run_id: UUID | None = None) -> None:
    """Do as `delete_flow_run_input`, awaited."""
    await awaited(deleting(key, flow_run_id))
