"""Settings of the server's database."""

from __future__ import annotations

from lictor.settings.reading import address, boolean, choice, integer, number, optional, port, secret, text, within
from lictor.settings.setting import Setting

SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_APPLICATION_NAME = Setting(
    "server.database.sqlalchemy.connect_args.application_name",
    optional(text),
    None,
    "The name under which connections show in PostgreSQL.",
)
SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_SEARCH_PATH = Setting(
    "server.database.sqlalchemy.connect_args.search_path",
    optional(text),
    None,
    "The schema of PostgreSQL in which tables are looked for.",
)
SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_STATEMENT_CACHE_SIZE = Setting(
    "server.database.sqlalchemy.connect_args.statement_cache_size",
    optional(integer),
    None,
    "How many statements a PostgreSQL connection remembers; 0 for a pooler such as PgBouncer.",
)
SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_PREPARED_STATEMENT_CACHE_SIZE = Setting(
    "server.database.sqlalchemy.connect_args.prepared_statement_cache_size",
    optional(integer),
    None,
    "How many prepared statements a PostgreSQL connection remembers, where statement_cache_size is not set.",
)
SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_TLS_ENABLED = Setting(
    "server.database.sqlalchemy.connect_args.tls.enabled",
    boolean,
    False,
    "Whether connections to PostgreSQL are encrypted.",
)
SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_TLS_CA_FILE = Setting(
    "server.database.sqlalchemy.connect_args.tls.ca_file",
    optional(text),
    None,
    "The authority that PostgreSQL's certificate must come from.",
)
SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_TLS_CERT_FILE = Setting(
    "server.database.sqlalchemy.connect_args.tls.cert_file",
    optional(text),
    None,
    "The certificate shown to PostgreSQL.",
)
SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_TLS_KEY_FILE = Setting(
    "server.database.sqlalchemy.connect_args.tls.key_file",
    optional(text),
    None,
    "The private key of that certificate.",
)
SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_TLS_CHECK_HOSTNAME = Setting(
    "server.database.sqlalchemy.connect_args.tls.check_hostname",
    boolean,
    True,
    "Whether PostgreSQL's certificate must name its host.",
)
SERVER_DATABASE_SQLALCHEMY_POOL_SIZE = Setting(
    "server.database.sqlalchemy.pool_size",
    integer,
    5,
    "Connections to PostgreSQL that a server may use, before the overflow.",
    aliases=("PREFECT_SQLALCHEMY_POOL_SIZE",),
)
SERVER_DATABASE_SQLALCHEMY_POOL_RECYCLE = Setting(
    "server.database.sqlalchemy.pool_recycle",
    integer,
    3600,
    "Seconds after which a pool renews a connection.",
    effect=False,
)
SERVER_DATABASE_SQLALCHEMY_POOL_TIMEOUT = Setting(
    "server.database.sqlalchemy.pool_timeout",
    optional(number),
    30.0,
    "Seconds to wait for a connection to PostgreSQL while all are in use.",
)
SERVER_DATABASE_SQLALCHEMY_MAX_OVERFLOW = Setting(
    "server.database.sqlalchemy.max_overflow",
    integer,
    10,
    "Connections to PostgreSQL beyond the pool's size, while there is much to do.",
    aliases=("PREFECT_SQLALCHEMY_MAX_OVERFLOW",),
)
SERVER_DATABASE_CONNECTION_URL = Setting(
    "server.database.connection_url",
    optional(address),
    None,
    "The database's address; worked out from the parts below, else lictor.db in the home folder.",
    aliases=("PREFECT_API_DATABASE_CONNECTION_URL",),
)
SERVER_DATABASE_DRIVER = Setting(
    "server.database.driver",
    optional(choice("postgresql+asyncpg", "sqlite+aiosqlite")),
    None,
    "The kind of database, where no address is given.",
    aliases=("PREFECT_API_DATABASE_DRIVER",),
)
SERVER_DATABASE_HOST = Setting(
    "server.database.host", optional(text), None, "The database's host.", aliases=("PREFECT_API_DATABASE_HOST",)
)
SERVER_DATABASE_PORT = Setting(
    "server.database.port", optional(port), None, "The database's port.", aliases=("PREFECT_API_DATABASE_PORT",)
)
SERVER_DATABASE_USER = Setting(
    "server.database.user", optional(text), None, "The database's user.", aliases=("PREFECT_API_DATABASE_USER",)
)
SERVER_DATABASE_NAME = Setting(
    "server.database.name",
    optional(text),
    None,
    "The database's name, or SQLite's file.",
    aliases=("PREFECT_API_DATABASE_NAME",),
)
SERVER_DATABASE_PASSWORD = Setting(
    "server.database.password",
    optional(secret),
    None,
    "The password of the database's user.",
    aliases=("PREFECT_API_DATABASE_PASSWORD",),
)
SERVER_DATABASE_PASSWORD_FILE = Setting(
    "server.database.password_file",
    optional(text),
    None,
    "A file that holds the password of the database's user.",
    own=True,
)
SERVER_DATABASE_ECHO = Setting(
    "server.database.echo",
    boolean,
    False,
    "Whether every statement is logged.",
    aliases=("PREFECT_API_DATABASE_ECHO",),
    effect=False,
)
SERVER_DATABASE_MIGRATE_ON_START = Setting(
    "server.database.migrate_on_start",
    boolean,
    True,
    "Whether an older database is brought up to date at start.",
    aliases=("PREFECT_API_DATABASE_MIGRATE_ON_START",),
)
SERVER_DATABASE_TIMEOUT = Setting(
    "server.database.timeout",
    optional(number),
    10.0,
    "Seconds that a statement may wait for the database.",
    aliases=("PREFECT_API_DATABASE_TIMEOUT",),
)
SERVER_DATABASE_CONNECTION_TIMEOUT = Setting(
    "server.database.connection_timeout",
    optional(number),
    5.0,
    "Seconds that a connection to PostgreSQL may take.",
    aliases=("PREFECT_API_DATABASE_CONNECTION_TIMEOUT",),
)
SERVER_DATABASE_MIGRATION_TIMEOUT = Setting(
    "server.database.migration_timeout",
    optional(within(number, above=0.0)),
    None,
    "Seconds that a step of bringing a PostgreSQL database up to date may take.",
)
