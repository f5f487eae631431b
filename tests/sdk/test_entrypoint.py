"""Where flows are: what entrypoints name, and what is said of those that name nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lictor.engine.errors import EntrypointError, ScriptError
from lictor.sdk.entrypoint import EntrypointType, entrypoint_of, load
from lictor.sdk.flow import Flow

CODE = """
from lictor import flow
from {beside} import NUMBER

@flow
def plain(): return NUMBER

class Owner:
    @staticmethod
    @flow
    def static(): ...

def maker():
    @flow
    def inner(): ...
    return inner

inner = maker()
other = 3
"""
FLOW: type[Flow[..., Any]] = Flow


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    before, path = dict(sys.modules), list(sys.path)
    beside = f"beside_{abs(hash(tmp_path))}"
    (tmp_path / f"{beside}.py").write_text("NUMBER = 7")
    for place in ("flows_here.py", "package_here/flows_there.py"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_text(CODE.format(beside=beside))
    (tmp_path / "wrong.py").write_text("1 / 0")
    (tmp_path / "src/laid_out").mkdir(parents=True)
    (tmp_path / "src/laid_out/flows.py").write_text("from .. import other")
    (tmp_path / "lacking.py").write_text("import there_is_no_such_module")
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    sys.path[:] = path
    for name in sys.modules.keys() - before.keys():
        del sys.modules[name]


@pytest.mark.parametrize(
    "entrypoint",
    [
        *("flows_here.py:plain", "./flows_here.py:plain", "flows_here.plain", "package_here.flows_there.plain"),
        "package_here.flows_there:plain",
    ],
)
def test_flows_are_loaded(folder: Path, entrypoint: str) -> None:
    assert load(entrypoint, FLOW).fn() == 7


def test_a_relative_file_is_looked_for_in_a_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert load("flows_here.py:plain", FLOW, folder).fn() == 7
    assert load("package_here.flows_there.plain", FLOW, folder).fn() == 7


def test_a_file_imports_what_is_in_the_folder_that_it_is_looked_for_in(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = f"beside_{abs(hash(folder))}"
    (folder / "flows").mkdir()
    (folder / "flows/flows_in_folder.py").write_text(CODE.format(beside=beside))
    monkeypatch.chdir("/")
    assert load("flows/flows_in_folder.py:plain", FLOW, folder).fn() == 7


def test_a_file_imports_what_is_beside_it_and_in_the_working_folder(folder: Path) -> None:
    inner = folder / "inner_here"
    inner.mkdir()
    (inner / "dotted_here.py").write_text("NUMBER = 8")
    (inner / "flows_dotted.py").write_text(CODE.format(beside=".dotted_here"))
    (inner / "flows_below.py").write_text(CODE.format(beside="package_here.flows_there"))
    assert load("inner_here/flows_dotted.py:plain", FLOW).fn() == 8
    assert load("inner_here/flows_below.py:plain", FLOW).fn() == 7


def test_a_file_may_be_called_like_a_module(folder: Path) -> None:
    import json

    (folder / "json.py").write_text(CODE.format(beside=f"beside_{abs(hash(folder))}"))
    assert load("json.py:plain", FLOW).fn() == 7
    assert sys.modules["json"] is json


def test_of_flows_of_prefect_is_said_what_to_do(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "meant.py").write_text("from prefect import flow")
    monkeypatch.setitem(sys.modules, "prefect", None)
    with pytest.raises(ScriptError, match="Import lictor in place of prefect"):
        load("meant.py:plain", FLOW)
    (folder / "theirs.py").write_text("plain = type('Flow', (), {'__module__': 'prefect.flows'})()")
    with pytest.raises(EntrypointError, match=r"has a flow 'plain' of Prefect's SDK\. Import lictor in place"):
        load("theirs.py:plain", FLOW)


@pytest.mark.parametrize(
    ("entrypoint", "kind", "said"),
    [
        ("plain", EntrypointError, "'plain' names no flow: give path/to/file.py:function or"),
        ("nowhere.py:plain", EntrypointError, "There is no file 'nowhere.py' in"),
        ("flows_here.py:nothing", EntrypointError, "'flows_here.py' has no flow 'nothing'; it has plain, inner."),
        ("flows_here.py:other", EntrypointError, "has no flow 'other'"),
        ("nowhere.at.all", EntrypointError, "There is no module 'nowhere.at'"),
        ("package_here.nothing.plain", EntrypointError, "There is no module 'package_here.nothing'"),
        (
            "wrong.py:plain",
            ScriptError,
            "'wrong.py' cannot be loaded: ZeroDivisionError: division by zero (wrong.py, line 1)",
        ),
        ("wrong.plain", ScriptError, "'wrong' cannot be loaded: ZeroDivisionError"),
        ("lacking.plain", ScriptError, "No module named 'there_is_no_such_module'"),
        ("laid_out.flows.plain", EntrypointError, "'laid_out' lies in 'src': install the project, as with pip"),
        ("src/laid_out/flows.py:plain", ScriptError, "Name the flow by its module: package.module:flow."),
    ],
)
def test_what_cannot_be_loaded_is_told(folder: Path, entrypoint: str, kind: type[Exception], said: str) -> None:
    with pytest.raises(EntrypointError) as raised:
        load(entrypoint, FLOW)
    assert type(raised.value) is kind
    assert said in str(raised.value)


def test_flows_are_named_by_where_they_are(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = load("package_here.flows_there.plain", FLOW)
    assert entrypoint_of(plain) == "package_here/flows_there.py:plain"
    assert entrypoint_of(plain, EntrypointType.MODULE_PATH) == "package_here.flows_there.plain"
    static = sys.modules["package_here.flows_there"].Owner.static
    assert entrypoint_of(static) == "package_here/flows_there.py:Owner.static"
    with pytest.raises(EntrypointError, match="is made in a function"):
        entrypoint_of(sys.modules["package_here.flows_there"].inner)
    monkeypatch.chdir("/")
    assert entrypoint_of(plain) == f"{str(folder).removeprefix('/')}/package_here/flows_there.py:plain"
