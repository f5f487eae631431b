"""Every command prints JSON for programs: one document on standard output, and nothing beside it."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import click
import httpx
import pytest

from lictor import __version__, settings
from lictor.cli.main import lictor
from tests.cli.test_commands import server
from tests.running import Server, clean_environment

__all__ = ["server"]

WITHOUT: dict[str, str] = {
    "api": "prints what the server answers, which is JSON already",
    "shell completion": "prints a program for a shell",
    "task serve": "prints nothing: it works until it is ended",
    "worker start": "works until it is ended",
}
"""Commands that have no choice of how to print, and why."""

MODULE = """
from lictor.blocks.core import Block

print("loading")


class Shelf(Block):
    _block_type_slug = "shelf"
    width: int
"""


def commands(group: click.Group, words: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield every command below a group with the words that call it."""
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{words}{name} ")
        else:
            yield f"{words}{name}", command


def test_every_command_can_print_json() -> None:
    found = dict(commands(lictor))
    for words, command in found.items():
        names = {name for each in command.params for name in each.opts}
        assert ({"--output", "-o"} <= names) != (words in WITHOUT), words
    assert found.keys() >= WITHOUT.keys()


@pytest.fixture
def said(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., Any]]:
    """Call a command in this process and return the JSON that it prints."""
    for name in os.environ.keys() - clean_environment().keys():
        monkeypatch.delenv(name)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PREFECT_API_URL", server.url)
    monkeypatch.chdir(tmp_path)

    def call(line: str, code: int = 0) -> Any:
        settings.reset()
        with open(1, "w", closefd=False) as stdout, redirect_stdout(stdout), pytest.raises(SystemExit) as ended:
            lictor([*line.split(), "--output", "json"], prog_name="lictor")
        out, err = capfd.readouterr()
        assert ended.value.code == code, f"{line}: {err}"
        return json.loads(out)

    yield call
    settings.reset()


def test_profiles_and_settings(said: Callable[..., Any]) -> None:
    assert said("version")["version"] == __version__
    assert said("profile create staging") == {"name": "staging", "active": False}
    assert said("profile use staging") == {"name": "staging", "active": True}
    assert said("profile rename staging second") == {"name": "second", "active": True}
    values = "PREFECT_LOGGING_LEVEL=DEBUG PREFECT_API_KEY=hidden-key"
    shown = {"PREFECT_LOGGING_LEVEL": "DEBUG", "PREFECT_API_KEY": "********"}
    assert said(f"config set {values}") == {"profile": "second", "set": shown}
    unset = {"profile": "second", "unset": ["PREFECT_LOGGING_LEVEL"]}
    assert said("config unset PREFECT_LOGGING_LEVEL --yes") == unset
    assert said("config validate") == []
    said("profile use local")
    assert said("profile delete second --yes") == {"deleted": [{"name": "second"}]}


def test_values_and_limits(said: Callable[..., Any]) -> None:
    assert said("variable set where 7")["value"] == 7
    assert said("variable get where") == 7
    assert said("variable unset where") == {"deleted": [{"name": "where"}]}
    made = said("gcl create door --limit 3")
    assert (made["name"], made["limit"]) == ("door", 3)
    assert said("gcl update door --limit 4")["limit"] == 4
    assert not said("gcl disable door")["active"]
    assert said("gcl enable door")["active"]
    assert said("gcl inspect door")["id"] == made["id"]
    assert said("gcl delete door") == {"deleted": [{"name": "door"}]}
    assert said("concurrency-limit create heavy 2")["concurrency_limit"] == 2
    assert said("concurrency-limit reset heavy")["active_slots"] == []
    assert said("concurrency-limit delete heavy") == {"deleted": [{"tag": "heavy"}]}


def test_blocks(said: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "shelves.py").write_text(MODULE)
    assert said("block register -f shelves.py") == {"registered": ["shelf"]}
    assert said("block create shelf")["block_type"]["slug"] == "shelf"
    made = said('block create shelf --name big --data {"width":9}')
    assert (made["name"], made["data"]) == ("big", {"width": 9})
    assert said("block delete shelf/big -y") == {"deleted": [{"id": made["id"], "block": "shelf/big"}]}
    assert said("block type delete shelf -y")["deleted"][0]["slug"] == "shelf"


def test_work_pools_and_queues(said: Callable[..., Any]) -> None:
    made = said("work-pool create machines")
    assert made["name"] == "machines"
    assert said("work-pool get-default-base-job-template --type process") == made["base_job_template"]
    assert said("work-pool get-default-base-job-template -t process -f made.json") == {"file": "made.json"}
    assert said("work-pool pause machines")["is_paused"]
    assert not said("work-pool resume machines")["is_paused"]
    assert said("work-pool update machines --description big")["description"] == "big"
    assert said("work-pool set-concurrency-limit machines 5")["concurrency_limit"] == 5
    assert said("work-pool clear-concurrency-limit machines")["concurrency_limit"] is None
    queue = said("work-queue create urgent -p machines")
    assert (queue["name"], queue["work_pool_name"]) == ("urgent", "machines")
    assert said("work-queue pause urgent -p machines")["is_paused"]
    assert not said("work-queue resume urgent -p machines")["is_paused"]
    assert said("work-queue set-concurrency-limit urgent 2 -p machines")["concurrency_limit"] == 2
    assert said("work-queue clear-concurrency-limit urgent -p machines")["concurrency_limit"] is None
    assert said("work-queue delete urgent -p machines -y") == {"deleted": [{"id": queue["id"], "name": "urgent"}]}
    assert said("work-pool delete machines -y") == {"deleted": [{"name": "machines"}]}


FLOW = """
from lictor import flow


@flow
def nightly():
    print("at work")
    return 1
"""


def test_runs_and_what_they_left(said: Callable[..., Any], server: Server, tmp_path: Path) -> None:
    http = httpx.Client(base_url=server.url)
    flow = http.post("/flows/", json={"name": "nightly"}).json()
    run = http.post("/flow_runs/", json={"flow_id": flow["id"], "state": {"type": "SCHEDULED"}}).json()
    one, other = (http.post("/artifacts/", json={"key": "report", "type": "markdown"}).json() for _ in range(2))
    assert said(f"artifact delete --id {one['id']}") == {"deleted": [{"id": one["id"]}]}
    assert said("artifact delete report") == {"deleted": [{"id": other["id"], "key": "report"}]}
    assert said(f"flow-run cancel {run['id']}")["state_name"] == "Cancelled"
    (tmp_path / "nightly.py").write_text(FLOW)
    retried = said(f"flow-run retry {run['id']} --entrypoint nightly.py:nightly")
    assert (retried["id"], retried["state_name"]) == (run["id"], "Completed")
    assert said(f"flow-run watch {run['id']}")["state_name"] == "Completed"
    assert said(f"flow-run delete {run['id']} -y") == {"deleted": [{"id": run["id"], "name": run["name"]}]}


def test_the_database_and_the_server(said: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = said("server database upgrade")
    place, newest = made["database"], made["schema"]
    assert (place, made["schema_before"]) == (str(tmp_path / "home" / "lictor.db"), 0)
    assert said("server database stamp head -y") == {**made, "schema_before": newest}
    copy = {"database": place, "backup": "copy.db", "schema": newest}
    assert said("server database backup copy.db") == copy
    assert Path(said("server database restore copy.db -y")["kept"]).exists()
    assert said("server database vacuum")["bytes"] > 0
    assert said("server database reset -y") == {"database": place, "empty": True}
    assert said("server database stats --quick")["database"] == place
    assert said("server rotate-key")["number"] == 0
    assert said("server stop") == {"stopped": []}
    assert said("server services stop") == {"stopped": []}
    monkeypatch.setattr(sys, "stdin", io.StringIO("admin:password\n"))
    assert said("server hash-auth")["hash"].startswith("$")
