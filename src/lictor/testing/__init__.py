"""Tests of flows: a server in the process, and a clock that the test turns. The names load on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lictor.testing.clock import Clock
    from lictor.testing.harness import Harness, lictor_test_harness

_HOMES = {
    "Clock": "lictor.testing.clock",
    "Harness": "lictor.testing.harness",
    "lictor_test_harness": "lictor.testing.harness",
}

__all__ = ["Clock", "Harness", "lictor_test_harness"]


def __getattr__(name: str) -> Any:
    """Load a public name."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'lictor.testing' has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415  # public names load on first use

    value = globals()[name] = getattr(import_module(home), name)
    return value
