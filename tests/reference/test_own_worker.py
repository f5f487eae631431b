"""Lictor's process worker, on Lictor's server and on the reference's."""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from shutil import copy
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.reference.conftest import Reference, Run, Start
from tests.reference.test_stories import PATIENCE
from tests.running import Server, free_port

EXAMPLE = Path(__file__).parents[2] / "examples" / "limited_worker.py"
PROGRAM = """
from lictor import flow

@flow
def worked(number: int = 1) -> None:
    with open("worked.txt", "w") as file:
        file.write(str(number))
"""
ENV = {"type": "object", "additionalProperties": {"type": "string"}, "default": {"A": "pool", "B": "pool", "C": "pool"}}
TEMPLATE = {
    "job_configuration": {"command": "{{ command }}", "env": "{{ env }}", "working_dir": "{{ working_dir }}"},
    "variables": {
        "type": "object",
        "properties": {"command": {"type": "string"}, "env": ENV, "working_dir": {"type": "string"}},
    },
}


WAITING = """
import os, time
from pathlib import Path
from lictor import flow
from lictor.runtime import flow_run

@flow
def worked(number: int = 1) -> None:
    Path(f"begun-{flow_run.id}").write_text(str(os.getpid()))
    while not Path("end").exists():
        time.sleep(0.02)
"""


class Site:
    """A server, and a pool on it."""

    def __init__(self, server: Server, folder: Path, template: dict[str, Any] | None = None) -> None:
        self.server, self.folder, self.pool = server, folder, f"pool-{uuid4()}"
        self.api = httpx.Client(base_url=server.url, timeout=60)
        (folder / "program.py").write_text(PROGRAM)
        self.ask("POST", "/work_pools/", {"name": self.pool, "type": "process", "base_job_template": template or {}})

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.api.request(method, path, json=body)
        for _ in range(10):
            if answer.status_code < 500 or not isinstance(self.server, Reference):
                break
            time.sleep(0.5)  # its database is locked now and then
            answer = self.api.request(method, path, json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def run(self, job_variables: dict[str, Any] | None = None, of_run: dict[str, Any] | None = None) -> str:
        """Make a deployment and a run of it; return the run's id."""
        flow = self.ask("POST", "/flows/", {"name": "worked"})["id"]
        body = {
            "name": str(uuid4()),
            "flow_id": flow,
            "work_pool_name": self.pool,
            "entrypoint": "program.py:worked",
            "path": str(self.folder),
            "job_variables": job_variables or {},
        }
        deployment = self.ask("POST", "/deployments/", body)["id"]
        said = {"parameters": {"number": 7}, "job_variables": of_run or {}}
        run: str = self.ask("POST", f"/deployments/{deployment}/create_flow_run", said)["id"]
        return run

    def state(self, run: str) -> Any:
        return self.ask("GET", f"/flow_runs/{run}")["state"]


@pytest.mark.parametrize("place", ["lictor", "prefect"])
def test_what_waits_is_run(place: str, request: pytest.FixtureRequest, tmp_path: Path, run: Run) -> None:
    site = Site(request.getfixturevalue("lictor_server" if place == "lictor" else "reference_server"), tmp_path)
    runs = [site.run(), site.run()]
    done = run("lictor", site.server, None, "worker", "start", "--pool", site.pool, "--name", "mine", "--run-once")
    assert done.returncode == 0, done.stderr
    assert [site.state(each)["type"] for each in runs] == ["COMPLETED"] * 2
    assert (tmp_path / "worked.txt").read_text() == "7"
    workers = site.ask("POST", f"/work_pools/{site.pool}/workers/filter", {})
    assert [(each["name"], each["status"]) for each in workers] == [("mine", "ONLINE")]
    pid = site.ask("GET", f"/flow_runs/{runs[0]}")["infrastructure_pid"]
    assert pid.rpartition(":")[2].isdigit()
    site.run()
    done = run("prefect", site.server, None, "worker", "start", "--pool", site.pool, "--name", "theirs", "--run-once")
    assert done.returncode == 0, done.stderr
    until(lambda: len(told_by(site, "mine")) == len(told_by(site, "theirs")) == len(EVENTS))
    assert told_by(site, "mine") == told_by(site, "theirs")
    assert set(told_by(site, "mine")) == EVENTS


EVENTS = {f"prefect.worker.{what}" for what in ("started", "submitted-flow-run", "executed-flow-run", "stopped")}


def told_by(site: Site, worker: str) -> dict[str, Any]:
    """Return the events of a worker by name: what labels they have, and whether they follow another."""
    by = {"id": [f"prefect.worker.process.{worker}"]}
    related = {"id": [f"prefect.work-pool.{site.ask('GET', f'/work_pools/{site.pool}')['id']}"]}
    found = site.ask("POST", "/events/filter", {"filter": {"resource": by, "related": related}})["events"]
    return {
        each["event"]: (
            sorted(each["resource"]),
            sorted((one["prefect.resource.role"], sorted(one)) for one in each["related"]),
            each["follows"] is not None,
        )
        for each in found
        if each["event"] in EVENTS
    }


@pytest.mark.parametrize("sdk", ["lictor", "prefect"])
def test_job_variables_are_laid_over_each_other(sdk: str, lictor_server: Server, tmp_path: Path, run: Run) -> None:
    site, name = Site(lictor_server, tmp_path, TEMPLATE), f"variable-{uuid4()}"
    site.ask("POST", "/variables/", {"name": name, "value": "told"})
    variables = {
        "command": f"bash -c 'for each in A B C D E F; do echo $each=${{!each}}; done > {tmp_path}/env; pwd >> {tmp_path}/env'",
        "working_dir": str(tmp_path / "inner"),
        "env": {"B": "deployment", "C": "deployment", "D": f"{{{{ prefect.variables.{name} }}}}", "E": "{{ $LANG }}"},
    }
    (tmp_path / "inner").mkdir()
    flow_run = site.run(variables, {"env": {"C": "run", "F": "run"}})
    done = run(sdk, lictor_server, None, "worker", "start", "--pool", site.pool, "--run-once")
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "env").read_text().splitlines()
    assert lines[:4] == ["A=pool", "B=deployment", "C=run", "D=told"]
    assert lines[4].startswith("E=")
    assert lines[5:] == ["F=run", str(tmp_path / "inner")]
    assert site.state(flow_run)["type"] in ("PENDING", "CRASHED")  # nothing there ran the flow
    told = run("lictor", lictor_server, None, "flow-run", "job-variables", flow_run, "--output", "json")
    shown = {name: (each["from"], each["value"]) for name, each in json.loads(told.stdout).items()}
    assert (shown["env.A"], shown["env.C"]) == (("pool", "pool"), ("run", "run"))
    assert shown["env.D"] == ("deployment", f"{{{{ prefect.variables.{name} }}}}")


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"command": "/there/is/no/such/program"}, "No such file"),
        ({"env": {"A": "{{ prefect.variables.there_is_none }}"}}, "There is no variable 'there_is_none'"),
        ({"env": {"A": "{{ prefect.blocks.secret.there-is-none }}"}}, "There is no block 'secret/there-is-none'"),
        ({"command": "bash -c 'exit 127'"}, "exit code 127: its command was not found"),
    ],
)
def test_a_run_that_cannot_be_started_crashes_and_says_why(
    variables: dict[str, Any], said: str, lictor_server: Server, tmp_path: Path, run: Run
) -> None:
    site = Site(lictor_server, tmp_path, TEMPLATE)
    flow_run = site.run(variables)
    run("lictor", lictor_server, None, "worker", "start", "--pool", site.pool, "--run-once")
    state = site.state(flow_run)
    assert state["type"] == "CRASHED"
    assert said in state["message"]


def test_hooks_that_cannot_be_called_are_told_and_the_run_has_its_state(
    lictor_server: Server, tmp_path: Path, run: Run
) -> None:
    site, name = Site(lictor_server, tmp_path, TEMPLATE), f"variable-{uuid4()}"
    site.ask("POST", "/variables/", {"name": name, "value": "told"})
    gone = f"import httpx, os; httpx.delete('{lictor_server.url}/variables/name/{name}', timeout=60); os._exit(3)"
    words = {"command": shlex.join([sys.executable, "-c", gone]), "env": {"A": f"{{{{ prefect.variables.{name} }}}}"}}
    flow_run = site.run(words)
    done = run("lictor", lictor_server, None, "worker", "start", "--pool", site.pool, "--run-once")
    assert site.state(flow_run)["type"] == "CRASHED"
    assert f"could not be called: There is no variable '{name}'" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_secrets_of_blocks_reach_the_process(lictor_server: Server, tmp_path: Path, run: Run) -> None:
    site = Site(lictor_server, tmp_path, TEMPLATE)
    kind = site.ask("GET", "/block_types/slug/secret")["id"]
    schema = site.ask("POST", "/block_schemas/filter", {"block_schemas": {"block_type_id": {"any_": [kind]}}})[0]["id"]
    name = f"secret-{uuid4()}"
    body = {"name": name, "block_type_id": kind, "block_schema_id": schema, "data": {"value": "hidden"}}
    site.ask("POST", "/block_documents/", body)
    site.run(
        {"command": f"bash -c 'echo $A > {tmp_path}/secret'", "env": {"A": f"{{{{ prefect.blocks.secret.{name} }}}}"}}
    )
    done = run("lictor", lictor_server, None, "worker", "start", "--pool", site.pool, "--run-once")
    assert (tmp_path / "secret").read_text() == "hidden\n"
    assert "hidden" not in done.stdout + done.stderr


def test_where_a_flow_fails_to_load_is_in_the_runs_log(lictor_server: Server, tmp_path: Path, run: Run) -> None:
    site = Site(lictor_server, tmp_path)
    (tmp_path / "program.py").write_text("def broken():\n    return 1 / 0\n\nbroken()\n")
    made = site.run()
    run("lictor", lictor_server, None, "worker", "start", "--pool", site.pool, "--run-once")
    assert site.state(made)["message"].endswith("ZeroDivisionError: division by zero (program.py, line 2)")
    [line] = site.ask("POST", "/logs/filter", {"logs": {"flow_run_id": {"any_": [made]}}})
    assert line["message"].startswith("The flow could not be loaded: 'program.py' cannot be loaded")
    assert 'program.py", line 4' in line["message"]


def test_of_a_deployment_that_says_no_place_is_told_what_to_do(lictor_server: Server, tmp_path: Path, run: Run) -> None:
    site = Site(lictor_server, tmp_path)
    made = site.ask("GET", f"/flow_runs/{site.run()}")
    site.ask("PATCH", f"/deployments/{made['deployment_id']}", {"path": "."})
    run("lictor", lictor_server, None, "worker", "start", "--pool", site.pool, "--run-once")
    assert "neither pull steps nor a folder to look in: make it with flow.deploy" in site.state(made["id"])["message"]


@pytest.mark.parametrize(
    ("parameters", "said"),
    [({"nubmer": 1}, "has no parameters nubmer"), ({}, "lacks the parameters number in this run")],
)
def test_a_run_whose_parameters_are_not_the_flows_fails_and_says_why(
    parameters: dict[str, int], said: str, lictor_server: Server, tmp_path: Path, run: Run
) -> None:
    site = Site(lictor_server, tmp_path)
    (tmp_path / "program.py").write_text("from lictor import flow\n\n@flow\ndef worked(number: int): ...\n")
    deployment = site.ask("GET", f"/flow_runs/{site.run()}")["deployment_id"]
    made = site.ask("POST", f"/deployments/{deployment}/create_flow_run", {"parameters": parameters})["id"]
    done = run("lictor", lictor_server, None, "worker", "start", "--pool", site.pool, "--run-once")
    state = site.state(made)
    assert (state["type"], said in state["message"]) == ("FAILED", True), state
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--pool", "docker"), "is for workers of type 'docker'"),
        (("--pool", "none", "--no-create-pool-if-not-found"), "Make it: lictor work-pool create none --type process"),
        ((), "--pool"),
        (("--pool", "there", "-q", "a b", "--run-once"), "make it: lictor work-queue create 'a b' --pool there."),
    ],
)
def test_what_cannot_be_started_is_told(words: tuple[str, ...], said: str, lictor_server: Server, run: Run) -> None:
    httpx.post(f"{lictor_server.url}/work_pools/", json={"name": "docker", "type": "docker"}, timeout=60)
    done = run("lictor", lictor_server, None, "worker", "start", *words)
    assert done.returncode in (1, 2)
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_worker_makes_its_pool_and_ends_when_told(lictor_server: Server, start: Start) -> None:
    name = f"pool-{uuid4()}"
    process = start("lictor", lictor_server, None, "worker", "start", "--pool", name, "--name", "mine")
    api = httpx.Client(base_url=lictor_server.url, timeout=60)
    end = time.monotonic() + PATIENCE
    path = f"/work_pools/{name}/workers/filter"
    while not ((answer := api.post(path, json={})).is_success and answer.json()):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert "command" in json.dumps(api.get(f"/work_pools/{name}").json()["base_job_template"])
    process.send_signal(signal.SIGTERM)
    said, wrong = process.communicate(timeout=60)
    assert process.returncode == 0, said + wrong


def test_a_worker_finishes_what_runs_and_is_well_until_then(
    lictor_server: Server, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, port = Site(lictor_server, tmp_path), free_port()
    (tmp_path / "program.py").write_text(WAITING)
    monkeypatch.setattr(lictor_server, "client_settings", {"PREFECT_WORKER_WEBSERVER_PORT": str(port)})
    process = start("lictor", lictor_server, None, "worker", "start", "--pool", site.pool, "--with-healthcheck")
    first, second = site.run(), site.run()
    until(lambda: len(list(tmp_path.glob("begun-*"))) == 2)
    assert httpx.get(f"http://127.0.0.1:{port}/health").json() == {"message": "OK"}
    pids = {path.name.removeprefix("begun-"): int(path.read_text()) for path in tmp_path.glob("begun-*")}
    site.ask("POST", f"/flow_runs/{first}/set_state", {"state": {"type": "CANCELLING"}})
    until(lambda: site.state(first)["type"] == "CANCELLED")
    until(lambda: not Path(f"/proc/{pids[first]}").exists())
    process.send_signal(signal.SIGTERM)
    third = site.run()
    (tmp_path / "end").touch()
    said, wrong = process.communicate(timeout=60)
    assert process.returncode == 0, said + wrong
    assert site.state(second)["type"] == "COMPLETED"
    assert site.state(third)["type"] == "SCHEDULED"


def until(seen: Callable[[], Any]) -> None:
    """Wait until something holds that another process brings about."""
    end = time.monotonic() + PATIENCE
    while not seen():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install the worker of the examples, as a package would be."""
    place = tmp_path / "site"
    (place / "limited-1.dist-info").mkdir(parents=True)
    (place / "limited-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: limited\nVersion: 1\n")
    names = "limited = limited_worker:LimitedWorker\nwrong = limited_worker:LimitedJob\nabsent = none_such:Worker\n"
    (place / "limited-1.dist-info" / "entry_points.txt").write_text(f"[lictor.workers]\n{names}")
    copy(EXAMPLE, place / EXAMPLE.name)
    commands = tmp_path / "bin"
    commands.mkdir()
    script = f'#!/bin/sh\nexec {sys.executable} -m lictor.cli.main "$@"\n'
    (commands / "lictor").write_text(script)
    (commands / "lictor").chmod(0o755)
    monkeypatch.setenv("PATH", f"{commands}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(place), *sys.path]))


@pytest.mark.usefixtures("installed")
def test_a_type_of_worker_is_found_by_its_entry_point(lictor_server: Server, tmp_path: Path, run: Run) -> None:
    words = ("worker", "start", "--run-once", "--pool")
    pool = f"pool-{uuid4()}"
    made = run("lictor", lictor_server, None, *words, pool, "--type", "limited")
    assert made.returncode == 0, made.stderr
    site = Site(lictor_server, tmp_path)
    template = site.ask("GET", f"/work_pools/{pool}")["base_job_template"]
    assert template["variables"]["properties"]["memory_mb"] == {"type": "integer", "default": 2048}
    site.pool = pool
    (tmp_path / "program.py").write_text(PROGRAM.replace("str(number)", "str(resource.getrlimit(resource.RLIMIT_CPU))"))
    (tmp_path / "program.py").write_text("import resource\n" + (tmp_path / "program.py").read_text())
    named = {"name": "job-{{ ctx.flow.name }}-{{ ctx.flow_run.parameters.number }}{{ ctx.none }}"}
    flow_run = site.run({"processor_seconds": 77}, {"env": {"A": "b"}, **named})
    done = run("lictor", lictor_server, None, *words, pool)
    assert done.returncode == 0, done.stderr
    assert site.state(flow_run)["type"] == "COMPLETED", done.stderr
    assert (tmp_path / "worked.txt").read_text() == "(77, 77)"
    assert site.ask("GET", f"/flow_runs/{flow_run}")["infrastructure_pid"].startswith("job-worked-7:")


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("none", "No worker of type 'none' is installed here; there are: absent, limited, process, wrong."),
        ("wrong", "The worker of type 'wrong', limited_worker:LimitedJob, is no class that extends Worker."),
        ("absent", "The worker of type 'absent', none_such:Worker, cannot be loaded: No module named 'none_such'."),
    ],
)
def test_a_type_of_worker_that_cannot_be_used_is_told(kind: str, said: str, lictor_server: Server, run: Run) -> None:
    done = run("lictor", lictor_server, None, "worker", "start", "--pool", f"pool-{uuid4()}", "--type", kind)
    assert (done.returncode, done.stderr) == (1, f"Error: {said}\n")


def test_the_example_is_as_short_as_it_is_said_to_be_and_in_the_documentation() -> None:
    text = EXAMPLE.read_text()
    assert len(text.splitlines()) < 60
    assert text in (EXAMPLE.parents[1] / "docs" / "how-to" / "work-pools.md").read_text()
