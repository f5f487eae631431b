"""What runs here: the flow run, the task run, the tags."""

from lictor.engine.context import tags
from lictor.sdk.context import FlowRunContext, TagsContext, TaskRunContext, get_run_context

__all__ = ["FlowRunContext", "TagsContext", "TaskRunContext", "get_run_context", "tags"]
