"""What is asked of limits, by tag and by name, of leases of their slots, and of the states that they keep runs from."""

from __future__ import annotations

from typing import Any

from tests.reference.asks.steps import (
    NOBODY,
    NOT_IDS,
    delete,
    flow,
    get,
    moment,
    new_id,
    patch,
    post,
    propose,
    run,
    task,
)
from tests.reference.telling import Step, Story

TAGS = "/concurrency_limits"
SLOTS = "/v2/concurrency_limits"
TAG, OTHER = "$story", "other-$story"
ONE, TWO, THREE = new_id(), new_id(), new_id()
KEY = new_id()
AT_ONCE = {"Prefer": "wait=0"}
"""Lictor holds a request for slots until some are free, unless it is asked not to."""


def limit(number: Any, tag: str | None = TAG, **given: Any) -> Step:
    """Make the limit of a tag."""
    return post(f"{TAGS}/", {"tag": tag, "concurrency_limit": number}, **given)


def slots(verb: str, run_id: str, *tags: str) -> Step:
    """Take or give back slots for a task run."""
    return post(f"{TAGS}/{verb}", {"names": list(tags), "task_run_id": run_id})


def lease(*names: str, keep: str = "", **body: Any) -> Step:
    """Take slots by a lease."""
    kept = {keep: "lease_id"} if keep else {}
    return post(f"{SLOTS}/increment-with-lease", {"names": list(names), "slots": 1, **body}, keep=kept, headers=AT_ONCE)


def by_lease(lease_id: str) -> Step:
    """Give a lease's slots back."""
    return post(f"{SLOTS}/decrement-with-lease", {"lease_id": lease_id})


def named(number: Any, name: Any = "$story", keep: str = "", **body: Any) -> Step:
    """Make a limit of a name."""
    kept = {keep: "id"} if keep else {}
    return post(f"{SLOTS}/", {"name": name, "limit": number, **body}, keep=kept)


def changed(which: str = "$story", /, **body: Any) -> Step:
    """Change a limit."""
    return patch(f"{SLOTS}/{which}", body)


def by_hand(verb: str, slots: Any, *names: str, **body: Any) -> Step:
    """Take or give back slots without a lease."""
    return post(f"{SLOTS}/{verb}", {"names": list(names), "slots": slots, **body}, headers=AT_ONCE)


NAMED = get(f"{SLOTS}/$story")
SEEN = get(f"{TAGS}/tag/{TAG}")
HOLDER = {"type": "task_run", "id": ONE}

STORIES: dict[str, Story] = {
    "made, changed and removed": [
        limit(2, keep={"limit": "id"}),
        limit(1),
        SEEN,
        get(f"{TAGS}/$limit"),
        delete(f"{TAGS}/$limit"),
        delete(f"{TAGS}/$limit"),
        SEEN,
        limit(0),
        delete(f"{TAGS}/tag/{TAG}"),
        delete(f"{TAGS}/tag/{TAG}"),
        get(f"{TAGS}/{NOBODY}"),
        post(f"{TAGS}/tag/{TAG}/reset", {}),
    ],
    "wrong": [
        limit("many"),
        limit(None),
        limit(1.5),
        limit("3"),
        limit(1, tag=None),
        post(f"{TAGS}/", {"tag": TAG}),
        post(f"{TAGS}/", {"tag": TAG, "concurrency_limit": 1, "active_slots": []}),
        post(f"{TAGS}/increment", {"names": [TAG]}),
        post(f"{TAGS}/increment", {"names": TAG, "task_run_id": ONE}),
        post(f"{TAGS}/decrement", {"names": [TAG], "task_run_id": "x"}),
        post(f"{TAGS}/filter", {"limit": -1}),
        post(f"{TAGS}/filter", {"limit": 201}),
        post(f"{TAGS}/filter", {"offset": -1}),
        post(f"{TAGS}/filter", {"limit": 0}),
        post(f"{TAGS}/tag/{TAG}/reset", {"slot_override": ["x"]}),
        *[step for wrong in NOT_IDS if wrong != "null" for step in (get(f"{TAGS}/{wrong}"), delete(f"{TAGS}/{wrong}"))],
    ],
    "slots by hand": [
        limit(2),
        limit(1, OTHER),
        slots("increment", ONE, TAG, OTHER, "none-$story"),
        slots("increment", TWO, TAG, OTHER),
        SEEN,
        slots("increment", TWO, TAG),
        slots("increment", THREE, TAG),
        SEEN,
        slots("decrement", ONE, TAG, OTHER),
        slots("decrement", ONE, TAG, OTHER),
        slots("decrement", NOBODY, "none-$story"),
        slots("increment", ONE),
        SEEN,
        post(f"{TAGS}/tag/{TAG}/reset", {"slot_override": [ONE, TWO, THREE]}),
        SEEN,
        post(f"{TAGS}/tag/{TAG}/reset", {"slot_override": None}),
        SEEN,
        post(f"{TAGS}/tag/{TAG}/reset"),
    ],
    "nothing is let through": [limit(0), slots("increment", ONE, TAG), lease(f"tag:{TAG}"), SEEN],
    "leases": [
        limit(3),
        lease(f"tag:{TAG}", "none-$story", keep="one", slots=2, holder=HOLDER),
        lease(f"tag:{TAG}", keep="two", holder={"type": "flow_run", "id": TWO}),
        SEEN,
        lease(f"tag:{TAG}"),
        post(f"{SLOTS}/leases/$one/renew", {"lease_duration": 100}),
        post(f"{SLOTS}/leases/$one/renew", {"lease_duration": 59}),
        post(f"{SLOTS}/leases/$one/renew", {"lease_duration": 86401}),
        post(f"{SLOTS}/leases/$one/renew"),
        post(f"{SLOTS}/leases/{NOBODY}/renew", {}),
        by_lease("$one"),
        by_lease("$one"),
        post(f"{SLOTS}/leases/$one/renew", {}),
        SEEN,
        lease(f"tag:{TAG}", keep="three", holder=HOLDER),
        SEEN,
    ],
    "a lease of nothing": [
        lease("none-$story", keep="none"),
        post(f"{SLOTS}/leases/$none/renew", {}),
        by_lease("$none"),
    ],
    "leases that cannot be": [
        limit(2),
        lease(f"tag:{TAG}", slots=3),
        lease(f"tag:{TAG}", slots=0),
        lease(f"tag:{TAG}", mode="rate_limit"),
        lease(f"tag:{TAG}", mode="other"),
        lease(f"tag:{TAG}", lease_duration=1),
        lease(f"tag:{TAG}", holder={"type": "person", "id": ONE}),
        lease(f"tag:{TAG}", holder={"type": "task_run"}),
        by_lease("x"),
        SEEN,
    ],
    "a task that may not run": [
        flow(),
        run(),
        propose("flow_runs", "run", "RUNNING"),
        limit(0),
        task(tags=[TAG, "free"]),
        propose("task_runs", "task", "RUNNING"),
        propose("task_runs", "task", "RUNNING", force=True),
        propose("task_runs", "task", "COMPLETED"),
        SEEN,
    ],
    "a task completes from the cache": [
        flow(),
        run(),
        propose("flow_runs", "run", "RUNNING"),
        task("first"),
        propose("task_runs", "first", "COMPLETED", data={"type": "result"}, state_details={"cache_key": KEY}),
        task("second"),
        propose("task_runs", "second", "RUNNING", state_details={"cache_key": KEY, "refresh_cache": True}),
        propose("task_runs", "second", "RUNNING", state_details={"cache_key": KEY}),
        get("/task_runs/$second"),
        task("third"),
        propose(
            "task_runs",
            "third",
            "COMPLETED",
            state_details={"cache_key": KEY, "cache_expiration": moment(-1)},
        ),
        delete("/task_runs/$first"),
        task("fourth"),
        propose("task_runs", "fourth", "RUNNING", state_details={"cache_key": KEY}),
        task("fifth", cache_key="x" * 2001),
        task("fifth", cache_key="x" * 2000),
    ],
    "a limit of a name": [
        named(3, keep="limit"),
        named(4),
        NAMED,
        get(f"{SLOTS}/$limit"),
        changed(limit=5, active=False),
        NAMED,
        changed("$limit", active=True, slot_decay_per_second=0.25),
        NAMED,
        changed(),
        changed(name="renamed-$story"),
        NAMED,
        get(f"{SLOTS}/renamed-$story"),
        changed("$limit", name="$story", slot_decay_per_second=0),
        delete(f"{SLOTS}/$story"),
        delete(f"{SLOTS}/$story"),
        delete(f"{SLOTS}/$limit"),
        changed(limit=1),
        changed("$limit", limit=1),
        NAMED,
        get(f"{SLOTS}/{NOBODY}"),
        named(3, active=False, active_slots=2, denied_slots=1, slot_decay_per_second=0.5, keep="limit"),
        delete(f"{SLOTS}/$limit"),
    ],
    "a limit of a name: wrong": [
        *[named(1, wrong) for wrong in ("", "a/b", "a%b", "a&b", "<a", None, 1)],
        *[named(wrong) for wrong in (-1, "x", 1.5, None)],
        named(1, active="maybe"),
        named(1, active_slots=-1),
        named(1, denied_slots=-1),
        named(1, slot_decay_per_second=-0.1),
        named(1, other=1),
        post(f"{SLOTS}/", {"name": "$story"}),
        post(f"{SLOTS}/", {"limit": 1}),
        named(1),
        *[changed(limit=wrong) for wrong in (-1, "x", 1.5)],
        changed(name="a/b"),
        changed(active_slots=-1),
        changed(slot_decay_per_second=-1),
        changed(other=1),
        NAMED,
        post(f"{SLOTS}/filter", {"limit": -1}),
        post(f"{SLOTS}/filter", {"limit": 201}),
        post(f"{SLOTS}/filter", {"offset": -1}),
        post(f"{SLOTS}/filter", {"limit": 0}),
        by_hand("increment", 0, "$story"),
        by_hand("increment", "x", "$story"),
        by_hand("increment", 2, "$story"),
        by_hand("increment", 1, "$story", mode="rate_limit"),
        by_hand("increment", 1, "$story", mode="other"),
        by_hand("decrement", 0, "$story"),
        by_hand("decrement", 1, "$story", occupancy_seconds=0),
        post(f"{SLOTS}/increment", {"slots": 1}),
        post(f"{SLOTS}/increment", {"names": "$story", "slots": 1}),
        post(f"{SLOTS}/decrement", {"names": ["$story"]}),
    ],
    "slots of names by hand": [
        named(3),
        named(2, "second-$story"),
        by_hand("increment", 1, "$story", "second-$story", "none-$story"),
        by_hand("increment", 1, "$story", create_if_missing=True),
        NAMED,
        by_hand("increment", 2, "second-$story"),
        get(f"{SLOTS}/second-$story"),
        by_hand("decrement", 2, "$story", occupancy_seconds=2.5),
        NAMED,
        by_hand("decrement", 5, "$story", "none-$story"),
        by_hand("increment", 1, "none-$story"),
        by_hand("decrement", 1, "none-$story"),
        get(f"{SLOTS}/none-$story"),
        NAMED,
        changed(active_slots=2),
        NAMED,
        changed(active_slots=0),
        NAMED,
        changed(active=False, active_slots=3),
        by_hand("increment", 1, "$story"),
        lease("$story", keep="one"),
        NAMED,
        by_lease("$one"),
        NAMED,
    ],
    "slots that come back by themselves": [
        named(4, slot_decay_per_second=0.000001),
        by_hand("increment", 3, "$story", mode="rate_limit"),
        NAMED,
        by_hand("decrement", 1, "$story"),
        NAMED,
        by_hand("increment", 1, "$story"),
        lease("$story", keep="one"),
        NAMED,
        by_lease("$one"),
        NAMED,
        by_hand("increment", 2, "$story", mode="rate_limit"),
        NAMED,
        named(4, "fast-$story", slot_decay_per_second=1000),
        by_hand("increment", 4, "fast-$story", mode="rate_limit"),
    ],
    "both see the same limits": [
        limit(2, keep={"limit": "id"}),
        get(f"{SLOTS}/tag:{TAG}"),
        lease(f"tag:{TAG}", holder=HOLDER),
        get(f"{SLOTS}/tag:{TAG}"),
        changed(f"tag:{TAG}", limit=3),
        SEEN,
        slots("increment", TWO, TAG),
        SEEN,
        get(f"{SLOTS}/$limit"),
        delete(f"{SLOTS}/tag:{TAG}"),
        SEEN,
        named(1, f"tag:other-{TAG}", keep="other"),
        get(f"{TAGS}/tag/other-{TAG}"),
        get(f"{TAGS}/$other"),
    ],
}
