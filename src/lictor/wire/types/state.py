"""States of runs, and what the server answers to a proposed one."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal
from uuid import UUID

from msgspec import Raw, field

from lictor.kit.clock import now
from lictor.kit.json import null
from lictor.wire.types.common import Answer, Body, DateTime, Query
from lictor.wire.types.model import Model


class StateType(StrEnum):
    """The nine kinds of state a run can be in."""

    SCHEDULED = "SCHEDULED"
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    CRASHED = "CRASHED"
    PAUSED = "PAUSED"
    CANCELLING = "CANCELLING"


FINAL = frozenset({StateType.COMPLETED, StateType.FAILED, StateType.CANCELLED, StateType.CRASHED})
"""State types that end a run."""


class StateDetails(Model, kw_only=True):
    """Facts that travel with a state; every field is optional and unknown ones are dropped."""

    flow_run_id: UUID | None = None
    task_run_id: UUID | None = None
    child_flow_run_id: UUID | None = None
    scheduled_time: DateTime | None = None
    cache_key: str | None = None
    cache_expiration: DateTime | None = None
    deferred: bool | None = False
    untrackable_result: bool = False
    pause_timeout: DateTime | None = None
    pause_reschedule: bool = False
    pause_key: str | None = None
    run_input_keyset: dict[str, str] | None = None
    refresh_cache: bool | None = None
    retriable: bool | None = None
    transition_id: UUID | None = None
    task_parameters_id: UUID | None = None
    traceparent: str | None = None
    deployment_concurrency_lease_id: UUID | None = None


class StateCreate(Body, kw_only=True):
    """A state as a client proposes it; its id and time are the server's."""

    type: StateType
    name: str | None = None
    message: str | None = None
    data: Raw = field(default_factory=null)
    state_details: StateDetails = field(default_factory=StateDetails)


class State(Answer, kw_only=True):
    """A state of a run; `data` is JSON text, `timestamp` is UTC."""

    id: UUID
    type: StateType
    name: str | None = None
    timestamp: DateTime = field(default_factory=now)
    message: str | None = None
    data: Raw = field(default_factory=null)
    state_details: StateDetails = field(default_factory=StateDetails)


SetStateStatus = Literal["ACCEPT", "REJECT", "ABORT", "WAIT"]


class StateAcceptDetails(Answer, kw_only=True, tag="accept_details", tag_field="type"):
    """The proposed state was taken."""


class StateRejectDetails(Answer, kw_only=True, tag="reject_details", tag_field="type"):
    """Another state was taken in place of the proposed one."""

    reason: str | None = None


class StateAbortDetails(Answer, kw_only=True, tag="abort_details", tag_field="type"):
    """The run must stop; nothing was changed."""

    reason: str | None = None


class StateWaitDetails(Answer, kw_only=True, tag="wait_details", tag_field="type"):
    """Propose again after `delay_seconds`; nothing was changed."""

    delay_seconds: int
    reason: str | None = None


SetStateDetails = StateAcceptDetails | StateWaitDetails | StateRejectDetails | StateAbortDetails


class OrchestrationResult(Answer, kw_only=True):
    """The answer to a proposed state."""

    state: State | None
    status: SetStateStatus
    details: SetStateDetails


class SetState(Query, kw_only=True):
    """A proposed state; `force` skips the rules."""

    state: StateCreate
    force: bool = False
