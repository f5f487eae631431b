"""What the client's methods answer to proposals, pages and counts."""

from lictor.sdk.objects import (
    ChangedFlowRun,
    ChangedFlowRuns,
    Dependency,
    FlowRunPage,
    OrchestrationResult,
    SetStateStatus,
    TaskRunInPage,
    TaskRunPage,
    WorkerFlowRunResponse,
)
from lictor.sdk.objects import Deployment as DeploymentResponse
from lictor.sdk.objects import FlowRun as FlowRunResponse
from lictor.wire.types.common import Deleted
from lictor.wire.types.concurrency_limit import ConcurrencyLimitWithLease as ConcurrencyLimitWithLeaseResponse
from lictor.wire.types.concurrency_limit import GlobalConcurrencyLimit as GlobalConcurrencyLimitResponse
from lictor.wire.types.concurrency_limit import MinimalConcurrencyLimit as MinimalConcurrencyLimitResponse
from lictor.wire.types.event import EventCount
from lictor.wire.types.flow import FlowPage
from lictor.wire.types.flow_run import FlowRunSlotSummary
from lictor.wire.types.history import HistoryInterval as HistoryResponse
from lictor.wire.types.history import HistoryState as HistoryResponseState
from lictor.wire.types.state import StateAbortDetails, StateAcceptDetails, StateRejectDetails, StateWaitDetails
from lictor.wire.types.work_pool import WorkPoolConcurrencyStatus, WorkQueueConcurrencyStatusDetail
from lictor.wire.types.work_queue import WorkQueueConcurrencyStatus

__all__ = [
    "ChangedFlowRun",
    "ChangedFlowRuns",
    "ConcurrencyLimitWithLeaseResponse",
    "Deleted",
    "Dependency",
    "DeploymentResponse",
    "EventCount",
    "FlowPage",
    "FlowRunPage",
    "FlowRunResponse",
    "FlowRunSlotSummary",
    "GlobalConcurrencyLimitResponse",
    "HistoryResponse",
    "HistoryResponseState",
    "MinimalConcurrencyLimitResponse",
    "OrchestrationResult",
    "SetStateStatus",
    "StateAbortDetails",
    "StateAcceptDetails",
    "StateRejectDetails",
    "StateWaitDetails",
    "TaskRunInPage",
    "TaskRunPage",
    "WorkPoolConcurrencyStatus",
    "WorkQueueConcurrencyStatus",
    "WorkQueueConcurrencyStatusDetail",
    "WorkerFlowRunResponse",
]
