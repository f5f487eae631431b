"""`--web` and `lictor dashboard open`, with a browser and without."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.test_commands import UNKNOWN, lictor, run, server
from tests.running import Server

__all__ = ["lictor", "run", "server"]

Lictor = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def browser(tmp_path: Path) -> Path:
    """A browser that writes down what it opens."""
    program = tmp_path / "browser"
    program.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n')
    program.chmod(0o700)
    return program


def test_the_page_of_a_run_is_opened(lictor: Lictor, server: Server, run: dict[str, Any], browser: Path) -> None:
    body = {"flow_run_id": run["id"], "task_key": "load", "dynamic_key": "0", "name": "load-0"}
    task = httpx.post(f"{server.url}/task_runs/", json=body).json()
    pages = {
        ("flow-run", "inspect", run["id"], "--web"): f"/runs/flow-run/{run['id']}",
        ("task-run", "inspect", task["id"], "--web"): f"/runs/flow-run/{run['id']}?task={task['id']}",
        ("dashboard", "open"): "",
    }
    for words, page in pages.items():
        done = lictor(*words, BROWSER=str(browser))
        assert (done.returncode, done.stdout) == (0, f"{server.origin}{page}\n"), done.stderr
        assert (browser.parent / "opened").read_text() == f"{server.origin}{page}\n"


def test_where_there_is_no_browser_the_address_is_said(lictor: Lictor, server: Server) -> None:
    done = lictor("dashboard", "open", PATH="/nowhere")
    assert (done.returncode, done.stdout) == (0, f"There is no browser here; see {server.origin}\n")
    told = json.loads(lictor("dashboard", "open", "-o", "json", PATH="/nowhere").stdout)
    assert told == {"page": server.origin, "opened": False}


def test_pages_have_an_address_of_their_own(lictor: Lictor, browser: Path) -> None:
    done = lictor("dashboard", "open", PREFECT_UI_URL="https://pages.example/", BROWSER=str(browser))
    assert done.stdout == "https://pages.example\n"


def test_what_has_no_page_is_said(lictor: Lictor, browser: Path) -> None:
    unknown = lictor("flow-run", "inspect", UNKNOWN, "--web", BROWSER=str(browser))
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "does not exist on this server" in unknown.stderr
    nowhere = lictor("dashboard", "open", PREFECT_API_URL="", BROWSER=str(browser))
    assert (nowhere.returncode, nowhere.stdout) == (1, "")
    assert nowhere.stderr.startswith("Error: It is not known where the pages are: set PREFECT_API_URL")
    assert not (browser.parent / "opened").exists()
