"""Orders in which the client's methods list."""

from lictor.wire.types.artifact import ArtifactCollectionSort, ArtifactSort
from lictor.wire.types.block_document import BlockDocumentSort
from lictor.wire.types.deployment import DeploymentSort
from lictor.wire.types.flow import FlowSort
from lictor.wire.types.flow_run import FlowRunSort
from lictor.wire.types.log import LogSort
from lictor.wire.types.task_run import TaskRunSort
from lictor.wire.types.variable import VariableSort

__all__ = [
    "ArtifactCollectionSort",
    "ArtifactSort",
    "BlockDocumentSort",
    "DeploymentSort",
    "FlowRunSort",
    "FlowSort",
    "LogSort",
    "TaskRunSort",
    "VariableSort",
]
