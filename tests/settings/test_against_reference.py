"""The same texts mean the same here and in the reference, and the same files give the same values.

Only where LICTOR_TEST_REFERENCE_PYTHON names an interpreter that has the reference.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from lictor.settings import Settings, SettingsError, nested, table
from lictor.settings.load import load
from lictor.settings.showing import plain
from lictor.settings.sources import by_name
from tests.running import clean_environment
from tests.settings.test_table import DIFFERENT

PYTHON = os.environ.get("LICTOR_TEST_REFERENCE_PYTHON")
pytestmark = pytest.mark.skipif(not PYTHON, reason="LICTOR_TEST_REFERENCE_PYTHON is not set")

REFUSED = {"refused": True}
DURATIONS = ("PT1H", "P1D", "P1W", "P1M", "P1Y", "PT0.5S", "P1DT2H", "PT1,5S", "01:00:00", "01:00", "100:00:00")
NO_DURATIONS = ("5", "5.5", "P", "PT", "pt1h", "PT5M5", "1:00", "x", "")
TEXTS: dict[str, tuple[str, ...]] = {
    "PREFECT_SERVER_UI_ENABLED": ("true", "TRUE", "1", "0", "off", "Y", "n", "t", "yes", "", "perhaps", "2"),
    "PREFECT_UI_ENABLED": ("no",),
    "PREFECT_SERVER_API_PORT": ("4300", " 4300 ", "4_300", "4300.0", "1e3", "x", "", "0x10"),
    "PREFECT_API_REQUEST_TIMEOUT": ("5", "1e2", " 5 ", "1_0", "x", ""),
    "PREFECT_CLIENT_MAX_RETRIES": ("0", "-1"),
    "PREFECT_CLIENT_RETRY_JITTER_FACTOR": ("0", "0.5", "-1"),
    "PREFECT_CLIENT_RETRY_EXTRA_CODES": ("500", "500,504", " 500 , 504 ", "[500,504]", '["500"]', "99", "x", ""),
    "PREFECT_CLIENT_CUSTOM_HEADERS": ('{"a": "b"}', "{}", '{"a": 1}', "[]", "x"),
    "PREFECT_LOGGING_EXTRA_LOGGERS": ("a", "a,b", "a, b", '["a"]', ""),
    "PREFECT_PLUGINS_ALLOW": ("a", '["a"]', ""),
    "PREFECT_LOGGING_LEVEL": ("debug", "INFO", "LOUD", " info"),
    "PREFECT_LOGGING_SERVER_LEVEL": ("error",),
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": ("warn", "error", "ignore", "WARN", "x"),
    "PREFECT_FLOWS_DEFAULT_RETRY_DELAY_SECONDS": ("5", "1.5", "[1,2]", "x", '"x"'),
    "PREFECT_TASKS_DEFAULT_RETRY_DELAY_SECONDS": ("5", "1.5", "[1,2]", "1,2", "1, 2", "x"),
    "PREFECT_TASK_DEFAULT_RETRIES": ("3", "-1"),
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": ("30", "29", "none"),
    "PREFECT_TASKS_RUNNER_THREAD_POOL_MAX_WORKERS": ("0", "3", "none"),
    "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": (*DURATIONS, *NO_DURATIONS),
    "PREFECT_SERVER_API_CSRF_TOKEN_EXPIRATION": ("PT2H", "x"),
    "PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS": ("15", "15.5", "PT15S", "00:00:15", "x"),
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": ("15", "7200", "PT2H", "PT1H"),
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": ("true", "false", "1", "0", "events", '["events"]', "none", ""),
    "PREFECT_SERVER_SERVICES_DB_VACUUM_EVENT_RETENTION_OVERRIDES": ('{"a": "P1D"}', '{"a": 86400}', "{}", "x"),
    "PREFECT_SERVER_DATABASE_DRIVER": ("sqlite+aiosqlite", "x"),
    "PREFECT_SERVER_DATABASE_TIMEOUT": ("5", "none"),
    "PREFECT_SERVER_DATABASE_MIGRATION_TIMEOUT": ("1", "0"),
    "PREFECT_SERVER_CONCURRENCY_INITIAL_DEPLOYMENT_LEASE_DURATION": ("30", "29", "3600", "3601"),
    "PREFECT_CLI_PROMPT": ("true", "none"),
    "PREFECT_PROFILES_PATH": ("$PREFECT_HOME/x",),
    "PREFECT_HOME": ("~/x",),
    "PREFECT_TESTING_TEST_SETTING": ("x", "1"),
    "PREFECT_API_URL": ("http://x/api/", "x"),
    "PREFECT_SERVER_API_BASE_PATH": ("/x", "x/"),
    "PREFECT_TELEMETRY_RESOURCE_METRICS_INTERVAL_SECONDS": ("1", "0"),
    "PREFECT_WORKER_HEARTBEAT_SECONDS": ("1", "x"),
}
MORE: list[tuple[dict[str, str], str]] = [
    ({"PREFECT_UI_ENABLED": "false", "PREFECT_SERVER_UI_ENABLED": "true"}, "server.ui.enabled"),
    ({"prefect_api_url": "http://small"}, "api.url"),
    ({"PREFECT_API_URL": "http://h:1/x/api"}, "ui_url"),
    ({"PREFECT_API_URL": "http://h:1/api", "PREFECT_UI_URL": "http://y"}, "ui_url"),
    ({"PREFECT_DEBUG_MODE": "1"}, "logging.level"),
    ({"PREFECT_TEST_MODE": "1"}, "internal.logging_level"),
    ({"PREFECT_DEBUG_MODE": "1", "PREFECT_LOGGING_LEVEL": "ERROR"}, "logging.level"),
]
CASES = [({name: text}, by_name()[name][0].path) for name, texts in TEXTS.items() for text in texts] + MORE
ELSEWHERE = {
    "api.ssl_cert_file": "the system's own where it is not set",
    "server.ui.api_url": "the address under which a browser came",
    "server.ephemeral.enabled": "a profile's, which is compared below",
    "server.database.connection_url": "masked",
}
"""Values that are worked out in another way here."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reference")


def run(folder: Path, *words: str, given: str = "", **environment: str) -> str:
    """Run the reference's interpreter in a folder, which is also its home."""
    assert PYTHON is not None
    return subprocess.run(
        [PYTHON, *words],
        cwd=folder,
        env={**clean_environment(), "PREFECT_HOME": str(folder), **environment},
        input=given,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.fixture(scope="module")
def reference(folder: Path) -> dict[str, Any]:
    script = Path(__file__).parent / "read_reference.py"
    answer: dict[str, Any] = json.loads(run(folder, str(script), given=json.dumps(CASES)))
    return answer


def ours(folder: Path, environment: dict[str, str], path: str) -> dict[str, Any]:
    setting = next(setting for setting in table.SETTINGS if setting.path == path)
    try:
        settings = Settings({"PREFECT_HOME": str(folder), **environment})
    except SettingsError:
        return REFUSED
    return {"value": plain(setting, settings[setting], None)}


def comparable(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer with its lists in one order, as sets have none."""
    value = answer.get("value")
    return {"value": sorted(value)} if isinstance(value, list) else answer


@pytest.mark.parametrize("at", range(len(CASES)), ids=lambda at: " ".join(f"{n}={t}" for n, t in CASES[at][0].items()))
def test_a_text_means_what_it_means_there(folder: Path, reference: dict[str, Any], at: int) -> None:
    environment, path = CASES[at]
    assert comparable(ours(folder, environment, path)) == comparable(reference["answers"][at])


def differences(here: dict[str, Any], there: dict[str, Any], above: str = "") -> set[str]:
    found: set[str] = set()
    for name in here.keys() | there.keys():
        one, other = here.get(name, "missing"), there.get(name, "missing")
        if isinstance(one, dict) and isinstance(other, dict):
            found |= differences(one, other, f"{above}{name}.")
        elif one != other:
            found.add(above + name)
    return found


def test_the_answer_is_the_references(folder: Path, reference: dict[str, Any]) -> None:
    here = nested(Settings({"PREFECT_HOME": str(folder)}))
    assert differences(here, reference["plain"]) <= DIFFERENT.keys() | ELSEWHERE.keys()


FILES = {
    ".env": 'PREFECT_LOGGING_LEVEL=ERROR\nexport PREFECT_CLIENT_MAX_RETRIES="9"\nPREFECT_UI_ENABLED=no\n',
    "prefect.toml": '[api]\nurl = "http://toml"\n[logging]\nlevel = "debug"\n[server.events]\nretention_period = 3600\n',
    "pyproject.toml": '[tool.prefect]\napi.url = "http://pyproject"\ncli.colors = false\n',
    "profiles.toml": 'active = "a"\n[profiles.a]\nPREFECT_API_URL = "x"\nPREFECT_TASK_DEFAULT_RETRIES = "4"\n',
}


@pytest.mark.parametrize("environment", [{}, {"PREFECT_CLIENT_MAX_RETRIES": "1"}, {"PREFECT_PROFILE": "local"}])
def test_the_same_files_give_the_same_values_from_the_same_sources(tmp_path: Path, environment: dict[str, str]) -> None:
    for name, content in FILES.items():
        (tmp_path / name).write_text(content)
    command = ("-m", "prefect", "config", "view", "--output", "json")
    there = json.loads(run(tmp_path, *command, **environment))["settings"]
    here = load({"PREFECT_HOME": str(tmp_path), **environment}, str(tmp_path))
    given = {setting.name: here.source(setting) for setting in table.SETTINGS if here.source(setting) != "defaults"}
    assert given == {row["name"]: row["source"] for row in there}
    for row in there:
        setting = by_name()[row["name"]][0]
        value = row["value"]
        read = 3600 if setting is table.SERVER_EVENTS_RETENTION_PERIOD else value  # a number in the file
        assert setting.read(int(read) if isinstance(read, int) else read) == here[setting], row
