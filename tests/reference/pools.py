"""Keeps work pools and queues with the client of an SDK: `python pools.py SDK`, and prints what it answered."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from importlib import import_module
from typing import Any

SDK = sys.argv[1]
actions, filters = import_module(f"{SDK}.client.schemas.actions"), import_module(f"{SDK}.client.schemas.filters")
exceptions = import_module(f"{SDK}.exceptions")
get_client = import_module(f"{SDK}.client.orchestration").get_client
POOL = f"pool-{SDK}"
TEMPLATE = {
    "job_configuration": {"a": "{{ a }}"},
    "variables": {"type": "object", "properties": {"a": {"type": "string"}}},
}
OWN = {"id", "created", "updated", "default_queue_id", "work_pool_id", "last_heartbeat_time", "last_polled"}
said: list[Any] = []


def tell(found: Any) -> None:
    """Note what was answered, without what differs from one telling to the next."""
    if isinstance(found, list):
        said.append([plain(each) for each in found])
    else:
        said.append(plain(found))


def plain(found: Any) -> Any:
    """Return the fields of an object."""
    if found is None or isinstance(found, str | int):
        return found
    fields = found.model_dump(mode="json")
    return {name: value for name, value in sorted(fields.items()) if name not in OWN}


with get_client(sync_client=True) as client:
    tell(client.create_work_pool(actions.WorkPoolCreate(name=POOL, type="process", base_job_template=TEMPLATE)))
    with suppress(exceptions.ObjectAlreadyExists):
        client.create_work_pool(actions.WorkPoolCreate(name=POOL, type="process"))
        said.append("made twice")
    client.update_work_pool(POOL, actions.WorkPoolUpdate(concurrency_limit=3, description="mine"))
    tell(client.read_work_pool(POOL))
    tell(client.read_work_pools(work_pool_filter=filters.WorkPoolFilter(name=filters.WorkPoolFilterName(any_=[POOL]))))
    made = client.create_work_queue("urgent", priority=1, work_pool_name=POOL)
    tell(made)
    client.update_work_queue(made.id, concurrency_limit=2, is_paused=True)
    tell(client.read_work_queue(made.id))
    tell(client.read_work_queue_by_name("urgent", work_pool_name=POOL))
    tell(client.read_work_queues(work_pool_name=POOL))
    tell(client.match_work_queues(["urg"], work_pool_name=POOL))
    tell(client.read_work_queue_status(made.id))
    client.send_worker_heartbeat(POOL, "worker", heartbeat_interval_seconds=30)
    tell(client.read_workers_for_work_pool(POOL))
    tell(client.read_work_pool(POOL))
    tell(client.get_scheduled_flow_runs_for_work_pool(POOL))
    tell(client.get_runs_in_work_queue(made.id))
    status = client.read_work_pool_concurrency_status(POOL)
    said.append([status.active_slots, status.concurrency_limit, [queue.queue_name for queue in status.queues]])
    said.append(client.read_work_queue_concurrency_status(made.id).active_slots)
    client.delete_work_queue_by_id(made.id)
    with suppress(exceptions.ObjectNotFound):
        client.read_work_queue(made.id)
        said.append("there still")
    client.delete_work_pool(POOL)
    with suppress(exceptions.ObjectNotFound):
        client.read_work_pool(POOL)
        said.append("there still")

print(json.dumps(said).replace(POOL, "pool"))
