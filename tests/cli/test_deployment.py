"""`lictor deployment`, called in this process, and in one of its own where that matters."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from click.testing import CliRunner, Result

from lictor.cli.main import lictor as command
from lictor.settings.load import reset
from tests.cli.test_commands import UNKNOWN, server
from tests.running import Server, clean_environment

__all__ = ["server"]

Lictor = Callable[..., Result]
SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "times": {"type": "integer", "default": 2}},
    "required": ["name"],
}


@pytest.fixture
def lictor(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lictor]:
    """Call a command here: starting a process for each of so many would take long."""
    for name in set(os.environ) - set(clean_environment()):
        monkeypatch.delenv(name)

    def call(*words: str, given: str | None = None, **environment: str) -> Result:
        settings = {"PREFECT_HOME": str(tmp_path), "PREFECT_API_URL": server.url, "COLUMNS": "160", **environment}
        reset()
        return CliRunner().invoke(command, words, input=given, env=settings)

    yield call
    reset()


class Made(str):
    """The name of a deployment, which has an id, too."""

    id: str


def made(server: Server, name: str = "prod", flow: str | None = None, **fields: Any) -> Made:
    """Make a deployment of a flow, of one of its own if none is named, and return its name."""
    flow = flow or f"flow-{uuid4()}"
    parent = httpx.post(f"{server.url}/flows/", json={"name": flow}).json()["id"]
    body = {"name": name, "flow_id": parent, "parameter_openapi_schema": SCHEMA, **fields}
    answer = httpx.post(f"{server.url}/deployments/", json=body).raise_for_status().json()
    called = Made(f"{flow}/{name}")
    called.id = answer["id"]
    return called


def said(lictor: Lictor, *words: str) -> str:
    done = lictor("deployment", *words)
    assert done.exit_code == 0, done.stderr
    return done.stdout


def as_json(lictor: Lictor, *words: str) -> Any:
    return json.loads(said(lictor, *words, "--output", "json"))


def schedules(lictor: Lictor, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = as_json(lictor, "schedule", "ls", name)
    return found


def test_deployments_are_listed(lictor: Lictor, server: Server) -> None:
    said(lictor, "delete", "--all")
    assert said(lictor, "ls") == "There are no deployments yet.\n"
    httpx.post(f"{server.url}/work_pools/", json={"name": "machines", "type": "process"}).raise_for_status()
    cron = {"schedule": {"cron": "0 9 * * *"}}
    second = made(server, "b", "b-flow", tags=["x", "y"], schedules=[cron, {**cron, "active": False}])
    first = made(server, "z", "a-flow", work_pool_name="machines", tags=["x"])
    third = made(server, "a", "b-flow", paused=True)
    shown = said(lictor, "ls")
    assert [line.split()[0] for line in shown.splitlines() if "-flow" in line] == [first, third, second]
    for text in ("machines", "paused", "1 of 2", "ago"):
        assert text in shown
    for words, names in (
        ((), [first, third, second]),
        (("--by-created",), [third, first, second]),
        (("b-flow",), [third, second]),
        (("a-flow", "--flow-name", "b-flow"), [first, third, second]),
        (("--tag", "x"), [first, second]),
        (("--tag", "x", "--tag", "y"), [second]),
        (("--work-pool", "machines"), [first]),
    ):
        assert [each["id"] for each in as_json(lictor, "ls", *words)] == [each.id for each in names], words
    assert said(lictor, "ls", "no-flow") == "No deployments match.\n"


def test_a_long_name_is_shown_whole(lictor: Lictor, server: Server) -> None:
    called = made(server, "a-deployment-with-quite-a-name")
    shown = lictor("deployment", "ls", called.partition("/")[0], COLUMNS="80").stdout
    assert called in "".join(line.split()[0] for line in shown.splitlines()[3:] if line.strip())


def test_more_deployments_than_a_page_are_listed(lictor: Lictor, server: Server) -> None:
    with Server(PREFECT_SERVER_API_DEFAULT_LIMIT="2") as small:
        for name in "abcde":
            made(small, name, "many")
        found = json.loads(lictor("deployment", "ls", "-o", "json", PREFECT_API_URL=small.url).stdout)
        assert [each["name"] for each in found] == list("abcde")


def test_a_deployment_is_inspected(lictor: Lictor, server: Server) -> None:
    called = made(
        server,
        description="Says hello.",
        entrypoint="hello.py:hello",
        parameters={"times": 7},
        concurrency_limit=3,
        concurrency_options={"collision_strategy": "CANCEL_NEW"},
        schedules=[{"schedule": {"interval": 5400}, "slug": "often", "parameters": {"name": "you"}}],
    )
    shown = said(lictor, "inspect", called)
    for text in (called, called.id, "Says hello.", "hello.py:hello", "are cancelled", "not ready"):
        assert text in shown
    for row in (["name", "string", "needed"], ["times", "integer", "7"], ["often", "every", "1h", "30m", "yes"]):
        assert any(line.split()[: len(row)] == row for line in shown.splitlines()), row
    assert as_json(lictor, "inspect", "--id", called.id) == as_json(lictor, "inspect", called)


def test_a_run_is_made(lictor: Lictor, server: Server) -> None:
    called = made(server, parameters={"times": 5}, tags=["own"])
    shown = said(lictor, "run", called, "--param", "name=you")
    for text in (called, '"name":"you"', "now", "Its deployment has no work pool"):
        assert text in shown
    options = ("--tag", "urgent", "--job-variable", 'env={"A":"b"}', "--flow-run-name", "for {name}, {times} times")
    run = as_json(lictor, "run", "--id", called.id, "-p", "name=you", "-p", "times=3", *options)
    assert (run["name"], run["parameters"]) == ("for you, 3 times", {"name": "you", "times": 3})
    assert (run["tags"], run["job_variables"]) == (["own", "urgent"], {"env": {"A": "b"}})
    assert (run["deployment_id"], run["state_type"]) == (called.id, "SCHEDULED")
    run = as_json(lictor, "run", called, "--params", '{"name": "x", "times": 1}', "--param", 'name="7"')
    assert run["parameters"] == {"name": "7", "times": 1}


def test_parameters_are_read_from_standard_input(server: Server) -> None:
    called = made(server)
    done = subprocess.run(
        [sys.executable, "-m", "lictor.cli.main", "deployment", "run", called, "--params", "-", "-o", "json"],
        env={**clean_environment(), "PREFECT_HOME": str(server.home / "client"), "PREFECT_API_URL": server.url},
        input='{"name": "you"}',
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert json.loads(done.stdout)["parameters"] == {"name": "you"}


@pytest.mark.parametrize(
    ("words", "start"),
    [(("--start-at", "2040-08-01 17:30 UTC"), "2040-08-01T17:30:00Z"), (("--start-in", "100 weeks"), None)],
)
def test_a_run_starts_later(lictor: Lictor, server: Server, words: tuple[str, ...], start: str | None) -> None:
    called = made(server)
    run = as_json(lictor, "run", called, "-p", "name=you", *words)
    due = run["state"]["state_details"]["scheduled_time"]
    assert run["next_scheduled_start_time"] == due
    assert due == start if start else due > run["created"]
    assert "It is to start at" in said(lictor, "run", called, "-p", "name=you", *words)


@pytest.fixture
def watching(server: Server) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Watch a run that is made of a deployment."""
    started: list[subprocess.Popen[str]] = []

    def watch(name: str, *words: str) -> subprocess.Popen[str]:
        settings = {"PREFECT_HOME": str(server.home / "client"), "PREFECT_API_URL": server.url, "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-m", "lictor.cli.main", "deployment", "run", name, "-p", "name=you", "--watch"]
        environment = {**clean_environment(), **settings}
        started.append(subprocess.Popen([*command, *words], env=environment, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield watch
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(("final", "code"), [("COMPLETED", 0), ("FAILED", 1)])
def test_a_run_is_watched(
    watching: Callable[..., subprocess.Popen[str]], server: Server, final: str, code: int
) -> None:
    watched = watching(made(server), "--watch-interval", "0.1")
    assert watched.stdout is not None
    lines = iter(watched.stdout.readline, "")
    run = next(line.split()[1] for line in lines if line.strip().startswith("ID"))
    assert next(line for line in lines if " | " in line).endswith("| Scheduled\n")
    for state in ("RUNNING", final):
        body = {"state": {"type": state}, "force": True}
        httpx.post(f"{server.url}/flow_runs/{run}/set_state", json=body).raise_for_status()
    assert list(lines)[-1].endswith(f"| {final.capitalize()}\n")
    assert watched.wait(60) == code


def test_watching_ends_in_time_and_says_how_to_learn_why(lictor: Lictor, server: Server) -> None:
    done = lictor("deployment", "run", made(server), "-p", "name=you", "--watch", "--watch-timeout", "0.1")
    assert done.exit_code == 1
    assert "is Scheduled after 0.1 seconds. `lictor flow-run why " in done.stderr


def test_a_deployment_is_paused_and_goes_on(lictor: Lictor, server: Server) -> None:
    called = made(server)
    assert said(lictor, "pause", called) == f"Deployment '{called}' is paused.\n"
    assert as_json(lictor, "inspect", called)["paused"] is True
    assert said(lictor, "resume", "--id", called.id) == f"Deployment '{called}' goes on.\n"
    assert as_json(lictor, "pause", called)["paused"] is True
    assert as_json(lictor, "resume", called)["paused"] is False


def test_deployments_are_deleted(lictor: Lictor, server: Server) -> None:
    called, other, more = made(server), made(server), [made(server), made(server)]
    assert said(lictor, "delete", called) == f"Deployment '{called}' is deleted.\n"
    assert as_json(lictor, "delete", "--id", other.id) == {"deleted": [{"id": other.id, "name": str(other)}]}
    deleted = as_json(lictor, "delete", "--all")["deleted"]
    assert {each.id for each in more} <= {each["id"] for each in deleted}
    assert said(lictor, "delete", "--all", "--yes") == "0 deployments deleted.\n"
    assert as_json(lictor, "ls") == []


def test_a_schedule_is_made(lictor: Lictor, server: Server) -> None:
    called = made(server)
    assert "has no schedule" in said(lictor, "schedule", "ls", called)
    words = ("--cron", "0 9 1 * mon", "--no-day_or", "--timezone", "Europe/Berlin", "--slug", "morning")
    shown = said(lictor, "schedule", "create", called, *words, "--param", "name=you")
    for text in ("has a new schedule:", "morning", "cron 0 9 1 * mon (both days) Europe/Berlin", '{"name":"you"}'):
        assert text in shown
    (cron,) = schedules(lictor, called)
    assert cron["schedule"] == {"cron": "0 9 1 * mon", "timezone": "Europe/Berlin", "day_or": False}
    assert (cron["slug"], cron["parameters"], cron["active"]) == ("morning", {"name": "you"}, True)
    counted = ("--interval", "90", "--anchor-date", "2026-01-01", "--no-active")
    interval = as_json(lictor, "schedule", "create", called, *counted)
    assert interval["schedule"] == {"interval": 90.0, "anchor_date": "2026-01-01T00:00:00Z", "timezone": "UTC"}
    assert interval["active"] is False
    rule = json.dumps({"rrule": "DTSTART:20200101T000000\nFREQ=DAILY", "timezone": "Asia/Tokyo"})
    said(lictor, "schedule", "create", called, "--rrule", rule)
    shown = said(lictor, "schedule", "ls", called)
    for text in ("FREQ=DAILY Asia/Tokyo", "every 1m 30s", interval["id"], "no", "in "):
        assert text in shown
    replaced = ("--interval", "15 minutes", "--slug", "morning", "--replace")
    assert "has a new schedule instead of 3:" in said(lictor, "schedule", "create", called, *replaced)
    (only,) = schedules(lictor, called)
    assert (only["schedule"]["interval"], only["slug"]) == (900.0, "morning")


def test_schedules_are_paused_resumed_and_deleted(lictor: Lictor, server: Server) -> None:
    said(lictor, "delete", "--all")
    parameters = {"name": "you"}
    one = {"schedule": {"interval": 60}, "slug": "one", "parameters": parameters}
    called = made(server, schedules=[one])
    single = made(server, schedules=[{"schedule": {"cron": "0 9 * * *"}}])
    said(lictor, "schedule", "create", called, "--cron", "0 9 * * *", "--slug", "two")
    paused = said(lictor, "schedule", "pause", called, "one")
    assert paused == f"Schedule 'one' of deployment '{called}' is paused.\n"
    active = {each["slug"]: (each["active"], each["parameters"]) for each in schedules(lictor, called)}
    assert active == {"one": (False, parameters), "two": (True, {})}
    assert as_json(lictor, "schedule", "resume", called, "one")["active"] is True
    assert said(lictor, "schedule", "pause", single).endswith(f"of deployment '{single}' is paused.\n")
    assert said(lictor, "schedule", "pause", "--all") == "2 schedules paused.\n"
    assert [each["active"] for each in as_json(lictor, "schedule", "resume", "--all", "--yes")] == [True] * 3
    (found,) = schedules(lictor, single)
    assert as_json(lictor, "schedule", "delete", single, found["id"]) == {
        "deleted": [{"id": found["id"], "slug": None}]
    }
    assert said(lictor, "schedule", "delete", called, "two") == f"Schedule 'two' of deployment '{called}' is deleted.\n"
    assert said(lictor, "schedule", "clear", called) == f"Deployment '{called}' has no schedule any more.\n"
    assert as_json(lictor, "schedule", "clear", called) == {"deleted": []}
    assert schedules(lictor, called) == []


def test_a_schedule_is_given_a_catch_up_policy(lictor: Lictor, server: Server) -> None:
    called = made(server)
    words = ("--cron", "0 2 * * *", "--slug", "nightly", "--catch-up", "newest-only")
    assert as_json(lictor, "schedule", "create", called, *words)["catch_up"] == "newest-only"
    assert "newest-only" in said(lictor, "schedule", "create", called, *words, "--replace")
    said(lictor, "schedule", "create", called, "--cron", "0 3 * * *", "--slug", "other")
    assert {each["slug"]: each["catch_up"] for each in schedules(lictor, called)} == {
        "nightly": "newest-only",
        "other": None,
    }
    for shown in (said(lictor, "schedule", "ls", called), said(lictor, "inspect", called)):
        assert "If missed" in shown
        assert "newest-only" in shown
    told = said(lictor, "schedule", "catch-up", called, "other", "run-all")
    assert told == f"Schedule 'other' of deployment '{called}' has the catch-up policy run-all.\n"
    assert as_json(lictor, "schedule", "catch-up", called, "other", "skip")["catch_up"] == "skip"
    for slug in ("other", "nightly"):
        told = said(lictor, "schedule", "catch-up", called, slug, "none")
        assert told == f"Schedule '{slug}' of deployment '{called}' has no catch-up policy.\n"
    assert "If missed" not in said(lictor, "schedule", "ls", called)


REFUSED: dict[str, tuple[str, int, str]] = {
    "inspect nothing": ("inspect no/thing", 1, "There is no deployment 'no/thing' (see `lictor deployment ls`)"),
    "inspect an unknown id": (f"inspect --id {UNKNOWN}", 1, f"There is no deployment '{UNKNOWN}'"),
    "inspect no name": ("inspect prod", 2, "give FLOW/DEPLOYMENT"),
    "inspect which": ("inspect", 2, "give FLOW/DEPLOYMENT, or its id with --id"),
    "inspect both": (f"inspect NAME --id {UNKNOWN}", 2, "give FLOW/DEPLOYMENT, or its id with --id"),
    "inspect no id": ("inspect --id abc", 2, "copy one from `lictor deployment ls`"),
    "run nothing": ("run no/thing", 1, "There is no deployment 'no/thing'"),
    "run with what is missing": ("run NAME", 1, '"name" is a required property'),
    "run with what is wrong": ("run NAME -p name=1", 1, 'name: 1 is not of type "string"'),
    "run with what is unknown": ("run NAME -p nmae=x", 1, "has no parameter 'nmae': it takes name, times."),
    "run with no value": ("run NAME -p name", 1, "write --param NAME=VALUE"),
    "run with broken JSON": ("run NAME -p name={1", 1, "begins as JSON does, but is none"),
    "run with no JSON": ("run NAME --params {", 1, "--params is no JSON"),
    "run with no object": ("run NAME --params 3", 1, "--params is no object"),
    "run with a broken variable": ("run NAME --job-variable x", 1, "write --job-variable NAME=VALUE"),
    "run twice": ("run NAME --start-in 1h --start-at 17:30", 2, "exclude each other"),
    "run sometime": ("run NAME --start-at sometime", 2, "'sometime' is no time"),
    "run in a while": ("run NAME --start-in while", 2, "'while' is no duration"),
    "run by no name": ("run NAME -p name=x --flow-run-name {y}", 1, "the run is given no parameter 'y'"),
    "run by a broken name": ("run NAME -p name=x --flow-run-name {", 1, "cannot be filled in"),
    "delete nothing": ("delete no/thing", 1, "There is no deployment 'no/thing'"),
    "delete all and one": ("delete NAME --all", 2, "leave out the name and --id"),
    "schedule nothing": ("schedule create no/thing --interval 5", 1, "There is no deployment 'no/thing'"),
    "schedule without": ("schedule create NAME", 1, "one of interval, cron and rrule; given: none"),
    "schedule both": ("schedule create NAME --interval 5 --cron @daily", 1, "given: interval and cron"),
    "schedule a bad cron": ("schedule create NAME --cron x", 1, "a cron expression has 5 to 7"),
    "schedule backwards": ("schedule create NAME --interval -5", 1, "greater than 0"),
    "schedule in no zone": ("schedule create NAME --cron @daily --timezone Mars", 1, "'Mars' is no time zone"),
    "schedule from never": ("schedule create NAME --interval 5 --anchor-date x", 1, "--anchor-date 'x' is no time"),
    "schedule a zone": ("schedule create NAME --rrule DTSTART;TZID=UTC:20200101", 1, "give it with --timezone"),
    "schedule a bad rule": ("schedule create NAME --rrule FREQ=OFTEN", 1, "a rule names its FREQ"),
    "catch up without a slug": ("schedule create NAME --cron @daily --catch-up skip", 1, "give the schedule a slug"),
    "catch up somehow": (
        "schedule catch-up NAME on never",
        2,
        "'never' is not one of 'run-all', 'newest-only', 'skip'",
    ),
    "catch up with nothing": ("schedule catch-up NAME none skip", 1, "has no schedule 'none'"),
    "catch up of nothing": ("schedule catch-up no/thing x skip", 1, "There is no deployment 'no/thing'"),
    "pause which": ("schedule pause", 2, "or --all for every schedule there is"),
    "pause all of one": ("schedule pause NAME --all", 2, "or --all for every schedule there is"),
    "pause what is paused": ("schedule pause NAME off", 1, "is paused already"),
    "resume what goes on": ("schedule resume NAME on", 1, "goes on already"),
    "pause one of several": ("schedule pause NAME", 1, "it has o"),
    "delete no schedule": (
        "schedule delete NAME none",
        1,
        "has no schedule 'none': see `lictor deployment schedule ls`",
    ),
}


@pytest.fixture(scope="module")
def fixed(server: Server) -> str:
    interval = {"interval": 60}
    slugs = [{"schedule": interval, "slug": "on"}, {"schedule": interval, "slug": "off", "active": False}]
    return made(server, schedules=slugs)


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_done_is_said_clearly(lictor: Lictor, fixed: str, case: str) -> None:
    words, code, reason = REFUSED[case]
    done = lictor("deployment", *(fixed if word == "NAME" else word for word in words.split()))
    assert (done.exit_code, done.stdout) == (code, "")
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
