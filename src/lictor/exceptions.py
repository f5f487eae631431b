"""What flows, tasks and the client raise."""

from lictor.client.errors import ClientError, ObjectAlreadyExists, ObjectNotFound, ServerUnreachable
from lictor.client.errors import HTTPStatusError as LictorHTTPStatusError
from lictor.client.errors import HTTPStatusError as PrefectHTTPStatusError
from lictor.engine.errors import Aborted as Abort
from lictor.engine.errors import (
    CancelledRun,
    CrashedRun,
    FailedRun,
    MissingResult,
    ParameterBindError,
    ParameterTypeError,
    PauseRefused,
    RunError,
    ScriptError,
    UnfinishedRun,
)
from lictor.engine.errors import EntrypointError as MissingFlowError
from lictor.engine.errors import MappingError as MappingLengthMismatch
from lictor.engine.errors import MappingError as MappingMissingIterable
from lictor.engine.errors import MissingContext as MissingContextError
from lictor.engine.errors import NotPaused as NotPausedError
from lictor.engine.errors import PausedTooLong as FlowPauseTimeout
from lictor.engine.errors import Terminated as TerminationSignal
from lictor.engine.errors import WaitedTooLong as FlowRunWaitTimeout
from lictor.sdk.graphviz import FlowVisualizationError, GraphvizExecutableNotFoundError

__all__ = [
    "Abort",
    "CancelledRun",
    "ClientError",
    "CrashedRun",
    "FailedRun",
    "FlowPauseTimeout",
    "FlowRunWaitTimeout",
    "FlowVisualizationError",
    "GraphvizExecutableNotFoundError",
    "LictorHTTPStatusError",
    "MappingLengthMismatch",
    "MappingMissingIterable",
    "MissingContextError",
    "MissingFlowError",
    "MissingResult",
    "NotPausedError",
    "ObjectAlreadyExists",
    "ObjectNotFound",
    "ParameterBindError",
    "ParameterTypeError",
    "PauseRefused",
    "PrefectHTTPStatusError",
    "RunError",
    "ScriptError",
    "ServerUnreachable",
    "TerminationSignal",
    "UnfinishedRun",
]
