"""Slots of the concurrency limits that a task run's tags name."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import UUID

from lictor.client.errors import ClientError, HTTPStatusError, ObjectNotFound
from lictor.engine.effects import Look, Repeat, Steps, Within
from lictor.wire.operations import concurrency_limit
from lictor.wire.types.concurrency_limit import (
    ConcurrencyLeaseHolder,
    DecrementWithLease,
    IncrementWithLease,
    RenewLease,
)

if TYPE_CHECKING:
    from lictor.engine.task_run import LiveTaskRun

LEASE_SECONDS = 300.0
UNLIMITED_SECONDS = 5.0
GIVE_BACK_SECONDS = 10.0
FULL = 423
USUAL_PAUSE = 1.0

_unlimited_until: dict[tuple[str, ...], float] = {}


class Slots:
    """The slots that one task run takes and gives back."""

    __slots__ = ("lease", "names", "run_id", "stop_renewing")

    def __init__(self, names: tuple[str, ...], run_id: UUID) -> None:
        self.names, self.run_id = names, run_id
        self.lease: UUID | None = None
        self.stop_renewing: Callable[[], None] | None = None

    def take(self) -> Steps:
        """Wait for a slot of each limit; names that have none are remembered for a moment."""
        call = concurrency_limit.INCREMENT_WITH_LEASE(
            IncrementWithLease(
                names=[f"tag:{name}" for name in self.names],
                slots=1,
                lease_duration=LEASE_SECONDS,
                holder=ConcurrencyLeaseHolder(type="task_run", id=self.run_id),
            )
        )
        while True:
            try:
                given = yield call
            except ObjectNotFound:  # a server without such limits
                _unlimited_until[self.names] = time.monotonic() + UNLIMITED_SECONDS
                return
            except HTTPStatusError as refused:
                if refused.status != FULL:
                    raise
                yield Look(USUAL_PAUSE if refused.retry_after is None else refused.retry_after)
                continue
            if given.limits:
                _unlimited_until.pop(self.names, None)
                self.lease = given.lease_id
                renewal = concurrency_limit.RENEW_LEASE(RenewLease(lease_duration=LEASE_SECONDS), lease_id=self.lease)
                self.stop_renewing = yield Repeat(renewal, LEASE_SECONDS / 3)
            else:
                _unlimited_until[self.names] = time.monotonic() + UNLIMITED_SECONDS
            return

    def let_go(self) -> None:
        """Renew the lease no more: it ends by itself."""
        if self.stop_renewing is not None:
            self.stop_renewing()

    def give_back(self) -> Steps:
        """Give back what was taken; a lease that cannot be given back ends by itself."""
        if self.lease is None:
            return
        lease, self.lease = self.lease, None
        self.let_go()
        with suppress(ClientError):
            yield Within(concurrency_limit.DECREMENT_WITH_LEASE(DecrementWithLease(lease_id=lease)), GIVE_BACK_SECONDS)


def forget() -> None:
    """Forget which names had no limit."""
    _unlimited_until.clear()


def slots(live: LiveTaskRun) -> Slots | None:
    """Return the slots that a tagged task run needs, or None if its tags had no limits when that was last asked.

    The answer holds for a moment, and for as long as the server is away.
    """
    names = tuple(live.run.tags)
    until = _unlimited_until.get(names)
    if until is not None and (until > time.monotonic() or live.outbox.presence.away):
        return None
    return Slots(names, live.run.id)
