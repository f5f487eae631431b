"""Fills a database with what a busy year leaves behind: a million flow runs, task runs, events and log lines."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from lictor.kit.clock import to_micros
from lictor.kit.ids import uuid7
from lictor.kit.names import random_name
from lictor.store import event, flow, flow_run, log, task_run
from lictor.store.transaction import Each, Query, Store, Transaction
from lictor.wire.types.event import ReceivedEvent
from lictor.wire.types.flow import Flow
from lictor.wire.types.flow_run import FlowRun
from lictor.wire.types.log import LogCreate
from lictor.wire.types.state import State, StateDetails, StateType
from lictor.wire.types.task_run import TaskRun, TaskRunResult

BY = "benchmark"
FLOWS, DEPLOYMENTS = 100, 200
SLICE = 2000
DAYS = 365
STATES = {
    StateType.COMPLETED: ("Completed", 900),
    StateType.FAILED: ("Failed", 70),
    StateType.CRASHED: ("Crashed", 15),
    StateType.CANCELLED: ("Cancelled", 10),
    StateType.SCHEDULED: ("Scheduled", 4),
    StateType.RUNNING: ("Running", 1),
}
TAGS = (("production", 0.3), ("nightly", 0.1), ("team-data", 0.05), ("backfill", 0.002))


class Crowd:
    """What is in the database: the ids that queries ask for."""

    def __init__(self, runs: int, seed: int = 20261126) -> None:
        self.chance = random.Random(seed)
        self.runs, self.now = runs, datetime.now(UTC)
        self.flows = [uuid7() for _ in range(FLOWS)]
        self.deployments = [uuid7() for _ in range(DEPLOYMENTS)]
        self.recent: list[UUID] = []
        self.busy = uuid7()
        """A run with 9,000 task runs."""

    def flow_rows(self) -> Iterator[dict[str, Any]]:
        """Yield the flows."""
        for at, flow_id in enumerate(self.flows):
            made = Flow(id=flow_id, created=self.now, updated=self.now, name=f"flow-{at:03}", tags=[], labels={})
            yield {"created": to_micros(self.now), "name": made.name, **flow.columns(made, BY)}

    def run_rows(self) -> Iterator[dict[str, Any]]:
        """Yield the flow runs, oldest first, spread evenly over a year; a few lie ahead."""
        kinds, weights = list(STATES), [weight for _, weight in STATES.values()]
        step = timedelta(days=DAYS) / self.runs
        for at in range(self.runs):
            kind = self.chance.choices(kinds, weights)[0]
            due = made = self.now - step * (self.runs - at)
            if kind == StateType.SCHEDULED:
                due = self.now + timedelta(minutes=self.chance.randrange(-60, 3000))
            elif kind == StateType.RUNNING:
                due = self.now - timedelta(minutes=self.chance.randrange(120))
            yield flow_run.columns(self.run(uuid7(), kind, due, made), BY)
        lately = self.now - timedelta(hours=1)
        yield flow_run.columns(self.run(self.busy, StateType.COMPLETED, lately, lately), BY)

    def run(self, run_id: UUID, kind: StateType, due: datetime, made: datetime) -> FlowRun:
        """Return a flow run in a state."""
        chance = self.chance
        ended = kind not in (StateType.SCHEDULED, StateType.RUNNING)
        took = timedelta(seconds=chance.expovariate(1 / 90))
        begun = None if kind == StateType.SCHEDULED else due + timedelta(seconds=chance.random() * 20)
        at = due if begun is None else begun + took if ended else begun
        details = StateDetails(flow_run_id=run_id, scheduled_time=due if kind == StateType.SCHEDULED else None)
        state = State(id=uuid7(), type=kind, name=STATES[kind][0], timestamp=at, state_details=details)
        place = chance.randrange(FLOWS)
        if due > self.now - timedelta(days=1) and run_id != self.busy:
            self.recent.append(run_id)
        return FlowRun(
            id=run_id,
            created=made,
            updated=at,
            name=random_name(),
            flow_id=self.flows[place],
            deployment_id=self.deployments[2 * place + chance.randrange(2)] if chance.random() < 0.8 else None,
            work_queue_name="default",
            parameters=msgspec.Raw(b'{"day":"2026-01-01","tables":["orders","customers"],"limit":1000}'),
            tags=[tag for tag, share in TAGS if chance.random() < share],
            labels={"prefect.flow.id": str(self.flows[place])},
            run_count=int(begun is not None),
            expected_start_time=due,
            next_scheduled_start_time=due if kind == StateType.SCHEDULED else None,
            start_time=begun,
            end_time=at if ended else None,
            total_run_time=took.total_seconds() if ended else 0.0,
            state=state,
            state_id=state.id,
            state_type=kind,
            state_name=state.name,
        )

    def task_rows(self) -> Iterator[dict[str, Any]]:
        """Yield the task runs: 9,000 of the busy run, each after two of the ones before, and 20 of each recent run."""
        before: list[UUID] = []
        for at in range(9000):
            run = self.task(self.busy, at, before[at // 2 : at // 2 + 2])
            before.append(run.id)
            yield task_row(run)
        for run_id in self.recent[-5000:]:
            for at in range(20):
                yield task_row(self.task(run_id, at, []))

    def task(self, flow_run_id: UUID, at: int, after: list[UUID]) -> TaskRun:
        """Return a task run that has completed."""
        begun = self.now - timedelta(seconds=self.chance.randrange(80_000))
        ended = begun + timedelta(seconds=self.chance.random())
        state = State(id=uuid7(), type=StateType.COMPLETED, name="Completed", timestamp=ended)
        return TaskRun(
            id=uuid7(),
            created=begun,
            updated=ended,
            name=f"load-{at}",
            flow_run_id=flow_run_id,
            task_key="load-1a2b3c4d",
            dynamic_key=str(at),
            task_inputs={"x": [TaskRunResult(id=each) for each in after]},
            run_count=1,
            expected_start_time=begun,
            start_time=begun,
            end_time=ended,
            total_run_time=(ended - begun).total_seconds(),
            state_type=state.type,
            state_name=state.name,
            state=state,
            state_id=state.id,
        )

    def events(self) -> Iterator[ReceivedEvent]:
        """Yield an event for each recent run, and more."""
        for at in range(200_000):
            run_id = self.chance.choice(self.recent)
            occurred = self.now - timedelta(seconds=(200_000 - at) * 3)
            yield ReceivedEvent(
                id=uuid7(),
                occurred=occurred,
                received=occurred,
                event=f"prefect.flow-run.{self.chance.choice(('Pending', 'Running', 'Completed', 'Failed'))}",
                resource={"prefect.resource.id": f"prefect.flow-run.{run_id}", "prefect.resource.name": "a run"},
                related=[
                    {
                        "prefect.resource.id": f"prefect.flow.{self.chance.choice(self.flows)}",
                        "prefect.resource.role": "flow",
                    }
                ],
                payload=msgspec.Raw(b'{"validated_state":{"type":"RUNNING","name":"Running"}}'),
            )

    def logs(self) -> Iterator[LogCreate]:
        """Yield 50 lines of each of the last runs."""
        for run_id in [*self.recent[-1000:], self.busy]:
            for at in range(50):
                moment = self.now - timedelta(seconds=500 - at)
                yield LogCreate(name="a.run", level=20, message=f"row {at}", timestamp=moment, flow_run_id=run_id)


def task_row(run: TaskRun) -> dict[str, Any]:
    """Return a task run's row."""
    assert run.created is not None
    return {"created": to_micros(run.created), "key": task_run.natural_key(run), **task_run.columns(run, BY)}


def rows_in(query: Query, rows: list[dict[str, Any]]) -> Transaction[None]:
    """Add rows."""
    ask: Each = query.each(rows)
    yield ask


async def fill(store: Store, crowd: Crowd) -> None:
    """Put everything into a database."""
    plan: list[tuple[str, Query, Callable[[], Iterator[dict[str, Any]]]]] = [
        ("flows", flow.SQL["insert"], crowd.flow_rows),
        ("flow runs", flow_run.SQL["insert"], crowd.run_rows),
        ("task runs", task_run.SQL["insert"], crowd.task_rows),
        ("events", event.SQL["insert"], lambda: (event.columns(each, BY) for each in crowd.events())),
    ]
    for name, query, rows in plan:
        done = 0
        for part in sliced(rows(), SLICE):
            await store.write(rows_in, query, part)
            done += len(part)
            if sys.stderr.isatty():
                print(f"\r  {name}: {done:,}", end="", file=sys.stderr, flush=True)
        print(f"\r  {name}: {done:,}", file=sys.stderr)
    for lines in sliced(crowd.logs(), 1000):
        await store.write(log.add, lines, crowd.now, BY)


def sliced(rows: Iterator[Any], size: int) -> Iterator[list[Any]]:
    """Yield rows in lists of so many."""
    part: list[Any] = []
    for row in rows:
        part.append(row)
        if len(part) == size:
            yield part
            part = []
    if part:
        yield part
