"""The task run that goes on here. Each attribute is worked out when it is read."""

from __future__ import annotations

from typing import Any

from lictor.sdk.runtime import TASK_RUN, said

__all__ = list(TASK_RUN)


def __getattr__(name: str) -> Any:
    """Return what is known."""
    return said("task_run", TASK_RUN, name)


def __dir__() -> list[str]:
    """List what can be known."""
    return sorted(TASK_RUN)
