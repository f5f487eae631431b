"""The rules of flow runs, in order."""

from __future__ import annotations

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
from lictor.wire.types.flow_run import FlowRun
from lictor.wire.types.state import StateType

SCHEDULED, PENDING, RUNNING, PAUSED = StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING, StateType.PAUSED
COMPLETED, FAILED, CANCELLED, CANCELLING = (
    StateType.COMPLETED,
    StateType.FAILED,
    StateType.CANCELLED,
    StateType.CANCELLING,
)


@rule(leaving={COMPLETED}, entering={SCHEDULED, PENDING, RUNNING, COMPLETED})
def keep_stored_result(transition: Transition) -> Verdict | None:
    """A completed run whose result is stored never runs again."""
    current = transition.current
    if current is None or current.data == NULL:
        return None
    if transition.proposed.type == COMPLETED and transition.proposed.data != NULL:
        return None
    return stay(transition, "This run is already COMPLETED.")


@rule(leaving=ENDED, entering={SCHEDULED})
def schedule_again_from_a_deployment(transition: Transition) -> Verdict | None:
    """Only a deployment's run can be scheduled again: somebody must pick it up."""
    if isinstance(transition.run, FlowRun) and transition.run.deployment_id is not None:
        return None
    return abort(transition, "A run without a deployment cannot be scheduled again.")


@rule(leaving={None, PENDING, RUNNING, CANCELLED}, entering={PENDING})
def submit_once(transition: Transition) -> Verdict | None:
    """A run that was submitted or started is not submitted again: two processes would run it."""
    if transition.current is None:
        return None
    return abort(transition, f"This run is in state {transition.current.type} and cannot be submitted again.")


@rule(leaving={CANCELLING}, entering=ANY - {CANCELLED})
def finish_cancelling(transition: Transition) -> Verdict | None:
    """A run that is being cancelled can only become cancelled."""
    return stay(transition, "This run is being cancelled.")


@rule(leaving={SCHEDULED, PAUSED}, entering={CANCELLING})
def cancel_what_runs_nowhere(transition: Transition) -> Verdict | None:
    """A run that no process holds is cancelled at once."""
    current = transition.current
    if current is not None and current.type == PAUSED and not current.state_details.pause_reschedule:
        return None
    return instead(transition, "This run holds no infrastructure to stop.", type=CANCELLED, name="Cancelled")


@rule(entering={SCHEDULED})
def late_only_if_scheduled(transition: Transition) -> Verdict | None:
    """Only a scheduled run that is not late yet becomes late."""
    if transition.proposed.name != "Late":
        return None
    current = transition.current
    if current is not None and current.type == SCHEDULED and current.name != "Late":
        return None
    return stay(transition, "Only a run that is scheduled, and not late yet, becomes late.")


@rule(entering={PAUSED})
def pause_what_runs(transition: Transition) -> Verdict | None:
    """Only a running run pauses, once for each pause key; one without a deployment cannot leave its process."""
    current, run, details = transition.current, transition.run, transition.proposed.state_details
    if current is None or current.type != RUNNING:
        return stay(transition, "Only a running run can pause.")
    assert isinstance(run, FlowRun)
    keys = run.empirical_policy.pause_keys or []
    if details.pause_key is not None and details.pause_key in keys:
        return stay(transition, "This pause has already fired.")
    if details.pause_reschedule and run.deployment_id is None:
        return abort(transition, "A run without a deployment cannot be suspended.")
    return Verdict("ACCEPT", policy=(("pause_keys", [*keys, details.pause_key]),) if details.pause_key else ())


@rule(leaving={PAUSED}, entering=ANY - {PAUSED})
def leave_a_pause(transition: Transition) -> Verdict | None:
    """A paused run goes on where it stopped; a suspended one waits to be resumed."""
    current = transition.current
    resuming = (("resuming", True),)
    if current is not None and current.state_details.pause_reschedule:
        return Verdict("REJECT", current, "This run is suspended until it is resumed.", policy=resuming)
    if transition.proposed.type == PENDING:
        return Verdict("REJECT", current, "This run is paused.", policy=resuming)
    return Verdict("ACCEPT", policy=resuming)


@rule(leaving={RUNNING}, entering={FAILED})
def retry_failed_run(transition: Transition) -> Verdict | None:
    """A run that failed while it ran is tried again, as often as its policy says."""
    run = transition.run
    assert isinstance(run, FlowRun)
    policy = run.empirical_policy
    retries = policy.max_retries if policy.retries is None else policy.retries
    if run.run_count > retries:
        return None
    delay = policy.retry_delay_seconds if policy.retry_delay is None else policy.retry_delay
    verdict = awaiting_retry(transition, delay)
    return Verdict(
        verdict.status,
        verdict.state,
        verdict.reason,
        policy=(("resuming", False), ("pause_keys", []), ("retry_type", "in_process")),
    )


RULES: Rules = (
    stay_ended,
    keep_stored_result,
    schedule_again_from_a_deployment,
    submit_once,
    finish_cancelling,
    refuse_repeated_transition,
    cancel_what_runs_nowhere,
    late_only_if_scheduled,
    pause_what_runs,
    leave_a_pause,
    wait_for_scheduled_time,
    carry_scheduled_time,
    retry_failed_run,
)
