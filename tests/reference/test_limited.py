"""A limit of a tag holds for the tasks that their clients run by themselves, whichever client it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.rules.record import Api
from tests.running import Server


@pytest.mark.parametrize(("sdk", "limit"), [("lictor", 1), ("prefect", 2)])
def test_no_more_tasks_run_at_once_than_their_tag_allows(
    sdk: str, limit: int, lictor_server: Server, run: Callable[..., Any]
) -> None:
    api, tag = Api(lictor_server.url), f"tag-{uuid4()}"
    assert api("POST", "/concurrency_limits/", {"tag": tag, "concurrency_limit": limit})[0] == 201
    done = run(sdk, lictor_server, "limited.py", tag)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {"results": list(range(6)), "most": limit}
    assert api("GET", f"/concurrency_limits/tag/{tag}")[1]["active_slots"] == []
