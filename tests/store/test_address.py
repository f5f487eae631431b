"""Which database the settings name, and how it is talked to."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest

from lictor.settings.load import load
from lictor.store.address import Postgres, database_place
from lictor.store.migrate import Unfit

URL = "PREFECT_SERVER_DATABASE_CONNECTION_URL"
SQLALCHEMY = "PREFECT_SERVER_DATABASE_SQLALCHEMY_"
TLS = f"{SQLALCHEMY}CONNECT_ARGS_TLS_"


def place(tmp_path: Path, **environment: str) -> Any:
    return database_place(load({"PREFECT_HOME": str(tmp_path), **environment}, str(tmp_path)))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql+asyncpg://me:pw@db:5433/runs", {"user": "me", "password": "pw", "host": "db", "port": 5433}),
        ("postgresql+asyncpg://me@db/runs", {"user": "me", "port": 5432, "ssl": None}),
        ("postgresql://db/runs", {"host": "db"}),
        ("postgres://db/runs", {"host": "db"}),
        ("postgresql+asyncpg://m%40e:p%3Aw%2F@db/a%20b", {"user": "m@e", "password": "p:w/", "database": "a b"}),
        ("postgresql+asyncpg://[::1]:5/runs", {"host": "::1", "port": 5}),
        ("postgresql+asyncpg://me@/runs?host=/run/postgresql&port=6", {"host": "/run/postgresql", "port": 6}),
        ("postgresql+asyncpg:///runs?host=db&user=me&password=pw", {"host": "db", "user": "me", "password": "pw"}),
        ("postgresql+asyncpg://db/runs?ssl=require", {"ssl": "require"}),
        ("postgresql+asyncpg://db/runs?ssl=True", {"ssl": "require"}),
        ("postgresql+asyncpg://db/runs?sslmode=disable", {"ssl": "disable"}),
    ],
)
def test_what_a_url_names(tmp_path: Path, url: str, expected: dict[str, Any]) -> None:
    found = place(tmp_path, **{URL: url})
    assert isinstance(found, Postgres)
    options = found.options()
    assert {name: options.get(name) for name in expected} == expected


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql+asyncpg://me:secret@host", "name host and database"),
        ("postgresql+asyncpg://me:secret@/db", "name host and database"),
        ("postgresql+asyncpg://me:secret@host:99999/db", "cannot be read"),
        ("postgresql+asyncpg://me:secret@host/db?port=x", "the port must be a number"),
        ("postgresql+asyncpg://me:secret@host/db?ssl=maybe", "ssl must be one of disable, allow"),
        ("postgresql+asyncpg://me:secret@host/db?colour=secret", "the parameter 'colour' is not known"),
        ("postgresql+asyncpg://me:secret@host/db?sslrootcert=/nowhere", "cannot be read: No such file"),
        ("postgresql+psycopg2://me:secret@host/db", "'postgresql\\+psycopg2' databases are not supported"),
    ],
)
def test_a_url_that_names_no_database_is_refused_without_its_secrets(tmp_path: Path, url: str, message: str) -> None:
    with pytest.raises(Unfit, match=message) as refused:
        place(tmp_path, **{URL: url})
    assert "secret" not in str(refused.value)
    assert URL in str(refused.value)


def test_a_database_shows_no_password(tmp_path: Path) -> None:
    found = place(tmp_path, **{URL: "postgresql+asyncpg://me:secret@host/db"})
    assert "secret" not in repr(found)
    assert found.name == "PostgreSQL database 'db' on host:5432"


def test_settings_say_how_a_database_is_talked_to(tmp_path: Path) -> None:
    found = place(
        tmp_path,
        PREFECT_SERVER_DATABASE_DRIVER="postgresql+asyncpg",
        PREFECT_SERVER_DATABASE_HOST="db",
        PREFECT_SERVER_DATABASE_USER="me",
        PREFECT_SERVER_DATABASE_PASSWORD="p/w",
        PREFECT_SERVER_DATABASE_NAME="runs",
        PREFECT_SERVER_DATABASE_TIMEOUT="3",
        PREFECT_SERVER_DATABASE_CONNECTION_TIMEOUT="2",
        PREFECT_SERVER_DATABASE_MIGRATION_TIMEOUT="60",
        **{
            f"{SQLALCHEMY}POOL_SIZE": "4",
            f"{SQLALCHEMY}MAX_OVERFLOW": "3",
            f"{SQLALCHEMY}POOL_TIMEOUT": "9",
            f"{SQLALCHEMY}CONNECT_ARGS_APPLICATION_NAME": "flows",
            f"{SQLALCHEMY}CONNECT_ARGS_SEARCH_PATH": "lictor",
            f"{SQLALCHEMY}CONNECT_ARGS_STATEMENT_CACHE_SIZE": "0",
        },
    )
    options = found.options()
    assert (options["user"], options["password"], options["host"], options["database"]) == ("me", "p/w", "db", "runs")
    assert (options["timeout"], options["statement_cache_size"]) == (2, 0)
    assert options["server_settings"]["application_name"] == "flows"
    assert options["server_settings"]["search_path"] == "lictor"
    assert (found.connections, found.pool_timeout, found.timeout, found.migration_timeout) == (7, 9, 3, 60)


@pytest.mark.parametrize(("mode", "hostname"), [("verify-full", True), ("verify-ca", False)])
def test_a_certificate_is_checked_where_the_url_asks_for_it(tmp_path: Path, mode: str, hostname: bool) -> None:
    found = place(tmp_path, **{URL: f"postgresql+asyncpg://db/runs?sslmode={mode}"})
    assert found.ssl.verify_mode == ssl.CERT_REQUIRED
    assert found.ssl.check_hostname == hostname


@pytest.mark.parametrize("checked", ["true", "false"])
def test_a_certificate_is_checked_where_tls_is_enabled(tmp_path: Path, checked: str) -> None:
    found = place(
        tmp_path,
        **{URL: "postgresql+asyncpg://db/runs", f"{TLS}ENABLED": "true", f"{TLS}CHECK_HOSTNAME": checked},
    )
    assert found.ssl.verify_mode == ssl.CERT_REQUIRED
    assert found.ssl.check_hostname == (checked == "true")
