"""Delays between the tries of a task."""

from __future__ import annotations

from collections.abc import Callable


def exponential_backoff(backoff_factor: float) -> Callable[[int], list[float]]:
    """Return what makes the list for `retry_delay_seconds`: each delay is twice the one before.

    The first is `backoff_factor` seconds; there are at most 50. A factor below 0 raises ValueError.
    """
    if backoff_factor < 0:
        raise ValueError(f"backoff_factor: {backoff_factor!r} is below 0; use seconds from 0 on")
    return lambda retries: [backoff_factor * 2.0**retry for retry in range(min(retries, 50))]
