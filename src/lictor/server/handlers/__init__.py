"""One module a resource: each handler answers one operation and knows nothing of ASGI."""

from lictor.server.handlers import (
    admin,
    concurrency_limit,
    csrf_token,
    documentation,
    event,
    flow,
    flow_run,
    flow_run_graph,
    flow_run_input,
    log,
    session,
    state,
    task_run,
    ui,
)

__all__ = [
    "admin",
    "concurrency_limit",
    "csrf_token",
    "documentation",
    "event",
    "flow",
    "flow_run",
    "flow_run_graph",
    "flow_run_input",
    "log",
    "session",
    "state",
    "task_run",
    "ui",
]
