"""Records what a server answers to longer stories than one change of state: retries, pauses, repeats, subflows.

Run it against the reference to make `transitions.json` anew:
`python -m tests.reference.record_transitions http://127.0.0.1:4200/api tests/reference/transitions.json`.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.reference.further_stories import DEPLOYMENT, Body, Step, Story, further
from tests.rules.record import Api, after, due, states

ENDS = ("completed", "completed stored", "failed", "cancelled", "crashed")
LATER = ("scheduled", "awaiting retry", "late", "pending", "running", "paused", "suspended", "cancelling")
KINDS = {"run": "flow_runs", "task": "task_runs", "other": "task_runs", "sub": "flow_runs"}
RUNNING, FAILED, PENDING, COMPLETED = ({"type": kind} for kind in ("RUNNING", "FAILED", "PENDING", "COMPLETED"))
ONE, TWO = str(uuid4()), str(uuid4())
TOLD = {None, "go", "too slow", "all done"}
"""What the stories' own messages say; a server's are its own."""


def named(name: str, **details: Any) -> Body:
    """Return a state of the table of pairs, with further details."""
    state = states()[name]
    return {**state, "state_details": {**state.get("state_details", {}), **details}}


def stories() -> dict[str, Story]:
    """Every story: what its runs are made with, and what is proposed to them in turn, by force where it says so."""
    return {
        **{f"{who} repeats a transition": repeats(who) for who in ("run", "task")},
        **{f"{who} retries, {name}": retries(who, policy) for who in ("run", "task") for name, policy in policies()},
        "task retries by a list of delays": retries("task", {"retries": 3, "retry_delay": [10, 20]}),
        "task has no delays in its list": retries("task", {"retries": 1, "retry_delay": []}),
        **{f"{who} waits": waits(who) for who in ("run", "task")},
        **{f"{who} is forced": forced(who) for who in ("run", "task")},
        **{f"{who} fails with words and data": worded(who) for who in ("run", "task")},
        **{f"run pauses, {made}": pauses(body) for made, body in (("alone", {}), ("deployed", deployed()))},
        **{f"deployed run, {a} -> {b}": deployed_pair(a, b) for a in (*ENDS, *LATER) for b in LATER},
        "task in a flow run that retries": task_of_a_retried_run(),
        **{
            f"task with {retries} retries, {end} after 2 runs -> {second}": ended_task(retries, end, second)
            for retries in (0, 2)
            for end in ("failed not retriable", "cancelled", "completed")
            for second in ("running", "pending", "scheduled", "failed")
        },
        **{
            f"task ended {end} in an earlier run of its flow run, {name}": task_of_an_earlier_run(end, seconds)
            for end in ("failed", "cancelled", "completed", "running", "awaiting retry")
            for name, seconds in (("running", [RUNNING, FAILED]), ("pending", [PENDING, RUNNING, FAILED]))
        },
        **{
            f"run's pause has run out, {name} -> {second}": overdue(name, second)
            for name in ("paused", "suspended")
            for second in (
                "scheduled",
                "pending",
                "completed",
                "failed",
                "cancelled",
                "crashed",
                "cancelling",
                "paused",
            )
        },
        **{
            f"run retried, {end} -> {second}": retried_run(end, second)
            for end in ("completed", "failed", "cancelled", "crashed")
            for second in ("pending", "running", "scheduled", "completed")
        },
        **{
            f"resumed run, {first} -> {second} by force": forced_while_resuming(first, second)
            for first in ("running", "paused", "failed", "scheduled")
            for second in ("running", "completed", "scheduled")
        },
        "run is due in less than a second": ({}, [("run", {"type": "SCHEDULED", **due(0.45)}), ("run", RUNNING)]),
        "subflow": subflow(),
        "subflow that retries": ({"sub": {"empirical_policy": {"retries": 1}}}, subflow()[1]),
        "task has an empty name": ({"task": {}}, [("run", RUNNING), ("task", {"type": "RUNNING", "name": ""})]),
        "run has an empty name": ({}, [("run", {"type": "RUNNING", "name": ""})]),
        "run pauses without a key": ({}, [("run", RUNNING), ("run", {"type": "PAUSED"}), ("run", RUNNING)]),
        "run's pause has run out": (
            {},
            [("run", RUNNING), ("run", named("paused", pause_timeout=after(-3600))), ("run", RUNNING)],
        ),
        "run completes after a pause": (
            {"run": {"empirical_policy": {"retries": 1}}},
            [
                ("run", RUNNING),
                ("run", named("paused")),
                ("run", RUNNING),
                ("run", FAILED),
                ("run", RUNNING),
                ("run", COMPLETED),
                ("run", RUNNING),
                ("run", named("paused")),
                ("run", COMPLETED),
                ("run", RUNNING),
            ],
        ),
        "run's pause has run out, and it ends": (
            {},
            [
                ("run", RUNNING),
                ("run", named("paused", pause_timeout=after(-3600))),
                ("run", COMPLETED),
                ("run", RUNNING),
                ("run", named("suspended", pause_timeout=after(-3600)), True),
                ("run", {"type": "SCHEDULED"}),
                ("run", {"type": "CANCELLED"}),
                ("run", named("suspended", pause_timeout=after(-3600)), True),
                ("run", RUNNING),
            ],
        ),
        "run retries while it is paused": (
            {"run": {"empirical_policy": {"retries": 1}}},
            [("run", RUNNING), ("run", named("paused")), ("run", FAILED), ("run", RUNNING)],
        ),
        **further(),
    }


def policies() -> list[tuple[str, Body]]:
    """Ways to say how often a run is tried again."""
    return [
        ("now", {"retries": 2, "retry_delay": 0}),
        ("after a delay", {"retries": 1, "retry_delay": 30}),
        ("by the older names", {"max_retries": 1, "retry_delay_seconds": 40}),
        ("by both names", {"max_retries": 5, "retries": 1, "retry_delay_seconds": 50, "retry_delay": 20}),
        ("never, by both names", {"max_retries": 5, "retries": 0, "retry_delay": 20}),
        ("without a delay", {"retries": 1, "retry_delay_seconds": 60}),
    ]


def repeats(who: str) -> Story:
    one, two = {"transition_id": ONE}, {"transition_id": TWO}
    steps: list[Step] = [("run", RUNNING)] if who == "task" else []
    for name, details in [
        ("scheduled", two),
        ("pending", one),
        ("pending", one),
        ("running", one),
        ("running", two),
        ("running", two),
        ("running", one),
        ("completed", one),
        ("completed", two),
        ("failed", two),
        ("scheduled", two),
        ("crashed", two),
        ("running", one),
        ("completed stored", one),
        ("running", one),
        ("crashed", one),
        ("running", {}),
        ("cancelling", two),
        ("running", two),
        ("paused", two),
        ("cancelled", one),
        ("pending", one),
    ]:
        steps.append((who, named(name, **details)))
    return {"task": {}}, steps


def retries(who: str, policy: Body) -> Story:
    start: list[Step] = [("run", RUNNING)] if who == "task" else []
    again: list[Step] = [(who, RUNNING, True), (who, FAILED)]
    return {who: {"empirical_policy": policy}}, [*start, *again * 4, (who, RUNNING)]


def waits(who: str) -> Story:
    body: Body = {"task": {}}
    start: list[Step] = [("run", RUNNING)] if who == "task" else []
    near, far = ({"type": "SCHEDULED", **due(seconds)} for seconds in (1000.4, 2000.9))
    return body, [
        *start,
        (who, near),
        (who, RUNNING),
        (who, PENDING),
        (who, RUNNING),
        (who, far),
        (who, RUNNING),
        (who, {"type": "PENDING", **due(3000.4)}),
        (who, RUNNING),
        (who, RUNNING, True),
    ]


def forced(who: str) -> Story:
    body: Body = {"task": {}}
    names = [
        "pending",
        "completed stored",
        "running",
        "completed stored",
        "scheduled",
        "cancelled",
        "late",
        "crashed",
        "paused",
        "cancelling",
        "scheduled",
        "cancelling",
        "running",
        "failed",
        "suspended",
    ]
    return body, [(who, named(name, transition_id=ONE), True) for name in names]


def worded(who: str) -> Story:
    start: list[Step] = [("run", RUNNING)] if who == "task" else []
    failed = {
        "type": "FAILED",
        "name": "TimedOut",
        "message": "too slow",
        "data": {"type": "result", "storage_key": "y"},
    }
    body = {"empirical_policy": {"retries": 1, "retry_delay": 0}}
    return {who: body}, [
        *start,
        (who, {"type": "RUNNING", "message": "go"}),
        (who, failed),
        (who, RUNNING),
        (who, failed),
    ]


def deployed() -> Body:
    return {"run": {"deployment_id": DEPLOYMENT}}


def deployed_pair(first: str, second: str) -> Story:
    return deployed(), [("run", RUNNING), ("run", named(first), True), ("run", named(second))]


def pauses(body: Body) -> Story:
    names = [
        ("paused", "a"),
        ("running", None),
        ("paused", "a"),
        ("paused", "b"),
        ("paused", "c"),
        ("running", None),
        ("suspended", "d"),
        ("running", None),
        ("pending", None),
        ("scheduled", None),
        ("pending", None),
        ("running", None),
        ("suspended", "d"),
        ("paused", "e"),
        ("completed", None),
    ]
    return body, [
        ("run", RUNNING),
        *[("run", named(name, **({"pause_key": key} if key else {}))) for name, key in names],
    ]


def task_of_a_retried_run() -> Story:
    policy = {"empirical_policy": {"retries": 1, "retry_delay": 0}}
    life: list[Step] = [("run", RUNNING), *[("task", state) for state in (RUNNING, FAILED, RUNNING, FAILED, RUNNING)]]
    return {"run": policy, "task": policy}, [*life, ("task", FAILED), ("run", FAILED), *life, ("task", COMPLETED)]


def ended_task(retries: int, end: str, second: str) -> Story:
    start: list[Step] = [("run", RUNNING), *[("task", RUNNING)] * 2, ("task", named(end)), ("task", named(second))]
    policy = {"empirical_policy": {"retries": retries, "retry_delay": 0}}
    return {"task": policy}, [*start, ("task", RUNNING), ("task", FAILED)]


def task_of_an_earlier_run(end: str, seconds: list[Body]) -> Story:
    policy = {"empirical_policy": {"retries": 1, "retry_delay": 0}}
    life: list[Step] = [("run", RUNNING), ("task", RUNNING), ("task", RUNNING), ("task", named(end)), ("run", RUNNING)]
    return {"task": policy}, [*life, *[("task", state) for state in seconds]]


def overdue(name: str, second: str) -> Story:
    return deployed(), [("run", RUNNING), ("run", named(name, pause_timeout=after(-3600))), ("run", named(second))]


def retried_run(end: str, second: str) -> Story:
    policy = {"empirical_policy": {"retries": 1, "retry_delay": 0, "pause_keys": ["key"], "resuming": True}}
    return {"run": {**policy, **deployed()["run"]}}, [
        ("run", RUNNING),
        ("run", FAILED),
        ("run", RUNNING),
        ("run", named("paused", pause_key="b")),
        ("run", RUNNING),
        ("run", named(end)),
        ("run", named(second)),
        ("run", RUNNING),
    ]


def forced_while_resuming(first: str, second: str) -> Story:
    pause: list[Step] = [("run", RUNNING), ("run", named("paused")), ("run", RUNNING)]
    return {}, [
        *pause,
        ("run", named(first), True),
        ("run", named("paused"), True),
        ("run", {"type": "SCHEDULED"}),
        ("run", named(first), True),
        ("run", named(second), True),
        ("run", RUNNING),
    ]


def subflow() -> Story:
    done = {"type": "COMPLETED", "message": "all done", "data": {"type": "result", "storage_key": "x"}}
    return {"sub": {}}, [
        ("run", RUNNING),
        ("sub", PENDING),
        ("sub", RUNNING),
        ("sub", FAILED),
        ("sub", RUNNING),
        ("sub", done),
        ("sub", RUNNING),
        ("sub", FAILED, True),
    ]


class Teller:
    """Plays stories on a server and notes what came of each step."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.flow_id = api("POST", "/flows/", {"name": f"stories-{uuid4()}"})[1]["id"]
        status, made = api("POST", "/deployments/", {"name": "stories", "flow_id": self.flow_id})
        self.deployment_id = made["id"] if status < 300 else str(uuid4())

    def tell(self, story: Story) -> list[Any]:
        """Make the story's runs and return what each of its steps did."""
        bodies, steps = story
        ids = {"run": self.flow_run(bodies.get("run", {}))}
        if bodies.get("pid"):
            self.api("PATCH", f"/flow_runs/{ids['run']}", {"infrastructure_pid": bodies["pid"]})
        if "task" in bodies or "sub" in bodies:
            ids["task"] = self.task_run(ids["run"], {**bodies.get("task", {}), **self.limited(bodies)})
        if "other" in bodies:
            ids["other"] = self.task_run(ids["run"], bodies["other"])
        if "sub" in bodies:
            ids["sub"] = self.flow_run({**bodies["sub"], "parent_task_run_id": ids["task"]})
        told: list[Any] = [[self.seen(who, run_id) for who, run_id in ids.items()]]
        for who, state, *force in steps:
            told.append([*self.answered(who, ids[who], state, bool(force)), self.seen(who, ids[who])])
            if who == "sub":
                told[-1].append(self.seen("task", ids["task"]))
        return told

    def limited(self, bodies: Body) -> Body:
        """Make a limit of a new tag if the story has one, and return what gives a task run that tag."""
        if "limit" not in bodies:
            return {}
        tag = f"stories-{uuid4()}"
        self.api("POST", "/concurrency_limits/", {"tag": tag, "concurrency_limit": bodies["limit"]})
        return {"tags": [*bodies["task"]["tags"], tag]}

    def flow_run(self, body: Body) -> str:
        if body.get("deployment_id") == DEPLOYMENT:
            body = {**body, "deployment_id": self.deployment_id}
        made: str = self.api("POST", "/flow_runs/", {"flow_id": self.flow_id, **body})[1]["id"]
        return made

    def task_run(self, flow_run_id: str, body: Body) -> str:
        key = {"flow_run_id": flow_run_id, "task_key": "key", "dynamic_key": str(uuid4())}
        made: str = self.api("POST", "/task_runs/", {**key, **body})[1]["id"]
        return made

    def answered(self, who: str, run_id: str, state: Body, force: bool) -> list[Any]:
        status, result = self.api("POST", f"/{KINDS[who]}/{run_id}/set_state", {"state": state, "force": force})
        if result is None:
            return [status]
        new, details = result["state"], result["details"]
        return [status, result["status"], new and [new["type"], new["name"]], details.get("delay_seconds")]

    def seen(self, who: str, run_id: str) -> list[Any]:
        """Return what of a run does not depend on the time of day, on chance or on the server's words."""
        run = self.api("GET", f"/{KINDS[who]}/{run_id}")[1]
        state, details = run["state"], run["state"]["state_details"]
        message = state["message"] if state["message"] in TOLD else "the server's own"
        return [
            [run["state_type"], run["state_name"], message, state["data"], details["child_flow_run_id"] is not None],
            [run["run_count"], run.get("flow_run_run_count")],
            [run[name] is not None for name in ("start_time", "end_time")],
            [whole(run[name]) for name in ("next_scheduled_start_time", "expected_start_time")],
            [whole(details["scheduled_time"]), whole(details["pause_timeout"]), details["pause_key"]],
            [details["pause_reschedule"], details["retriable"], details["transition_id"] is not None],
            policy_of(run),
            *["parameters" for _ in [0] if details["task_parameters_id"] is not None],
        ]


def policy_of(run: Body) -> Body:
    """Return a run's policy; a pause's key may be drawn by the server, and keys have no order."""
    policy = {name: value for name, value in run["empirical_policy"].items() if name != "retry_jitter_factor"}
    if "pause_keys" in policy:
        policy["pause_keys"] = sorted(key if len(key) < 30 else "drawn" for key in policy["pause_keys"])
    return policy


def whole(moment: str | None) -> int | None:
    """Return how far ahead a time lies, to 10 seconds."""
    if moment is None:
        return None
    ahead = datetime.fromisoformat(moment.replace("Z", "+00:00")) - datetime.now(UTC)
    return round(ahead.total_seconds() / 10) * 10


def main() -> None:
    """Tell the stories whose names begin as a third argument says, all without one; keep the others' lines."""
    teller, path = Teller(Api(sys.argv[1])), Path(sys.argv[2])
    known = json.loads(path.read_text()) if path.exists() else {}
    told = {
        name: teller.tell(stories()[name]) if name.startswith((sys.argv[3:] and sys.argv[3]) or "") else known[name]
        for name in stories()
    }
    lines = [f"{json.dumps(name)}: {json.dumps(one, separators=(',', ':'))}" for name, one in told.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
