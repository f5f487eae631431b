"""What is asked about the server itself, of concurrency limits, and of paths that are none."""

from __future__ import annotations

from tests.reference.asks.steps import NOBODY, delete, get, patch, post
from tests.reference.telling import Step, Story

LEASE = "/v2/concurrency_limits/increment-with-lease"
RETURN = "/v2/concurrency_limits/decrement-with-lease"

STORIES: dict[str, Story] = {
    "is it there": [get("/health"), get("/ready"), get("/hello"), post("/health", {}), delete("/hello")],
    "no such path": [
        get("/nowhere"),
        post("/nowhere", {}),
        get("/flows"),
        get("/flow_runs"),
        patch("/flows/filter", {}),
        get("/admin/nothing"),
        Step("PUT", "/flows/", {}),
    ],
    "its storage": [get("/admin/storage")],
    "its version": [
        get("/version", only_refusals=True),
        get("/admin/version", only_refusals=True),
        get("/admin/settings", only_refusals=True),
        get("/csrf-token?client=x"),
        get("/csrf-token"),
    ],
    "no such limits": [
        post(LEASE, {"names": ["none-$story"], "slots": 1}),
        post(LEASE, {"names": ["none-$story", "other-$story"], "slots": 2, "mode": "concurrency"}),
        post(LEASE, {"names": ["none-$story"], "slots": 1, "holder": {"type": "task_run", "id": NOBODY}}),
        post(LEASE, {"names": ["none-$story"], "slots": 1, "lease_duration": 60}),
        post(RETURN, {"lease_id": NOBODY}),
    ],
}
