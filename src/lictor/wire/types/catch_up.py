"""What becomes of the runs of a schedule that were missed."""

from __future__ import annotations

from enum import StrEnum

from lictor.wire.types.common import Answer, Body, DateTime


class CatchUpPolicy(StrEnum):
    """Which of the runs that were missed are made up for: all, the newest, or none."""

    RUN_ALL = "run-all"
    NEWEST_ONLY = "newest-only"
    SKIP = "skip"


class CatchUpGiven(Body, kw_only=True):
    """The policy that a schedule is to have, by the schedule's slug; null takes it away."""

    slug: str
    policy: CatchUpPolicy | None


class CatchUp(Answer, kw_only=True):
    """The policy of a schedule; of its times up to `settled` it is decided whether they have a run."""

    slug: str
    policy: CatchUpPolicy
    settled: DateTime
