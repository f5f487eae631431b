"""Loggers of runs: their records carry the ids and names of the run."""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

from lictor.engine.call_stacks import fold

if TYPE_CHECKING:
    from lictor.engine.context import FlowContext
    from lictor.engine.task_run import LiveTaskRun

FLOW_RUNS = logging.getLogger("prefect.flow_runs")
TASK_RUNS = logging.getLogger("prefect.task_runs")

Facts = dict[str, Any]

UNKNOWN = "<unknown>"


class RunLogger(logging.LoggerAdapter[logging.Logger]):
    """A logger whose lines belong to a run; `extra` of a line wins over what the logger says of the run."""

    def __init__(self, logger: logging.Logger, facts: Facts) -> None:
        super().__init__(logger, facts)
        self.facts = facts

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        """Add the run to a line."""
        extra = kwargs.get("extra")
        kwargs["extra"] = {**self.facts, **extra} if extra else self.facts
        return msg, kwargs

    def getChild(self, suffix: str, extra: Facts | None = None) -> RunLogger:  # noqa: N802  # as logging names it
        """Return a logger below this one for the same run."""
        return RunLogger(self.logger.getChild(suffix), {**self.facts, **(extra or {})})


def facts_of_flow_run(flow: FlowContext) -> Facts:
    """Return what a flow run's log records carry."""
    return {"flow_run_id": flow.run_id_text, "flow_run_name": flow.run.name, "flow_name": flow.spec.name}


def facts_of_task_run(task: LiveTaskRun) -> Facts:
    """Return what a task run's log records carry."""
    flow = task.flow
    return {
        "task_run_id": task.id_text,
        "task_run_name": task.run.name,
        "task_name": task.spec.name,
        "flow_run_id": None if flow is None else flow.run_id_text,
        "flow_run_name": UNKNOWN if flow is None else flow.run.name,
        "flow_name": UNKNOWN if flow is None else flow.spec.name,
    }


def say(logger: logging.Logger, level: int, message: str, facts: Facts, error: BaseException | None = None) -> None:
    """Log a line of the engine's own, without looking for the caller."""
    if not logger.isEnabledFor(level):
        return
    info = None
    if error is not None:
        fold(error)
        info = (type(error), error, error.__traceback__)
    record = logging.LogRecord(logger.name, level, __file__, 0, message, None, info)
    record.__dict__.update(facts)
    logger.handle(record)


def pause_of(seconds: float) -> str:
    """Say when something happens that happens after a pause."""
    return "at once" if seconds <= 0 else f"in {seconds:g} s"


__all__ = ["FLOW_RUNS", "TASK_RUNS", "RunLogger", "facts_of_flow_run", "facts_of_task_run", "pause_of", "say"]
