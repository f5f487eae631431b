"""Steps that make code available: one after the other, with outputs, variables and secrets."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from lictor.engine.errors import EntrypointError
from lictor.sdk.pull_steps import run_steps
from lictor.sdk.variable import Variable
from tests.sdk.conftest import Api

STEPS = "prefect.deployments.steps."


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_steps_hand_their_outputs_on(here: Path) -> None:
    (here / "inner").mkdir()
    outputs = run_steps(
        [
            {f"{STEPS}run_shell_script": {"id": "said", "script": "echo inner", "stream_output": False}},
            {"lictor.deployments.steps.set_working_directory": {"directory": "{{ said.stdout }}"}},
        ]
    )
    assert outputs["said"] == {"stdout": "inner", "stderr": ""}
    assert Path.cwd() == here / "inner"


def test_a_repository_is_cloned_and_gone_into(here: Path) -> None:
    repository = here / "repository"
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    for words in (
        ["init", "-q", "-b", "main", str(repository)],
        ["-C", str(repository), "commit", "-q", "--allow-empty", "-m", "x"],
    ):
        subprocess.run(["git", *who, *words], check=True)
    run_steps([{f"{STEPS}git_clone": {"repository": repository.as_uri(), "branch": "main", "id": "clone"}}])
    assert Path.cwd() == here / "repository-main"


def test_a_variable_and_the_environment_are_filled_in(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"variable_{uuid4().hex}"
    Variable.set(name, "told")
    monkeypatch.setenv("MINE", "mine")
    step = {"script": f"echo {{{{ prefect.variables.{name} }}}} {{{{ $MINE }}}} $MINE", "stream_output": False}
    found = run_steps([{f"{STEPS}run_shell_script": {**step, "id": "plain"}}])
    assert found["plain"]["stdout"] == "told mine $MINE"
    found = run_steps([{f"{STEPS}run_shell_script": {**step, "expand_env_vars": True, "id": "expanded"}}])
    assert found["expanded"]["stdout"] == "told mine mine"


def test_a_script_has_its_folder_and_environment_and_no_shell(here: Path) -> None:
    (here / "inner").mkdir()
    script = "pwd\n# a comment\nprintenv ADDED\necho a; touch mark"
    step = {"script": script, "directory": "inner", "env": {"ADDED": "1"}, "stream_output": False, "id": "ran"}
    assert run_steps([{f"{STEPS}run_shell_script": step}])["ran"]["stdout"] == f"{here / 'inner'}\n1\na; touch mark"
    assert os.listdir(here / "inner") == []


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"somewhere.else": {}}, "the step 'somewhere.else' is not known; known are git_clone, pip_install"),
        ({"os.system": {"command": "true"}}, "the step 'os.system' is not known"),
        ({f"{STEPS}set_working_directory": {"directory": "/there/is/none"}}, "No such file or directory"),
        ({f"{STEPS}set_working_directory": {"folder": "x"}}, "unexpected keyword argument 'folder'"),
        ({f"{STEPS}run_shell_script": {"script": "false"}}, "'false' ended with exit code 1"),
        ({f"{STEPS}git_clone": {"repository": "--option"}}, "begins with a dash"),
        ({f"{STEPS}pip_install_requirements": {"requirements_file": "none.txt", "stream_output": False}}, "none.txt"),
    ],
)
def test_what_fails_is_told(step: dict[str, Any], said: str) -> None:
    with pytest.raises(EntrypointError) as raised:
        run_steps([step])
    assert said in str(raised.value)


def test_a_variable_that_is_not_there_is_told(api: Api) -> None:
    with pytest.raises(EntrypointError, match="There is no variable 'there_is_none'"):
        run_steps([{f"{STEPS}run_shell_script": {"script": "echo {{ prefect.variables.there_is_none }}"}}])
