"""Settings are read from the environment, and a bad one is said clearly."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.kit.secret import Secret
from lictor.settings import Setting, Settings, SettingsError, nested, table
from lictor.settings.reading import duration, iso

READ: list[tuple[Setting[Any], str, Any]] = [
    (table.API_URL, "http://x/api", "http://x/api"),
    (table.SERVER_API_PORT, "4300", 4300),
    (table.SERVER_UI_ENABLED, "off", False),
    (table.SERVER_UI_ENABLED, "1", True),
    (table.CLIENT_RETRY_EXTRA_CODES, "500,504", frozenset({500, 504})),
    (table.CLIENT_CUSTOM_HEADERS, '{"X-A": "b"}', {"X-A": "b"}),
    (table.LOGGING_LEVEL, "debug", "DEBUG"),
    (table.FLOWS_DEFAULT_RETRY_DELAY_SECONDS, "[1, 2.5]", [1.0, 2.5]),
    (table.SERVER_EVENTS_MAXIMUM_WEBSOCKET_BACKFILL, "PT1H30M", timedelta(minutes=90)),
    (table.SERVER_EVENTS_MAXIMUM_WEBSOCKET_BACKFILL, "1 00:00:05", timedelta(days=1, seconds=5)),
    (table.SERVER_API_AUTH_STRING, "a:b", Secret("a:b")),
    (table.SERVER_API_AUTH_STRING, "", None),
]
WRONG: list[tuple[Setting[Any], str]] = [
    (table.SERVER_API_PORT, "many"),
    (table.SERVER_API_PORT, "70000"),
    (table.SERVER_UI_ENABLED, "perhaps"),
    (table.CLIENT_RETRY_EXTRA_CODES, "7"),
    (table.CLIENT_CUSTOM_HEADERS, "[]"),
    (table.LOGGING_LEVEL, "LOUD"),
    (table.FLOWS_DEFAULT_RETRY_DELAY_SECONDS, '"x"'),
    (table.SERVER_EVENTS_MAXIMUM_WEBSOCKET_BACKFILL, "5"),
    (table.SERVER_EVENTS_MAXIMUM_WEBSOCKET_BACKFILL, "P"),
]


@pytest.mark.parametrize(("setting", "text", "value"), READ)
def test_a_value_is_read(setting: Setting[Any], text: str, value: Any) -> None:
    assert Settings({setting.name: text})[setting] == value


@pytest.mark.parametrize(("setting", "text"), WRONG)
def test_a_bad_value_names_its_variable_and_the_fix(setting: Setting[Any], text: str) -> None:
    with pytest.raises(SettingsError, match=rf"{setting.name}.*cannot be read: use "):
        Settings({setting.name: text})


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


def test_other_variables_change_nothing() -> None:
    settings = Settings({"PREFECT_SERVER_SOMETHING": "x", "PREFECT_NOBODYS": "", "HOME": "/"})
    assert settings[table.SERVER_API_PORT] == 4200


def test_a_secret_cannot_print_itself() -> None:
    settings = Settings(
        {"PREFECT_SERVER_API_AUTH_STRING": "me:hidden", "PREFECT_API_DATABASE_CONNECTION_URL": "sqlite:///hidden.db"}
    )
    secret = settings[table.SERVER_API_AUTH_STRING]
    assert secret is not None
    for shown in (str(secret), repr(secret), f"{secret}", json.dumps(nested(settings))):
        assert "hidden" not in shown
    assert secret.reveal() == "me:hidden"
    assert nested(settings)["server"]["api"]["auth_string"] == "**********"
    assert nested(Settings({}))["server"]["api"]["auth_string"] is None


def test_a_bad_secret_is_not_shown() -> None:
    assert "hidden" not in str(Settings({"PREFECT_API_KEY": "hidden"})[table.API_KEY])


def test_the_database_lies_in_the_home_folder() -> None:
    url = Settings({"PREFECT_HOME": "/somewhere"})[table.SERVER_DATABASE_CONNECTION_URL]
    assert url is not None
    assert url.reveal() == "sqlite+aiosqlite:////somewhere/lictor.db"


def test_every_setting_says_what_it_does_and_has_one_name() -> None:
    names = [name for setting in table.SETTINGS for name in setting.names]
    assert len(names) == len(set(names))
    for setting in table.SETTINGS:
        assert setting.doc.endswith(".")


@given(
    st.timedeltas(timedelta(0), timedelta(days=400)).map(lambda value: timedelta(seconds=int(value.total_seconds())))
)
def test_a_duration_is_written_as_it_is_read(value: timedelta) -> None:
    assert duration(iso(value)) == value
