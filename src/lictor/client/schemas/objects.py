"""What the client's methods answer."""

from lictor.engine.states import State, StateDetails, StateType
from lictor.sdk.objects import Artifact, ArtifactCollection, FlowRun, FlowRunInput, TaskRun, Variable
from lictor.wire.types.admin import ServerDefaultResultStorage
from lictor.wire.types.concurrency_limit import ConcurrencyLeaseHolder, ConcurrencyLimit
from lictor.wire.types.csrf_token import CsrfToken
from lictor.wire.types.flow import Flow
from lictor.wire.types.flow_run import CreatedBy, FlowRunPolicy
from lictor.wire.types.flow_run_graph import Edge, Graph, GraphState, Node
from lictor.wire.types.log import Log
from lictor.wire.types.task_run import Constant, FlowRunResult, Parameter, TaskRunPolicy, TaskRunResult

__all__ = [
    "Artifact",
    "ArtifactCollection",
    "ConcurrencyLeaseHolder",
    "ConcurrencyLimit",
    "Constant",
    "CreatedBy",
    "CsrfToken",
    "Edge",
    "Flow",
    "FlowRun",
    "FlowRunInput",
    "FlowRunPolicy",
    "FlowRunResult",
    "Graph",
    "GraphState",
    "Log",
    "Node",
    "Parameter",
    "ServerDefaultResultStorage",
    "State",
    "StateDetails",
    "StateType",
    "TaskRun",
    "TaskRunPolicy",
    "TaskRunResult",
    "Variable",
]
