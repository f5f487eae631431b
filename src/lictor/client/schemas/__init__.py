"""What the client sends and answers, by kind."""

from lictor.engine.states import State, StateDetails, StateType
from lictor.sdk.objects import FlowRun, OrchestrationResult, SetStateStatus, TaskRun
from lictor.wire.types.flow_run import FlowRunPolicy
from lictor.wire.types.state import StateAbortDetails, StateAcceptDetails, StateCreate, StateRejectDetails
from lictor.wire.types.task_run import FlowRunResult, TaskRunPolicy, TaskRunResult

__all__ = [
    "FlowRun",
    "FlowRunPolicy",
    "FlowRunResult",
    "OrchestrationResult",
    "SetStateStatus",
    "State",
    "StateAbortDetails",
    "StateAcceptDetails",
    "StateCreate",
    "StateDetails",
    "StateRejectDetails",
    "StateType",
    "TaskRun",
    "TaskRunPolicy",
    "TaskRunResult",
]
