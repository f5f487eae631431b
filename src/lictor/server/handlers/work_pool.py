"""Answers about work pools."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lictor.kit.clock import now
from lictor.orchestration import concurrency_status, job_template, job_variables, scheduled_runs
from lictor.orchestration.work_pools import absent, create_pool, delete_pool, update_pool
from lictor.server.bounds import limit_of
from lictor.server.dispatch import Request, answers
from lictor.server.reply import NOTHING, Reply, json, text, texts
from lictor.server.waiting_workers import until_due
from lictor.store import work_pool
from lictor.wire.operations import work_pool as operations
from lictor.wire.operations.work_pool import (
    CountWorkPools,
    GetScheduledFlowRuns,
    ReadWorkPoolConcurrency,
    ReadWorkPools,
)
from lictor.wire.problem import InvalidRequest
from lictor.wire.types.work_pool import WorkPoolCreate, WorkPoolUpdate


@answers(operations.CREATE)
async def create(request: Request, body: WorkPoolCreate) -> Reply:
    """Make a work pool with its default queue."""
    check(body.base_job_template)
    await request.store.read(job_variables.check_defaults, request.server.keyring, body.base_job_template)
    made = await request.store.write(create_pool, body, now(), request.by)
    request.server.hub.announce("event")
    return json(made, 201)


def check(template: dict[str, Any]) -> None:
    """Say what is wrong with a template by itself."""
    wrong = job_template.faults(template)
    if wrong is not None:
        details = [{"type": "value_error", "loc": ["body", "base_job_template"], "msg": wrong}]
        raise InvalidRequest(details, None)


@answers(operations.READ)
async def read(request: Request, body: None) -> Reply:
    """Answer a work pool."""
    name = request.parameters["name"]
    found = await request.store.read(work_pool.text, name)
    if found is None:
        raise absent(name)
    return text(found)


@answers(operations.UPDATE)
async def update(request: Request, body: WorkPoolUpdate) -> Reply:
    """Change a work pool."""
    if body.base_job_template:
        check(body.base_job_template)
    await request.store.write(update_pool, request.parameters["name"], body, now(), request.by)
    request.server.hub.announce("event")
    return NOTHING


@answers(operations.DELETE)
async def delete(request: Request, body: None) -> Reply:
    """Delete a work pool with its queues and workers."""
    await delete_pool(request.store, request.parameters["name"], now(), request.by)
    request.server.hub.announce("event")
    return NOTHING


@answers(operations.FILTER)
async def find(request: Request, body: ReadWorkPools) -> Reply:
    """Answer the work pools that a filter matches, by name."""
    return texts(await request.store.read(work_pool.texts, body, limit_of(request, body.limit)))


@answers(operations.COUNT)
async def count(request: Request, body: CountWorkPools) -> Reply:
    """Count the work pools that a filter matches."""
    return json(await request.store.read(work_pool.count, body))


@answers(operations.CONCURRENCY_STATUS)
async def concurrency(request: Request, body: ReadWorkPoolConcurrency) -> Reply:
    """Answer which runs hold slots of a work pool, queue by queue."""
    name, limit = request.parameters["name"], limit_of(request, body.limit)
    return json(await request.store.read(concurrency_status.of_pool, name, body, limit, now()))


@answers(operations.GET_SCHEDULED_FLOW_RUNS)
async def get_scheduled_flow_runs(request: Request, body: GetScheduledFlowRuns) -> Reply:
    """Hand the scheduled runs of a work pool out to a worker; one that prefers to wait gets the first that fall due."""
    name, limit, before = request.parameters["name"], limit_of(request, body.limit), body.scheduled_before

    async def look(later: timedelta) -> list[str]:
        body.scheduled_before = None if before is None else before + later
        moment = now()
        found = await request.store.read(scheduled_runs.of_pool, name, body, limit, moment)
        if await scheduled_runs.note_poll(request.store, found.queues, moment, request.by):
            request.server.hub.announce("event")
        return found.runs

    return texts(await until_due(request, look))
