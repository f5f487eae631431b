"""Waiting for a flow run of another process."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from uuid import UUID

from lictor.engine.errors import WaitedTooLong
from lictor.kit import clock
from lictor.sdk.client import LictorClient, get_client
from lictor.sdk.logging import set_up

if TYPE_CHECKING:
    from lictor.sdk.objects import FlowRun

FIRST_LOOK, LAST_LOOK = 0.1, 5.0

logger = logging.getLogger("prefect")


async def wait_for_flow_run(
    flow_run_id: UUID,
    timeout: float | None = 10800,  # noqa: ASYNC109  # tests put its clock forward
    poll_interval: float | None = None,
    client: LictorClient | None = None,
    log_states: bool = False,
) -> FlowRun:
    """Wait until a flow run is over, and return it.

    Args:
        flow_run_id: The run's id.
        timeout: Seconds after which WaitedTooLong is raised; by default three hours, None is never.
        poll_interval: Seconds between two questions to the server, at the most; 5 by default.
        client: The client that asks; by default one of its own.
        log_states: Whether each state that is seen is logged; by default none is.

    Raises:
        ObjectNotFound: There is no such run.
        WaitedTooLong: The run did not end in time.
    """
    set_up()
    if client is None:
        async with get_client() as own:
            return await wait_for_flow_run(flow_run_id, timeout, poll_interval, own, log_states)
    until, pause, seen = None if timeout is None else clock.monotonic() + timeout, FIRST_LOOK, None
    while True:
        run = await client.read_flow_run(flow_run_id)
        if log_states and run.state_id != seen:
            logger.info("Flow run '%s' is in state %r", run.name, run.state_name)
            seen = run.state_id
        if run.state is not None and run.state.is_final():
            return run
        left = pause if until is None else until - clock.monotonic()
        if left <= 0:
            raise WaitedTooLong(f"flow run {flow_run_id} did not end in {timeout:g} s, it is {run.state_name}")
        await clock.asleep(clock.soon(min(pause, poll_interval or LAST_LOOK, left)))
        pause *= 1.5
