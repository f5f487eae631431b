"""What the client's methods answer."""

from lictor.engine.states import State, StateDetails, StateType
from lictor.sdk.objects import (
    Artifact,
    ArtifactCollection,
    Deployment,
    DeploymentSchedule,
    FlowRun,
    FlowRunInput,
    TaskRun,
    Variable,
    WorkerMetadata,
    WorkPool,
)
from lictor.wire.types.admin import ServerDefaultResultStorage
from lictor.wire.types.block_document import BlockDocument
from lictor.wire.types.block_schema import BlockSchema
from lictor.wire.types.block_type import BlockType
from lictor.wire.types.concurrency_limit import ConcurrencyLeaseHolder, ConcurrencyLimit, GlobalConcurrencyLimit
from lictor.wire.types.csrf_token import CsrfToken
from lictor.wire.types.deployment import (
    ConcurrencyLimitStrategy,
    ConcurrencyOptions,
    DeploymentStatus,
    VersionInfo,
)
from lictor.wire.types.flow import Flow
from lictor.wire.types.flow_run import CreatedBy, FlowRunPolicy
from lictor.wire.types.flow_run_graph import Edge, Graph, GraphState, Node
from lictor.wire.types.log import Log
from lictor.wire.types.saved_search import SavedSearch, SavedSearchFilter
from lictor.wire.types.task_run import Constant, FlowRunResult, Parameter, TaskRunPolicy, TaskRunResult
from lictor.wire.types.work_pool import WorkPoolStatus, WorkPoolStorageConfiguration
from lictor.wire.types.work_queue import (
    QueueFilter,
    WorkQueue,
    WorkQueueHealthPolicy,
    WorkQueueStatus,
    WorkQueueStatusDetail,
)
from lictor.wire.types.worker import Worker, WorkerStatus

__all__ = [
    "Artifact",
    "ArtifactCollection",
    "BlockDocument",
    "BlockSchema",
    "BlockType",
    "ConcurrencyLeaseHolder",
    "ConcurrencyLimit",
    "ConcurrencyLimitStrategy",
    "ConcurrencyOptions",
    "Constant",
    "CreatedBy",
    "CsrfToken",
    "Deployment",
    "DeploymentSchedule",
    "DeploymentStatus",
    "Edge",
    "Flow",
    "FlowRun",
    "FlowRunInput",
    "FlowRunPolicy",
    "FlowRunResult",
    "GlobalConcurrencyLimit",
    "Graph",
    "GraphState",
    "Log",
    "Node",
    "Parameter",
    "QueueFilter",
    "SavedSearch",
    "SavedSearchFilter",
    "ServerDefaultResultStorage",
    "State",
    "StateDetails",
    "StateType",
    "TaskRun",
    "TaskRunPolicy",
    "TaskRunResult",
    "Variable",
    "VersionInfo",
    "WorkPool",
    "WorkPoolStatus",
    "WorkPoolStorageConfiguration",
    "WorkQueue",
    "WorkQueueHealthPolicy",
    "WorkQueueStatus",
    "WorkQueueStatusDetail",
    "Worker",
    "WorkerMetadata",
    "WorkerStatus",
]
