"""Settings that nothing goes by yet; whatever is built takes its own out of the list."""

from __future__ import annotations

UNBUILT = frozenset(
    {
        "client.metrics.enabled",
        "client.metrics.port",
        "client.server_version_check_enabled",
        "events.worker_max_queue_size",
        "results.default_serializer",
        "results.default_storage_block",
        "results.persist_by_default",
        "runner.auto_install_dependencies",
        "server.events.expired_bucket_buffer",
        "server.events.maximum_labels_per_resource",
        "server.events.proactive_granularity",
        "server.events.websocket_backfill_page_size",
        "server.log_retryable_errors",
        "server.metrics_enabled",
        "server.services.event_logger.enabled",
        "server.services.triggers.enabled",
        "server.tasks.scheduling.pending_task_timeout",
        "silence_api_url_misconfiguration",
        "tasks.default_no_cache",
        "tasks.default_persist_result",
        "tasks.disable_caching",
        "tasks.refresh_cache",
        "tasks.scheduling.default_storage_block",
        "tasks.scheduling.delete_failed_submissions",
    }
)
"""Their paths. A setting without effect at all is marked in its row instead."""
