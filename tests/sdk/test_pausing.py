"""Flow runs that pause, with and without input, and are resumed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from lictor import flow, pause_flow_run, resume_flow_run, runtime, suspend_flow_run, task
from lictor.client.errors import ClientError
from lictor.engine.errors import MissingContext, NotPaused, PausedTooLong, PauseRefused, RunError
from lictor.input import RunInput
from lictor.wire.operations import flow_run, flow_run_input
from tests.sdk.conftest import Api, ended, eventually


class Approval(RunInput):
    approved: bool
    by: str = "nobody"


def resumed_by(api: Api, name: str, run_input: dict[str, Any] | None, problems: list[str]) -> threading.Thread:
    """Resume a run of a flow from another thread, once it is paused."""

    def resume() -> None:
        run_id = eventually(lambda: paused(api, name), lambda found: found is not None)
        assert run_id is not None
        if run_input is not None:
            keys = api.client(flow_run.READ(id=run_id)).state.state_details.run_input_keyset  # type: ignore[union-attr]
            assert keys is not None
            eventually(lambda: asked(api, run_id, keys["schema"]), bool)
            for wrong in ({}, {"approved": "perhaps"}):
                try:
                    resume_flow_run(run_id, wrong)
                except RunError as refused:
                    problems.append(str(refused))
        resume_flow_run(run_id, run_input)

    thread = threading.Thread(target=resume)
    thread.start()
    return thread


def paused(api: Api, name: str) -> UUID | None:
    from lictor.wire import filters
    from lictor.wire.operations.flow_run import ReadFlowRuns

    flows = filters.FlowFilter(name=filters.FlowFilterName(any_=[name]))
    found = api.client(flow_run.FILTER(ReadFlowRuns(flows=flows)))
    return next((run.id for run in found if run.state_name == "Paused"), None)


def asked(api: Api, run_id: UUID, key: str) -> bool:
    from lictor.client.errors import ObjectNotFound

    try:
        return bool(api.client(flow_run_input.READ(id=run_id, key=key)))
    except ObjectNotFound:
        return False


def test_a_run_pauses_until_it_is_resumed(api: Api) -> None:
    @flow(name="pausing")
    def pausing() -> str:
        for _ in range(2):  # the second finds that this pause is over
            pause_flow_run(timeout=60, poll_interval=1, key="once")
        return "went on"

    thread = resumed_by(api, "pausing", None, [])
    state = ended(pausing)
    thread.join()
    assert state.result() == "went on"
    assert api.flow_run_states(state) == ["Pending", "Running", "Paused", "Running", "Completed"]


def test_a_pause_waits_for_its_input(api: Api) -> None:
    problems: list[str] = []

    @flow(name="asking")
    def asking() -> Approval:
        return pause_flow_run(Approval.with_initial_data(description="Shall it go on?", by="me"), timeout=60)

    thread = resumed_by(api, "asking", {"approved": True}, problems)
    found = asking()
    thread.join()
    assert (found.approved, found.by, type(found).__name__) == (True, "me", "Approval")
    assert len(problems) == 2


async def test_an_async_run_pauses_too(api: Api) -> None:
    @flow(name="pausing-async")
    async def pausing() -> int:
        await pause_flow_run(timeout=60)
        return 5

    thread = resumed_by(api, "pausing-async", None, [])
    assert await pausing() == 5
    thread.join()


def test_a_pause_ends_in_time(api: Api) -> None:
    @flow(name="impatient")
    def impatient() -> None:
        pause_flow_run(timeout=0.3)

    state = ended(impatient)
    assert isinstance(state.problem(), PausedTooLong)
    assert state.is_failed()


MISPLACED: dict[str, Callable[[], Any]] = {
    "pause_flow_run": pause_flow_run,
    "suspend_flow_run": suspend_flow_run,
}


@pytest.mark.parametrize("name", MISPLACED)
def test_only_a_flow_run_pauses(name: str) -> None:
    with pytest.raises(MissingContext, match=rf"{name}\(\) belongs in a flow"):
        MISPLACED[name]()


def test_a_task_does_not_suspend_its_flow_run(api: Api) -> None:
    @task
    def inner() -> None:
        suspend_flow_run()

    @flow
    def outer() -> None:
        inner()

    assert isinstance(ended(outer).problem(), MissingContext)


@pytest.mark.parametrize("submitted", [False, True])
def test_a_task_pauses_its_flow_run(api: Api, submitted: bool) -> None:
    name = f"pausing-by-task-{submitted}"

    @task
    def inner() -> str:
        pause_flow_run(timeout=60)
        return "went on"

    @flow(name=name)
    def outer() -> str:
        return inner.submit().result() if submitted else inner()

    thread = resumed_by(api, name, None, [])
    state = ended(outer)
    thread.join()
    assert state.result() == "went on"
    assert api.flow_run_states(state) == ["Pending", "Running", "Paused", "Running", "Completed"]


def test_each_try_of_a_run_asks_anew(api: Api) -> None:
    tries: list[int] = []

    @flow(name="asking-again", retries=2)
    def asking() -> list[int]:
        tries.append(pause_flow_run(int, timeout=60))
        if len(tries) == 1:
            raise ValueError("once more")
        return tries

    def answered(value: int) -> bool:
        run_id = paused(api, "asking-again")
        if run_id is None:
            return False
        try:
            resume_flow_run(run_id, {"value": value})
        except (RunError, ClientError):  # what it asks is not stored yet
            return False
        return True

    def answers() -> None:
        for value in (1, 2):
            eventually(partial(answered, value), bool)

    thread = threading.Thread(target=answers)
    thread.start()
    assert asking() == [1, 2]
    thread.join()


async def test_an_async_flow_resumes_others(api: Api) -> None:
    @flow
    async def resuming() -> None:
        with pytest.raises(NotPaused, match="is not resumed"):
            await resume_flow_run(runtime.flow_run.id)

    await resuming()


def test_a_run_without_a_deployment_cannot_leave_its_process(api: Api) -> None:
    @flow
    def leaving() -> None:
        suspend_flow_run(timeout=10)

    with pytest.raises(PauseRefused, match="deployment"):
        leaving()


def test_somebody_else_s_run_is_suspended_if_it_may_be(api: Api) -> None:
    @flow
    def looking() -> str:
        with pytest.raises(RunError, match=r"cannot be suspended: .*deployment"):
            suspend_flow_run(flow_run_id=runtime.flow_run.id)
        return str(runtime.flow_run.id)

    run_id = looking()
    with pytest.raises(RunError, match="cannot be suspended"):
        suspend_flow_run(flow_run_id=run_id)
    assert api.flow_run_states(UUID(run_id)) == ["Pending", "Running", "Completed"]


async def test_an_async_flow_awaits_that_it_suspends_another(api: Api) -> None:
    @flow
    async def looking() -> None:
        with pytest.raises(RunError, match=r"cannot be suspended: .*deployment"):
            await suspend_flow_run(flow_run_id=runtime.flow_run.id)

    await looking()


def test_what_is_not_paused_is_not_resumed(api: Api) -> None:
    @flow
    def fine() -> None: ...

    state = ended(fine)
    with pytest.raises(NotPaused, match="is not resumed"):
        resume_flow_run(str(state.state_details.flow_run_id))


def test_an_input_refuses_other_defaults_than_its_own() -> None:
    with pytest.raises(TypeError, match="Approval has no field 'colour'; it has approved, by"):
        Approval.with_initial_data(colour="red")
