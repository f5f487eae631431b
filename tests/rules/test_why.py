"""Why a flow run does not run: for each situation its causes, in their order, and what they say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from lictor.rules import why
from lictor.rules.why import Facts, FullLimit, Place
from lictor.wire.types.concurrency_limit import ConcurrencyLeaseHolder, ConcurrencySlot
from lictor.wire.types.state import State, StateDetails, StateType

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
POOL, QUEUE = Place("pool"), Place("queue")
RUN = UUID("01a214fb-6656-754d-8ad2-d76a8109659d")


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def state(kind: str, name: str | None = None, since: float = -60, **details: Any) -> State:
    return State(
        id=uuid4(),
        type=StateType[kind],
        name=name or kind.title(),
        timestamp=at(since),
        state_details=StateDetails(**details),
    )


def held(kind: str = "flow_run", known: bool = True) -> ConcurrencySlot:
    holder = ConcurrencyLeaseHolder(type=kind, id=RUN) if known else None  # type: ignore[arg-type]
    return ConcurrencySlot(lease_id=uuid4(), slots=1, since=NOW, until=None, holder=holder)


FULL = FullLimit("database", 2, 2, (held(), held("task_run")))
DUE, SOON, LATE = (state("SCHEDULED", scheduled_time=at(seconds)) for seconds in (-5, 7200, -600))
ASKED: dict[str, Any] = {"pool": POOL, "queue": QUEUE, "workers": 1, "asked": at(-10)}

CASES: dict[str, tuple[Facts, list[str], str]] = {
    "no state": (Facts(NOW, None), ["claimed"], "has no state yet"),
    "running": (Facts(NOW, state("RUNNING")), ["running"], "It is running."),
    "running, and waits for a slot": (
        Facts(NOW, state("RUNNING"), limits=(FULL,)),
        ["concurrency_limit", "running"],
        f"'database': 2 of 2 are taken, by flow run {RUN}, task run {RUN}.",
    ),
    "ended": (Facts(NOW, state("FAILED")), ["ended"], "It has ended: Failed."),
    "cancelling": (Facts(NOW, state("CANCELLING")), ["cancelling"], "is being cancelled"),
    "paused": (
        Facts(NOW, state("PAUSED", pause_timeout=at(60))),
        ["paused"],
        "on its page or with `resume_flow_run`. It fails if nobody does by 2026-11-26 12:01:00 UTC.",
    ),
    "suspended": (
        Facts(NOW, state("PAUSED", "Suspended", pause_reschedule=True)),
        ["suspended"],
        "has left its process",
    ),
    "pending": (Facts(NOW, state("PENDING")), ["claimed"], "to the process that made it 1 minute ago"),
    "claimed by a worker": (
        Facts(NOW, state("PENDING", since=-1), pool=POOL, queue=QUEUE),
        ["claimed"],
        "a worker of the work pool 'pool' 1 second ago",
    ),
    "in the future": (
        Facts(NOW, SOON, pool=POOL, queue=QUEUE),
        ["scheduled"],
        "It is to start at 2026-11-26 14:00:00 UTC, in 2 hours.",
    ),
    "in the future, and the pool is paused": (
        Facts(NOW, SOON, pool=Place("pool", paused=True), queue=QUEUE),
        ["scheduled", "work_pool_paused"],
        "Its work pool 'pool' is paused",
    ),
    "waits for a retry": (
        Facts(NOW, state("SCHEDULED", "AwaitingRetry", scheduled_time=at(90))),
        ["awaiting_retry"],
        "tried again at 2026-11-26 12:01:30 UTC, in 1 minute",
    ),
    "waits for a slot of its deployment": (
        Facts(NOW, state("SCHEDULED", "AwaitingConcurrencySlot", scheduled_time=at(30)), True, (FULL,), **ASKED),
        ["concurrency_limit"],
        "2 of 2 are taken",
    ),
    "its deployment is full": (Facts(NOW, DUE, True, (FULL,), **ASKED), ["concurrency_limit"], "'database'"),
    "many hold the slots": (
        Facts(NOW, DUE, True, (FullLimit("many", 5, 5, (*(held() for _ in range(4)), held(known=False))),), **ASKED),
        ["concurrency_limit"],
        "and 2 more",
    ),
    "nobody known holds the slot": (
        Facts(NOW, DUE, True, (FullLimit("one", 1, 1, (held(known=False),)),), **ASKED),
        ["concurrency_limit"],
        "by somebody unnamed",
    ),
    "the limit is nothing": (
        Facts(NOW, DUE, True, (FullLimit("none", 0, 0),), **ASKED),
        ["concurrency_limit"],
        "0 of 0 are taken.",
    ),
    "no work pool": (Facts(NOW, DUE), ["no_work_pool"], "only the process that made it can run it"),
    "a deployment that nobody ever served": (
        Facts(NOW, DUE, True),
        ["no_work_pool"],
        "asks for its runs (never): start",
    ),
    "a deployment that nobody serves any more": (
        Facts(NOW, DUE, True, asked=at(-300)),
        ["no_work_pool"],
        "asks for its runs (last 5 minutes ago): start one.",
    ),
    "a deployment that is served": (
        Facts(NOW, DUE, True, asked=at(-1)),
        ["handed_out_next"],
        "the process that serves its deployment gets it when it has room and next asks.",
    ),
    "a deployment that is served and full": (
        Facts(NOW, DUE, True, (FullLimit("deployment:1", 1, 1),), asked=at(-1)),
        ["concurrency_limit"],
        "It waits for a slot of its deployment's limit: 1 of 1 are taken.",
    ),
    "the pool is paused": (
        Facts(NOW, DUE, **{**ASKED, "pool": Place("pool", paused=True)}),
        ["work_pool_paused"],
        "Its work pool 'pool' is paused",
    ),
    "the pool is full": (
        Facts(NOW, DUE, **{**ASKED, "pool": Place("pool", slots=3, taken=3)}),
        ["work_pool_full"],
        "3 of 3 runs",
    ),
    "pool and queue are paused": (
        Facts(NOW, DUE, **{**ASKED, "pool": Place("pool", paused=True), "queue": Place("queue", paused=True)}),
        ["work_pool_paused", "work_queue_paused"],
        "Its work queue 'queue' is paused",
    ),
    "the queue is full": (
        Facts(NOW, DUE, **{**ASKED, "queue": Place("queue", slots=0, taken=0)}),
        ["work_queue_full"],
        "Its work queue 'queue' is full: 0 of 0",
    ),
    "no worker": (
        Facts(NOW, DUE, pool=POOL, queue=QUEUE),
        ["no_worker"],
        "No worker of the work pool 'pool' is online, to start it: start one with `lictor worker start --pool pool`.",
    ),
    "the workers ask for other queues": (
        Facts(NOW, DUE, pool=POOL, queue=QUEUE, workers=2, asked=at(-300)),
        ["nobody_asks"],
        "asks for the work of its queue 'queue' (last 5 minutes ago)",
    ),
    "nobody ever asked": (
        Facts(NOW, DUE, pool=POOL, queue=QUEUE, workers=2),
        ["nobody_asks"],
        "(never)",
    ),
    "nothing keeps it": (Facts(NOW, DUE, **ASKED), ["handed_out_next"], "when it has room and next asks"),
    "its deployment is paused": (
        Facts(NOW, DUE, True, deployment_paused=True, **ASKED),
        ["handed_out_next", "deployment_paused"],
        "Its deployment is paused: its schedules make no runs",
    ),
    "late": (
        Facts(NOW, LATE, pool=POOL, queue=QUEUE),
        ["no_worker", "late"],
        "It is late: it was to start at 2026-11-26 11:50:00 UTC, 10 minutes ago.",
    ),
    "not late yet": (Facts(NOW, LATE, late_after=900, **ASKED), ["handed_out_next"], "Nothing keeps it"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_run_that_does_not_run_has_causes(name: str) -> None:
    facts, kinds, said = CASES[name]
    found = why.causes(facts)
    assert [cause.kind for cause in found] == kinds
    assert said in why.answer(found)
    assert all(cause.message.endswith(".") for cause in found)


def test_a_cause_says_what_it_is_about() -> None:
    (limit,) = why.causes(CASES["its deployment is full"][0])
    assert (limit.limit, limit.slots, limit.taken, list(limit.holders)) == ("database", 2, 2, list(FULL.holders))
    (pool,) = why.causes(CASES["the pool is full"][0])
    assert (pool.work_pool, pool.slots, pool.taken) == ("pool", 3, 3)
    (retry,) = why.causes(CASES["waits for a retry"][0])
    assert retry.until == at(90)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-1, "0 seconds"), (0.5, "0 seconds"), (1, "1 second"), (119, "1 minute"), (7200, "2 hours"), (10**6, "11 days")],
)
def test_a_length_of_time_is_told_in_its_largest_unit(seconds: float, said: str) -> None:
    assert why.length(timedelta(seconds=seconds)) == said
