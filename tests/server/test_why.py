"""Why a flow run does not run, through the API: what is known of it is read from where it stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.server.conftest import Api


def why(api: Api, run_id: str) -> tuple[list[str], Any]:
    status, found = api("GET", f"/flow_runs/{run_id}/why")
    assert status == 200
    assert found["flow_run_id"] == run_id
    assert all(cause["message"] in found["answer"] for cause in found["causes"])
    return [cause["kind"] for cause in found["causes"]], found


def pooled(api: Api, **fields: Any) -> tuple[str, str]:
    """Make a work pool and a run in it that is due."""
    pool = f"pool-{uuid4()}"
    assert api("POST", "/work_pools/", {"name": pool, "type": "process", **fields})[0] == 201
    return pool, api.flow_run("SCHEDULED", work_pool_name=pool)


def test_a_run_of_no_pool(api: Api) -> None:
    run_id = api.flow_run("SCHEDULED")
    assert why(api, run_id)[0] == ["no_work_pool"]
    api("POST", f"/flow_runs/{run_id}/set_state", {"state": {"type": "RUNNING"}, "force": True})
    assert why(api, run_id)[0] == ["running"]
    api("POST", f"/flow_runs/{run_id}/set_state", {"state": {"type": "COMPLETED"}, "force": True})
    assert why(api, run_id)[0] == ["ended"]
    assert api("GET", f"/flow_runs/{uuid4()}/why")[0] == 404


def test_a_run_whose_time_has_not_come(api: Api) -> None:
    due = (datetime.now(UTC) + timedelta(hours=3, minutes=1)).isoformat()
    body = {"flow_id": api.flow(), "state": {"type": "SCHEDULED", "state_details": {"scheduled_time": due}}}
    kinds, found = why(api, api("POST", "/flow_runs/", body)[1]["id"])
    assert kinds == ["scheduled"]
    assert "in 3 hours" in found["answer"]


def test_a_run_that_waits_for_a_worker(api: Api) -> None:
    pool, run_id = pooled(api)
    kinds, found = why(api, run_id)
    assert kinds == ["no_worker"]
    assert found["causes"][0]["work_pool"] == pool
    api("POST", f"/work_pools/{pool}/workers/heartbeat", {"name": "a worker"})
    assert why(api, run_id)[0] == ["nobody_asks"]
    api("PATCH", f"/work_pools/{pool}/queues/default", {"is_paused": True})
    assert why(api, run_id)[0] == ["work_queue_paused"]
    api("PATCH", f"/work_pools/{pool}", {"is_paused": True})
    assert why(api, run_id)[0] == ["work_pool_paused", "work_queue_paused"]
    api("PATCH", f"/work_pools/{pool}", {"is_paused": False, "concurrency_limit": 0})
    kinds, found = why(api, run_id)
    assert kinds == ["work_pool_full", "work_queue_paused"]
    assert (found["causes"][0]["slots"], found["causes"][0]["taken"]) == (0, 0)


def test_a_run_that_waits_for_a_slot(api: Api) -> None:
    name, holder, run_id = f"limit-{uuid4()}", str(uuid4()), api.flow_run("RUNNING")
    api("POST", "/v2/concurrency_limits/", {"name": name, "limit": 1})
    for one in (holder, run_id):
        body = {"names": [name], "slots": 1, "holder": {"type": "flow_run", "id": one}}
        api("POST", "/v2/concurrency_limits/increment-with-lease", body, headers={"Prefer": "wait=0"})
    kinds, found = why(api, run_id)
    assert kinds == ["concurrency_limit", "running"]
    assert found["causes"][0]["limit"] == name
    assert [slot["holder"]["id"] for slot in found["causes"][0]["holders"]] == [holder]
    assert holder in found["answer"]


def test_a_run_of_a_deployment_that_is_paused(api: Api) -> None:
    body = {"name": f"deployment-{uuid4()}", "flow_id": api.flow(), "paused": True, "concurrency_limit": 1}
    status, made = api("POST", "/deployments/", body)
    assert status == 201
    run_id = api.flow_run("SCHEDULED", deployment_id=made["id"])
    assert why(api, run_id)[0] == ["no_work_pool", "deployment_paused"]
    api("POST", "/deployments/get_scheduled_flow_runs", {"deployment_ids": [made["id"]]})
    assert why(api, run_id)[0] == ["handed_out_next", "deployment_paused"]
    api("PATCH", f"/v2/concurrency_limits/deployment:{made['id']}", {"active_slots": 1})
    assert why(api, run_id)[0] == ["concurrency_limit", "deployment_paused"]


def test_a_run_whose_deployment_is_full(api: Api) -> None:
    deployment = str(uuid4())
    api("POST", "/v2/concurrency_limits/", {"name": f"deployment:{deployment}", "limit": 1, "active_slots": 1})
    found = why(api, api.flow_run("SCHEDULED", deployment_id=deployment))
    assert found[0][0] == "concurrency_limit"
    assert found[1]["causes"][0]["limit"] == f"deployment:{deployment}"
