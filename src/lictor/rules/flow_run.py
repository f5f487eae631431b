"""The rules of flow runs, in order."""

from __future__ import annotations

from datetime import datetime

import msgspec

from lictor.kit.json import NULL
from lictor.rules.transition import (
    ANY,
    ENDED,
    Policy,
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
from lictor.wire.types.flow_run import FlowRun
from lictor.wire.types.state import FINAL, StateDetails, StateType

SCHEDULED, PENDING, RUNNING, PAUSED = StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING, StateType.PAUSED
COMPLETED, FAILED, CANCELLED, CANCELLING = (
    StateType.COMPLETED,
    StateType.FAILED,
    StateType.CANCELLED,
    StateType.CANCELLING,
)


@rule()
def refuse_repeated_transition(transition: Transition) -> Verdict | None:
    """A proposal that was carried out before is not carried out again."""
    current, wanted = transition.current, transition.proposed.state_details.transition_id
    if current is None or wanted is None or current.state_details.transition_id != wanted:
        return None
    return stay(transition, "This run has already made this state transition.")


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
    details = StateDetails(flow_run_id=transition.run.id)
    reason = "This run holds no infrastructure to stop."
    return instead(transition, reason, type=CANCELLED, name="Cancelled", state_details=details)


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
    return Verdict("ACCEPT", policy=(("pause_keys", [*keys, details.pause_key or str(transition.proposed.id)]),))


@rule(leaving=ENDED, entering={SCHEDULED, PENDING, RUNNING})
def start_afresh(transition: Transition) -> Verdict | None:
    """A run that had ended forgets its pauses and how it was retried."""
    retry_type = "reschedule" if transition.proposed.type == SCHEDULED else None
    forgotten: Policy = (("resuming", False), ("pause_keys", []), ("retry_type", retry_type))
    return Verdict("ACCEPT", policy=forgotten, run_count=transition.run.run_count)


@rule(entering={RUNNING, *FINAL})
def count_a_resumed_run_once(transition: Transition) -> Verdict | None:
    """A run that goes on after a pause runs no second time; the end of the stretch ends the resumption."""
    run = transition.run
    if not isinstance(run, FlowRun) or not run.empirical_policy.resuming:
        return None
    count = run.run_count - 1 if transition.proposed.type == RUNNING else None
    return Verdict("ACCEPT", policy=(("resuming", False),), run_count=count)


@rule(leaving={PAUSED}, entering=ANY - {PAUSED})
def leave_a_pause(transition: Transition) -> Verdict | None:
    """A pause is left while it lasts; a suspended run only if a deployment can start it again."""
    current, run, proposed = transition.current, transition.run, transition.proposed
    assert current is not None
    assert isinstance(run, FlowRun)
    resuming = (("resuming", True),)
    if proposed.type == PENDING:
        return Verdict("REJECT", current, "This run is paused.", policy=resuming)
    if current.state_details.pause_reschedule and run.deployment_id is None:
        return Verdict("REJECT", current, "A suspended run without a deployment cannot go on.", policy=resuming)
    if proposed.type == CANCELLING or not over(current.state_details.pause_timeout, transition.now):
        return Verdict("ACCEPT", policy=resuming)
    failed = msgspec.structs.replace(
        proposed,
        type=FAILED,
        name="Failed",
        message="The pause ran out before the run was resumed.",
        data=NULL,
        state_details=StateDetails(flow_run_id=run.id),
    )
    return Verdict("REJECT", failed, "The pause has run out.", policy=resuming)


def over(timeout: datetime | None, now: datetime) -> bool:
    """Tell whether a pause has lasted as long as it may."""
    return timeout is not None and timeout < now


@rule(leaving={RUNNING}, entering={FAILED})
def retry_failed_run(transition: Transition) -> Verdict | None:
    """A run that failed while it ran is tried again, as often as its policy says."""
    run = transition.run
    assert isinstance(run, FlowRun)
    policy = run.empirical_policy
    if run.run_count > (policy.retries or 0):
        return Verdict("ACCEPT", policy=(("retry_type", None),))
    verdict = awaiting_retry(transition, policy.retry_delay or 0)
    forgotten: Policy = (("resuming", False), ("pause_keys", []), ("retry_type", "in_process"))
    return Verdict(verdict.status, verdict.state, verdict.reason, policy=forgotten)


RULES: Rules = (
    refuse_repeated_transition,
    stay_ended,
    keep_stored_result,
    schedule_again_from_a_deployment,
    submit_once,
    finish_cancelling,
    cancel_what_runs_nowhere,
    late_only_if_scheduled,
    pause_what_runs,
    count_a_resumed_run_once,
    start_afresh,
    wait_for_scheduled_time,
    carry_scheduled_time,
    leave_a_pause,
    retry_failed_run,
)

FORCED: Rules = (cancel_what_runs_nowhere, count_a_resumed_run_once)
"""The rules that a forced proposal meets too."""
