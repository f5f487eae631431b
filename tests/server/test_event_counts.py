"""Events counted by name, by resource and by time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest

from tests.server.conftest import Api

MONDAY = datetime(2025, 6, 2, tzinfo=UTC)
Counts = list[tuple[str, str, int]]


@pytest.fixture(scope="module")
def prefix(api: Api) -> str:
    """What the names of some events begin with: three of `b`, two of `a` by another resource, one an hour later."""
    prefix = f"count-{uuid4()}."
    made = [("b", 0, 1), ("a", 1, 2), ("b", 2, 1), ("b", 59, 1), ("a", 60, 2)]
    events = [
        {
            "id": str(uuid4()),
            "occurred": (MONDAY + timedelta(minutes=minute)).isoformat(),
            "event": prefix + name,
            "resource": {
                "prefect.resource.id": f"{prefix}{resource}",
                "prefect.resource.name": f"r{resource} {minute}",
            },
        }
        for name, minute, resource in made
    ]
    assert api("POST", "/events", events)[0] == 204
    return prefix


def asked(prefix: str, start: timedelta, end: timedelta, **fields: Any) -> dict[str, Any]:
    """Return a request for the events from a time after the Monday's beginning to another."""
    occurred = {"since": (MONDAY + start).isoformat(), "until": (MONDAY + end).isoformat()}
    return {"filter": {"occurred": occurred, "event": {"prefix": [prefix]}}, **fields}


HOUR, DAY, NONE = timedelta(hours=1), timedelta(days=1), timedelta()

# by what, from when to when, intervals -> (label, count); times of Monday
COUNTED: dict[str, tuple[str, timedelta, timedelta, dict[str, Any], list[tuple[str, int]]]] = {
    "name": ("event", NONE, DAY, {}, [("b", 3), ("a", 2)]),
    "name, an hour": ("event", NONE, HOUR - timedelta(seconds=1), {}, [("b", 3), ("a", 1)]),
    "resource": ("resource", NONE, DAY, {}, [("r1 59", 3), ("r2 60", 2)]),
    "day": ("day", NONE, DAY, {}, [("02T00:00", 5)]),
    "two days": ("day", NONE, DAY + HOUR, {"time_unit": "second"}, [("02T00:00", 5), ("03T00:00", 0)]),
    "time": ("time", NONE, DAY, {}, [("02T00:00", 5)]),
    "hours": ("time", NONE, 2 * HOUR, {"time_unit": "hour"}, [("02T00:00", 4), ("02T01:00", 1)]),
    "hours, the first begun": ("time", HOUR / 2, 2 * HOUR, {"time_unit": "hour"}, [("02T00:00", 1), ("02T01:00", 1)]),
    "half hours": (
        "time",
        NONE,
        2 * HOUR,
        {"time_unit": "hour", "time_interval": 0.5},
        [("02T00:00", 3), ("02T00:30", 1), ("02T01:00", 1), ("02T01:30", 0)],
    ),
    "week": ("time", DAY, 2 * DAY, {"time_unit": "week"}, [("02T00:00", 0)]),
    "backwards": ("time", DAY, NONE, {}, []),
}


@pytest.mark.parametrize("case", COUNTED)
def test_events_are_counted(api: Api, prefix: str, case: str) -> None:
    countable, start, end, fields, expected = COUNTED[case]
    status, found = api("POST", f"/events/count-by/{countable}", asked(prefix, start, end, **fields))
    labels = [each["label"].removeprefix(prefix).removeprefix("2025-06-")[:8].rstrip("+:") for each in found]
    assert (status, list(zip(labels, [each["count"] for each in found], strict=True))) == (200, expected)


def test_intervals_are_numbered_and_follow_each_other(api: Api, prefix: str) -> None:
    body = asked(prefix, HOUR, DAY, time_unit="minute", time_interval=7)
    found = api("POST", "/events/count-by/time", body)[1]
    times = [(datetime.fromisoformat(each["start_time"]), datetime.fromisoformat(each["end_time"])) for each in found]
    assert [each["value"] for each in found] == [str(at) for at in range(len(found))]
    assert times[0][0] <= MONDAY + HOUR < times[0][1]
    assert times[-1][0] < MONDAY + DAY <= times[-1][1] + timedelta(microseconds=1)
    for (start, end), (following, _) in pairwise(times):
        assert following - end == timedelta(microseconds=1)
        assert following - start == timedelta(minutes=7)


def test_what_is_to_come_is_cut_at_the_end_of_its_unit(api: Api, prefix: str) -> None:
    until = datetime.now(UTC) + timedelta(hours=9) - MONDAY
    body = asked(prefix, until - timedelta(hours=12), until, time_unit="hour")
    found = api("POST", "/events/count-by/time", body)[1]
    assert len(found) in (4, 5)
    assert datetime.fromisoformat(found[-1]["end_time"]) >= datetime.now(UTC) - timedelta(seconds=5)


WRONG: dict[str, tuple[str, dict[str, Any], list[str] | None]] = {
    "by what": ("nothing", {}, ["path", "countable"]),
    "a unit": ("time", {"time_unit": "year"}, ["body", "time_unit"]),
    "too short": ("time", {"time_interval": 0.001}, ["body", "time_interval"]),
    "too many": ("time", {"time_unit": "second"}, None),
    "beyond all time": ("time", {"time_unit": "week", "time_interval": 1e300}, None),
    "after all time": ("time", {"time_unit": "week", "time_interval": 1e6}, None),
    "no filter": ("time", {"filter": None}, ["body", "filter"]),
}


@pytest.mark.parametrize("case", WRONG)
def test_counts_are_refused(api: Api, prefix: str, case: str) -> None:
    countable, fields, place = WRONG[case]
    status, content = api("POST", f"/events/count-by/{countable}", {**asked(prefix, NONE, DAY), **fields})
    assert status == 422
    if place is None:
        assert "nterval" in content["detail"]
    else:
        assert content["exception_detail"][0]["loc"] == place
