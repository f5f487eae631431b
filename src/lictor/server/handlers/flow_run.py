"""Answers about flow runs."""

from __future__ import annotations

from uuid import UUID

from lictor.kit.clock import now
from lictor.orchestration.change_state import set_flow_run_state
from lictor.orchestration.change_states import set_flow_run_states
from lictor.orchestration.create_runs import create_flow_run
from lictor.orchestration.edit import delete_flow_run, label_flow_run, update_flow_run
from lictor.orchestration.resume import resume_flow_run
from lictor.server.bounds import intervals_of, limit_of
from lictor.server.dispatch import Request, answers
from lictor.server.provenance import creator_of
from lictor.server.reply import NOTHING, Refusal, Reply, detail, json, paged, text, texts
from lictor.settings import table
from lictor.store import flow_run
from lictor.store.history import average_lateness, history
from lictor.wire.operations import flow_run as operations
from lictor.wire.operations.flow_run import (
    CountFlowRuns,
    DeleteFlowRuns,
    FlowRunHistory,
    PageFlowRuns,
    ReadFlowRuns,
    ResumeFlowRun,
    SetStates,
)
from lictor.wire.types.common import Deleted, Labels
from lictor.wire.types.flow_run import FlowRunCreate, FlowRunResults, FlowRunUpdate
from lictor.wire.types.state import SetState

SOURCE = operations.SOURCE.lower().encode()


@answers(operations.CREATE)
async def create(request: Request, body: FlowRunCreate) -> Reply:
    """Create a flow run, or answer the one with the same idempotency key: 201 for a new one."""
    most = request.server.settings[table.SERVER_API_MAX_PARAMETER_SIZE]
    if sum(memoryview(value).nbytes for value in body.parameters.values()) > most:
        raise Refusal(detail(f"parameters: larger than the limit of {most} bytes.", 422))
    made, created = await request.store.write(create_flow_run, body, now(), request.by, creator_of(request))
    if created:
        request.server.hub.announce("event")
    return text(made, 201 if created else 200)


@answers(operations.READ)
async def read(request: Request, body: None) -> Reply:
    """Answer a flow run."""
    return text(await request.store.point(flow_run.text, request.parameters["id"], now()))


@answers(operations.UPDATE)
async def update(request: Request, body: FlowRunUpdate) -> Reply:
    """Change a flow run."""
    keyring, run_id = request.server.keyring, request.parameters["id"]
    await request.store.write(update_flow_run, keyring, run_id, body, now(), request.by)
    return NOTHING


@answers(operations.DELETE)
async def delete(request: Request, body: None) -> Reply:
    """Delete a flow run."""
    await request.store.point(flow_run.must_exist, request.parameters["id"])
    await delete_flow_run(request.store, request.parameters["id"])
    return NOTHING


@answers(operations.FILTER)
async def find(request: Request, body: ReadFlowRuns) -> Reply:
    """Answer the flow runs that a filter matches."""
    body.limit = limit_of(request, body.limit)
    return texts(await request.store.read(flow_run.texts, body, now()))


@answers(operations.COUNT)
async def count(request: Request, body: CountFlowRuns) -> Reply:
    """Count the flow runs that a filter matches."""
    return json(await request.store.read(flow_run.count, body))


@answers(operations.SET_STATE)
async def set_state(request: Request, body: SetState) -> Reply:
    """Propose a state: 201 where one was written."""
    terms = request.server.terms
    changed = await request.store.write(
        set_flow_run_state,
        request.parameters["id"],
        body,
        now(),
        request.by,
        terms,
        request.agent,
        source_of(request),
    )
    if changed.written:
        request.server.hub.announce("event")
    return json(changed.result, 201 if changed.written else 200)


def source_of(request: Request) -> UUID | None:
    """Return the id of the state that a proposal goes on from, None where it does not say."""
    said = request.headers.get(SOURCE)
    if said is None:
        return None
    try:
        return UUID(said.decode("latin-1"))
    except ValueError:
        raise Refusal(detail(f"{operations.SOURCE}: give the id of a state.", 422)) from None


@answers(operations.RESUME)
async def resume(request: Request, body: ResumeFlowRun) -> Reply:
    """Let a paused flow run go on: 201 where a state was written."""
    agent = request.headers.get(b"user-agent", b"").decode("latin-1")
    changed = await request.store.write(
        resume_flow_run, request.parameters["id"], body.run_input, now(), request.by, request.server.terms, agent
    )
    if changed.written:
        request.server.hub.announce("event")
    return json(changed.result, 201 if changed.written else 200)


@answers(operations.PAGINATE)
async def paginate(request: Request, body: PageFlowRuns) -> Reply:
    """Answer a page of the flow runs that a filter matches."""
    limit = limit_of(request, body.limit)
    found, number = await request.store.read(flow_run.page, body, limit, now())
    return paged(found, number, limit, body.page)


@answers(operations.BULK_DELETE)
async def bulk_delete(request: Request, body: DeleteFlowRuns) -> Reply:
    """Delete some flow runs."""
    found = await request.store.read(flow_run.some, body.flow_runs, body.limit)
    for run_id in found:
        await delete_flow_run(request.store, run_id)
    return json(Deleted(deleted=found))


@answers(operations.BULK_SET_STATE)
async def bulk_set_state(request: Request, body: SetStates) -> Reply:
    """Propose a state for each of some flow runs."""
    found = await request.store.read(flow_run.some, body.flow_runs, body.limit)
    results = await set_flow_run_states(request.store, found, body, request.by, request.server.terms, request.agent)
    request.server.hub.announce("event")
    return json(FlowRunResults(results=results))


@answers(operations.LABEL)
async def label(request: Request, body: Labels) -> Reply:
    """Lay labels over those of a flow run."""
    await request.store.write(label_flow_run, request.parameters["id"], body, now(), request.by)
    return NOTHING


@answers(operations.HISTORY)
async def read_history(request: Request, body: FlowRunHistory) -> Reply:
    """Count the flow runs that a filter matches, by interval and state."""
    return json(await request.store.read(history, "flow_run", body, intervals_of(body), now()))


@answers(operations.LATENESS)
async def lateness(request: Request, body: CountFlowRuns) -> Reply:
    """Answer by how many seconds the flow runs that a filter matches are late on average."""
    return json(await request.store.read(average_lateness, body, now()))
