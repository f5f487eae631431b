"""Which state a run ends in: by what its function returned, raised, or was cut off by."""

from __future__ import annotations

from collections.abc import Sequence
from types import GeneratorType
from typing import TYPE_CHECKING, Any

from lictor.engine import states
from lictor.engine.call_stacks import fold
from lictor.engine.errors import Terminated, TimedOut
from lictor.engine.futures import Future, FutureList, resolve_futures_to_states
from lictor.engine.signals import terminated
from lictor.engine.states import State

if TYPE_CHECKING:
    from lictor.engine.context import FlowContext

CANCELLED_WHY = "The flow run was cancelled while it ran."


def state_of_flow_value(value: Any) -> State:
    """Return the state that a flow's returned value stands for: futures in it count as the states that they came to."""
    if isinstance(value, Future | State):
        value = resolve_futures_to_states(value)
        if value.type == states.RUNNING:
            return states.Failed("The flow returned a state that is RUNNING, though it is over.", data=value)
        return of_run(value) if has_run(value) else value.fresh_copy()
    if holds_future(value):
        value = resolve_futures_to_states(value)
    return state_of_whole(value)


def state_of_task_value(value: Any) -> State:
    """Return the state that a task's returned value stands for: itself, what states add up to, or completed."""
    if isinstance(value, State):
        return (of_run(value) if has_run(value) else value).fresh_copy(given="state")
    return state_of_whole(value)


def has_run(state: State) -> bool:
    """Whether a state is that of a run, and no new one."""
    return state.state_details.flow_run_id is not None or state.state_details.task_run_id is not None


def of_run(state: State) -> State:
    """Return the state that another run's state stands for."""
    return state_of_several([state], state)


def state_of_whole(value: Any) -> State:
    """Return the state that a value other than a state stands for."""
    if states.is_state_iterable(value):
        state = state_of_several(list(value), value)
        state.given = "value"
        return state
    return states.Completed(data=value)


def holds_future(value: Any) -> bool:
    """Whether a future stands somewhere in a value and the collections in it."""
    kind = type(value)
    if kind is dict:
        return any(holds_future(each) for each in value.values())
    if kind in (list, tuple, set, FutureList):
        return any(holds_future(each) for each in value)
    return isinstance(value, Future)


def listed(value: Any) -> Any:
    """Return the list of what a generator that was returned yields, and other values as they are."""
    return list(value) if isinstance(value, GeneratorType) else value


def state_of_several(several: Sequence[State], value: Any) -> State:
    """Return the state that states add up to: the worst of them."""
    for kind, word in ((states.CANCELLED, "cancelled"), (states.FAILED, "failed"), (states.CRASHED, "crashed")):
        found = [state for state in several if state.type == kind]
        if found:
            end = states.CANCELLED if kind == states.CANCELLED else states.FAILED
            return states.new(end, message=f"{len(found)} of {len(several)} runs {word}.", data=value)
    late = [state for state in several if not state.is_completed()]
    if late:
        message = f"{len(late)} of {len(several)} runs did not come to an end."
        return states.new(states.FAILED, message=message, data=value)
    return states.Completed(f"All {len(several)} runs completed.", data=value)


def state_of_error(kind: str, error: BaseException) -> State:
    """Return the state of a run whose function raised; the error keeps the user's frames alone."""
    fold(error)
    if isinstance(error, TimedOut):
        return states.Failed(f"{kind} was {error}", name="TimedOut", data=error)
    return states.Failed(f"{kind} raised {described(error)}", data=error)


def described(error: BaseException) -> str:
    """Return an error's type and message."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def ends_process(error: BaseException) -> bool:
    """Whether what cuts a run off is to end its process, too."""
    return terminated() or isinstance(error, Terminated | KeyboardInterrupt | SystemExit)


def cut_off(flow: FlowContext | None, error: BaseException) -> State:
    """Return the state of a run that was cut off, by a cancellation of its flow run or by something else."""
    return states.Cancelled(CANCELLED_WHY) if flow is not None and flow.stopping else crash_of(error)


def crash_of(error: BaseException) -> State:
    """Return the state of a run that was cut off."""
    if isinstance(error, Terminated) or terminated():
        why = "The process was told to end (SIGTERM)."
    elif isinstance(error, KeyboardInterrupt):
        why = "The process was interrupted (Ctrl-C)."
    elif type(error).__name__ == "CancelledError":
        why = "The run was cancelled on its event loop."
    elif isinstance(error, SystemExit):
        why = f"The run's code ended the process: {described(error)}."
    else:
        why = f"The run was cut off by {described(error)}."
    state = states.Crashed(why)
    state.error = error
    return state
