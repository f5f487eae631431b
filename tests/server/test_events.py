"""Events in and out, and the task runs that they tell of."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.server.conftest import Api

Event = dict[str, Any]


@contextmanager
def socket(api: Api, path: str) -> Iterator[ClientConnection]:
    address = f"ws://127.0.0.1:{api.server.port}/api{path}"
    with connect(address, subprotocols=[Subprotocol("prefect")], proxy=None) as connection:
        connection.send('{"type":"auth","token":null}')
        assert json.loads(connection.recv(timeout=60)) == {"type": "auth_success"}
        yield connection


def event(name: str = "test.happened", thing: str = "test.thing", **fields: Any) -> Event:
    return {
        "id": str(uuid4()),
        "occurred": datetime.now(UTC).isoformat(),
        "event": name,
        "resource": {"prefect.resource.id": thing},
        **fields,
    }


def task_run_events(flow_run_id: str, states: tuple[str, ...] = ("PENDING", "RUNNING", "COMPLETED")) -> list[Event]:
    """The events of a task run that goes through states, a second each."""
    run_id, begun = str(uuid4()), datetime.now(UTC) - timedelta(minutes=1)
    run: dict[str, Any] = {"name": "a-task", "task_key": "key", "dynamic_key": run_id, "tags": ["etl"], "run_count": 0}
    told = []
    for second, state in enumerate(states):
        if state == "RUNNING":
            run = {**run, "run_count": run["run_count"] + 1, "start_time": (begun + timedelta(seconds=1)).isoformat()}
        resource = {"prefect.resource.id": f"prefect.task-run.{run_id}", "prefect.orchestration": "client"}
        related = [{"prefect.resource.id": f"prefect.flow-run.{flow_run_id}", "prefect.resource.role": "flow-run"}]
        validated: dict[str, Any] = {
            "type": state,
            "name": state.capitalize(),
            "message": "",
            "state_details": {},
            "data": None,
        }
        told.append(
            event(
                f"prefect.task-run.{state.capitalize()}",
                occurred=(begun + timedelta(seconds=second)).isoformat(),
                resource=resource,
                related=related,
                payload={"validated_state": validated, "task_run": run},
            )
        )
    return told


def post(api: Api, events: list[Event]) -> None:
    assert api("POST", "/events", events) == (204, None)


def send(api: Api, events: list[Event]) -> None:
    """Send events over a socket and wait until those that are right are stored: a subscriber sees them."""
    expected = {one["id"] for one in events if one["resource"]["prefect.resource.id"]}
    until = (datetime.now(UTC) + timedelta(days=365)).isoformat()
    wanted = {"id": {"id": sorted(expected)}, "occurred": {"until": until}}
    with socket(api, "/events/out") as subscriber, socket(api, "/events/in") as connection:
        subscriber.send(json.dumps({"type": "filter", "filter": wanted}))
        for one in events:
            connection.send(json.dumps(one))
        while expected:
            expected.discard(json.loads(subscriber.recv(timeout=60))["event"]["id"])


def run_of(events: list[Event]) -> str:
    run_id: str = events[0]["resource"]["prefect.resource.id"].removeprefix("prefect.task-run.")
    return run_id


@pytest.mark.parametrize("way", [post, send])
def test_a_task_run_is_known_from_its_events_in_any_order(api: Api, way: Callable[[Api, list[Event]], None]) -> None:
    flow_run_id = api.flow_run("RUNNING")
    for seed in range(6):
        events = task_run_events(flow_run_id)
        told = [*events, events[seed % 3]]
        random.Random(seed).shuffle(told)
        way(api, told)
        run = api("GET", f"/task_runs/{run_of(events)}")[1]
        assert (run["state_type"], run["state_name"], run["run_count"]) == ("COMPLETED", "Completed", 1)
        assert (run["flow_run_id"], run["tags"], run["name"]) == (flow_run_id, ["etl"], "a-task")
        assert run["state_id"] == run["state"]["id"] == events[-1]["id"]
        assert run["state"]["state_details"]["task_run_id"] == run["id"]
        states = api("GET", f"/task_run_states/?task_run_id={run['id']}")[1]
        assert [state["id"] for state in states] == [one["id"] for one in events]


def test_an_event_is_stored_once(api: Api) -> None:
    one = event()
    post(api, [one, one])
    post(api, [one])
    page = api("POST", "/events/filter", {"filter": {"id": {"id": [one["id"]]}}})[1]
    assert page["total"] == 1
    assert page["events"][0]["payload"] == {}
    assert page["events"][0]["received"] >= page["events"][0]["occurred"]


WRONG: dict[str, tuple[dict[str, Any], list[str | int]]] = {
    "an empty resource id": ({"resource": {"prefect.resource.id": ""}}, ["body", 0]),
    "no resource id": ({"resource": {"a": "b"}}, ["body", 0]),
    "related without a role": ({"related": [{"prefect.resource.id": "x"}]}, ["body", 0]),
    "a long name": ({"event": "x" * 1025}, ["body", 0]),
    "too many related": (
        {"related": [{"prefect.resource.id": "x", "prefect.resource.role": "y"}] * 101},
        ["body", 0],
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_event_is_refused(api: Api, case: str) -> None:
    fields, place = WRONG[case]
    status, content = api("POST", "/events", [{**event(), **fields}])
    assert status == 422
    assert content["exception_detail"][0]["loc"][:2] == place


def test_a_wrong_event_in_a_socket_does_not_take_the_others_along(api: Api) -> None:
    good, bad = event(), event(thing="")
    send(api, [bad, good])
    found = api("POST", "/events/filter", {"filter": {"id": {"id": [good["id"], bad["id"]]}}})[1]
    assert [one["id"] for one in found["events"]] == [good["id"]]


def test_a_task_run_event_that_tells_no_task_run_is_an_event_all_the_same(api: Api) -> None:
    broken = task_run_events(str(uuid4()))[0]
    broken["payload"] = {"task_run": "none"}
    post(api, [broken])
    assert api("POST", "/events/filter", {"filter": {"id": {"id": [broken["id"]]}}})[1]["total"] == 1
    assert api("GET", f"/task_runs/{run_of([broken])}")[0] == 404


def test_pages_of_events_follow_each_other(api: Api) -> None:
    name = f"paged.{uuid4()}"
    events = [event(name, occurred=f"2026-11-25T10:00:{second:02}Z") for second in range(25)]
    post(api, events)
    wanted = {"occurred": {"since": "2026-11-25T00:00:00Z"}, "event": {"name": [name]}, "order": "ASC"}
    page = api("POST", "/events/filter", {"filter": wanted, "limit": 10})[1]
    seen = [one["id"] for one in page["events"]]
    while page["next_page"] is not None:
        assert page["total"] == 25
        page = api("GET", page["next_page"])[1]
        seen += [one["id"] for one in page["events"]]
    assert seen == [one["id"] for one in events]


def test_a_subscriber_gets_what_was_of_late_and_what_comes(api: Api) -> None:
    name = f"streamed.{uuid4()}"
    before, after, other = event(name), event(name), event("other")
    post(api, [before])
    until = (datetime.now(UTC) + timedelta(days=365)).isoformat()
    wanted = {"event": {"name": [name]}, "occurred": {"until": until}}
    with socket(api, "/events/out") as connection:
        connection.send(json.dumps({"type": "filter", "filter": wanted}))
        first = json.loads(connection.recv(timeout=60))
        assert (first["type"], first["event"]["id"]) == ("event", before["id"])
        post(api, [other, after])
        assert json.loads(connection.recv(timeout=60))["event"]["id"] == after["id"]


def test_a_subscriber_without_backfill_gets_what_comes(api: Api) -> None:
    name = f"streamed.{uuid4()}"
    post(api, [event(name)])
    after = event(name)
    until = (datetime.now(UTC) + timedelta(days=365)).isoformat()
    wanted = {"event": {"name": [name]}, "occurred": {"until": until}}
    with socket(api, "/events/out") as connection:
        connection.send(json.dumps({"type": "filter", "filter": wanted, "backfill": False}))
        connection.ping().wait(10)
        post(api, [after])
        assert json.loads(connection.recv(timeout=60))["event"]["id"] == after["id"]


def test_log_lines_are_streamed(api: Api) -> None:
    run, other = str(uuid4()), str(uuid4())
    lines = [
        {"name": "n", "level": 20, "message": f"to {to}", "timestamp": datetime.now(UTC).isoformat(), "flow_run_id": to}
        for to in (other, run)
    ]
    with socket(api, "/logs/out") as connection:
        connection.send(json.dumps({"type": "filter", "filter": {"flow_run_id": {"any_": [run]}}}))
        connection.ping().wait(10)
        assert api("POST", "/logs/", lines) == (201, None)
        frame = json.loads(connection.recv(timeout=60))
    assert (frame["type"], frame["log"]["message"]) == ("log", f"to {run}")
