"""Settings of the server."""

from __future__ import annotations

from datetime import timedelta

from lictor.settings.reading import (
    boolean,
    duration,
    integer,
    level,
    number,
    optional,
    path,
    port,
    secret,
    text,
    within,
)
from lictor.settings.setting import Setting

SERVER_LOGGING_LEVEL = Setting(
    "server.logging_level",
    level,
    "WARNING",
    "The lowest level of the server's own log.",
    aliases=("PREFECT_LOGGING_SERVER_LEVEL",),
)
SERVER_ANALYTICS_ENABLED = Setting(
    "server.analytics_enabled", boolean, False, "Whether use is reported; Lictor sends nothing to anyone.", effect=False
)
SERVER_METRICS_ENABLED = Setting(
    "server.metrics_enabled",
    boolean,
    False,
    "Whether the server offers its figures to Prometheus.",
    aliases=("PREFECT_API_ENABLE_METRICS",),
)
SERVER_LOG_RETRYABLE_ERRORS = Setting(
    "server.log_retryable_errors",
    boolean,
    False,
    "Whether errors that a client will retry are logged.",
    aliases=("PREFECT_API_LOG_RETRYABLE_ERRORS",),
)
SERVER_REGISTER_BLOCKS_ON_START = Setting(
    "server.register_blocks_on_start",
    boolean,
    True,
    "Whether the built-in block types are registered at start.",
    aliases=("PREFECT_API_BLOCKS_REGISTER_ON_START",),
)
SERVER_ENCRYPTION_KEY = Setting(
    "server.encryption_key",
    optional(secret),
    None,
    "The keys that block documents are encrypted with, the newest first, in place of the file encryption.key.",
    own=True,
)
SERVER_MEMOIZE_BLOCK_AUTO_REGISTRATION = Setting(
    "server.memoize_block_auto_registration",
    boolean,
    True,
    "Whether a registration of block types is remembered between starts.",
    aliases=("PREFECT_MEMOIZE_BLOCK_AUTO_REGISTRATION",),
)
SERVER_MEMO_STORE_PATH = Setting(
    "server.memo_store_path",
    path,
    "$PREFECT_HOME/memo_store.toml",
    "The file in which registrations of block types are remembered.",
    aliases=("PREFECT_MEMO_STORE_PATH",),
    effect=False,
)
SERVER_DEPLOYMENT_SCHEDULE_MAX_SCHEDULED_RUNS = Setting(
    "server.deployment_schedule_max_scheduled_runs",
    integer,
    50,
    "The most runs that a schedule may ask to have planned.",
    aliases=("PREFECT_DEPLOYMENT_SCHEDULE_MAX_SCHEDULED_RUNS",),
)
SERVER_API_AUTH_STRING = Setting(
    "server.api.auth_string",
    optional(secret),
    None,
    "The credentials that the server asks of everyone, usually user:password.",
)
SERVER_API_AUTH_STRING_FILE = Setting(
    "server.api.auth_string_file", optional(text), None, "A file that holds the server's auth string.", own=True
)
SERVER_API_PREVIOUS_AUTH_STRING = Setting(
    "server.api.previous_auth_string",
    optional(secret),
    None,
    "Credentials that stay valid while clients change over.",
    own=True,
)
SERVER_API_PREVIOUS_AUTH_STRING_FILE = Setting(
    "server.api.previous_auth_string_file",
    optional(text),
    None,
    "A file that holds the previous auth string.",
    own=True,
)
SERVER_API_HOST = Setting("server.api.host", text, "127.0.0.1", "The address that the server listens on.")
SERVER_API_PORT = Setting("server.api.port", port, 4200, "The port that the server listens on.")
SERVER_API_BASE_PATH = Setting("server.api.base_path", optional(text), None, "The path of the API in place of /api.")
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
SERVER_API_WEBSOCKET_PING_INTERVAL = Setting(
    "server.api.websocket_ping_interval", number, 20.0, "Seconds between two pings of a websocket."
)
SERVER_API_WEBSOCKET_PING_TIMEOUT = Setting(
    "server.api.websocket_ping_timeout", number, 20.0, "Seconds that a websocket's answer to a ping may take."
)
SERVER_API_MAX_PARAMETER_SIZE = Setting(
    "server.api.max_parameter_size", within(integer, low=0), 524288, "The most bytes of a flow run's parameters."
)
SERVER_TRUSTED_PROXIES = Setting(
    "server.trusted_proxies",
    text,
    "",
    "Addresses or networks of proxies whose X-Forwarded-* headers are believed, separated by commas.",
    own=True,
)
SERVER_TLS_CERT_FILE = Setting("server.tls.cert_file", optional(text), None, "The server's certificate.", own=True)
SERVER_TLS_KEY_FILE = Setting("server.tls.key_file", optional(text), None, "The certificate's private key.", own=True)
SERVER_LIMITS_BODY_BYTES = Setting(
    "server.limits.body_bytes",
    within(integer, low=0),
    16 * 1024 * 1024,
    "The most bytes of a request's body.",
    own=True,
)
SERVER_LIMITS_JSON_DEPTH = Setting(
    "server.limits.json_depth",
    within(integer, low=1),
    200,
    "How deep lists and objects may lie in each other in a request's body.",
    own=True,
)
SERVER_LIMITS_HANDSHAKE_SECONDS = Setting(
    "server.limits.handshake_seconds",
    within(number, above=0.0),
    10.0,
    "Seconds for a request's head or a socket's first frame.",
    own=True,
)
SERVER_LIMITS_FIRST_FRAME_BYTES = Setting(
    "server.limits.first_frame_bytes",
    within(integer, low=0),
    65536,
    "The most bytes of a socket's first frame.",
    own=True,
)
SERVER_LIMITS_NAME_LENGTH = Setting(
    "server.limits.name_length", within(integer, low=1), 4096, "The most characters of a name in a request.", own=True
)
SERVER_LIMITS_ECHO_BYTES = Setting(
    "server.limits.echo_bytes",
    within(integer, low=0),
    4096,
    "The most bytes of a wrong value that an answer repeats.",
    own=True,
)
SERVER_LIMITS_HEADER_BYTES = Setting(
    "server.limits.header_bytes", within(integer, low=1), 65536, "The most bytes of a request's head.", own=True
)
SERVER_LIMITS_HEADER_LINES = Setting(
    "server.limits.header_lines", within(integer, low=1), 200, "The most header lines of a request.", own=True
)
SERVER_LIMITS_REQUESTS = Setting(
    "server.limits.requests", within(integer, low=1), 1000, "The most requests that are worked on at once.", own=True
)
SERVER_LIMITS_SOCKETS = Setting(
    "server.limits.sockets", within(integer, low=0), 1000, "The most websockets at once.", own=True
)
SERVER_LIMITS_STALLED_SECONDS = Setting(
    "server.limits.stalled_seconds",
    within(number, above=0.0),
    30.0,
    "Seconds without a byte after which an upload is given up.",
    own=True,
)
SERVER_SESSION_IDLE_TIMEOUT = Setting(
    "server.session.idle_timeout", duration, timedelta(hours=8), "How long an unused sign-in lasts.", own=True
)
SERVER_SESSION_ABSOLUTE_TIMEOUT = Setting(
    "server.session.absolute_timeout", duration, timedelta(days=7), "How long a sign-in lasts at the most.", own=True
)
SERVER_CONCURRENCY_LEASE_STORAGE = Setting(
    "server.concurrency.lease_storage",
    text,
    "prefect.server.concurrency.lease_storage.memory",
    "The module that keeps leases of slots; Lictor keeps them in its database.",
    effect=False,
)
SERVER_CONCURRENCY_INITIAL_DEPLOYMENT_LEASE_DURATION = Setting(
    "server.concurrency.initial_deployment_lease_duration",
    within(number, low=30.0, high=3600.0),
    300.0,
    "Seconds that a run holds its deployment's slot before it must renew it.",
)
SERVER_CONCURRENCY_MAXIMUM_CONCURRENCY_SLOT_WAIT_SECONDS = Setting(
    "server.concurrency.maximum_concurrency_slot_wait_seconds",
    within(number, low=0.0),
    30.0,
    "The most seconds that a client is told to wait for a slot.",
)
SERVER_CONCURRENCY_HOLD_SECONDS = Setting(
    "server.concurrency.hold_seconds",
    within(number, low=0.0),
    10.0,
    "The most seconds that a request for a slot, or for runs to start, is held; less than proxies in between wait.",
    own=True,
)
SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS = Setting(
    "server.deployments.concurrency_slot_wait_seconds",
    within(number, low=0.0),
    30.0,
    "Seconds that a run waits before it asks for its deployment's slot again.",
    aliases=("PREFECT_DEPLOYMENT_CONCURRENCY_SLOT_WAIT_SECONDS",),
)
SERVER_DOCKET_NAME = Setting(
    "server.docket.name", text, "prefect-server", "The name of a queue that Lictor does not have.", effect=False
)
SERVER_DOCKET_URL = Setting(
    "server.docket.url", text, "memory://", "The address of a queue that Lictor does not have.", effect=False
)
SERVER_EPHEMERAL_ENABLED = Setting(
    "server.ephemeral.enabled",
    boolean,
    False,
    "Whether a client without an API address starts a server of its own.",
    aliases=("PREFECT_SERVER_ALLOW_EPHEMERAL_MODE",),
)
SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS = Setting(
    "server.ephemeral.startup_timeout_seconds", integer, 20, "Seconds that such a server may take to start."
)
SERVER_EPHEMERAL_IDLE_SECONDS = Setting(
    "server.ephemeral.idle_seconds",
    within(number, above=0.0),
    60.0,
    "Seconds after which such a server ends when nobody talks to it.",
    own=True,
)
SERVER_FLOW_RUN_GRAPH_MAX_NODES = Setting(
    "server.flow_run_graph.max_nodes",
    integer,
    10000,
    "The most nodes of a flow run's graph.",
    aliases=("PREFECT_API_MAX_FLOW_RUN_GRAPH_NODES",),
)
SERVER_FLOW_RUN_GRAPH_MAX_ARTIFACTS = Setting(
    "server.flow_run_graph.max_artifacts",
    integer,
    10000,
    "The most artifacts of a flow run's graph.",
    aliases=("PREFECT_API_MAX_FLOW_RUN_GRAPH_ARTIFACTS",),
)
SERVER_LOGS_STREAM_OUT_ENABLED = Setting(
    "server.logs.stream_out_enabled", boolean, True, "Whether log lines are streamed over /logs/out."
)
SERVER_LOGS_STREAM_PUBLISHING_ENABLED = Setting(
    "server.logs.stream_publishing_enabled",
    boolean,
    False,
    "Whether log lines are handed to a broker for streaming; Lictor streams from its database.",
    effect=False,
)
SERVER_TASKS_TAG_CONCURRENCY_SLOT_WAIT_SECONDS = Setting(
    "server.tasks.tag_concurrency_slot_wait_seconds",
    within(number, low=0.0),
    10.0,
    "Seconds that a task run waits before it asks for its tag's slot again.",
    aliases=("PREFECT_TASK_RUN_TAG_CONCURRENCY_SLOT_WAIT_SECONDS",),
)
SERVER_TASKS_MAX_CACHE_KEY_LENGTH = Setting(
    "server.tasks.max_cache_key_length",
    integer,
    2000,
    "The most characters of a task run's cache key.",
    aliases=("PREFECT_API_TASK_CACHE_KEY_MAX_LENGTH",),
)
SERVER_TASKS_SCHEDULING_MAX_SCHEDULED_QUEUE_SIZE = Setting(
    "server.tasks.scheduling.max_scheduled_queue_size",
    integer,
    1000,
    "The most background task runs that wait in memory.",
    aliases=("PREFECT_TASK_SCHEDULING_MAX_SCHEDULED_QUEUE_SIZE",),
    effect=False,
)
SERVER_TASKS_SCHEDULING_MAX_RETRY_QUEUE_SIZE = Setting(
    "server.tasks.scheduling.max_retry_queue_size",
    integer,
    100,
    "The most background task runs that wait in memory to be handed out again.",
    aliases=("PREFECT_TASK_SCHEDULING_MAX_RETRY_QUEUE_SIZE",),
    effect=False,
)
SERVER_TASKS_SCHEDULING_PENDING_TASK_TIMEOUT = Setting(
    "server.tasks.scheduling.pending_task_timeout",
    duration,
    timedelta(0),
    "How long a background task run may stay pending before it is handed out again; PT0S is for ever.",
    aliases=("PREFECT_TASK_SCHEDULING_PENDING_TASK_TIMEOUT",),
)
SERVER_UI_ENABLED = Setting(
    "server.ui.enabled", boolean, True, "Whether the web interface is served.", aliases=("PREFECT_UI_ENABLED",)
)
SERVER_UI_V2_ENABLED = Setting(
    "server.ui.v2_enabled",
    boolean,
    True,
    "Whether the reference's second web interface is served; Lictor has one.",
    effect=False,
)
SERVER_UI_API_URL = Setting(
    "server.ui.api_url",
    optional(text),
    None,
    "The API's address as browsers reach it.",
    aliases=("PREFECT_UI_API_URL",),
)
SERVER_UI_SERVE_BASE = Setting(
    "server.ui.serve_base", text, "/", "The path under which the pages lie.", aliases=("PREFECT_UI_SERVE_BASE",)
)
SERVER_UI_STATIC_DIRECTORY = Setting(
    "server.ui.static_directory",
    optional(text),
    None,
    "The folder to which pages are copied; Lictor copies and rewrites none.",
    aliases=("PREFECT_UI_STATIC_DIRECTORY",),
    effect=False,
)
SERVER_UI_SHOW_PROMOTIONAL_CONTENT = Setting(
    "server.ui.show_promotional_content", boolean, True, "Whether the pages advertise; Lictor's never do.", effect=False
)
SERVER_WORKER_CHANNEL_CLEANUP_QUEUE_STORAGE = Setting(
    "server.worker_channel.cleanup_queue_storage",
    text,
    "prefect.server.worker_communication.cleanup_queue.memory",
    "The module that keeps what workers are to clean up; Lictor keeps it in its database.",
    effect=False,
)
SERVER_WORKER_CHANNEL_CLEANUP_LEASE_SECONDS = Setting(
    "server.worker_channel.cleanup_lease_seconds",
    within(number, above=0.0),
    30.0,
    "Seconds that a worker has to clean up before another may.",
)
SERVER_WORKER_CHANNEL_CLEANUP_MAX_DELIVERY_ATTEMPTS = Setting(
    "server.worker_channel.cleanup_max_delivery_attempts",
    within(integer, low=1),
    3,
    "How often a cleaning up is handed out at the most.",
)
SERVER_WORKER_CHANNEL_CLEANUP_COMPLETED_IDEMPOTENCY_RETENTION_SECONDS = Setting(
    "server.worker_channel.cleanup_completed_idempotency_retention_seconds",
    optional(within(number, low=0.0)),
    None,
    "Seconds that a finished cleaning up is remembered; in Lictor a run's state calls for it once.",
    effect=False,
)
