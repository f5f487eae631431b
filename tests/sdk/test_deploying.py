"""Flows from repositories and folders are deployed, and a worker runs them with the code from there."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from lictor import Flow, deploy, flow
from lictor.deployments import GitRepository, LocalStorage, RemoteStorage, RunnerDeployment
from lictor.engine.errors import EntrypointError
from lictor.schedules import Cron
from lictor.sdk.api.deployment import READ, create_flow_run_from_deployment, read_deployment_catch_up
from lictor.sdk.runner import Runner
from lictor.sdk.system_blocks import LocalFileSystem, Secret
from lictor.sdk.worker import ProcessWorker
from lictor.wire.operations import work_pool
from lictor.wire.types.work_pool import WorkPoolCreate
from tests.running import clean_environment
from tests.sdk.conftest import Api

CODE = """
from pathlib import Path
from lictor import flow
from beside import TEXT

@flow(name={name!r})
def work(mark: str) -> None:
    Path(mark).write_text(TEXT)
"""


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A repository with a flow, whose module has a name of its own."""
    before, path = dict(sys.modules), list(sys.path)
    folder = tmp_path / "code"
    (folder / "flows").mkdir(parents=True)
    (folder / "flows" / "work.py").write_text(CODE.format(name=f"flow-{uuid4()}"))
    (folder / "flows" / "beside.py").write_text("TEXT = 'told'")
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
        subprocess.run(["git", *who, *words], cwd=folder, check=True)
    monkeypatch.chdir(tmp_path)
    yield folder
    sys.path[:] = path
    for name in sys.modules.keys() - before.keys():
        del sys.modules[name]


@pytest.fixture
def pool(api: Api) -> str:
    name = f"pool-{uuid4()}"
    api.client(work_pool.CREATE(WorkPoolCreate(name=name, type="process")))
    return name


def run_by_worker(api: Api, pool: str, deployment: UUID, mark: Path) -> str | None:
    """Make a run and let a worker run it; return the state that it ends in."""
    run = api.client(create_flow_run_from_deployment(deployment, parameters={"mark": str(mark)}))
    environment = {**clean_environment(), **{name: os.environ[name] for name in ("PREFECT_API_URL", "PREFECT_HOME")}}
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    command = [sys.executable, "-m", "lictor.cli.main", "worker", "start", "--pool", pool, "--run-once"]
    done = subprocess.run(command, env=environment, cwd="/", check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    state = api.flow_run(run.id).state
    assert state is not None
    return f"{state.type}: {state.message}"


def source_of(kind: str, code: Path) -> Any:
    """Return a place of the code."""
    if kind == "block":
        block = LocalFileSystem(basepath=str(code))
        block.save(f"files-{uuid4()}")
        return block
    places = {"repository": GitRepository(code.as_uri()), "remote": RemoteStorage(code.as_uri()), "folder": code}
    return places[kind]


@pytest.mark.parametrize("kind", ["repository", "folder", "remote", "block"])
def test_a_flow_is_deployed_from_where_its_code_is(
    kind: str, code: Path, api: Api, pool: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = Flow.from_source(source_of(kind, code), "flows/work.py:work")
    made = found.deploy("deployed", work_pool_name=pool, cron="0 0 1 1 *")
    deployment = api.client(READ(id=made))
    assert (deployment.entrypoint, deployment.path) == ("flows/work.py:work", None)
    assert f"lictor deployment run '{found.name}/deployed'" in capsys.readouterr().out
    assert run_by_worker(api, pool, made, tmp_path / "mark") == "COMPLETED: None"
    assert (tmp_path / "mark").read_text() == "told"


def test_the_name_of_a_run_makes_no_line_of_a_workers_log(code: Path, api: Api, pool: str) -> None:
    made = Flow.from_source(code, "flows/work.py:work").deploy("named", work_pool_name=pool)
    name = "a\n12:00:00 | ERROR | b\x1b[2J"
    api.client(create_flow_run_from_deployment(made, name=name, parameters={"mark": ""}))
    assert [run.name for run in ProcessWorker(pool).due(1, patient=False)] == [r"a\n12:00:00 | ERROR | b\x1b[2J"]


def test_a_flow_of_a_program_is_deployed_with_its_folder(code: Path, api: Api, pool: str, tmp_path: Path) -> None:
    found = flow.from_source(LocalStorage(code), "flows/work.py:work")  # type: ignore[attr-defined]
    found.source = None
    [made] = deploy(found.to_deployment("deployed"), work_pool_name=pool, print_next_steps_message=False)
    [step] = api.client(READ(id=made)).pull_steps or []
    assert step == {"prefect.deployments.steps.set_working_directory": {"directory": str(tmp_path)}}
    assert run_by_worker(api, pool, made, tmp_path / "mark") == "COMPLETED: None"


def test_credentials_of_a_repository_stand_in_no_deployment(api: Api) -> None:
    name = f"secret-{uuid4()}"
    Secret(value="hidden").save(name)
    token = {"access_token": Secret.load(name)}
    step = GitRepository("https://example.org/a.git", credentials=token, branch="main").to_pull_step()
    said = step["prefect.deployments.steps.git_clone"]
    assert said == {
        "repository": "https://example.org/a.git",
        "branch": "main",
        "credentials": {"access_token": f"{{{{ prefect.blocks.secret.{name} }}}}"},
    }
    for wrong in ("hidden", Secret(value="hidden")):
        with pytest.raises(ValueError, match="access_token: give a Secret block that is saved"):
            GitRepository("https://example.org/a.git", credentials={"access_token": wrong}).to_pull_step()


def test_what_cannot_be_deployed_is_told(code: Path, api: Api) -> None:
    found = Flow.from_source(code, "flows/work.py:work")
    with pytest.raises(ValueError, match="Make it: lictor work-pool create there-is-none"):
        found.deploy("deployed", work_pool_name="there-is-none")
    with pytest.raises(ValueError, match="say in which work pool"):
        found.deploy("deployed")
    with pytest.raises(EntrypointError, match="has no flow 'nothing'"):
        Flow.from_source(code, "flows/work.py:nothing")
    with pytest.raises(ValueError, match="There is no folder"):
        Flow.from_source("./nowhere", "work.py:work")


def test_a_deployment_says_what_its_schedules_catch_up_with(code: Path, api: Api) -> None:
    found = Flow.from_source(code, "flows/work.py:work")
    nightly = Cron("0 3 * * *", slug="nightly", catch_up="newest-only")
    hourly = {"interval": 3600, "slug": "hourly", "catch_up": "skip"}
    made = found.to_deployment("x", schedules=[nightly, hourly, Cron("0 4 * * *", slug="other")])
    assert made.catch_up == {"nightly": "newest-only", "hourly": "skip"}
    deployment_id = made.apply()
    read = read_deployment_catch_up(deployment_id)
    assert {each.slug: each.policy for each in api.client(read)} == made.catch_up
    assert found.to_deployment("x", schedule=Cron("0 5 * * *", slug="nightly")).apply() == deployment_id
    assert {each.slug: each.policy for each in api.client(read)} == made.catch_up
    assert found.to_deployment("x", schedule=Cron("0 5 * * *", slug="nightly", catch_up="run-all")).apply()
    assert {each.slug: each.policy for each in api.client(read)} == {"nightly": "run-all", "hourly": "skip"}
    with pytest.raises(ValueError, match="give the schedule a slug"):
        found.to_deployment("x", schedules=[{"interval": 3600, "catch_up": "skip"}])


def test_a_deployment_is_what_was_said_of_it_last_save_for_its_schedules(code: Path, api: Api, pool: str) -> None:
    found = Flow.from_source(code, "flows/work.py:work")
    said = {
        "tags": ["a"],
        "description": "x",
        "job_variables": {"env": {"A": "b"}},
        "paused": True,
        "cron": "0 0 1 1 *",
    }
    kwargs: Any = {**said, "concurrency_limit": 2, "parameters": {"mark": "m"}, "version_type": "prefect:simple"}
    made = found.deploy("again", work_pool_name=pool, work_queue_name="own", **kwargs)
    assert found.deploy("again", work_pool_name=pool) == made
    now = api.client(READ(id=made))
    assert (now.tags, now.job_variables, now.parameters, now.description) == ([], {}, {}, None)
    assert (now.work_queue_name, now.global_concurrency_limit, now.paused) == ("default", None, True)
    assert [each.schedule.cron for each in now.schedules] == ["0 0 1 1 *"]


def test_what_is_not_built_yet_is_told(code: Path) -> None:
    found: Any = Flow.from_source(code, "flows/work.py:work")
    found.to_deployment("x", triggers=None)
    with pytest.raises(ValueError, match="triggers: automations are not known yet"):
        found.to_deployment("x", triggers=["any"])


@pytest.mark.parametrize("paused", [None, True])
def test_a_deployment_that_is_served_again_goes_on(code: Path, api: Api, paused: bool | None) -> None:
    found, known = Flow.from_source(code, "flows/work.py:work"), []
    for _ in range(2):
        runner = Runner()
        deployment_id = runner.add_deployment(found.to_deployment("served", paused=paused))
        known.append(api.client(READ(id=deployment_id)).paused)
        runner.shut_down()
        assert api.client(READ(id=deployment_id)).paused is True
    assert known == [bool(paused)] * 2


def test_only_one_way_says_schedules(code: Path) -> None:
    found = Flow.from_source(code, "flows/work.py:work")
    made = found.to_deployment("x", interval=[60, 120.5])
    assert isinstance(made, RunnerDeployment)
    assert len(made.schedules) == 2
    with pytest.raises(ValueError, match="not interval and cron"):
        found.to_deployment("x", interval=60, cron="* * * * *")
