"""Of the same places of code both SDKs tell runs the same, and keep the same of the deployments of their flows."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.reference.conftest import Run
from tests.running import Server

FLOW = '''
from {sdk} import flow

@flow(version="1")
def work(x: int = 1):
    """Work."""
    return x
'''


@pytest.fixture(scope="module")
def told(run: Run, lictor_server: Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What both SDKs tell, in a folder of the same name."""
    found = {}
    folder = tmp_path_factory.mktemp("storages")
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    for sdk in ("lictor", "prefect"):
        repository = folder / "flows.git"
        repository.mkdir(exist_ok=True)
        Path(repository / "work.py").write_text(FLOW.format(sdk=sdk))
        for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", sdk]):
            subprocess.run(["git", *who, *words], cwd=repository, check=True)
        done = run(sdk, lictor_server, "storages.py", str(folder))
        assert done.returncode == 0, done.stderr
        found[sdk] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("part", ["steps", "deployed", "module"])
def test_both_sdks_say_the_same_of_the_same_places(told: dict[str, Any], part: str) -> None:
    ours, theirs = told["lictor"][part], told["prefect"][part]
    assert ours == theirs
