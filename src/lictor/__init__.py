"""Lictor: a workflow orchestrator to host yourself. Public names load on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from lictor.engine.annotations import allow_failure, quote, unmapped
    from lictor.engine.context import tags
    from lictor.engine.futures import as_completed, wait
    from lictor.engine.states import Cancelled, Completed, Crashed, Failed, State
    from lictor.sdk.client import get_client
    from lictor.sdk.flow import Flow, flow
    from lictor.sdk.logging import get_run_logger
    from lictor.sdk.pausing import (
        apause_flow_run,
        aresume_flow_run,
        asuspend_flow_run,
        pause_flow_run,
        resume_flow_run,
        suspend_flow_run,
    )
    from lictor.sdk.runner import aserve, serve
    from lictor.sdk.runner_deployment import deploy
    from lictor.sdk.task import Task, task

_HOMES = {
    "Cancelled": "lictor.engine.states",
    "Completed": "lictor.engine.states",
    "Crashed": "lictor.engine.states",
    "Failed": "lictor.engine.states",
    "Flow": "lictor.sdk.flow",
    "State": "lictor.engine.states",
    "Task": "lictor.sdk.task",
    "allow_failure": "lictor.engine.annotations",
    "apause_flow_run": "lictor.sdk.pausing",
    "aresume_flow_run": "lictor.sdk.pausing",
    "as_completed": "lictor.engine.futures",
    "aserve": "lictor.sdk.runner",
    "asuspend_flow_run": "lictor.sdk.pausing",
    "deploy": "lictor.sdk.runner_deployment",
    "flow": "lictor.sdk.flow",
    "get_client": "lictor.sdk.client",
    "get_run_logger": "lictor.sdk.logging",
    "pause_flow_run": "lictor.sdk.pausing",
    "quote": "lictor.engine.annotations",
    "resume_flow_run": "lictor.sdk.pausing",
    "serve": "lictor.sdk.runner",
    "suspend_flow_run": "lictor.sdk.pausing",
    "tags": "lictor.engine.context",
    "task": "lictor.sdk.task",
    "unmapped": "lictor.engine.annotations",
    "wait": "lictor.engine.futures",
}

_MODULES = frozenset(
    {
        *("client", "context", "events", "exceptions", "flow_runs", "flows", "futures", "input", "logging"),
        *("runtime", "states", "tasks"),
    }
)
"""Modules of public names."""

__all__ = [
    "Cancelled",
    "Completed",
    "Crashed",
    "Failed",
    "Flow",
    "State",
    "Task",
    "__version__",
    "allow_failure",
    "apause_flow_run",
    "aresume_flow_run",
    "as_completed",
    "aserve",
    "asuspend_flow_run",
    "deploy",
    "flow",
    "get_client",
    "get_run_logger",
    "pause_flow_run",
    "quote",
    "resume_flow_run",
    "serve",
    "suspend_flow_run",
    "tags",
    "task",
    "unmapped",
    "wait",
]


def __getattr__(name: str) -> Any:
    """Load a public name."""
    from importlib import import_module  # noqa: PLC0415  # public names load on first use

    if name in _MODULES:
        return import_module(f"lictor.{name}")
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'lictor' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(home), name)
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(__all__)
