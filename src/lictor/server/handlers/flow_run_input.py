"""Takes and answers the inputs of flow runs."""

from __future__ import annotations

from lictor.kit.clock import now
from lictor.orchestration.give_input import give_input
from lictor.server.dispatch import Request, answers
from lictor.server.reply import NOTHING, Refusal, Reply, detail, json, texts
from lictor.store import flow_run_input
from lictor.store.transaction import NotFound
from lictor.wire.operations import flow_run_input as operations
from lictor.wire.operations.flow_run_input import FindInputs
from lictor.wire.types.flow_run_input import FlowRunInputCreate

ABSENT = detail("Flow run input not found", 404)
TEXT = (b"content-type", b"text/plain; charset=utf-8")


@answers(operations.CREATE)
async def create(request: Request, body: FlowRunInputCreate) -> Reply:
    """Add an input to a flow run."""
    await request.store.write(give_input, request.parameters["id"], body, now(), request.by)
    return json(None, 201)


@answers(operations.FILTER)
async def find(request: Request, body: FindInputs) -> Reply:
    """Answer the inputs of a flow run whose keys start with a text."""
    return texts(await request.store.read(flow_run_input.found, request.parameters["id"], body))


@answers(operations.READ)
async def read(request: Request, body: None) -> Reply:
    """Answer the value of an input, as the text that it is."""
    given = await request.store.point(flow_run_input.read, request.parameters["id"], request.parameters["key"])
    if given is None:
        raise Refusal(ABSENT)
    return Reply(given.value.encode(), 200, (TEXT,))


@answers(operations.DELETE)
async def delete(request: Request, body: None) -> Reply:
    """Remove an input of a flow run."""
    try:
        await request.store.write(flow_run_input.delete, request.parameters["id"], request.parameters["key"])
    except NotFound:
        raise Refusal(ABSENT) from None
    return NOTHING
