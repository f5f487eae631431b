"""Runs of deployments, made and waited for by a program."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from lictor.engine.context import FLOW
from lictor.engine.effects import Look
from lictor.engine.flow_creation import track
from lictor.engine.states import Scheduled
from lictor.kit import clock
from lictor.sdk.api.deployment import create_flow_run_from_deployment, read_deployment, read_deployment_by_name
from lictor.sdk.objects import Deployment, FlowRun
from lictor.sdk.steps import Steps, played
from lictor.wire.operation import Call
from lictor.wire.operations import flow, flow_run

FIRST_LOOK = 0.1
READ_RUN = flow_run.READ.giving(FlowRun)


def run_deployment(  # noqa: PLR0913, PLR0917  # the arguments that the protocol's programs give, in their order
    name: str | UUID,
    parameters: dict[str, Any] | None = None,
    scheduled_time: datetime | None = None,
    flow_run_name: str | None = None,
    timeout: float | None = None,
    poll_interval: float | None = 5,
    tags: Iterable[str] | None = None,
    idempotency_key: str | None = None,
    work_queue_name: str | None = None,
    as_subflow: bool = True,
    job_variables: dict[str, Any] | None = None,
) -> Any:
    """Make a run of a deployment, wait for its end, and return it.

    To be awaited in async code; `arun_deployment` always is. In a flow the run is shown as one of its task runs.

    Args:
        name: `FLOW/DEPLOYMENT`, or the deployment's id.
        parameters: The flow's parameters, over those of the deployment.
        scheduled_time: When the run is to begin; now unless given.
        flow_run_name: What the run is called; by chance unless given.
        timeout: Seconds after which it is waited for no more, and returned as it is: with 0 at once. None is never.
        poll_interval: Seconds between two questions to the server, at the most.
        tags: Given to the run, beside the deployment's.
        idempotency_key: A run that was made with the same key is returned in place of a new one.
        work_queue_name: The queue of the deployment's pool that the run waits in.
        as_subflow: Whether the flow that it is called in shows it. True by default.
        job_variables: Laid over the deployment's.

    Raises:
        ObjectNotFound: There is no such deployment.
        HTTPStatusError: The server refuses the run, as where parameters do not fit.
    """
    said: dict[str, Any] = {
        "parameters": parameters,
        "state": Scheduled(scheduled_time=scheduled_time),
        "name": flow_run_name,
        "tags": tags,
        "idempotency_key": idempotency_key,
        "work_queue_name": work_queue_name,
        "job_variables": job_variables,
    }
    return played(carried_out(name, timeout, poll_interval, as_subflow, said))


async def arun_deployment(name: str | UUID, *args: Any, **kwargs: Any) -> FlowRun:
    """Make a run of a deployment, wait for its end, and return it; as `run_deployment` in async code."""
    found: FlowRun = await run_deployment(name, *args, **kwargs)
    return found


def carried_out(
    name: str | UUID, timeout: float | None, poll_interval: float | None, as_subflow: bool, said: dict[str, Any]
) -> Steps[FlowRun]:
    """Make a run and wait for it."""
    found = yield named(name)
    parent, tracking = FLOW.get(), None
    if parent is not None and as_subflow:
        of = yield flow.READ(id=found.flow_id)
        tracking = yield from track(f"{of.name}/{found.name}", f"run-deployment-{found.id}", None, {}, parent)
    run: FlowRun = yield create_flow_run_from_deployment(found.id, parent_task_run_id=tracking, **said)
    until = None if timeout is None else clock.monotonic() + timeout
    pause = FIRST_LOOK
    while run.state is None or not run.state.is_final():
        left = pause if until is None else until - clock.monotonic()
        if left <= 0:
            break
        yield Look(min(pause, poll_interval or pause, left))
        run, pause = (yield READ_RUN(id=run.id)), pause * 1.5
    return run


def named(name: str | UUID) -> Call[Deployment]:
    """Return what asks for a deployment by its name or its id."""
    try:
        return read_deployment(name)
    except ValueError:
        return read_deployment_by_name(str(name))
