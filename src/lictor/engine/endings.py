"""Which state a run ends in: by what its function returned, raised, or was cut off by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lictor.engine import states
from lictor.engine.call_stacks import fold
from lictor.engine.errors import Terminated, TimedOut
from lictor.engine.futures import Future
from lictor.engine.signals import terminated
from lictor.engine.states import State

if TYPE_CHECKING:
    from lictor.engine.context import FlowContext

CANCELLED_WHY = "The flow run was cancelled while it ran."


def state_of_value(value: Any) -> State:
    """Return the state that a returned value stands for: itself, what futures and states add up to, or completed."""
    if isinstance(value, State):
        return fresh(value)
    if isinstance(value, Future):
        return state_of_several([value.state], value.state)
    if isinstance(value, list | tuple | set) and value and all(isinstance(one, State | Future) for one in value):
        several = [one.state if isinstance(one, Future) else one for one in value]
        return state_of_several(several, several)
    return states.Completed(data=value)


def fresh(state: State) -> State:
    """Return a state like a given one for another run."""
    return states.new(state.type, state.name, state.message, value=state.value, error=state.error)


def state_of_several(several: Sequence[State], value: Any) -> State:
    """Return the state that states add up to: the worst of them."""
    for kind, word in ((states.CANCELLED, "cancelled"), (states.FAILED, "failed"), (states.CRASHED, "crashed")):
        found = [state for state in several if state.type == kind]
        if found:
            end = states.CANCELLED if kind == states.CANCELLED else states.FAILED
            message = f"{len(found)} of {len(several)} runs {word}."
            return states.new(end, message=message, value=value, error=found[0].problem())
    late = [state for state in several if not state.is_completed()]
    if late:
        message = f"{len(late)} of {len(several)} runs did not come to an end."
        return states.new(states.FAILED, message=message, value=value, error=late[0].problem())
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
