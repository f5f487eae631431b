"""`lictor deployment backfill`, called in this process."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.cli.test_commands import server
from tests.cli.test_deployment import Lictor, Made, as_json, lictor, made, said
from tests.running import Server

__all__ = ["lictor", "server"]

NIGHTLY: dict[str, Any] = {"schedule": {"cron": "0 2 * * *", "timezone": "Europe/Berlin"}, "slug": "nightly"}
WEEK = ("--from", "2026-03-26T00:00:00+01:00", "--to", "2026-04-02T00:00:00+02:00")
"""Seven nights, before one of which clocks are put forward: the time of that night is left out."""
DUE = [f"2026-03-{day}T01:00:00Z" for day in (26, 27, 28)] + [
    *(f"2026-03-{day}T0{hour}:00:00Z" for day, hour in ((29, 0), (30, 0), (31, 0))),
    "2026-04-01T00:00:00Z",
]


def deployed(server: Server, *schedules: dict[str, Any], **fields: Any) -> Made:
    return made(server, schedules=schedules or [NIGHTLY], parameters={"name": "you"}, **fields)


def runs(server: Server, deployment: Made) -> list[dict[str, Any]]:
    body = {"flow_runs": {"deployment_id": {"any_": [deployment.id]}}, "sort": "EXPECTED_START_TIME_ASC"}
    found: list[dict[str, Any]] = httpx.post(f"{server.url}/flow_runs/filter", json=body).raise_for_status().json()
    return [run for run in found if not run["auto_scheduled"]]


def test_what_it_would_make_is_shown(lictor: Lictor, server: Server) -> None:
    called = deployed(server)
    shown = said(lictor, "backfill", called, *WEEK, "--dry-run")
    assert shown.count("nightly") == 7
    assert "7 runs to make, 0 there already" in shown
    found = as_json(lictor, "backfill", called, *WEEK, "--dry-run")
    assert (found["deployment"], found["dry_run"], found["made"]) == (called, True, 0)
    assert [run["due"] for run in found["runs"]] == DUE
    assert runs(server, called) == []


def test_runs_are_made_once_the_oldest_first(lictor: Lictor, server: Server) -> None:
    called = deployed(server, NIGHTLY | {"parameters": {"times": 3}})
    shown = said(lictor, "backfill", called, *WEEK, "--yes", "--param", "name=me", "--tag", "mine")
    assert "7 runs made. Watch: lictor flow-run ls --tag backfill" in shown
    found = runs(server, called)
    assert [run["expected_start_time"] for run in found] == DUE
    assert [run["id"] for run in found] == sorted(run["id"] for run in found)  # ids follow the time of making
    assert {run["state_type"] for run in found} == {"SCHEDULED"}
    for run in found:
        assert run["parameters"] == {"name": "me", "times": 3}
        assert {"backfill", "mine"} <= set(run["tags"])
        assert run["labels"]["lictor.schedule"] == "nightly"
    assert "0 runs to make, 7 there already" in said(lictor, "backfill", called, *WEEK)
    longer = as_json(lictor, "backfill", called, "--from", "2026-03-25T00:00:00Z", *WEEK[2:], "--yes")
    assert longer["made"] == 1
    assert [run["new"] for run in longer["runs"]] == [True] + [False] * 7
    assert [run["id"] for run in longer["runs"]] == [run["id"] for run in runs(server, called)]


def test_a_deployment_that_is_applied_again_has_its_runs_still(lictor: Lictor, server: Server) -> None:
    called = deployed(server)
    said(lictor, "backfill", called, *WEEK, "--yes")
    flow, _, name = called.partition("/")
    made(server, name, flow, schedules=[NIGHTLY], parameters={"name": "you"})
    assert as_json(lictor, "backfill", called, *WEEK, "--yes")["made"] == 0
    assert len(runs(server, called)) == 7


def test_runs_that_the_scheduler_made_are_not_made_again(lictor: Lictor, server: Server) -> None:
    called = deployed(server)
    body = {"start_time": "2026-03-28T00:00:00Z", "end_time": "2026-03-30T23:00:00Z", "min_time": 1e6}
    httpx.post(f"{server.url}/deployments/{called.id}/schedule", json=body).raise_for_status()
    found = as_json(lictor, "backfill", called, *WEEK, "--yes")
    assert [run["new"] for run in found["runs"]] == [True, True, False, False, False, True, True]
    assert len(runs(server, called)) == 4


def test_runs_that_were_left_out_are_made(lictor: Lictor, server: Server) -> None:
    called = deployed(server)
    body = {"start_time": "2026-03-26T00:00:00Z", "end_time": "2026-03-26T02:00:00Z"}
    httpx.post(f"{server.url}/deployments/{called.id}/schedule", json=body).raise_for_status()
    found = as_json(lictor, "backfill", called, *WEEK, "--dry-run")["runs"][0]
    assert found["new"] is False
    state = {"state": {"type": "CANCELLED", "name": "Skipped"}}
    httpx.post(f"{server.url}/flow_runs/{found['id']}/set_state", json=state).raise_for_status()
    assert "new, was left out" in said(lictor, "backfill", called, *WEEK, "--dry-run")
    for number in (7, 0):
        assert as_json(lictor, "backfill", called, *WEEK, "--yes")["made"] == number


def test_schedules_are_chosen(lictor: Lictor, server: Server) -> None:
    noon = {"schedule": {"cron": "0 12 * * *"}, "slug": "noon", "active": False}
    yearly = {"schedule": {"rrule": "FREQ=DAILY;BYHOUR=12;BYMINUTE=0;BYSECOND=0"}, "slug": "rule"}
    called = deployed(server, NIGHTLY, noon, yearly)

    def names(*words: str) -> list[str]:
        found = as_json(
            lictor, "backfill", called, "--from", "2026-03-26T00:00Z", "--to", "2026-03-27T00:00Z", *words, "--dry-run"
        )
        return [f"{run['schedule']} {run['due'][11:16]}" for run in found["runs"]]

    assert names() == ["nightly 01:00", "rule 12:00"]
    assert names("--schedule", "noon") == ["noon 12:00"]
    assert names("--schedule", "noon", "--schedule", "nightly") == ["nightly 01:00", "noon 12:00"]
    assert names("--interval", "8 hours") == [f"backfill:every_8:00:00 {hour}:00" for hour in ("00", "08", "16")]
    assert names("--cron", "0 */12 * * *", "--timezone", "Asia/Tokyo") == [
        "backfill:0_*/12_*_*_* 03:00",
        "backfill:0_*/12_*_*_* 15:00",
    ]


def test_runs_without_a_schedule_are_made_once_too(lictor: Lictor, server: Server) -> None:
    called = made(server, parameters={"name": "you"})
    words = ("--from", "2026-03-26T00:00Z", "--to", "2026-03-27T00:00Z", "--cron", "0 */6 * * *", "--yes")
    for number in (4, 0):
        assert as_json(lictor, "backfill", called, *words)["made"] == number


def test_runs_wait_in_a_queue_of_their_own(lictor: Lictor, server: Server) -> None:
    pool = f"pool-{uuid4()}"
    httpx.post(f"{server.url}/work_pools/", json={"name": pool, "type": "process"}).raise_for_status()
    called = deployed(server, work_pool_name=pool)
    said(lictor, "backfill", called, *WEEK, "--yes", "--work-queue", "low")
    assert {run["work_queue_name"] for run in runs(server, called)} == {"low"}


def test_what_fails_in_its_middle_is_gone_on_with(lictor: Lictor, server: Server) -> None:
    with Server(PREFECT_SERVER_API_MAX_PARAMETER_SIZE="20") as small:
        wide = {"schedule": {"cron": "0 3 * * *"}, "slug": "wide", "parameters": {"name": "x" * 30}}
        other = made(small, schedules=[NIGHTLY, wide], parameters={"name": "you"})
        done = lictor("deployment", "backfill", other, *WEEK, "--yes", PREFECT_API_URL=small.url)
        assert done.exit_code == 1
        assert "parameters: larger than the limit" in done.stderr
        assert "1 of 14 runs are made; the same command goes on from there." in done.stderr
        done = lictor(
            "deployment", "backfill", other, *WEEK, "--yes", "--schedule", "nightly", PREFECT_API_URL=small.url
        )
        assert "6 runs made" in done.stdout


def test_a_time_in_which_nothing_is_due(lictor: Lictor, server: Server) -> None:
    called = deployed(server)
    words = ("--from", "2026-03-26T12:00Z", "--to", "2026-03-26T13:00Z")
    assert "nothing is to be made" in said(lictor, "backfill", called, *words)
    assert as_json(lictor, "backfill", called, *words)["runs"] == []
    assert as_json(lictor, "backfill", called, "--from", "49 hours ago", "--dry-run")["runs"]


REFUSED: dict[str, tuple[str, int, str]] = {
    "nothing": ("no/thing --from 2026-01-01", 1, "There is no deployment 'no/thing'"),
    "since when": ("NAME", 2, "Missing option '--from'"),
    "since sometime": ("NAME --from sometime", 2, "'sometime' is no time"),
    "backwards": ("NAME --from 2026-03-02 --to 2026-03-01", 2, "is not before --to 2026-03-01"),
    "the future": ("NAME --from 2026-03-02 --to 2126-03-01", 2, "the scheduler makes the runs that are to come"),
    "too many": ("NAME --from 2025-01-01 --to 2026-01-01 --limit 300", 1, "is 365 runs, more than --limit 300"),
    "far too many": ("NAME --from 2025-01-01 --to 2026-01-01 --interval 60", 1, "more than 20000 runs"),
    "no schedule": ("NAME --from 2026-01-01 --schedule none", 1, "has no schedule 'none'"),
    "both": ("NAME --from 2026-01-01 --schedule nightly --cron @daily", 2, "leave out --cron"),
    "two ways": ("NAME --from 2026-01-01 --interval 5 --cron @daily", 1, "given: interval and cron"),
    "a zone of nothing": ("NAME --from 2026-01-01 --timezone UTC", 2, "--timezone is for --cron"),
    "a bad cron": ("NAME --from 2026-01-01 --cron x", 1, "a cron expression has 5 to 7"),
    "an unknown parameter": ("NAME --from 2026-01-01 -p nmae=x", 1, "has no parameter 'nmae'"),
    "what does not fit": (
        "NAME --from 2026-03-02 --to 2026-03-04 -p name=1 --yes",
        1,
        'name: 1 is not of type "string"',
    ),
}


@pytest.fixture(scope="module")
def fixed(server: Server) -> str:
    return deployed(server)


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_done_is_said_clearly(lictor: Lictor, fixed: str, case: str) -> None:
    words, code, reason = REFUSED[case]
    done = lictor("deployment", "backfill", *(fixed if word == "NAME" else word for word in words.split()))
    assert done.exit_code == code
    assert reason in done.stderr
    assert "Traceback" not in done.stderr


def test_a_deployment_without_a_schedule_says_what_to_give(lictor: Lictor, server: Server) -> None:
    done = lictor("deployment", "backfill", made(server), "--from", "2026-01-01")
    assert "has no schedule that is on: give --cron, --interval or --rrule." in done.stderr
