"""The values of settings: names, secrets, what follows from other settings, and changing them for a while."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from lictor.kit.secret import Secret
from lictor.settings import Setting, Settings, SettingsError, current, nested, reset, table, temporary_settings
from lictor.settings.showing import as_text

TEXTS = (
    "true",
    "false",
    "60",
    "61",
    "PT7S",
    "PT8S",
    "INFO",
    "ERROR",
    "one,two",
    "sqlite+aiosqlite",
    "postgresql+asyncpg",
)


def two_texts(setting: Setting[Any]) -> tuple[str, str]:
    """Return two texts that a setting reads as different values."""
    values: dict[str, Any] = {}
    for text in TEXTS:
        with suppress(ValueError):
            values[text] = setting.read(text)
    one = next(iter(values))
    return one, next(text for text, value in values.items() if value != values[one])


@pytest.mark.parametrize("setting", [setting for setting in table.SETTINGS if setting.aliases], ids=repr)
def test_an_alias_counts_unless_the_full_name_is_there(setting: Setting[Any]) -> None:
    one, other = two_texts(setting)
    assert Settings({setting.name: one})[setting] != Settings({setting.name: other})[setting]
    for alias in setting.aliases:
        for environment in ({alias: one}, {alias: other, setting.name: one}, {setting.name: one, alias: other}):
            assert Settings(environment)[setting] == setting.read(one)


def test_a_name_counts_in_small_letters_too() -> None:
    assert Settings({"prefect_api_url": "http://small"})[table.API_URL] == "http://small"


def test_other_variables_change_nothing() -> None:
    settings = Settings({"PREFECT_SERVER_SOMETHING": "x", "PREFECT_NOBODYS": "", "HOME": "/"})
    assert settings[table.SERVER_API_PORT] == 4200
    assert settings.source(table.SERVER_API_PORT) == "defaults"


SECRETS = {
    "PREFECT_API_KEY": "hidden-1",
    "PREFECT_API_AUTH_STRING": "me:hidden-2",
    "PREFECT_SERVER_API_AUTH_STRING": "me:hidden-3",
    "PREFECT_SERVER_API_PREVIOUS_AUTH_STRING": "me:hidden-4",
    "PREFECT_SERVER_DATABASE_PASSWORD": "hidden-5",
    "PREFECT_API_DATABASE_CONNECTION_URL": "postgresql+asyncpg://me:hidden-6@host/db",
    "PREFECT_CLIENT_CUSTOM_HEADERS": '{"X-Token": "hidden-7"}',
    "PREFECT_SERVER_DOCKET_URL": "redis://me:hidden-8@host/0",
    "PREFECT_API_URL": "http://me:hidden-9@p@host/api",
}


def test_no_secret_is_in_the_answer() -> None:
    tree = nested(Settings(SECRETS))
    shown = json.dumps(tree)
    assert "hidden" not in shown
    assert tree["server"]["api"]["auth_string"] == tree["server"]["database"]["connection_url"] == "*" * 10
    assert tree["client"]["custom_headers"] == {"X-Token": "*" * 10}
    assert tree["server"]["docket"]["url"] == f"redis://me:{'*' * 10}@host/0"
    assert tree["api"]["url"] == f"http://me:{'*' * 10}@host/api"
    assert tree["ui_url"] == f"http://me:{'*' * 10}@host"
    assert "previous_auth_string" not in shown


FILES = [
    (table.API_AUTH_STRING, table.API_AUTH_STRING_FILE),
    (table.SERVER_DATABASE_PASSWORD, table.SERVER_DATABASE_PASSWORD_FILE),
]


@pytest.mark.parametrize(("secret", "file"), FILES)
def test_a_secret_stands_in_a_file_of_its_own(
    secret: Setting[Secret | None], file: Setting[str | None], tmp_path: Path
) -> None:
    place = tmp_path / "secret"
    place.write_text("hidden:x y\n")
    settings = Settings({file.name: str(place)})
    assert (found := settings[secret]) is not None
    assert found.reveal() == "hidden:x y"
    assert "hidden" not in json.dumps(nested(settings))
    given = Settings({file.name: str(place), secret.name: "given"})[secret]
    assert given is not None
    assert given.reveal() == "given"


@pytest.mark.parametrize(("secret", "file"), FILES)
def test_a_file_without_its_secret_is_told(
    secret: Setting[Secret | None], file: Setting[str | None], tmp_path: Path
) -> None:
    place = tmp_path / "secret"
    with pytest.raises(SettingsError, match=f"{file.name} .* cannot be read"):
        Settings({file.name: str(place)})[secret]
    place.write_text("\n")
    with pytest.raises(SettingsError, match=f"{file.name} .* is empty: put the"):
        Settings({file.name: str(place)})[secret]


def test_a_secret_cannot_print_itself() -> None:
    secret = Settings(SECRETS)[table.SERVER_API_AUTH_STRING]
    assert secret is not None
    assert "hidden" not in f"{secret} {secret!r}"
    assert secret.reveal() == "me:hidden-3"
    assert nested(Settings({}))["server"]["api"]["auth_string"] is None


def test_a_bad_secret_is_not_shown() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings({"PREFECT_CLIENT_CUSTOM_HEADERS": "hidden"})
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({}, "sqlite+aiosqlite:////somewhere/lictor.db"),
        ({"CONNECTION_URL": ""}, "sqlite+aiosqlite:////somewhere/lictor.db"),
        ({"CONNECTION_URL": "sqlite:///x.db"}, "sqlite:///x.db"),
        ({"DRIVER": "sqlite+aiosqlite", "NAME": "/a/b.db"}, "sqlite+aiosqlite:////a/b.db"),
        ({"DRIVER": "sqlite+aiosqlite"}, "sqlite+aiosqlite:////somewhere/lictor.db"),
        (
            {"DRIVER": "postgresql+asyncpg", "HOST": "h", "USER": "u", "PASSWORD": "p@/ %x", "NAME": "n"},
            "postgresql+asyncpg://u:p%40%2F%20%25x@h:5432/n",
        ),
        (
            {"DRIVER": "postgresql+asyncpg", "HOST": "h", "PORT": "1", "USER": "u", "NAME": "n"},
            "postgresql+asyncpg://u@h:1/n",
        ),
    ],
)
def test_the_databases_address_follows_from_its_parts(given: dict[str, str], url: str) -> None:
    environment = {f"PREFECT_SERVER_DATABASE_{name}": value for name, value in given.items()}
    found = Settings({"PREFECT_HOME": "/somewhere", **environment})[table.SERVER_DATABASE_CONNECTION_URL]
    assert found is not None
    assert found.reveal() == url


def test_a_database_without_its_parts_is_refused() -> None:
    settings = Settings({"PREFECT_SERVER_DATABASE_DRIVER": "postgresql+asyncpg", "PREFECT_SERVER_DATABASE_HOST": "h"})
    with pytest.raises(SettingsError, match="PREFECT_SERVER_DATABASE_USER is not set"):
        _ = settings[table.SERVER_DATABASE_CONNECTION_URL]


@pytest.mark.parametrize(
    ("setting", "environment", "value"),
    [
        (table.HOME, {"PREFECT_HOME": "~/there"}, str(Path.home() / "there")),
        (table.HOME, {}, str(Path.home() / ".prefect")),
        (table.PROFILES_PATH, {"PREFECT_HOME": "/h"}, "/h/profiles.toml"),
        (table.PROFILES_PATH, {"PREFECT_HOME": "/h", "PREFECT_PROFILES_PATH": "$PREFECT_HOME/p.toml"}, "/h/p.toml"),
        (table.PROFILES_PATH, {"PREFECT_PROFILES_PATH": "~/p.toml"}, str(Path.home() / "p.toml")),
        (table.RESULTS_LOCAL_STORAGE_PATH, {"PREFECT_HOME": "/h"}, "/h/storage"),
        (table.UI_URL, {"PREFECT_API_URL": "http://h:1/x/api"}, "http://h:1/x"),
        (table.UI_URL, {"PREFECT_API_URL": "http://h:1/api", "PREFECT_UI_URL": "http://y"}, "http://y"),
        (table.UI_URL, {}, None),
        (table.CLOUD_UI_URL, {}, "https://app.prefect.cloud"),
        (table.LOGGING_LEVEL, {"PREFECT_DEBUG_MODE": "1"}, "DEBUG"),
        (table.LOGGING_LEVEL, {"PREFECT_TEST_MODE": "1"}, "DEBUG"),
        (table.LOGGING_LEVEL, {"PREFECT_DEBUG_MODE": "1", "PREFECT_LOGGING_LEVEL": "ERROR"}, "DEBUG"),
        (table.INTERNAL_LOGGING_LEVEL, {"PREFECT_DEBUG_MODE": "1"}, "DEBUG"),
        (table.INTERNAL_LOGGING_LEVEL, {}, "ERROR"),
    ],
)
def test_a_value_follows_from_others(setting: Setting[Any], environment: dict[str, str], value: object) -> None:
    assert Settings(environment)[setting] == value


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the process's settings be the environment's and the defaults."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    monkeypatch.setenv("PREFECT_SERVER_API_PORT", "4300")
    monkeypatch.delenv("PREFECT_PROFILE", raising=False)
    monkeypatch.delenv("PREFECT_API_KEY", raising=False)
    reset()
    yield
    reset()


def test_settings_change_for_a_while(alone: None) -> None:
    before = current()
    updates: dict[Setting[Any] | str, Any] = {table.SERVER_API_PORT: 1, "PREFECT_UI_ENABLED": "no"}
    with temporary_settings(updates, set_defaults={table.API_KEY: "k", table.SERVER_API_PORT: 2}) as changed:
        assert current() is changed
        assert changed[table.SERVER_API_PORT] == 1
        assert changed[table.SERVER_UI_ENABLED] is False
        assert changed[table.API_KEY] == Secret("k")
        with temporary_settings(restore_defaults=[table.SERVER_API_PORT, "PREFECT_API_KEY"]) as inner:
            assert inner[table.SERVER_API_PORT] == 4200
            assert inner[table.API_KEY] is None
            assert inner[table.SERVER_UI_ENABLED] is False
        with temporary_settings({table.SERVER_API_PORT: None}):
            assert current()[table.SERVER_API_PORT] == 4200
        with temporary_settings({table.SERVER_API_PORT: 3}):
            assert current()[table.SERVER_API_PORT] == 3
        assert current() is changed
    assert current() is before
    assert current()[table.SERVER_API_PORT] == 4300


def test_settings_are_restored_after_an_error(alone: None) -> None:
    before = current()
    with pytest.raises(ZeroDivisionError), temporary_settings({table.SERVER_API_PORT: 1}):
        _ = 1 // 0
    assert current() is before
    with (
        pytest.raises(SettingsError, match="PREFECT_SERVER_API_PORT 'x'"),
        temporary_settings({"PREFECT_SERVER_API_PORT": "x"}),
    ):
        pass
    with pytest.raises(SettingsError, match="no setting PREFECT_NOBODYS"), temporary_settings({"PREFECT_NOBODYS": 1}):
        pass
    assert current() is before


def test_settings_are_read_again_after_a_reset(alone: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert current()[table.SERVER_API_PORT] == 4300
    monkeypatch.setenv("PREFECT_SERVER_API_PORT", "4400")
    assert current()[table.SERVER_API_PORT] == 4300
    reset()
    assert current()[table.SERVER_API_PORT] == 4400


@pytest.mark.parametrize("setting", table.SETTINGS, ids=repr)
def test_a_default_is_read_from_the_text_that_shows_it(setting: Setting[Any]) -> None:
    text = as_text(setting, setting.default, None)
    assert Settings({setting.name: text})[setting] == Settings({})[setting]
