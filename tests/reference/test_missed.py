"""Catch-up policies and backfills where one of the two sides is the reference."""

from __future__ import annotations

import json
from typing import Any

import httpx

from tests.reference.conftest import Run
from tests.running import Server

BACKFILL = ("deployment", "backfill", "of-both/missed", "--from", "2026-03-26T00:00Z", "--to", "2026-03-29T00:00Z")


def applied(run: Run, sdk: str, server: Server, *policy: str) -> tuple[str, str]:
    """Apply the deployment; return its id, and what is said on the side."""
    done = run(sdk, server, "missed.py", *policy)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1], done.stderr


def test_a_client_of_the_reference_keeps_a_policy_that_it_does_not_know(run: Run, lictor_server: Server) -> None:
    def policies() -> Any:
        return httpx.get(f"{lictor_server.url}/deployments/{made}/catch_up", timeout=60).raise_for_status().json()

    made, warned = applied(run, "lictor", lictor_server, "newest-only")
    assert "catch-up" not in warned
    (before,) = policies()
    assert applied(run, "prefect", lictor_server)[0] == made
    (after,) = policies()
    assert (after["slug"], after["policy"]) == (before["slug"], before["policy"]) == ("nightly", "newest-only")
    for words in (
        ("deployment", "schedule", "create", "of-both/missed", "--cron", "0 3 * * *", "--replace", "-y"),
        ("deployment", "schedule", "pause", "--all"),
        ("deployment", "schedule", "resume", "--all"),
    ):
        done = run("prefect", lictor_server, None, *words)
        assert done.returncode == 0, done.stderr
    assert [each["policy"] for each in policies()] == ["newest-only"]


def test_the_references_server_has_no_policies_and_that_is_told(run: Run, reference_server: Server) -> None:
    made, warned = applied(run, "lictor", reference_server, "newest-only")
    assert "has no catch-up policies" in warned
    assert applied(run, "lictor", reference_server, "newest-only")[0] == made
    done = run(
        "lictor", reference_server, None, "deployment", "schedule", "catch-up", "of-both/missed", "nightly", "skip"
    )
    assert done.returncode == 1
    assert "The server has no catch-up policies: it is not Lictor's, or older." in done.stderr
    done = run("lictor", reference_server, None, "deployment", "schedule", "ls", "of-both/missed")
    assert "nightly" in done.stdout


def test_the_references_server_is_backfilled_as_well(run: Run, reference_server: Server) -> None:
    made, _ = applied(run, "lictor", reference_server)
    for number in (3, 0):
        done = run("lictor", reference_server, None, *BACKFILL, "--yes", "--output", "json")
        assert json.loads(done.stdout)["made"] == number, done.stderr
        applied(run, "prefect", reference_server)
    body = {"flow_runs": {"deployment_id": {"any_": [made]}, "tags": {"all_": ["backfill"]}}}
    found = httpx.post(f"{reference_server.url}/flow_runs/filter", json=body, timeout=60).raise_for_status().json()
    assert sorted(each["expected_start_time"][:16] for each in found) == [
        f"2026-03-{day}T02:00" for day in (26, 27, 28)
    ]
