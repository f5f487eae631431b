"""Bodies of requests."""

from lictor.sdk.objects import DeploymentScheduleCreate
from lictor.wire.types.artifact import ArtifactCreate, ArtifactUpdate
from lictor.wire.types.block_document import BlockDocumentCreate, BlockDocumentUpdate
from lictor.wire.types.block_schema import BlockSchemaCreate
from lictor.wire.types.block_type import BlockTypeCreate, BlockTypeUpdate
from lictor.wire.types.concurrency_limit import (
    ConcurrencyLimitCreate,
    GlobalConcurrencyLimitCreate,
    GlobalConcurrencyLimitUpdate,
)
from lictor.wire.types.concurrency_limit import GlobalConcurrencyLimitCreate as ConcurrencyLimitV2Create
from lictor.wire.types.concurrency_limit import GlobalConcurrencyLimitUpdate as ConcurrencyLimitV2Update
from lictor.wire.types.deployment import (
    DeploymentCreate,
    DeploymentFlowRunCreate,
    DeploymentScheduleUpdate,
    DeploymentUpdate,
)
from lictor.wire.types.flow import FlowCreate, FlowUpdate
from lictor.wire.types.flow_run import FlowRunCreate, FlowRunUpdate
from lictor.wire.types.log import LogCreate
from lictor.wire.types.saved_search import SavedSearchCreate
from lictor.wire.types.state import StateCreate
from lictor.wire.types.task_run import TaskRunCreate, TaskRunUpdate
from lictor.wire.types.variable import VariableCreate, VariableUpdate
from lictor.wire.types.work_pool import WorkPoolCreate, WorkPoolUpdate
from lictor.wire.types.work_queue import WorkQueueCreate, WorkQueueUpdate

__all__ = [
    "ArtifactCreate",
    "ArtifactUpdate",
    "BlockDocumentCreate",
    "BlockDocumentUpdate",
    "BlockSchemaCreate",
    "BlockTypeCreate",
    "BlockTypeUpdate",
    "ConcurrencyLimitCreate",
    "ConcurrencyLimitV2Create",
    "ConcurrencyLimitV2Update",
    "DeploymentCreate",
    "DeploymentFlowRunCreate",
    "DeploymentScheduleCreate",
    "DeploymentScheduleUpdate",
    "DeploymentUpdate",
    "FlowCreate",
    "FlowRunCreate",
    "FlowRunUpdate",
    "FlowUpdate",
    "GlobalConcurrencyLimitCreate",
    "GlobalConcurrencyLimitUpdate",
    "LogCreate",
    "SavedSearchCreate",
    "StateCreate",
    "TaskRunCreate",
    "TaskRunUpdate",
    "VariableCreate",
    "VariableUpdate",
    "WorkPoolCreate",
    "WorkPoolUpdate",
    "WorkQueueCreate",
    "WorkQueueUpdate",
]
