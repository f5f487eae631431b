"""What `from lictor import flow, task` loads, and that every public name is there."""

from __future__ import annotations

import subprocess
import sys

import pytest

import lictor

HEAVY = ("pydantic", "httpx", "rich", "click", "asyncio", "starlette", "uvicorn", "sqlite3", "ssl", "lictor.server")


def loaded_by(code: str) -> set[str]:
    """Return the modules that a fresh interpreter has loaded after some code."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "code",
    [
        "from lictor import flow, task",
        "from lictor import flow, task\n@task\ndef t(x: int): return x\n@flow\ndef f(x: int): return t(x)",
        "from lictor import *",
    ],
)
def test_writing_a_flow_loads_nothing_heavy(code: str) -> None:
    assert loaded_by(code).isdisjoint(HEAVY)


@pytest.mark.parametrize(
    "code",
    [
        "import lictor.sdk.flow_engine\nfrom lictor.client.connection import connection\nconnection().client",
        "import lictor.sdk.deployment_steps as d; d.function_of('prefect.deployments.steps.set_working_directory')",
    ],
)
def test_a_run_of_a_deployment_loads_nothing_that_commands_need(code: str) -> None:
    assert loaded_by(code).isdisjoint({"click", "rich", "yaml", "tomlkit", "pydantic"})


def test_the_client_leaves_httpx_as_it_is() -> None:
    code = "from lictor.client.client import Client\nClient()\nimport httpx\nassert callable(httpx.main)"
    assert "httpx._main" not in loaded_by(code)


def test_every_public_name_loads() -> None:
    for name in lictor.__all__:
        assert getattr(lictor, name) is not None
    assert set(dir(lictor)) == set(lictor.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = lictor.nothing
