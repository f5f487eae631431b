"""The flow run that goes on here. Each attribute is worked out when it is read."""

from __future__ import annotations

from typing import Any

from lictor.sdk.runtime import FLOW_RUN, said

__all__ = list(FLOW_RUN)


def __getattr__(name: str) -> Any:
    """Return what is known."""
    return said("flow_run", FLOW_RUN, name)


def __dir__() -> list[str]:
    """List what can be known."""
    return sorted(FLOW_RUN)
