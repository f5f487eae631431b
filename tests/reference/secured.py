"""A flow with mapped, retried and logged tasks: `python secured.py prefect|lictor`."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

sdk: Any = import_module(sys.argv[1])


@sdk.task(retries=1, tags=["secured"])
def double(number):  # type: ignore[no-untyped-def]
    sdk.get_run_logger().info("doubling %d", number)
    if number == 2 and not tried:
        tried.append(number)
        raise ValueError("once")
    return 2 * number


@sdk.flow(name=f"secured-{sys.argv[1]}")
def total():  # type: ignore[no-untyped-def]
    return sum(double.map([1, 2, 3]).result())


tried: list[int] = []
print(total())
