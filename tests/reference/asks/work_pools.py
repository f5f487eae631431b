"""What is asked of work pools, their queues and workers, and of the runs that wait there."""

from __future__ import annotations

from typing import Any

from tests.reference.asks.blocks import refer
from tests.reference.asks.deployments import BLOCK, of_blocks
from tests.reference.asks.steps import NOBODY, NOT_IDS, delete, flow, get, moment, patch, post, propose, run
from tests.reference.telling import Step, Story

POOLS, QUEUES = "/work_pools", "/work_queues"
POOL = f"{POOLS}/$story"
TEMPLATE = {
    "job_configuration": {"command": "{{ command }}", "env": {"A": ["{{ a }} {{a}}"]}},
    "variables": {
        "type": "object",
        "properties": {"command": {"type": "string", "default": "x"}, "a": {"type": "integer"}},
        "required": ["a"],
    },
}
LATER = 10_000
"""The runs of these stories wait for a time so many seconds away, lest they become late."""

STORED = {"bundle_upload_step": {"a": 1}, "bundle_execution_step": None}


def pool(name: str = "$story", **body: Any) -> Step:
    """Make a pool."""
    return post(
        f"{POOLS}/", {"name": name, "type": "process", **body}, keep={"pool": "id", "default": "default_queue_id"}
    )


def queue(name: str, keep: str = "", **body: Any) -> Step:
    """Make a queue of the pool."""
    return post(f"{POOL}/queues", {"name": name, **body}, keep={keep or name: "id"})


def waiting(keep: str, seconds: float = -10, name: str | None = None, **body: Any) -> Step:
    """Make a scheduled run of the pool."""
    state = {"type": "SCHEDULED", "state_details": {"scheduled_time": moment(LATER + seconds)}}
    named = {} if name is None else {"work_queue_name": name}
    return run(keep, work_pool_name="$story", state=state, **named, **body)


def poll(**body: Any) -> Step:
    """Ask for work."""
    return post(f"{POOL}/get_scheduled_flow_runs", body)


def listed(**body: Any) -> Step:
    """List the queues of the pool."""
    return post(f"{POOL}/queues/filter", body)


def beat(name: str = "worker $story", **body: Any) -> Step:
    """Give a sign of life."""
    return post(f"{POOL}/workers/heartbeat", {"name": name, **body})


def template(**changed: Any) -> Step:
    """Make a pool with another template."""
    return pool("other-$story", base_job_template={**TEMPLATE, **changed})


def start(name: str) -> Step:
    """Let a run begin before its time."""
    return propose("flow_runs", name, "RUNNING", force=True)


DEFAULTS: list[Any] = [
    refer("document"),
    refer("unfit"),
    {"$ref": {"block_document_id": NOBODY}},
    {"$ref": {"block_document_id": "x"}},
    {"$ref": {"block_document_id": None}},
    {"$ref": {}},
    {"$ref": {"block_document_id": "$document", "more": 1}, "a": 1},
    {"a": refer("document")},
    {"__prefect_kind": "workspace_variable", "variable_name": "v"},
    {"a": 1},
    None,
]
"""Of a variable, some of them references to blocks."""

READ = get(POOL)

STORIES: dict[str, Story] = {
    "made and read": [
        pool(base_job_template=TEMPLATE, concurrency_limit=3, description="mine", storage_configuration=STORED),
        pool(),
        READ,
        listed(),
        get(f"{POOL}/queues/default"),
        get(f"{QUEUES}/$default"),
        get(f"{POOLS}/none-$story"),
        post(f"{POOLS}/filter", {"work_pools": {"name": {"any_": ["$story"]}}}),
        post(f"{POOLS}/filter", {"work_pools": {"id": {"any_": ["$pool"]}, "type": {"any_": ["process", "k8s"]}}}),
        post(f"{POOLS}/filter", {"work_pools": {"name": {"any_": []}}}),
        post(f"{POOLS}/count", {"work_pools": {"name": {"any_": ["$story", "none"]}}}),
        post(f"{POOLS}/count", {"work_pools": {"id": {"any_": ["$pool"]}, "type": {"any_": ["docker"]}}}),
        pool("plain-$story", type="prefect-agent"),
        patch(f"{POOLS}/plain-$story", {"is_paused": True}),
        get(f"{POOLS}/plain-$story"),
        post(f"{POOLS}/", {"name": "untyped-$story"}),
        pool("asleep-$story", is_paused=True, concurrency_limit=0),
    ],
    "names": [
        *[pool(name) for name in ("prefect-$story", "Prefect", "PREFECTS $story", "a/b", "", "a%b $story")],
        pool("a b ü $story"),
        patch(f"{POOLS}/prefect-$story", {"description": "x"}),
        patch(f"{POOLS}/prefect-$story", {"is_paused": True}),
        delete(f"{POOLS}/prefect-$story"),
        delete(f"{POOLS}/none-$story"),
        patch(f"{POOLS}/none-$story", {}),
    ],
    "wrong": [
        post(f"{POOLS}/", {}),
        pool(concurrency_limit=-1),
        pool(concurrency_limit="three"),
        pool(status="READY"),
        pool(storage_configuration={"x": 1}),
        pool(storage_configuration=None),
        pool(base_job_template=None),
        pool(base_job_template=[]),
        pool(),
        patch(POOL, {"name": "x"}),
        patch(POOL, {"concurrency_limit": -1}),
        patch(POOL, {"type": "docker"}),
        post(f"{POOLS}/filter", {"limit": 201}),
        post(f"{POOLS}/filter", {"limit": -1}),
        post(f"{POOLS}/filter", {"offset": -1}),
        post(f"{POOLS}/filter", {"work_pools": {"names": None}}),
        post(f"{POOL}/queues", {}),
        post(f"{POOL}/queues", {"name": "x/y"}),
        post(f"{POOL}/queues", {"name": "x", "priority": 0}),
        post(f"{POOL}/queues", {"name": "x", "concurrency_limit": -1}),
        post(f"{POOL}/queues", {"name": "x", "work_pool_id": NOBODY}),
        post(f"{POOLS}/none-$story/queues", {"name": "x"}),
        post(f"{POOLS}/none-$story/queues/filter", {}),
        poll(scheduled_before="soon"),
        poll(limit=201),
        poll(work_queue_names=["none"]),
        poll(work_queue_names="none"),
        post(f"{POOLS}/none-$story/get_scheduled_flow_runs", {}),
        post(f"{POOL}/workers/heartbeat", {}),
        beat(heartbeat_interval_seconds="often"),
        post(f"{POOLS}/none-$story/workers/heartbeat", {"name": "x"}),
        post(f"{POOLS}/none-$story/workers/filter", {}),
        post(f"{POOL}/workers/filter", {"workers": {"status": {"any_": ["AWAY"]}}}),
        *[
            step
            for wrong in NOT_IDS
            for step in (get(f"{QUEUES}/{wrong}"), delete(f"{QUEUES}/{wrong}"), get(f"{QUEUES}/{wrong}/status"))
        ],
        patch(f"{QUEUES}/{NOBODY}", {}),
        post(f"{QUEUES}/{NOBODY}/get_runs", {}),
        post(f"{QUEUES}/{NOBODY}/concurrency_status", {}),
        post(f"{POOLS}/none-$story/concurrency_status", {}),
        post(f"{POOL}/concurrency_status", {"page": 0}),
        post(f"{POOL}/concurrency_status", {"flow_run_limit": 201}),
    ],
    "templates": [
        template(),
        template(job_configuration={}),
        template(variables={}),
        template(job_configuration={"a": "{{ b }}"}),
        template(job_configuration={"a": "{{ prefect.blocks.x.y }}"}),
        template(variables={"type": "object", "properties": {"command": {"type": "none"}, "a": {}}}),
        template(variables={"properties": {"command": {"type": "string", "default": 1}, "a": {}}}),
        template(variables={"properties": {"command": {"type": "string", "default": None}, "a": {}}}),
        pool(),
        patch(POOL, {"base_job_template": TEMPLATE}),
        patch(POOL, {"base_job_template": {"variables": {}}}),
        patch(POOL, {"base_job_template": {}}),
        READ,
    ],
    "templates that refer to blocks": [
        *BLOCK,
        *[
            post(f"{POOLS}/", {"name": f"p{number}-$story", "type": "process", "base_job_template": of_blocks(default)})
            for number, default in enumerate(DEFAULTS)
        ],
        get(f"{POOLS}/p0-$story"),
        pool(),
        *[
            patch(POOL, {"base_job_template": of_blocks(default)})
            for default in (refer("document"), refer("unfit"), {"$ref": {"block_document_id": NOBODY}}, {"a": "x"})
        ],
        READ,
    ],
    "changed": [
        pool(),
        patch(POOL, {}),
        READ,
        patch(POOL, {"description": "new", "concurrency_limit": 2, "is_paused": True, "storage_configuration": STORED}),
        READ,
        patch(POOL, {"is_paused": False, "concurrency_limit": None, "description": None}),
        READ,
        beat(),
        READ,
        patch(POOL, {"is_paused": True}),
        READ,
        beat(heartbeat_interval_seconds=10),
        READ,
        patch(POOL, {"is_paused": False}),
        READ,
        delete(POOL),
        READ,
        get(f"{QUEUES}/$default"),
        pool(),
    ],
    "queues of a pool": [
        pool(),
        queue("a"),
        queue("b", concurrency_limit=2, description="x"),
        queue("a"),
        queue("default"),
        queue("first", priority=1),
        listed(),
        queue("late", priority=9),
        queue("next"),
        queue("third", priority=3),
        listed(),
        patch(f"{POOL}/queues/late", {"priority": 2}),
        listed(),
        patch(f"{POOL}/queues/first", {"priority": 50}),
        listed(),
        queue("fills"),
        listed(limit=2, offset=1),
        listed(work_queues={"name": {"any_": ["a", "b"]}}),
        listed(work_queues={"name": {"startswith_": ["f", "th"]}}),
        listed(work_queues={"id": {"any_": ["$a"]}}),
        listed(work_queues={"operator": "or_", "id": {"any_": ["$a"]}, "name": {"any_": ["b"]}}),
        patch(f"{POOL}/queues/a", {"name": "z"}),
        patch(f"{POOL}/queues/z", {"name": "b"}),
        get(f"{POOL}/queues/a"),
        get(f"{POOL}/queues/z"),
        patch(f"{POOL}/queues/none", {}),
        delete(f"{POOL}/queues/z"),
        delete(f"{POOL}/queues/z"),
        patch(f"{POOL}/queues/default", {"name": "renamed"}),
        READ,
        delete(f"{POOL}/queues/renamed"),
        listed(),
    ],
    "queues are paused": [
        pool(),
        queue("a"),
        patch(f"{QUEUES}/$a", {"is_paused": True}),
        get(f"{QUEUES}/$a"),
        patch(f"{QUEUES}/$a", {}),
        get(f"{QUEUES}/$a"),
        patch(f"{QUEUES}/$a", {"is_paused": False}),
        get(f"{QUEUES}/$a"),
        patch(f"{QUEUES}/$a", {"is_paused": True, "last_polled": moment(-5)}),
        patch(f"{QUEUES}/$a", {"is_paused": False}),
        get(f"{QUEUES}/$a/status"),
        patch(f"{QUEUES}/$a", {"is_paused": True, "last_polled": moment(-3600)}),
        patch(f"{QUEUES}/$a", {"is_paused": False, "concurrency_limit": 0}),
        get(f"{QUEUES}/$a"),
        get(f"{QUEUES}/$a/status"),
    ],
    "queues without a pool": [
        post(f"{QUEUES}/", {"name": "$story", "concurrency_limit": 3}, keep={"queue": "id"}, only_refusals=True),
        post(f"{QUEUES}/", {"name": "$story"}),
        get(f"{QUEUES}/name/none-$story"),
        patch(f"{QUEUES}/$queue", {"name": "new-$story", "filter": {"tags": ["a"]}}),
        get(f"{QUEUES}/name/new-$story", only_refusals=True),
        post(f"{QUEUES}/filter", {"work_queues": {"name": {"any_": ["new-$story"]}}}, only_refusals=True),
        post(f"{QUEUES}/filter", {"work_queues": {"name": {"startswith_": ["none-$story"]}}}),
        post(f"{QUEUES}/filter", {"limit": 201}),
        delete(f"{QUEUES}/$queue"),
        get(f"{QUEUES}/$queue"),
    ],
    "workers": [
        pool(),
        post(f"{POOL}/workers/filter", {}),
        beat("one"),
        beat("two", heartbeat_interval_seconds=5),
        beat("two"),
        post(f"{POOL}/workers/filter", {}),
        post(f"{POOL}/workers/filter", {"workers": {"status": {"any_": ["OFFLINE"]}}}),
        post(f"{POOL}/workers/filter", {"workers": {"status": {"not_any_": ["OFFLINE"]}}, "limit": 1}),
        post(f"{POOL}/workers/filter", {"workers": {"last_heartbeat_time": {"before_": moment(-60)}}}),
        post(f"{POOL}/workers/filter", {"workers": {"last_heartbeat_time": {"after_": moment(-60)}}, "offset": 1}),
        delete(f"{POOL}/workers/one"),
        delete(f"{POOL}/workers/one"),
        delete(f"{POOLS}/none-$story/workers/one"),
        post(f"{POOL}/workers/filter", {}),
    ],
    "runs are handed out": [
        flow(),
        pool(),
        queue("low"),
        queue("high", priority=1),
        waiting("one", -50, "low"),
        waiting("two", -10),
        waiting("three", -30),
        waiting("four", -20, "high"),
        waiting("five", 3600, "high"),
        waiting("six", -5, "none"),
        run("seven", work_pool_name="none-$story"),
        run("plain", work_queue_name="low"),
        run("begun", work_pool_name="$story"),
        get("/flow_runs/$one"),
        get("/flow_runs/$two"),
        poll(),
        poll(limit=2),
        poll(limit=0),
        poll(work_queue_names=[]),
        poll(work_queue_names=["low", "default"]),
        poll(scheduled_before=moment(LATER - 15), scheduled_after=moment(LATER - 40)),
        poll(scheduled_before=moment(LATER + 60)),
        post(f"{QUEUES}/$low/get_runs", {}),
        post(f"{QUEUES}/$low/get_runs", {"scheduled_before": moment(LATER - 100)}),
        post(f"{QUEUES}/$high/get_runs", {"limit": 1}, headers={"x-prefect-ui": "true"}),
        propose("flow_runs", "four", "PENDING"),
        poll(scheduled_before=moment(LATER + 60)),
        patch(f"{POOL}/queues/low", {"is_paused": True}),
        poll(),
        patch(POOL, {"is_paused": True}),
        poll(),
    ],
    "limits": [
        flow(),
        pool(concurrency_limit=3),
        queue("narrow", concurrency_limit=1),
        waiting("one", -50, "narrow"),
        waiting("two", -40, "narrow"),
        waiting("three", -30),
        waiting("four", -20),
        waiting("five", -10),
        poll(),
        propose("flow_runs", "one", "PENDING"),
        poll(),
        READ,
        listed(),
        get(f"{QUEUES}/$narrow"),
        start("three"),
        poll(),
        post(f"{POOL}/concurrency_status", {}),
        start("four"),
        poll(),
        READ,
        post(f"{POOL}/concurrency_status", {"page": 2, "limit": 1, "flow_run_limit": 0}),
        post(f"{POOL}/concurrency_status", {"limit": 0}),
        post(f"{QUEUES}/$narrow/concurrency_status", {}),
        start("one"),
        propose("flow_runs", "one", "CANCELLING"),
        get(f"{QUEUES}/$narrow"),
        get(f"{POOL}/queues/narrow"),
        post(f"{QUEUES}/$narrow/concurrency_status", {"limit": 1, "page": 1}),
        poll(),
        propose("flow_runs", "two", "PENDING"),
        propose("flow_runs", "five", "PENDING"),
        patch(POOL, {"concurrency_limit": 0}),
        poll(),
    ],
    "runs whose place goes": [
        flow(),
        pool(),
        queue("a"),
        waiting("one", -50, "a"),
        waiting("two", -40),
        patch(f"{POOL}/queues/a", {"name": "b"}),
        get("/flow_runs/$one"),
        poll(work_queue_names=["b"]),
        post("/flow_runs/filter", {"work_pools": {"name": {"any_": ["$story"]}}, "sort": "EXPECTED_START_TIME_ASC"}),
        post(
            "/flow_runs/count",
            {"work_pool_queues": {"name": {"any_": ["b"]}}, "work_pools": {"id": {"any_": ["$pool"]}}},
        ),
        post("/flow_runs/count", {"work_pool_queues": {"id": {"any_": ["$default"]}}}),
        post("/flow_runs/count", {"work_pools": {"type": {"any_": ["none"]}}}),
        post("/flow_runs/count", {"flows": {"id": {"any_": ["$flow"]}}, "work_pools": {}}),
        post("/flows/count", {"flows": {"id": {"any_": ["$flow"]}}, "work_pools": {"name": {"any_": ["$story"]}}}),
        delete(f"{POOL}/queues/b"),
        get("/flow_runs/$one"),
        post("/flow_runs/count", {"flows": {"id": {"any_": ["$flow"]}}, "work_pools": {}}),
        delete(POOL),
        get("/flow_runs/$two"),
        post("/flow_runs/count", {"flows": {"id": {"any_": ["$flow"]}}, "work_pools": {}}),
    ],
}
