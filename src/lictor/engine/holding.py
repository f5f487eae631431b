"""Holds slots of limits around a part of the user's code: by a lease that is renewed meanwhile."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import Any, TypeVar
from uuid import UUID, uuid4

from lictor.client.connection import connection
from lictor.client.errors import ClientError, HTTPStatusError
from lictor.engine.context import FLOW, TASK
from lictor.engine.effects import Effect, Within
from lictor.engine.errors import Stopped
from lictor.engine.places import Place
from lictor.engine.run_logger import FLOW_RUNS, TASK_RUNS, Facts, facts_of_flow_run, say
from lictor.engine.slots import (
    FULL,
    GIVE_BACK_SECONDS,
    Given,
    SlotsTimeout,
    Wanted,
    acquire,
    end_of,
    renewal,
)
from lictor.kit.clock import now
from lictor.kit.json import encode
from lictor.wire.types.concurrency_limit import ConcurrencyLeaseHolder, MinimalConcurrencyLimit

R = TypeVar("R")
Steps = Generator[Effect, Any, R]


class ConcurrencySlotAcquisitionError(Exception):
    """Slots could not be taken, or their lease ended while they were needed."""


class AcquireConcurrencySlotTimeoutError(TimeoutError):
    """No slots were free in time."""


def holder_here() -> ConcurrencyLeaseHolder | None:
    """Return the run that goes on here as who holds slots."""
    task, flow = TASK.get(), FLOW.get()
    if task is not None:
        return ConcurrencyLeaseHolder(type="task_run", id=task.run.id)
    return None if flow is None else ConcurrencyLeaseHolder(type="flow_run", id=flow.run.id)


def note(level: int, message: str, facts: tuple[logging.Logger, Facts]) -> None:
    """Log a line of the run that goes on here, or of this module outside of one."""
    logger, told = facts
    say(logger, level, message, told)


def facts_here() -> tuple[logging.Logger, Facts]:
    """Return the logger and the facts of what goes on here."""
    task, flow = TASK.get(), FLOW.get()
    if task is not None:
        return TASK_RUNS, task.facts
    return (logging.getLogger("lictor.concurrency"), {}) if flow is None else (FLOW_RUNS, facts_of_flow_run(flow))


def taking(wanted: Wanted, strict: bool) -> Steps[Given]:
    """Take slots, and say it in the user's terms where that cannot be done."""
    named = ", ".join(wanted.names)
    try:
        given = yield from acquire(wanted)
    except SlotsTimeout:
        raise AcquireConcurrencySlotTimeoutError(f"No slot of {named} was free in time.") from None
    except HTTPStatusError as refused:
        why = "no slot is free" if refused.status == FULL else str(refused)
        raise ConcurrencySlotAcquisitionError(f"No slots could be taken of {named}: {why}") from refused
    except ClientError as error:
        raise ConcurrencySlotAcquisitionError(f"No slots could be taken of {named}: {error}") from error
    assert given is not None
    if given.limits:
        return given
    missing = f"There is no concurrency limit {named}"
    if strict:
        raise ConcurrencySlotAcquisitionError(f"{missing}: make it with `lictor global-concurrency-limit create`.")
    note(logging.WARNING, f"{missing}: going on without slots.", facts_here())
    return given


class Holding:
    """Slots that a part of the user's code holds; with `strict` it is ended if their lease ends before it does."""

    def __init__(self, given: Given, slots: int, seconds: float, strict: bool) -> None:
        self.given, self.slots, self.seconds, self.strict = given, slots, seconds, strict
        self.lost = False
        self.facts = facts_here()
        self.place: Place | None = None
        self.stop_renewing: Callable[[], None] | None = None
        self.events: dict[UUID, str] = {}

    def begin(self, on_loop: bool) -> Steps[None]:
        """Renew the lease from now on."""
        self.events = tell("acquired", self.given.limits, self.slots, {})
        if self.strict:
            self.place = Place(on_loop)
        if self.given.lease is not None:
            self.stop_renewing = yield renewal(self.given.lease, self.seconds, self.over)

    def over(self) -> None:
        """Deal with a lease that has ended: others may have the slots now."""
        self.lost = True
        named = ", ".join(limit.name for limit in self.given.limits)
        if self.place is None:
            note(logging.WARNING, f"The lease of slots of {named} has ended; going on without.", self.facts)
        elif self.place.open:
            self.place.interrupt()

    def shut(self, error: BaseException | None) -> None:
        """End the part of code: from now on nobody ends it; raise what says that it was ended for its slots."""
        if self.stop_renewing is not None:
            self.stop_renewing()
        if self.place is None:
            return
        self.place.shut()
        self.place.leave()
        if self.lost and (error is None or isinstance(error, Stopped) or self.place.cancelled):
            named = ", ".join(limit.name for limit in self.given.limits)
            raise ConcurrencySlotAcquisitionError(
                f"The lease of slots of {named} has ended, and others may have them: stopped, since strict."
            ) from None

    def give_back(self) -> Steps[None]:
        """Give the slots back; what cannot be given back ends with its lease."""
        if self.given.lease is not None:
            with suppress(ClientError):
                yield Within(end_of(self.given.lease), GIVE_BACK_SECONDS)
        tell("released", self.given.limits, self.slots, self.events)


def tell(what: str, limits: list[MinimalConcurrencyLimit], slots: int, follows: dict[UUID, str]) -> dict[UUID, str]:
    """Tell by events of slots that were acquired or released; return the ids of the events by limit."""
    flow, ids = FLOW.get(), {limit.id: str(uuid4()) for limit in limits}
    outbox = connection().outbox
    for limit in limits:
        others = ",".join(
            encode(
                {
                    "prefect.resource.id": f"prefect.concurrency-limit.{other.id}",
                    "prefect.resource.role": "concurrency-limit",
                }
            ).decode()
            for other in limits
            if other.id != limit.id
        )
        related = ",".join(part for part in (others, "" if flow is None else flow.related) if part)
        event = {
            "id": ids[limit.id],
            "occurred": now(),
            "event": f"prefect.concurrency-limit.{what}",
            "resource": {
                "prefect.resource.id": f"prefect.concurrency-limit.{limit.id}",
                "prefect.resource.name": limit.name,
                "slots-acquired": str(slots),
                "limit": str(limit.limit),
            },
            "payload": {},
            "follows": follows.get(limit.id),
        }
        outbox.event(encode(event)[:-1] + f',"related":[{related}]}}'.encode())
    return ids
