"""What running flows and tasks can raise."""

from __future__ import annotations

from typing import Any

from lictor.kit.errors import LictorException


class RunError(LictorException):
    """A run has no result to give."""


class FailedRun(RunError):
    """A run ended in a failed state that carries no error of its own."""


class CrashedRun(RunError):
    """A run was cut off."""


class CancelledRun(RunError):
    """A run was cancelled."""


class UnfinishedRun(RunError):
    """A run has not come to its end."""


class PausedRun(UnfinishedRun):
    """A run waits to be resumed, and has no result so far."""


class MissingResult(RunError):
    """A run's result was not kept, or was kept by another process."""


class Aborted(RunError):
    """The server does not let a run go on."""


class TimedOut(TimeoutError):
    """A run took longer than it may."""


class PausedTooLong(RunError):
    """A paused run was not resumed in time."""


class WaitedTooLong(RunError):
    """A run that was waited for did not end in time."""


class NotPaused(RunError):
    """A run that is to be resumed is not paused."""


class PauseRefused(RunError, RuntimeError):
    """The server does not let a run pause, leave its process, or go on."""


class MissingContext(LictorException, RuntimeError):
    """Something that belongs in a run was called outside of one."""


class InvalidName(LictorException, ValueError):
    """A name is empty, or has characters that names may not have."""


class ReservedArgument(LictorException, TypeError):
    """A function has a parameter whose name calls of flows and tasks take for themselves."""


class ParameterBindError(TypeError, LictorException):
    """A call's arguments do not fit the function's parameters."""


class SignatureMismatch(LictorException, TypeError):
    """Named parameters are not those of the function."""


class ParameterTypeError(LictorException, TypeError):
    """A parameter's value cannot be taken as the type it is declared with."""


class EntrypointError(LictorException, ValueError):
    """An entrypoint names nothing that is there."""


class ScriptError(EntrypointError):
    """The code that an entrypoint names fails when it is loaded."""


class MappingError(LictorException, TypeError):
    """The arguments of a mapped call cannot be mapped over."""


class LengthMismatch(MappingError):
    """Collections that are mapped over together have different lengths."""


class NothingToMap(MappingError):
    """No argument of a mapped call is a collection."""


class Signal(BaseException):
    """Ends what runs here, whatever the user's code catches."""


class ExternalSignal(BaseException):
    """Something outside ends what runs here."""


class Terminated(ExternalSignal):
    """The process was told to end (SIGTERM)."""


class Stopped(Signal):
    """The run that goes on here was cancelled, or one that it belongs to."""


class Suspension(Signal):
    """A run leaves its process until it is resumed; ends whatever the user's code catches."""

    def __init__(self, state: Any) -> None:
        super().__init__()
        self.state = state


class NotPortable(LictorException, TypeError):
    """A function, an argument or a result cannot be sent to or from another process."""
