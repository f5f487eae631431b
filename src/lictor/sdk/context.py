"""The runs that go on where they are asked for, as users see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from lictor.engine.context import FLOW, TAGS, TASK
from lictor.engine.errors import MissingContext
from lictor.sdk.showing import shown

if TYPE_CHECKING:
    from lictor.sdk.objects import FlowRun, TaskRun


class FlowRunContext(NamedTuple):
    """A flow run that goes on here: the flow, its run, and the arguments it was called with."""

    flow: Any
    flow_run: FlowRun
    parameters: dict[str, Any]

    @classmethod
    def get(cls) -> FlowRunContext | None:
        """Return the flow run that goes on here, if one does."""
        here = FLOW.get()
        return None if here is None else cls(here.spec.owner, shown(here.run), here.arguments)


class TaskRunContext(NamedTuple):
    """A task run that goes on here: the task, its run, and the arguments it was called with."""

    task: Any
    task_run: TaskRun
    parameters: dict[str, Any]

    @classmethod
    def get(cls) -> TaskRunContext | None:
        """Return the task run that goes on here, if one does."""
        here = TASK.get()
        return None if here is None else cls(here.spec.owner, shown(here.run), here.spec.bind(here.args, here.kwargs))


class TagsContext(NamedTuple):
    """The tags that runs made here get."""

    current_tags: frozenset[str]

    @classmethod
    def get(cls) -> TagsContext:
        """Return the tags of the `tags` blocks around."""
        return cls(TAGS.get())


def get_run_context() -> FlowRunContext | TaskRunContext:
    """Return the innermost run that goes on here; raise MissingContext outside of one."""
    found = TaskRunContext.get() or FlowRunContext.get()
    if found is None:
        raise MissingContext("No flow or task runs here; call this in one")
    return found
