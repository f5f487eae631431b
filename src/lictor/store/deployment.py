"""Deployments and their schedules in the store."""
# ruff: noqa: S608 - statements are put together from texts of this package; what a request says travels as a parameter

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec import Raw, structs

from lictor.kit.clock import from_micros, to_micros
from lictor.kit.json import NULL, encode, raw
from lictor.store import flow_run
from lictor.store.dialect import ids, in_order, key, micros, most, packed, text_list, whole
from lictor.store.queries import queries, query
from lictor.store.run_row import SLICE, some_of
from lictor.store.transaction import NotFound, Transaction, many, maybe, one
from lictor.store.where import Where
from lictor.wire.types.concurrency_limit import GlobalConcurrencyLimit
from lictor.wire.types.deployment import Deployment, DeploymentSchedule, DeploymentSort, DeploymentStatus
from lictor.wire.types.flow_run import FlowRun

if TYPE_CHECKING:
    from lictor.wire.filters import DeploymentFilter
    from lictor.wire.operations.deployment import CountDeployments, PageDeployments, ReadDeployments

SQL = queries("deployment")
ORDERS = {
    DeploymentSort.CREATED_DESC: "created desc",
    DeploymentSort.UPDATED_DESC: "updated desc",
    DeploymentSort.NAME_ASC: "name",
    DeploymentSort.NAME_DESC: "name desc",
}
LIVE: dict[str, Any] = {
    "schedules": [],
    "global_concurrency_limit": None,
    "work_queue_id": None,
    "work_queue_name": None,
    "work_pool_name": None,
    "last_polled": None,
    "status": DeploymentStatus.NOT_READY,
}
"""What a stored body ends before, as a new deployment has it."""
END = len(encode(LIVE))
COLUMNS = (
    "body, id, status, last_polled, work_queue_id, "
    "coalesce((select work_queue.name from work_queue where work_queue.id = deployment.work_queue_id), "
    "work_queue_name), (select work_pool.name from work_queue join work_pool on work_pool.id = work_queue.work_pool_id "
    "where work_queue.id = deployment.work_queue_id), concurrency_limit_id"
)
READ = query("deployment.read", f"select {COLUMNS} from deployment where id = :id {{keep}}")
READ_SOME = query("deployment.read_some", f"select {COLUMNS} from deployment where id {{any_id ids}} order by id")
READ_BY_NAME = query(
    "deployment.read_by_name",
    f"select {COLUMNS} from deployment "
    "where name = :name and flow_id = (select flow.id from flow where flow.name = :flow_name)",
)
READ_TO_CHANGE = query("deployment.read_to_change", f"select {COLUMNS} from deployment where id = :id {{lock}}")
READ_TO_PUT = query(
    "deployment.read_to_put",
    f"select {COLUMNS} from deployment where flow_id = :flow_id and name = :name {{lock}}",
)
decode = msgspec.json.Decoder(Deployment).decode
decode_schedule = msgspec.json.Decoder(DeploymentSchedule).decode
decode_run = msgspec.json.Decoder(FlowRun).decode


class Row(NamedTuple):
    """A deployment's stored JSON, and its columns that an answer tells."""

    body: str
    id: bytes
    status: str
    last_polled: int | None
    work_queue_id: bytes | None
    work_queue_name: str | None
    work_pool_name: str | None
    limit_id: bytes | None


class Stored(NamedTuple):
    """A deployment as it is stored, its limit's id beside it; its schedules and limit are left out."""

    deployment: Deployment
    limit_id: UUID | None


def stored(row: Row) -> Stored:
    """Read a row."""
    found = decode(row.body + "}")
    found.status, found.work_queue_name, found.work_pool_name = (
        DeploymentStatus(row.status),
        row.work_queue_name,
        row.work_pool_name,
    )
    found.last_polled = None if row.last_polled is None else from_micros(row.last_polled)
    found.work_queue_id = None if row.work_queue_id is None else UUID(bytes=row.work_queue_id)
    return Stored(found, None if row.limit_id is None else UUID(bytes=row.limit_id))


def insert(made: Deployment, limit_id: UUID | None, by: str) -> Transaction[bool]:
    """Add a deployment unless its flow has one of its name; return whether it was added."""
    values = columns(made, limit_id, by)
    added = yield SQL["insert"](flow_id=made.flow_id.bytes, name=made.name, created=micros(made.created), **values)
    return bool(added)


def save(changed: Deployment, limit_id: UUID | None, by: str) -> Transaction[None]:
    """Keep what was changed of a deployment."""
    yield from one(bytes, SQL["update"](**columns(changed, limit_id, by)))


def load(deployment_id: UUID) -> Transaction[Stored]:
    """Return a deployment."""
    return stored((yield from one(Row, READ(id=deployment_id.bytes))))


def find(deployment_id: UUID) -> Transaction[Stored | None]:
    """Return a deployment, or None."""
    row = yield from maybe(Row, READ(id=deployment_id.bytes))
    return None if row is None else stored(row)


def load_to_change(deployment_id: UUID) -> Transaction[Stored]:
    """Return a deployment that is then saved."""
    return stored((yield from one(Row, READ_TO_CHANGE(id=deployment_id.bytes))))


def load_to_put(flow_id: UUID, name: str) -> Transaction[Stored | None]:
    """Return a flow's deployment by its name, to be saved, or None."""
    row = yield from maybe(Row, READ_TO_PUT(flow_id=flow_id.bytes, name=name))
    return None if row is None else stored(row)


def must_exist(deployment_id: UUID) -> Transaction[None]:
    """Raise NotFound unless there is such a deployment; it stays while this transaction lasts."""
    yield from one(int, SQL["keep"](id=deployment_id.bytes))


def load_some(deployment_ids: Iterable[UUID]) -> Transaction[list[Deployment]]:
    """Return those of some deployments that are there."""
    return [stored(row).deployment for row in (yield from many(Row, READ_SOME(ids=ids(deployment_ids))))]


def still(deployment_ids: Iterable[UUID]) -> Transaction[dict[UUID, datetime]]:
    """Return when deployments were changed last; they stay as they are while this transaction lasts."""
    return {UUID(bytes=each): from_micros(at) for each, at in (yield SQL["still"](ids=ids(deployment_ids)))}


def text(deployment_id: UUID, now: datetime) -> Transaction[str]:
    """Return a deployment's JSON as it is at a moment."""
    return (yield from told([(yield from one(Row, READ(id=deployment_id.bytes)))], now))[0]


def text_by_name(flow_name: str, name: str, now: datetime) -> Transaction[str]:
    """Return the JSON of a deployment by the names of its flow and its own."""
    row = yield from one(Row, READ_BY_NAME(flow_name=flow_name, name=name))
    return (yield from told([row], now))[0]


def texts(body: ReadDeployments, now: datetime) -> Transaction[list[str]]:
    """Return the JSON of the deployments that a request matches."""
    return (yield from listed(body, body.sort, most(body.limit), body.offset, now))


def page(body: PageDeployments, limit: int, now: datetime) -> Transaction[tuple[list[str], int]]:
    """Return the JSON of the deployments of a page, and the count of all."""
    found = yield from listed(body, body.sort, limit, (body.page - 1) * limit, now)
    return found, (yield from count(body))


def listed(
    body: CountDeployments, sort: DeploymentSort, limit: int, offset: int, now: datetime
) -> Transaction[list[str]]:
    """Return the JSON of the deployments that a request matches, in an order."""
    where = Where()
    rows, order = where.rows_of("deployment", body), in_order(ORDERS[sort])
    statement = f"select {COLUMNS} from deployment{rows} order by {order} limit :limit offset :offset"
    found = yield from many(Row, where.ask("deployment.texts", statement, limit=limit, offset=whole(offset)))
    return (yield from told(found, now))


def count(body: CountDeployments) -> Transaction[int]:
    """Return how many deployments a request matches."""
    where = Where()
    rows = where.rows_of("deployment", body)
    return (yield from one(int, where.ask("deployment.count", f"select count(*) from deployment{rows}")))


def some(sought: DeploymentFilter | None, limit: int) -> Transaction[list[UUID]]:
    """Return the ids of some of the deployments that a filter matches."""
    return (yield from some_of("deployment", sought, limit))


def told(rows: list[Row], now: datetime) -> Transaction[list[str]]:
    """Return the JSON of rows, with what others say of them."""
    plans = yield from schedule_texts(row.id for row in rows)
    limits = yield from limits_of([row.limit_id for row in rows if row.limit_id is not None], now)
    return [row.body + "," + tail(row, plans.get(row.id, []), limits) for row in rows]


def tail(row: Row, schedules: list[Raw], limits: dict[bytes, Raw]) -> str:
    """Return the closing part of a deployment's JSON."""
    said = {
        "schedules": schedules,
        "global_concurrency_limit": NULL if row.limit_id is None else limits.get(row.limit_id, NULL),
        "work_queue_id": row.work_queue_id and UUID(bytes=row.work_queue_id),
        "work_queue_name": row.work_queue_name,
        "work_pool_name": row.work_pool_name,
        "last_polled": None if row.last_polled is None else from_micros(row.last_polled),
        "status": row.status,
    }
    return encode(said)[1:].decode()


def limits_of(limit_ids: list[bytes], now: datetime) -> Transaction[dict[bytes, Raw]]:
    """Return the JSON of limits by their ids."""
    if not limit_ids:
        return {}
    rows = yield SQL["limits"](limits=packed(limit_ids), now=to_micros(now))
    return {limit_id: limit_text(limit_id, *values) for limit_id, *values in rows}


def limit_text(  # the columns of a limit
    limit_id: bytes, name: str, slots: int, created: int, updated: int, active: int, decay: str, taken: int
) -> Raw:
    """Return the JSON of a limit."""
    return raw(
        GlobalConcurrencyLimit(
            id=UUID(bytes=limit_id),
            created=from_micros(created),
            updated=from_micros(updated),
            active=bool(active),
            name=name,
            limit=slots,
            active_slots=taken,
            slot_decay_per_second=float(decay),
        )
    )


def columns(made: Deployment, limit_id: UUID | None, by: str) -> dict[str, Any]:
    """Return what changes in a deployment's row."""
    return {
        "id": made.id.bytes,
        "paused": int(made.paused),
        "tags": text_list(made.tags),
        "work_queue_id": key(made.work_queue_id),
        "work_queue_name": made.work_queue_name,
        "concurrency_limit_id": key(limit_id),
        "updated": micros(made.updated),
        "body": encode(structs.replace(made, **LIVE))[:-END].decode(),
        "by": by,
    }


def delete(deployment_id: UUID) -> Transaction[None]:
    """Delete a deployment and its schedules."""
    yield from one(bytes, SQL["delete"](id=deployment_id.bytes))
    yield SQL["delete_schedules"](deployment_id=deployment_id.bytes)


def some_of_flow(flow_id: UUID, limit: int) -> Transaction[list[UUID]]:
    """Return the ids of some of a flow's deployments."""
    return (yield from many(from_bytes, SQL["some_of_flow"](flow_id=flow_id.bytes, most=limit)))


def delete_waiting_runs(
    deployment_id: UUID, now: datetime, *, auto_scheduled: bool = False, in_future: bool = False
) -> Transaction[None]:
    """Delete a deployment's runs that are scheduled and have never run.

    With `auto_scheduled` only those that schedules made, with `in_future` only those that are not due yet.
    """
    for run_id, body in (yield SQL["waiting_runs"](deployment_id=deployment_id.bytes)):
        run = decode_run(body)
        due = run.next_scheduled_start_time
        if run.run_count or (auto_scheduled and not run.auto_scheduled) or (in_future and not (due and due > now)):
            continue
        while not (yield from flow_run.delete_some(run_id, SLICE)):
            pass


def scheduled_runs(
    deployment_ids: Iterable[UUID], before: datetime | None, limit: int, now: datetime
) -> Transaction[list[str]]:
    """Return the JSON of deployments' scheduled runs that are due before a moment, None for any, by when they are."""
    ask = SQL["scheduled_runs"](deployments=ids(deployment_ids), before=micros(before), limit=limit, now=to_micros(now))
    return (yield from many(str, ask))


def schedules(deployment_id: UUID) -> Transaction[list[DeploymentSchedule]]:
    """Return a deployment's schedules, those last changed first."""
    found = yield from schedule_texts([deployment_id.bytes])
    return [decode_schedule(text) for text in found.get(deployment_id.bytes, [])]


def schedule_texts(deployment_ids: Iterable[bytes]) -> Transaction[dict[bytes, list[Raw]]]:
    """Return the JSON of deployments' schedules, those last changed first."""
    found: dict[bytes, list[Raw]] = {}
    for deployment_id, body in (yield SQL["schedules"](deployments=packed(deployment_ids))):
        found.setdefault(deployment_id, []).append(Raw(body.encode()))
    return found


def load_schedule(deployment_id: UUID, schedule_id: UUID) -> Transaction[DeploymentSchedule]:
    """Return a schedule of a deployment, to be saved."""
    ask = SQL["read_schedule"](id=schedule_id.bytes, deployment_id=deployment_id.bytes)
    return (yield from one(decode_schedule, ask))


def add_schedules(made: list[DeploymentSchedule], by: str) -> Transaction[None]:
    """Add schedules; raise Duplicate where a slug is taken."""
    yield SQL["insert_schedule"].each([schedule_columns(schedule, by) for schedule in made])


def save_schedule(changed: DeploymentSchedule, by: str) -> Transaction[None]:
    """Keep what was changed of a schedule."""
    yield from one(bytes, SQL["update_schedule"](**schedule_columns(changed, by)))


def forget_slugs(schedule_ids: Iterable[UUID]) -> Transaction[None]:
    """Take the slugs of schedules away, which get others in this transaction."""
    yield SQL["forget_slugs"](ids=ids(schedule_ids))


def delete_schedule(deployment_id: UUID, schedule_id: UUID) -> Transaction[None]:
    """Delete a schedule of a deployment."""
    if not (yield SQL["delete_schedule"](id=schedule_id.bytes, deployment_id=deployment_id.bytes)):
        raise NotFound("deployment.delete_schedule")


def delete_schedules(deployment_id: UUID) -> Transaction[None]:
    """Delete the schedules of a deployment."""
    yield SQL["delete_schedules"](deployment_id=deployment_id.bytes)


def schedule_columns(schedule: DeploymentSchedule, by: str) -> dict[str, Any]:
    """Return a schedule's row."""
    return {
        "id": schedule.id.bytes,
        "deployment_id": key(schedule.deployment_id),
        "slug": schedule.slug,
        "active": int(schedule.active),
        "updated": micros(schedule.updated),
        "body": encode(schedule).decode(),
        "by": by,
    }


def changed_since(moment: datetime, behind: UUID | None, limit: int) -> Transaction[list[UUID]]:
    """Return the ids of deployments changed since a moment that have something to schedule, as `to_schedule` does."""
    after = b"" if behind is None else behind.bytes
    ask = SQL["changed_since"](since=to_micros(moment), behind=after, most=limit)
    return (yield from many(from_bytes, ask))


def to_schedule(behind: UUID | None, limit: int) -> Transaction[list[UUID]]:
    """Return the ids of deployments that have something to schedule, by id and behind one, None for the first."""
    after = b"" if behind is None else behind.bytes
    return (yield from many(from_bytes, SQL["to_schedule"](behind=after, most=limit)))


def polled(deployment_ids: list[UUID], queue_ids: list[UUID], now: datetime) -> Transaction[list[UUID]]:
    """Remember that the runs of deployments, or of those of work queues, were asked for; return which became ready."""
    if deployment_ids:
        yield SQL["polled_by_id"](ids=ids(deployment_ids), now=to_micros(now))
    if queue_ids:
        yield SQL["polled_by_queue"](queues=ids(queue_ids), now=to_micros(now))
    unready = yield from many(from_bytes, SQL["unready"](ids=ids(deployment_ids), queues=ids(queue_ids)))
    return (yield from set_status(unready, DeploymentStatus.READY)) if unready else []


def set_status(deployment_ids: list[UUID], status: DeploymentStatus) -> Transaction[list[UUID]]:
    """Make deployments ready, or not, and return which were not so before."""
    return (yield from many(from_bytes, SQL["set_status"](ids=ids(deployment_ids), status=status)))


def silent(before: datetime, limit: int) -> Transaction[list[UUID]]:
    """Return the ids of deployments that count as ready and whose runs were not asked for since a moment."""
    return (yield from many(from_bytes, SQL["silent"](before=to_micros(before), most=limit)))


def leave_queue(queue_id: UUID) -> Transaction[None]:
    """Take all deployments out of a work queue."""
    yield SQL["leave_queue"](work_queue_id=queue_id.bytes)


def has_limit(limit_id: UUID) -> Transaction[bool]:
    """Tell whether there is such a limit."""
    return bool((yield SQL["limits"](limits=limit_id.bytes, now=0)))


def from_bytes(found: bytes) -> UUID:
    """Read an id."""
    return UUID(bytes=found)
