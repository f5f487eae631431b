"""Context managers that hold slots of concurrency limits, and what waits for a rate."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from lictor.client.connection import connection
from lictor.engine import states
from lictor.engine.drive import adrive, drive
from lictor.engine.effects import Effect, Engine, Outcome
from lictor.engine.holding import (
    AcquireConcurrencySlotTimeoutError,
    ConcurrencySlotAcquisitionError,
    Holding,
    holder_here,
    taking,
    tell,
)
from lictor.engine.slots import Wanted
from lictor.wire.types.concurrency_limit import ConcurrencyLeaseHolder

if TYPE_CHECKING:
    from collections.abc import Mapping

R = TypeVar("R")
Steps = Generator[Effect, Any, R]


@contextmanager
def concurrency(
    names: str | list[str],
    occupy: int = 1,
    timeout_seconds: float | None = None,
    max_retries: int | None = None,
    lease_duration: float = 300,
    strict: bool = False,
    holder: ConcurrencyLeaseHolder | Mapping[str, Any] | None = None,
    raise_on_lease_renewal_failure: bool | None = None,
) -> Iterator[None]:
    """Hold slots of concurrency limits inside a `with` block; wait for them first.

    The slots are held by a lease that is renewed until the block ends: if the process crashes they are free when the
    lease ends. A renewal that fails is tried again, and ends nothing.

    Args:
        names: The name of a limit, or names of several: a slot of each is held, or of none.
        occupy: How many slots of each; 1 by default.
        timeout_seconds: The most seconds to wait; by default there is no end.
        max_retries: How often to ask again when no slot is free; by default there is no end.
        lease_duration: Seconds from 60 to 86400 after which slots are free if nobody renews the lease; 300 by default.
        strict: Whether it is an error if there is none of these limits, and whether the block is ended if the lease
            has truly ended before it; by default neither.
        holder: For whom slots are held, `type` and `id`; by default the run that goes on here.
        raise_on_lease_renewal_failure: Whether the block is ended if the lease has ended before it; by default as
            `strict` says.

    Raises:
        AcquireConcurrencySlotTimeoutError: No slots were free in time; a TimeoutError.
        ConcurrencySlotAcquisitionError: The server refuses, and why; or the block was ended with the lease.
    """
    wanted = wanted_of(names, occupy, timeout_seconds, max_retries, lease_duration, holder)
    if wanted is None:
        yield
        return
    given = here(taking(wanted, strict))
    if not given.limits:
        yield
        return
    ends = strict if raise_on_lease_renewal_failure is None else raise_on_lease_renewal_failure
    holding = Holding(given, occupy, lease_duration, ends)
    try:
        try:
            here(holding.begin(on_loop=False))
            yield
        except BaseException as error:
            holding.shut(error)
            raise
        holding.shut(None)
    finally:
        here(holding.give_back())


@asynccontextmanager
async def aconcurrency(
    names: str | list[str],
    occupy: int = 1,
    timeout_seconds: float | None = None,
    max_retries: int | None = None,
    lease_duration: float = 300,
    strict: bool = False,
    holder: ConcurrencyLeaseHolder | Mapping[str, Any] | None = None,
    raise_on_lease_renewal_failure: bool | None = None,
) -> AsyncIterator[None]:
    """Hold slots of concurrency limits inside an `async with` block; wait for them first.

    It takes and raises what the `concurrency` of sync code does.
    """
    wanted = wanted_of(names, occupy, timeout_seconds, max_retries, lease_duration, holder)
    if wanted is None:
        yield
        return
    given = await there(taking(wanted, strict))
    if not given.limits:
        yield
        return
    ends = strict if raise_on_lease_renewal_failure is None else raise_on_lease_renewal_failure
    holding = Holding(given, occupy, lease_duration, ends)
    try:
        try:
            await there(holding.begin(on_loop=True))
            yield
        except BaseException as error:
            holding.shut(error)
            raise
        holding.shut(None)
    finally:
        await there(holding.give_back())


def rate_limit(
    names: str | list[str], occupy: int = 1, timeout_seconds: float | None = None, strict: bool = False
) -> None:
    """Wait until slots of limits are free whose slots come back by themselves, and take them.

    Args:
        names: The name of a limit with a slot decay, or names of several.
        occupy: How many slots of each; 1 by default.
        timeout_seconds: The most seconds to wait; by default there is no end.
        strict: Whether it is an error if there is none of these limits; by default it is not.

    Raises:
        AcquireConcurrencySlotTimeoutError: No slots were free in time; a TimeoutError.
        ConcurrencySlotAcquisitionError: The server refuses, and why: a limit may have no slot decay.
    """
    wanted = rate_of(names, occupy, timeout_seconds)
    if wanted is not None:
        tell("acquired", here(taking(wanted, strict)).limits, occupy, {})


async def arate_limit(
    names: str | list[str], occupy: int = 1, timeout_seconds: float | None = None, strict: bool = False
) -> None:
    """Wait until slots of limits are free whose slots come back by themselves, and take them.

    It takes and raises what the `rate_limit` of sync code does.
    """
    wanted = rate_of(names, occupy, timeout_seconds)
    if wanted is not None:
        tell("acquired", (await there(taking(wanted, strict))).limits, occupy, {})


def wanted_of(  # what the user says
    names: str | list[str],
    occupy: int,
    timeout_seconds: float | None,
    max_retries: int | None,
    lease_duration: float,
    holder: ConcurrencyLeaseHolder | Mapping[str, Any] | None,
) -> Wanted | None:
    """Return the slots that are wanted; None where no limit is named."""
    if holder is not None and not isinstance(holder, ConcurrencyLeaseHolder):
        holder = ConcurrencyLeaseHolder.model_validate(holder)
    return (
        wanted_slots(names, occupy, timeout_seconds)._replace(
            lease_seconds=lease_duration, holder=holder or holder_here(), retries=max_retries
        )
        if names
        else None
    )


def rate_of(names: str | list[str], occupy: int, timeout_seconds: float | None) -> Wanted | None:
    """Return the slots that are wanted of a rate; None where no limit is named."""
    return (
        wanted_slots(names, occupy, timeout_seconds)._replace(mode="rate_limit", lease_seconds=None) if names else None
    )


def wanted_slots(names: str | list[str], occupy: int, timeout_seconds: float | None) -> Wanted:
    """Return slots of limits, each of which is named once."""
    named = [names] if isinstance(names, str) else names
    until = None if timeout_seconds is None else time.monotonic() + timeout_seconds
    return Wanted(tuple(sorted(set(named))), occupy, until=until)


def here(steps: Steps[R]) -> R:
    """Do steps in the calling thread, and return what they return."""
    outcome = drive(as_engine(steps), lambda: connection().client)
    result: R = outcome.state.value[0]
    return result


async def there(steps: Steps[R]) -> R:
    """Do steps on the event loop, and return what they return."""
    outcome = await adrive(as_engine(steps), lambda: connection().client)
    result: R = outcome.state.value[0]
    return result


def as_engine(steps: Steps[R]) -> Engine:
    """Return steps as an engine whose outcome is what they return."""
    return Outcome(states.Completed(data=[(yield from steps)]))


__all__ = [
    "AcquireConcurrencySlotTimeoutError",
    "ConcurrencySlotAcquisitionError",
    "aconcurrency",
    "arate_limit",
    "concurrency",
    "rate_limit",
]
