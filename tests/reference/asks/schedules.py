"""What is asked of schedules, and of the runs that they make.

The deployments are paused, so that their runs are made by these requests alone and not by the server by itself.
"""

from __future__ import annotations

from typing import Any

from tests.reference.asks.steps import NOBODY, delete, flow, get, patch, post
from tests.reference.telling import Step, Story

ONE = "/deployments/$deployment"
SCHEDULE = f"{ONE}/schedules/$schedule"
ANCHOR = "2030-01-01T09:00:00Z"
NEW_YORK = {"timezone": "America/New_York"}


def deployed(*schedules: dict[str, Any], **body: Any) -> Step:
    """Make a deployment with schedules."""
    sent = {"name": "$story", "flow_id": "$flow", "paused": True, "schedules": schedules, **body}
    return post("/deployments/", sent, keep={"deployment": "id", "schedule": "schedules.0.id"}, only_refusals=True)


def plan(start: str = ANCHOR, **body: Any) -> Step:
    """Let the schedules make runs."""
    return post(f"{ONE}/schedule", {"start_time": start, **body})


def runs(**body: Any) -> Step:
    """List the runs of the deployment: their keys say when they are due."""
    of = {"deployments": {"id": {"any_": ["$deployment"]}}, "sort": "EXPECTED_START_TIME_ASC", **body}
    return post("/flow_runs/filter", of)


def fires(schedule: dict[str, Any], start: str, **body: Any) -> Story:
    """Make the runs of one schedule from a time on, and list them."""
    return [flow(), deployed({"schedule": schedule}), plan(start, **body), runs()]


STORIES: dict[str, Story] = {
    "made": [
        flow(),
        deployed(
            {"schedule": {"cron": "0 9 * * 1-5", **NEW_YORK}, "parameters": {"y": 3}, "slug": "workdays"},
            parameters={"x": 1, "y": 2},
            tags=["a", "b"],
            version="1",
            labels={"team": "blue"},
        ),
        plan(),
        runs(),
        plan(),
        runs(limit=1),
        plan(min_runs=6),
        post("/flow_runs/count", {"deployments": {"id": {"any_": ["$deployment"]}}}),
        get(ONE, only_refusals=True),
    ],
    "as many as asked": [
        flow(),
        deployed({"schedule": {"interval": 3600, "anchor_date": ANCHOR}}),
        plan(max_runs=2),
        runs(),
        plan(min_runs=4, min_time=0),
        runs(),
        plan(min_time=7 * 3600),
        runs(),
        plan("2031-01-01T09:00:00Z", end_time="2031-01-01T10:00:00Z", min_runs=20),
        runs(),
        plan("2032-01-01T09:00:00Z", end_time="2031-01-01T10:00:00Z", min_runs=20),
        plan("2033-01-01T09:00:00Z", min_runs=5, max_runs=4),
        post("/flow_runs/count", {"deployments": {"id": {"any_": ["$deployment"]}}}),
    ],
    "several": [
        flow(),
        deployed(
            {"schedule": {"interval": 86400, "anchor_date": ANCHOR}},
            {"schedule": {"rrule": "DTSTART:20300101T100000\nRRULE:FREQ=DAILY;COUNT=2"}},
            {"schedule": {"cron": "0 11 * * *"}, "active": False},
        ),
        plan(),
        runs(),
    ],
    "changed": [
        flow(),
        deployed({"schedule": {"interval": 86400, "anchor_date": ANCHOR}}),
        plan(),
        patch(SCHEDULE, {"schedule": {"cron": "30 10 * * *"}}),
        runs(),
        plan(),
        runs(),
        patch(SCHEDULE, {"active": False}),
        runs(),
        plan(),
        runs(),
        patch(SCHEDULE, {"active": True}),
        plan(),
        delete(SCHEDULE),
        runs(),
    ],
    "gone": [
        flow(),
        deployed({"schedule": {"interval": 86400, "anchor_date": ANCHOR}}),
        plan(),
        post(f"{ONE}/pause_deployment"),
        runs(),
        plan(),
        delete(ONE),
        post("/flow_runs/filter", {"flows": {"id": {"any_": ["$flow"]}}}),
        plan(),
    ],
    "wrong": [
        flow(),
        deployed(),
        plan(),
        post(f"/deployments/{NOBODY}/schedule", {}),
        post("/deployments/x/schedule", {}),
        plan(min_runs="many"),
        plan(min_runs=-1, max_runs=-1),
        plan(min_time=-5),
        plan(min_time="soon"),
        plan(min_time="PT1H"),
        plan(min_time=None),
        plan(more=1),
        post(f"{ONE}/schedule"),
    ],
    "cron put forward": fires({"cron": "*/30 * * * *", **NEW_YORK}, "2030-03-10T06:00:00Z", min_runs=6),
    "cron put back": fires({"cron": "*/30 * * * *", **NEW_YORK}, "2030-11-03T04:30:00Z", min_runs=6),
    "cron at a time that is left out": fires({"cron": "30 2 * * *", **NEW_YORK}, "2030-03-09T00:00:00Z"),
    "cron with either day": fires({"cron": "0 0 13 * 5"}, ANCHOR, min_runs=8),
    "cron with both days": fires({"cron": "0 0 13 * 5", "day_or": False}, ANCHOR, min_runs=3),
    "cron with seconds": fires({"cron": "0 0 * * * 15"}, ANCHOR),
    "cron with a name": fires({"cron": "@daily"}, ANCHOR),
    "days put forward": fires(
        {"interval": 86400, "anchor_date": "2030-03-08T14:00:00Z", **NEW_YORK}, "2030-03-08T14:00:00Z", min_runs=4
    ),
    "hours put forward": fires(
        {"interval": 43200, "anchor_date": "2030-03-08T14:00:00Z", **NEW_YORK}, "2030-03-08T14:00:00Z", min_runs=6
    ),
    "rule put forward": fires(
        {"rrule": "DTSTART:20300101T023000\nRRULE:FREQ=DAILY", **NEW_YORK}, "2030-03-09T00:00:00Z"
    ),
    "rule without a beginning": fires({"rrule": "FREQ=WEEKLY;BYDAY=MO,FR;BYHOUR=9"}, ANCHOR, min_runs=4),
    "rule with exceptions": fires(
        {"rrule": "DTSTART:20300101T100000\nRRULE:FREQ=DAILY\nEXDATE:20300102T100000\nRDATE:20300103T150000"}, ANCHOR
    ),
}
