"""What pages of the UI ask of the store beside the resources themselves."""
# ruff: noqa: S608 - statements are put together from texts of this package; what a request says travels as a parameter

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from msgspec.structs import replace

from lictor.kit.clock import from_micros, to_micros
from lictor.kit.json import encode
from lictor.store import task_run
from lictor.store.dialect import ids, whole
from lictor.store.flow_run import ORDERS
from lictor.store.history import LATENESS, RUN_TIME
from lictor.store.queries import queries
from lictor.store.transaction import Transaction, maybe
from lictor.store.where import Where
from lictor.wire.filters.task_run import TaskRunFilterState, TaskRunFilterStateType
from lictor.wire.types.state import FINAL, StateType
from lictor.wire.types.ui import CountByState, FlowRunPoint, NextFlowRun

if TYPE_CHECKING:
    from lictor.wire.operations.task_run import CountTaskRuns
    from lictor.wire.operations.ui import PlotFlowRuns, PlotTaskRuns

SQL = queries("ui")
BUCKETS = 20
"""How many intervals the chart of task runs has."""


def next_runs(flow_ids: list[UUID]) -> Transaction[dict[UUID, NextFlowRun | None]]:
    """Return the run that is to start next, for each of some flows that has one."""
    found: dict[UUID, NextFlowRun | None] = dict.fromkeys(flow_ids)
    for run_id, flow_id, name, state_name, state_type, start in (yield SQL["next_runs"](flows=ids(flow_ids))):
        flow = UUID(bytes=flow_id)
        found[flow] = NextFlowRun(
            id=UUID(bytes=run_id),
            flow_id=flow,
            name=name,
            state_name=state_name,
            state_type=StateType(state_type),
            next_scheduled_start_time=from_micros(start),
        )
    return found


def count_deployments(flow_ids: list[UUID]) -> Transaction[dict[UUID, int]]:
    """Return how many deployments each of some flows has."""
    found = dict.fromkeys(flow_ids, 0)
    for flow_id, number in (yield SQL["count_deployments"](flows=ids(flow_ids))):
        found[UUID(bytes=flow_id)] = number
    return found


def count_task_runs(flow_run_ids: list[UUID]) -> Transaction[dict[UUID, int]]:
    """Return how many task runs each of some flow runs has, those not counted that stand for subflow runs."""
    found = dict.fromkeys(flow_run_ids, 0)
    for run_id, number in (yield SQL["count_task_runs"](runs=ids(flow_run_ids))):
        found[UUID(bytes=run_id)] = number
    return found


def points(body: PlotFlowRuns, now: datetime) -> Transaction[list[FlowRunPoint]]:
    """Return the points of a chart of flow runs."""
    where = Where()
    rows = where.rows_of("flow_run", body)
    statement = (
        f"select id, state_type, start_or_expected, {RUN_TIME}, {LATENESS} from flow_run{rows} "
        f"order by {ORDERS[body.sort]} limit :limit offset :offset"
    )
    ask = where.ask("ui.points", statement, now=to_micros(now), limit=body.limit, offset=whole(body.offset))
    return [
        FlowRunPoint(
            id=UUID(bytes=run_id),
            state_type=StateType(state_type),
            timestamp=from_micros(start),
            duration=run_time / 1e6,
            lateness=lateness / 1e6,
        )
        for run_id, state_type, start, run_time, lateness in (yield ask)
        if state_type is not None and start is not None
    ]


def outcomes(body: PlotTaskRuns, start: datetime, end: datetime) -> Transaction[list[dict[str, int]]]:
    """Return how many of the task runs begun in a window, in each of its equal parts, have ended well or not."""
    found = [{"completed": 0, "failed": 0} for _ in range(BUCKETS)]
    first, length = to_micros(start), to_micros(end) - to_micros(start)
    if length <= 0:
        return found
    ended = TaskRunFilterState(type=TaskRunFilterStateType(any_=sorted(FINAL)))
    where = Where({"task_run.state_type"})
    own = replace(body, task_runs=replace(body.task_runs, state=ended))
    condition = where.rows_of("task_run", own).replace(" where ", " and ", 1)
    statement = (
        f"select (start_time - :first) * {BUCKETS} / :length as bucket, count(*), "
        "sum(case when state_type in ('FAILED', 'CRASHED') then 1 else 0 end) from task_run "
        f"where start_time >= :first and start_time < :until{condition} group by bucket"
    )
    ask = where.ask("ui.outcomes", statement, first=first, length=length, until=first + length)
    for bucket, number, failed in (yield ask):
        found[bucket] = {"completed": number - failed, "failed": failed}
    return found


def count_by_state(body: CountTaskRuns) -> Transaction[CountByState]:
    """Return how many of the task runs that a request matches are in which state."""
    where = Where({"task_run.state_type"})
    rows = where.rows_of("task_run", body)
    ask = where.ask("ui.by_state", f"select state_type, count(*) from task_run{rows} group by state_type")
    return CountByState(**{state_type: number for state_type, number in (yield ask) if state_type is not None})


def named_task_run(run_id: UUID, now: datetime) -> Transaction[str]:
    """Return a task run's JSON with the name of its flow run."""
    text = yield from task_run.text(run_id, now)
    name = yield from maybe(str, SQL["read_flow_run_name"](id=run_id.bytes))
    return f'{text[:-1]},"flow_run_name":{encode(name).decode()}}}'
