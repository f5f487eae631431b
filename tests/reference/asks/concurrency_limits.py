"""What is asked of the limits of tags, of leases of their slots, and of the states that they keep runs from."""

from __future__ import annotations

from typing import Any

from tests.reference.asks.steps import NOBODY, NOT_IDS, delete, flow, get, moment, new_id, post, propose, run, task
from tests.reference.telling import Step, Story

TAGS = "/concurrency_limits"
SLOTS = "/v2/concurrency_limits"
TAG, OTHER = "$story", "other-$story"
ONE, TWO, THREE = new_id(), new_id(), new_id()
KEY = new_id()


def limit(number: Any, tag: str | None = TAG, **given: Any) -> Step:
    """Make the limit of a tag."""
    return post(f"{TAGS}/", {"tag": tag, "concurrency_limit": number}, **given)


def slots(verb: str, run_id: str, *tags: str) -> Step:
    """Take or give back slots for a task run."""
    return post(f"{TAGS}/{verb}", {"names": list(tags), "task_run_id": run_id})


def lease(*names: str, keep: str = "", **body: Any) -> Step:
    """Take slots by a lease."""
    kept = {keep: "lease_id"} if keep else {}
    return post(f"{SLOTS}/increment-with-lease", {"names": list(names), "slots": 1, **body}, keep=kept)


def by_lease(lease_id: str) -> Step:
    """Give a lease's slots back."""
    return post(f"{SLOTS}/decrement-with-lease", {"lease_id": lease_id})


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
}
