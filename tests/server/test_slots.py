"""Limits of tags, and the cache, through the API."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.server.conftest import Api

NOT_HELD = {"Prefer": "wait=0"}
RUNNING, PENDING, COMPLETED = ({"type": kind} for kind in ("RUNNING", "PENDING", "COMPLETED"))


def tag_of(api: Api, limit: int) -> str:
    tag = f"tag-{uuid4()}"
    assert api("POST", "/concurrency_limits/", {"tag": tag, "concurrency_limit": limit})[0] == 201
    return tag


def task_run(api: Api, *tags: str, **fields: Any) -> str:
    body = {"task_key": "key", "dynamic_key": str(uuid4()), "tags": list(tags), **fields}
    run_id: str = api("POST", "/task_runs/", body)[1]["id"]
    return run_id


def propose(api: Api, run_id: str, state: dict[str, Any], force: bool = False) -> Any:
    return api("POST", f"/task_runs/{run_id}/set_state", {"state": state, "force": force})[1]


def holders(api: Api, tag: str) -> list[str]:
    found: list[str] = api("GET", f"/concurrency_limits/tag/{tag}")[1]["active_slots"]
    return found


def test_a_limit_is_made_changed_read_and_removed(api: Api) -> None:
    tag = tag_of(api, 2)
    status, limit = api("POST", "/concurrency_limits/", {"tag": tag, "concurrency_limit": 1})
    assert (status, limit["concurrency_limit"], limit["active_slots"]) == (200, 1, [])
    assert api("GET", f"/concurrency_limits/tag/{tag}") == (200, limit)
    assert api("GET", f"/concurrency_limits/{limit['id']}") == (200, limit)
    assert limit in api("POST", "/concurrency_limits/filter", {})[1]
    assert api("DELETE", f"/concurrency_limits/tag/{tag}") == (200, None)
    missing = (404, {"detail": "Concurrency limit not found"})
    for method, path in (
        ("DELETE", f"tag/{tag}"),
        ("GET", f"tag/{tag}"),
        ("GET", limit["id"]),
        ("DELETE", limit["id"]),
    ):
        assert api(method, f"/concurrency_limits/{path}") == missing
    assert api("POST", f"/concurrency_limits/tag/{tag}/reset", {}) == missing


@pytest.mark.parametrize(("number", "kept"), [(-1, -1), (10**40, 2**63 - 1), (-(2**63), 1 - 2**63)])
def test_any_number_may_be_a_limit(api: Api, number: int, kept: int) -> None:
    status, made = api("POST", "/concurrency_limits/", {"tag": f"tag-{uuid4()} /ü%\0", "concurrency_limit": number})
    assert (status, made["concurrency_limit"]) == (201, kept)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("", {"tag": "t", "concurrency_limit": "x"}, "concurrency_limit"),
        ("", {"tag": None, "concurrency_limit": 1}, "tag"),
        ("", {"tag": "t", "concurrency_limit": 1, "more": 1}, "more"),
        ("increment", {"names": ["t"]}, "task_run_id"),
        ("increment", {"names": "t", "task_run_id": str(uuid4())}, "names"),
        ("decrement", {"names": ["t"], "task_run_id": "x"}, "task_run_id"),
        ("filter", {"offset": -1}, "offset"),
        ("tag/t/reset", {"slot_override": ["x"]}, "slot_override"),
    ],
)
def test_what_is_no_limit_is_refused(api: Api, path: str, body: dict[str, Any], field: str) -> None:
    status, said = api("POST", f"/concurrency_limits/{path}", body)
    assert status == 422
    assert field in said["exception_detail"][0]["loc"]


def test_limits_are_listed_by_tag(api: Api) -> None:
    wanted = sorted(tag_of(api, number) for number in range(3))
    listed = [limit["tag"] for limit in api("POST", "/concurrency_limits/filter", {})[1]]
    assert listed == sorted(listed)
    assert [tag for tag in listed if tag in wanted] == wanted
    assert [
        limit["tag"] for limit in api("POST", "/concurrency_limits/filter", {"offset": 1, "limit": 1})[1]
    ] == listed[1:2]


def test_slots_are_taken_and_given_back_by_hand(api: Api) -> None:
    tag, run_id = tag_of(api, 1), str(uuid4())
    body = {"names": [tag, "no limit"], "task_run_id": run_id}
    status, taken = api("POST", "/concurrency_limits/increment", body)
    assert (status, [(limit["name"], limit["limit"]) for limit in taken]) == (200, [(tag, 1)])
    assert holders(api, tag) == [run_id]
    answer = api.http.post("/concurrency_limits/increment", json=body)
    assert (answer.status_code, float(answer.headers["retry-after"])) == (423, 10.0)
    for _ in range(2):
        status, given = api("POST", "/concurrency_limits/decrement", body)
        assert (status, [limit["name"] for limit in given]) == (200, [f"tag:{tag}"])
    assert holders(api, tag) == []


def test_a_limit_of_nothing_is_never_free(api: Api) -> None:
    tag = tag_of(api, 0)
    answer = api.http.post("/concurrency_limits/increment", json={"names": [tag], "task_run_id": str(uuid4())})
    assert answer.status_code == 423
    assert "retry-after" not in answer.headers
    told = propose(api, task_run(api, tag), RUNNING)
    assert (told["status"], told["state"]["type"]) == ("ABORT", "PENDING")


@pytest.mark.parametrize("override", [None, [], ["11111111-1111-1111-1111-111111111111"] * 2])
def test_who_holds_slots_can_be_set(api: Api, override: list[str] | None) -> None:
    tag = tag_of(api, 1)
    api("POST", "/concurrency_limits/increment", {"names": [tag], "task_run_id": str(uuid4())})
    assert api("POST", f"/concurrency_limits/tag/{tag}/reset", {"slot_override": override}) == (200, None)
    assert holders(api, tag) == list(dict.fromkeys(override or []))


def test_task_runs_wait_for_the_slots_of_their_tags(api: Api) -> None:
    tag, other = tag_of(api, 1), tag_of(api, 5)
    first, second = task_run(api, tag, other, "free"), task_run(api, tag, other)
    assert propose(api, first, RUNNING)["status"] == "ACCEPT"
    told = propose(api, second, RUNNING)
    assert (told["status"], told["details"]["delay_seconds"]) == ("WAIT", 10)
    assert (holders(api, tag), holders(api, other)) == ([first], [first])
    assert propose(api, first, RUNNING)["state"]["name"] == "Rerunning"
    assert propose(api, first, COMPLETED)["status"] == "ACCEPT"
    assert propose(api, second, RUNNING)["status"] == "ACCEPT"
    assert (holders(api, tag), holders(api, other)) == ([second], [second])
    assert api("DELETE", f"/task_runs/{second}")[0] == 204
    assert holders(api, tag) == []


def test_a_forced_task_run_takes_no_slot_and_gives_its_own_back(api: Api) -> None:
    tag = tag_of(api, 1)
    run_id = task_run(api, tag)
    propose(api, run_id, RUNNING, force=True)
    assert holders(api, tag) == []
    propose(api, run_id, COMPLETED, force=True)
    propose(api, run_id, RUNNING)
    assert holders(api, tag) == [run_id]
    propose(api, run_id, {"type": "CANCELLING"}, force=True)
    assert holders(api, tag) == [run_id]
    propose(api, run_id, PENDING, force=True)
    assert holders(api, tag) == []


def test_slots_go_with_the_flow_run(api: Api) -> None:
    tag, parent = tag_of(api, 1), api.flow_run("RUNNING")
    run_id = task_run(api, tag, flow_run_id=parent)
    propose(api, run_id, RUNNING)
    assert holders(api, tag) == [run_id]
    api("DELETE", f"/flow_runs/{parent}")
    assert holders(api, tag) == []


def cached(key: str, **details: Any) -> dict[str, Any]:
    return {"state_details": {"cache_key": key, **details}}


def test_a_task_completes_from_the_cache(api: Api) -> None:
    key = str(uuid4())
    source = task_run(api)
    data = {"type": "result", "storage_key": "x"}
    propose(api, source, {**COMPLETED, **cached(key), "data": data})
    run_id = task_run(api)
    told = propose(api, run_id, {**RUNNING, **cached(key, refresh_cache=True)})
    assert told["status"] == "ACCEPT"
    told = propose(api, run_id, {**RUNNING, **cached(key)})
    state = told["state"]
    assert (told["status"], state["type"], state["name"], state["data"]) == ("REJECT", "COMPLETED", "Cached", data)
    assert state["state_details"]["task_run_id"] == run_id
    assert api("GET", f"/task_runs/{run_id}")[1]["state_id"] == state["id"]
    api("DELETE", f"/task_runs/{source}")
    assert propose(api, task_run(api), {**RUNNING, **cached(key)})["status"] == "ACCEPT"


@pytest.mark.parametrize(
    ("expirations", "found"),
    [
        (["2000-01-01T00:00:00Z"], None),
        (["2999-01-01T00:00:00Z"], 0),
        ([None, "2000-01-01T00:00:00Z"], 0),
        (["2999-01-01T00:00:00Z", None], 1),
        ([None, "2999-01-01T00:00:00Z"], 1),
    ],
)
def test_the_newest_entry_that_lasts_counts(api: Api, expirations: list[str | None], found: int | None) -> None:
    key = str(uuid4())
    for number, expires in enumerate(expirations):
        propose(api, task_run(api), {**COMPLETED, **cached(key, cache_expiration=expires), "data": {"number": number}})
    told = propose(api, task_run(api), {**RUNNING, **cached(key)})
    assert (told["state"]["data"] and told["state"]["data"]["number"]) == found


def test_a_cache_key_that_is_too_long_is_not_kept(api: Api) -> None:
    key = "x" * 2001
    told = propose(api, task_run(api), {**COMPLETED, **cached(key)})
    assert (told["status"], told["state"]["type"]) == ("REJECT", "COMPLETED")
    assert propose(api, task_run(api), {**RUNNING, **cached(key)})["status"] == "ACCEPT"
    status, said = api("POST", "/task_runs/", {"task_key": "k", "dynamic_key": "0", "cache_key": key})
    assert (status, said["exception_detail"][0]["loc"]) == (422, ["body", "cache_key"])


def lease(api: Api, *names: str, **fields: Any) -> Any:
    return api.http.post(
        "/v2/concurrency_limits/increment-with-lease", json={"names": names, "slots": 1, **fields}, headers=NOT_HELD
    )


def test_a_lease_holds_slots_until_it_is_given_back(api: Api) -> None:
    tag, run_id = tag_of(api, 3), str(uuid4())
    taken = lease(api, f"tag:{tag}", "no limit", slots=2, holder={"type": "task_run", "id": run_id}).json()
    assert [(limit["name"], limit["limit"]) for limit in taken["limits"]] == [(f"tag:{tag}", 3)]
    assert holders(api, tag) == [run_id]
    same_holder = lease(api, f"tag:{tag}", holder={"type": "task_run", "id": run_id}).json()
    assert holders(api, tag) == [run_id]
    refused = lease(api, f"tag:{tag}")
    assert refused.status_code == 423
    assert 0 < float(refused.headers["retry-after"]) <= 3
    assert propose(api, task_run(api, tag), RUNNING)["status"] == "WAIT"
    for one in (taken, same_holder) * 2:
        assert api("POST", "/v2/concurrency_limits/decrement-with-lease", {"lease_id": one["lease_id"]}) == (204, None)
    assert holders(api, tag) == []
    assert propose(api, task_run(api, tag), RUNNING)["status"] == "ACCEPT"


def test_slots_are_taken_of_all_limits_or_of_none(api: Api) -> None:
    free, full = tag_of(api, 1), tag_of(api, 1)
    lease(api, f"tag:{full}")
    assert lease(api, f"tag:{free}", f"tag:{full}").status_code == 423
    assert lease(api, f"tag:{free}").status_code == 200


@pytest.mark.parametrize(("limit", "fields"), [(0, {}), (2, {"slots": 3}), (2, {"mode": "rate_limit"})])
def test_what_no_limit_can_give_is_refused(api: Api, limit: int, fields: dict[str, Any]) -> None:
    assert lease(api, f"tag:{tag_of(api, limit)}", **fields).status_code == 422


def test_a_lease_is_renewed_while_it_lasts(api: Api) -> None:
    path = "/v2/concurrency_limits/leases/{}/renew"
    kept, none = lease(api, f"tag:{tag_of(api, 1)}").json()["lease_id"], lease(api, "no limit").json()["lease_id"]
    for body in ({}, {"lease_duration": 86400}):
        assert api("POST", path.format(kept), body) == (204, None)
    assert api("POST", path.format(kept), {"lease_duration": 59})[0] == 422
    api("POST", "/v2/concurrency_limits/decrement-with-lease", {"lease_id": kept})
    for gone in (kept, none, str(uuid4())):
        assert api("POST", path.format(gone), {})[0] == 410
