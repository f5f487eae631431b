"""The table of settings: one row each, named by its path in capitals."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lictor.settings.setting import (
    Setting,
    address,
    boolean,
    codes,
    duration,
    integer,
    level,
    number,
    numbers,
    optional,
    optional_integer,
    port,
    secret,
    table,
    text,
)

HOME = Setting("home", text, "~/.prefect", "The folder of Lictor's files.")
API_URL = Setting("api.url", optional, None, "The address of the API that clients talk to.")
API_AUTH_STRING = Setting(
    "api.auth_string", secret, None, "The credentials that clients send, as the server's own auth string says them."
)
API_KEY = Setting("api.key", secret, None, "The token that clients send where there is no auth string.")
API_TLS_INSECURE_SKIP_VERIFY = Setting(
    "api.tls_insecure_skip_verify", boolean, False, "Whether clients accept any certificate."
)
API_SSL_CERT_FILE = Setting("api.ssl_cert_file", optional, None, "A file of certificates that clients trust.")
API_REQUEST_TIMEOUT = Setting("api.request_timeout", number, 60.0, "Seconds that a client waits for an answer.")
CLIENT_MAX_RETRIES = Setting(
    "client.max_retries", integer, 5, "How often a client repeats a request that the server could not take."
)
CLIENT_RETRY_JITTER_FACTOR = Setting(
    "client.retry_jitter_factor", number, 0.2, "By how much, as a share, a client's pauses vary."
)
CLIENT_RETRY_EXTRA_CODES: Setting[frozenset[int]] = Setting(
    "client.retry_extra_codes", codes, frozenset(), "Further HTTP statuses that a client retries."
)
CLIENT_CSRF_SUPPORT_ENABLED = Setting(
    "client.csrf_support_enabled", boolean, True, "Whether a client asks for CSRF tokens."
)
CLIENT_CUSTOM_HEADERS: Setting[dict[str, str]] = Setting(
    "client.custom_headers", table, {}, "Headers that a client adds to every request."
)
LOGGING_LEVEL = Setting("logging.level", level, "INFO", "The lowest level of log lines that runs keep.")
LOGGING_LOG_PRINTS = Setting("logging.log_prints", boolean, False, "Whether what a flow prints becomes log lines.")
LOGGING_TO_API_ENABLED = Setting(
    "logging.to_api.enabled", boolean, True, "Whether runs send their log lines to the API."
)
LOGGING_TO_API_BATCH_INTERVAL = Setting(
    "logging.to_api.batch_interval", number, 2.0, "The most seconds between two batches of log lines."
)
LOGGING_TO_API_BATCH_SIZE = Setting(
    "logging.to_api.batch_size", integer, 4000000, "The most bytes of a batch of log lines."
)
LOGGING_TO_API_MAX_LOG_SIZE = Setting(
    "logging.to_api.max_log_size", integer, 1000000, "The most bytes of a log line; longer ones are cut."
)
LOGGING_TO_API_WHEN_MISSING_FLOW = Setting(
    "logging.to_api.when_missing_flow", text, "warn", "What a run's logger does outside a run: warn, error or ignore."
)
FLOWS_DEFAULT_RETRIES = Setting(
    "flows.default_retries", integer, 0, "Retries of flows that name none.", aliases=("PREFECT_FLOW_DEFAULT_RETRIES",)
)
FLOWS_DEFAULT_RETRY_DELAY_SECONDS = Setting(
    "flows.default_retry_delay_seconds",
    numbers,
    [0.0],
    "Seconds between retries of flows that name none.",
    aliases=("PREFECT_FLOW_DEFAULT_RETRY_DELAY_SECONDS",),
)
TASKS_DEFAULT_RETRIES = Setting(
    "tasks.default_retries", integer, 0, "Retries of tasks that name none.", aliases=("PREFECT_TASK_DEFAULT_RETRIES",)
)
TASKS_DEFAULT_RETRY_DELAY_SECONDS = Setting(
    "tasks.default_retry_delay_seconds",
    numbers,
    [0.0],
    "Seconds between retries of tasks that name none.",
    aliases=("PREFECT_TASK_DEFAULT_RETRY_DELAY_SECONDS",),
)
TASKS_RUNNER_THREAD_POOL_MAX_WORKERS = Setting(
    "tasks.runner.thread_pool_max_workers",
    optional_integer,
    None,
    "Threads that run a flow's submitted tasks.",
    aliases=("PREFECT_TASK_RUNNER_THREAD_POOL_MAX_WORKERS",),
)
SERVER_LOGGING_LEVEL = Setting(
    "server.logging_level",
    level,
    "WARNING",
    "The lowest level of the server's own log.",
    aliases=("PREFECT_LOGGING_SERVER_LEVEL",),
)
SERVER_ANALYTICS_ENABLED = Setting(
    "server.analytics_enabled", boolean, False, "Without effect: Lictor sends nothing to anyone."
)
SERVER_API_AUTH_STRING = Setting(
    "server.api.auth_string", secret, None, "The credentials that the server asks of everyone, usually user:password."
)
SERVER_API_HOST = Setting("server.api.host", text, "127.0.0.1", "The address that the server listens on.")
SERVER_API_PORT = Setting("server.api.port", port, 4200, "The port that the server listens on.")
SERVER_API_BASE_PATH = Setting("server.api.base_path", optional, None, "The path of the API in place of /api.")
SERVER_API_DEFAULT_LIMIT = Setting(
    "server.api.default_limit",
    integer,
    200,
    "How many rows a list answers, and at most.",
    aliases=("PREFECT_API_DEFAULT_LIMIT",),
)
SERVER_API_KEEPALIVE_TIMEOUT = Setting(
    "server.api.keepalive_timeout", integer, 5, "Seconds that an idle connection is kept."
)
SERVER_API_CSRF_PROTECTION_ENABLED = Setting(
    "server.api.csrf_protection_enabled",
    boolean,
    False,
    "Whether changes need a CSRF token.",
    aliases=("PREFECT_SERVER_CSRF_PROTECTION_ENABLED",),
)
SERVER_API_MAX_PARAMETER_SIZE = Setting(
    "server.api.max_parameter_size", integer, 524288, "The most bytes of a flow run's parameters."
)
SERVER_API_WEBSOCKET_PING_INTERVAL = Setting(
    "server.api.websocket_ping_interval", number, 20.0, "Seconds between two pings of a websocket."
)
SERVER_API_WEBSOCKET_PING_TIMEOUT = Setting(
    "server.api.websocket_ping_timeout", number, 20.0, "Seconds that a websocket's answer to a ping may take."
)
SERVER_DATABASE_CONNECTION_URL = Setting(
    "server.database.connection_url",
    address,
    None,
    "The database's address.",
    aliases=("PREFECT_API_DATABASE_CONNECTION_URL",),
)
SERVER_DATABASE_TIMEOUT = Setting(
    "server.database.timeout",
    number,
    10.0,
    "Seconds that a statement may wait for the database.",
    aliases=("PREFECT_API_DATABASE_TIMEOUT",),
)
SERVER_EVENTS_STREAM_OUT_ENABLED = Setting(
    "server.events.stream_out_enabled",
    boolean,
    True,
    "Whether events are streamed over /events/out.",
    aliases=("PREFECT_API_EVENTS_STREAM_OUT_ENABLED",),
)
SERVER_EVENTS_MAXIMUM_RELATED_RESOURCES = Setting(
    "server.events.maximum_related_resources",
    integer,
    100,
    "The most related resources of an event.",
    aliases=("PREFECT_EVENTS_MAXIMUM_RELATED_RESOURCES",),
)
SERVER_EVENTS_MAXIMUM_SIZE_BYTES = Setting(
    "server.events.maximum_size_bytes",
    integer,
    1500000,
    "The most bytes of an event.",
    aliases=("PREFECT_EVENTS_MAXIMUM_SIZE_BYTES",),
)
SERVER_EVENTS_MAXIMUM_EVENT_NAME_LENGTH = Setting(
    "server.events.maximum_event_name_length", integer, 1024, "The most characters of an event's name."
)
SERVER_EVENTS_MAXIMUM_WEBSOCKET_BACKFILL = Setting(
    "server.events.maximum_websocket_backfill",
    duration,
    timedelta(minutes=15),
    "How far back a subscription may begin.",
    aliases=("PREFECT_EVENTS_MAXIMUM_WEBSOCKET_BACKFILL",),
)
SERVER_EVENTS_WEBSOCKET_BACKFILL_PAGE_SIZE = Setting(
    "server.events.websocket_backfill_page_size",
    integer,
    250,
    "Events read at a time for a subscription.",
    aliases=("PREFECT_EVENTS_WEBSOCKET_BACKFILL_PAGE_SIZE",),
)
SERVER_LOGS_STREAM_OUT_ENABLED = Setting(
    "server.logs.stream_out_enabled", boolean, True, "Whether log lines are streamed over /logs/out."
)
SERVER_SERVICES_CANCELLATION_CLEANUP_ENABLED = Setting(
    "server.services.cancellation_cleanup.enabled",
    boolean,
    True,
    "Whether runs left in cancellation are brought to their end. Without effect yet.",
    aliases=("PREFECT_API_SERVICES_CANCELLATION_CLEANUP_ENABLED",),
)
SERVER_SERVICES_CLEANUP_RECONCILER_ENABLED = Setting(
    "server.services.cleanup_reconciler.enabled",
    boolean,
    True,
    "Whether infrastructure that was left behind is cleaned up. Without effect yet.",
)
SERVER_SERVICES_EVENT_LOGGER_ENABLED = Setting(
    "server.services.event_logger.enabled",
    boolean,
    False,
    "Whether events are written to the server's log. Without effect yet.",
    aliases=("PREFECT_API_SERVICES_EVENT_LOGGER_ENABLED",),
)
SERVER_SERVICES_EVENT_PERSISTER_ENABLED = Setting(
    "server.services.event_persister.enabled",
    boolean,
    True,
    "Without effect: events are always stored.",
    aliases=("PREFECT_API_SERVICES_EVENT_PERSISTER_ENABLED",),
)
SERVER_SERVICES_FOREMAN_ENABLED = Setting(
    "server.services.foreman.enabled",
    boolean,
    True,
    "Whether workers that fell silent are marked offline. Without effect yet.",
    aliases=("PREFECT_API_SERVICES_FOREMAN_ENABLED",),
)
SERVER_SERVICES_LATE_RUNS_ENABLED = Setting(
    "server.services.late_runs.enabled",
    boolean,
    True,
    "Whether runs that did not start in time are marked late. Without effect yet.",
    aliases=("PREFECT_API_SERVICES_LATE_RUNS_ENABLED",),
)
SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED = Setting(
    "server.services.pause_expirations.enabled",
    boolean,
    True,
    "Whether pauses that ran out end their runs. Without effect yet.",
    aliases=("PREFECT_API_SERVICES_PAUSE_EXPIRATIONS_ENABLED",),
)
SERVER_SERVICES_REPOSSESSOR_ENABLED = Setting(
    "server.services.repossessor.enabled",
    boolean,
    True,
    "Whether slots whose lease ran out are taken back. Without effect yet.",
)
SERVER_SERVICES_SCHEDULER_ENABLED = Setting(
    "server.services.scheduler.enabled",
    boolean,
    True,
    "Whether runs of schedules are planned. Without effect yet.",
    aliases=("PREFECT_API_SERVICES_SCHEDULER_ENABLED",),
)
SERVER_SERVICES_TASK_RUN_RECORDER_ENABLED = Setting(
    "server.services.task_run_recorder.enabled",
    boolean,
    True,
    "Without effect: task runs are always recorded.",
    aliases=("PREFECT_API_SERVICES_TASK_RUN_RECORDER_ENABLED",),
)
SERVER_SERVICES_TRIGGERS_ENABLED = Setting(
    "server.services.triggers.enabled",
    boolean,
    True,
    "Whether automations are triggered. Without effect yet.",
    aliases=("PREFECT_API_SERVICES_TRIGGERS_ENABLED",),
)
SERVER_UI_ENABLED = Setting(
    "server.ui.enabled", boolean, True, "Whether the web interface is served.", aliases=("PREFECT_UI_ENABLED",)
)
SERVER_API_PREVIOUS_AUTH_STRING = Setting(
    "server.api.previous_auth_string", secret, None, "Credentials that stay valid while clients change over.", own=True
)
SERVER_API_AUTH_STRING_FILE = Setting(
    "server.api.auth_string_file", optional, None, "A file that holds the server's auth string.", own=True
)
SERVER_API_PREVIOUS_AUTH_STRING_FILE = Setting(
    "server.api.previous_auth_string_file", optional, None, "A file that holds the previous auth string.", own=True
)
SERVER_API_CSRF_TOKEN_EXPIRATION = Setting(
    "server.api.csrf_token_expiration",
    duration,
    timedelta(hours=1),
    "How long a CSRF token is valid.",
    aliases=("PREFECT_SERVER_CSRF_TOKEN_EXPIRATION",),
)
SERVER_API_CORS_ALLOWED_ORIGINS = Setting(
    "server.api.cors_allowed_origins",
    text,
    "*",
    "Origins whose pages may use the API, separated by commas.",
    aliases=("PREFECT_SERVER_CORS_ALLOWED_ORIGINS",),
)
SERVER_API_CORS_ALLOWED_METHODS = Setting(
    "server.api.cors_allowed_methods",
    text,
    "*",
    "Methods that such pages may use, separated by commas.",
    aliases=("PREFECT_SERVER_CORS_ALLOWED_METHODS",),
)
SERVER_API_CORS_ALLOWED_HEADERS = Setting(
    "server.api.cors_allowed_headers",
    text,
    "*",
    "Headers that such pages may send, separated by commas.",
    aliases=("PREFECT_SERVER_CORS_ALLOWED_HEADERS",),
)
SERVER_TRUSTED_PROXIES = Setting(
    "server.trusted_proxies",
    text,
    "",
    "Addresses or networks of proxies whose X-Forwarded-* headers are believed, separated by commas.",
    own=True,
)
SERVER_TLS_CERT_FILE = Setting("server.tls.cert_file", optional, None, "The server's certificate.", own=True)
SERVER_TLS_KEY_FILE = Setting("server.tls.key_file", optional, None, "The certificate's private key.", own=True)
SERVER_LIMITS_BODY_BYTES = Setting(
    "server.limits.body_bytes", integer, 16 * 1024 * 1024, "The most bytes of a request's body.", own=True
)
SERVER_LIMITS_HANDSHAKE_SECONDS = Setting(
    "server.limits.handshake_seconds", number, 10.0, "Seconds for a request's head or a socket's first frame.", own=True
)
SERVER_LIMITS_FIRST_FRAME_BYTES = Setting(
    "server.limits.first_frame_bytes", integer, 65536, "The most bytes of a socket's first frame.", own=True
)
SERVER_LIMITS_HEADER_BYTES = Setting(
    "server.limits.header_bytes", integer, 65536, "The most bytes of a request's head.", own=True
)
SERVER_LIMITS_HEADER_LINES = Setting(
    "server.limits.header_lines", integer, 200, "The most header lines of a request.", own=True
)
SERVER_LIMITS_REQUESTS = Setting(
    "server.limits.requests", integer, 1000, "The most requests that are worked on at once.", own=True
)
SERVER_LIMITS_SOCKETS = Setting("server.limits.sockets", integer, 1000, "The most websockets at once.", own=True)
SERVER_LIMITS_STALLED_SECONDS = Setting(
    "server.limits.stalled_seconds", number, 30.0, "Seconds without a byte after which an upload is given up.", own=True
)
SERVER_SESSION_IDLE_TIMEOUT = Setting(
    "server.session.idle_timeout", duration, timedelta(hours=8), "How long an unused sign-in lasts.", own=True
)
SERVER_SESSION_ABSOLUTE_TIMEOUT = Setting(
    "server.session.absolute_timeout", duration, timedelta(days=7), "How long a sign-in lasts at the most.", own=True
)
SERVER_UI_API_URL = Setting(
    "server.ui.api_url", optional, None, "The API's address as browsers reach it.", aliases=("PREFECT_UI_API_URL",)
)
SERVER_UI_SERVE_BASE = Setting(
    "server.ui.serve_base", text, "/", "The path under which the pages lie.", aliases=("PREFECT_UI_SERVE_BASE",)
)
SERVER_UI_STATIC_DIRECTORY = Setting(
    "server.ui.static_directory",
    optional,
    None,
    "Without effect: no file is copied or rewritten to serve the pages.",
    aliases=("PREFECT_UI_STATIC_DIRECTORY",),
)

SETTINGS: tuple[Setting[Any], ...] = tuple(row for row in list(globals().values()) if isinstance(row, Setting))
