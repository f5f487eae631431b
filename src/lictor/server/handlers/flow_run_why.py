"""Answers why flow runs do not run."""

from __future__ import annotations

from lictor.kit.clock import now
from lictor.orchestration.why import why_not
from lictor.server.dispatch import Request, answers
from lictor.server.reply import Reply, json
from lictor.settings import table
from lictor.wire.operations import flow_run_why as operations


@answers(operations.READ)
async def read(request: Request, body: None) -> Reply:
    """Answer why a flow run does not run."""
    late_after = request.server.settings[table.SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS].total_seconds()
    return json(await request.store.read(why_not, request.parameters["id"], late_after, now()))
