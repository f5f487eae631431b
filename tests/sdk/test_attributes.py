"""Flows and tasks say of themselves what the reference's do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lictor import flow, task
from tests.running import clean_environment
from tests.sdk.conftest import Api

PROGRAM = Path(__file__).with_name("attributes.py")
REFERENCE = os.environ.get("LICTOR_TEST_REFERENCE_PYTHON")


def told(python: str, sdk: str, home: Path) -> list[str]:
    environment = {**clean_environment(), "PREFECT_HOME": str(home), "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    command = [python, str(PROGRAM), sdk]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_flows_and_tasks_have_the_attributes_of_the_reference_s(tmp_path: Path) -> None:
    if REFERENCE is None:
        pytest.skip("LICTOR_TEST_REFERENCE_PYTHON names no interpreter with the reference")
    ours = told(sys.executable, "lictor", tmp_path / "ours")
    assert len(ours) > 150
    assert ours == told(REFERENCE, "prefect", tmp_path / "theirs")


def test_a_task_s_hooks_run_in_its_run_and_a_flow_s_first_one_before_its_first_try(api: Api) -> None:
    from lictor.context import TaskRunContext
    from lictor.runtime import task_run

    seen = []

    def on_task(one: object, run: object, state: object) -> None:
        context = TaskRunContext.get()
        assert context is not None
        seen.append((task_run.name, context.task_run.name))

    @task(task_run_name="named", on_running=[on_task], on_completion=[on_task])
    def watched() -> None: ...

    tries: list[int] = []

    @flow(retries=1, on_running=[lambda _, run, __: tries.append(run.run_count)])
    def twice() -> None:
        watched()
        if len(tries) == 1:
            raise ValueError("again")

    twice()
    assert tries == [0, 1]
    assert seen == [("named", "named")] * 4
