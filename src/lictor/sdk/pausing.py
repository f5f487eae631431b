"""Pausing, suspending and resuming flow runs."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, TypeVar, overload
from uuid import UUID

from lictor.client.connection import connection
from lictor.engine import states
from lictor.engine.context import FLOW, TASK, FlowContext
from lictor.engine.drive import adrive, drive
from lictor.engine.effects import Effect, Engine, Outcome
from lictor.engine.errors import MissingContext, RunError
from lictor.engine.pausing import Wanted, pausing, suspending, suspending_other
from lictor.wire.operations import flow_run
from lictor.wire.operations.flow_run import ResumeFlowRun

if TYPE_CHECKING:
    from lictor.sdk.run_input import RunInput

I = TypeVar("I", bound="RunInput")  # noqa: E741
T = TypeVar("T")

Steps = Generator[Effect, Any, Any]


@overload
def pause_flow_run(
    wait_for_input: None = None, timeout: float = 3600, poll_interval: float = 10, key: str | None = None
) -> Any: ...
@overload
def pause_flow_run(
    wait_for_input: type[I], timeout: float = 3600, poll_interval: float = 10, key: str | None = None
) -> I: ...
def pause_flow_run(
    wait_for_input: Any = None, timeout: float = 3600, poll_interval: float = 10, key: str | None = None
) -> Any:
    """Pause the flow run that goes on here, in its process, until somebody resumes it.

    To be awaited in an async flow.

    Args:
        wait_for_input: A class made of RunInput: the run is resumed with such an input, which is returned. By default
            nothing is asked for, and None is returned.
        timeout: Seconds after which PausedTooLong is raised; an hour by default.
        poll_interval: Seconds between two questions to the server, at the most; 10 by default.
        key: What tells this pause from others of the run: a pause whose key was paused before returns at once. By
            default each call is a pause of its own.

    Raises:
        MissingContext: No flow runs here, or a task does.
        PausedTooLong: Nobody resumed the run in time.
    """
    flow = flow_here("pause_flow_run")
    return played(flow, pausing(flow, timeout, poll_interval, key, wanted(wait_for_input)), wait_for_input)


@overload
def suspend_flow_run(
    wait_for_input: None = None,
    flow_run_id: UUID | str | None = None,
    timeout: float | None = None,
    key: str | None = None,
) -> Any: ...
@overload
def suspend_flow_run(
    wait_for_input: type[I],
    flow_run_id: UUID | str | None = None,
    timeout: float | None = None,
    key: str | None = None,
) -> I: ...
def suspend_flow_run(
    wait_for_input: Any = None,
    flow_run_id: UUID | str | None = None,
    timeout: float | None = None,
    key: str | None = None,
) -> Any:
    """Let a flow run end its process; it starts again, from its beginning, when it is resumed.

    That is the run that goes on here, or the one that `flow_run_id` names, which leaves its process when it would begin
    its next task, after those that it submitted. Only runs of deployments can be suspended. In the second process this
    call returns at once, with the input. To be awaited in an async flow.

    Args:
        wait_for_input: A class made of RunInput, as for `pause_flow_run`.
        flow_run_id: The run's id; by default that of the run that goes on here.
        timeout: Seconds after which the run fails if nobody resumed it; by default never.
        key: What tells this pause from others of the run, as for `pause_flow_run`.

    Raises:
        MissingContext: No run is named, and no flow runs here, or a task does.
        RunError: The run that is named cannot be suspended, and why.
    """
    if flow_run_id is not None:
        steps = suspending_other(UUID(str(flow_run_id)), timeout, key, wanted(wait_for_input))
        return played(FLOW.get(), steps, wait_for_input)
    flow = flow_here("suspend_flow_run")
    return played(flow, suspending(flow, timeout, key, wanted(wait_for_input)), wait_for_input)


def resume_flow_run(flow_run_id: UUID | str, run_input: dict[str, Any] | None = None) -> None:
    """Resume a paused or suspended flow run.

    Args:
        flow_run_id: The run's id.
        run_input: The input that the run waits for, by the names of its fields; by default none.

    Raises:
        RunError: The server refuses, and why: the run is not paused, or the input does not fit.
    """
    call = flow_run.RESUME(ResumeFlowRun(run_input=run_input), id=UUID(str(flow_run_id)))
    answer = connection().client(call)
    if answer.status != "ACCEPT":
        reason = getattr(answer.details, "reason", None) or "the server gives no reason"
        raise RunError(f"flow run {flow_run_id} is not resumed: {reason}")


def flow_here(name: str) -> FlowContext:
    """Return the flow run that goes on here."""
    flow = FLOW.get()
    if flow is None or TASK.get() is not None:
        raise MissingContext(f"{name}() belongs in a flow, outside of its tasks")
    return flow


def wanted(kind: type[RunInput] | None) -> Wanted | None:
    """Return what a pause asks for."""
    return None if kind is None else Wanted(kind.schema_text(), kind.description_text())


def played(flow: FlowContext | None, steps: Steps, kind: type[RunInput] | None) -> Any:
    """Do steps, here or on the event loop of an async flow, and return the input that came of them."""

    def found(outcome: Outcome) -> Any:
        text = outcome.state.value
        return None if kind is None or text is None else kind.model_validate_json(text)

    here = connection() if flow is None else flow.connection
    client: Callable[[], Any] = lambda: here.client  # noqa: E731
    if flow is None or not flow.spec.is_async:
        return found(drive(as_engine(steps), client))

    async def later() -> Any:
        return found(await adrive(as_engine(steps), client))

    return later()


def as_engine(steps: Steps) -> Engine:
    """Return steps as an engine whose outcome is what they return."""
    return Outcome(states.Completed(data=(yield from steps)))
