"""The engines are generators: what they ask for, given what the server answers, needs neither server nor time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from lictor import flow
from lictor.client.connection import Connection
from lictor.client.errors import HTTPStatusError, ObjectNotFound, ServerUnreachable
from lictor.client.lane import Kind
from lictor.client.outbox import read_last_state
from lictor.engine.effects import Block, Look, Outcome, Repeat, Run, Sleep, Wait, Within
from lictor.engine.errors import Aborted, CancelledRun
from lictor.engine.flow_run import run_flow
from lictor.engine.slots import Given, Question, Slots
from lictor.kit.clock import now
from lictor.kit.ids import uuid7
from lictor.settings import Settings
from lictor.wire.operation import Call
from lictor.wire.operations import concurrency_limit as limits
from lictor.wire.operations import flow as flows
from lictor.wire.operations import flow_run
from lictor.wire.types.concurrency_limit import ConcurrencyLimitWithLease, DecrementWithLease, MinimalConcurrencyLimit
from lictor.wire.types.flow import Flow
from lictor.wire.types.flow_run import FlowRun
from lictor.wire.types.state import (
    OrchestrationResult,
    SetState,
    State,
    StateAbortDetails,
    StateAcceptDetails,
    StateDetails,
    StateRejectDetails,
    StateType,
    StateWaitDetails,
)
from tests.running import free_port

Answer = Callable[[SetState], OrchestrationResult | Exception]


def accept(proposed: SetState) -> OrchestrationResult:
    said = proposed.state
    state = State(id=uuid7(), type=said.type, name=said.name, message=said.message, state_details=said.state_details)
    return OrchestrationResult(state=state, status="ACCEPT", details=StateAcceptDetails())


def wait(seconds: int) -> Answer:
    return lambda _: OrchestrationResult(state=None, status="WAIT", details=StateWaitDetails(delay_seconds=seconds))


def abort(_: SetState) -> OrchestrationResult:
    return OrchestrationResult(state=None, status="ABORT", details=StateAbortDetails(reason="so it is"))


def reject(kind: str, name: str, due: float | None = None, same: bool = False) -> Answer:
    def answer(proposed: SetState) -> OrchestrationResult:
        details = StateDetails(scheduled_time=None if due is None else now() + timedelta(seconds=due))
        if same:
            details.transition_id = proposed.state.state_details.transition_id
        state = State(id=uuid7(), type=StateType(kind), name=name, state_details=details)
        return OrchestrationResult(state=state, status="REJECT", details=StateRejectDetails(reason="so it is"))

    return answer


def run(
    function: Callable[[], Any], answers: list[Answer], connection: Connection | None = None
) -> tuple[list[str], Outcome]:
    """Run a flow against a server that gives these answers to its proposals; return what it did, and its outcome."""
    spec = flow(name="f")(function).spec
    engine = run_flow(spec, {}, connection or Connection(Settings({"PREFECT_API_URL": "http://nowhere/api"})))
    did: list[str] = []
    rest = list(answers)
    made = FlowRun(id=uuid4(), created=None, updated=None, name="r", flow_id=uuid4())
    given: Any = None
    try:
        while True:
            need = engine.throw(given) if isinstance(given, Exception) else engine.send(given)
            given = None
            if isinstance(need, Within):
                need = need.call
            if isinstance(need, Call):
                if need.operation is flows.CREATE:
                    given = Flow(id=made.flow_id, created=None, updated=None, name="f")
                elif need.operation is flow_run.CREATE:
                    given = made
                else:
                    assert need.content is not None
                    proposed = msgspec.json.decode(need.content, type=SetState)
                    did.append(str(proposed.state.type))
                    given = rest.pop(0)(proposed)
            elif isinstance(need, Run):
                did.append("run")
                try:
                    given = need.function()
                except Exception as error:
                    given = error
            elif isinstance(need, Sleep | Look):
                did.append(f"sleep {need.seconds:.0f}")
            else:
                assert isinstance(need, Wait | Block)
    except StopIteration as done:
        assert not rest
        outcome: Outcome = done.value
        return did, outcome


RUN = ["RUNNING", "run", "COMPLETED"]

CONVERSATIONS: list[tuple[str, list[Answer], list[str], str]] = [
    ("plain", [accept, accept], RUN, "Completed"),
    (
        "wait",
        [wait(3), wait(4), accept, accept],
        ["RUNNING", "sleep 3", "RUNNING", "sleep 4", *RUN],
        "Completed",
    ),
    (
        "held back",
        [reject("SCHEDULED", "AwaitingConcurrencySlot", 30), accept, accept],
        ["RUNNING", "sleep 30", *RUN],
        "Completed",
    ),
    ("due already", [reject("SCHEDULED", "Late", -3), accept, accept], ["RUNNING", *RUN], "Completed"),
    (
        "again",
        [accept, reject("SCHEDULED", "AwaitingRetry", 10), accept, accept],
        [*RUN, "sleep 10", *RUN],
        "Completed",
    ),
    (
        "again, as the same transition",
        [accept, reject("SCHEDULED", "AwaitingRetry", 10, same=True), accept, accept],
        [*RUN, "sleep 10", *RUN],
        "Completed",
    ),
    (
        "repeated",
        [reject("RUNNING", "Running", same=True), reject("COMPLETED", "Completed", same=True)],
        RUN,
        "Completed",
    ),
    ("cancelled before", [reject("CANCELLED", "Cancelled")], ["RUNNING"], "Cancelled"),
    ("cancelled while it ran", [accept, reject("CANCELLED", "Cancelled")], RUN, "Cancelled"),
    ("done before", [reject("COMPLETED", "Cached")], ["RUNNING"], "Cached"),
]


@pytest.mark.parametrize(("name", "answers", "did", "ended"), CONVERSATIONS, ids=[row[0] for row in CONVERSATIONS])
def test_a_flow_does_what_the_server_decides(name: str, answers: list[Answer], did: list[str], ended: str) -> None:
    found, outcome = run(lambda: 5, answers)
    assert found == did
    assert outcome.state.name == ended
    assert outcome.fatal is None
    if ended == "Completed":
        assert outcome.state.result() == 5
    elif ended == "Cancelled":
        with pytest.raises(CancelledRun):
            outcome.state.result()


@pytest.mark.parametrize(("answers", "did"), [([abort], ["RUNNING"]), ([accept, abort], RUN)])
def test_a_flow_that_the_server_stops_says_so_and_proposes_nothing_more(answers: list[Answer], did: list[str]) -> None:
    found, outcome = run(lambda: 5, answers)
    assert found == did
    assert isinstance(outcome.fatal, Aborted)
    assert "so it is" in str(outcome.fatal)


def away(_: SetState) -> Exception:
    return ServerUnreachable("http://nowhere/api")


def fails() -> None:
    raise ValueError("oh")


@pytest.mark.parametrize(
    ("function", "answers", "left", "force"),
    [
        (lambda: 5, [accept, away], "COMPLETED", False),
        (fails, [accept, away], "FAILED", True),  # nobody would try it again
        (lambda: 5, [away], "CRASHED", False),
        (lambda: 5, [accept, reject("SCHEDULED", "AwaitingRetry"), away], "CRASHED", False),
    ],
)
def test_the_end_of_a_run_is_kept_for_a_server_that_stays_away(
    tmp_path: Path, function: Callable[[], Any], answers: list[Answer], left: str, force: bool
) -> None:
    address = f"http://127.0.0.1:{free_port()}/api"
    connection = Connection(Settings({"PREFECT_API_URL": address, "PREFECT_HOME": str(tmp_path)}))
    if left == "CRASHED":  # it cannot go on
        with pytest.raises(ServerUnreachable):
            run(function, answers, connection)
    else:
        assert run(function, answers, connection)[1].state.type == left
    connection.outbox.close()
    (path,) = connection.outbox.spool.files()
    with connection.outbox.spool.claim(path) as batches:
        (item,) = [item for batch in batches or () for item in batch.items if batch.kind == Kind.STATE]
    kept = read_last_state(item)
    proposal = msgspec.json.decode(kept.proposal, type=SetState)
    assert (proposal.state.type, proposal.force) == (left, force)
    assert proposal.state.state_details.transition_id is not None


def refusal(status: int, retry_after: float | None = None) -> HTTPStatusError:
    return (ObjectNotFound if status == 404 else HTTPStatusError)("POST", "/", status, "", retry_after)


def lease(*names: str) -> ConcurrencyLimitWithLease:
    return ConcurrencyLimitWithLease(
        lease_id=uuid4(), limits=[MinimalConcurrencyLimit(id=uuid4(), name=name, limit=1) for name in names]
    )


@pytest.mark.parametrize(
    ("answers", "slept", "holds"),
    [
        ([lease()], [], False),
        ([lease("tag:a")], [], True),
        ([refusal(404)], [], False),
        ([refusal(423, 2.5), refusal(423), lease("tag:a")], [2.5, 1.0], True),
    ],
)
def test_a_tagged_task_waits_for_its_slots_and_gives_them_back(
    answers: list[Any], slept: list[float], holds: bool
) -> None:
    slots = Slots((f"a {uuid4()}",), uuid4())
    steps = slots.take()
    waited: list[float] = []
    stopped: list[bool] = []
    rest = list(answers)
    need: Any = next(steps)
    try:
        while True:
            if isinstance(need, Look):
                waited.append(need.seconds)
                need = steps.send(None)
                continue
            if isinstance(need, Repeat):
                assert need.call.operation is limits.RENEW_LEASE
                assert str(answers[-1].lease_id) in need.call.url
                need = steps.send(lambda: stopped.append(True))
                continue
            assert isinstance(need, Block)
            assert isinstance(need.function, Question)
            assert need.function.call(0.0).operation is limits.INCREMENT_WITH_LEASE
            answer = rest.pop(0)
            if isinstance(answer, Exception):
                need = steps.throw(answer)
            else:
                need = steps.send(Given(answer.lease_id, answer.limits))
    except StopIteration:
        assert (waited, rest) == (slept, [])
    back = list(slots.give_back())
    assert len(back) == len(stopped) == holds
    if holds:
        (call,) = back
        assert isinstance(call, Within)
        assert call.call.content is not None
        assert msgspec.json.decode(call.call.content, type=DecrementWithLease).lease_id == answers[-1].lease_id
