"""Lets a worker in that connects to its pool's channel: the pool may be made, or get its template."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import Raw

from lictor.kit.json import encode
from lictor.orchestration import work_pool_events as events
from lictor.orchestration.job_template import faults
from lictor.orchestration.job_variables import check_defaults
from lictor.orchestration.queue_places import absent_queue
from lictor.orchestration.refusal import Absent, Reserved, Unfit
from lictor.orchestration.work_pools import absent, add_pool, found, is_reserved, keep
from lictor.store import work_pool, work_queue, worker
from lictor.store.keyring import Keyring
from lictor.store.transaction import Transaction, brief
from lictor.wire.types.event import ReceivedEvent
from lictor.wire.types.work_pool import WorkPool, WorkPoolCreate, WorkPoolStatus
from lictor.wire.types.work_queue import WorkQueue
from lictor.wire.types.worker_channel import Hello


class Welcome(NamedTuple):
    """What a worker is told: its pool and queues."""

    pool_id: UUID
    queues: list[WorkQueue]


@brief
def welcome(  # with which keys, to which pool, who says what and may do what, when
    keyring: Keyring, name: str, hello: Hello, may_make: bool, now: datetime, by: str
) -> Transaction[Welcome]:
    """Let a worker in.

    Raises Absent where its pool, or one of its queues, is not there and may not be made, Reserved for a name that
    is the server's own, and Unfit where the pool would get a template that is wrong.
    """
    known = yield from work_pool.find_to_change(name)
    if known is None:
        if not (hello.create_pool_if_not_found and may_make):
            raise absent(name)
        if is_reserved(name):
            raise Reserved("A work pool whose name starts with 'Prefect' is not made for a worker.")
        template = hello.default_base_job_template
        yield from check_template(keyring, template)
        body = WorkPoolCreate(name=name, type=hello.worker_type, base_job_template=template)
        yield from add_pool(body, now, by)
        known = yield from work_pool.find_to_change(name)
    pool, before = found(known, name)
    queues = yield from queues_of(pool, hello.work_queue_names)
    yield from worker.beat(pool.id, hello.worker_name, hello.heartbeat_interval_seconds, now, by)
    told = []
    if may_make and bytes(pool.base_job_template) == b"{}" and hello.default_base_job_template:
        yield from check_template(keyring, hello.default_base_job_template)
        told = [given_template(pool, hello, now)]
    status = WorkPoolStatus.READY if pool.status == WorkPoolStatus.NOT_READY else pool.status
    if told or status != pool.status:
        yield from keep(pool, before, status, told, now, by)
    return Welcome(pool.id, queues)


def check_template(keyring: Keyring, template: dict[str, Any]) -> Transaction[None]:
    """Refuse a template that a pool is to get from its worker, if anything is wrong with it."""
    wrong = faults(template)
    if wrong is not None:
        raise Unfit(wrong)
    try:
        yield from check_defaults(keyring, template)
    except Absent as error:
        raise Unfit(str(error)) from None


def given_template(pool: WorkPool, hello: Hello, now: datetime) -> ReceivedEvent:
    """Give a pool the template of its worker's type; return the event that tells it."""
    was, pool.base_job_template = pool.base_job_template, Raw(encode(hello.default_base_job_template))
    pool.updated = now
    return events.pool_updated(pool, {"base_job_template": {"from": was, "to": pool.base_job_template}}, now)


def queues_of(pool: WorkPool, names: list[str]) -> Transaction[list[WorkQueue]]:
    """Return the queues that a worker serves: those with some names, or all of its pool."""
    if not names:
        return (yield from work_queue.of_pool(pool.id))
    queues = []
    for name in dict.fromkeys(names):
        queue = yield from work_queue.find(pool.id, name)
        if queue is None:
            raise absent_queue(pool.name, name)
        queues.append(queue)
    return queues
