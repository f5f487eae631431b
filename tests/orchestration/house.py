"""A store, a clock that the test turns, and the runs that it makes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self
from uuid import UUID, uuid4

import msgspec

from lictor.kit.clock import now
from lictor.kit.json import decode_any, encode
from lictor.orchestration import slot_line
from lictor.orchestration.change_state import Changed, set_flow_run_state, set_task_run_state
from lictor.orchestration.create_runs import create_flow, create_flow_run, create_task_run
from lictor.orchestration.edit import update_flow_run
from lictor.orchestration.slot_line import Given, Waits, Wanted
from lictor.settings import Settings
from lictor.store import concurrency_limit, deployment, flow_run, state, task_run
from lictor.store.concurrency_waiter import Place
from lictor.store.keyring import Keyring
from lictor.store.sqlite import SQLiteStore
from lictor.store.transaction import Store
from lictor.wire.types.concurrency_limit import ConcurrencyLeaseHolder
from lictor.wire.types.deployment import ConcurrencyOptions, Deployment
from lictor.wire.types.flow import FlowCreate
from lictor.wire.types.flow_run import FlowRun, FlowRunCreate, FlowRunUpdate
from lictor.wire.types.state import OrchestrationResult, SetState
from lictor.wire.types.task_run import TaskRun, TaskRunCreate

NEW, OLD = "prefect/3.8.8 (API 0.8.4)", "prefect/3.2.0 (API 0.8.4)"


def proposal(body: dict[str, Any], force: bool = False) -> SetState:
    return msgspec.json.decode(encode({"state": body, "force": force}), type=SetState)


class House:
    """Proposes states at the time that its clock shows."""

    def __init__(self, store: Store) -> None:
        self.store, self.now = store, now()
        self.agent = NEW
        self.flow_id: UUID | None = None

    @classmethod
    @asynccontextmanager
    async def at(cls, folder: Path) -> AsyncIterator[Self]:
        store = await SQLiteStore.open(str(folder / f"{uuid4()}.db"))
        try:
            yield cls(store)
        finally:
            await store.close()

    def after(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now

    async def flow_made(self) -> UUID:
        """Return the id of the flow that runs and deployments belong to."""
        if self.flow_id is None:
            text, _ = await self.store.write(create_flow, FlowCreate(name="flow"), self.now, "test")
            self.flow_id = UUID(decode_any(text)["id"])
        return self.flow_id

    async def flow_run(self, body: dict[str, Any] | None = None, **fields: Any) -> UUID:
        given = {"flow_id": await self.flow_made(), **fields, **({"state": body} if body else {})}
        text, _ = await self.store.write(create_flow_run, msgspec.convert(given, FlowRunCreate), self.now, "test")
        return UUID(decode_any(text)["id"])

    async def task_run(
        self, flow_run_id: UUID | None = None, body: dict[str, Any] | None = None, **fields: Any
    ) -> UUID:
        keys = {"task_key": "key", "dynamic_key": str(uuid4()), "flow_run_id": flow_run_id}
        given = msgspec.convert({**keys, **fields, **({"state": body} if body else {})}, TaskRunCreate)
        text, _ = await self.store.write(create_task_run, given, self.now, "test")
        return UUID(decode_any(text)["id"])

    async def flow(self, run_id: UUID, body: dict[str, Any], force: bool = False) -> OrchestrationResult:
        """Propose a state for a flow run."""
        given = proposal(body, force)
        changed: Changed = await self.store.write(set_flow_run_state, run_id, given, self.now, "test", agent=self.agent)
        return changed.result

    async def task(self, run_id: UUID, body: dict[str, Any], force: bool = False) -> OrchestrationResult:
        """Propose a state for a task run."""
        return (await self.store.write(set_task_run_state, run_id, proposal(body, force), self.now, "test")).result

    async def place(self, run_id: UUID) -> None:
        """Say where a run's process is: host:1."""
        body, keyring = FlowRunUpdate(infrastructure_pid="host:1"), Keyring(Settings({"PREFECT_HOME": "/nowhere"}))
        await self.store.write(update_flow_run, keyring, run_id, body, self.now, "test")

    async def read_flow_run(self, run_id: UUID) -> FlowRun:
        return (await self.store.read(flow_run.load, run_id))[0]

    async def read_task_run(self, run_id: UUID) -> TaskRun:
        return (await self.store.read(task_run.load, run_id))[0]

    async def history(self, kind: state.Kind, run_id: UUID) -> list[Any]:
        return [decode_any(text) for text in await self.store.read(state.texts, kind, run_id)]

    async def limit(self, name: str, slots: int, options: ConcurrencyOptions | None = None) -> None:
        """Limit what a name says: `tag:` and a tag, or `deployment:` and the id of a deployment, made for it."""
        made, _ = await self.store.write(concurrency_limit.put, name, slots, self.now, "test")
        kind, _, identifier = name.partition(":")
        if kind == "deployment":
            limited = Deployment(
                id=UUID(identifier),
                created=self.now,
                updated=self.now,
                name=identifier,
                flow_id=await self.flow_made(),
                concurrency_options=options,
            )
            await self.store.write(deployment.insert, limited, made.id, "test")

    async def take(
        self,
        *names: str,
        who: str | None = None,
        slots: int = 1,
        seconds: float | None = 300,
        holder: ConcurrencyLeaseHolder | None = None,
    ) -> Given | Waits:
        """Ask once for slots of limits, as somebody who waits in line otherwise."""
        place = Place(who or str(uuid4()), personal=True)
        wanted = Wanted(names, slots, "concurrency", place, seconds, holder)
        return await self.store.write(slot_line.take, wanted, self.now, 0.0)

    async def holders(self, tag: str) -> list[UUID]:
        return (await self.store.read(concurrency_limit.read_by_tag, tag, self.now)).active_slots
