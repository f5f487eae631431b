"""The table of HTTP operations, one module a resource."""

from __future__ import annotations

from typing import Any

from lictor.wire.operation import Operation
from lictor.wire.operations import (
    admin,
    artifact,
    automation,
    block_document,
    block_schema,
    block_type,
    catch_up,
    collection,
    concurrency_limit,
    csrf_token,
    deployment,
    documentation,
    event,
    flow,
    flow_run,
    flow_run_graph,
    flow_run_input,
    flow_run_state,
    flow_run_why,
    log,
    root,
    saved_search,
    session,
    task_run,
    task_run_state,
    task_worker,
    template,
    ui,
    variable,
    work_pool,
    work_queue,
    worker,
)

RESOURCES = (
    root,
    documentation,
    admin,
    csrf_token,
    session,
    flow,
    flow_run,
    flow_run_graph,
    flow_run_input,
    flow_run_state,
    flow_run_why,
    task_run,
    task_run_state,
    log,
    event,
    concurrency_limit,
    work_pool,
    work_queue,
    worker,
    task_worker,
    collection,
    template,
    variable,
    artifact,
    automation,
    saved_search,
    block_type,
    block_schema,
    block_document,
    deployment,
    catch_up,
    ui,
)

OPERATIONS: tuple[Operation[Any, Any], ...] = tuple(
    row for resource in RESOURCES for row in vars(resource).values() if isinstance(row, Operation)
)
