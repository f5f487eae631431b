"""States as flows and tasks see them: the wire's, with the value or the error that they stand for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, Self, TypedDict, TypeGuard, overload
from uuid import UUID

from msgspec import UNSET, UnsetType, field, structs

from lictor.engine.errors import CancelledRun, CrashedRun, FailedRun, MissingResult, PausedRun, RunError, UnfinishedRun
from lictor.kit.clock import now
from lictor.kit.ids import uuid7
from lictor.kit.json import decode_any
from lictor.kit.masking import masked
from lictor.wire.types import state as wire
from lictor.wire.types.state import FINAL, StateCreate, StateDetails, StateType

CANCELLED, COMPLETED, CRASHED, FAILED = StateType.CANCELLED, StateType.COMPLETED, StateType.CRASHED, StateType.FAILED
PENDING, RUNNING, SCHEDULED = StateType.PENDING, StateType.RUNNING, StateType.SCHEDULED
UNSUCCESSFUL = (CANCELLED, CRASHED, FAILED)
UNTRACKABLE = (bool, int, type(None), type(...), type(NotImplemented))
"""Types whose values cannot be told apart by identity."""


PROBLEMS: dict[StateType, tuple[type[RunError], str]] = {
    FAILED: (FailedRun, "the run failed"),
    CRASHED: (CrashedRun, "the run crashed"),
    CANCELLED: (CancelledRun, "the run was cancelled"),
    StateType.PAUSED: (PausedRun, "the run is paused, it has no result yet"),
}
"""What is raised where a state has no error of its own."""

if TYPE_CHECKING:
    from typing import Unpack

    from typing_extensions import TypeVar

    R_co = TypeVar("R_co", covariant=True, default=Any)
else:
    from typing import TypeVar

    R_co = TypeVar("R_co", covariant=True)


class State(wire.State, Generic[R_co], kw_only=True):
    """A state of a run; `value` and `error` live in this process alone."""

    LOCAL: ClassVar[Collection[str]] = ("value", "error", "trace", "given")

    id: UUID = field(default_factory=uuid7)
    data: Any = None
    value: Any = UNSET
    error: BaseException | UnsetType = UNSET
    trace: TracebackType | UnsetType | None = UNSET
    """The error's traceback when it was first raised from here; without it each raise would make it longer."""
    given: Literal["state", "value"] | None = None
    """What a call of the function gives back as it was returned, whatever it came to: this state, or the value."""

    @overload
    def result(self, raise_on_failure: Literal[True] = True) -> R_co: ...
    @overload
    def result(self, raise_on_failure: bool) -> R_co | BaseException: ...
    def result(self, raise_on_failure: bool = True) -> Any:
        """Return the run's value; raise what it raised, or return it if `raise_on_failure` is false.

        Returned is also what else a state that is not completed was made with: `Failed(data="a text")` gives the text,
        a run that returned several states gives these, None where there was nothing.

        MissingResult is raised where the value was not kept, or by another process; UnfinishedRun where there is none
        yet, PausedRun while the run is paused; FailedRun, CrashedRun and CancelledRun where a state has no error.
        """
        if self.type == COMPLETED:
            if self.value is UNSET:
                raise MissingResult(f"the result of {self!r} was not kept")
            return self.value
        problem = self.problem()
        if not raise_on_failure:
            return self.value if self.error is UNSET and self.value is not UNSET and self.is_final() else problem
        if self.trace is UNSET:
            self.trace = problem.__traceback__
        try:
            raise problem
        finally:  # see call_stacks: this frame is left out
            problem.__traceback__ = self.trace

    async def aresult(self, raise_on_failure: bool = True) -> Any:
        """Return the run's value as `result` does, to be awaited."""
        return self.result(raise_on_failure)

    def problem(self) -> BaseException:
        """Return the error that keeps the run from having a value: its own, or that of a state it was made with."""
        if self.error is not UNSET:
            return self.error
        several = [self.value] if isinstance(self.value, State) else self.value
        if is_state_iterable(several):
            found = [state for state in several if state.type in UNSUCCESSFUL]
            found = found or [state for state in several if not state.is_completed()]
            if found:
                return found[0].problem()
        error, otherwise = PROBLEMS.get(self.type, (UnfinishedRun, f"the run is {self.type}, it has no result yet"))
        return error((self.value if isinstance(self.value, str) else self.message) or otherwise)

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

    def fresh_copy(self, **changes: Any) -> Self:
        """Return a state like this one, entered now by no run yet, with some fields changed."""
        details = structs.replace(self.state_details, flow_run_id=None, task_run_id=None)
        fields = {"id": uuid7(), "timestamp": now(), "state_details": details, "given": None} | changes
        return structs.replace(self, **fields)

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        usual = self.type.title()
        said = [repr(self.message)] if self.message else []
        if self.name not in (None, usual):
            said.append(f"type={self.type}")
        return f"{self.name or usual}({', '.join(said)})"

    __str__ = __repr__


class Fields(TypedDict, total=False):
    """What else a state may be made with: all but `name` and `data` are filled in by themselves."""

    name: str | None
    data: Any
    state_details: StateDetails
    timestamp: datetime
    id: UUID


def new(
    kind: StateType, name: str | None = None, message: str | None = None, data: Any = UNSET, **fields: Any
) -> State:
    """Return a new state; its name is its type's unless given. Secrets in its message are masked.

    `data` is its value, or its error where the run did not come to a good end.
    """
    if message is not None:
        message = masked(message)
    if data is UNSET and kind in FINAL:
        data = None
    fields[("error" if isinstance(data, BaseException) and kind != COMPLETED else "value")] = data
    return State(**{"id": uuid7(), "type": kind, "name": name or NAMES[kind], "message": message, **fields})


NAMES = {kind: kind.title() for kind in StateType}


def Completed(message: str | None = None, **fields: Unpack[Fields]) -> State:  # noqa: N802
    """Return a state for a flow or task to return: it came to a good end with `data` as its value.

    `message` says why, `name` is shown in place of `Completed`.
    """
    return new(COMPLETED, message=message, **fields)


def Failed(message: str | None = None, **fields: Unpack[Fields]) -> State:  # noqa: N802
    """Return a state for a flow or task to return: it failed.

    `data` may be the error that is raised to callers, a text for it, or a state or states that the error is taken from.
    """
    return new(FAILED, message=message, **fields)


def Cancelled(message: str | None = None, **fields: Unpack[Fields]) -> State:  # noqa: N802
    """Return a state for a flow or task to return: it was cancelled."""
    return new(CANCELLED, message=message, **fields)


def Crashed(message: str | None = None, **fields: Unpack[Fields]) -> State:  # noqa: N802
    """Return a state for a flow or task to return: it was cut off."""
    return new(CRASHED, message=message, **fields)


def Pending(message: str | None = None, **fields: Unpack[Fields]) -> State:  # noqa: N802
    """Return a state that says a run has not begun."""
    return new(PENDING, message=message, **fields)


def Running(message: str | None = None, **fields: Unpack[Fields]) -> State:  # noqa: N802
    """Return a state that says a run goes on."""
    return new(RUNNING, message=message, **fields)


def Scheduled(  # noqa: N802
    message: str | None = None, *, scheduled_time: datetime | None = None, **fields: Unpack[Fields]
) -> State:
    """Return a state that says a run waits for its time, now unless given."""
    state = new(SCHEDULED, message=message, **fields)
    details = state.state_details
    details.scheduled_time = scheduled_time or details.scheduled_time or now()
    return state


def Cancelling(message: str | None = None, **fields: Unpack[Fields]) -> State:  # noqa: N802
    """Return a state that says a run is being cancelled."""
    return new(StateType.CANCELLING, message=message, **fields)


def Paused(  # noqa: N802
    message: str | None = None,
    *,
    timeout_seconds: float | None = None,
    pause_expiration_time: datetime | None = None,
    reschedule: bool = False,
    pause_key: str | None = None,
    **fields: Unpack[Fields],
) -> State:
    """Return a state that says a run waits to be resumed.

    Args:
        message: Why; by default nothing is said.
        timeout_seconds: Seconds after which it has waited too long; by default it waits for ever.
        pause_expiration_time: The moment of that, in place of seconds.
        reschedule: Whether the run leaves its process and starts again; by default it stays.
        pause_key: What tells this pause from others of the run; by default the state's id.
        fields: `name`, which is Paused unless given, and other fields of states.

    Raises:
        ValueError: Both times are given.
    """
    if timeout_seconds is not None and pause_expiration_time is not None:
        raise ValueError("Give timeout_seconds or pause_expiration_time, not both")
    state = new(StateType.PAUSED, message=message, **fields)
    until = pause_expiration_time if timeout_seconds is None else now() + timedelta(seconds=timeout_seconds)
    details = state.state_details
    details.pause_timeout, details.pause_reschedule, details.pause_key = until, reschedule, pause_key
    return state


def Suspended(message: str | None = None, **options: Any) -> State:  # noqa: N802
    """Return a state like Paused, of a run that leaves its process and starts again when it is resumed."""
    return Paused(message, **{"name": "Suspended", "reschedule": True, **options})


def AwaitingRetry(message: str | None = None, **options: Any) -> State:  # noqa: N802
    """Return a state that says a run waits for its next try."""
    return Scheduled(message, **{"name": "AwaitingRetry", **options})


def AwaitingConcurrencySlot(message: str | None = None, **options: Any) -> State:  # noqa: N802
    """Return a state that says a run waits for a slot of its deployment."""
    return Scheduled(message, **{"name": "AwaitingConcurrencySlot", **options})


def Late(message: str | None = None, **options: Any) -> State:  # noqa: N802
    """Return a state that says a run should have begun."""
    return Scheduled(message, **{"name": "Late", **options})


def Retrying(message: str | None = None, **fields: Any) -> State:  # noqa: N802
    """Return a state that says a run goes on with another try."""
    return Running(message, **{"name": "Retrying", **fields})


def Submitting(message: str | None = None, **fields: Any) -> State:  # noqa: N802
    """Return a state that says a run is being given to what will run it."""
    return Pending(message, **{"name": "Submitting", **fields})


def InfrastructurePending(message: str | None = None, **fields: Any) -> State:  # noqa: N802
    """Return a state that says what will run a run is being made."""
    return Pending(message, **{"name": "InfrastructurePending", **fields})


def is_state_iterable(value: Any) -> TypeGuard[Iterable[State]]:
    """Whether a value is a list, tuple or set of states, of one at least."""
    return isinstance(value, list | tuple | set) and bool(value) and all(isinstance(one, State) for one in value)


def get_state_exception(state: State) -> BaseException:
    """Return what keeps a run from having a value; raise ValueError if it is not failed, crashed or cancelled."""
    if state.type not in UNSUCCESSFUL:
        raise ValueError(f"{state!r} has no exception: it is neither failed nor crashed nor cancelled")
    return state.problem()


async def aget_state_exception(state: State) -> BaseException:
    """Return what keeps a run from having a value, as `get_state_exception` does, to be awaited."""
    return get_state_exception(state)


def raise_state_exception(state: State) -> None:
    """Raise what keeps a run from having a value, if its state is failed, crashed or cancelled."""
    if state.type in UNSUCCESSFUL:
        raise state.problem()


async def araise_state_exception(state: State) -> None:
    """Raise what keeps a run from having a value, as `raise_state_exception` does, to be awaited."""
    raise_state_exception(state)


async def get_state_result(state: State[R_co], raise_on_failure: bool = True) -> Any:
    """Return a run's value as `State.result` does, to be awaited."""
    return state.result(raise_on_failure)


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
    bared: State = structs.replace(state, value=UNSET, error=UNSET, trace=UNSET, given=None)
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
    "aget_state_exception",
    "araise_state_exception",
    "get_state_exception",
    "get_state_result",
    "is_state_iterable",
    "local",
    "new",
    "proposal",
    "raise_state_exception",
]
