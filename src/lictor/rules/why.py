"""Says why a flow run does not run, from what is known of it, its limits, its work pool and its queue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from shlex import quote

from msgspec import Struct

from lictor.wire.types.concurrency_limit import ConcurrencySlot
from lictor.wire.types.flow_run_why import Cause
from lictor.wire.types.state import FINAL, State, StateType

ASKED_WITHIN = timedelta(seconds=60)
"""A queue that nobody asked for work for so long is one that nobody serves."""
SHOWN = 3
"""So many holders are named."""
OF_DEPLOYMENT = "deployment:"
"""So the name of a deployment's own limit begins."""
NOUNS = {"flow_run": "flow run", "task_run": "task run", "deployment": "flow run"}


class FullLimit(Struct, frozen=True):
    """A concurrency limit without a free slot, and who holds those that it has."""

    name: str
    slots: int
    taken: int
    holders: Sequence[ConcurrencySlot] = ()


class Place(Struct, frozen=True):
    """A work pool, or a queue of one: whether it is paused, and its slots, None where it has no limit."""

    name: str
    paused: bool = False
    slots: int | None = None
    taken: int = 0

    @property
    def full(self) -> bool:
        """Whether no more of its runs may start."""
        return self.slots is not None and self.taken >= self.slots


class Facts(Struct, frozen=True):
    """What is known of a run: its state; the limits that keep it; where it waits for a worker.

    `deployment` tells whether it is a deployment's. `workers` are those of its pool that are online, `asked` is when
    its queue was last asked for work, or its deployment if it is in no queue. `late_after` are the seconds after which
    a run counts as late.
    """

    now: datetime
    state: State | None
    deployment: bool = False
    limits: Sequence[FullLimit] = ()
    pool: Place | None = None
    queue: Place | None = None
    workers: int = 0
    asked: datetime | None = None
    late_after: float = 15.0
    deployment_paused: bool = False


def causes(facts: Facts) -> list[Cause]:
    """Return why a run does not run, what counts most first; one that runs or has ended has that as its cause."""
    state = facts.state
    if state is None:
        return [Cause(kind="claimed", message="It has no state yet: whoever made it has not said that it may start.")]
    if state.type == StateType.SCHEDULED:
        return waiting(facts, state)
    if state.type in (StateType.RUNNING, StateType.PENDING):
        return [*full_limits(facts), running(state) if state.type == StateType.RUNNING else pending(facts, state)]
    return [paused(state) if state.type == StateType.PAUSED else ending(state)]


def running(state: State) -> Cause:
    """Say that a run runs."""
    return Cause(kind="running", message="It is running.", since=state.timestamp)


def ending(state: State) -> Cause:
    """Say that a run has ended, or is about to."""
    if state.type in FINAL:
        return Cause(kind="ended", message=f"It has ended: {state.name}.", since=state.timestamp)
    message = "It is being cancelled: what runs it is to end it, and may not have noticed yet."
    return Cause(kind="cancelling", message=message, since=state.timestamp)


def paused(state: State) -> Cause:
    """Say that a run waits for somebody to resume it."""
    details = state.state_details
    until = details.pause_timeout
    suspended = bool(details.pause_reschedule)
    kept = "is suspended: it has left its process" if suspended else "is paused: it waits in its process"
    ends = "" if until is None else f" It fails if nobody does by {clock(until)}."
    message = f"It {kept} until somebody resumes it, on its page or with `resume_flow_run`.{ends}"
    return Cause(kind="suspended" if suspended else "paused", message=message, since=state.timestamp, until=until)


def pending(facts: Facts, state: State) -> Cause:
    """Say that somebody is about to start a run."""
    by = "the process that made it" if facts.pool is None else f"a worker of the work pool '{facts.pool.name}'"
    message = f"It was handed to {by} {ago(facts.now - state.timestamp)}, which has not said yet that it runs."
    return Cause(kind="claimed", message=message, since=state.timestamp)


def waiting(facts: Facts, state: State) -> list[Cause]:
    """Say what a scheduled run waits for."""
    due = state.state_details.scheduled_time
    if due is not None and due > facts.now and state.name != "AwaitingConcurrencySlot":
        return [future(facts, state, due), *held_back(facts)]
    found = [*full_limits(facts), *held_back(facts)]
    if facts.pool is None:
        found += alone(facts, kept=bool(found))
    elif not found:
        found += unserved(facts)
    return found + late(facts, due) + schedules(facts)


def future(facts: Facts, state: State, due: datetime) -> Cause:
    """Say that the time of a run has not come."""
    when = f"at {clock(due)}, {in_time(due - facts.now)}"
    if state.name == "AwaitingRetry":
        return Cause(kind="awaiting_retry", message=f"It failed and is tried again {when}.", until=due)
    return Cause(kind="scheduled", message=f"It is to start {when}.", until=due)


def held_back(facts: Facts) -> Iterator[Cause]:
    """Say where somebody has to do something before a run can start."""
    pool, queue = facts.pool, facts.queue
    if pool is not None and pool.paused:
        message = f"Its work pool '{pool.name}' is paused: its runs are handed out once it is resumed."
        yield Cause(kind="work_pool_paused", message=message, work_pool=pool.name)
    elif pool is not None and pool.full:
        message = f"Its work pool '{pool.name}' is full: {pool.taken} of {pool.slots} runs that it lets run at once."
        yield Cause(kind="work_pool_full", message=message, work_pool=pool.name, slots=pool.slots, taken=pool.taken)
    if pool is None or queue is None:
        return
    if queue.paused:
        message = f"Its work queue '{queue.name}' is paused: its runs are handed out once it is resumed."
        yield Cause(kind="work_queue_paused", message=message, work_pool=pool.name, work_queue=queue.name)
    elif queue.full:
        message = (
            f"Its work queue '{queue.name}' is full: {queue.taken} of {queue.slots} runs that it lets run at once."
        )
        yield Cause(
            kind="work_queue_full",
            message=message,
            work_pool=pool.name,
            work_queue=queue.name,
            slots=queue.slots,
            taken=queue.taken,
        )


def full_limits(facts: Facts) -> Iterator[Cause]:
    """Say which limits have no free slot, and who holds those there are."""
    for limit in facts.limits:
        holders = ", ".join(who(slot) for slot in limit.holders[:SHOWN])
        more = len(limit.holders) - SHOWN
        others = f" and {more} more" if more > 0 else ""
        held = f", by {holders}{others}" if holders else ""
        taken = f"{limit.taken} of {limit.slots} are taken{held}"
        named = (
            "its deployment's limit"
            if limit.name.startswith(OF_DEPLOYMENT)
            else f"the concurrency limit '{limit.name}'"
        )
        message = f"It waits for a slot of {named}: {taken}."
        yield Cause(
            kind="concurrency_limit",
            message=message,
            limit=limit.name,
            slots=limit.slots,
            taken=limit.taken,
            holders=list(limit.holders),
        )


def alone(facts: Facts, kept: bool) -> Iterator[Cause]:
    """Say who is to start a run that no worker starts; `kept` tells that something else keeps it."""
    if not facts.deployment:
        message = "It belongs to no work pool: only the process that made it can run it."
        yield Cause(kind="no_work_pool", message=message)
    elif not asked_lately(facts):
        message = (
            "Its deployment has no work pool, and no process that serves it asks for its runs "
            f"({last_asked(facts)}): start one."
        )
        yield Cause(kind="no_work_pool", message=message, since=facts.asked)
    elif not kept:
        message = "Nothing keeps it: the process that serves its deployment gets it when it has room and next asks."
        yield Cause(kind="handed_out_next", message=message)


def asked_lately(facts: Facts) -> bool:
    """Tell whether somebody asks for the work of a run's queue, or for the runs of its deployment if it is in none."""
    return facts.asked is not None and facts.now - facts.asked <= ASKED_WITHIN


def last_asked(facts: Facts) -> str:
    """Return when somebody last asked."""
    return "never" if facts.asked is None else f"last {ago(facts.now - facts.asked)}"


def unserved(facts: Facts) -> Iterator[Cause]:
    """Say whether anybody asks for the work of a run's queue."""
    pool, queue = facts.pool, facts.queue
    assert pool is not None
    named = None if queue is None else queue.name
    if not asked_lately(facts):
        if not facts.workers:
            fix = f"lictor worker start --pool {quote(pool.name)}"
            message = f"No worker of the work pool '{pool.name}' is online, to start it: start one with `{fix}`."
            yield Cause(kind="no_worker", message=message, work_pool=pool.name, since=facts.asked)
        else:
            message = (
                f"No worker asks for the work of its queue '{named}' ({last_asked(facts)}): they ask for other queues."
            )
            yield Cause(kind="nobody_asks", message=message, work_pool=pool.name, work_queue=named, since=facts.asked)
    else:
        message = f"Nothing keeps it: a worker of the work pool '{pool.name}' gets it when it has room and next asks."
        yield Cause(kind="handed_out_next", message=message, work_pool=pool.name, work_queue=named)


def late(facts: Facts, due: datetime | None) -> list[Cause]:
    """Say that a run is late."""
    if due is None or (facts.now - due).total_seconds() <= facts.late_after:
        return []
    since = due + timedelta(seconds=facts.late_after)
    message = f"It is late: it was to start at {clock(due)}, {ago(facts.now - due)}."
    return [Cause(kind="late", message=message, since=since)]


def schedules(facts: Facts) -> list[Cause]:
    """Say that a run's deployment is paused, which keeps those back that its schedules would make."""
    if not facts.deployment_paused:
        return []
    message = "Its deployment is paused: its schedules make no runs; one that was made otherwise is not kept by that."
    return [Cause(kind="deployment_paused", message=message)]


def answer(found: Sequence[Cause]) -> str:
    """Return causes as one text."""
    return " ".join(cause.message for cause in found)


def who(slot: ConcurrencySlot) -> str:
    """Say who holds a slot."""
    return "somebody unnamed" if slot.holder is None else f"{NOUNS[slot.holder.type]} {slot.holder.id}"


def clock(moment: datetime) -> str:
    """Return a time as people read it."""
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def ago(passed: timedelta) -> str:
    """Return how long ago something was."""
    return f"{length(passed)} ago"


def in_time(left: timedelta) -> str:
    """Return in how long something will be."""
    return f"in {length(left)}"


def length(passed: timedelta) -> str:
    """Return a length of time in its largest unit."""
    seconds = max(int(passed.total_seconds()), 0)
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            number = seconds // size
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"
