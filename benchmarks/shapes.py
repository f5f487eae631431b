"""The shapes that comparisons of orchestrators use: 40 brief tasks and 10 long ones, one after the other in a flow."""

from __future__ import annotations

from typing import Any

from benchmarks import client_rows, durable
from benchmarks.servers import Lictor, Reference

SHAPES = {"40 tasks of fibonacci(10)": ("fibonacci_10", 40), "10 tasks of fibonacci(33)": ("fibonacci_33", 10)}


def compared(rounds: int) -> list[dict[str, Any]]:
    """Return the wall milliseconds of each shape, of the reference, of DBOS on SQLite and of Lictor."""
    found: dict[str, dict[str, Any]] = {name: {"shape, ms wall": name} for name in SHAPES}
    for kind in (Reference, Lictor):
        with kind() as server:
            for name, (work, times) in SHAPES.items():
                found[name][kind.name] = round(client_rows.shape(server, work, times, rounds), 1)
    for name, (work, times) in SHAPES.items():
        found[name]["DBOS"] = round(durable.shape(int(work.partition("_")[2]), times, rounds), 1)
    return list(found.values())
