"""The events of a task run, written as text, say what the server reads from them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from lictor import task
from lictor.client.outbox import Outbox
from lictor.engine import states
from lictor.engine.states import State
from lictor.engine.task_run import LiveTaskRun
from lictor.orchestration.record_events import task_run_of
from lictor.settings import Settings
from lictor.wire.types.event import Event
from lictor.wire.types.state import StateType

TEXTS = st.text(max_size=20)


class Silent(Outbox):
    """An outbox that keeps what it is given."""

    def __init__(self) -> None:
        super().__init__(Settings({}), "http://nowhere/api")
        self.kept: list[bytes] = []

    def event(self, body: bytes) -> None:
        self.kept.append(body)


def walk(live: LiveTaskRun, message: str) -> list[State]:
    """Take a run through every kind of state."""
    waiting = states.new(StateType.SCHEDULED, "AwaitingRetry")
    waiting.state_details.scheduled_time = waiting.timestamp + timedelta(seconds=3)
    return [
        live.enter(state)
        for state in (states.Running(), waiting, states.Running(name="Retrying"), states.Failed(message or None))
    ]


@given(name=TEXTS.filter(bool), tags=st.sets(TEXTS, max_size=3), message=TEXTS, version=st.none() | TEXTS)
def test_the_server_reads_the_run_that_the_sdk_wrote(
    name: str, tags: set[str], message: str, version: str | None
) -> None:
    outbox = Silent()
    spec = task(name=name, tags=tags, version=version, retries=2, retry_delay_seconds=[1, 2.5])(lambda x: x).spec
    live = LiveTaskRun(spec, (1,), {}, outbox)
    walk(live, message)
    told = [msgspec.json.decode(body, type=Event) for body in outbox.kept]
    assert [event.follows for event in told] == [None, *(event.id for event in told[:-1])]
    last = task_run_of(told[-1])
    assert last is not None
    assert last.state is not None
    assert live.state is not None
    assert (last.state.message or None) == live.state.message
    for field in (
        "id",
        "name",
        "task_key",
        "dynamic_key",
        "task_version",
        "tags",
        "run_count",
        "start_time",
        "end_time",
        "expected_start_time",
        "total_run_time",
        "state_id",
        "state_type",
        "state_name",
        "flow_run_id",
    ):
        assert getattr(last, field) == getattr(live.run, field), field
    assert (last.empirical_policy.retries, last.empirical_policy.retry_delay) == (2, [1, 2.5])
    waiting = task_run_of(told[2])
    assert waiting is not None
    assert waiting.state is not None
    assert waiting.state.state_details.scheduled_time is not None


def shape(value: Any) -> Any:
    """Return the names in a JSON value, without its values."""
    return {key: shape(item) for key, item in value.items()} if isinstance(value, dict) else None


def test_an_event_has_the_reference_s_form() -> None:
    outbox = Silent()
    live = LiveTaskRun(task(lambda x: x).spec, (1,), {}, outbox)
    live.enter(states.Running())
    live.enter(states.Completed(data=3))
    pending, running, completed = (json.loads(body) for body in outbox.kept)
    assert running["event"] == "prefect.task-run.Running"
    assert running["resource"] == {
        "prefect.resource.id": f"prefect.task-run.{live.run.id}",
        "prefect.resource.name": live.run.name,
        "prefect.orchestration": "client",
        "prefect.run-count": "1",
        "prefect.state-message": "",
        "prefect.state-name": "Running",
        "prefect.state-timestamp": running["occurred"],
        "prefect.state-type": "RUNNING",
    }
    assert running["payload"]["intended"] == {"from": "PENDING", "to": "RUNNING"}
    assert running["payload"]["initial_state"] == {
        "type": "PENDING",
        "name": "Pending",
        "message": "",
        "state_details": {},
    }
    assert pending["payload"]["initial_state"] is None
    assert (pending["follows"], UUID(running["follows"])) == (None, UUID(pending["id"]))
    state: dict[str, object] = {"type": None, "name": None, "message": None, "state_details": {}, "data": None}
    assert shape(completed["payload"]["validated_state"]) == state
    assert list(completed["payload"]["task_run"]) == [
        "name",
        "task_key",
        "dynamic_key",
        "empirical_policy",
        "tags",
        "labels",
        "task_inputs",
        "run_count",
        "flow_run_run_count",
        "expected_start_time",
        "start_time",
        "end_time",
        "total_run_time",
    ]
