"""What flows, tasks and the client raise."""

from lictor.client.errors import ClientError, ObjectAlreadyExists, ObjectNotFound, ServerUnreachable
from lictor.client.errors import HTTPStatusError as LictorHTTPStatusError
from lictor.client.errors import HTTPStatusError as PrefectHTTPStatusError
from lictor.engine.errors import Aborted as Abort
from lictor.engine.errors import (
    CancelledRun,
    CrashedRun,
    ExternalSignal,
    FailedRun,
    MissingResult,
    ParameterBindError,
    ParameterTypeError,
    PausedRun,
    PauseRefused,
    RunError,
    ScriptError,
    UnfinishedRun,
)
from lictor.engine.errors import EntrypointError as MissingFlowError
from lictor.engine.errors import InvalidName as InvalidNameError
from lictor.engine.errors import LengthMismatch as MappingLengthMismatch
from lictor.engine.errors import MissingContext as MissingContextError
from lictor.engine.errors import NothingToMap as MappingMissingIterable
from lictor.engine.errors import NotPaused as NotPausedError
from lictor.engine.errors import PausedTooLong as FlowPauseTimeout
from lictor.engine.errors import ReservedArgument as ReservedArgumentError
from lictor.engine.errors import Signal as PrefectSignal
from lictor.engine.errors import SignatureMismatch as SignatureMismatchError
from lictor.engine.errors import Suspension as Pause
from lictor.engine.errors import Terminated as TerminationSignal
from lictor.engine.errors import WaitedTooLong as FlowRunWaitTimeout
from lictor.kit.errors import LictorException
from lictor.kit.errors import LictorException as PrefectException
from lictor.sdk.graphviz import FlowVisualizationError, GraphvizExecutableNotFoundError

__all__ = [
    "Abort",
    "CancelledRun",
    "ClientError",
    "CrashedRun",
    "ExternalSignal",
    "FailedRun",
    "FlowPauseTimeout",
    "FlowRunWaitTimeout",
    "FlowVisualizationError",
    "GraphvizExecutableNotFoundError",
    "InvalidNameError",
    "LictorException",
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
    "Pause",
    "PauseRefused",
    "PausedRun",
    "PrefectException",
    "PrefectHTTPStatusError",
    "PrefectSignal",
    "ReservedArgumentError",
    "RunError",
    "ScriptError",
    "ServerUnreachable",
    "SignatureMismatchError",
    "TerminationSignal",
    "UnfinishedRun",
]
