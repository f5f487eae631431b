"""The rules of task runs, in order."""

from __future__ import annotations

import msgspec

from lictor.kit.backoff import spread
from lictor.kit.json import NULL
from lictor.rules.transition import (
    ANY,
    ENDED,
    Rules,
    Transition,
    Verdict,
    abort,
    awaiting_retry,
    carry_scheduled_time,
    instead,
    rule,
    stay,
    stay_ended,
    wait_for_scheduled_time,
)
from lictor.wire.types.state import State, StateType
from lictor.wire.types.task_run import TaskRun

UNFINISHED = ANY - ENDED - {None}
RUNNING, PAUSED, COMPLETED, FAILED = StateType.RUNNING, StateType.PAUSED, StateType.COMPLETED, StateType.FAILED


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


def chance_of(state: State) -> float:
    """Return a number from 0 to 1, drawn from a state's id, whose last bits are random."""
    return (state.id.int & 0xFFFF_FFFF) / 0xFFFF_FFFF


RULES: Rules = (
    stay_ended,
    keep_stored_result,
    run_within_a_running_flow,
    wait_for_scheduled_time,
    carry_scheduled_time,
    count_from_the_start,
    name_another_run,
    retry_failed_run,
)
