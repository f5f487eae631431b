"""Questions for runs that are held: they are answered as soon as something falls due."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.running import Server
from tests.server.conftest import Api

LONG = 10
"""As long as `server.concurrency.hold_seconds` lets a request be held."""


class Asker:
    """A deployment in a pool of its own, and who asks for its runs: of the pool, or of the deployment."""

    def __init__(self, api: Api, kind: str) -> None:
        self.api, self.kind, self.pool = api, kind, f"pool-{uuid4()}"
        assert api("POST", "/work_pools/", {"name": self.pool, "type": "process"})[0] == 201
        body = {"name": str(uuid4()), "flow_id": api.flow(), "work_pool_name": self.pool}
        self.deployment: str = api("POST", "/deployments/", body)[1]["id"]

    def ask(self, prefer: str = "", ahead: float = 0.0) -> list[str]:
        """Ask for what is due within some seconds; return the ids of the runs."""
        path = "/deployments/get_scheduled_flow_runs"
        body: dict[str, Any] = {"scheduled_before": (datetime.now(UTC) + timedelta(seconds=ahead)).isoformat()}
        if self.kind == "pool":
            path = f"/work_pools/{self.pool}/get_scheduled_flow_runs"
        else:
            body["deployment_ids"] = [self.deployment]
        with httpx.Client(base_url=self.api.server.url, timeout=60) as client:
            answer = client.post(path, json=body, headers={"Prefer": prefer} if prefer else {})
        assert answer.status_code == 200
        return [each.get("flow_run", each)["id"] for each in answer.json()]

    def run(self, seconds: float = 0.0) -> str:
        """Make a run that is due in some seconds."""
        due = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()
        body = {"state": {"type": "SCHEDULED", "state_details": {"scheduled_time": due}}}
        run: str = self.api("POST", f"/deployments/{self.deployment}/create_flow_run", body)[1]["id"]
        return run


@pytest.fixture(params=["pool", "deployment"])
def asker(request: pytest.FixtureRequest, api: Api) -> Asker:
    return Asker(api, request.param)


def test_a_question_is_answered_when_a_run_is_made(asker: Asker) -> None:
    with ThreadPoolExecutor() as threads:
        asked = threads.submit(asker.ask, f"wait={LONG}", LONG)
        while not asker.api("GET", f"/deployments/{asker.deployment}")[1]["last_polled"]:
            time.sleep(0.01)
        run = asker.run()
        assert asked.result(60) == [run]


def test_a_question_is_answered_when_a_run_falls_due(asker: Asker) -> None:
    began = time.monotonic()
    run = asker.run(3)
    assert asker.ask() == []
    assert asker.ask(f"wait={LONG}") == [run]
    assert time.monotonic() - began >= 2.5, "it was not due before"


def test_a_question_that_nothing_answers_ends(asker: Asker) -> None:
    began = time.monotonic()
    assert asker.ask("wait=0.5") == []
    assert time.monotonic() - began >= 0.5


def test_who_does_not_prefer_to_wait_is_answered_at_once(asker: Asker) -> None:
    assert asker.ask() == []
    run = asker.run()
    assert asker.ask() == asker.ask(f"wait={LONG}") == [run]


def test_a_client_that_goes_away_is_waited_for_no_more(api: Api) -> None:
    asker = Asker(api, "pool")
    path = f"{api.server.url}/work_pools/{asker.pool}/get_scheduled_flow_runs"
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(path, json={}, headers={"Prefer": f"wait={LONG}"}, timeout=0.3)
    run = asker.run()
    assert asker.ask() == [run]


def test_held_questions_leave_places_for_other_requests() -> None:
    most = 4
    with Server(PREFECT_SERVER_LIMITS_REQUESTS=str(most)) as server, ThreadPoolExecutor(most) as threads:
        api = Api(server)
        asker = Asker(api, "pool")
        path, slots = "/v2/concurrency_limits", {"names": ["one"], "slots": 1}
        assert api("POST", f"{path}/", {"name": "one", "limit": 1})[0] == 201
        assert api("POST", f"{path}/increment-with-lease", {**slots, "lease_duration": 600})[0] == 200
        wait = {"Prefer": f"wait={LONG}"}
        with httpx.Client(base_url=server.url, timeout=60, headers=wait) as client:
            path, began = f"{path}/increment-with-lease", time.monotonic()
            held = [threads.submit(client.post, path, json=slots) for _ in range(most // 2)]
            while len(api("GET", "/v2/concurrency_limits/one/holders")[1]["waiting"]) < len(held):
                time.sleep(0.01)
            assert asker.ask(f"wait={LONG}") == []
            assert time.monotonic() - began < LONG / 2, "half of the places are taken: it is answered at once"
            assert [each.result().status_code for each in held] == [423, 423]
