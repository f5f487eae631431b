"""What the texts and the TOML values of each type mean, and which are refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.kit.secret import Secret
from lictor.settings import Setting, Settings, SettingsError, table
from lictor.settings.reading import duration, integer, iso, names, number, seconds

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def reads(setting: Setting[Any], value: Any, *given: Any) -> list[tuple[Setting[Any], Any, Any]]:
    """Say that a setting reads several things as one value."""
    return [(setting, each, value) for each in given]


def refuses(setting: Setting[Any], *given: Any) -> list[tuple[Setting[Any], Any]]:
    """Say that a setting refuses several things."""
    return [(setting, each) for each in given]


GOOD: list[tuple[Setting[Any], Any, Any]] = [
    (table.API_URL, "http://x/api", "http://x/api"),
    (table.API_URL, "", None),
    *reads(table.SERVER_UI_ENABLED, True, "true", "TRUE", "1", "yes", "Y", "on", "t", " true ", True, 1),
    *reads(table.SERVER_UI_ENABLED, False, "false", "0", "no", "N", "off", "f", False, 0),
    (table.CLI_PROMPT, "", None),
    (table.CLI_PROMPT, "no", False),
    *reads(table.SERVER_API_PORT, 4300, "4300", " 4300 ", "4_300", "4300.0", "+4300", 4300, 4300.0),
    (table.SERVER_API_PORT, "0", 0),
    (table.API_REQUEST_TIMEOUT, "1e2", 100.0),
    (table.API_REQUEST_TIMEOUT, 5, 5.0),
    (table.CLIENT_MAX_RETRIES, "0", 0),
    (table.TASKS_RUNNER_THREAD_POOL_MAX_WORKERS, "", None),
    (table.TASKS_RUNNER_THREAD_POOL_MAX_WORKERS, "3", 3),
    *reads(
        table.CLIENT_RETRY_EXTRA_CODES,
        frozenset({500, 504}),
        "500,504",
        " 500 , 504 ",
        "[500,504]",
        '["500", 504]',
        [500, "504"],
    ),
    (table.CLIENT_RETRY_EXTRA_CODES, "", frozenset()),
    (table.CLIENT_RETRY_EXTRA_CODES, 500, frozenset({500})),
    (table.CLIENT_CUSTOM_HEADERS, '{"X-A": "b"}', {"X-A": "b"}),
    (table.CLIENT_CUSTOM_HEADERS, {"X-A": "b"}, {"X-A": "b"}),
    (table.CLIENT_CUSTOM_HEADERS, "", {}),
    *reads(table.LOGGING_EXTRA_LOGGERS, ["a", "b"], "a,b", "b, a", '["a", "b"]', ["a", "b"], "a,,b"),
    (table.LOGGING_LEVEL, "debug", "DEBUG"),
    (table.LOGGING_TO_API_WHEN_MISSING_FLOW, "ignore", "ignore"),
    *reads(table.FLOWS_DEFAULT_RETRY_DELAY_SECONDS, [1.0, 2.5], "[1, 2.5]", "1,2.5", [1, 2.5]),
    (table.FLOWS_DEFAULT_RETRY_DELAY_SECONDS, "7", [7.0]),
    (table.FLOWS_DEFAULT_RETRY_DELAY_SECONDS, 7, [7.0]),
    (table.SERVER_API_AUTH_STRING, "a:b", Secret("a:b")),
    (table.SERVER_API_AUTH_STRING, "", None),
    (table.SERVER_SERVICES_DB_VACUUM_ENABLED, "true", True),
    (table.SERVER_SERVICES_DB_VACUUM_ENABLED, False, False),
    (table.SERVER_SERVICES_DB_VACUUM_ENABLED, "", False),
    (table.SERVER_SERVICES_DB_VACUUM_ENABLED, "events,flow_runs", ["events", "flow_runs"]),
    (table.SERVER_SERVICES_DB_VACUUM_EVENT_RETENTION_OVERRIDES, '{"a": "P1D", "b": 3600}', {"a": DAY, "b": HOUR}),
    (table.SERVER_SERVICES_DB_VACUUM_EVENT_RETENTION_OVERRIDES, {"a": "86400"}, {"a": DAY}),
    (table.SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS, "15.5", timedelta(seconds=15.5)),
    (table.SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS, "PT15S", timedelta(seconds=15)),
    (table.SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD, "7200", 2 * HOUR),
]
BAD: list[tuple[Setting[Any], Any]] = [
    (table.API_URL, 3),
    *refuses(table.SERVER_UI_ENABLED, "", "perhaps", "2", 2, []),
    *refuses(table.SERVER_API_PORT, "", "many", "70000", "-1", "1e3", "0x10", "4300.5", "9" * 5000, True, [1]),
    *refuses(table.API_REQUEST_TIMEOUT, "", "x", "inf", "nan", True, []),
    (table.CLIENT_MAX_RETRIES, "-1"),
    (table.FLOWS_HEARTBEAT_FREQUENCY, "29"),
    (table.TASKS_RUNNER_THREAD_POOL_MAX_WORKERS, "0"),
    (table.TASKS_RUNNER_THREAD_POOL_MAX_WORKERS, "none"),
    (table.SERVER_CONCURRENCY_INITIAL_DEPLOYMENT_LEASE_DURATION, "29"),
    (table.SERVER_CONCURRENCY_INITIAL_DEPLOYMENT_LEASE_DURATION, "3601"),
    (table.SERVER_DATABASE_MIGRATION_TIMEOUT, "0"),
    *refuses(table.CLIENT_RETRY_EXTRA_CODES, "7", "x", "[500", {"a": 1}, True),
    *refuses(table.CLIENT_CUSTOM_HEADERS, "[]", "x", '{"a": 1}', '{"a":' * 100_000, 3),
    *refuses(table.LOGGING_EXTRA_LOGGERS, "[a", "[" * 100_000, [1], True),
    (table.LOGGING_LEVEL, "LOUD"),
    (table.LOGGING_TO_API_WHEN_MISSING_FLOW, "WARN"),
    (table.SERVER_DATABASE_DRIVER, "oracle"),
    *refuses(table.FLOWS_DEFAULT_RETRY_DELAY_SECONDS, '"x"', "x", '["x"]', {}),
    (table.SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS, "-5"),
    (table.SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS, "x"),
    (table.SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD, "PT1H"),
    (table.SERVER_SERVICES_DB_VACUUM_EVENT_RETENTION_OVERRIDES, '{"a": "x"}'),
]
DURATIONS: list[tuple[Any, timedelta]] = [
    ("PT1H30M", timedelta(minutes=90)),
    ("P1D", DAY),
    ("P1DT2H", timedelta(hours=26)),
    ("P1W", timedelta(days=7)),
    ("P1M", timedelta(days=30)),
    ("P1Y", timedelta(days=365)),
    ("PT0.5S", timedelta(seconds=0.5)),
    ("PT1,5S", timedelta(seconds=1.5)),
    ("PT0S", timedelta(0)),
    ("+P1D", DAY),
    ("01:00:00", HOUR),
    ("01:00", HOUR),
    ("100:00:00", timedelta(hours=100)),
    ("00:00:05.5", timedelta(seconds=5.5)),
    ("1 00:00:05", timedelta(days=1, seconds=5)),
    ("1 day, 01:00:00", timedelta(hours=25)),
    (3600, HOUR),
    (90.5, timedelta(seconds=90.5)),
    (HOUR, HOUR),
]
NO_DURATIONS: list[Any] = [
    *("", "5", "5.5", "1:00", "P", "PT", "pt1h", "PT1H ", "PT5M5", "1:99", "00:00:61", "-PT1H", "x", "P9999999999D"),
    *(-1, True, float("inf"), [5], {}),
]


def ids(value: Any) -> str:
    return value.path if isinstance(value, Setting) else repr(value)[:40]


@pytest.mark.parametrize(("setting", "given", "value"), GOOD, ids=ids)
def test_a_value_is_read(setting: Setting[Any], given: Any, value: Any) -> None:
    assert setting.read(given) == value
    assert type(setting.read(given)) is type(value)


@pytest.mark.parametrize(("setting", "given"), BAD, ids=ids)
def test_a_bad_value_is_refused_with_the_fix(setting: Setting[Any], given: Any) -> None:
    with pytest.raises(ValueError, match=r"^use "):
        setting.read(given)


@pytest.mark.parametrize(("setting", "text"), [(s, t) for s, t in BAD if isinstance(t, str)], ids=ids)
def test_a_bad_text_names_its_variable_and_the_fix(setting: Setting[Any], text: str) -> None:
    with pytest.raises(SettingsError, match=rf"{setting.name}.*\(environment variable\) cannot be read: use "):
        Settings({setting.name: text})


@pytest.mark.parametrize(("given", "value"), DURATIONS)
def test_a_duration_is_read(given: Any, value: timedelta) -> None:
    assert duration(given) == value
    assert seconds(given) == value


@pytest.mark.parametrize("given", NO_DURATIONS, ids=repr)
def test_what_is_no_duration_is_refused(given: Any) -> None:
    with pytest.raises(ValueError, match=r"^use "):
        duration(given)


@given(st.timedeltas(timedelta(0), timedelta(days=4000)))
def test_a_duration_is_written_as_it_is_read(value: timedelta) -> None:
    assert duration(iso(value)) == value


@given(st.integers())
def test_a_whole_number_is_read_from_its_text(value: int) -> None:
    assert integer(str(value)) == integer(value) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_read_from_its_text(value: float) -> None:
    assert number(repr(value)) == number(value) == value


@given(st.text())
def test_any_text_is_read_or_refused_with_a_fix(text: str) -> None:
    for setting in table.SETTINGS:
        try:
            setting.read(text)
        except ValueError as wrong:
            assert str(wrong).startswith("use ")


@given(st.lists(st.text("abcde", min_size=1)))
def test_names_are_read_from_a_list_and_from_a_text_alike(given_names: list[str]) -> None:
    assert names(given_names) == names(",".join(given_names)) == sorted(set(given_names))
