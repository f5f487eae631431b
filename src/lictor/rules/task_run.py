"""The rules of task runs, in order."""

from __future__ import annotations

import msgspec

from lictor.kit.backoff import spread
from lictor.kit.json import NULL
from lictor.rules.transition import (
    ANY,
    ENDED,
    FillCache,
    Rules,
    TakeSlots,
    Transition,
    Verdict,
    abort,
    awaiting_retry,
    carry_scheduled_time,
    detailed,
    instead,
    rule,
    stay,
    stay_ended,
    wait_for_scheduled_time,
)
from lictor.wire.types.state import State, StateType
from lictor.wire.types.task_run import TaskRun

UNFINISHED = ANY - ENDED - {None}
SCHEDULED, PENDING, RUNNING, PAUSED = StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING, StateType.PAUSED
COMPLETED, FAILED, CANCELLED, CANCELLING = (
    StateType.COMPLETED,
    StateType.FAILED,
    StateType.CANCELLED,
    StateType.CANCELLING,
)
HOLDING = frozenset({RUNNING, CANCELLING})
"""The states in which a task run keeps the slots of its tags."""


@rule(leaving={PENDING, RUNNING, CANCELLING, CANCELLED}, entering={PENDING})
def submit_once(transition: Transition) -> Verdict | None:
    """A task that a worker has taken is not taken by another."""
    current = transition.current
    assert current is not None
    if current.type == PENDING and transition.proposed.name not in {current.name, "Pending"}:
        return detailed(transition, scheduled_time=current.state_details.scheduled_time)
    return abort(transition, f"This run is in state {current.type} and cannot be submitted again.")


@rule(entering={RUNNING})
def complete_from_cache(transition: Transition) -> Verdict | None:
    """A task whose result another run left in the cache completes with it."""
    cached, proposed = transition.cached, transition.proposed
    if cached is None:
        return None
    ours = proposed.state_details
    details = msgspec.structs.replace(cached.state_details, flow_run_id=ours.flow_run_id, task_run_id=ours.task_run_id)
    taken = msgspec.structs.replace(
        cached, id=proposed.id, timestamp=proposed.timestamp, name="Cached", state_details=details
    )
    return Verdict("REJECT", taken, "The result was found in the cache.")


@rule(leaving={COMPLETED}, entering=ANY)
def keep_stored_result(transition: Transition) -> Verdict | None:
    """A completed task run whose result is stored stays as it is."""
    current = transition.current
    return None if current is None or current.data == NULL else stay(transition, "This run is already COMPLETED.")


@rule(entering={RUNNING})
def run_within_a_running_flow(transition: Transition) -> Verdict | None:
    """A task starts only while its flow run runs; one of a paused flow run waits with it."""
    parent = transition.flow_run_state
    if parent is None or parent.type == RUNNING:
        return None
    if parent.type == PAUSED:
        details = msgspec.structs.replace(
            transition.proposed.state_details,
            pause_timeout=parent.state_details.pause_timeout,
            pause_reschedule=parent.state_details.pause_reschedule,
        )
        reason = "The flow run is paused; the task waits with it."
        return instead(transition, reason, type=PAUSED, name="NotReady", state_details=details)
    return abort(transition, "The flow run is not running.")


@rule(entering={RUNNING})
def take_slots_of_tags(transition: Transition) -> Verdict | None:
    """A task starts once every limit of its tags has a slot for it; a limit of 0 lets none start."""
    wanted = tuple(limit for limit in transition.limits if not limit.held)
    for limit in transition.limits:
        if limit.limit <= 0:
            return abort(transition, f'The concurrency limit of tag "{limit.tag}" is 0: no task with it can run.')
    for limit in wanted:
        if limit.taken >= limit.limit:
            delay = max(1, round(transition.terms.tag_wait_seconds))
            reason = f'The concurrency limit of tag "{limit.tag}" is reached.'
            return Verdict("WAIT", transition.current, reason, delay_seconds=delay)
    return Verdict("ACCEPT", effects=(TakeSlots(wanted),)) if wanted else None


@rule(leaving={SCHEDULED, PENDING}, entering={PENDING, RUNNING})
def carry_parameters(transition: Transition) -> Verdict | None:
    """A background task remembers where its parameters lie."""
    current = transition.current
    known = current.state_details.task_parameters_id if current else None
    if known is None or transition.proposed.state_details.task_parameters_id is not None:
        return None
    return detailed(transition, task_parameters_id=known)


@rule(leaving=ENDED, entering=UNFINISHED)
def count_from_the_start(transition: Transition) -> Verdict | None:
    """A task that had ended has all its tries again; one that its flow run repeats is said to retry."""
    run, proposed = transition.run, transition.proposed
    assert isinstance(run, TaskRun)
    if proposed.type == RUNNING and run.flow_run_run_count < transition.flow_run_run_count:
        return Verdict("ACCEPT", msgspec.structs.replace(proposed, name="Retrying"), run_count=0)
    return Verdict("ACCEPT", run_count=0)


@rule(leaving=UNFINISHED, entering={RUNNING})
def name_another_run(transition: Transition) -> Verdict | None:
    """A task that ran before is said to retry after it waited for that, otherwise to rerun."""
    current = transition.current
    if current is None or not transition.run.run_count:
        return None
    name = "Retrying" if current.name == "AwaitingRetry" else "Rerunning"
    return Verdict("ACCEPT", msgspec.structs.replace(transition.proposed, name=name))


@rule(leaving={RUNNING}, entering={FAILED})
def retry_failed_run(transition: Transition) -> Verdict | None:
    """A task that failed while it ran is tried again, as often as its policy says."""
    run = transition.run
    assert isinstance(run, TaskRun)
    policy = run.empirical_policy
    if run.run_count > (policy.retries or 0) or transition.proposed.state_details.retriable is False:
        return None
    delay = policy.retry_delay or 0.0
    if isinstance(delay, list):
        delay = delay[min(run.run_count, len(delay)) - 1] if delay else 0.0
    if policy.retry_jitter_factor:
        delay = spread(delay, policy.retry_jitter_factor, chance_of(transition.proposed))
    return awaiting_retry(transition, delay)


@rule(entering={COMPLETED})
def fill_cache(transition: Transition) -> Verdict | None:
    """A task that completes with a cache key leaves its result to others; a key that is too long is not kept."""
    details = transition.proposed.state_details
    if not details.cache_key:
        return None
    longest = transition.terms.longest_cache_key
    if len(details.cache_key) > longest:
        return Verdict("REJECT", transition.proposed, f"The cache key is longer than {longest} characters.")
    return Verdict("ACCEPT", effects=(FillCache(details.cache_key, details.cache_expiration),))


def chance_of(state: State) -> float:
    """Return a number from 0 to 1, drawn from a state's id, whose last bits are random."""
    return (state.id.int & 0xFFFF_FFFF) / 0xFFFF_FFFF


RULES: Rules = (
    complete_from_cache,
    stay_ended,
    keep_stored_result,
    run_within_a_running_flow,
    take_slots_of_tags,
    wait_for_scheduled_time,
    carry_scheduled_time,
    count_from_the_start,
    name_another_run,
    retry_failed_run,
    fill_cache,
)

BACKGROUND: Rules = (
    submit_once,
    complete_from_cache,
    stay_ended,
    keep_stored_result,
    carry_parameters,
    wait_for_scheduled_time,
    carry_scheduled_time,
    count_from_the_start,
    name_another_run,
    retry_failed_run,
    fill_cache,
)
"""The rules of a task that a state marks as deferred: it runs apart from its flow run, and takes no slots."""
