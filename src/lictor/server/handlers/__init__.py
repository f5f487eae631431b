"""One module a resource: each handler answers one operation and knows nothing of ASGI."""

from lictor.server.handlers import admin, concurrency_limit, event, flow, flow_run, log, state, task_run

__all__ = ["admin", "concurrency_limit", "event", "flow", "flow_run", "log", "state", "task_run"]
