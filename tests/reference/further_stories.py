"""Stories of caches, limits of nothing, cancellations, suspended runs, background tasks and submissions."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.rules.record import STORED, after, due, states

Body = dict[str, Any]
Step = tuple[str, Body] | tuple[str, Body, bool]
Story = tuple[Body, list[Step]]

RUNNING, FAILED, PENDING, COMPLETED, CANCELLING = (
    {"type": kind} for kind in ("RUNNING", "FAILED", "PENDING", "COMPLETED", "CANCELLING")
)
DEPLOYMENT = "the deployment"
PARAMETERS = str(uuid4())
ENDS = ("completed", "completed stored", "failed", "cancelled", "crashed")


def further() -> dict[str, Story]:
    """Every one of them by its name."""
    return {
        **{f"task and the cache, {name}": story for name, story in caches()},
        **{f"task whose tag has a limit of nothing, {name}": story for name, story in limits()},
        **{
            f"run {place} is cancelled, {first}{' by force' if force else ''}": cancelled(pid, first, force)
            for place, pid in (("in a process", "77"), ("nowhere", None))
            for first in (*WAITING, "running", "pending", "cancelling", *ENDS)
            for force in (False, True)
        },
        **{f"run is submitted, {name}": story for name, story in submissions()},
        **{
            f"subflow pauses, {name}": ({"sub": {"deployment_id": DEPLOYMENT}}, [("sub", RUNNING), ("sub", pause)])
            for name, pause in pauses().items()
        },
        **{
            f"run pauses, {name}, {made}, {second}": (
                body,
                [("run", RUNNING), ("run", pause), ("run", states()[second])],
            )
            for name, pause in pauses().items()
            for made, body in (("alone", {}), ("deployed", {"run": {"deployment_id": DEPLOYMENT}}))
            for second in ("paused", "suspended", "late", "running", "completed stored")
        },
        **{
            f"run {end} is forced to {second}": ({}, [("run", states()[end], True), ("run", other, True)])
            for end in ENDS
            for second, other in (
                ("complete with nothing", COMPLETED),
                ("complete with less", {**COMPLETED, "data": {"type": "unpersisted"}}),
                ("complete with more", {**COMPLETED, "data": {**STORED, "storage_key": "y"}}),
                ("fail", FAILED),
                ("be submitted", PENDING),
            )
        },
        **{
            f"background task, {first} -> {second}": background(first, second) for first in FIRSTS for second in SECONDS
        },
        "background task runs to its end": (
            {"task": {"empirical_policy": {"retries": 1}}},
            [("task", deferred(name)) for name in ("scheduled", "pending", "running", "failed", "pending", "running")],
        ),
    }


WAITING = ("scheduled", "awaiting retry", "late", "resuming", "paused", "suspended")
FIRSTS = ("scheduled", "pending", "running", "completed", "completed stored", "failed", "cancelled", "cancelling")
SECONDS = ("scheduled", "pending", "running", "completed", "failed", "crashed", "cancelling")


def detailed(state: Body, **details: Any) -> Body:
    """Return a state with further details."""
    return {**state, "state_details": {**state.get("state_details", {}), **details}}


def pauses() -> dict[str, Body]:
    """States that a run may pause in."""
    return {
        "by name alone": {"type": "PAUSED", "name": "Suspended"},
        "without a key": {"type": "PAUSED", "state_details": {"pause_timeout": after(300)}},
        "to be rescheduled": {
            "type": "PAUSED",
            "state_details": {"pause_timeout": after(300), "pause_reschedule": True},
        },
        "for ever": {"type": "PAUSED", "name": "Mine", "state_details": {"pause_key": "k"}},
        "till before": {"type": "PAUSED", "state_details": {"pause_timeout": after(-300), "pause_key": "k"}},
        "with an input": {
            "type": "PAUSED",
            "state_details": {"pause_timeout": after(300), "run_input_keyset": {"response": "r", "schema": "s"}},
        },
    }


def caches() -> list[tuple[str, Story]]:
    """What a cache key does to another task run."""

    def story(entries: list[Body], *asked: Body, force: bool = False, run: Body = RUNNING) -> Story:
        key = str(uuid4())
        keyed = [detailed(entry, cache_key=key) for entry in entries]
        fill: list[Step] = [("task", entry, True) if force else ("task", entry) for entry in keyed]
        return {"task": {}, "other": {}}, [
            ("run", RUNNING),
            *fill,
            ("run", run),
            *[("other", detailed(state, cache_key=key)) for state in asked],
            ("other", RUNNING),
        ]

    stored, worded = states()["completed stored"], {**COMPLETED, "message": "all done", "name": "Mine"}
    return [
        ("found", story([stored], PENDING, RUNNING, RUNNING)),
        ("found with its words", story([worded], RUNNING, RUNNING)),
        ("unpersisted", story([states()["completed unpersisted"]], RUNNING)),
        ("refreshed", story([stored], detailed(RUNNING, refresh_cache=True))),
        ("not refreshed", story([stored], detailed(RUNNING, refresh_cache=False))),
        ("run out", story([detailed(stored, cache_expiration=after(-60))], RUNNING)),
        ("lasting", story([detailed(stored, cache_expiration=after(600))], RUNNING)),
        ("newest first", story([worded, stored], RUNNING)),
        ("newest has run out", story([worded, detailed(stored, cache_expiration=after(-60))], RUNNING)),
        ("failed", story([FAILED], RUNNING)),
        ("filled by force", story([stored], RUNNING, force=True)),
        ("scheduled for later", story([stored], {"type": "SCHEDULED", **due(3600)}, RUNNING)),
        ("flow run has stopped", story([stored], RUNNING, run=CANCELLING)),
        ("flow run is paused", story([stored], RUNNING, run=states()["paused"])),
        ("key too long", ({"task": {}}, [("run", RUNNING), ("task", detailed(stored, cache_key="x" * 2001))])),
        ("key of its length", ({"task": {}}, [("run", RUNNING), ("task", detailed(stored, cache_key="x" * 2000))])),
    ]


def limits() -> list[tuple[str, Story]]:
    """A task run that can never run."""
    made: Body = {"task": {"tags": ["free"]}, "limit": 0}
    return [
        ("running", (made, [("run", RUNNING), ("task", RUNNING), ("task", PENDING), ("task", RUNNING)])),
        ("by force", (made, [("run", RUNNING), ("task", RUNNING, True), ("task", RUNNING), ("task", COMPLETED)])),
        ("flow run not running", (made, [("task", RUNNING)])),
        ("due later", (made, [("run", RUNNING), ("task", {"type": "SCHEDULED", **due(3600)}), ("task", RUNNING)])),
        ("in the background", (made, [("task", deferred("running"))])),
        ("completed", (made, [("run", RUNNING), ("task", states()["completed stored"]), ("task", RUNNING)])),
    ]


def cancelled(pid: str | None, first: str, force: bool) -> Story:
    """A run is to be cancelled from a state; what it is told comes along."""
    before = {"type": "SCHEDULED", "name": "Resuming"} if first == "resuming" else states()[first]
    wanted = {**CANCELLING, "message": "go", "data": {"type": "result", "storage_key": "z"}}
    return {"run": {"deployment_id": DEPLOYMENT}, "pid": pid}, [
        ("run", before, True),
        ("run", wanted, True) if force else ("run", wanted),
        ("run", {"type": "CANCELLED"}),
    ]


def submissions() -> list[tuple[str, Story]]:
    """How a run passes from one that submits it to the next."""

    def named(name: str, **details: Any) -> Body:
        return detailed({**PENDING, "name": name}, **details)

    later = {"type": "SCHEDULED", **due(3600)}
    return [
        ("by and by", ({}, [("run", later), ("run", PENDING), ("run", named("Submitting")), ("run", RUNNING)])),
        ("twice", ({}, [("run", named("Submitting")), ("run", named("Submitting")), ("run", named("Other"))])),
        ("back", ({}, [("run", named("Submitting")), ("run", PENDING), ("run", named("Pending"))])),
        ("with a time", ({}, [("run", PENDING), ("run", named("A", scheduled_time=after(1000.4))), ("run", RUNNING)])),
        ("running", ({}, [("run", RUNNING), ("run", named("Submitting"))])),
        ("cancelled", ({}, [("run", {"type": "CANCELLED"}), ("run", named("Submitting"))])),
    ]


def deferred(name: str) -> Body:
    """Return a state of a background task."""
    return detailed(states()[name], deferred=True)


def background(first: str, second: str) -> Story:
    """A background task of a flow run that has not begun."""
    return {"task": {}}, [
        ("task", detailed(states()[first], task_parameters_id=PARAMETERS), True),
        ("task", deferred(second)),
        ("task", deferred(second), True),
    ]
