"""Where the database is, from the settings."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from msgspec import Struct

from lictor.kit.secret import Secret
from lictor.settings import Settings, table
from lictor.store.migrate import Unfit

URL = table.SERVER_DATABASE_CONNECTION_URL.name
SQLITE = ("sqlite+aiosqlite://", "sqlite://")
POSTGRES = ("postgresql+asyncpg", "postgresql", "postgres")
SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
SSL_WORDS = {"true": "require", "1": "require", "false": "disable", "0": "disable"}
CHECKING = ("verify-ca", "verify-full")
FILES = ("sslrootcert", "sslcert", "sslkey")
KNOWN = ("host", "port", "user", "password", "ssl", "sslmode", "application_name", "search_path", *FILES)
PORT = 5432


class Postgres(Struct, frozen=True, kw_only=True):
    """A PostgreSQL database, and how it is talked to; times are seconds, None is for ever."""

    host: str
    port: int = PORT
    user: str = ""
    password: Secret | None = None
    database: str = ""
    ssl: Any = None
    server_settings: dict[str, str] = {}
    connections: int = 15
    statement_cache_size: int | None = None
    timeout: float | None = 10.0
    pool_timeout: float | None = 30.0
    connection_timeout: float | None = 5.0
    migration_timeout: float | None = None
    patience: float = 5.0
    """How long a lost connection is looked for again before a request is refused."""

    @property
    def name(self) -> str:
        """What messages call it; nothing of it is secret."""
        return f"PostgreSQL database '{self.database}' on {self.host}:{self.port}"

    def options(self) -> dict[str, Any]:
        """Return what a connection is made with."""
        options: dict[str, Any] = {
            "host": self.host,
            "port": self.port,
            "database": self.database,
            "ssl": self.ssl,
            "timeout": self.connection_timeout,
            "server_settings": self.server_settings,
        }
        if self.user:
            options["user"] = self.user
        if self.password is not None:
            options["password"] = self.password.reveal()
        if self.statement_cache_size is not None:
            options["statement_cache_size"] = self.statement_cache_size
        return options


def in_memory(settings: Settings) -> bool:
    """Whether the settings want a database that is gone when the server ends."""
    url = settings[table.SERVER_DATABASE_CONNECTION_URL]
    return url is not None and url.reveal().startswith(SQLITE) and ":memory:" in url.reveal()


def database_place(settings: Settings) -> str | Postgres:
    """Return the path of the SQLite file, or the PostgreSQL database, that the settings name."""
    url = settings[table.SERVER_DATABASE_CONNECTION_URL]
    if url is None:
        raise Unfit(f"{URL} is not set; give sqlite+aiosqlite:///<path> or postgresql+asyncpg://<user>@<host>/<name>.")
    if url.reveal().partition("://")[0] in POSTGRES:
        return postgres_of(url.reveal(), settings)
    return path_of(url.reveal())


def path_of(url: str) -> str:
    """Return the path in a URL: `sqlite+aiosqlite:///lictor.db` is relative, four slashes begin an absolute one."""
    scheme = next((scheme for scheme in SQLITE if url.startswith(scheme)), None)
    if scheme is None:
        kind = url.partition(":")[0]
        raise Unfit(
            f"{URL}: '{kind}' databases are not supported; give sqlite+aiosqlite:///<path> or "
            "postgresql+asyncpg://<user>@<host>/<name>."
        )
    path = unquote(url.removeprefix(scheme).partition("?")[0]).removeprefix("/")
    if not path or ":memory:" in path:
        raise Unfit(
            f"{URL}: a database in memory is there as long as its server only; give sqlite+aiosqlite:///<path>."
        )
    return str(Path(path).expanduser())


def postgres_of(url: str, settings: Settings) -> Postgres:
    """Return the PostgreSQL database in a URL, such as `postgresql+asyncpg://user:password@host:5432/name?ssl=require`."""
    said = parts_of(url)
    if not said.get("host") or not said.get("database"):
        raise Unfit(f"{URL}: name host and database: postgresql+asyncpg://<user>:<password>@<host>:5432/<name>.")
    args = "server.database.sqlalchemy.connect_args"
    server_settings = {
        "application_name": said.get("application_name")
        or settings[table.SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_APPLICATION_NAME]
        or "lictor",
    }
    search_path = said.get("search_path") or settings[table.SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_SEARCH_PATH]
    if search_path:
        server_settings["search_path"] = search_path
    if settings[table.SERVER_DATABASE_SQLALCHEMY_POOL_SIZE] < 1:
        raise Unfit(f"{table.SERVER_DATABASE_SQLALCHEMY_POOL_SIZE.name} must be 1 or more.")
    remembered = settings[table.SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_STATEMENT_CACHE_SIZE]
    if remembered is None:
        remembered = settings[table.SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_PREPARED_STATEMENT_CACHE_SIZE]
    return Postgres(
        host=said["host"],
        port=port_of(said.get("port")),
        user=said.get("user", ""),
        password=Secret(said["password"]) if "password" in said else None,
        database=said["database"],
        ssl=encryption(said, settings, args),
        server_settings=server_settings,
        connections=settings[table.SERVER_DATABASE_SQLALCHEMY_POOL_SIZE]
        + max(0, settings[table.SERVER_DATABASE_SQLALCHEMY_MAX_OVERFLOW]),
        statement_cache_size=remembered,
        timeout=settings[table.SERVER_DATABASE_TIMEOUT],
        pool_timeout=settings[table.SERVER_DATABASE_SQLALCHEMY_POOL_TIMEOUT],
        connection_timeout=settings[table.SERVER_DATABASE_CONNECTION_TIMEOUT],
        migration_timeout=settings[table.SERVER_DATABASE_MIGRATION_TIMEOUT],
    )


def parts_of(url: str) -> dict[str, str]:
    """Return what a URL says, by name; messages never repeat it, for it holds a password."""
    try:
        parts = urlsplit(url)
        said = {"host": parts.hostname, "port": parts.port, "user": parts.username, "password": parts.password}
    except ValueError as error:
        raise Unfit(f"{URL} cannot be read: percent-encode special characters in user and password.") from error
    found = {name: unquote(str(value)) for name, value in said.items() if value is not None}
    found["database"] = unquote(parts.path.removeprefix("/"))
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name not in KNOWN:
            raise Unfit(f"{URL}: the parameter '{name}' is not known; known are {', '.join(KNOWN)}.")
        found[name] = value
    return found


def port_of(text: str | None) -> int:
    """Return a port."""
    if text is None:
        return PORT
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise Unfit(f"{URL}: the port must be a number from 1 to 65535.")
    return int(text)


def encryption(said: dict[str, str], settings: Settings, args: str) -> Any:
    """Return how connections are encrypted: one of PostgreSQL's modes, or what their certificates are checked with."""
    mode = said.get("ssl") or said.get("sslmode")
    mode = SSL_WORDS.get(mode.lower(), mode.lower()) if mode else None
    if mode is not None and mode not in SSL_MODES:
        raise Unfit(f"{URL}: ssl must be one of {', '.join(SSL_MODES)}.")
    if settings[table.SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_TLS_ENABLED]:
        return checked_with(
            settings[table.SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_TLS_CA_FILE],
            settings[table.SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_TLS_CERT_FILE],
            settings[table.SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_TLS_KEY_FILE],
            settings[table.SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_TLS_CHECK_HOSTNAME],
            f"{args}.tls",
        )
    if mode != "disable" and (mode in CHECKING or any(name in said for name in FILES)):
        authority, certificate, key = (said.get(name) for name in FILES)
        return checked_with(authority, certificate, key, mode in (None, "verify-full"), URL)
    return mode


def checked_with(authority: str | None, certificate: str | None, key: str | None, hostname: bool, place: str) -> Any:
    """Return what checks the database's certificate, of an authority or the system's, and shows one of our own."""
    try:
        context = ssl.create_default_context(cafile=authority)
        context.check_hostname = hostname
        if certificate:
            context.load_cert_chain(certificate, key)
    except OSError as error:
        raise Unfit(f"{place}: a certificate or key for the database cannot be read: {error.strerror}.") from error
    return context
