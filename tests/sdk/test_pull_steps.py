"""Steps that make code available: one after the other, with outputs, variables and secrets."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from lictor.engine.errors import EntrypointError
from lictor.sdk.deployment_steps import run_steps
from lictor.sdk.system_blocks import Secret
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


def test_steps_stay_where_they_are_until_all_are_done(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As files say it that install what the cloned repository names."""
    (here / "clone").mkdir()
    (here / "own_steps_of_folders.py").write_text("def clone(): return {'directory': 'clone'}")
    monkeypatch.syspath_prepend(here)
    steps: list[dict[str, Any]] = [
        {"own_steps_of_folders.clone": {"id": "clone"}},
        {f"{STEPS}run_shell_script": {"script": "pwd", "directory": "{{ clone.directory }}", "stream_output": False}},
    ]
    assert run_steps(steps)["stdout"] == str(here / "clone") == str(Path.cwd())
    os.chdir(here)
    run_steps([*steps, {f"{STEPS}set_working_directory": {"directory": "{{ clone.directory }}"}}])
    assert Path.cwd() == here / "clone"
    os.chdir(here)
    run_steps(steps, enter=False)
    assert Path.cwd() == here


def test_a_variable_and_the_environment_are_filled_in(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"variable_{uuid4().hex}"
    Variable.set(name, "told")
    monkeypatch.setenv("MINE", "mine")
    step = {"script": f"echo {{{{ prefect.variables.{name} }}}} {{{{ $MINE }}}} $MINE", "stream_output": False}
    found = run_steps([{f"{STEPS}run_shell_script": {**step, "id": "plain"}}])
    assert found["plain"]["stdout"] == "told mine $MINE"
    found = run_steps([{f"{STEPS}run_shell_script": {**step, "expand_env_vars": True, "id": "expanded"}}])
    assert found["expanded"]["stdout"] == "told mine mine"


def test_a_failed_step_tells_no_secret_of_the_environment(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_TOKEN", "hidden-word")
    monkeypatch.setenv("PLACE", "told-word")
    script = "ls /none-{{ $MY_TOKEN }}-{{ $PLACE }}"
    with pytest.raises(EntrypointError) as failed:
        run_steps([{f"{STEPS}run_shell_script": {"script": script, "stream_output": False}}])
    assert "hidden-word" not in str(failed.value)
    assert "told-word" in str(failed.value)


def test_a_script_has_its_folder_and_environment_and_no_shell(here: Path) -> None:
    (here / "inner").mkdir()
    script = "pwd\n# a comment\nprintenv ADDED\necho a; touch mark"
    step = {"script": script, "directory": "inner", "env": {"ADDED": "1"}, "stream_output": False, "id": "ran"}
    assert run_steps([{f"{STEPS}run_shell_script": step}])["ran"]["stdout"] == f"{here / 'inner'}\n1\na; touch mark"
    assert os.listdir(here / "inner") == []


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"somewhere.there_is_none": {}}, "the step 'somewhere.there_is_none' is not known: No module named"),
        ({"os.there_is_none": {}}, "Give the full name of a function that can be imported"),
        ({"bare": {}}, "the step 'bare' is not known"),
        ({"os.sep": {}}, "the step 'os.sep' is no function"),
        ({f"{STEPS}there_is_none": {}}, "pip_install_requirements, "),
        ({f"{STEPS}git_clone": None, "second": None}, "is followed by 'second' in one item: begin each with '-'"),
        ({f"{STEPS}git_clone": ["x"]}, "has no inputs by name"),
        ({f"{STEPS}git_clone": {"requires": 1}}, "`requires` of a step is a package, or a list"),
        ({f"{STEPS}git_clone": {"requires": "--option"}}, "'--option' names no package"),
        ({f"{STEPS}set_working_directory": {"directory": "/there/is/none"}}, "No such file or directory"),
        ({f"{STEPS}set_working_directory": {"folder": "x"}}, "unexpected keyword argument 'folder'"),
        ({f"{STEPS}run_shell_script": {"script": "false"}}, "'false' ended with exit code 1."),
        ({f"{STEPS}git_clone": {"repository": "--option"}}, "begins with a dash"),
        ({f"{STEPS}pip_install_requirements": {"requirements_file": "none.txt", "stream_output": False}}, "none.txt"),
    ],
)
def test_what_fails_is_told(step: dict[str, Any], said: str) -> None:
    with pytest.raises(EntrypointError) as raised:
        run_steps([step])
    assert said in str(raised.value)


def test_what_a_script_prints_is_shown_as_it_comes(here: Path) -> None:
    os.mkfifo(here / "held")
    step = {"script": "sh -c 'echo first; cat held; echo last >&2'"}
    code = (
        f"from lictor.sdk.deployment_steps import run_steps\nprint(run_steps([{{'{STEPS}run_shell_script': {step}}}]))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", code], env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "first\n"  # while the script waits
        (here / "held").write_text("second\n")
        said, wrong = process.communicate(timeout=60)
    assert said == "second\n{'stdout': 'first\\nsecond', 'stderr': 'last'}\n"
    assert wrong == "last\n"


@pytest.mark.parametrize(
    "name",
    [
        "lictor.deployments.steps.run_shell_script",
        "prefect.deployments.steps.utility.run_shell_script",
        "prefect_docker.deployments.steps.run_shell_script",
    ],
)
def test_names_that_users_files_have_stand_for_our_steps(name: str) -> None:
    step = {name: {"script": "echo told", "stream_output": False, "requires": ["prefect-docker>=0.3.1"]}}
    assert run_steps([None, {}, step]) == {"stdout": "told", "stderr": ""}


OWN_STEPS = """
async def later(word):
    return {"said": [{"word": word}]}

def nothing():
    return 1
"""


def test_any_function_is_a_step(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "own_steps_of_a_test.py").write_text(OWN_STEPS)
    monkeypatch.syspath_prepend(here)
    told: list[str] = []
    steps: list[dict[str, Any]] = [
        {"own_steps_of_a_test.later": {"word": "{{ given }}", "id": "first"}},
        {"own_steps_of_a_test.nothing": None},
        {f"{STEPS}run_shell_script": {"script": "echo {{ first.said[0].word }} {{ none.such }}.", "id": "second"}},
    ]
    outputs = run_steps(steps, {"given": "x"}, enter=False, tell=told.append)
    assert outputs["second"]["stdout"] == "x ."
    assert outputs["said"] == [{"word": "x"}]
    assert told == ["later", "nothing", "run_shell_script"]


def test_whatever_a_step_raises_is_told(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "failing_steps_of_a_test.py").write_text("def fail(): return {}['key']")
    monkeypatch.syspath_prepend(here)
    with pytest.raises(EntrypointError, match=r"the step 'failing_steps_of_a_test\.fail' failed: KeyError: 'key'"):
        run_steps([{"failing_steps_of_a_test.fail": None}])


def test_what_a_step_requires_is_installed(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    step: dict[str, Any] = {"a_package_of_a_test.step": {"requires": ["pytest>=1", "./a-package-of-a-test-none"]}}
    with pytest.raises(EntrypointError, match="names no package"):
        run_steps([step])
    step = {"a_package_of_a_test.step": {"requires": "a_package_of_a_test_none==0.0"}}
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(EntrypointError, match=r"a_package_of_a_test_none==0\.0 cannot be installed: "):
        run_steps([step])


def test_a_secret_stands_in_no_message(api: Api) -> None:
    name = f"secret-{uuid4()}"
    Secret(value="hidden-value").save(name)
    step = {"script": f"cat /none/{{{{ prefect.blocks.secret.{name} }}}}", "stream_output": False}
    with pytest.raises(EntrypointError, match="No such file") as raised:
        run_steps([{f"{STEPS}run_shell_script": step}])
    assert "hidden-value" not in str(raised.value)


def test_what_a_step_gives_is_no_template(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINE", "mine")
    steps = [
        {f"{STEPS}run_shell_script": {"script": "echo '{{ one }}MINE }}'", "id": "said", "stream_output": False}},
        {f"{STEPS}run_shell_script": {"script": "echo '{{ said.stdout }}'", "id": "again", "stream_output": False}},
    ]
    outputs = run_steps(steps, {"one": "{{ $"})
    assert outputs["again"]["stdout"] == "{{ $MINE }}"


def test_a_variable_that_is_not_there_is_told(api: Api) -> None:
    with pytest.raises(EntrypointError, match="There is no variable 'there_is_none'"):
        run_steps([{f"{STEPS}run_shell_script": {"script": "echo {{ prefect.variables.there_is_none }}"}}])
