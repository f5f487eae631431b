"""Answers about task runs."""

from __future__ import annotations

from lictor.kit.clock import now
from lictor.orchestration.change_state import set_task_run_state
from lictor.orchestration.create_runs import create_task_run
from lictor.orchestration.edit import update_task_run
from lictor.server.bounds import intervals_of, limit_of
from lictor.server.dispatch import Request, answers
from lictor.server.reply import NOTHING, Reply, json, paged, text, texts
from lictor.store import task_run
from lictor.store.history import history
from lictor.wire.operations import task_run as operations
from lictor.wire.operations.task_run import CountTaskRuns, PageTaskRuns, ReadTaskRuns, TaskRunHistory
from lictor.wire.problem import InvalidRequest
from lictor.wire.types.state import SetState, StateType
from lictor.wire.types.task_run import TaskRunCreate, TaskRunUpdate


@answers(operations.CREATE)
async def create(request: Request, body: TaskRunCreate) -> Reply:
    """Create a task run, or answer the one with the same keys: 201 for a new one."""
    longest = request.server.terms.longest_cache_key
    if body.cache_key is not None and len(body.cache_key) > longest:
        message = f"The cache key is longer than {longest} characters (server.tasks.max_cache_key_length)."
        raise InvalidRequest([{"type": "value_error", "loc": ["body", "cache_key"], "msg": message}], None)
    made, created = await request.store.write(create_task_run, body, now(), request.by)
    if created and body.state is not None and body.state.type == StateType.SCHEDULED:
        request.server.hub.announce("deferred")
    return text(made, 201 if created else 200)


@answers(operations.READ)
async def read(request: Request, body: None) -> Reply:
    """Answer a task run."""
    return text(await request.store.point(task_run.text, request.parameters["id"], now()))


@answers(operations.UPDATE)
async def update(request: Request, body: TaskRunUpdate) -> Reply:
    """Change a task run."""
    await request.store.write(update_task_run, request.parameters["id"], body, now(), request.by)
    return NOTHING


@answers(operations.DELETE)
async def delete(request: Request, body: None) -> Reply:
    """Delete a task run."""
    await request.store.write(task_run.delete, request.parameters["id"])
    return NOTHING


@answers(operations.FILTER)
async def find(request: Request, body: ReadTaskRuns) -> Reply:
    """Answer the task runs that a filter matches."""
    body.limit = limit_of(request, body.limit)
    return texts(await request.store.read(task_run.texts, body, now()))


@answers(operations.COUNT)
async def count(request: Request, body: CountTaskRuns) -> Reply:
    """Count the task runs that a filter matches."""
    return json(await request.store.read(task_run.count, body))


@answers(operations.SET_STATE)
async def set_state(request: Request, body: SetState) -> Reply:
    """Propose a state: 201 where one was written."""
    changed = await request.store.write(
        set_task_run_state, request.parameters["id"], body, now(), request.by, request.server.terms
    )
    if changed.written and body.state.type == StateType.SCHEDULED:
        request.server.hub.announce("deferred")
    return json(changed.result, 201 if changed.written else 200)


@answers(operations.PAGINATE)
async def paginate(request: Request, body: PageTaskRuns) -> Reply:
    """Answer a page of the task runs that a filter matches."""
    limit = limit_of(request, body.limit)
    found, number = await request.store.read(task_run.page, body, limit, now())
    return paged(found, number, limit, body.page)


@answers(operations.HISTORY)
async def read_history(request: Request, body: TaskRunHistory) -> Reply:
    """Count the task runs that a filter matches, by interval and state."""
    return json(await request.store.read(history, "task_run", body, intervals_of(body), now()))
