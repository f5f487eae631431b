"""Runs a flow run that the server has, in the process that was started for it."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any
from uuid import UUID

from lictor.client.connection import connection
from lictor.engine.drive import drive
from lictor.engine.errors import Aborted, EntrypointError, ParameterTypeError, ScriptError, SignatureMismatch
from lictor.engine.flow_run import after_the_end
from lictor.engine.run_logger import FLOW_RUNS, UNKNOWN, say
from lictor.engine.states import Crashed, Failed, State
from lictor.sdk.api.body import proposed
from lictor.sdk.deployment_steps import run_steps
from lictor.sdk.entrypoint import load
from lictor.sdk.flow import Flow
from lictor.sdk.logging import set_up
from lictor.sdk.objects import Deployment
from lictor.wire.operations import deployment, flow_run
from lictor.wire.types.flow_run import FlowRun
from lictor.wire.types.state import SetState, StateType

KIND: type[Flow[..., Any]] = Flow


def execute(run_id: UUID, entrypoint: str | None = None, claim: UUID | None = None) -> State:
    """Run a flow run in this process, and return the state that it ends in.

    Its flow is where its deployment says, or at the `entrypoint`. A run whose flow cannot be loaded crashes, one
    whose parameters are not the flow's fails, and its state says why. `claim` is the state that this process was
    started for.

    Raises:
        Aborted: The run has gone on from its claim without this process.
        ObjectNotFound: There is no such flow run.
        ValueError: The run has no deployment, and no entrypoint is given.
    """
    if claim is not None:
        connection().expect()
    client = connection().client
    run = client(flow_run.READ(id=run_id))
    if claim not in (None, run.state_id) and run.state_type not in (StateType.CANCELLING, StateType.CANCELLED):
        raise Aborted(f"flow run '{run.name}' has gone on without this process.")
    try:
        flow = flow_of(run, entrypoint)
    except EntrypointError as wrong:
        return concluded(run, Crashed(f"The flow could not be loaded: {wrong}"), claim, wrong.__cause__)
    try:
        return flow.run_again(run, claimed=claim is not None)
    except (SignatureMismatch, ParameterTypeError) as wrong:
        return concluded(run, Failed(f"The run's parameters are not the flow's: {wrong}"), claim)


def concluded(run: FlowRun, state: State, claim: UUID | None, error: BaseException | None = None) -> State:
    """Bring a run that cannot begin to its end, and return the state that says why; its log says where."""
    set_up()
    facts = {"flow_run_id": str(run.id), "flow_run_name": run.name, "flow_name": UNKNOWN}
    say(FLOW_RUNS, logging.ERROR, str(state.message), facts, error)
    told = flow_run.SET_STATE(SetState(state=proposed(state)), id=run.id)
    told.headers = {flow_run.SOURCE: str(claim)} if claim else None
    connection().client(told)
    return state


def call_hooks(run_id: UUID, entrypoint: str | None = None) -> None:
    """Call the hooks of the state in which a run ended, in place of its own process.

    Raises EntrypointError if its flow cannot be loaded, and what `execute` does.
    """
    here = connection()
    here.expect()
    run = here.client(flow_run.READ(id=run_id))
    spec = flow_of(run, entrypoint).spec
    set_up()
    drive(after_the_end(spec, run, here), lambda: here.client)


def flow_of(run: FlowRun, entrypoint: str | None) -> Flow[..., Any]:
    """Return the flow of a run."""
    if entrypoint is not None:
        return load(entrypoint, KIND)
    if run.deployment_id is None:
        raise ValueError(f"Flow run '{run.name}' has no deployment that says where its flow is: give an entrypoint.")
    found = connection().client(deployment.READ.giving(Deployment)(id=run.deployment_id))
    if found.entrypoint is None:
        raise EntrypointError(f"deployment '{found.name}' says no entrypoint.")
    run_steps(found.pull_steps or ())
    folder = Path(found.path or ".")
    if found.path and folder.is_dir():
        os.chdir(folder)
        folder = Path()
    try:
        return load(found.entrypoint, KIND, folder)
    except ScriptError:
        raise
    except EntrypointError as wrong:
        if found.pull_steps or found.path not in (None, "."):
            raise
        fix = "make it with flow.deploy(…) or lictor deploy"
        raise EntrypointError(
            f"{wrong} Deployment '{found.name}' says neither pull steps nor a folder to look in: {fix}."
        ) from None
