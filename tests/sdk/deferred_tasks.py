"""A program that defers tasks and serves them, with Lictor or the reference; `$OUT` notes what ran."""

# mypy: ignore-errors

import asyncio
import os
import time
from importlib import import_module

LIBRARY = os.environ.get("LIBRARY", "lictor")
if LIBRARY == "prefect":
    from prefect import flow, task
else:
    from lictor import flow, task


def note(*words):
    with open(os.environ["OUT"], "a") as out:
        print(*words, file=out)


@task(retries=1, tags=["t"])
def add(x: int, y: int = 2) -> int:
    note("add", x, y)
    return x + y


@task
async def aslow(n: int, *args: int, **kwargs: int) -> None:
    await asyncio.sleep(0)
    note("aslow", n, args, kwargs)


@task
def failing() -> None:
    note("failing")
    raise ValueError("no")


@task
def slow(n: int) -> None:
    time.sleep(0.2)
    note("slow", n)


@flow
def deferring() -> str:
    future = add.delay(7)
    future.wait(60)
    return future.state.name


def main(what: str) -> None:
    if what == "serve":
        import_module(f"{LIBRARY}.task_worker").serve(add, aslow, failing, slow, limit=2)
        return
    futures = [add.delay(1, y=5), aslow.delay(1, 2, 3, z=4), failing.delay()]
    for future in futures:
        future.wait(60)
    print([future.state.name for future in futures], deferring())
