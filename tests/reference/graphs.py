"""Runs one flow with tasks of every kind of origin, with the reference's SDK: `python graphs.py prefect`."""
# mypy: ignore-errors

from __future__ import annotations

import json

from prefect import flow, task
from prefect.futures import wait


@task
def one(x: int) -> int:
    return x


@task
def add(x: int, y: int = 0) -> int:
    return x + y


@task
def outer(x: int) -> int:
    return one(x) + 1


@task
def bad() -> None:
    raise ValueError("meant")


@flow
def child(x: int) -> int:
    return add(x, 1)


@flow
def parent() -> int:
    first, second = one(1), one.submit(2)
    both = add.submit(second, second)
    mapped = add.map([1, 2, 3], y=both)
    after = add.map(mapped, y=first)
    wait(after)
    add(child(both.result()), 3)
    outer(5)
    bad(return_state=True)
    return one([each.result() for each in after])


print(json.dumps({"run": str(parent(return_state=True).state_details.flow_run_id)}))
