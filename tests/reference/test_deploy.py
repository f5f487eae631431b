"""Users' project files, deployed by the reference's command and by Lictor's: the deployments are the same."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.reference.conftest import Run
from tests.running import Server

FLOWS = '''
try:
    from lictor import flow
except ImportError:
    from prefect import flow


@flow
def greet_all(name: str = "x", times: int = 1, more: dict | None = None):
    """Greet.

    Args:
        name: Whom.
    """


@flow(name="Second flow", version="of-the-flow", description="told")
def second(): ...
'''
POOL = "work_pool: {name: pool}"
SHELL = "prefect.deployments.steps.run_shell_script"
FILES: dict[str, tuple[str, list[str]]] = {
    "the least": (
        f"deployments: [{{name: d, entrypoint: 'flows.py:greet_all', {POOL}}}]",
        [],
    ),
    "a recipe's": (
        """
name: p
prefect-version: 3.0.0
build: null
push: null
pull:
- prefect.deployments.steps.git_clone:
    repository: https://example.org/flows.git
    branch: main
    access_token: null
deployments:
- name: d
  version: null
  tags: []
  description: null
  schedule: {}
  flow_name: null
  entrypoint: flows.py:greet_all
  parameters: {}
  work_pool:
    name: pool
    work_queue_name: null
    job_variables: {}
""",
        ["--all"],
    ),
    "all fields": (
        """
deployments:
- name: d
  version: v1
  version_type: prefect:simple
  tags: [a, b]
  description: |
    Long.
    Text.
  paused: true
  concurrency_limit: {limit: 2, collision_strategy: CANCEL_NEW, grace_period_seconds: 90}
  flow_name: any
  entrypoint: flows.py:second
  enforce_parameter_schema: false
  parameters: {day: 2026-01-02, at: 2026-01-02T03:04:05Z, nested: {1: [true, null, 1.5]}}
  work_pool: {name: pool, work_queue_name: own, job_variables: {env: {A: "1"}, stream_output: false}}
""",
        [],
    ),
    "schedules": (
        f"""
deployments:
- name: d
  entrypoint: flows.py:greet_all
  {POOL}
  schedules:
  - {{cron: "0 9 * * mon-fri", timezone: Europe/Berlin, slug: a, active: false, day_or: false}}
  - {{cron: "0 9 1 * *", slug: b, parameters: {{times: 3}}}}
  - {{interval: 3600, anchor_date: "2026-01-01T00:00:00+02:00", timezone: America/New_York, slug: c}}
  - {{interval: PT90M, anchor_date: "2026-01-01", slug: d}}
  - {{interval: "01:30:00", slug: e}}
  - {{rrule: "FREQ=MONTHLY;BYDAY=-1FR", slug: f}}
  - {{rrule: "DTSTART:20260101T090000\\nRRULE:FREQ=DAILY", timezone: Europe/Berlin, slug: g, active: "true"}}
""",
        [],
    ),
    "one schedule": (
        f"deployments: [{{name: d, entrypoint: 'flows.py:greet_all', {POOL}, schedule: {{interval: 60.5}}}}]",
        [],
    ),
    "anchors and steps": (
        f"""
definitions:
  steps: &steps
  - {SHELL}:
      id: said
      script: echo told
      stream_output: false
  - {SHELL}:
      id: again
      script: echo {{{{ said.stdout }}}} twice
      stream_output: false
  base: &base
    entrypoint: flows.py:greet_all
    {POOL}
build: *steps
deployments:
- <<: *base
  name: d
  description: "it said {{{{ again.stdout }}}}, {{{{ none.at_all }}}}"
  version: "{{{{ said.stdout }}}}"
  parameters: {{name: "{{{{ said.stdout }}}}", more: {{kept: "{{{{ ctx.flow_run.name }}}}"}}}}
  work_pool: {{name: pool, job_variables: {{env: {{A: "{{{{ said.stdout }}}}", B: "{{{{ nowhere }}}}", C: "{{{{ stdout }}}}"}}}}}}
  pull:
  - {SHELL}:
      script: echo {{{{ said.stdout }}}} {{{{ later.stdout }}}}
      directory: "{{{{ later.directory }}}}"
""",
        [],
    ),
    "variables, blocks and the environment": (
        f"""
deployments:
- name: "{{{{ $SAID }}}}"
  entrypoint: flows.py:{{{{ prefect.variables.flow_of_file }}}}
  description: "{{{{ $SAID }}}} {{{{ $NOT_SAID_ANYWHERE }}}}."
  tags: ["{{{{ prefect.variables.word_of_file }}}}", "{{{{ $SAID }}}}", c]
  parameters: {{name: "{{{{ prefect.blocks.secret.of-file }}}}", more: "{{{{ prefect.variables.object_of_file }}}}"}}
  work_pool: {{name: "{{{{ $POOL_OF_FILE }}}}", job_variables: {{env: {{A: "{{{{ $SAID }}}}{{{{ $NOT_SAID_ANYWHERE }}}}"}}}}}}
  pull:
  - {SHELL}:
      script: echo {{{{ prefect.blocks.secret.of-file }}}} {{{{ prefect.variables.word_of_file }}}} {{{{ $SAID }}}}
      env: {{A: "{{{{ $NOT_SAID_ANYWHERE }}}}"}}
""",
        [],
    ),
    "its own steps": (
        f"""
build: [{{{SHELL}: {{script: "false"}}}}]
pull: [{{{SHELL}: {{script: echo file}}}}]
deployments:
- name: d
  entrypoint: flows.py:greet_all
  {POOL}
  build: null
  pull: {{{SHELL}: {{script: echo own}}}}
- name: e
  entrypoint: flows.py:greet_all
  build: []
  pull: null
  {POOL}
- name: f
  entrypoint: flows.py:greet_all
  build: []
  pull: []
  {POOL}
""",
        ["--all"],
    ),
    "an image": (
        "deployments: [{name: d, entrypoint: 'flows.py:greet_all', work_pool: {name: docker, job_variables: {image: 'a:b'}}}]",
        [],
    ),
    "a module": (f"deployments: [{{name: d, entrypoint: flows.greet_all, {POOL}}}]", []),
    "a module and a function": (f"deployments: [{{name: d, entrypoint: 'flows:second', flow_name: '', {POOL}}}]", []),
    "options": (
        f"""
deployments:
- name: d
  entrypoint: flows.py:greet_all
  {POOL}
  tags: [a]
  parameters: {{name: file, times: 2}}
  schedules: [{{interval: 60, slug: a}}]
""",
        [
            *("--version", "v2", "--tag", "b", "--tag", "c", "--description", "said", "--concurrency-limit", "3"),
            *(
                "--collision-strategy",
                "CANCEL_NEW",
                "--work-queue",
                "quick",
                "--param",
                "times=5",
                "--timezone",
                "Asia/Tokyo",
            ),
            *(
                "--anchor-date",
                "2026-02-03T04:05:06",
                "--no-enforce-parameter-schema",
                "--job-variable",
                "stream_output=x",
            ),
        ],
    ),
    "no file": (
        "",
        [
            *(
                "flows.py:greet_all",
                "--name",
                "d",
                "--pool",
                "pool",
                "--params",
                '{"name": "a"}',
                "--version-type",
                "vcs:git",
            ),
            *("--job-variable", '{"env": {"A": "b"}}', "--cron", "0 0 * * *", "--timezone", "Europe/Berlin"),
        ],
    ),
    "patterns": (
        f"""
deployments:
- {{name: nightly-a, entrypoint: "flows.py:greet_all", {POOL}}}
- {{name: nightly-b, entrypoint: "flows.py:second", {POOL}}}
- {{name: other, entrypoint: "flows.py:second", {POOL}}}
- {{name: third, entrypoint: "flows.py:second", {POOL}}}
""",
        ["--name", "greet-all/nightly*", "--name", "second/other", "-n", "th*"],
    ),
    "another name": (f"deployments: [{{name: d, entrypoint: 'flows.py:greet_all', {POOL}}}]", ["-n", "renamed"]),
}
KEPT = ("id", "created", "updated", "flow_id", "labels", "work_queue_id", "deployment_id", "last_polled")


def compared(value: Any) -> Any:
    """Return what is compared of a deployment: nothing that differs by itself, and schedules in their order."""
    if isinstance(value, list):
        return [compared(each) for each in value]
    if not isinstance(value, dict):
        return "its own limit" if isinstance(value, str) and value.startswith("deployment:") else value
    found = {name: compared(each) for name, each in value.items() if name not in KEPT}
    if "schedules" in found:
        found["schedules"].sort(key=lambda each: str(each["slug"]))
    if re.fullmatch("[0-9a-f]{32}", str(found.get("version"))):
        found["version"] = "its file's digest"
    if not str(found.get("anchor_date", "2026-0")).startswith("2026-0"):
        found["anchor_date"] = "the present"  # as it is where none is said
    return found


@pytest.fixture(scope="module")
def site() -> Iterator[Server]:
    """A server with no deployments but those of these tests, and what their files refer to."""
    with Server() as server:
        api = httpx.Client(base_url=server.url, timeout=60)
        for name in ("pool", "docker"):
            api.post("/work_pools/", json={"name": name, "type": "process"}).raise_for_status()
        for name, value in {"flow": "greet_all", "word": "word", "object": {"a": [1]}}.items():
            api.post("/variables/", json={"name": f"{name}_of_file", "value": value}).raise_for_status()
        kind = api.get("/block_types/slug/secret").json()["id"]
        wanted = {"block_schemas": {"block_type_id": {"any_": [kind]}}}
        schema = api.post("/block_schemas/filter", json=wanted).json()[0]["id"]
        body = {"name": "of-file", "block_type_id": kind, "block_schema_id": schema, "data": {"value": "hidden"}}
        api.post("/block_documents/", json=body).raise_for_status()
        yield server


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A folder for each file, those without one in a repository."""
    made = {}
    for name, (text, _) in FILES.items():
        made[name] = folder = tmp_path_factory.mktemp("project")
        (folder / "flows.py").write_text(FLOWS)
        if text:
            (folder / "prefect.yaml").write_text(text)
        else:
            who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
            url = "https://example.org/owner/flows.git"
            for words in (["init", "-q"], ["remote", "add", "origin", url], ["add", "-A"], ["commit", "-qm", "x"]):
                subprocess.run(["git", *who, *words], cwd=folder, check=True)
    return made


@pytest.fixture(scope="module")
def deployed(site: Server, folders: dict[str, Path], run: Run) -> dict[str, list[Any]]:
    """What came of the files with each command: exit codes, what was said, and the deployments."""
    asked = json.dumps([[str(folders[name]), words] for name, (_, words) in FILES.items()])
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAID", "said")
        patch.setenv("POOL_OF_FILE", "pool")
        for sdk in ("prefect", "lictor"):
            found[sdk] = told(run, sdk, site, asked)
    return found


def told(run: Run, sdk: str, site: Server, asked: str) -> Any:
    """Return what `deploying.py` tells."""
    done = run(sdk, site, "deploying.py", asked)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("name", FILES)
def test_a_file_makes_the_same_deployments(name: str, deployed: dict[str, list[Any]]) -> None:
    at = list(FILES).index(name)
    (code, said, theirs), (our_code, we_said, ours) = deployed["prefect"][at], deployed["lictor"][at]
    assert (code, our_code) == (0, 0), said + we_said
    assert theirs
    assert compared(theirs) == compared(ours)


def test_what_differs_on_purpose(site: Server, tmp_path: Path, run: Run) -> None:
    """Secrets stay in their blocks, variables of the file stay beside those of options, outputs are tags as well."""
    (tmp_path / "flows.py").write_text(FLOWS)
    (tmp_path / "prefect.yaml").write_text(
        f"""
build: [{{{SHELL}: {{id: said, script: echo told, stream_output: false}}}}]
deployments:
- name: d
  entrypoint: flows.py:greet_all
  tags: ["{{{{ said.stdout }}}}"]
  push: []
  work_pool: {{name: pool, job_variables: {{env: {{A: "{{{{ prefect.blocks.secret.of-file }}}}"}}}}}}
push: [{{{SHELL}: {{script: "false"}}}}]
"""
    )
    asked = json.dumps([[str(tmp_path), ["--job-variable", "cpu=1"]]])
    [[code, said, found]] = told(run, "lictor", site, asked)
    assert code == 0, said
    [made] = found.values()
    assert made["tags"] == ["told"]
    assert made["job_variables"] == {"env": {"A": "{{ prefect.blocks.secret.of-file }}"}, "cpu": "1"}
    assert "hidden" not in said + json.dumps(made)


FULL = FILES["all fields"][0].replace("paused: true", "schedules: [{interval: 60, slug: a}]")
SECOND = """
deployments:
- name: d
  entrypoint: flows.py:second
  work_pool: {name: pool}
  enforce_parameter_schema: true
  SCHEDULES
"""
AGAIN = {
    "fields go": "",
    "no schedules": "schedules: []",
    "another schedule": "schedules: [{cron: '0 0 * * *', slug: b}]",
    "the same slug": "schedules: [{cron: '0 0 * * *', slug: a, active: false}]",
    "another slug": "schedules: [{cron: '0 0 * * *', slug: c, replaces: a}]",
}


def test_a_deployment_is_changed_as_the_reference_changes_it(site: Server, tmp_path: Path, run: Run) -> None:
    asked: list[tuple[str, list[str]]] = []
    for name, schedules in AGAIN.items():
        folder = tmp_path / name
        folder.mkdir()
        (folder / "flows.py").write_text(FLOWS)
        (folder / "first.yaml").write_text(FULL)
        (folder / "second.yaml").write_text(SECOND.replace("SCHEDULES", schedules))
        asked += [
            (str(folder), ["--prefect-file", f"{each}.yaml", "--keep"][: 3 if each == "first" else 2])
            for each in ("first", "second")
        ]
    theirs, ours = (told(run, sdk, site, json.dumps(asked)) for sdk in ("prefect", "lictor"))
    for name, (code, said, found), (our_code, we_said, made) in zip(AGAIN, theirs[1::2], ours[1::2], strict=True):
        assert (code, our_code) == (0, 0), said + we_said
        assert len(found) == 1
        assert compared(found) == compared(made), name


def test_deployments_are_made_on_the_references_server(reference_server: Server, tmp_path: Path, run: Run) -> None:
    api = httpx.Client(base_url=reference_server.url, timeout=60)
    name = f"pool-{uuid4()}"
    api.post("/work_pools/", json={"name": name, "type": "process"}).raise_for_status()
    (tmp_path / "flows.py").write_text(FLOWS)
    (tmp_path / "prefect.yaml").write_text(FILES["schedules"][0].replace("{name: pool}", f"{{name: {name}}}"))
    for _ in range(2):
        [[code, said, _]] = told(run, "lictor", reference_server, json.dumps([[str(tmp_path), ["--all", "--keep"]]]))
        assert code == 0, said
    found = api.get("/deployments/name/greet-all/d").json()
    assert (found["work_pool_name"], sorted(each["slug"] for each in found["schedules"])) == (name, list("abcdefg"))
    api.delete(f"/deployments/{found['id']}").raise_for_status()
