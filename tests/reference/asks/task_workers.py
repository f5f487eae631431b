"""What is asked of task workers; what is sent to them is a matter of sockets."""

from __future__ import annotations

from tests.reference.asks.steps import post
from tests.reference.telling import Story

PATH = "/task_workers/filter"

STORIES: dict[str, Story] = {
    "none is there": [
        post(PATH),
        post(PATH, {}),
        post(PATH, {"task_worker_filter": None}),
        post(PATH, {"task_worker_filter": {"task_keys": []}}),
        post(PATH, {"task_worker_filter": {"task_keys": ["a"]}}),
        post(PATH, {"task_worker_filter": {"task_keys": "a"}}),
        post(PATH, {"task_worker_filter": {}}),
    ],
}
