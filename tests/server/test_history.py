"""Runs counted by interval and state, and their lateness."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.kit.clock import from_micros, to_micros
from lictor.store.history import MOST, intervals
from tests.server.conftest import Api

Asked = dict[str, Any]
DAY = {"history_start": "2030-01-01T00:00:00Z", "history_end": "2030-01-02T00:00:00Z"}

MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@given(start=MOMENTS, end=MOMENTS, length=st.integers(1_000_000, 10**15))
def test_intervals_cover_the_time_without_gap_or_overlap(start: datetime, end: datetime, length: int) -> None:
    spans = intervals(start, end, length)
    assert 0 <= spans.number <= MOST
    assert (spans.number == 0) == (end <= start)
    reached = to_micros(start) + spans.number * length
    if 0 < spans.number < MOST:
        assert reached - length < to_micros(end) <= reached
    if spans.number:
        assert spans.time(0) == start
        assert spans.time(spans.number) == from_micros(reached)


@pytest.fixture(scope="module")
def flow(api: Api) -> str:
    """A flow with runs at 1:00, 1:30 and 13:00, and with task runs of the first."""
    flow_id: str = api("POST", "/flows/", {"name": f"history {uuid4()}"})[1]["id"]
    run = ""
    for hour, name in (("01:00", None), ("01:30", "Late"), ("13:00", None)):
        details = {"scheduled_time": f"2030-01-01T{hour}:00Z"}
        state = {"type": "SCHEDULED", "name": name, "state_details": details}
        run = api("POST", "/flow_runs/", {"flow_id": flow_id, "state": state})[1]["id"]
        body = {"flow_run_id": run, "task_key": "k", "dynamic_key": hour, "state": state}
        api("POST", "/task_runs/", body)
    return flow_id


# asked -> by interval: (when it begins, [(state, how many)])
COUNTED: dict[str, tuple[Asked, list[tuple[str, list[tuple[str, int]]]]]] = {
    "a day": ({"history_interval_seconds": 86400}, [("00:00", [("Late", 1), ("Scheduled", 2)])]),
    "halves": (
        {"history_interval_seconds": 43200},
        [("00:00", [("Late", 1), ("Scheduled", 1)]), ("12:00", [("Scheduled", 1)])],
    ),
    "in quotes": (
        {"history_interval_seconds": "43200"},
        [("00:00", [("Late", 1), ("Scheduled", 1)]), ("12:00", [("Scheduled", 1)])],
    ),
    "uneven": (
        {"history_interval_seconds": 54000},
        [("00:00", [("Late", 1), ("Scheduled", 2)]), ("15:00", [])],
    ),
    "from a run on": (
        {"history_start": "2030-01-01T01:30:00Z", "history_interval_seconds": 43200},
        [("01:30", [("Late", 1), ("Scheduled", 1)]), ("13:30", [])],
    ),
    "another zone": (
        {"history_start": "2030-01-01T03:00:00+02:00", "history_end": "2030-01-01T01:30:00Z"}
        | {"history_interval_seconds": 1800},
        [("01:00", [("Scheduled", 1)])],
    ),
    "nothing": ({"history_end": "2030-01-01T00:00:00Z", "history_interval_seconds": 1}, []),
    "backwards": ({"history_end": "2029-01-01T00:00:00Z", "history_interval_seconds": 1}, []),
}


@pytest.mark.parametrize("resource", ["flow_runs", "task_runs"])
@pytest.mark.parametrize("case", COUNTED)
def test_runs_are_counted_by_interval_and_state(api: Api, flow: str, case: str, resource: str) -> None:
    fields, expected = COUNTED[case]
    asked = {**DAY, "flows": {"id": {"any_": [flow]}}, **fields}
    status, found = api("POST", f"/{resource}/history", asked)
    assert status == 200
    counted = [
        (each["interval_start"][11:16], [(state["state_name"], state["count_runs"]) for state in each["states"]])
        for each in found
    ]
    assert counted == expected
    for one, other in pairwise(found):
        assert one["interval_end"] == other["interval_start"]


def test_at_most_five_hundred_intervals(api: Api) -> None:
    found = api("POST", "/flow_runs/history", {**DAY, "history_interval_seconds": 1})[1]
    assert len(found) == 500
    assert found[-1]["interval_end"] == "2030-01-01T00:08:20Z"


WRONG: dict[str, tuple[Asked, list[str] | None]] = {
    "too short": ({"history_interval_seconds": 0.5}, None),
    "negative": ({"history_interval_seconds": -1}, None),
    "beyond all time": ({"history_interval_seconds": 1e18}, None),
    "no number": ({"history_interval_seconds": "x"}, ["body", "history_interval_seconds"]),
    "no time": ({"history_interval_seconds": 60, "history_end": "x"}, ["body", "history_end"]),
    "not said": ({}, ["body", "history_interval_seconds"]),
}


@pytest.mark.parametrize("resource", ["flow_runs", "task_runs"])
@pytest.mark.parametrize("case", WRONG)
def test_intervals_are_refused(api: Api, case: str, resource: str) -> None:
    fields, place = WRONG[case]
    status, content = api("POST", f"/{resource}/history", {**DAY, **fields})
    assert status == 422
    if place is None:
        assert "nterval" in content["detail"]
    else:
        assert content["exception_detail"][0]["loc"] == place


def test_history_sums_what_reads_estimate(api: Api) -> None:
    start = datetime.now(UTC) - timedelta(hours=1)
    flow_id = api("POST", "/flows/", {"name": f"sums {uuid4()}"})[1]["id"]
    details = {"scheduled_time": start.isoformat()}
    waiting = {"type": "SCHEDULED", "state_details": details}
    for after in ((), ("RUNNING",), ("RUNNING", "COMPLETED")):
        run = api("POST", "/flow_runs/", {"flow_id": flow_id, "state": waiting})[1]["id"]
        for state in after:
            api("POST", f"/flow_runs/{run}/set_state", {"state": {"type": state}})
    mine = {"flows": {"id": {"any_": [flow_id]}}}
    bounds = {"history_start": start.isoformat(), "history_end": datetime.now(UTC).isoformat()}
    ((interval),) = api("POST", "/flow_runs/history", {**mine, **bounds, "history_interval_seconds": 86400})[1]
    runs = {run["state_name"]: run for run in api("POST", "/flow_runs/filter", mine)[1]}
    for state in interval["states"]:
        run = runs[state["state_name"]]
        assert state["count_runs"] == 1
        assert state["sum_estimated_run_time"] == pytest.approx(run["estimated_run_time"], abs=1)
        assert state["sum_estimated_lateness"] == pytest.approx(run["estimated_start_time_delta"], abs=1)
        assert state["sum_estimated_lateness"] > 3500
    average = sum(run["estimated_start_time_delta"] for run in runs.values()) / 3
    status, late = api("POST", "/flow_runs/lateness", mine)
    assert status == 200
    assert late == pytest.approx(average, abs=1)


def test_the_lateness_of_nothing(api: Api) -> None:
    assert api("POST", "/flow_runs/lateness", {"flow_runs": {"id": {"any_": [str(uuid4())]}}}) == (200, None)
