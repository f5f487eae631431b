"""Pausing, suspending and resuming flow runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, overload
from uuid import UUID

from lictor.engine.context import FLOW, TASK, FlowContext
from lictor.engine.errors import MissingContext, NotPaused, PausedTooLong, PauseRefused
from lictor.engine.pausing import pausing, suspending, suspending_other
from lictor.sdk.steps import Steps, awaited, played
from lictor.wire.operations import flow_run
from lictor.wire.operations.flow_run import ResumeFlowRun
from lictor.wire.types.state import StateType

if TYPE_CHECKING:
    from lictor.sdk.run_input import RunInput

I = TypeVar("I", bound="RunInput")  # noqa: E741
T = TypeVar("T")


@overload
def pause_flow_run(
    wait_for_input: None = None, timeout: float = 3600, poll_interval: float = 10, key: str | None = None
) -> Any: ...
@overload
def pause_flow_run(
    wait_for_input: type[T], timeout: float = 3600, poll_interval: float = 10, key: str | None = None
) -> T: ...
def pause_flow_run(
    wait_for_input: Any = None, timeout: float = 3600, poll_interval: float = 10, key: str | None = None
) -> Any:
    """Pause the flow run that goes on here, in its process, until somebody resumes it.

    To be awaited in async code.

    Args:
        wait_for_input: A class made of RunInput, or another type: the run is resumed with such an input, which is
            returned. By default nothing is asked for, and None is returned.
        timeout: Seconds after which PausedTooLong is raised; an hour by default.
        poll_interval: Seconds between two questions to the server, at the most; 10 by default.
        key: What tells this pause from others of the run: a pause whose key was paused before in this try of the run
            returns at once. By default pauses are numbered.

    Raises:
        MissingContext: No flow runs here.
        PausedTooLong: Nobody resumed the run in time.
        PauseRefused: The server does not let the run pause.
    """
    return played(pausing_here(wait_for_input, timeout, poll_interval, key))


async def apause_flow_run(
    wait_for_input: Any = None,
    timeout: float = 3600,  # noqa: ASYNC109  # the server knows of it
    poll_interval: float = 10,
    key: str | None = None,
) -> Any:
    """Do as `pause_flow_run`, awaited."""
    return await awaited(pausing_here(wait_for_input, timeout, poll_interval, key))


@overload
def suspend_flow_run(
    wait_for_input: None = None,
    flow_run_id: UUID | str | None = None,
    timeout: float | None = None,
    key: str | None = None,
) -> Any: ...
@overload
def suspend_flow_run(
    wait_for_input: type[T],
    flow_run_id: UUID | str | None = None,
    timeout: float | None = None,
    key: str | None = None,
) -> T: ...
def suspend_flow_run(
    wait_for_input: Any = None,
    flow_run_id: UUID | str | None = None,
    timeout: float | None = None,
    key: str | None = None,
) -> Any:
    """Let a flow run end its process; it starts again, from its beginning, when it is resumed.

    That is the run that goes on here, or the one that `flow_run_id` names, which leaves its process when it would begin
    its next task, after those that it submitted. Only runs of deployments can be suspended. In the second process this
    call returns at once, with the input. To be awaited in async code.

    Args:
        wait_for_input: A class made of RunInput, or another type, as for `pause_flow_run`.
        flow_run_id: The run's id; by default that of the run that goes on here.
        timeout: Seconds after which the run fails if nobody resumed it; by default never.
        key: What tells this pause from others of the run, as for `pause_flow_run`.

    Raises:
        MissingContext: No run is named, and no flow runs here, or a task does.
        PauseRefused: The run cannot be suspended, and why.
    """
    return played(suspending_run(wait_for_input, flow_run_id, timeout, key))


async def asuspend_flow_run(
    wait_for_input: Any = None,
    flow_run_id: UUID | str | None = None,
    timeout: float | None = None,  # noqa: ASYNC109  # the server knows of it
    key: str | None = None,
) -> Any:
    """Do as `suspend_flow_run`, awaited."""
    return await awaited(suspending_run(wait_for_input, flow_run_id, timeout, key))


def resume_flow_run(flow_run_id: UUID | str, run_input: dict[str, Any] | None = None) -> Any:
    """Resume a paused or suspended flow run; to be awaited in async code.

    Args:
        flow_run_id: The run's id.
        run_input: The input that the run waits for, by the names of its fields; by default none.

    Raises:
        NotPaused: The run is not paused.
        PausedTooLong: The run was paused for too long.
        PauseRefused: The server refuses, and why: the input does not fit, or the run cannot start again.
    """
    return played(resuming(UUID(str(flow_run_id)), run_input))


async def aresume_flow_run(flow_run_id: UUID | str, run_input: dict[str, Any] | None = None) -> None:
    """Do as `resume_flow_run`, awaited."""
    await awaited(resuming(UUID(str(flow_run_id)), run_input))


def pausing_here(wait_for_input: Any, timeout: float, poll_interval: float, key: str | None) -> Steps[Any]:
    """Pause the flow run that goes on here."""
    flow = flow_here("pause_flow_run")
    if wait_for_input is None:
        return (yield from pausing(flow, timeout, poll_interval, key, None))
    from lictor.sdk.run_input import response, run_input_subclass_from_type, wanted  # noqa: PLC0415  # loads pydantic

    kind = run_input_subclass_from_type(wait_for_input)
    return response(kind, (yield from pausing(flow, timeout, poll_interval, key, wanted(kind))))


def suspending_run(
    wait_for_input: Any, flow_run_id: UUID | str | None, timeout: float | None, key: str | None
) -> Steps[Any]:
    """Suspend a run, or the one that goes on here."""
    if flow_run_id is None and TASK.get() is not None:
        raise MissingContext("suspend_flow_run() belongs in a flow, outside of its tasks")
    flow = flow_here("suspend_flow_run") if flow_run_id is None else None
    kind = asked = None
    if wait_for_input is not None:
        from lictor.sdk.run_input import response, run_input_subclass_from_type, wanted  # noqa: PLC0415  # see above

        kind = run_input_subclass_from_type(wait_for_input)
        asked = wanted(kind)
    if flow is not None:
        found = yield from suspending(flow, timeout, key, asked)
    else:
        found = yield from suspending_other(UUID(str(flow_run_id)), timeout, key, asked)
    return None if kind is None or found is None else response(kind, found)


def resuming(run_id: UUID, run_input: dict[str, Any] | None) -> Steps[None]:
    """Resume a run."""
    answer = yield flow_run.RESUME(ResumeFlowRun(run_input=run_input), id=run_id)
    if answer.status == "ACCEPT":
        return
    why = getattr(answer.details, "reason", None) or "the server gives no reason"
    message = f"flow run {run_id} is not resumed: {why}"
    if answer.state is not None and answer.state.type == StateType.FAILED:
        raise PausedTooLong(message)
    run = yield flow_run.READ(id=run_id)
    raise PauseRefused(message) if run.state_type == StateType.PAUSED else NotPaused(message)


def flow_here(name: str) -> FlowContext:
    """Return the flow run that goes on here."""
    flow = FLOW.get()
    if flow is None:
        raise MissingContext(f"{name}() belongs in a flow")
    return flow
