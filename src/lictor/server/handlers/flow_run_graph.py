"""Answers what flow runs are made of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from lictor.kit.clock import in_utc, now
from lictor.orchestration.refusal import Unacceptable
from lictor.server.dispatch import Request, answers
from lictor.server.reply import Reply, text
from lictor.settings import table
from lictor.store import flow_run_graph
from lictor.store.transaction import Transaction
from lictor.wire.operations import flow_run_graph as operations


@answers(operations.READ)
async def read(request: Request, body: None) -> Reply:
    """Answer the graph of a flow run."""
    most_artifacts = request.server.settings[table.SERVER_FLOW_RUN_GRAPH_MAX_ARTIFACTS]
    return await drawn(request, flow_run_graph.text, in_utc(request.query.since), most_artifacts)


@answers(operations.READ_DEPENDENCIES)
async def read_dependencies(request: Request, body: None) -> Reply:
    """Answer what the inputs of a flow run's task runs came from."""
    return await drawn(request, flow_run_graph.dependencies, now())


async def drawn(request: Request, read: Callable[..., Transaction[str | None]], at: datetime, *bounds: int) -> Reply:
    """Read something that may be too large, and answer it."""
    most = request.server.settings[table.SERVER_FLOW_RUN_GRAPH_MAX_NODES]
    run_id = request.parameters["id"]
    found = await request.store.read(read, run_id, at, *bounds, most)
    if found is None:
        raise Unacceptable(f"The graph of flow run {run_id} has more than {most} nodes.")
    return text(found)
