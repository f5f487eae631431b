"""Processes that are started get the client settings in their environment, and nowhere else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lictor.client.processes import ITS_SECRETS, client_settings, start_process
from lictor.settings import Settings, table
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


SECRETS = {
    "PREFECT_SERVER_API_AUTH_STRING": "server:only",
    "PREFECT_SERVER_API_AUTH_STRING_FILE": "/run/secrets/auth",
    "PREFECT_SERVER_API_PREVIOUS_AUTH_STRING": "server:before",
    "PREFECT_SERVER_API_PREVIOUS_AUTH_STRING_FILE": "/run/secrets/before",
    "PREFECT_SERVER_ENCRYPTION_KEY": "key",
    "PREFECT_SERVER_DATABASE_PASSWORD": "word",
    "PREFECT_API_DATABASE_PASSWORD": "word",
    "PREFECT_SERVER_DATABASE_PASSWORD_FILE": "/run/secrets/word",
    "PREFECT_SERVER_DATABASE_CONNECTION_URL": "postgresql+asyncpg://me:word@host/name",
    "PREFECT_API_DATABASE_CONNECTION_URL": "postgresql+asyncpg://me:word@host/name",
    "prefect_server_encryption_key": "key",
}
"""What a server has in its environment and nobody else is to have, however it is spelt."""


@pytest.mark.parametrize("url", ["http://there/api", None])
def test_a_run_does_not_get_the_secrets_of_a_server_whose_environment_its_worker_has(
    url: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**SECRETS, "PREFECT_SERVER_API_PORT": "4711"}.items():
        monkeypatch.setenv(name, value)
    settings = Settings({"PREFECT_HOME": str(tmp_path), **({"PREFECT_API_URL": url} if url else {})})
    process = start_process([sys.executable, "-c", TELL], settings, {"flows"}, stdout=subprocess.PIPE)
    environment = json.loads(process.communicate(timeout=60)[0])["environment"]
    assert not SECRETS.keys() & environment.keys()
    assert not set(SECRETS.values()) & set(environment.values())
    assert environment["PREFECT_SERVER_API_PORT"] == "4711"
    assert environment.get("PREFECT_SERVER_EPHEMERAL_ENABLED") == (None if url else "false"), (
        "none with another database"
    )


def test_a_server_gets_its_secrets_and_a_run_what_is_said_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_SERVER_ENCRYPTION_KEY", "key")
    settings = Settings({"PREFECT_HOME": str(tmp_path)})
    said = {"PREFECT_SERVER_API_AUTH_STRING": "said"}
    for parts, wanted in (({"server"}, ("key", None)), (set[str](), (None, "said"))):
        env = None if parts else said
        process = start_process([sys.executable, "-c", TELL], settings, parts, stdout=subprocess.PIPE, env=env)
        environment = json.loads(process.communicate(timeout=60)[0])["environment"]
        names = ("PREFECT_SERVER_ENCRYPTION_KEY", "PREFECT_SERVER_API_AUTH_STRING")
        assert tuple(environment.get(name) for name in names) == wanted


def test_no_secret_of_the_server_is_forgotten() -> None:
    named = {name for name in ITS_SECRETS if "FILE" not in name}
    assert named >= {name for each in table.SETTINGS if each.secret and "server." in each.path for name in each.names}
    pairs = {each.name.removesuffix("_FILE") for each in table.SETTINGS if each.name.endswith("_FILE")}
    assert {f"{name}_FILE" for name in pairs & named} <= ITS_SECRETS


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
