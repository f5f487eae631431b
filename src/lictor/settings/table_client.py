"""Settings of clients, runners and workers, and of both sides."""

from __future__ import annotations

from lictor.settings.reading import (
    anything,
    boolean,
    choice,
    codes,
    headers,
    integer,
    level,
    names,
    number,
    numbers,
    optional,
    path,
    port,
    secret,
    text,
    within,
)
from lictor.settings.setting import Setting

HOME = Setting("home", path, "~/.prefect", "The folder of Lictor's files.")
PROFILES_PATH = Setting("profiles_path", path, "$PREFECT_HOME/profiles.toml", "The file of the profiles.")
DEBUG_MODE = Setting("debug_mode", boolean, False, "Whether everything logs at DEBUG, whatever the levels say.")
API_URL = Setting("api.url", optional(text), None, "The address of the API that clients talk to.")
API_AUTH_STRING = Setting(
    "api.auth_string",
    optional(secret),
    None,
    "The credentials that clients send, as the server's own auth string says them.",
)
API_AUTH_STRING_FILE = Setting(
    "api.auth_string_file", optional(text), None, "A file that holds the credentials that clients send.", own=True
)
API_KEY = Setting("api.key", optional(secret), None, "The token that clients send where there is no auth string.")
API_TLS_INSECURE_SKIP_VERIFY = Setting(
    "api.tls_insecure_skip_verify", boolean, False, "Whether clients accept any certificate."
)
API_SSL_CERT_FILE = Setting("api.ssl_cert_file", optional(text), None, "A file of certificates that clients trust.")
API_ENABLE_HTTP2 = Setting("api.enable_http2", boolean, False, "Whether clients try HTTP/2.", effect=False)
API_REQUEST_TIMEOUT = Setting("api.request_timeout", number, 60.0, "Seconds that a client waits for an answer.")
CLI_COLORS = Setting("cli.colors", boolean, True, "Whether commands print in colour.")
CLI_PROMPT = Setting(
    "cli.prompt", optional(boolean), None, "Whether commands ask; where it is not set, they ask in a terminal."
)
CLI_WRAP_LINES = Setting("cli.wrap_lines", boolean, True, "Whether commands break long lines.")
CLIENT_MAX_RETRIES = Setting(
    "client.max_retries",
    within(integer, low=0),
    5,
    "How often a client repeats a request that the server could not take.",
)
CLIENT_AWAY_SECONDS = Setting(
    "client.away_seconds",
    within(number, low=0.0),
    3600.0,
    "Seconds for which a run waits for a server that has gone away, where it cannot go on without it.",
    own=True,
)
CLIENT_RETRY_JITTER_FACTOR = Setting(
    "client.retry_jitter_factor", within(number, low=0.0), 0.2, "By how much, as a share, a client's pauses vary."
)
CLIENT_RETRY_EXTRA_CODES: Setting[frozenset[int]] = Setting(
    "client.retry_extra_codes", codes, frozenset(), "Further HTTP statuses that a client retries."
)
CLIENT_CSRF_SUPPORT_ENABLED = Setting(
    "client.csrf_support_enabled", boolean, True, "Whether a client asks for CSRF tokens."
)
CLIENT_CUSTOM_HEADERS: Setting[dict[str, str]] = Setting(
    "client.custom_headers",
    headers,
    {},
    "Headers that a client adds to every request; their values are masked wherever they are shown.",
)
CLIENT_SERVER_VERSION_CHECK_ENABLED = Setting(
    "client.server_version_check_enabled",
    boolean,
    True,
    "Whether a client warns of a server that is older than itself.",
)
CLIENT_METRICS_ENABLED = Setting(
    "client.metrics.enabled",
    boolean,
    False,
    "Whether a client offers its figures to Prometheus.",
    aliases=("PREFECT_CLIENT_ENABLE_METRICS",),
)
CLIENT_METRICS_PORT = Setting("client.metrics.port", port, 4201, "The port at which a client offers its figures.")
CLOUD_API_URL = Setting(
    "cloud.api_url",
    text,
    "https://api.prefect.cloud/api",
    "The address of a hosted service that Lictor does not talk to.",
    effect=False,
)
CLOUD_ENABLE_ORCHESTRATION_TELEMETRY = Setting(
    "cloud.enable_orchestration_telemetry",
    boolean,
    True,
    "Whether traces of runs go to a hosted service.",
    effect=False,
)
CLOUD_MAX_LOG_SIZE = Setting(
    "cloud.max_log_size", integer, 25000, "The most bytes of a log line for a hosted service.", effect=False
)
CLOUD_UI_URL = Setting(
    "cloud.ui_url",
    optional(text),
    None,
    "The address of a hosted service's pages; worked out from cloud.api_url.",
    effect=False,
)
DEPLOYMENTS_DEFAULT_WORK_POOL_NAME = Setting(
    "deployments.default_work_pool_name",
    optional(text),
    None,
    "The work pool of deployments that name none.",
    aliases=("PREFECT_DEFAULT_WORK_POOL_NAME",),
)
DEPLOYMENTS_DEFAULT_DOCKER_BUILD_NAMESPACE = Setting(
    "deployments.default_docker_build_namespace",
    optional(text),
    None,
    "The registry and folder of images that deployments build.",
    aliases=("PREFECT_DEFAULT_DOCKER_BUILD_NAMESPACE",),
)
EVENTS_WORKER_MAX_QUEUE_SIZE = Setting(
    "events.worker_max_queue_size",
    within(integer, low=0),
    0,
    "The most events that wait to be sent; 0 is without a limit.",
)
EXPERIMENTS_WARN = Setting(
    "experiments.warn",
    boolean,
    True,
    "Whether the use of an experiment warns.",
    aliases=("PREFECT_EXPERIMENTAL_WARN",),
    effect=False,
)
FLOWS_HEARTBEAT_FREQUENCY = Setting(
    "flows.heartbeat_frequency",
    optional(within(integer, low=30)),
    180,
    "Seconds between two signs of life of a flow run.",
    aliases=("PREFECT_RUNNER_HEARTBEAT_FREQUENCY",),
)
FLOWS_DEFAULT_RETRIES = Setting(
    "flows.default_retries",
    within(integer, low=0),
    0,
    "Retries of flows that name none.",
    aliases=("PREFECT_FLOW_DEFAULT_RETRIES",),
)
FLOWS_DEFAULT_RETRY_DELAY_SECONDS = Setting(
    "flows.default_retry_delay_seconds",
    numbers,
    [0.0],
    "Seconds between retries of flows that name none.",
    aliases=("PREFECT_FLOW_DEFAULT_RETRY_DELAY_SECONDS",),
)
INTERNAL_LOGGING_LEVEL = Setting(
    "internal.logging_level",
    level,
    "ERROR",
    "The lowest level of lines that Lictor logs about itself in a client; warnings always show.",
    aliases=("PREFECT_LOGGING_INTERNAL_LEVEL",),
)
LOGGING_LEVEL = Setting("logging.level", level, "INFO", "The lowest level of log lines that runs keep.")
LOGGING_CONFIG_PATH = Setting(
    "logging.config_path",
    path,
    "$PREFECT_HOME/logging.yml",
    "The file that configures logging, in YAML; where there is none, defaults hold.",
    aliases=("PREFECT_LOGGING_SETTINGS_PATH",),
)
LOGGING_EXTRA_LOGGERS: Setting[list[str]] = Setting(
    "logging.extra_loggers",
    names,
    [],
    "Other loggers whose lines go to the run; without a level they take `logging.level`.",
)
LOGGING_LOG_PRINTS = Setting("logging.log_prints", boolean, False, "Whether what a flow prints becomes log lines.")
LOGGING_COLORS = Setting("logging.colors", boolean, True, "Whether log lines are in colour on a terminal.")
LOGGING_MARKUP = Setting("logging.markup", boolean, False, "Whether marks such as [red] in log lines are colours.")
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
    "logging.to_api.when_missing_flow",
    choice("warn", "error", "ignore"),
    "warn",
    "What a run's logger does outside a run.",
)
PLUGINS_ENABLED = Setting(
    "plugins.enabled",
    boolean,
    False,
    "Whether start-up plugins run.",
    aliases=("PREFECT_EXPERIMENTS_PLUGINS_ENABLED",),
    effect=False,
)
PLUGINS_ALLOW: Setting[list[str]] = Setting(
    "plugins.allow",
    names,
    [],
    "The only plugins that may run.",
    aliases=("PREFECT_EXPERIMENTS_PLUGINS_ALLOW",),
    effect=False,
)
PLUGINS_DENY: Setting[list[str]] = Setting(
    "plugins.deny", names, [], "Plugins that may not run.", aliases=("PREFECT_EXPERIMENTS_PLUGINS_DENY",), effect=False
)
PLUGINS_SETUP_TIMEOUT_SECONDS = Setting(
    "plugins.setup_timeout_seconds",
    number,
    20.0,
    "Seconds that a plugin may take to set up.",
    aliases=("PREFECT_EXPERIMENTS_PLUGINS_SETUP_TIMEOUT_SECONDS",),
    effect=False,
)
PLUGINS_STRICT = Setting(
    "plugins.strict",
    boolean,
    False,
    "Whether a plugin that fails ends the program.",
    aliases=("PREFECT_EXPERIMENTS_PLUGINS_STRICT",),
    effect=False,
)
PLUGINS_SAFE_MODE = Setting(
    "plugins.safe_mode",
    boolean,
    False,
    "Whether plugins are loaded and not run.",
    aliases=("PREFECT_EXPERIMENTS_PLUGINS_SAFE_MODE",),
    effect=False,
)
RESULTS_DEFAULT_SERIALIZER = Setting(
    "results.default_serializer", text, "pickle", "How results are written where a flow or task does not say."
)
RESULTS_PERSIST_BY_DEFAULT = Setting(
    "results.persist_by_default", boolean, False, "Whether results are kept where a flow or task does not say."
)
RESULTS_DEFAULT_STORAGE_BLOCK = Setting(
    "results.default_storage_block",
    optional(text),
    None,
    "The block that stores results where a flow or task names none.",
    aliases=("PREFECT_DEFAULT_RESULT_STORAGE_BLOCK",),
)
RESULTS_LOCAL_STORAGE_PATH = Setting(
    "results.local_storage_path",
    path,
    "$PREFECT_HOME/storage",
    "The folder of results that no block stores.",
    aliases=("PREFECT_LOCAL_STORAGE_PATH",),
)
RUNNER_PROCESS_LIMIT = Setting("runner.process_limit", integer, 5, "The most flow runs of a runner at once.")
RUNNER_POLL_FREQUENCY = Setting(
    "runner.poll_frequency", integer, 10, "Seconds between two questions of a runner for work."
)
RUNNER_CRASH_ON_CANCELLATION_FAILURE = Setting(
    "runner.crash_on_cancellation_failure",
    boolean,
    False,
    "Whether a run that cannot be watched for cancellation is crashed; Lictor goes on asking.",
    effect=False,
)
RUNNER_AUTO_INSTALL_DEPENDENCIES = Setting(
    "runner.auto_install_dependencies",
    boolean,
    False,
    "Whether a runner installs what the pulled code's project asks for.",
)
RUNNER_SERVER_ENABLE = Setting("runner.server.enable", boolean, False, "Whether a runner answers about its health.")
RUNNER_SERVER_HOST = Setting("runner.server.host", text, "localhost", "The address at which a runner answers.")
RUNNER_SERVER_PORT = Setting("runner.server.port", port, 8080, "The port at which a runner answers.")
RUNNER_SERVER_LOG_LEVEL = Setting(
    "runner.server.log_level", level, "ERROR", "The lowest level of the log of a runner's answers.", effect=False
)
RUNNER_SERVER_MISSED_POLLS_TOLERANCE = Setting(
    "runner.server.missed_polls_tolerance",
    integer,
    2,
    "How many questions for work may fail before a runner calls itself ill.",
)
TASKS_REFRESH_CACHE = Setting(
    "tasks.refresh_cache", boolean, False, "Whether tasks run again although their result is kept."
)
TASKS_DEFAULT_NO_CACHE = Setting(
    "tasks.default_no_cache", boolean, False, "Whether tasks that name no cache policy keep no results to reuse."
)
TASKS_DISABLE_CACHING = Setting(
    "tasks.disable_caching", boolean, False, "Whether no task reuses a result, whatever it says."
)
TASKS_DEFAULT_RETRIES = Setting(
    "tasks.default_retries",
    within(integer, low=0),
    0,
    "Retries of tasks that name none.",
    aliases=("PREFECT_TASK_DEFAULT_RETRIES",),
)
TASKS_DEFAULT_RETRY_DELAY_SECONDS = Setting(
    "tasks.default_retry_delay_seconds",
    numbers,
    [0.0],
    "Seconds between retries of tasks that name none.",
    aliases=("PREFECT_TASK_DEFAULT_RETRY_DELAY_SECONDS",),
)
TASKS_DEFAULT_PERSIST_RESULT = Setting(
    "tasks.default_persist_result",
    optional(boolean),
    None,
    "Whether results of tasks are kept where a task does not say.",
)
TASKS_RUNNER_THREAD_POOL_MAX_WORKERS = Setting(
    "tasks.runner.thread_pool_max_workers",
    optional(within(integer, above=0)),
    None,
    "Threads that run a flow's submitted tasks.",
    aliases=("PREFECT_TASK_RUNNER_THREAD_POOL_MAX_WORKERS",),
)
TASKS_RUNNER_PROCESS_POOL_MAX_WORKERS = Setting(
    "tasks.runner.process_pool_max_workers",
    optional(within(integer, above=0)),
    None,
    "Processes that run a flow's submitted tasks.",
)
TASKS_SCHEDULING_DEFAULT_STORAGE_BLOCK = Setting(
    "tasks.scheduling.default_storage_block",
    optional(text),
    None,
    "The block that stores parameters of tasks run in the background.",
    aliases=("PREFECT_TASK_SCHEDULING_DEFAULT_STORAGE_BLOCK",),
)
TASKS_SCHEDULING_DELETE_FAILED_SUBMISSIONS = Setting(
    "tasks.scheduling.delete_failed_submissions",
    boolean,
    True,
    "Whether a background task that could not be handed in is deleted.",
    aliases=("PREFECT_TASK_SCHEDULING_DELETE_FAILED_SUBMISSIONS",),
)
TELEMETRY_ENABLE_RESOURCE_METRICS = Setting(
    "telemetry.enable_resource_metrics",
    boolean,
    True,
    "Whether figures of a run's processor and memory are exported.",
    effect=False,
)
TELEMETRY_RESOURCE_METRICS_INTERVAL_SECONDS = Setting(
    "telemetry.resource_metrics_interval_seconds",
    within(integer, low=1),
    10,
    "Seconds between two such figures.",
    effect=False,
)
TESTING_TEST_MODE = Setting(
    "testing.test_mode",
    boolean,
    False,
    "Whether tests run: everything logs at DEBUG, whatever the levels say.",
    aliases=("PREFECT_TEST_MODE",),
)
TESTING_UNIT_TEST_MODE = Setting(
    "testing.unit_test_mode",
    boolean,
    False,
    "Whether the reference's own tests run.",
    aliases=("PREFECT_UNIT_TEST_MODE",),
    effect=False,
)
TESTING_UNIT_TEST_LOOP_DEBUG = Setting(
    "testing.unit_test_loop_debug",
    boolean,
    True,
    "Whether the event loop of the reference's own tests is watched.",
    aliases=("PREFECT_UNIT_TEST_LOOP_DEBUG",),
    effect=False,
)
TESTING_TEST_SETTING = Setting(
    "testing.test_setting",
    anything,
    "FOO",
    "A value for the reference's own tests.",
    aliases=("PREFECT_TEST_SETTING",),
    effect=False,
)
WORKER_DEBUG_MODE = Setting("worker.debug_mode", boolean, False, "Whether a worker logs at DEBUG.")
WORKER_HEARTBEAT_SECONDS = Setting(
    "worker.heartbeat_seconds", number, 30.0, "Seconds between two signs of life of a worker."
)
WORKER_QUERY_SECONDS = Setting(
    "worker.query_seconds", number, 10.0, "Seconds between two questions of a worker for work."
)
WORKER_PREFETCH_SECONDS = Setting(
    "worker.prefetch_seconds", number, 10.0, "How many seconds before its time a worker takes a run."
)
WORKER_ENABLE_CANCELLATION = Setting(
    "worker.enable_cancellation",
    boolean,
    False,
    "Whether a worker ends the infrastructure of runs that are cancelled; Lictor's always does.",
    effect=False,
)
WORKER_CANCELLATION_POLL_SECONDS = Setting(
    "worker.cancellation_poll_seconds",
    number,
    120.0,
    "Seconds between two questions of a worker for cancelled runs; Lictor's asks every 5.",
    effect=False,
)
WORKER_WEBSERVER_HOST = Setting(
    "worker.webserver.host",
    text,
    "0.0.0.0",  # noqa: S104 - the default of the protocol's clients
    "The address at which a worker answers about its health.",
)
WORKER_WEBSERVER_PORT = Setting(
    "worker.webserver.port", port, 8080, "The port at which a worker answers about its health."
)
UI_URL = Setting("ui_url", optional(text), None, "The address of the web interface in links; worked out from api.url.")
SILENCE_API_URL_MISCONFIGURATION = Setting(
    "silence_api_url_misconfiguration", boolean, False, "Whether nothing is said about an API address that looks wrong."
)
