"""Processes that are started get the client settings in their environment, and nowhere else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from lictor.client.processes import client_settings, start_process
from lictor.settings import table
from lictor.settings.load import load

TELL = """
import json, os
from pathlib import Path
line = Path("/proc/self/cmdline").read_text() if os.path.exists("/proc/self") else ""
print(json.dumps({"environment": dict(os.environ), "line": line, "group": os.getpgid(0)}))
"""
HEADERS = {"X-Team": "data", "Authorization": "Bearer t"}


def test_a_plain_process_has_what_its_parent_has(tmp_path: Path) -> None:
    (tmp_path / "profiles.toml").write_text(
        'active = "mine"\n[profiles.mine]\nPREFECT_API_URL = "http://from.profile/api"\nPREFECT_API_AUTH_STRING = "a:ü b"\n'
    )
    (tmp_path / ".env").write_text("PREFECT_CLIENT_CSRF_SUPPORT_ENABLED=false\n")
    given = {
        "PREFECT_HOME": str(tmp_path),
        "PREFECT_CLIENT_CUSTOM_HEADERS": json.dumps(HEADERS),
        "PREFECT_SERVER_API_AUTH_STRING": "server:only",
    }
    settings = load(given, str(tmp_path))
    process = start_process([sys.executable, "-c", TELL], settings, stdout=subprocess.PIPE, env={"MORE": "1"})
    told = json.loads(process.communicate(timeout=60)[0])
    environment = told["environment"]
    assert environment["PREFECT_API_URL"] == "http://from.profile/api"
    assert environment["PREFECT_API_AUTH_STRING"] == "a:ü b"
    assert environment["PREFECT_CLIENT_CSRF_SUPPORT_ENABLED"] == "false"
    assert json.loads(environment["PREFECT_CLIENT_CUSTOM_HEADERS"]) == HEADERS
    assert environment["PREFECT_HOME"] == str(tmp_path)
    assert environment["MORE"] == "1"
    assert "PREFECT_SERVER_API_AUTH_STRING" not in environment
    assert "PREFECT_API_KEY" not in environment
    assert told["group"] == process.pid != os.getpgid(0)
    assert not any(secret in told["line"] for secret in ("a:ü b", "Bearer", "from.profile"))


def test_what_is_handed_on_is_read_as_what_it_was(tmp_path: Path) -> None:
    given = {
        "PREFECT_HOME": str(tmp_path),
        "PREFECT_API_URL": "https://x/api",
        "PREFECT_API_AUTH_STRING": 'quote" and \\ slash',
        "PREFECT_API_REQUEST_TIMEOUT": "12.5",
        "PREFECT_CLIENT_RETRY_EXTRA_CODES": "418,500",
        "PREFECT_CLIENT_CUSTOM_HEADERS": json.dumps(HEADERS),
    }
    settings = load(given, str(tmp_path))
    again = load(client_settings(settings), str(tmp_path))
    for setting in table.SETTINGS:
        if setting.name in given:
            assert again[setting] == settings[setting], setting.name
