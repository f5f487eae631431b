"""Answers about flows."""

from __future__ import annotations

from lictor.kit.clock import now
from lictor.orchestration.create_runs import create_flow
from lictor.orchestration.edit import delete_flow, delete_flows, update_flow
from lictor.server.bounds import limit_of
from lictor.server.dispatch import Request, answers
from lictor.server.reply import NOTHING, Reply, json, paged, text, texts
from lictor.store import flow
from lictor.wire.operations import flow as operations
from lictor.wire.operations.flow import CountFlows, DeleteFlows, PageFlows, ReadFlows
from lictor.wire.types.common import Deleted
from lictor.wire.types.flow import FlowCreate, FlowUpdate


@answers(operations.CREATE)
async def create(request: Request, body: FlowCreate) -> Reply:
    """Get or create a flow by name: 201 for a new one."""
    made, created = await request.store.write(create_flow, body, now(), request.by)
    if created:
        request.server.hub.announce("event")
    return text(made, 201 if created else 200)


@answers(operations.READ)
async def read(request: Request, body: None) -> Reply:
    """Answer a flow."""
    return text(await request.store.point(flow.text, request.parameters["id"]))


@answers(operations.READ_BY_NAME)
async def read_by_name(request: Request, body: None) -> Reply:
    """Answer a flow by its exact name."""
    return text(await request.store.point(flow.text_by_name, request.parameters["name"]))


@answers(operations.UPDATE)
async def update(request: Request, body: FlowUpdate) -> Reply:
    """Change a flow."""
    await request.store.write(update_flow, request.parameters["id"], body, now(), request.by)
    return NOTHING


@answers(operations.DELETE)
async def delete(request: Request, body: None) -> Reply:
    """Delete a flow and its runs."""
    await delete_flow(request.store, request.parameters["id"])
    return NOTHING


@answers(operations.FILTER)
async def find(request: Request, body: ReadFlows) -> Reply:
    """Answer the flows that a filter matches."""
    body.limit = limit_of(request, body.limit)
    return texts(await request.store.read(flow.texts, body))


@answers(operations.COUNT)
async def count(request: Request, body: CountFlows) -> Reply:
    """Count the flows that a filter matches."""
    return json(await request.store.read(flow.count, body))


@answers(operations.PAGINATE)
async def paginate(request: Request, body: PageFlows) -> Reply:
    """Answer a page of the flows that a filter matches."""
    limit = limit_of(request, body.limit)
    found, number = await request.store.read(flow.page, body, limit)
    return paged(found, number, limit, body.page)


@answers(operations.BULK_DELETE)
async def bulk_delete(request: Request, body: DeleteFlows) -> Reply:
    """Delete some flows and their runs."""
    found = await request.store.read(flow.some, body.flows, body.limit)
    return json(Deleted(deleted=await delete_flows(request.store, found)))
