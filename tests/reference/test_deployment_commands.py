"""The reference's commands about deployments, with a Lictor server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.reference.conftest import Run
from tests.running import Server

NAME = "told/prod"
SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}}}


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with no deployments but those of these tests."""
    with Server(tmp_path_factory.mktemp("own")) as server:
        yield server


def made(server: Server, name: str = NAME) -> str:
    """Make a deployment and return its id."""
    flow, _, own = name.partition("/")
    parent = httpx.post(f"{server.url}/flows/", json={"name": flow}, timeout=60).json()["id"]
    body = {"name": own, "flow_id": parent, "parameter_openapi_schema": SCHEMA}
    answer = httpx.post(f"{server.url}/deployments/", json=body, timeout=60).raise_for_status().json()
    return str(answer["id"])


def found(server: Server, name: str = NAME) -> Any:
    return httpx.get(f"{server.url}/deployments/name/{name}", timeout=60).raise_for_status().json()


COMMANDS = {
    "deployment ls --output json": '"name": "prod"',
    "deployment ls told": NAME,
    f"deployment inspect {NAME}": "'name': 'prod'",
    f"deployment run {NAME} --param name=you --tag mine --start-in '2 days' --flow-run-name 'for {{name}}'": "for you",
    f"deployment schedule create {NAME} --cron '0 9 * * 1' --timezone Europe/Berlin --no-day_or": "Created",
    f"deployment schedule create {NAME} --rrule FREQ=DAILY --no-active": "Created",
    f"deployment schedule create {NAME} --interval 60 --anchor-date 2026-01-01 --replace -y": "Replaced",
    f"deployment schedule ls {NAME}": "0:01:00",
    f"deployment schedule pause {NAME} {{id}}": "Paused schedule",
    "deployment schedule resume --all": "Resumed 1",
    "deployment schedule pause --all": "Paused 1",
    f"deployment schedule ls {NAME} --output json": '"active": false',
    f"deployment schedule resume {NAME} {{id}}": "Resumed schedule",
}
"""What is called, in this order, and a part of what is said."""
GONE = {
    f"deployment schedule ls {NAME} -o json": '"active": true',
    f"deployment schedule delete {NAME} {{id}} -y": "Deleted",
    f"deployment schedule create {NAME} --interval 60": "Created",
    f"deployment schedule clear {NAME} -y": "Cleared",
    f"deployment delete {NAME}": "Deleted",
    "deployment delete --all": "Deleted 1 deployment",
}


def test_the_references_commands_keep_lictors_deployments(run: Run, own_server: Server) -> None:
    def told(commands: dict[str, str]) -> None:
        done = run("prefect", own_server, "commanding.py", *commands)
        assert done.returncode == 0, done.stderr
        for (command, text), (code, said) in zip(
            commands.items(), json.loads(done.stdout.splitlines()[-1]), strict=True
        ):
            assert (code, text in said) == (0, True), f"{command}\n{said}"

    made(own_server)
    told(COMMANDS)
    (schedule,) = found(own_server)["schedules"]
    assert (schedule["active"], schedule["schedule"]["anchor_date"]) == (True, "2026-01-01T00:00:00Z")
    (made_run,) = httpx.post(
        f"{own_server.url}/flow_runs/filter", json={"flow_runs": {"tags": {"all_": ["mine"]}}}
    ).json()
    assert (made_run["name"], made_run["parameters"]) == ("for you", {"name": "you"})
    assert made_run["next_scheduled_start_time"] > made_run["created"]
    made(own_server, "other/one")
    told(GONE)
    assert httpx.post(f"{own_server.url}/deployments/count", json={}, timeout=60).json() == 0
