"""Flows in the store."""
# ruff: noqa: S608 - statements are put together from texts of this package; what a request says travels as a parameter

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from lictor.kit.json import encode
from lictor.store import flow_run
from lictor.store.dialect import in_order, micros, most, text_list, whole
from lictor.store.queries import queries
from lictor.store.run_row import SLICE, some_of
from lictor.store.transaction import Transaction, many, one
from lictor.store.where import Where
from lictor.wire.types.flow import Flow, FlowSort

if TYPE_CHECKING:
    from lictor.wire.filters import FlowFilter
    from lictor.wire.operations.flow import CountFlows, PageFlows, ReadFlows

SQL = queries("flow")
ORDERS = {
    FlowSort.CREATED_DESC: "created desc",
    FlowSort.UPDATED_DESC: "updated desc",
    FlowSort.NAME_ASC: "name",
    FlowSort.NAME_DESC: "name desc",
}
decode = msgspec.json.Decoder(Flow).decode


def get_or_create(flow: Flow, by: str) -> Transaction[tuple[str, bool]]:
    """Add a flow unless its name is taken; return the JSON of the flow with that name, and whether it is new."""
    added = yield SQL["insert"](created=micros(flow.created), name=flow.name, **columns(flow, by))
    return (yield from text_by_name(flow.name)), bool(added)


def text(flow_id: UUID) -> Transaction[str]:
    """Return a flow's JSON."""
    return (yield from one(str, SQL["read_text"](id=flow_id.bytes)))


def text_by_name(name: str) -> Transaction[str]:
    """Return the JSON of the flow with exactly this name."""
    return (yield from one(str, SQL["read_text_by_name"](name=name)))


def load(flow_id: UUID) -> Transaction[Flow]:
    """Return a flow."""
    return (yield from one(decode, SQL["read_text"](id=flow_id.bytes)))


def load_to_change(flow_id: UUID) -> Transaction[Flow]:
    """Return a flow that is then saved."""
    return (yield from one(decode, SQL["read_to_change"](id=flow_id.bytes)))


def save(flow: Flow, by: str) -> Transaction[None]:
    """Keep what was changed of a flow, save its name."""
    yield from one(bytes, SQL["update"](**columns(flow, by)))


def delete(flow_id: UUID) -> Transaction[None]:
    """Delete a flow and what is left of its runs; a flow with many is emptied by `delete_some_runs` before."""
    yield from one(bytes, SQL["delete"](id=flow_id.bytes))  # first, so that no run is made for it meanwhile
    while (yield from delete_some_runs(flow_id)):
        pass


def delete_some_runs(flow_id: UUID) -> Transaction[bool]:
    """Delete a slice of what belongs to a flow's runs; return whether there was any."""
    run = yield SQL["read_some_run"](flow_id=flow_id.bytes)
    if run:
        yield from flow_run.delete_some(run[0][0], SLICE)
    return bool(run)


def texts(body: ReadFlows) -> Transaction[list[str]]:
    """Return the JSON of the flows that a request matches."""
    return (yield from listed(body, body.sort, most(body.limit), body.offset))


def listed(body: CountFlows, sort: FlowSort, limit: int, offset: int) -> Transaction[list[str]]:
    """Return the JSON of the flows that a request matches, in an order."""
    where = Where()
    rows, order = where.rows_of("flow", body), in_order(ORDERS[sort])
    statement = f"select body || '}}' from flow{rows} order by {order} limit :limit offset :offset"
    return (yield from many(str, where.ask("flow.texts", statement, limit=limit, offset=whole(offset))))


def page(body: PageFlows, limit: int) -> Transaction[tuple[list[str], int]]:
    """Return the JSON of the flows of a page, and the count of all."""
    found = yield from listed(body, body.sort, limit, (body.page - 1) * limit)
    return found, (yield from count(body))


def some(sought: FlowFilter | None, limit: int) -> Transaction[list[UUID]]:
    """Return the ids of some of the flows that a filter matches."""
    return (yield from some_of("flow", sought, limit))


def count(body: CountFlows) -> Transaction[int]:
    """Return how many flows a request matches."""
    where = Where()
    return (yield from one(int, where.ask("flow.count", f"select count(*) from flow{where.rows_of('flow', body)}")))


def columns(flow: Flow, by: str) -> dict[str, Any]:
    """Return what changes in a flow's row."""
    return {
        "id": flow.id.bytes,
        "tags": text_list(flow.tags),
        "updated": micros(flow.updated),
        "body": encode(flow)[:-1].decode(),
        "by": by,
    }
