"""The rules of task runs, in order."""

from __future__ import annotations

import msgspec

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
    refuse_repeated_transition,
    rule,
    stay,
    stay_ended,
    wait_for_scheduled_time,
)
from lictor.wire.types.state import StateType
from lictor.wire.types.task_run import TaskRun

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


@rule(leaving={RUNNING, *ENDED}, entering={RUNNING})
def name_a_second_run(transition: Transition) -> Verdict | None:
    """A task that ran before is said to retry, one that still runs to rerun."""
    name = "Rerunning" if transition.current is not None and transition.current.type == RUNNING else "Retrying"
    return Verdict("ACCEPT", msgspec.structs.replace(transition.proposed, name=name))


@rule(leaving={StateType.SCHEDULED}, entering={RUNNING})
def name_a_retry(transition: Transition) -> Verdict | None:
    """A task that waited for its next try is said to retry."""
    if transition.current is None or transition.current.name != "AwaitingRetry" or not transition.run.run_count:
        return None
    return Verdict("ACCEPT", msgspec.structs.replace(transition.proposed, name="Retrying"))


@rule(leaving={RUNNING}, entering={FAILED})
def retry_failed_run(transition: Transition) -> Verdict | None:
    """A task that failed while it ran is tried again, as often as its policy says."""
    run = transition.run
    assert isinstance(run, TaskRun)
    policy = run.empirical_policy
    retries = policy.max_retries if policy.retries is None else policy.retries
    if run.run_count > retries or transition.proposed.state_details.retriable is False:
        return None
    delay = policy.retry_delay_seconds if policy.retry_delay is None else policy.retry_delay
    if isinstance(delay, list):
        delay = delay[min(run.run_count, len(delay)) - 1] if delay else 0.0
    return awaiting_retry(transition, delay)


RULES: Rules = (
    stay_ended,
    keep_stored_result,
    refuse_repeated_transition,
    run_within_a_running_flow,
    wait_for_scheduled_time,
    carry_scheduled_time,
    name_a_second_run,
    name_a_retry,
    retry_failed_run,
)
