"""Waiting for a flow run of somebody else."""

from __future__ import annotations

import logging
import threading
from uuid import UUID, uuid4

import pytest

from lictor import flow, get_client, pause_flow_run, resume_flow_run, runtime
from lictor.client.errors import ObjectNotFound
from lictor.exceptions import FlowRunWaitTimeout
from lictor.flow_runs import wait_for_flow_run
from tests.sdk.conftest import Api


async def test_a_run_is_waited_for(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    paused, ids = threading.Event(), list[UUID]()

    @flow
    def slow() -> None:
        ids.append(UUID(runtime.flow_run.id))
        paused.set()
        pause_flow_run(timeout=60)

    thread = threading.Thread(target=slow)
    thread.start()
    assert paused.wait(60)
    with pytest.raises(FlowRunWaitTimeout, match=f"flow run {ids[0]} did not end in 0.3 s"):
        await wait_for_flow_run(ids[0], timeout=0.3)
    await resume_flow_run(ids[0])
    with caplog.at_level(logging.INFO, "prefect"):
        async with get_client() as client:
            run = await wait_for_flow_run(ids[0], timeout=60, client=client, log_states=True)
    thread.join()
    assert run.state is not None
    assert run.state.is_completed()
    assert any("is in state 'Completed'" in line for line in caplog.messages)


async def test_a_run_that_is_not_there_is_not_waited_for(api: Api) -> None:
    with pytest.raises(ObjectNotFound):
        await wait_for_flow_run(uuid4())
