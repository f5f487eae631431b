"""What `lictor deploy` makes of a project file is run, by Lictor's worker and by the reference's."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.reference.conftest import Run
from tests.running import Server

FLOW = """
import os
from pathlib import Path

try:
    from lictor import flow
except ImportError:
    from prefect import flow
from shared.words import WORD

@flow
def worked(mark: str):
    Path(mark).write_text(f"{WORD} {os.environ['TOKEN']} {os.environ['BUILT']} {Path('pulled').read_text().strip()}")
"""
FILE = """
build:
- prefect.deployments.steps.run_shell_script: {id: built, script: echo built, stream_output: false}
pull:
- prefect.deployments.steps.git_clone: {id: clone, repository: "file://FOLDER"}
- prefect.deployments.steps.run_shell_script:
    id: said
    script: "echo {{ prefect.variables.NAME }}"
    stream_output: false
- own_steps_of_projects.put: {text: "{{ said.stdout }}", folder: "{{ clone.directory }}"}
deployments:
- name: NAME
  entrypoint: flows/worked.py:worked
  work_pool:
    name: POOL
    job_variables:
      env: {TOKEN: "{{ prefect.blocks.secret.SECRET }}", BUILT: "{{ built.stdout }}", PYTHONPATH: "FOLDER:{{ $PYTHONPATH }}"}
"""
STEP = """
from pathlib import Path

def put(text, folder):
    Path(folder, "pulled").write_text(text)
"""


@pytest.mark.parametrize("sdk", ["lictor", "prefect"])
def test_a_worker_runs_what_a_file_says(sdk: str, lictor_server: Server, tmp_path: Path, run: Run) -> None:
    api = httpx.Client(base_url=lictor_server.url, timeout=60)
    name, pool = f"project_{uuid4().hex}", f"pool-{uuid4()}"
    api.post("/work_pools/", json={"name": pool, "type": "process"}).raise_for_status()
    api.post("/variables/", json={"name": name, "value": "pulled"}).raise_for_status()
    kind = api.get("/block_types/slug/secret").json()["id"]
    schema = api.post("/block_schemas/filter", json={"block_schemas": {"block_type_id": {"any_": [kind]}}}).json()[0]
    secret = name.replace("_", "-")
    body = {"name": secret, "block_type_id": kind, "block_schema_id": schema["id"], "data": {"value": "hidden"}}
    api.post("/block_documents/", json=body).raise_for_status()
    (tmp_path / "flows").mkdir()
    (tmp_path / "shared").mkdir()
    (tmp_path / "flows" / "worked.py").write_text(FLOW)
    (tmp_path / "shared" / "words.py").write_text("WORD = 'word'")
    (tmp_path / "own_steps_of_projects.py").write_text(STEP)
    text = FILE.replace("NAME", name).replace("POOL", pool).replace("FOLDER", str(tmp_path)).replace("SECRET", secret)
    (tmp_path / "prefect.yaml").write_text(text)
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
        subprocess.run(["git", *who, *words], cwd=tmp_path, check=True)
    done = run("lictor", lictor_server, "deploying.py", json.dumps([[str(tmp_path), ["--all", "--keep"]]]))
    [[code, said, _]] = json.loads(done.stdout.splitlines()[-1])
    assert code == 0, said
    made = api.get(f"/deployments/name/worked/{name}").json()
    asked = {"parameters": {"mark": str(tmp_path / "mark")}}
    flow_run = api.post(f"/deployments/{made['id']}/create_flow_run", json=asked).json()["id"]
    done = run(sdk, lictor_server, None, "worker", "start", "--pool", pool, "--run-once")
    state = api.get(f"/flow_runs/{flow_run}").json()["state"]
    assert state["type"] == "COMPLETED", (state, done.stdout, done.stderr)
    assert (tmp_path / "mark").read_text() == "word hidden built pulled"
    assert "hidden" not in said + json.dumps(made) + done.stdout + done.stderr
