"""Why a flow run does not run: in words, and as causes that programs can read."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from msgspec import field

from lictor.wire.types.common import Answer, DateTime
from lictor.wire.types.concurrency_limit import ConcurrencySlot
from lictor.wire.types.state import StateType

CauseKind = Literal[
    "running",
    "ended",
    "paused",
    "suspended",
    "cancelling",
    "claimed",
    "scheduled",
    "awaiting_retry",
    "concurrency_limit",
    "work_pool_paused",
    "work_pool_full",
    "work_queue_paused",
    "work_queue_full",
    "no_worker",
    "nobody_asks",
    "no_work_pool",
    "handed_out_next",
    "deployment_paused",
    "late",
]


class Cause(Answer, kw_only=True):
    """One reason: its kind, the sentence that says it, and what it is about, where that is so.

    `since` is when it began, `until` when it ends by itself. `slots` and `taken` are of the limit, work pool or work
    queue that is full; `holders` are those who hold slots of a limit, the first who took theirs first.
    """

    kind: CauseKind
    message: str
    since: DateTime | None = None
    until: DateTime | None = None
    limit: str | None = None
    work_pool: str | None = None
    work_queue: str | None = None
    slots: int | None = None
    taken: int | None = None
    holders: list[ConcurrencySlot] = field(default_factory=list)


class FlowRunWhy(Answer, kw_only=True):
    """Why a flow run does not run: the answer in plain words, and its causes, the first of which counts most."""

    flow_run_id: UUID
    state_type: StateType | None
    state_name: str | None
    answer: str
    causes: list[Cause]
