"""Artifacts on both databases: what cannot be seen from one answer alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

from tests.server.conftest import Api


def latest(api: Api, key: str) -> Any:
    found = api("POST", "/artifacts/latest/filter", {"artifacts": {"key": {"any_": [key]}}})[1]
    return found[0]["latest_id"] if found else None


def of_key(api: Api, key: str) -> list[str]:
    body = {"artifacts": {"key": {"any_": [key]}}, "sort": "CREATED_DESC"}
    return [each["id"] for each in api("POST", "/artifacts/filter", body)[1]]


def test_a_key_has_one_latest_whoever_makes_and_deletes_at_once(api: Api) -> None:
    key = f"at-once-{uuid4()}"

    def make(number: int) -> str:
        status, made = api("POST", "/artifacts/", {"key": key, "data": number})
        assert status == 201
        if number % 2:
            assert api("DELETE", f"/artifacts/{made['id']}")[0] == 204
        return str(made["id"])

    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(make, range(24)))
    left = of_key(api, key)
    assert set(left) == set(made[::2])
    assert latest(api, key) in left
    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(lambda each: api("DELETE", f"/artifacts/{each}")[0], left)) == {204}
    assert latest(api, key) is None
    assert api("GET", f"/artifacts/{key}/latest")[0] == 404


def test_the_artifacts_of_a_key_are_told_as_events(api: Api) -> None:
    key, run_id = f"told-{uuid4()}", api.flow_run()
    first = api("POST", "/artifacts/", {"key": key, "type": "table", "flow_run_id": run_id})[1]["id"]
    second = api("POST", "/artifacts/", {"key": key, "data": {"a": 1}})[1]["id"]
    collection = api("GET", f"/artifacts/{key}/latest")[1]["id"]
    api("DELETE", f"/artifacts/{second}")
    api("DELETE", f"/artifacts/{first}")
    sought = {"resource": {"id": [f"prefect.artifact-collection.{collection}"]}, "order": "ASC"}
    events = api("POST", "/events/filter", {"filter": sought})[1]["events"]
    assert [each["event"].rpartition(".")[2] for each in events] == ["created", "updated", "updated", "deleted"]
    named = [[each["prefect.resource.id"] for each in one["related"]] for one in events]
    of_first = [f"prefect.artifact.{first}", f"prefect.flow-run.{run_id}"]
    assert named == [of_first, [f"prefect.artifact.{second}"], of_first, of_first]
    assert events[1]["payload"] == {"key": key, "type": None, "data": {"a": 1}, "description": None}
