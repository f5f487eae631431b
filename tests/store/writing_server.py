"""Writes flows from many clients at once and says which are acknowledged, until it is killed or its disk is full."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sys

from lictor.store import flow
from lictor.store.sqlite import SQLiteStore

from .samples import BY, a_flow


def say(*words: str) -> None:
    """Write one line at once."""
    os.write(1, (" ".join(words) + "\n").encode())


async def client(store: SQLiteStore, name: str) -> None:
    """Write flow after flow and say the name of each that was acknowledged."""
    number = 0
    while True:
        number += 1
        one = a_flow(f"{name}-{number}", tags=["x" * 300])
        try:
            await store.write(flow.get_or_create, one, BY)
        except Exception as error:
            say("refused", one.name, type(error).__name__)
            return
        say("kept", one.name)


async def forever(path: str, first: str) -> None:
    """Write until killed."""
    store = await SQLiteStore.open(path)
    await asyncio.gather(*(client(store, f"{first}-{n}") for n in range(8)))


async def until_full(path: str) -> None:
    """Write until the files may not grow, then let them grow and write once more."""
    store = await SQLiteStore.open(path)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY))
    await asyncio.gather(*(client(store, f"full-{n}") for n in range(16)))
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    after = a_flow("after")
    await store.write(flow.get_or_create, after, BY)
    say("kept", after.name)
    await store.close()


if __name__ == "__main__":
    asyncio.run(forever(*sys.argv[2:4]) if sys.argv[1] == "forever" else until_full(sys.argv[2]))
