"""Slots of limits of names, with either SDK: prints what was seen while they were held, waited for and given back."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from importlib import import_module
from typing import Any

sdk = import_module(sys.argv[1])
sync, aio = (import_module(f"{sys.argv[1]}.concurrency.{kind}") for kind in ("sync", "asyncio"))
name, rate = sys.argv[2:4]
lock = threading.Lock()
running, most = 0, 0


def taken() -> int:
    client_of = import_module(f"{sys.argv[1]}.client.orchestration").get_client
    with client_of(sync_client=True) as client:
        found = client.read_global_concurrency_limit_by_name(name)
    slots: int = found.active_slots
    return slots


@sdk.task  # type: ignore[untyped-decorator]
def work(number: int) -> int:
    global running, most  # noqa: PLW0603  # the task's threads share it
    with sync.concurrency(name):
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.05)
        with lock:
            running -= 1
    return number


@sdk.flow  # type: ignore[untyped-decorator]
def several() -> list[int]:
    return [future.result() for future in [work.submit(number) for number in range(6)]]


def refused(**options: Any) -> str:
    try:
        with sync.concurrency(name, **options):
            return "taken"
    except Exception as error:
        return type(error).__name__


async def awaited() -> list[int]:
    seen = []
    async with aio.concurrency(name, occupy=2):
        seen.append(await asyncio.to_thread(taken))
    seen.append(await asyncio.to_thread(taken))
    return seen


def missing(strict: bool) -> str:
    try:
        with sync.concurrency("none", strict=strict):
            return "taken"
    except Exception as error:
        return type(error).__name__


seen: dict[str, Any] = {"results": several(), "most": most}
with sync.concurrency(name, occupy=2):
    seen["held"] = taken()
    seen["full"] = [refused(timeout_seconds=1), refused(max_retries=0), refused(occupy=3)]
seen["awaited"] = asyncio.run(awaited())
seen["missing"] = [missing(strict) for strict in (False, True)]
began = time.monotonic()
for _ in range(4):
    sync.rate_limit(rate)
seen["rate kept"] = time.monotonic() - began > 0.3
seen["after"] = taken()
print(json.dumps(seen))
