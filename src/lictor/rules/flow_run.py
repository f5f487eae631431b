"""The rules of flow runs, in order."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from lictor.kit.json import NULL
from lictor.rules.transition import (
    ANY,
    ENDED,
    DeploymentSlots,
    Policy,
    RenewLease,
    Rules,
    TakeLease,
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
from lictor.wire.types.flow_run import FlowRun
from lictor.wire.types.state import FINAL, State, StateDetails, StateType

SCHEDULED, PENDING, RUNNING, PAUSED = StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING, StateType.PAUSED
COMPLETED, FAILED, CANCELLED, CANCELLING = (
    StateType.COMPLETED,
    StateType.FAILED,
    StateType.CANCELLED,
    StateType.CANCELLING,
)
RAN_OUT = "The pause ran out before the run was resumed."
HOLDING = frozenset({PENDING, RUNNING, CANCELLING})
"""The states in which a run keeps its deployment's slot."""


@rule()
def refuse_repeated_transition(transition: Transition) -> Verdict | None:
    """A proposal that was carried out before is not carried out again."""
    current, wanted = transition.current, transition.proposed.state_details.transition_id
    if current is None or wanted is None or current.state_details.transition_id != wanted:
        return None
    return stay(transition, "This run has already made this state transition.")


@rule(leaving=ANY - {None, CANCELLING})
def start_by_own_claim(transition: Transition) -> Verdict | None:
    """A process that was started for one claim does not run what was claimed anew since: two would run it."""
    current, source = transition.current, transition.source
    if source is None or current is None or current.id == source:
        return None
    return abort(transition, "The run has gone on without this process, which comes too late.")


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
    current = transition.current
    if current is None:
        return None
    if current.type == PENDING and transition.proposed.name not in {current.name, "Pending"}:
        return detailed(transition, scheduled_time=current.state_details.scheduled_time)
    return abort(transition, f"This run is in state {current.type} and cannot be submitted again.")


@rule(leaving={CANCELLING}, entering=ANY - {CANCELLED})
def finish_cancelling(transition: Transition) -> Verdict | None:
    """A run that is being cancelled can only become cancelled."""
    return stay(transition, "This run is being cancelled.")


@rule(leaving={SCHEDULED, PAUSED}, entering={CANCELLING})
def cancel_what_runs_nowhere(transition: Transition) -> Verdict | None:
    """A run that no process holds is cancelled at once."""
    current, run = transition.current, transition.run
    assert current is not None
    assert isinstance(run, FlowRun)
    if current.type == PAUSED and not current.state_details.pause_reschedule and current.name != "Resuming":
        return None
    if current.type == SCHEDULED and run.infrastructure_pid and current.name != "Resuming":
        return None
    details = StateDetails(flow_run_id=transition.run.id)
    reason = "This run holds no infrastructure to stop."
    return instead(transition, reason, type=CANCELLED, name="Cancelled", message=None, data=NULL, state_details=details)


@rule(leaving={COMPLETED}, entering={COMPLETED})
def keep_stored_result_by_force(transition: Transition) -> Verdict | None:
    """Not even a forced proposal takes a stored result away in favour of none."""
    current = transition.current
    if current is None or current.data == NULL or transition.proposed.data != NULL:
        return None
    return stay(transition, "This run is COMPLETED with a stored result, and the proposed state has none.")


@rule()
def carry_lease(transition: Transition) -> Verdict | None:
    """A run's states name the lease of its deployment's slot, whether its client repeats it or not."""
    current = transition.current
    lease = current.state_details.deployment_concurrency_lease_id if current else None
    if lease is None or transition.proposed.state_details.deployment_concurrency_lease_id is not None:
        return None
    return detailed(transition, deployment_concurrency_lease_id=lease)


@rule(leaving={PENDING}, entering={RUNNING, CANCELLING})
def hold_slot_of_deployment(transition: Transition) -> Verdict | None:
    """A run that starts renews its lease; one whose lease ran out meanwhile takes another slot, or is cancelled.

    The lease of a client that cannot renew it lasts until the run gives its slot back.
    """
    slots, current = transition.deployment, transition.current
    lease = current.state_details.deployment_concurrency_lease_id if current else None
    if slots is None or lease is None:
        return None
    if not slots.renews:
        return Verdict("ACCEPT", effects=(RenewLease(lease, None),))
    if transition.proposed.type == CANCELLING:
        return None
    if slots.held:
        return Verdict("ACCEPT", effects=(RenewLease(lease, grace_of(transition, slots)),))
    if not slots.full:
        return with_lease(transition, slots)
    return cancelled(transition, "The slot of the deployment was lost before the run started, and none is free.")


@rule(leaving=ANY - HOLDING, entering={PENDING})
def take_slot_of_deployment(transition: Transition) -> Verdict | None:
    """A run is submitted once its deployment's limit has a slot for it; else it waits or ends, as its strategy says."""
    slots = transition.deployment
    if slots is None or slots.manages:
        return None
    if slots.limit <= 0:
        return abort(transition, "The concurrency limit of the deployment is 0: none of its runs can start.")
    if not slots.full:
        return with_lease(transition, slots)
    if slots.strategy == "CANCEL_NEW":
        return cancelled(transition, "The concurrency limit of the deployment is reached.")
    due = transition.now + timedelta(seconds=transition.terms.deployment_wait_seconds)
    reason = "The concurrency limit of the deployment is reached."
    details = StateDetails(flow_run_id=transition.run.id, scheduled_time=due)
    return instead(
        transition,
        reason,
        type=SCHEDULED,
        name="AwaitingConcurrencySlot",
        message=None,
        data=NULL,
        state_details=details,
    )


def with_lease(transition: Transition, slots: DeploymentSlots) -> Verdict:
    """Accept a run's next state with a new lease of its deployment's slot."""
    accepted = detailed(transition, deployment_concurrency_lease_id=slots.lease)
    return msgspec.structs.replace(accepted, effects=(TakeLease(slots, grace_of(transition, slots)),))


def grace_of(transition: Transition, slots: DeploymentSlots) -> float:
    """Return for how many seconds a lease is given."""
    return transition.terms.lease_seconds if slots.grace_seconds is None else slots.grace_seconds


def cancelled(transition: Transition, message: str) -> Verdict:
    """Answer that a run is cancelled, and why."""
    details = StateDetails(flow_run_id=transition.run.id)
    return instead(
        transition, message, type=CANCELLED, name="Cancelled", message=message, data=NULL, state_details=details
    )


def gives_slot_back(left: State | None, verdict: Verdict) -> bool:
    """Tell whether the state that a run takes gives its deployment's slot back: one that is over, or put off.

    A failed run that its process tries again keeps its slot.
    """
    taken = verdict.state
    if left is None or taken is None or left.type not in HOLDING or taken.type in HOLDING:
        return False
    return not (verdict.status == "REJECT" and taken.name == "AwaitingRetry")


@rule(leaving={SCHEDULED}, entering={SCHEDULED})
def cancel_what_is_late_and_has_no_slot(transition: Transition) -> Verdict | None:
    """A run that would become late ends, where its deployment cancels what finds no slot."""
    slots = transition.deployment
    if slots is None or slots.strategy != "CANCEL_NEW" or not slots.full or transition.proposed.name != "Late":
        return None
    return cancelled(transition, "The concurrency limit of the deployment is reached.")


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
    if details.pause_reschedule and run.parent_task_run_id is not None:
        return abort(transition, "A subflow cannot be suspended: its parent holds its process.")
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
        message=RAN_OUT,
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
    carry_lease,
    refuse_repeated_transition,
    start_by_own_claim,
    stay_ended,
    keep_stored_result,
    schedule_again_from_a_deployment,
    finish_cancelling,
    submit_once,
    cancel_what_runs_nowhere,
    hold_slot_of_deployment,
    take_slot_of_deployment,
    late_only_if_scheduled,
    pause_what_runs,
    count_a_resumed_run_once,
    start_afresh,
    wait_for_scheduled_time,
    carry_scheduled_time,
    leave_a_pause,
    retry_failed_run,
)

FORCED: Rules = (keep_stored_result_by_force, cancel_what_runs_nowhere, count_a_resumed_run_once)
"""The rules that a forced proposal meets too."""

LATE: Rules = (late_only_if_scheduled, cancel_what_is_late_and_has_no_slot)
"""The rules that a run meets when it is marked late."""
