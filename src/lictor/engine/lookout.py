"""Looks after the flow runs that go on in this process: whether somebody stops them; and tells that they go on.

One thread asks the server every few seconds, with one request for all of them.
"""

from __future__ import annotations

import logging
import os
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from lictor.client.connection import Connection
from lictor.engine.context import FlowContext
from lictor.engine.places import Place, stop
from lictor.engine.states import local
from lictor.kit import clock
from lictor.kit.clock import now
from lictor.kit.ids import uuid7
from lictor.kit.json import encode
from lictor.settings import table
from lictor.wire import filters
from lictor.wire.operations import flow_run
from lictor.wire.types import state as wire
from lictor.wire.types.flow_run import FlowRun
from lictor.wire.types.state import StateType

logger = logging.getLogger("lictor.engine")

LOOK_SECONDS = 5.0
PAGE = 100
CANCELLED = (StateType.CANCELLING, StateType.CANCELLED)


class Lookout:
    """The thread of one connection, which lasts while flow runs do."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.live: dict[UUID, FlowContext] = {}
        self.starting = threading.Lock()
        self.thread: threading.Thread | None = None
        self.frequency = connection.settings[table.FLOWS_HEARTBEAT_FREQUENCY]

    def add(self, flow: FlowContext) -> None:
        """Look after a run from now on."""
        with self.starting:
            self.live[flow.run.id] = flow
            if self.thread is None:
                self.thread = threading.Thread(target=self.run, name="lictor-lookout", daemon=True)
                self.thread.start()

    def remove(self, flow: FlowContext) -> None:
        """Look after a run no more."""
        self.live.pop(flow.run.id, None)

    def run(self) -> None:
        """Look, until no run is left."""
        while True:
            clock.sleep(clock.soon(LOOK_SECONDS * random.uniform(0.8, 1.0)))  # noqa: S311  # hides nothing
            with self.starting:
                flows = list(self.live.values())
                if not flows:
                    self.thread = None
                    _lookouts.pop(id(self.connection), None)
                    return
            try:
                for start in range(0, len(flows), PAGE):
                    for found in self.stopped([flow.run.id for flow in flows[start : start + PAGE]]):
                        self.heed(found)
                self.tell(flows)
            except Exception as error:  # whatever it is, the thread must survive it
                logger.debug("Nobody knows whether runs are to stop: %r", error)

    def stopped(self, ids: list[UUID]) -> list[FlowRun]:
        """Return those of some runs that are in a state in which a process does not go on."""
        states = filters.FlowRunFilterState(type=filters.FlowRunFilterStateType(any_=[*CANCELLED, StateType.PAUSED]))
        wanted = filters.FlowRunFilter(id=filters.FlowRunFilterId(any_=ids), state=states)
        return self.connection.client(flow_run.FILTER(flow_run.ReadFlowRuns(flow_runs=wanted)), retries=0)

    def heed(self, found: FlowRun) -> None:
        """Stop a run that is cancelled, and let one that is suspended leave."""
        flow = self.live.get(found.id)
        if flow is None or found.state is None or is_own(flow, found.state):
            return
        if found.state.type in CANCELLED:
            flow.cancelling = local(found.state)
            within = [each for each in list(self.live.values()) if each is flow or flow in each.outer()]
            for each in within:
                each.stopping = True
            stop([live.place for each in within for live in list(each.pending)])
            stop([each.place for each in within])
        elif found.state.state_details.pause_reschedule and found.state.id != flow.run.state_id:
            flow.suspended = local(found.state)

    def tell(self, flows: list[FlowContext]) -> None:
        """Tell that runs go on, as often as the settings say."""
        moment = clock.monotonic()
        for flow in flows:
            if self.frequency is not None and moment >= flow.heartbeat_due:
                flow.heartbeat_due = moment + self.frequency
                self.connection.outbox.event(heartbeat(flow))


def is_own(flow: FlowContext, state: wire.State) -> bool:
    """Tell whether a run has put itself into a state."""
    return flow.proposed is not None and state.state_details.transition_id == flow.proposed


def heartbeat(flow: FlowContext) -> bytes:
    """Return the event that says that a run goes on."""
    run = flow.run
    related: list[tuple[str, str, str | None]] = [("flow", str(run.flow_id), flow.spec.name)]
    if run.deployment_id is not None:
        related.append(("deployment", str(run.deployment_id), None))
    related += [("tag", tag, None) for tag in run.tags]
    return encode(
        {
            "id": uuid7(),
            "occurred": now(),
            "event": "prefect.flow-run.heartbeat",
            "resource": {"prefect.resource.id": f"prefect.flow-run.{run.id}", "prefect.resource.name": run.name},
            "related": [
                {"prefect.resource.id": f"prefect.{role}.{key}", "prefect.resource.role": role}
                | ({} if name is None else {"prefect.resource.name": name})
                for role, key, name in related
            ],
            "payload": {},
        }
    )


_lookouts: dict[int, Lookout] = {}


def lookout(connection: Connection) -> Lookout:
    """Return the lookout of a connection."""
    found = _lookouts.get(id(connection))
    if found is None or found.connection is not connection:
        found = _lookouts[id(connection)] = Lookout(connection)
    return found


@contextmanager
def looked_after(flow: FlowContext) -> Iterator[None]:
    """Let a run be stopped by others while this lasts; a generator is not, since its caller's code runs in between."""
    if not flow.spec.yields:
        flow.place = Place(flow.spec.is_async)
    here = lookout(flow.connection)
    here.add(flow)
    try:
        yield
    finally:
        here.remove(flow)
        if flow.place is not None:
            flow.place.shut()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_lookouts.clear)
