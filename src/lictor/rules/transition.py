"""Decides whether a run may change state: facts in, verdict out; no I/O and no clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal, TypeAlias
from uuid import UUID

import msgspec
from msgspec import Struct

from lictor.wire.types.flow_run import FlowRun
from lictor.wire.types.state import FINAL, State, StateType
from lictor.wire.types.task_run import TaskRun

Status = Literal["ACCEPT", "REJECT", "WAIT", "ABORT"]
Edge = StateType | None
Policy = tuple[tuple[str, Any], ...]

ANY: frozenset[Edge] = frozenset({None, *StateType})
ENDED: frozenset[Edge] = FINAL


class Terms(Struct, frozen=True, gc=False):
    """What settings say to the rules: seconds, and the most characters of a cache key."""

    tag_wait_seconds: float = 10.0
    deployment_wait_seconds: float = 30.0
    lease_seconds: float = 300.0
    longest_cache_key: int = 2000


USUAL = Terms()


class TagLimit(Struct, frozen=True, gc=False):
    """How many runs with a tag may run at once, how many do, and whether this run is one of them already."""

    id: UUID
    tag: str
    limit: int
    taken: int = 0
    held: bool = False


class DeploymentSlots(Struct, frozen=True, gc=False):
    """How many runs of a deployment may go on at once, and how many do.

    A slot is held by a lease, for `grace_seconds` (None: as the settings say) at a time. `lease` is the id of a lease
    to take, `held` tells whether the lease of the run's state still counts, and `renews` whether the client renews
    leases; `manages` clients see to the limit by themselves.
    """

    id: UUID
    limit: int
    taken: int
    lease: UUID
    strategy: Literal["ENQUEUE", "CANCEL_NEW"] = "ENQUEUE"
    grace_seconds: float | None = None
    held: bool = False
    renews: bool = True
    manages: bool = False

    @property
    def full(self) -> bool:
        """Whether no slot is left."""
        return self.taken >= self.limit


class Transition(Struct, frozen=True, gc=False):
    """Everything that a rule may look at, read under one lock, the clock's time included.

    `run` is the run as it is before the change; `flow_run_state` and `flow_run_run_count` are those of a task run's
    flow run, None and 0 where it has none. `limits` are those of a task run's tags, `cached` is the state that another
    run completed in with the same cache key, `deployment` the slots of a flow run's deployment, None without a limit;
    they are read for the proposals that need them. `source` is the state that the proposer goes on from, None for any.
    """

    current: State | None
    proposed: State
    run: FlowRun | TaskRun
    now: datetime
    flow_run_state: State | None = None
    flow_run_run_count: int = 0
    limits: tuple[TagLimit, ...] = ()
    cached: State | None = None
    deployment: DeploymentSlots | None = None
    source: UUID | None = None
    terms: Terms = USUAL


class TakeSlots(Struct, frozen=True, gc=False):
    """Take a slot of each of these limits for the run."""

    limits: tuple[TagLimit, ...]


class TakeLease(Struct, frozen=True, gc=False):
    """Take a slot of a deployment by a lease of so many seconds."""

    slots: DeploymentSlots
    seconds: float


class RenewLease(Struct, frozen=True, gc=False):
    """Let a lease last so many seconds from now on; None: until the run gives its slot back."""

    lease_id: UUID
    seconds: float | None


class FillCache(Struct, frozen=True, gc=False):
    """Let other runs with this key complete in the state that is taken, until a time."""

    key: str
    expires: datetime | None


Effect: TypeAlias = TakeSlots | TakeLease | RenewLease | FillCache


class Verdict(Struct, frozen=True, gc=False):
    """What the rules say: the state to take (ACCEPT, REJECT), or to stop or wait without a change.

    A REJECT whose state is the current one changes nothing. `policy` is what changes on the run's policy besides;
    `run_count`, unless None, replaces the run's count before it takes the state. `effects` are what is done beside.
    """

    status: Status
    state: State | None = None
    reason: str | None = None
    delay_seconds: int = 0
    policy: Policy = ()
    run_count: int | None = None
    effects: tuple[Effect, ...] = ()


Check = Callable[[Transition], Verdict | None]


class Rule(Struct, frozen=True):
    """A check and the edges of the state graph that it guards."""

    check: Check
    leaving: frozenset[Edge]
    entering: frozenset[Edge]


Rules = tuple[Rule, ...]


def rule(leaving: Iterable[Edge] = ANY, entering: Iterable[Edge] = ANY) -> Callable[[Check], Rule]:
    """Name the edges that a check guards."""
    return lambda check: Rule(check, frozenset(leaving), frozenset(entering))


@cache
def guarding(rules: Rules, leaving: Edge, entering: Edge) -> tuple[Check, ...]:
    """Return the checks of an edge, in order."""
    return tuple(row.check for row in rules if leaving in row.leaving and entering in row.entering)


def decide(rules: Rules, transition: Transition) -> Verdict:
    """Fold the rules in order: the first to refuse ends it; one that accepts may change the proposed state."""
    current = transition.current
    policy: Policy = ()
    effects: tuple[Effect, ...] = ()
    run_count = None
    for check in guarding(rules, current.type if current else None, transition.proposed.type):
        verdict = check(transition)
        if verdict is None:
            continue
        policy += verdict.policy
        effects += verdict.effects
        if verdict.run_count is not None:
            run_count = verdict.run_count
        if verdict.status != "ACCEPT":
            return msgspec.structs.replace(verdict, policy=policy, run_count=verdict.run_count)
        if verdict.state is not None:
            transition = msgspec.structs.replace(transition, proposed=verdict.state)
    return Verdict("ACCEPT", transition.proposed, policy=policy, run_count=run_count, effects=effects)


def revise(run: FlowRun | TaskRun, verdict: Verdict) -> None:
    """Change what a verdict says of a run besides its state, in place, before the run takes the state."""
    for name, value in verdict.policy:
        setattr(run.empirical_policy, name, value)
    if verdict.run_count is not None:
        run.run_count = verdict.run_count


def abort(transition: Transition, reason: str) -> Verdict:
    """Stop the run: nothing changes."""
    return Verdict("ABORT", transition.current, reason)


def stay(transition: Transition, reason: str) -> Verdict:
    """Answer the state that the run is in already."""
    return Verdict("REJECT", transition.current, reason)


def instead(transition: Transition, reason: str, **changes: Any) -> Verdict:
    """Answer another state than the proposed one, made of it by these changes."""
    return Verdict("REJECT", msgspec.structs.replace(transition.proposed, **changes), reason)


def detailed(transition: Transition, **details: Any) -> Verdict:
    """Accept the proposed state with changes of its details."""
    proposed = transition.proposed
    changed = msgspec.structs.replace(proposed.state_details, **details)
    return Verdict("ACCEPT", msgspec.structs.replace(proposed, state_details=changed))


# Rules that flow runs and task runs share.


@rule(entering={StateType.RUNNING})
def wait_for_scheduled_time(transition: Transition) -> Verdict | None:
    """A run does not start before its scheduled time, to the second."""
    current = transition.current
    due = current.state_details.scheduled_time if current else None
    delay = 0 if due is None else round((due - transition.now).total_seconds())
    if delay <= 0:
        return None
    return Verdict("WAIT", current, "The scheduled time lies in the future.", delay_seconds=delay)


@rule(leaving={StateType.SCHEDULED}, entering={StateType.PENDING})
def carry_scheduled_time(transition: Transition) -> Verdict | None:
    """A pending run remembers when it is due."""
    current, proposed = transition.current, transition.proposed
    due = current.state_details.scheduled_time if current else None
    if due is None or proposed.state_details.scheduled_time is not None:
        return None
    return detailed(transition, scheduled_time=due)


@rule(leaving=ENDED, entering={StateType.CRASHED, StateType.CANCELLING, StateType.PAUSED})
def stay_ended(transition: Transition) -> Verdict | None:
    """A run that has ended neither crashes nor pauses nor waits for its cancellation."""
    return abort(transition, "This run has already ended.")


def awaiting_retry(transition: Transition, delay: float) -> Verdict:
    """Answer the state in which a failed run waits for its next try."""
    details = msgspec.structs.replace(
        transition.proposed.state_details, scheduled_time=transition.now + timedelta(seconds=delay)
    )
    return instead(
        transition,
        "Retrying",
        type=StateType.SCHEDULED,
        name="AwaitingRetry",
        state_details=details,
    )
