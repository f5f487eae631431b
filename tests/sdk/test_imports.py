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


def test_every_public_name_loads() -> None:
    for name in lictor.__all__:
        assert getattr(lictor, name) is not None
    assert set(dir(lictor)) == set(lictor.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = lictor.nothing
