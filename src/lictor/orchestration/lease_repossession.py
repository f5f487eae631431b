"""Takes back the slots of leases that ran out, whose holders have crashed, and gives up places nobody came back to.

Slots count as free from the moment on when their lease ends; this only removes what is left of them.
"""

from __future__ import annotations

from datetime import datetime

from lictor.settings import Settings
from lictor.store import concurrency_slot, concurrency_waiter
from lictor.store.transaction import Store, Transaction, brief


async def run_once(store: Store, settings: Settings, now: datetime) -> None:
    """Remove what ran out."""
    await store.write(clear, now)


@brief
def clear(now: datetime) -> Transaction[int]:
    """Remove what ran out; return how many leases of limits that were."""
    yield from concurrency_waiter.forget(now)
    return (yield from concurrency_slot.end_expired(now))
