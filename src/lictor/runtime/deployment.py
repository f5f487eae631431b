"""The deployment whose run goes on here. Each attribute is worked out when it is read."""

from __future__ import annotations

from typing import Any

from lictor.sdk.runtime import DEPLOYMENT, said

__all__ = list(DEPLOYMENT)


def __getattr__(name: str) -> Any:
    """Return what is known."""
    return said("deployment", DEPLOYMENT, name)


def __dir__() -> list[str]:
    """List what can be known."""
    return sorted(DEPLOYMENT)
