"""`lictor deploy`, called in this process: which deployments it makes, what it asks for, and what it says is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from click.testing import Result

from tests.cli.test_deployment import Lictor, lictor, server
from tests.running import Server

__all__ = ["lictor", "server"]

FLOWS = """
from lictor import flow

@flow(name="{flow}")
def greet(name: str = "x"):
    print("loaded")

@flow
def needs(name: str): ...

print("printed while it loads")
"""
Deploy = Callable[..., Result]


class Place:
    """A folder with flows, and a work pool."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.folder, self.api = folder, httpx.Client(base_url=server.url, timeout=60)
        self.pool, self.flow, self.module = f"pool-{uuid4()}", f"flow-{uuid4()}", f"flows_{uuid4().hex}"
        self.api.post("/work_pools/", json={"name": self.pool, "type": "process"}).raise_for_status()
        (folder / f"{self.module}.py").write_text(FLOWS.format(flow=self.flow))

    @property
    def entrypoint(self) -> str:
        return f"{self.module}.py:greet"

    def write(self, text: str, name: str = "prefect.yaml") -> None:
        filled = text.replace("POOL", self.pool).replace("ENTRYPOINT", self.entrypoint).replace("MODULE", self.module)
        (self.folder / name).write_text(filled)

    def made(self) -> dict[str, Any]:
        """The deployments of the flow, by their names."""
        body = {"flows": {"name": {"any_": [self.flow]}}}
        return {each["name"]: each for each in self.api.post("/deployments/filter", json=body).json()}


@pytest.fixture
def place(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    path = list(sys.path)
    yield Place(folder, server)
    sys.path[:] = path


@pytest.fixture
def deploy(lictor: Lictor) -> Deploy:
    def call(*words: str, given: str | None = None, **settings: str) -> Result:
        return lictor("deploy", *words, given=given, **settings)

    return call


FILE = """
deployments:
- name: one
  entrypoint: ENTRYPOINT
  work_pool: {name: POOL}
- name: two
  entrypoint: ENTRYPOINT
  description: the second
  work_pool: {name: POOL}
- name: nightly-three
  entrypoint: ENTRYPOINT
  work_pool: {name: POOL}
"""


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["--all"], {"one", "two", "nightly-three"}),
        (["--name", "two"], {"two"}),
        (["-n", "two", "-n", "one", "-n", "two"], {"one", "two"}),
        (["-n", "greet/two"], {"two"}),
        (["-n", "*"], {"one", "two", "nightly-three"}),
        (["--pattern", "nightly-*"], {"nightly-three"}),
        (["--pattern", "gr*/t*", "--name", "one"], {"one", "two"}),
        (["ENTRYPOINT", "-n", "four", "--pool", "POOL"], {"four"}),
    ],
)
def test_those_are_made_that_are_asked_for(words: list[str], names: set[str], place: Place, deploy: Deploy) -> None:
    place.write(FILE)
    done = deploy(*(each.replace("POOL", place.pool).replace("ENTRYPOINT", place.entrypoint) for each in words))
    assert done.exit_code == 0, done.output
    assert place.made().keys() == names
    for name in names:
        assert f"{place.flow}/{name}" in done.stdout
    assert f"lictor worker start --pool {place.pool}" in done.stdout
    assert "lictor deployment run" in done.stdout


def test_as_json_the_deployments_are_all_that_is_printed(place: Place, deploy: Deploy) -> None:
    place.write("build: [{prefect.deployments.steps.run_shell_script: {script: echo loud}}]\n" + FILE)
    done = subprocess.run(
        [sys.executable, "-m", "lictor.cli.main", "deploy", "-n", "one", "--output", "json"],
        env={"PREFECT_API_URL": str(place.api.base_url), "PREFECT_HOME": str(place.folder), "PATH": "/usr/bin:/bin"}
        | {"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    [made] = json.loads(done.stdout)
    assert (made["name"], made["work_pool_name"]) == ("one", place.pool)
    for said in ("loud", "printed while it loads", f"Deploying '{place.flow}/one'", "run_shell_script"):
        assert said in done.stderr


def test_the_usual_pool_is_for_those_that_name_none(place: Place, deploy: Deploy) -> None:
    place.write("deployments: [{name: a, entrypoint: ENTRYPOINT}]")
    assert deploy("--all", PREFECT_DEFAULT_WORK_POOL_NAME=place.pool).exit_code == 0
    assert place.made()["a"]["work_pool_name"] == place.pool


def test_another_file_is_read(place: Place, deploy: Deploy) -> None:
    place.write("deployments: [{name: b, entrypoint: ENTRYPOINT, work_pool: {name: POOL}}]", "other.yaml")
    assert deploy("--prefect-file", "other.yaml", "-n", "renamed").exit_code == 0
    assert place.made().keys() == {"renamed"}


ONE = "deployments: [{name: one, entrypoint: ENTRYPOINT, work_pool: {name: POOL}}]"
WRONG: dict[str, tuple[str | None, list[str], str]] = {
    "which": (
        FILE,
        [],
        "Say which deployment of prefect.yaml: --name with one of 'one', 'two', 'nightly-three', or --all.",
    ),
    "all and some": (
        FILE,
        ["--all", "-n", "x"],
        "--all deploys all that the file has: leave out --name and --pattern.",
    ),
    "a name": (FILE, ["-n", "on"], "prefect.yaml has no deployment 'on'; it has 'one', 'two', 'nightly-three'."),
    "one of the names": (FILE, ["-n", "one", "-n", "on"], "prefect.yaml has no deployment 'on'"),
    "a pattern": (ONE, ["--pattern", "x*"], "prefect.yaml has no deployment 'x*'; it has 'one'."),
    "a flow": (FILE, ["-n", "other/one"], "prefect.yaml has no deployment 'other/one'"),
    "no file": (None, ["--all"], "--all: prefect.yaml has no deployments."),
    "no file of that name": (None, ["--prefect-file", "x.yaml"], "x.yaml: it cannot be read: No such file"),
    "no flow": ("deployments: [{name: one}]", [], "Deployment 'one' names no flow: give FILE:FLOW, such as"),
    "no name": (None, ["ENTRYPOINT", "--pool", "POOL"], "has no name: give --name, or 'name:' in the file."),
    "no pool": (
        "deployments: [{name: a, entrypoint: ENTRYPOINT}]",
        [],
        "Deployment 'a' names no work pool: give --pool",
    ),
    "no such pool": (ONE, ["--pool", "none"], "'none', which does not exist. Make it: lictor work-pool create none"),
    "no such flow": (ONE, ["MODULE.py:other"], "has no flow 'other'; it has greet, needs."),
    "no such code": (ONE, ["none.py:other"], "There is no file 'none.py'"),
    "a schedule": (ONE, ["--cron", "x"], "deployment 'one': schedules[0]: "),
    "an interval": (
        ONE.replace("name: one", "name: one, schedule: {interval: x}"),
        [],
        "deployment 'one': schedules[0]: interval: use an ISO 8601 duration such as PT1H, or",
    ),
    "a zone": (ONE, ["--cron", "* * * * *", "--timezone", "Mars"], "'Mars' is no time zone: give its name"),
    "a parameter": (ONE, ["--param", "x"], "--param 'x' gives no value"),
    "parameters": (ONE, ["--param", "x=1", "--params", "{}"], "with --param or with --params, not with both"),
    "a job variable": (ONE, ["--job-variable", "x"], "--job-variable 'x' gives no value"),
    "a JSON job variable": (ONE, ["--job-variable", "x={"], "begins as JSON, but is none"),
    "a trigger": (ONE, ["--trigger", "{}"], "--trigger: automations are not built yet; leave it out."),
    "a strategy": (ONE, ["--collision-strategy", "ENQUEUE"], "--collision-strategy goes with --concurrency-limit."),
    "a step": ("build: [{no.such_step: }]\n" + ONE, [], "The step 'no.such_step' is not known: No module named 'no'."),
    "a step that fails": (
        "push: [{prefect.deployments.steps.run_shell_script: {script: 'false'}}]\n" + ONE,
        [],
        "The step 'prefect.deployments.steps.run_shell_script' failed: 'false' ended with exit code 1",
    ),
    "a variable": (
        "deployments: [{name: a, entrypoint: '{{ prefect.variables.none }}'}]",
        [],
        "There is no variable 'none'.",
    ),
    "a pool that is filled in": (
        "deployments: [{name: a, entrypoint: ENTRYPOINT, work_pool: '{{ $HOME }}'}]",
        [],
        "deployment 'a': work_pool, with its placeholders filled in: write 'name:' below it, with the pool's name.",
    ),
    "a pool of an output": (
        "deployments: [{name: a, entrypoint: ENTRYPOINT, work_pool: '{{ some.output }}'}]",
        [],
        "Deployment 'a': work_pool: write its fields, such as 'name:', below it.",
    ),
    "parameters in a placeholder": (
        ONE.replace("name: one", "name: one, parameters: '{{ prefect.variables.x }}'"),
        ["--param", "a=1"],
        "--param: 'parameters' in the file is a placeholder, which options cannot be laid over.",
    ),
    "schedules in a placeholder": (
        ONE.replace("name: one", "name: one, schedules: '{{ prefect.variables.x }}'"),
        ["--timezone", "UTC"],
        "'schedules' in the file is a placeholder",
    ),
    "a value that does not fit": (
        ONE.replace("name: one", "name: one, parameters: {name: 3}"),
        [],
        """/one': parameters: name: 3 is not of type "string".""",
    ),
    "what is filled in": (
        ONE.replace("name: one", "name: one, paused: '{{ $HOME }}'"),
        [],
        "deployment 'one': paused, with its placeholders filled in: it is a text; write true or false.",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_a_line_and_nothing_is_made(name: str, place: Place, deploy: Deploy) -> None:
    text, words, said = WRONG[name]
    if text is not None:
        place.write(text)
    filled = [
        each.replace("POOL", place.pool).replace("ENTRYPOINT", place.entrypoint).replace("MODULE", place.module)
        for each in words
    ]
    done = deploy(*filled)
    assert done.exit_code in (1, 2)
    assert said in done.stderr
    assert "Traceback" not in done.output
    assert place.made() == {}


def secret(place: Place, value: Any) -> str:
    """Save a Secret block; return its placeholder."""
    kind = place.api.get("/block_types/slug/secret").json()["id"]
    schema = place.api.post("/block_schemas/filter", json={"block_schemas": {"block_type_id": {"any_": [kind]}}}).json()
    body = {
        "name": f"secret-{uuid4()}",
        "block_type_id": kind,
        "block_schema_id": schema[0]["id"],
        "data": {"value": value},
    }
    place.api.post("/block_documents/", json=body).raise_for_status()
    return f"{{{{ prefect.blocks.secret.{body['name']} }}}}"


def test_a_secret_is_in_no_message_of_the_server(place: Place, deploy: Deploy) -> None:
    said = f"name: one, parameters: {{name: '{secret(place, ['hidden-value'])}'}}"
    place.write(ONE.replace("name: one", said))
    done = deploy("--all")
    assert (done.exit_code, "hidden-value" in done.output) == (1, False)
    assert f"Deployment '{place.flow}/one': " in done.stderr


@pytest.mark.parametrize("held", ["prefect.blocks.secret.x", "prefect.variables.x", "$HOME", "ctx.flow.name"])
@pytest.mark.parametrize("where", ["job_variables", "pull", "description"])
def test_what_a_step_reads_names_no_secret_to_runs(held: str, where: str, place: Place, deploy: Deploy) -> None:
    script = f"printf %s%s '{{' '{{ {held} }}}}'"  # as a commit's message may have it
    step = "prefect.deployments.steps.run_shell_script"
    build = f'build: [{{{step}: {{id: commit, stream_output: false, script: "{script}"}}}}]\n'
    one = {
        "job_variables": ONE.replace(
            "name: POOL", "name: POOL, job_variables: {env: {A: 'It says {{ commit.stdout }}'}}"
        ),
        "pull": f"pull: [{{{step}: {{script: 'echo {{{{ commit.stdout }}}}'}}}}]\n{ONE}",
        "description": ONE.replace("name: one", "name: one, description: '{{ commit.stdout }}'"),
    }[where]
    place.write(build + one)
    done = deploy("--all")
    refused = where != "description" and not held.startswith("ctx")
    assert done.exit_code == (1 if refused else 0), done.output
    assert ("{{ commit.stdout }}: the step's output has {{ " + held in done.stderr) is refused
    assert (place.made() == {}) is refused


def test_a_secret_that_will_stand_in_a_deployment_is_warned_of(place: Place, deploy: Deploy) -> None:
    text, whole = secret(place, "hidden-value"), secret(place, {"user": "me", "word": "hidden-value"})
    variables = f"work_pool: {{name: POOL, job_variables: {{env: {{A: '{text}'}}}}}}"
    place.write(ONE.replace("work_pool: {name: POOL}", variables))
    done = deploy("--all")
    assert (done.exit_code, "in clear" in done.stderr) == (0, False), done.output
    for written, said in (
        (ONE.replace("name: one", f"name: one, parameters: {{name: '{text}'}}"), text),
        (ONE.replace("name: one", f"name: one, description: 'With {text}'"), text),
        (ONE.replace("work_pool: {name: POOL}", variables.replace(text, whole).replace("env: {A", "x: {A")), whole),
    ):
        place.write(written)
        done = deploy("--all")
        assert done.exit_code == 0, done.output
        assert f"{said}: what the block holds will stand in the deployment in clear" in done.stderr
        assert "hidden-value" not in done.output


def test_without_a_server_that_is_said(place: Place, deploy: Deploy) -> None:
    place.write(ONE)
    done = deploy("--all", PREFECT_API_URL="http://127.0.0.1:1/api")
    assert (done.exit_code, "No server answers at" in done.stderr) == (1, True)


def test_one_that_is_wrong_keeps_all_from_being_made(place: Place, deploy: Deploy) -> None:
    place.write(FILE + "- {name: four, entrypoint: 'MODULE.py:none', work_pool: {name: POOL}}\n")
    assert deploy("--all").exit_code == 1
    place.write(FILE + "  schedules: [{cron: x}]\n")
    assert deploy("--all").exit_code == 1
    assert place.made() == {}


NOTED = {
    "triggers": (ONE.replace("name: one", "name: one, triggers: [{type: event}]"), [], "automations are not built yet"),
    "options of one": (FILE, ["--all", "--tag", "x", "--pool", "y"], "--tag, --pool is for a single deployment"),
    "a name twice": (
        FILE + "- {name: one, entrypoint: ENTRYPOINT, work_pool: {name: POOL}}",
        ["-n", "one"],
        "2 deployments",
    ),
    "no name": (FILE + "- {entrypoint: ENTRYPOINT}", ["--all"], "has no name; it is left out."),
    "a flow's name": (ONE.replace("name: one", "name: one, flow_name: other"), [], "flow_name 'other' has no effect"),
    "a login in an address": (
        "pull: [{prefect.deployments.steps.git_clone: {repository: 'https://me:hidden@example.org/x.git'}}]\n" + ONE,
        [],
        "The login in the address of https://example.org/x.git stands in the deployment in clear",
    ),
    "a token": (
        "pull: [{prefect.deployments.steps.git_clone: {repository: x, access_token: hidden}}]\n" + ONE,
        [],
        "pull: git_clone: access_token stands in the deployment in clear; keep it in a Secret block",
    ),
    "a key": (
        "pull: [{my.step: {account_key: hidden}}]\n" + ONE,
        [],
        "pull: step: account_key stands in the deployment in clear; keep it in a Secret block",
    ),
    "a parameter of no flow": (ONE, ["--param", "other=1"], "takes no 'other'; it takes name."),
    "an image": (ONE, ["--job-variable", "image=x"], "nothing says where the code is in the image; runs look in /opt/"),
    "an output": (
        ONE.replace("name: one", "name: one, tags: ['{{ a.b }}']"),
        [],
        "{{ a.b }}: no step has such an output",
    ),
}


@pytest.mark.parametrize("name", NOTED)
def test_what_may_be_meant_otherwise_is_noted(name: str, place: Place, deploy: Deploy) -> None:
    text, words, said = NOTED[name]
    place.write(text)
    done = deploy(*words)
    assert done.exit_code == 0, done.output
    assert said in done.stderr
    assert "hidden" not in done.output


def test_what_is_missing_is_asked_for_in_a_terminal(place: Place, deploy: Deploy) -> None:
    done = deploy(given="1\nasked\nn\n", PREFECT_CLI_PROMPT="true", PREFECT_DEFAULT_WORK_POOL_NAME=place.pool)
    assert done.exit_code == 0, done.output
    assert place.made().keys() == {"asked"}
    place.write(FILE)
    done = deploy(given="2\n", PREFECT_CLI_PROMPT="true")
    assert done.exit_code == 0, done.output
    assert place.made()["two"]["description"] == "the second"
    assert "Save" not in done.output
    done = deploy(given="4\n\nMODULE.py:greet\n".replace("MODULE", place.module), PREFECT_CLI_PROMPT="true")
    assert "Which work pool?" in done.stderr


def test_a_deployment_that_is_not_in_the_file_is_saved_where_that_is_wanted(place: Place, deploy: Deploy) -> None:
    words = [place.entrypoint, "--name", "saved", "--pool", place.pool, "--param", "name=me", "--cron", "0 0 1 1 *"]
    assert deploy(*words, given="y\n", PREFECT_CLI_PROMPT="true").exit_code == 0
    first = place.made()["saved"]
    assert (first["parameters"], len(first["schedules"])) == ({"name": "me"}, 1)
    again = deploy("--all", "--prompt")
    assert (again.exit_code, "Save" in again.output) == (0, False), again.output
    assert place.made()["saved"]["parameters"] == {"name": "me"}
    place.write("deployments: [{name: one, entrypoint: ENTRYPOINT, work_pool: {name: POOL}}]\n")
    done = deploy(*words, given="y\n", PREFECT_CLI_PROMPT="true")
    assert "Write this in prefect.yaml, below 'deployments:'" in done.stderr
    before = Path("prefect.yaml").read_text()
    assert deploy(*words, given="n\n", PREFECT_CLI_PROMPT="true").exit_code == 0
    assert Path("prefect.yaml").read_text() == before


def test_a_project_file_is_made(place: Place, deploy: Deploy, lictor: Lictor) -> None:
    done = lictor("init", "--field", f"pool={place.pool}")
    assert (done.exit_code, "lictor deploy --all" in done.stdout) == (0, True), done.output
    assert deploy("--all").exit_code == 0
    assert place.made().keys() == {"default"}
    again = lictor("init")
    assert (again.exit_code, "There is a prefect.yaml already; it stays as it is." in again.stderr) == (1, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--recipe", "cloud"], "'cloud' is not one of"),
        (["--recipe", "git"], "--field: the recipe 'git' needs 'repository'"),
        (
            ["--recipe", "docker"],
            "--field: the recipe 'docker' needs 'image_name', the image's name, with the registry.",
        ),
        (["--field", "pool"], "--field 'pool' gives no value"),
        (["--field", "x=y"], "--field: 'x' is none of directory, repository, branch, image_name,"),
    ],
)
def test_what_no_project_file_is_made_of_is_told(words: list[str], said: str, place: Place, lictor: Lictor) -> None:
    done = lictor("init", *words)
    assert done.exit_code in (1, 2)
    assert said in done.stderr
    assert not Path("prefect.yaml").exists()
