"""How what a filter of one resource finds bears on the rows of another."""
# ruff: noqa: S608 - statements are put together from texts of this package; what a request says travels as a parameter

from __future__ import annotations

IN_FLOW = "flow_run.flow_id in (select flow.id from flow?)"
IN_QUEUE = "flow_run.work_queue_id in (select work_queue.id from work_queue?)"
DEPLOYMENTS_OF_TASK_RUNS = (
    "(select flow_run.deployment_id from flow_run join task_run on task_run.flow_run_id = flow_run.id?)"
)
QUEUES_OF_POOLS = "(select work_queue.id from work_queue join work_pool on work_pool.id = work_queue.work_pool_id?)"
IN_POOL = f"flow_run.work_queue_id in {QUEUES_OF_POOLS}"
OF_DEPLOYMENT = "flow_run.deployment_id in (select deployment.id from deployment?)"
# (table, filter) -> whether an empty filter says nothing, and how the filter's rows (`?`) bear on the table's.
RELATIONS: dict[tuple[str, str], tuple[bool, str | None]] = {
    ("flow", "flows"): (True, None),
    ("flow", "flow_runs"): (False, "flow.id in (select flow_run.flow_id from flow_run?)"),
    ("flow", "task_runs"): (
        False,
        "flow.id in (select flow_run.flow_id from flow_run join task_run on task_run.flow_run_id = flow_run.id?)",
    ),
    ("flow", "deployments"): (False, "flow.id in (select deployment.flow_id from deployment?)"),
    ("flow", "work_pools"): (
        False,
        f"flow.id in (select deployment.flow_id from deployment where deployment.work_queue_id in {QUEUES_OF_POOLS})",
    ),
    ("artifact", "artifacts"): (True, None),
    ("artifact", "flow_runs"): (False, "artifact.flow_run_id in (select flow_run.id from flow_run?)"),
    ("artifact", "flows"): (False, f"artifact.flow_run_id in (select flow_run.id from flow_run where {IN_FLOW})"),
    ("artifact", "task_runs"): (False, "artifact.task_run_id in (select task_run.id from task_run?)"),
    ("artifact", "deployments"): (
        False,
        f"artifact.flow_run_id in (select flow_run.id from flow_run where {OF_DEPLOYMENT})",
    ),
    ("variable", "variables"): (True, None),
    ("flow_run", "flow_runs"): (True, None),
    ("flow_run", "flows"): (True, IN_FLOW),
    ("flow_run", "task_runs"): (False, "flow_run.id in (select task_run.flow_run_id from task_run?)"),
    ("flow_run", "deployments"): (False, OF_DEPLOYMENT),
    ("flow_run", "work_pools"): (False, IN_POOL),
    ("flow_run", "work_pool_queues"): (False, IN_QUEUE),
    ("block_type", "block_types"): (True, None),
    ("block_type", "block_schemas"): (False, "block_type.id in (select block_schema.block_type_id from block_schema?)"),
    ("block_schema", "block_schemas"): (True, None),
    ("block_document", "block_documents"): (True, None),
    ("block_document", "block_types"): (
        True,
        "block_document.block_type_id in (select block_type.id from block_type?)",
    ),
    ("block_document", "block_schemas"): (
        True,
        "block_document.block_schema_id in (select block_schema.id from block_schema?)",
    ),
    ("task_run", "task_runs"): (True, None),
    ("task_run", "flow_runs"): (False, "task_run.flow_run_id in (select flow_run.id from flow_run?)"),
    ("task_run", "flows"): (
        False,
        f"task_run.flow_run_id in (select flow_run.id from flow_run where {IN_FLOW})",
    ),
    ("task_run", "work_pools"): (
        False,
        f"task_run.flow_run_id in (select flow_run.id from flow_run where {IN_POOL})",
    ),
    ("task_run", "work_pool_queues"): (
        False,
        f"task_run.flow_run_id in (select flow_run.id from flow_run where {IN_QUEUE})",
    ),
    ("task_run", "deployments"): (
        False,
        f"task_run.flow_run_id in (select flow_run.id from flow_run where {OF_DEPLOYMENT})",
    ),
    ("deployment", "deployments"): (True, None),
    ("deployment", "flows"): (True, "deployment.flow_id in (select flow.id from flow?)"),
    ("deployment", "flow_runs"): (False, "deployment.id in (select flow_run.deployment_id from flow_run?)"),
    ("deployment", "task_runs"): (False, f"deployment.id in {DEPLOYMENTS_OF_TASK_RUNS}"),
    ("deployment", "work_pools"): (False, f"deployment.work_queue_id in {QUEUES_OF_POOLS}"),
    ("deployment", "work_pool_queues"): (False, "deployment.work_queue_id in (select work_queue.id from work_queue?)"),
}
