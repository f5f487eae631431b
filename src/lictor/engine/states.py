"""States as flows and tasks see them: the wire's, with the value or the error that they stand for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, overload
from uuid import UUID

from msgspec import UNSET, UnsetType, field, structs

from lictor.engine.errors import CancelledRun, CrashedRun, FailedRun, MissingResult, PausedRun, UnfinishedRun
from lictor.kit.clock import now
from lictor.kit.ids import uuid7
from lictor.kit.json import decode_any
from lictor.kit.masking import masked
from lictor.wire.types import state as wire
from lictor.wire.types.state import FINAL, StateCreate, StateDetails, StateType

CANCELLED, COMPLETED, CRASHED, FAILED = StateType.CANCELLED, StateType.COMPLETED, StateType.CRASHED, StateType.FAILED
PENDING, RUNNING, SCHEDULED = StateType.PENDING, StateType.RUNNING, StateType.SCHEDULED
UNTRACKABLE = (bool, int, type(None), type(...), type(NotImplemented))
"""Types whose values cannot be told apart by identity."""


if TYPE_CHECKING:
    from typing_extensions import TypeVar

    R_co = TypeVar("R_co", covariant=True, default=Any)
else:
    from typing import TypeVar

    R_co = TypeVar("R_co", covariant=True)


class State(wire.State, Generic[R_co], kw_only=True):
    """A state of a run; `value` and `error` live in this process alone."""

    LOCAL: ClassVar[Collection[str]] = ("value", "error", "trace")

    id: UUID = field(default_factory=uuid7)
    data: Any = None
    value: Any = UNSET
    error: BaseException | UnsetType = UNSET
    trace: TracebackType | UnsetType | None = UNSET
    """The error's traceback when it was first raised from here; without it each raise would make it longer."""

    @overload
    def result(self, raise_on_failure: Literal[True] = True) -> R_co: ...
    @overload
    def result(self, raise_on_failure: bool) -> R_co | BaseException: ...
    def result(self, raise_on_failure: bool = True) -> Any:
        """Return the run's value; raise what it raised, or return it if `raise_on_failure` is false.

        MissingResult is raised where the value was not kept, or by another process; UnfinishedRun where there is none
        yet; FailedRun, CrashedRun and CancelledRun where a state carries no error of its own.
        """
        if self.type == COMPLETED:
            if self.value is UNSET:
                raise MissingResult(f"the result of {self!r} was not kept")
            return self.value
        problem = self.problem()
        if not raise_on_failure:
            return problem
        if self.trace is UNSET:
            self.trace = problem.__traceback__
        try:
            raise problem
        finally:  # see call_stacks: this frame is left out
            problem.__traceback__ = self.trace

    def problem(self) -> BaseException:
        """Return the error that keeps the run from having a value."""
        if self.error is not UNSET:
            return self.error
        match self.type:
            case StateType.FAILED:
                return FailedRun(self.message or "the run failed")
            case StateType.CRASHED:
                return CrashedRun(self.message or "the run crashed")
            case StateType.CANCELLED:
                return CancelledRun(self.message or "the run was cancelled")
            case StateType.PAUSED:
                return PausedRun(self.message or "the run is paused, it has no result yet")
        return UnfinishedRun(self.message or f"the run is {self.type}, it has no result yet")

    def is_final(self) -> bool:
        """Whether the run is over."""
        return self.type in FINAL

    def is_completed(self) -> bool:
        """Whether the run came to a good end."""
        return self.type == COMPLETED

    def is_failed(self) -> bool:
        """Whether the run failed."""
        return self.type == FAILED

    def is_crashed(self) -> bool:
        """Whether the run was cut off."""
        return self.type == CRASHED

    def is_cancelled(self) -> bool:
        """Whether the run was cancelled."""
        return self.type == CANCELLED

    def is_pending(self) -> bool:
        """Whether the run has not begun."""
        return self.type == PENDING

    def is_running(self) -> bool:
        """Whether the run goes on."""
        return self.type == RUNNING

    def is_paused(self) -> bool:
        """Whether the run waits to be resumed."""
        return self.type == StateType.PAUSED

    def is_cancelling(self) -> bool:
        """Whether the run is being cancelled."""
        return self.type == StateType.CANCELLING

    def is_scheduled(self) -> bool:
        """Whether the run waits for its time."""
        return self.type == SCHEDULED

    def __repr__(self) -> str:
        usual = self.type.title()
        said = [repr(self.message)] if self.message else []
        if self.name not in (None, usual):
            said.append(f"type={self.type}")
        return f"{self.name or usual}({', '.join(said)})"

    __str__ = __repr__


def new(kind: StateType, name: str | None = None, message: str | None = None, **fields: Any) -> State:
    """Return a new state; its name is its type's unless given. Secrets in its message are masked."""
    if message is not None:
        message = masked(message)
    return State(id=uuid7(), type=kind, name=name or NAMES[kind], message=message, **fields)


NAMES = {kind: kind.title() for kind in StateType}


def Completed(message: str | None = None, *, name: str | None = None, data: Any = None) -> State:  # noqa: N802
    """Return a state for a flow or task to return: it came to a good end with `data` as its value.

    `message` says why, `name` is shown in place of `Completed`.
    """
    return new(COMPLETED, name, message, value=data)


def Failed(message: str | None = None, *, name: str | None = None, data: Any = UNSET) -> State:  # noqa: N802
    """Return a state for a flow or task to return: it failed; `data` may be the error that is raised to callers."""
    return new(FAILED, name, message, error=data if isinstance(data, BaseException) else UNSET)


def Cancelled(message: str | None = None, *, name: str | None = None) -> State:  # noqa: N802
    """Return a state for a flow or task to return: it was cancelled."""
    return new(CANCELLED, name, message)


def Crashed(message: str | None = None, *, name: str | None = None) -> State:  # noqa: N802
    """Return a state for a flow or task to return: it was cut off."""
    return new(CRASHED, name, message)


def Pending(message: str | None = None, *, name: str | None = None) -> State:  # noqa: N802
    """Return a state that says a run has not begun."""
    return new(PENDING, name, message)


def Running(message: str | None = None, *, name: str | None = None) -> State:  # noqa: N802
    """Return a state that says a run goes on."""
    return new(RUNNING, name, message)


def Scheduled(  # noqa: N802
    message: str | None = None, *, scheduled_time: datetime | None = None, name: str | None = None
) -> State:
    """Return a state that says a run waits for its time, now unless given."""
    state = new(SCHEDULED, name, message)
    state.state_details.scheduled_time = scheduled_time or now()
    return state


def Cancelling(message: str | None = None, *, name: str | None = None) -> State:  # noqa: N802
    """Return a state that says a run is being cancelled."""
    return new(StateType.CANCELLING, name, message)


def Paused(  # noqa: N802
    message: str | None = None,
    *,
    timeout_seconds: float | None = None,
    pause_expiration_time: datetime | None = None,
    reschedule: bool = False,
    pause_key: str | None = None,
    name: str | None = None,
) -> State:
    """Return a state that says a run waits to be resumed.

    Args:
        message: Why; by default nothing is said.
        timeout_seconds: Seconds after which it has waited too long; by default it waits for ever.
        pause_expiration_time: The moment of that, in place of seconds.
        reschedule: Whether the run leaves its process and starts again; by default it stays.
        pause_key: What tells this pause from others of the run; by default the state's id.
        name: The state's name; by default Paused.

    Raises:
        ValueError: Both times are given.
    """
    if timeout_seconds is not None and pause_expiration_time is not None:
        raise ValueError("Give timeout_seconds or pause_expiration_time, not both")
    state = new(StateType.PAUSED, name, message)
    until = pause_expiration_time if timeout_seconds is None else now() + timedelta(seconds=timeout_seconds)
    details = state.state_details
    details.pause_timeout, details.pause_reschedule, details.pause_key = until, reschedule, pause_key
    return state


def Suspended(message: str | None = None, **options: Any) -> State:  # noqa: N802
    """Return a state like Paused, of a run that leaves its process and starts again when it is resumed."""
    return Paused(message, **{"name": "Suspended", "reschedule": True, **options})


def AwaitingRetry(message: str | None = None, *, scheduled_time: datetime | None = None) -> State:  # noqa: N802
    """Return a state that says a run waits for its next try."""
    return Scheduled(message, scheduled_time=scheduled_time, name="AwaitingRetry")


def AwaitingConcurrencySlot(message: str | None = None, *, scheduled_time: datetime | None = None) -> State:  # noqa: N802
    """Return a state that says a run waits for a slot of its deployment."""
    return Scheduled(message, scheduled_time=scheduled_time, name="AwaitingConcurrencySlot")


def Late(message: str | None = None, *, scheduled_time: datetime | None = None) -> State:  # noqa: N802
    """Return a state that says a run should have begun."""
    return Scheduled(message, scheduled_time=scheduled_time, name="Late")


def Retrying(message: str | None = None) -> State:  # noqa: N802
    """Return a state that says a run goes on with another try."""
    return Running(message, name="Retrying")


def Submitting(message: str | None = None) -> State:  # noqa: N802
    """Return a state that says a run is being given to what will run it."""
    return Pending(message, name="Submitting")


def InfrastructurePending(message: str | None = None) -> State:  # noqa: N802
    """Return a state that says what will run a run is being made."""
    return Pending(message, name="InfrastructurePending")


def raise_state_exception(state: State) -> None:
    """Raise what keeps a run from having a value, if its state is failed, crashed or cancelled."""
    if state.type in (FAILED, CRASHED, CANCELLED):
        raise state.problem()


def local(state: wire.State) -> State:
    """Return a state that the server answered, without a value."""
    return State(
        id=state.id,
        type=state.type,
        name=state.name,
        timestamp=state.timestamp,
        message=state.message,
        data=decode_any(state.data),
        state_details=state.state_details,
    )


def bare(state: State) -> State:
    """Return a state without its value and its error, as other processes may have it."""
    bared: State = structs.replace(state, value=UNSET, error=UNSET, trace=UNSET)
    return bared


def proposal(state: State) -> StateCreate:
    """Return what is sent of a state; values stay in the process."""
    details = state.state_details
    details.untrackable_result = type(state.value) in UNTRACKABLE and state.is_final()
    return StateCreate(type=state.type, name=state.name, message=state.message, state_details=details)


__all__ = [
    "AwaitingConcurrencySlot",
    "AwaitingRetry",
    "Cancelled",
    "Cancelling",
    "Completed",
    "Crashed",
    "Failed",
    "InfrastructurePending",
    "Late",
    "Paused",
    "Pending",
    "Retrying",
    "Running",
    "Scheduled",
    "State",
    "StateDetails",
    "StateType",
    "Submitting",
    "Suspended",
    "local",
    "new",
    "proposal",
    "raise_state_exception",
]
