"""Settings of the services that run beside the server."""

from __future__ import annotations

from datetime import timedelta

from lictor.settings.reading import (
    boolean,
    duration,
    durations,
    integer,
    number,
    optional,
    seconds,
    switches,
    within,
)
from lictor.settings.setting import Setting

SERVER_SERVICES_CANCELLATION_CLEANUP_ENABLED = Setting(
    "server.services.cancellation_cleanup.enabled",
    boolean,
    True,
    "Whether runs left in cancellation are brought to their end.",
    aliases=("PREFECT_API_SERVICES_CANCELLATION_CLEANUP_ENABLED",),
)
SERVER_SERVICES_CANCELLATION_CLEANUP_LOOP_SECONDS = Setting(
    "server.services.cancellation_cleanup.loop_seconds",
    number,
    20.0,
    "Seconds between two rounds of that.",
    aliases=("PREFECT_API_SERVICES_CANCELLATION_CLEANUP_LOOP_SECONDS",),
)
SERVER_SERVICES_CANCELLATION_CLEANUP_CANCELLING_TIMEOUT_SECONDS = Setting(
    "server.services.cancellation_cleanup.cancelling_timeout_seconds",
    within(number, above=0.0),
    300.0,
    "Seconds after which a run that is being cancelled counts as left.",
)
SERVER_SERVICES_DB_VACUUM_ENABLED: Setting[bool | list[str]] = Setting(
    "server.services.db_vacuum.enabled",
    switches,
    ["events"],
    "What old rows are deleted: true for all kinds, false for none, or some of events,flow_runs,orphans.",
)
SERVER_SERVICES_DB_VACUUM_LOOP_SECONDS = Setting(
    "server.services.db_vacuum.loop_seconds",
    within(number, above=0.0),
    3600.0,
    "Seconds between two rounds of deleting old rows; the first comes so long after the start.",
)
SERVER_SERVICES_DB_VACUUM_ORPHAN_CLEANUP_LOOP_SECONDS = Setting(
    "server.services.db_vacuum.orphan_cleanup_loop_seconds",
    within(number, above=0.0),
    86400.0,
    "Seconds between two rounds of deleting rows whose run is gone.",
)
SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD = Setting(
    "server.services.db_vacuum.retention_period",
    within(seconds, above=timedelta(hours=1)),
    timedelta(days=90),
    "How long flow runs, and task runs without one, are kept after their last change, once they ended.",
)
SERVER_SERVICES_DB_VACUUM_BATCH_SIZE = Setting(
    "server.services.db_vacuum.batch_size",
    within(integer, above=0),
    200,
    "The most old rows that are deleted at a time; fewer where that would hold up writers.",
)
SERVER_SERVICES_DB_VACUUM_EVENT_RETENTION_OVERRIDES = Setting(
    "server.services.db_vacuum.event_retention_overrides",
    durations,
    {"prefect.flow-run.heartbeat": timedelta(days=7)},
    "How long events of certain names are kept, where that is shorter than all are.",
)
SERVER_RETENTION_LOGS = Setting(
    "server.retention.logs",
    optional(within(seconds, above=timedelta(hours=1))),
    None,
    "How long log lines are kept from when they came in; not set, they are kept as long as their run.",
    own=True,
)
SERVER_SERVICES_EVENT_PERSISTER_ENABLED = Setting(
    "server.services.event_persister.enabled",
    boolean,
    True,
    "Whether events are stored; Lictor always stores them.",
    aliases=("PREFECT_API_SERVICES_EVENT_PERSISTER_ENABLED",),
    effect=False,
)
SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE = Setting(
    "server.services.event_persister.batch_size",
    within(integer, above=0),
    20,
    "How many events are stored at a time.",
    aliases=("PREFECT_API_SERVICES_EVENT_PERSISTER_BATCH_SIZE",),
    effect=False,
)
SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE = Setting(
    "server.services.event_persister.read_batch_size",
    within(integer, above=0),
    1,
    "How many events are taken from a broker at a time.",
    aliases=("PREFECT_API_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE",),
    effect=False,
)
SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL = Setting(
    "server.services.event_persister.flush_interval",
    within(number, above=0.0),
    5.0,
    "The most seconds before events are stored.",
    aliases=("PREFECT_API_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL",),
    effect=False,
)
SERVER_SERVICES_EVENT_PERSISTER_QUEUE_MAX_SIZE = Setting(
    "server.services.event_persister.queue_max_size",
    within(integer, above=0),
    50000,
    "The most events that wait to be stored.",
    effect=False,
)
SERVER_SERVICES_EVENT_PERSISTER_MAX_FLUSH_RETRIES = Setting(
    "server.services.event_persister.max_flush_retries",
    within(integer, above=0),
    5,
    "How often storing events is tried again.",
    effect=False,
)
SERVER_SERVICES_EVENT_LOGGER_ENABLED = Setting(
    "server.services.event_logger.enabled",
    boolean,
    False,
    "Whether events are written to the server's log.",
    aliases=("PREFECT_API_SERVICES_EVENT_LOGGER_ENABLED",),
)
SERVER_SERVICES_FOREMAN_ENABLED = Setting(
    "server.services.foreman.enabled",
    boolean,
    True,
    "Whether workers that fell silent are marked offline.",
    aliases=("PREFECT_API_SERVICES_FOREMAN_ENABLED",),
)
SERVER_SERVICES_FOREMAN_LOOP_SECONDS = Setting(
    "server.services.foreman.loop_seconds",
    number,
    15.0,
    "Seconds between two rounds of that.",
    aliases=("PREFECT_API_SERVICES_FOREMAN_LOOP_SECONDS",),
)
SERVER_SERVICES_FOREMAN_INACTIVITY_HEARTBEAT_MULTIPLE = Setting(
    "server.services.foreman.inactivity_heartbeat_multiple",
    integer,
    3,
    "How many signs of life a worker may miss.",
    aliases=("PREFECT_API_SERVICES_FOREMAN_INACTIVITY_HEARTBEAT_MULTIPLE",),
)
SERVER_SERVICES_FOREMAN_FALLBACK_HEARTBEAT_INTERVAL_SECONDS = Setting(
    "server.services.foreman.fallback_heartbeat_interval_seconds",
    integer,
    30,
    "Seconds between signs of life of a worker that does not say.",
    aliases=("PREFECT_API_SERVICES_FOREMAN_FALLBACK_HEARTBEAT_INTERVAL_SECONDS",),
)
SERVER_SERVICES_FOREMAN_DEPLOYMENT_LAST_POLLED_TIMEOUT_SECONDS = Setting(
    "server.services.foreman.deployment_last_polled_timeout_seconds",
    integer,
    60,
    "Seconds without a question for its work after which a deployment is not ready.",
    aliases=("PREFECT_API_SERVICES_FOREMAN_DEPLOYMENT_LAST_POLLED_TIMEOUT_SECONDS",),
)
SERVER_SERVICES_FOREMAN_WORK_QUEUE_LAST_POLLED_TIMEOUT_SECONDS = Setting(
    "server.services.foreman.work_queue_last_polled_timeout_seconds",
    integer,
    60,
    "Seconds without a question for its work after which a work queue is not ready.",
    aliases=("PREFECT_API_SERVICES_FOREMAN_WORK_QUEUE_LAST_POLLED_TIMEOUT_SECONDS",),
)
SERVER_SERVICES_LATE_RUNS_ENABLED = Setting(
    "server.services.late_runs.enabled",
    boolean,
    True,
    "Whether runs that did not start in time are marked late.",
    aliases=("PREFECT_API_SERVICES_LATE_RUNS_ENABLED",),
)
SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS = Setting(
    "server.services.late_runs.loop_seconds",
    number,
    5.0,
    "Seconds between two rounds of that.",
    aliases=("PREFECT_API_SERVICES_LATE_RUNS_LOOP_SECONDS",),
)
SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS = Setting(
    "server.services.late_runs.after_seconds",
    seconds,
    timedelta(seconds=15),
    "How long after its time a run is late.",
    aliases=("PREFECT_API_SERVICES_LATE_RUNS_AFTER_SECONDS",),
)
SERVER_SERVICES_SCHEDULER_ENABLED = Setting(
    "server.services.scheduler.enabled",
    boolean,
    True,
    "Whether runs of schedules are planned.",
    aliases=("PREFECT_API_SERVICES_SCHEDULER_ENABLED",),
)
SERVER_SERVICES_SCHEDULER_LOOP_SECONDS = Setting(
    "server.services.scheduler.loop_seconds",
    number,
    60.0,
    "Seconds between two rounds of that.",
    aliases=("PREFECT_API_SERVICES_SCHEDULER_LOOP_SECONDS",),
)
SERVER_SERVICES_SCHEDULER_DEPLOYMENT_BATCH_SIZE = Setting(
    "server.services.scheduler.deployment_batch_size",
    integer,
    100,
    "How many deployments are planned for at a time.",
    aliases=("PREFECT_API_SERVICES_SCHEDULER_DEPLOYMENT_BATCH_SIZE",),
)
SERVER_SERVICES_SCHEDULER_MAX_RUNS = Setting(
    "server.services.scheduler.max_runs",
    integer,
    100,
    "The most runs that are planned for a schedule.",
    aliases=("PREFECT_API_SERVICES_SCHEDULER_MAX_RUNS",),
)
SERVER_SERVICES_SCHEDULER_MIN_RUNS = Setting(
    "server.services.scheduler.min_runs",
    integer,
    3,
    "The fewest runs that are planned for a schedule.",
    aliases=("PREFECT_API_SERVICES_SCHEDULER_MIN_RUNS",),
)
SERVER_SERVICES_SCHEDULER_MAX_SCHEDULED_TIME = Setting(
    "server.services.scheduler.max_scheduled_time",
    duration,
    timedelta(days=100),
    "How far ahead runs are planned.",
    aliases=("PREFECT_API_SERVICES_SCHEDULER_MAX_SCHEDULED_TIME",),
)
SERVER_SERVICES_SCHEDULER_MIN_SCHEDULED_TIME = Setting(
    "server.services.scheduler.min_scheduled_time",
    duration,
    timedelta(hours=1),
    "How far ahead runs are planned at the least.",
    aliases=("PREFECT_API_SERVICES_SCHEDULER_MIN_SCHEDULED_TIME",),
)
SERVER_SERVICES_SCHEDULER_INSERT_BATCH_SIZE = Setting(
    "server.services.scheduler.insert_batch_size",
    integer,
    500,
    "How many planned runs are stored at a time.",
    aliases=("PREFECT_API_SERVICES_SCHEDULER_INSERT_BATCH_SIZE",),
)
SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS = Setting(
    "server.services.scheduler.recent_deployments_loop_seconds",
    number,
    5.0,
    "Seconds between two looks for deployments that have just changed.",
)
SERVER_SERVICES_SCHEDULER_CATCH_UP_MAX_RUNS = Setting(
    "server.services.scheduler.catch_up_max_runs",
    within(integer, above=0),
    1000,
    "The most runs that are made up for after an outage for a schedule; older ones are left out.",
    own=True,
)
SERVER_SERVICES_SCHEDULER_CATCH_UP_GRACE = Setting(
    "server.services.scheduler.catch_up_grace",
    within(duration, above=timedelta(0)),
    timedelta(minutes=5),
    "How long runs of a schedule wait for a worker whose catch-up policy is to skip those that were missed.",
    own=True,
)
SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED = Setting(
    "server.services.pause_expirations.enabled",
    boolean,
    True,
    "Whether pauses that ran out end their runs.",
    aliases=("PREFECT_API_SERVICES_PAUSE_EXPIRATIONS_ENABLED",),
)
SERVER_SERVICES_PAUSE_EXPIRATIONS_LOOP_SECONDS = Setting(
    "server.services.pause_expirations.loop_seconds",
    number,
    5.0,
    "Seconds between two rounds of that.",
    aliases=("PREFECT_API_SERVICES_PAUSE_EXPIRATIONS_LOOP_SECONDS",),
)
SERVER_SERVICES_REPOSSESSOR_ENABLED = Setting(
    "server.services.repossessor.enabled", boolean, True, "Whether slots whose lease ran out are taken back."
)
SERVER_SERVICES_REPOSSESSOR_LOOP_SECONDS = Setting(
    "server.services.repossessor.loop_seconds", number, 15.0, "Seconds between two rounds of that."
)
SERVER_SERVICES_EXPIRED_CLAIMS_ENABLED = Setting(
    "server.services.expired_claims.enabled",
    boolean,
    True,
    "Whether runs wait for a worker again that a worker claimed and nobody started.",
    own=True,
)
SERVER_SERVICES_EXPIRED_CLAIMS_LOOP_SECONDS = Setting(
    "server.services.expired_claims.loop_seconds",
    within(number, above=0.0),
    15.0,
    "Seconds between two rounds of that.",
    own=True,
)
SERVER_SERVICES_EXPIRED_CLAIMS_TIMEOUT_SECONDS = Setting(
    "server.services.expired_claims.timeout_seconds",
    within(number, above=0.0),
    600.0,
    "Seconds within which something must have been started for a claimed run.",
    own=True,
)
SERVER_SERVICES_EXPIRED_CLAIMS_MAX_EXPIRATIONS = Setting(
    "server.services.expired_claims.max_expirations",
    within(integer, above=-1),
    3,
    "How often the claims of a run may run out before it counts as crashed.",
    own=True,
)
SERVER_SERVICES_SILENT_RUNS_ENABLED = Setting(
    "server.services.silent_runs.enabled",
    boolean,
    True,
    "Whether runs that gave signs of life and fell silent are marked crashed.",
    own=True,
)
SERVER_SERVICES_SILENT_RUNS_LOOP_SECONDS = Setting(
    "server.services.silent_runs.loop_seconds",
    within(number, above=0.0),
    10.0,
    "Seconds between two rounds of that.",
    own=True,
)
SERVER_SERVICES_CLEANUP_RECONCILER_ENABLED = Setting(
    "server.services.cleanup_reconciler.enabled",
    boolean,
    True,
    "Whether what workers do not clean up in time is handed out again; Lictor always does so.",
    effect=False,
)
SERVER_SERVICES_CLEANUP_RECONCILER_LOOP_SECONDS = Setting(
    "server.services.cleanup_reconciler.loop_seconds",
    within(number, above=0.0),
    5.0,
    "Seconds between two rounds of that; Lictor needs no rounds.",
    effect=False,
)
SERVER_SERVICES_CLEANUP_RECONCILER_BATCH_SIZE = Setting(
    "server.services.cleanup_reconciler.batch_size",
    within(integer, above=0),
    100,
    "How many of them a round looks at.",
    effect=False,
)
SERVER_SERVICES_TASK_RUN_RECORDER_ENABLED = Setting(
    "server.services.task_run_recorder.enabled",
    boolean,
    True,
    "Whether task runs are recorded; Lictor always records them.",
    aliases=("PREFECT_API_SERVICES_TASK_RUN_RECORDER_ENABLED",),
    effect=False,
)
SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE = Setting(
    "server.services.task_run_recorder.read_batch_size",
    within(integer, above=0),
    1,
    "How many events of task runs are taken from a broker at a time.",
    effect=False,
)
SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE = Setting(
    "server.services.task_run_recorder.batch_size",
    within(integer, above=0),
    1,
    "How many task runs are recorded at a time.",
    effect=False,
)
SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL = Setting(
    "server.services.task_run_recorder.flush_interval",
    within(number, above=0.0),
    5.0,
    "The most seconds before task runs are recorded.",
    effect=False,
)
SERVER_SERVICES_TRIGGERS_ENABLED = Setting(
    "server.services.triggers.enabled",
    boolean,
    True,
    "Whether automations are triggered.",
    aliases=("PREFECT_API_SERVICES_TRIGGERS_ENABLED",),
)
SERVER_SERVICES_TRIGGERS_READ_BATCH_SIZE = Setting(
    "server.services.triggers.read_batch_size",
    within(integer, above=0),
    1,
    "How many events are taken from a broker at a time.",
    effect=False,
)
SERVER_SERVICES_TRIGGERS_PG_NOTIFY_RECONNECT_INTERVAL_SECONDS = Setting(
    "server.services.triggers.pg_notify_reconnect_interval_seconds",
    integer,
    10,
    "Seconds before a broken notice channel of PostgreSQL is opened again.",
    effect=False,
)
SERVER_SERVICES_TRIGGERS_PG_NOTIFY_HEARTBEAT_INTERVAL_SECONDS = Setting(
    "server.services.triggers.pg_notify_heartbeat_interval_seconds",
    integer,
    5,
    "Seconds between two checks of that channel.",
    effect=False,
)
