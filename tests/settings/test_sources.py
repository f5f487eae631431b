"""Where values come from: which source wins, what a broken file says, and which files others may read."""

from __future__ import annotations

import logging
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.settings import Setting, Settings, SettingsError, table
from lictor.settings.files import warn_once
from lictor.settings.load import load
from tests.running import clean_environment

Values = dict[Setting[Any], str]
SETTINGS: tuple[Setting[Any], ...] = (table.API_URL, table.SERVER_UI_API_URL, table.TASKS_DEFAULT_RETRIES)
LABELS = ("env", ".env file", "prefect.toml", "pyproject.toml", "profile")


def toml(values: Values, above: str = "") -> str:
    return "\n".join(f'{above}{setting.path} = "{value}"' for setting, value in values.items())


def lines(values: Values) -> str:
    return "\n".join(f'{setting.name} = "{value}"' for setting, value in values.items())


WRITERS: dict[str, Callable[[Path, Values], object]] = {
    ".env file": lambda folder, values: (folder / ".env").write_text(lines(values)),
    "prefect.toml": lambda folder, values: (folder / "prefect.toml").write_text(toml(values)),
    "pyproject.toml": lambda folder, values: (folder / "pyproject.toml").write_text(toml(values, "tool.prefect.")),
    "profile": lambda folder, values: (folder / "profiles.toml").write_text(
        f'active = "mine"\n[profiles.mine]\n{lines(values)}'
    ),
}


@given(st.dictionaries(st.sampled_from(LABELS), st.sets(st.sampled_from(SETTINGS), min_size=1)))
def test_the_first_source_that_gives_a_value_wins(given_by: dict[str, set[Setting[Any]]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {"PREFECT_HOME": name}
        for label, settings in given_by.items():
            values = {setting: str(LABELS.index(label)) for setting in settings}
            if label == "env":
                environment |= {setting.name: value for setting, value in values.items()}
            else:
                WRITERS[label](folder, values)
        read = load(environment, name)
    for setting in SETTINGS:
        winner = next((label for label in LABELS if setting in given_by.get(label, ())), None)
        assert read.source(setting) == (winner or "defaults")
        expected = setting.default if winner is None else setting.read(str(LABELS.index(winner)))
        assert read[setting] == expected


def read(folder: Path, environment: Mapping[str, str] | None = None, **files: str) -> Settings:
    """Read the settings of a folder, which is also the home, with files: `prefect_toml="..."`."""
    names = {"env": ".env", "prefect_toml": "prefect.toml", "pyproject": "pyproject.toml", "profiles": "profiles.toml"}
    for name, content in files.items():
        (folder / names[name]).write_text(content)
    return load({"PREFECT_HOME": str(folder), **(environment or {})}, str(folder))


def test_every_kind_of_line_in_an_env_file_is_read(tmp_path: Path) -> None:
    content = (
        'PREFECT_API_URL="http://x/api" # here\nexport PREFECT_CLIENT_MAX_RETRIES=9\nOTHER=1\nPREFECT_API_KEY\n'
        "PREFECT_UI_ENABLED=no\nprefect_cli_colors=off\n"
    )
    settings = read(tmp_path, env=content)
    assert settings[table.API_URL] == "http://x/api"
    assert settings[table.CLIENT_MAX_RETRIES] == 9
    assert settings[table.API_KEY] is None
    assert settings[table.SERVER_UI_ENABLED] is False
    assert settings[table.CLI_COLORS] is False
    assert settings.source(table.SERVER_UI_ENABLED) == ".env file"


def test_toml_values_are_read_by_their_place(tmp_path: Path) -> None:
    content = """
nonsense = 1
[api]
url = "http://toml"
[ui]
api_url = "http://outside"
serve_base = "/lost"
[server.ui]
serve_base = "/won"
enabled = false
[server.events]
retention_period = 3600
[client.custom_headers]
X-A = "b"
[server.services.db_vacuum.event_retention_overrides]
"prefect.flow-run.heartbeat" = "P1D"
"""
    settings = read(tmp_path, prefect_toml=content)
    assert settings[table.API_URL] == "http://toml"
    assert settings[table.SERVER_UI_API_URL] == "http://outside"
    assert settings[table.SERVER_UI_SERVE_BASE] == "/won"
    assert settings[table.SERVER_UI_ENABLED] is False
    assert settings[table.SERVER_EVENTS_RETENTION_PERIOD].total_seconds() == 3600
    assert settings[table.CLIENT_CUSTOM_HEADERS] == {"X-A": "b"}
    overrides = settings[table.SERVER_SERVICES_DB_VACUUM_EVENT_RETENTION_OVERRIDES]
    assert overrides["prefect.flow-run.heartbeat"].days == 1


def test_a_pyproject_file_of_others_is_let_be(tmp_path: Path) -> None:
    assert read(tmp_path, pyproject='tool = "prefect"')[table.SERVER_API_PORT] == 4200
    assert read(tmp_path, pyproject="[tool.other]\nprefect = 1")[table.SERVER_API_PORT] == 4200
    assert read(tmp_path, pyproject="[tool.prefect]\nserver.api.port = 4300")[table.SERVER_API_PORT] == 4300


def test_the_home_folder_may_stand_in_an_env_file(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "profiles.toml").write_text('active = "a"\n[profiles.a]\nPREFECT_API_URL = "http://a"')
    (tmp_path / ".env").write_text(f"PREFECT_HOME={home}")
    settings = load({}, str(tmp_path))
    assert settings[table.HOME] == str(home)
    assert settings[table.API_URL] == "http://a"


PROFILES = 'active = "a"\n[profiles.a]\nPREFECT_API_URL = "http://a"\n[profiles.b]\nPREFECT_API_URL = "http://b"\n'


@pytest.mark.parametrize(
    ("environment", "files", "profile", "url"),
    [
        ({}, {}, "ephemeral", None),
        ({"PREFECT_PROFILE": "local"}, {}, "local", "http://127.0.0.1:4200/api"),
        ({"PREFECT_PROFILE": "cloud"}, {}, "cloud", None),
        ({}, {"profiles": PROFILES}, "a", "http://a"),
        ({"PREFECT_PROFILE": "b"}, {"profiles": PROFILES}, "b", "http://b"),
        ({"PREFECT_PROFILE": "local"}, {"profiles": PROFILES}, "local", "http://127.0.0.1:4200/api"),
        ({}, {"profiles": PROFILES, "env": "PREFECT_PROFILE=b"}, "a", "http://a"),
        ({}, {"profiles": "[profiles.ephemeral]\nPREFECT_UI_API_URL = 'x'"}, "ephemeral", None),
    ],
)
def test_a_profile_is_chosen(
    tmp_path: Path, environment: dict[str, str], files: dict[str, str], profile: str, url: str | None
) -> None:
    settings = read(tmp_path, environment, **files)
    assert settings.profile == profile
    assert settings[table.API_URL] == url


def test_the_profiles_may_lie_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.toml").write_text(PROFILES)
    assert read(tmp_path, {"PREFECT_PROFILES_PATH": str(tmp_path / "elsewhere.toml")}).profile == "a"


def test_the_ephemeral_profile_is_the_references(tmp_path: Path) -> None:
    settings = read(tmp_path)
    assert settings[table.SERVER_EPHEMERAL_ENABLED] is True
    assert settings.source(table.SERVER_EPHEMERAL_ENABLED) == "profile"


MISTAKES: dict[str, tuple[dict[str, str], dict[str, str], str]] = {
    "a bad line of prefect.toml": (
        {},
        {"prefect_toml": "a = 1\n[api\nurl = 3"},
        r"prefect\.toml, line 2, is not valid TOML",
    ),
    "a prefect.toml that ends too early": ({}, {"prefect_toml": 'a = 1\nb = """x'}, r"prefect\.toml, line 2, is not"),
    "a bad pyproject.toml": ({}, {"pyproject": "[tool.prefect\n"}, r"pyproject\.toml, line 1, is not valid TOML"),
    "bad profiles": ({}, {"profiles": "x = ["}, r"profiles\.toml, line 1, is not valid TOML"),
    "profiles that are no tables": ({}, {"profiles": "[profiles]\na = 1"}, r"profiles\.toml has profiles that are not"),
    "a value of a TOML file": (
        {},
        {"prefect_toml": "[server.api]\nport = 'x'"},
        r"PREFECT_SERVER_API_PORT 'x' \(server\.api\.port in .*prefect\.toml\) cannot be read: use a whole number",
    ),
    "a value of the other place": (
        {},
        {"prefect_toml": "[ui]\napi_url = 3"},
        r"PREFECT_SERVER_UI_API_URL 3 \(ui\.api_url in .*prefect\.toml\) cannot be read: use a text",
    ),
    "a value of pyproject.toml": (
        {},
        {"pyproject": "[tool.prefect.server.api]\nport = 'x'"},
        r"PREFECT_SERVER_API_PORT 'x' \(server\.api\.port in \[tool\.prefect\] of .*pyproject\.toml\) cannot",
    ),
    "a value of .env": (
        {},
        {"env": "PREFECT_UI_ENABLED=x"},
        r"PREFECT_UI_ENABLED 'x' \(.*\.env\) cannot be read: use true",
    ),
    "a value of a profile": (
        {},
        {"profiles": "active = 'a'\n[profiles.a]\nPREFECT_API_DATABASE_PORT = 'x'"},
        r"PREFECT_API_DATABASE_PORT 'x' \(profile 'a' in .*profiles\.toml\) cannot be read: use a whole number",
    ),
    "a profile that does not exist": (
        {"PREFECT_PROFILE": "x"},
        {},
        r"PREFECT_PROFILE names the profile 'x', which does not exist: use cloud, ephemeral, local or test",
    ),
    "an active profile that does not exist": ({}, {"profiles": "active = 'x'"}, r"'active' in .*profiles\.toml names"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_names_its_place_and_the_fix(tmp_path: Path, case: str) -> None:
    environment, files, message = MISTAKES[case]
    with pytest.raises(SettingsError, match=message) as caught:
        read(tmp_path, environment, **files)
    assert "\n" not in str(caught.value)


def test_a_bad_value_that_another_source_hides_stops_nothing(tmp_path: Path) -> None:
    settings = read(tmp_path, {"PREFECT_SERVER_API_PORT": "1"}, env="PREFECT_SERVER_API_PORT=x")
    assert settings[table.SERVER_API_PORT] == 1


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"PREFECT_API_URL=\xff")
    with pytest.raises(SettingsError, match=r"\.env is not UTF-8 \(byte 16\)"):
        read(tmp_path)


@pytest.fixture
def unwarned() -> Iterator[None]:
    warn_once.cache_clear()
    yield
    warn_once.cache_clear()


OPEN: dict[str, tuple[str, str, int, int]] = {
    "a credential in .env": (".env", "PREFECT_API_KEY=hidden", 0o644, 1),
    "a credential in .env for the group": (".env", "PREFECT_API_KEY=hidden", 0o640, 1),
    "a credential in .env for its owner": (".env", "PREFECT_API_KEY=hidden", 0o600, 0),
    "headers in .env": (".env", 'PREFECT_CLIENT_CUSTOM_HEADERS=\'{"X": "hidden"}\'', 0o644, 1),
    "no credential in .env": (".env", "PREFECT_API_URL=http://x", 0o644, 0),
    "a credential in the profiles": ("profiles.toml", "[profiles.ephemeral]\nPREFECT_API_KEY = 'hidden'", 0o644, 1),
    "a credential in another profile": ("profiles.toml", "[profiles.b]\nPREFECT_API_KEY = 'hidden'", 0o644, 0),
    "no credential in the profiles": ("profiles.toml", "[profiles.ephemeral]\nPREFECT_API_URL = 'x'", 0o644, 0),
}


@pytest.mark.parametrize("case", OPEN)
def test_a_credential_that_others_may_read_is_warned_of_once(
    tmp_path: Path, unwarned: None, caplog: pytest.LogCaptureFixture, case: str
) -> None:
    name, content, mode, warnings = OPEN[case]
    file = tmp_path / name
    file.write_text(content)
    file.chmod(mode)
    with caplog.at_level(logging.WARNING, "lictor.settings"):
        read(tmp_path)
        read(tmp_path)
    assert len(caplog.records) == warnings
    for record in caplog.records:
        assert f"chmod 600 {file}" in record.getMessage()
        assert "hidden" not in record.getMessage()


LOADED = """
import os, sys
from lictor.settings import current
print("before", *sorted({"tomllib", "dotenv", "tomlkit"} & set(sys.modules)))
current()
print("after", *sorted({"tomllib", "dotenv", "tomlkit"} & set(sys.modules)))
"""


@pytest.mark.parametrize(
    ("file", "content", "after"),
    [
        (None, "", ""),
        (".env", "A=1", " dotenv"),
        ("prefect.toml", "", " tomllib"),
        ("pyproject.toml", "[tool.other]", ""),
        ("pyproject.toml", "[tool.prefect]", " tomllib"),
        ("profiles.toml", "", " tomllib"),
    ],
)
def test_libraries_load_only_where_there_is_a_file_for_them(
    tmp_path: Path, file: str | None, content: str, after: str
) -> None:
    if file is not None:
        (tmp_path / file).write_text(content)
    done = subprocess.run(
        [sys.executable, "-c", LOADED],
        cwd=tmp_path,
        env={**clean_environment(), "PREFECT_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["before", f"after{after}"]
