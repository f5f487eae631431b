"""What the settings say to the rules."""

from __future__ import annotations

from lictor.rules.transition import Terms
from lictor.settings import Settings, table


def terms_of(settings: Settings) -> Terms:
    """Return the terms on which runs change their states."""
    return Terms(
        tag_wait_seconds=settings[table.SERVER_TASKS_TAG_CONCURRENCY_SLOT_WAIT_SECONDS],
        deployment_wait_seconds=settings[table.SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS],
        lease_seconds=settings[table.SERVER_CONCURRENCY_INITIAL_DEPLOYMENT_LEASE_DURATION],
        longest_cache_key=settings[table.SERVER_TASKS_MAX_CACHE_KEY_LENGTH],
    )
