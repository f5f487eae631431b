"""Six tasks at once with a tag that lets few run: prints how many ran together at the most, and how each ended."""

from __future__ import annotations

import json
import sys
import threading
import time
from importlib import import_module

sdk = import_module(sys.argv[1])
tag = sys.argv[2]
lock = threading.Lock()
running, most = 0, 0


@sdk.task(tags=[tag])  # type: ignore[untyped-decorator]
def work(number: int) -> int:
    global running, most  # noqa: PLW0603  # the task's threads share it
    with lock:
        running += 1
        most = max(most, running)
    time.sleep(0.1)
    with lock:
        running -= 1
    return number


@sdk.flow  # type: ignore[untyped-decorator]
def limited() -> list[int]:
    return [future.result() for future in [work.submit(number) for number in range(6)]]


print(json.dumps({"results": limited(), "most": most}))
