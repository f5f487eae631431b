"""Type checkers see of flows and tasks what `seen.py` says they see, mistakes included."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from lictor import flow, task
from lictor.sdk import flow as flows
from lictor.sdk import task as tasks
from lictor.sdk.signatures import FlowOptions, TaskOptions
from lictor.testing import lictor_test_harness
from tests.architecture.source import ROOT

SEEN = Path(__file__).with_name("seen.py")
MISTAKE = "  # type: ignore[arg-type]"
BROKEN = SEEN.read_text().replace("assert_type(add(1), float)", "assert_type(add(1), int)", 1)
WRONG = {
    n for n, line in enumerate(BROKEN.splitlines(), 1) if line.endswith(MISTAKE) or "assert_type(add(1), int)" in line
}
"""Where checkers must find something in the broken one, which shows that they look."""


def checked(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("signatures") / "broken.py"
    file.write_text(BROKEN.replace(MISTAKE, ""))
    return file


def test_mypy_sees_it(broken: Path) -> None:
    done = checked([sys.executable, "-m", "mypy", "--config-file", "pyproject.toml", str(SEEN), str(broken)])
    said = [line for line in done.stdout.splitlines() if ": error:" in line]
    assert [line for line in said if "seen.py" in line] == []
    assert {int(line.split(":")[1]) for line in said} == WRONG


@pytest.mark.skipif(find_spec("basedpyright") is None, reason="there is no pyright for this machine")
def test_pyright_sees_it(broken: Path, tmp_path: Path) -> None:
    config = tmp_path / "pyrightconfig.json"
    rules = {"typeCheckingMode": "standard", "reportUnnecessaryTypeIgnoreComment": "error"}
    config.write_text(
        json.dumps({"include": [str(SEEN), str(broken)], "extraPaths": [str(ROOT / "src"), str(ROOT)], **rules})
    )
    done = checked(
        [sys.executable, "-m", "basedpyright", "-p", str(config), "--pythonpath", sys.executable, "--outputjson"]
    )
    said = json.loads(done.stdout)["generalDiagnostics"]
    assert [one for one in said if one["file"].endswith("seen.py")] == []
    assert {one["range"]["start"]["line"] + 1 for one in said} == WRONG


@pytest.mark.parametrize(("module", "options"), [(flows, FlowOptions), (tasks, TaskOptions)])
def test_checkers_know_every_option(module: object, options: type) -> None:
    known = module.spec_of.__kwdefaults__  # type: ignore[attr-defined]
    assert set(known) == set(options.__annotations__)


class House:
    def __init__(self, floors: int) -> None:
        self.floors = floors

    @flow
    def build(self, more: int) -> int:
        return self.floors + more

    @task
    @staticmethod
    async def price(floors: int) -> int:
        return floors * 10

    @staticmethod
    @task
    def tax(price: int) -> int:
        return price // 10

    @flow
    @classmethod
    def kind(cls, more: str) -> str:
        return cls.__name__ + more

    @classmethod
    @task
    def name(cls, more: str) -> str:
        return cls.__name__ + more


class Villa(House): ...


@pytest.fixture
def server() -> Iterator[None]:
    with lictor_test_harness():
        yield


async def test_methods_of_each_kind_run(server: None) -> None:
    assert House(2).build(1) == House.build(House(2), 1) == 3
    assert await House.price(2) == await House(1).price(2) == 20
    assert House.tax(20) == House(1).tax(20) == 2
    assert (House.kind("!"), House(1).kind("!"), Villa.kind("!")) == ("House!", "House!", "Villa!")
    assert (House.name("!"), Villa.name("!"), Villa(1).name("!")) == ("House!", "Villa!", "Villa!")
    assert House.kind.with_options(name="other").name == "other"
    assert Villa.kind.with_options(name="other")("!") == "Villa!"
