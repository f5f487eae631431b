"""What `lictor.runtime` tells of the runs that go on where it is asked."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from lictor.client.errors import ObjectNotFound
from lictor.engine.context import FLOW, TAGS, TASK, FlowContext
from lictor.kit.json import decode_any, encode
from lictor.settings import current, table
from lictor.wire.operations.deployment import READ as READ_DEPLOYMENT
from lictor.wire.types.deployment import Deployment

Known = dict[str, Callable[[], Any]]


def said(kind: str, known: Known, name: str) -> Any:
    """Return an attribute of a kind of run: what the environment says, else what is known here."""
    if name not in known:
        raise AttributeError(f"lictor.runtime.{kind} has no attribute {name!r}; it has {', '.join(sorted(known))}")
    value = known[name]()
    given = os.environ.get(f"PREFECT__RUNTIME__{kind}__{name}".upper())
    if given is None:
        return value
    if isinstance(value, bool):
        return given.lower() in ("1", "true", "yes")
    return type(value)(given) if isinstance(value, int | float) else given


def of_flow(read: Callable[[FlowContext], Any], otherwise: Any = None) -> Callable[[], Any]:
    """Return what reads something of the flow run that goes on."""

    def find() -> Any:
        here = FLOW.get()
        return otherwise if here is None else read(here)

    return find


def of_task(read: Callable[[Any], Any], otherwise: Any = None) -> Callable[[], Any]:
    """Return what reads something of the task run that goes on."""

    def find() -> Any:
        here = TASK.get()
        return otherwise if here is None else read(here)

    return find


def text(value: Any) -> str | None:
    """Return an id as text."""
    return None if value is None else str(value)


def api_url(kind: str, run_id: Any) -> str | None:
    """Return the address of a run in the API."""
    address = current()[table.API_URL]
    return None if not address or run_id is None else f"{address.rstrip('/')}/{kind}s/{run_id}"


def ui_url(kind: str, run_id: Any) -> str | None:
    """Return the address of a run's page."""
    address = current()[table.UI_URL]
    return None if not address or run_id is None else f"{address.rstrip('/')}/runs/{kind.replace('_', '-')}/{run_id}"


def root_of(here: FlowContext) -> str:
    """Return the id of the outermost flow run that goes on around one."""
    while here.parent is not None:
        here = here.parent
    return str(here.run.id)


def of_deployment(read: Callable[[Deployment], Any], otherwise: Callable[[], Any] = lambda: None) -> Callable[[], Any]:
    """Return what asks the server for something of the deployment whose run goes on."""

    def find() -> Any:
        here = FLOW.get()
        if here is None or here.run.deployment_id is None:
            return otherwise()
        try:
            return read(here.connection.client(READ_DEPLOYMENT(id=here.run.deployment_id)))
        except ObjectNotFound:  # it was deleted meanwhile
            return otherwise()

    return find


FLOW_RUN: Known = {
    "id": of_flow(lambda here: str(here.run.id)),
    "tags": of_flow(lambda here: sorted({*here.run.tags, *TAGS.get()}), []),
    "scheduled_start_time": of_flow(lambda here: here.run.expected_start_time),
    "name": of_flow(lambda here: here.run.name),
    "flow_name": of_flow(lambda here: here.spec.name),
    "flow_version": of_flow(lambda here: here.spec.version),
    "parameters": of_flow(lambda here: dict(here.arguments), {}),
    "parent_flow_run_id": of_flow(lambda here: None if here.parent is None else str(here.parent.run.id)),
    "parent_deployment_id": of_flow(lambda here: None if here.parent is None else text(here.parent.run.deployment_id)),
    "root_flow_run_id": of_flow(root_of),
    "run_count": of_flow(lambda here: here.run.run_count, 0),
    "api_url": of_flow(lambda here: api_url("flow_run", here.run.id)),
    "ui_url": of_flow(lambda here: ui_url("flow_run", here.run.id)),
    "job_variables": of_flow(lambda here: decode_any(here.run.job_variables)),
}
TASK_RUN: Known = {
    "id": of_task(lambda here: here.id_text),
    "tags": of_task(lambda here: list(here.run.tags), []),
    "name": of_task(lambda here: here.run.name),
    "parameters": of_task(lambda here: here.spec.bind(here.args, here.kwargs), {}),
    "run_count": of_task(lambda here: here.run.run_count, 0),
    "task_name": of_task(lambda here: here.spec.name),
    "api_url": of_task(lambda here: api_url("task_run", here.run.id)),
    "ui_url": of_task(lambda here: ui_url("task_run", here.run.id)),
}
DEPLOYMENT: Known = {
    "id": of_flow(lambda here: text(here.run.deployment_id)),
    "flow_run_id": of_flow(lambda here: str(here.run.id)),
    "name": of_deployment(lambda found: found.name),
    "parameters": of_deployment(lambda found: decode_any(encode(found.parameters)), dict),
    "version": of_flow(lambda here: here.run.deployment_version),
}
