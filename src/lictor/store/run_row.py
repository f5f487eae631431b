"""What the rows of flow runs and task runs have in common: changing them, their histories, and listing them."""
# ruff: noqa: S608 - statements are put together from texts of this package; what a request says travels as a parameter

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import Struct

from lictor.kit.clock import to_micros
from lictor.kit.json import encode
from lictor.store.conditions import types_named
from lictor.store.dialect import in_order, most, texts, whole
from lictor.store.queries import queries, query
from lictor.store.transaction import Ask, Each, Query, Transaction, many, one
from lictor.store.where import Where
from lictor.wire.types.flow_run import FlowRun
from lictor.wire.types.state import State, StateType
from lictor.wire.types.task_run import TaskRun

COMMON = 10_000
"""From so many rows on, a state or tag is too common to look for its rows before sorting them."""
SLICE = 500
"""So many runs are deleted at once."""

MOST_TRIED = 200_000
"""So many rows in a time are more than it is worth to try one by one."""

SOONEST = "next_scheduled_start_time"
TIMES = ("expected_start_time", "start_time", "end_time", SOONEST)

ESTIMATES = b',"estimated_run_time":0.0,"estimated_start_time_delta":0.0}'
STATE_SQL = queries("state")

STATES_ORDERED_BY = {"flow_run": "start_or_expected", "task_run": "expected_start_time"}
"""The column by which the index of state types lists the rows of one type."""


class Stored(NamedTuple):
    """What a row held when it was read: its version, its columns by name, and of a flow run what it belongs to."""

    version: int
    columns: dict[str, Any]
    flow_name: str = ""
    deployment_name: str = ""
    pool_type: str = ""


def update(table: str, stored: Stored, row: dict[str, Any]) -> Ask:
    """Return what changes a row that nobody else changed since it was read."""
    query, values = change(table, stored, row)
    return query(**values)


def change(table: str, stored: Stored, row: dict[str, Any]) -> tuple[Query, dict[str, Any]]:
    """Return the statement that changes a row, and its values.

    It names only the columns that differ: an index is written for each column named, though its value stays.
    """
    values = {name: row[name] for name, value in stored.columns.items() if row[name] != value}
    settings = "".join([f"{name} = :{name}, " for name in values])
    text = (
        f"update {table} set {settings}body = :body, written_by = :by, version = version + 1 "
        "where id = :id and version = :version returning version"
    )
    return query(f"{table}.update", text), {
        **values,
        "body": row["body"],
        "by": row["by"],
        "id": row["id"],
        "version": stored.version,
    }


def stored_run(run: FlowRun | TaskRun) -> str:
    """Return a run's JSON as it is stored: open at the end, and without the estimates, which change by themselves."""
    run.estimated_run_time = run.estimated_start_time_delta = 0.0
    return encode(run)[: -len(ESTIMATES)].decode()


def entry(table: str, run_id: UUID, state: State, by: str) -> Ask:
    """Return what adds a state to a run's history."""
    return STATE_SQL[f"insert_{table}_state"](**state_columns(run_id.bytes, state, by))


def entries(rows: list[dict[str, Any]]) -> Each:
    """Return what adds states to task runs' histories, save those that are there."""
    return STATE_SQL["record_task_run_state"].each(rows)


def state_columns(run_id: bytes, state: State, by: str) -> dict[str, Any]:
    """Return a state's row."""
    return {
        "id": state.id.bytes,
        "run_id": run_id,
        "type": state.type,
        "name": state.name,
        "timestamp": to_micros(state.timestamp),
        "body": encode(state).decode(),
        "by": by,
    }


def blocks(most: int) -> int:
    """Return how many blocks of log lines take as long to delete as so many runs."""
    return max(1, most // 10)


def listed(table: str, body: Any, order: str, now: datetime, limit: int | None, offset: int) -> Transaction[list[str]]:
    """Return the JSON of the runs that a request matches, in an order; without a limit, all."""
    limit, offset = most(limit), whole(offset)
    sought = getattr(body, f"{table}s")
    where = Where((yield from common(table, sought, order, limit + offset)), (yield from rare(table, sought)))
    rows = where.rows_of(table, body)
    if order == SOONEST and only_scheduled(sought):
        rows += (
            f" and {SOONEST} is not null"  # which all of these have: so those that are not scheduled are passed over
        )
    order = in_order(order)
    page = f"from {table}{rows} order by {order} limit :limit offset :offset"
    if rows and not where.common:  # what must be sorted is sorted before its JSON is read
        page = f"from {table} where number in (select number {page}) order by {order}"
    ask = where.ask(f"{table}.texts", f"select {{live}} {page}", now=to_micros(now), limit=limit, offset=offset)
    return (yield from many(str, ask))


def common(table: str, sought: Any, order: str, wanted: int) -> Transaction[set[str]]:
    """Return which columns of a filter have values so common that rows are better found in their order, and tried."""
    found: set[str] = set()
    if sought is None:
        return found
    types, tags = sought_types(sought), sought_tags(sought)
    as_indexed = types and len(types) == 1 and order.startswith(STATES_ORDERED_BY[table])
    if types and not as_indexed and (yield from is_common(table, "state_type", texts(types), wanted)):
        found.add(f"{table}.state_type")
    if tags and (yield from is_common(f"{table}_tag", "tag", texts(tags), wanted)):
        found.add(f"{table}_tag")
    return found


def rare(table: str, sought: Any) -> Transaction[set[str]]:
    """Return the column of states' names if a filter names such whose types few runs have."""
    named = sought and sought.state and sought.state.name and types_named(sought.state.name.any_ or ())
    if named and not (yield from has_more(table, "state_type", texts(named), COMMON)):
        return {f"{table}.state_name"}
    return set()


def sought_types(sought: Any) -> list[StateType] | None:
    """Return the types of state that a filter names."""
    found: list[StateType] | None = sought and sought.state and sought.state.type and sought.state.type.any_
    return found


def only_scheduled(sought: Any) -> bool:
    """Tell whether a filter matches scheduled runs alone."""
    if sought_types(sought) != [StateType.SCHEDULED]:
        return False
    return "or_" not in (getattr(sought, "operator", "and_"), getattr(sought.state, "operator", "and_"))


def sought_tags(sought: Any) -> list[str] | None:
    """Return the tags that a filter names."""
    found: list[str] | None = sought and sought.tags and (sought.tags.all_ or getattr(sought.tags, "any_", None))
    return found


def is_common(table: str, column: str, values: str, wanted: int) -> Transaction[bool]:
    """Tell whether trying rows in their order finds the wanted ones sooner than sorting all that have some values."""
    runs = table.removesuffix("_tag")
    text = (
        f"select count(*), (select max(number) from {runs}) "
        f"from (select 1 from {table} where {column} {{one_of sought}} limit {COMMON}) as found"
    )
    number: int
    total: int | None
    ((number, total),) = yield query(f"{table}.probe", text)(sought=values)
    return number == COMMON or wanted * (total or 0) < number * number


def counted(table: str, body: Any) -> Transaction[int]:
    """Return how many runs a request matches."""
    where = Where((yield from outnumbered(table, body)), (yield from rare(table, getattr(body, f"{table}s"))))
    rows = where.rows_of(table, body)
    return (yield from one(int, where.ask(f"{table}.count", f"select count(*) from {table}{rows}")))


def outnumbered(table: str, body: Any) -> Transaction[set[str]]:
    """Return which columns of a filter have values that more runs have than lie in the time that it names."""
    found: set[str] = set()
    sought = getattr(body, f"{table}s")
    if body.flows is not None:
        found.add(f"{table}.state_type")  # a flow's runs are fewer than a state's
    types, tags = sought_types(sought), sought_tags(sought)
    number = (yield from in_time(table, sought)) if types or tags else None
    if number is None:
        return found
    if types and (yield from has_more(table, "state_type", texts(types), number)):
        found.add(f"{table}.state_type")
    if tags and (yield from has_more(f"{table}_tag", "tag", texts(tags), number)):
        found.add(f"{table}_tag")
    return found


def in_time(table: str, sought: Any) -> Transaction[int | None]:
    """Return how many runs lie in the time that a filter names, None if it names none or they are very many."""
    times = [name for name in TIMES if getattr(sought, name, None) is not None]
    if len(times) != 1 or getattr(sought, "operator", "and_") != "and_":
        return None
    where = Where()
    rows = where.condition(getattr(sought, times[0]), f"{table}s.{times[0]}")
    if not rows:
        return None
    text = f"select count(*) from (select 1 from {table} where {rows} limit {MOST_TRIED}) as found"
    number: int
    ((number,),) = yield where.ask(f"{table}.in_time", text)
    return number if number < MOST_TRIED else None


def has_more(table: str, column: str, values: str, number: int) -> Transaction[bool]:
    """Tell whether more rows than a number have some values in a column."""
    text = f"select count(*) from (select 1 from {table} where {column} {{one_of sought}} limit :most) as found"
    found: int
    ((found,),) = yield query(f"{table}.has_more", text)(sought=values, most=number + 1)
    return found > number


def paged(table: str, body: Any, order: str, now: datetime, limit: int) -> Transaction[tuple[list[str], int]]:
    """Return the JSON of the runs of a page, and how many there are; a page that is not full tells that by itself."""
    offset = (body.page - 1) * limit
    found = yield from listed(table, body, order, now, limit, offset)
    if len(found) < limit and (found or offset == 0):
        return found, offset + len(found)
    return found, (yield from counted(table, body))


def some_of(table: str, sought: Struct | None, limit: int) -> Transaction[list[UUID]]:
    """Return the ids of some of a table's rows that a filter matches."""
    where = Where()
    rows = where.matching(sought, f"{table}s")
    ask = where.ask(f"{table}.some", f"select id from {table}{rows} order by id limit :limit", limit=limit)
    return (yield from many(lambda found: UUID(bytes=found), ask))
