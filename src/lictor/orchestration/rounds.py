"""How a service goes through the runs that it finds: a slice at a time, each run in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from lictor.orchestration.change_state import Changed
from lictor.store.transaction import NotFound, Store, Transaction

T = TypeVar("T")
P = ParamSpec("P")
Find = Callable[[int], Transaction[list[T]]]
Change = Callable[Concatenate[T, P], Transaction[Changed]]

BY = "server"
"""Who writes what a service changes."""
SLICE = 200


async def change_all(store: Store, find: Find[T], change: Change[T, P], *args: P.args, **kwargs: P.kwargs) -> None:
    """Change all that is found, until nothing is, or nothing of a whole slice could be changed."""
    while True:
        found = await store.read(find, SLICE)
        changed = [await change_one(store, change, one, *args, **kwargs) for one in found]
        if len(found) < SLICE or not any(changed):
            return


async def change_one(store: Store, change: Change[T, P], one: T, *args: P.args, **kwargs: P.kwargs) -> bool:
    """Change one; tell whether anything was written. What was deleted meanwhile needs nothing."""
    try:
        return (await store.write(change, one, *args, **kwargs)).written
    except NotFound:
        return False
