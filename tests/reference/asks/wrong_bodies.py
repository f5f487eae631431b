"""Bodies that are wrong in one field, for every operation that takes one: made from the types of the operations."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from msgspec import inspect

from lictor.wire.operation import Operation
from lictor.wire.operations import OPERATIONS
from lictor.wire.walk import bare, shape
from tests.reference.asks.steps import NOBODY, moment
from tests.reference.telling import Step, Story

VALUES: tuple[Any, ...] = ("text", True, None, [], {})
EVENT = {"id": NOBODY, "occurred": moment(-(10**7)), "event": "e", "resource": {"prefect.resource.id": "wrong"}}
HISTORY = {"history_start": moment(-60), "history_end": moment(60), "history_interval_seconds": 60}
GOOD: dict[str, Any] = {
    "POST /flows/": {"name": "wrong bodies"},
    "PATCH /flows/{id}": {},
    "POST /flow_runs/filter": {"limit": 0},
    "POST /flow_runs/": {"flow_id": NOBODY, "state": {"type": "PENDING"}},
    "PATCH /flow_runs/{id}": {},
    "POST /task_runs/": {"flow_run_id": NOBODY, "task_key": "k", "dynamic_key": "wrong", "state": {"type": "PENDING"}},
    "POST /flow_runs/{id}/set_state": {"state": {"type": "RUNNING"}},
    "PATCH /task_runs/{id}": {},
    "POST /task_runs/{id}/set_state": {"state": {"type": "RUNNING"}},
    "POST /logs/": [{"name": "l", "level": 1, "message": "m", "timestamp": moment(0), "flow_run_id": NOBODY}],
    "POST /events": [EVENT],
    "POST /flows/filter": {"limit": 0},
    "POST /task_runs/filter": {"limit": 0},
    "POST /logs/filter": {"limit": 0},
    "POST /events/filter": {"limit": 0},
    "POST /v2/concurrency_limits/": {"name": "wrong body", "limit": 1},
    "PATCH /v2/concurrency_limits/{id_or_name}": {},
    "POST /v2/concurrency_limits/filter": {"limit": 0},
    "POST /v2/concurrency_limits/increment": {"slots": 1, "names": ["wrong bodies"]},
    "POST /v2/concurrency_limits/decrement": {"slots": 1, "names": ["wrong bodies"]},
    "POST /v2/concurrency_limits/increment-with-lease": {"slots": 1, "names": ["wrong bodies"]},
    "POST /v2/concurrency_limits/decrement-with-lease": {"lease_id": NOBODY},
    "POST /concurrency_limits/": {"tag": "wrong bodies", "concurrency_limit": 1},
    "POST /concurrency_limits/filter": {"limit": 0},
    "POST /concurrency_limits/tag/{tag}/reset": {},
    "POST /concurrency_limits/increment": {"names": ["wrong bodies"], "task_run_id": NOBODY},
    "POST /concurrency_limits/decrement": {"names": ["wrong bodies"], "task_run_id": NOBODY},
    "POST /v2/concurrency_limits/leases/{lease_id}/renew": {"lease_duration": 60},
    "POST /block_types/": {"name": "wrong", "slug": "wrong"},
    "PATCH /block_types/{id}": {},
    "POST /block_types/filter": {"limit": 0},
    "POST /block_schemas/": {"block_type_id": NOBODY},
    "POST /block_schemas/filter": {"limit": 0},
    "POST /block_documents/": {"name": "wrong", "block_schema_id": NOBODY, "block_type_id": NOBODY},
    "PATCH /block_documents/{id}": {},
    "POST /block_documents/filter": {"limit": 0},
    "POST /block_documents/count": {},
    "POST /deployments/{id}/schedule": {"min_runs": 1},
    "POST /deployments/": {"name": "wrong bodies", "flow_id": NOBODY},
    "PATCH /deployments/{id}": {},
    "POST /deployments/filter": {"limit": 0},
    "POST /deployments/paginate": {"limit": 1},
    "POST /deployments/count": {},
    "POST /deployments/bulk_delete": {"deployments": {"id": {"any_": [NOBODY]}}},
    "POST /deployments/get_scheduled_flow_runs": {"deployment_ids": [NOBODY]},
    "POST /deployments/{id}/create_flow_run": {},
    "POST /deployments/{id}/create_flow_run/bulk": [{}],
    "POST /deployments/{id}/schedules": [{"schedule": {"interval": 3600}}],
    "PATCH /deployments/{id}/schedules/{schedule_id}": {},
    "POST /flows/count": {},
    "POST /flows/paginate": {"limit": 1},
    "POST /flows/bulk_delete": {"flows": {"id": {"any_": [NOBODY]}}},
    "POST /flow_runs/count": {},
    "POST /flow_runs/paginate": {"limit": 1, "flow_runs": {"id": {"any_": [NOBODY]}}},
    "POST /flow_runs/bulk_delete": {"flow_runs": {"id": {"any_": [NOBODY]}}},
    "POST /flow_runs/bulk_set_state": {"flow_runs": {"id": {"any_": [NOBODY]}}, "state": {"type": "RUNNING"}},
    "PATCH /flow_runs/{id}/labels": {"a": 1},
    "POST /flow_runs/history": HISTORY,
    "POST /flow_runs/lateness": {},
    "POST /flow_runs/{id}/resume": {},
    "POST /flow_runs/{id}/input": {"key": "k", "value": "v"},
    "POST /flow_runs/{id}/input/filter": {"prefix": "k"},
    "POST /task_runs/count": {},
    "POST /task_runs/paginate": {"limit": 1},
    "POST /task_runs/history": HISTORY,
    "POST /events/count-by/{countable}": {"filter": {"occurred": {"since": moment(-60), "until": moment(60)}}},
    "POST /ui/flows/count-deployments": {"flow_ids": [NOBODY]},
    "POST /ui/flows/next-runs": {"flow_ids": [NOBODY]},
    "POST /ui/flow_runs/history": {"limit": 0},
    "POST /ui/flow_runs/count-task-runs": {"flow_run_ids": [NOBODY]},
    "POST /ui/task_runs/dashboard/counts": {"task_runs": {"start_time": {"after_": moment(-3600)}}},
    "POST /ui/task_runs/count": {},
    "POST /artifacts/": {},
    "PATCH /artifacts/{id}": {},
    "POST /artifacts/filter": {"limit": 0},
    "POST /artifacts/count": {},
    "POST /artifacts/latest/filter": {"limit": 0},
    "POST /artifacts/latest/count": {},
    "POST /task_workers/filter": {},
    "POST /variables/": {"name": "wrong-bodies", "value": 1},
    "PATCH /variables/{id}": {},
    "PATCH /variables/name/{name}": {},
    "POST /variables/filter": {"limit": 0},
    "POST /variables/count": {},
    "PUT /saved_searches/": {"name": "wrong bodies"},
    "POST /saved_searches/filter": {"limit": 0},
    "POST /work_pools/": {"name": "prefect wrong bodies"},
    "PATCH /work_pools/{name}": {},
    "POST /work_pools/filter": {"limit": 0},
    "POST /work_pools/count": {},
    "POST /work_pools/{name}/concurrency_status": {},
    "POST /work_pools/{name}/get_scheduled_flow_runs": {},
    "POST /work_pools/{work_pool_name}/queues": {"name": "wrong bodies"},
    "PATCH /work_pools/{work_pool_name}/queues/{name}": {},
    "POST /work_pools/{work_pool_name}/queues/filter": {},
    "POST /work_pools/{work_pool_name}/workers/heartbeat": {"name": "wrong bodies"},
    "POST /work_pools/{work_pool_name}/workers/filter": {},
    "POST /work_queues/": {"name": "wrong bodies"},
    "PATCH /work_queues/{id}": {},
    "POST /work_queues/filter": {"limit": 0},
    "POST /work_queues/{id}/get_runs": {},
    "POST /work_queues/{id}/concurrency_status": {},
    "POST /ui/schemas/validate": {"schema": {"type": "object"}, "values": {"a": 1}},
    "POST /templates/validate": "text",
    "POST /automations/templates/validate": "text",
}
"""A good body of operations whose fields are then made wrong, one at a time."""

FAULTY = "empirical_policy"
"""The field for which the reference answers 500 to what is no object, and after one mistake tells of others."""

Place = tuple[str | int, ...]


def places(info: inspect.Type, place: Place) -> Iterator[Place]:
    """Yield the place of every field of a body, at every level."""
    info = bare(info)
    if isinstance(info, inspect.UnionType):
        for kind in info.types:
            yield from places(kind, place)
    elif isinstance(info, inspect.ListType):
        yield from places(info.item_type, (*place, 0))
    elif isinstance(info, inspect.StructType):
        for part in info.fields:
            yield (*place, part.encode_name)
            yield from places(part.type, (*place, part.encode_name))


def with_value(body: Any, place: Place, value: Any) -> Any:
    """Return a body with a value at a place, and objects and lists on the way to it."""
    if not place:
        return value
    key, *rest = place
    if isinstance(key, int):
        items = copy.deepcopy(body) if isinstance(body, list) and body else [{}]
        return [with_value(items[0], tuple(rest), value), *items[1:]]
    whole = dict(body) if isinstance(body, dict) else {}
    return {**whole, key: with_value(whole.get(key), tuple(rest), value)}


def wrong(operation: Operation[Any, Any]) -> Story:
    """Return requests with each wrong value in each field of a body, with a field that nobody knows, and without any."""
    good = GOOD[repr(operation)]
    ids = dict.fromkeys(("id_or_name", "id", "lease_id", "schedule_id"), NOBODY)
    path = operation.path.format(**ids, tag="none", countable="day", name="none", work_pool_name="none")
    kind: Any = operation.body
    deep, bodies = repr(operation).partition("/")[2], []
    for place in dict.fromkeys(places(shape(kind), ())):
        if is_of_another(place, deep) or place[0] == FAULTY:
            continue
        bodies += [with_value(good, place, value) for value in VALUES]
    bodies += [with_value(good, (*first(good), "unknown"), 1), [], {}, 3, "text", None, [[]], [{}]]
    sent = {str(body): body for body in bodies if not is_avoided(operation, body)}.values()
    return [Step(operation.method, path, body, only_refusals=True) for body in sent]


def is_avoided(operation: Operation[Any, Any], body: Any) -> bool:
    """Tell whether a body is not sent.

    The reference answers 500 to those that ask for runs in a state it cannot read, and for resuming a run that is none;
    and a change of all that there is would reach what other tests made.
    """
    if repr(operation) == "POST /flow_runs/filter":
        return body is None or (isinstance(body, dict) and body.get("limit") is None)
    if "/bulk_" in operation.path or repr(operation) == "POST /flow_runs/paginate":
        return body is None or (isinstance(body, dict) and not body.get(operation.path.split("/")[1]))
    if repr(operation) == "POST /flow_runs/{id}/resume":
        return body is None or (isinstance(body, dict) and not isinstance(body.get("run_input"), str | bool | list))
    return False


def first(good: Any) -> Place:
    return (0,) if isinstance(good, list) else ()


def is_of_another(place: Place, path: str) -> bool:
    """Tell whether a field belongs to a filter that another operation's story looks at: that of its resource's list."""
    own = path.partition("/")[0]
    if len(place) == 1 or place[0] not in FILTERS:
        return False
    return not path.endswith("/filter") or (place[0] not in (own, "filter") and own != "logs")


FILTERS = frozenset(
    {
        "flows",
        "flow_runs",
        "task_runs",
        "deployments",
        "work_pools",
        "work_pool_queues",
        "work_queues",
        "logs",
        "filter",
    }
)
"""The fields that are filters."""

STORIES: dict[str, Story] = {repr(operation): wrong(operation) for operation in OPERATIONS if repr(operation) in GOOD}
