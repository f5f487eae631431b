"""The fields of project files: what each may be, and what is said of one that is something else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lictor.kit.braces import PLACEHOLDER
from lictor.sdk.version_info import version_type
from lictor.wire.types.deployment import BANNED, ConcurrencyLimitStrategy

Spot = tuple[str | int, ...]
Wrong = tuple[Spot, str]
"""A place in a file, and what is wrong there."""
Check = Callable[[Any], Iterator[Wrong]]

UNBUILT = {"triggers": "automations", "sla": "service level agreements"}
GRACE = range(60, 86401)


def kind_of(value: Any) -> str:
    """Return what a value is, in YAML's words; never the value, which may be secret."""
    kinds = {bool: "true or false", int: "a number", float: "a number", str: "a text", list: "a list", dict: "fields"}
    return kinds.get(type(value), "nothing")


def open_(value: Any) -> bool:
    """Tell whether a value is not said, or known only later."""
    return value is None or (isinstance(value, str) and PLACEHOLDER.search(value) is not None)


def wrong_in(said: Mapping[str, Any], fields: Mapping[str, Check], at: Spot) -> Iterator[Wrong]:
    """Yield what is wrong in fields; what is null, or has placeholders, is as any field may be."""
    for name, check in fields.items():
        if not open_(said.get(name)):
            for below, text in check(said[name]):
                yield (*at, name, *below), text


def text(value: Any) -> Iterator[Wrong]:
    """Check a text."""
    if isinstance(value, bool | int | float):
        yield (), f"it is {kind_of(value)}; write a text, in quotes."
    elif not isinstance(value, str):
        yield (), f"it is {kind_of(value)}; write a text."


def name(value: Any) -> Iterator[Wrong]:
    """Check a deployment's name."""
    yield from text(value)
    if isinstance(value, str) and BANNED.intersection(value):
        yield (), f"a name has none of {' '.join(sorted(BANNED))}."


def kind_of_version(value: Any) -> Iterator[Wrong]:
    """Check where a version comes from."""
    try:
        version_type(value)
    except ValueError as error:
        yield (), str(error).removeprefix("version_type: ")


def boolean(value: Any) -> Iterator[Wrong]:
    """Check what is true or false."""
    if as_bool(value) is None:
        yield (), f"it is {kind_of(value)}; write true or false."


def as_bool(value: Any) -> bool | None:
    """Return what is true or false, as a text, too; None for anything else."""
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.strip().lower()) if isinstance(value, str) else None


def mapping(value: Any) -> Iterator[Wrong]:
    """Check values by name."""
    if not isinstance(value, Mapping):
        yield (), f"it is {kind_of(value)}; write fields below it, NAME: VALUE."


def listed(value: Any) -> Iterator[Wrong]:
    """Check a list."""
    if not isinstance(value, list):
        yield (), f"it is {kind_of(value)}; write a list, each item after a '-'."


def texts(value: Any) -> Iterator[Wrong]:
    """Check a list of texts; lists in it stand for their items."""
    yield from listed(value)
    for number, each in enumerate(value if isinstance(value, list) else ()):
        for below, wrong in () if open_(each) else (texts if isinstance(each, list) else text)(each):
            yield (number, *below), wrong


def as_texts(value: Any) -> list[str]:
    """Return a list of texts, those of lists in it in their places: an anchor may stand for several."""
    return [item for each in value or () for item in (as_texts(each) if isinstance(each, list) else [each])]


def steps(value: Any) -> Iterator[Wrong]:
    """Check steps: a list of them, or one."""
    several = [value] if isinstance(value, Mapping) else value
    if not isinstance(several, list):
        yield (), f"it is {kind_of(value)}; write a list of steps, each '- full.name.of.a.step:' with its inputs below."
        return
    for number, each in enumerate(several):
        at: Spot = () if several is not value else (number,)
        if each is not None and not isinstance(each, Mapping):
            yield at, f"it is {kind_of(each)}; write the step's full name with a colon, and its inputs below."
        elif each and len(each) > 1:
            first, second = list(each)[:2]
            yield at, f"'{first}' and '{second}' stand in one item: begin each step with '-', and indent its inputs."
        elif each and not isinstance(next(iter(each.values())) or {}, Mapping):
            yield (*at, next(iter(each))), "write the step's inputs below it, NAME: VALUE."


def limit(value: Any) -> Iterator[Wrong]:
    """Check a limit of concurrent runs: a number, or what it is with more."""
    if not isinstance(value, Mapping):
        yield from at_least_one(value)
        return
    if value.get("limit") is None:
        yield (), "it needs a 'limit', the most runs at once."
    yield from wrong_in(value, LIMIT, ())


def at_least_one(value: Any) -> Iterator[Wrong]:
    """Check a number that is 1 or more."""
    number = as_int(value)
    if number is None or number < 1:
        yield (), "write a whole number from 1 on, the most runs at once."


def as_int(value: Any) -> int | None:
    """Return a whole number, as a text, too; None for anything else."""
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def strategy(value: Any) -> Iterator[Wrong]:
    """Check what becomes of runs beyond a limit."""
    if value not in list(ConcurrencyLimitStrategy):
        yield (), f"write one of {', '.join(ConcurrencyLimitStrategy)}."


def grace(value: Any) -> Iterator[Wrong]:
    """Check for how long a slot is kept."""
    if as_int(value) not in GRACE:
        yield (), f"write a number of seconds from {GRACE[0]} to {GRACE[-1]}."


def pool(value: Any) -> Iterator[Wrong]:
    """Check what is said of a work pool."""
    if isinstance(value, str):
        yield (), "write 'name:' below it, with the pool's name."
        return
    yield from mapping(value)
    if isinstance(value, Mapping):
        yield from wrong_in(value, POOL, ())


def schedule(value: Any) -> Iterator[Wrong]:
    """Check the fields of one schedule; what they say is checked when the schedule is made."""
    yield from mapping(value)
    if not isinstance(value, Mapping) or not value:
        return
    if isinstance(value.get("schedule"), Mapping):
        value = {**value, **value["schedule"]}
        value.pop("schedule")
    if not any(value.get(each) is not None for each in WHEN):
        yield (), f"say when it starts runs, with one of {', '.join(WHEN)}."
    elif sum(value.get(each) is not None for each in WHEN) > 1:
        yield (), f"it says several of {', '.join(WHEN)}: make a schedule of each."
    for each in value:
        if each not in SCHEDULE and each not in RETIRED:
            yield (each,), f"a schedule has no such field; it has {', '.join(SCHEDULE)}."
    yield from wrong_in(value, SCHEDULE, ())


def schedules(value: Any) -> Iterator[Wrong]:
    """Check several schedules."""
    yield from listed(value)
    for number, each in enumerate(value if isinstance(value, list) else ()):
        for below, wrong in () if each is None else schedule(each):
            yield (number, *below), wrong


def anything(value: Any) -> Iterator[Wrong]:
    """Check nothing."""
    yield from ()


WHEN = ("cron", "interval", "rrule")
LIMIT: dict[str, Check] = {"limit": at_least_one, "collision_strategy": strategy, "grace_period_seconds": grace}
POOL: dict[str, Check] = {"name": text, "work_queue_name": text, "job_variables": mapping}
SCHEDULE: dict[str, Check] = {
    "cron": text,
    "interval": anything,
    "rrule": text,
    "timezone": text,
    "anchor_date": text,
    "day_or": boolean,
    "active": boolean,
    "parameters": mapping,
    "slug": text,
    "replaces": text,
    "max_scheduled_runs": at_least_one,
    "catch_up": text,
}
RETIRED = {"max_active_runs": "set 'concurrency_limit' of the deployment", "catchup": "write 'catch_up: run-all'"}
"""Fields that earlier versions of Prefect wrote of each schedule, and what does the same."""
OF_JOBS = ("command", "env", "image", "labels", "stream_output", "working_dir")
"""Job variables that are taken for fields of a deployment."""
DEPLOYMENT: dict[str, Check] = {
    "name": name,
    "version": text,
    "version_type": kind_of_version,
    "tags": texts,
    "description": text,
    "schedule": schedule,
    "schedules": schedules,
    "paused": boolean,
    "concurrency_limit": limit,
    "flow_name": text,
    "entrypoint": text,
    "parameters": mapping,
    "enforce_parameter_schema": boolean,
    "build": steps,
    "push": steps,
    "pull": steps,
    "work_pool": pool,
    "triggers": listed,
    "sla": anything,
}
PARTS = {"work_pool": POOL, "concurrency_limit": LIMIT}
"""What has fields of its own."""
TOP: dict[str, Check] = {
    "name": anything,
    "prefect-version": anything,
    "description": anything,
    "required_inputs": anything,
    "definitions": anything,
    "build": steps,
    "push": steps,
    "pull": steps,
    "deployments": listed,
}
