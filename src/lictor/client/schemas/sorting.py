"""Orders in which the client's methods list."""

from lictor.wire.types.flow import FlowSort
from lictor.wire.types.flow_run import FlowRunSort
from lictor.wire.types.log import LogSort
from lictor.wire.types.task_run import TaskRunSort

__all__ = ["FlowRunSort", "FlowSort", "LogSort", "TaskRunSort"]
