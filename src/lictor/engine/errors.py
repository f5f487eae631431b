"""What running flows and tasks can raise."""

from __future__ import annotations

from typing import Any


class RunError(Exception):
    """A run has no result to give."""


class FailedRun(RunError):
    """A run ended in a failed state that carries no error of its own."""


class CrashedRun(RunError):
    """A run was cut off."""


class CancelledRun(RunError):
    """A run was cancelled."""


class UnfinishedRun(RunError):
    """A run has not come to its end."""


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


class MissingContext(RuntimeError):
    """Something that belongs in a run was called outside of one."""


class ParameterBindError(TypeError):
    """A call's arguments do not fit the function's parameters."""


class ParameterTypeError(TypeError):
    """A parameter's value cannot be taken as the type it is declared with."""


class EntrypointError(ValueError):
    """An entrypoint names nothing that is there."""


class ScriptError(EntrypointError):
    """The code that an entrypoint names fails when it is loaded."""


class MappingError(TypeError):
    """The arguments of a mapped call cannot be mapped over."""


class Terminated(BaseException):
    """The process was told to end (SIGTERM)."""


class Stopped(BaseException):
    """The run that goes on here was cancelled, or one that it belongs to."""


class Suspension(BaseException):
    """A run leaves its process until it is resumed; ends whatever the user's code catches."""

    def __init__(self, state: Any) -> None:
        super().__init__()
        self.state = state


class NotPortable(TypeError):
    """A function, an argument or a result cannot be sent to or from another process."""
