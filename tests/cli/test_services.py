"""`lictor server services`, called as people call it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from lictor.server.services import SERVICES
from tests.running import clean_environment

ENABLED = "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED"


def ls(home: Path, *options: str, **settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lictor.cli.main", "server", "services", "ls", *options]
    environment = {**clean_environment(), "PREFECT_HOME": str(home), "COLUMNS": "160", **settings}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False, cwd=home)


def test_services_are_listed_with_their_settings(tmp_path: Path) -> None:
    shown = ls(tmp_path).stdout
    for service in SERVICES:
        for text in (service.name, service.enabled.path, service.loop_seconds.path):
            assert text in shown


def test_services_are_listed_as_the_settings_have_them(tmp_path: Path) -> None:
    settings = {ENABLED: "flow_runs", "PREFECT_SERVER_SERVICES_DB_VACUUM_LOOP_SECONDS": "60"}
    found = {each["name"]: each for each in json.loads(ls(tmp_path, "--output", "json", **settings).stdout)}
    assert list(found) == [service.name for service in SERVICES]
    on = {name: found[name]["enabled"] for name in ("old-events", "old-runs", "old-logs", "orphans")}
    assert on == {"old-events": False, "old-runs": True, "old-logs": False, "orphans": True}
    assert found["old-runs"]["loop_seconds"] == 60
    assert found["orphans"]["loop_seconds"] == 86400


def test_a_kind_of_rows_that_is_none_is_said_before_the_server_starts(tmp_path: Path) -> None:
    for done in (ls(tmp_path, **{ENABLED: "flows"}), start(tmp_path, **{ENABLED: "flows"})):
        assert done.returncode == 1
        assert f"Error: {ENABLED} names 'flows'" in done.stderr
        assert "Traceback" not in done.stderr
    assert not (tmp_path / "lictor.db").exists()


def start(home: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lictor.cli.main", "server", "start", "--port", "0"]
    environment = {**clean_environment(), "PREFECT_HOME": str(home), **settings}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
