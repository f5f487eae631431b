"""Records what a server does about the limits of deployments, step by step.

Run it against the reference to make `deployments.json` anew:
`python -m tests.orchestration.record_deployments http://127.0.0.1:4200/api tests/orchestration/deployments.json`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from tests.rules.record import Api

Body = dict[str, Any]
Step = tuple[str, Body, bool]

NEW, OLD, OLDEST, OTHER = (
    "prefect/3.8.8 (API 0.8.4)",
    "prefect/3.2.0 (API 0.8.4)",
    "prefect/3.0.2 (API 0.8.4)",
    "something else",
)


class Case(NamedTuple):
    """How many runs may go on, what becomes of the others, which client asks, and what it proposes to runs a and b."""

    limit: int
    strategy: str
    agent: str
    steps: list[Step]


def steps(*texts: str) -> list[Step]:
    """Read steps: `a PENDING`, with a name `a PENDING/Submitting`, by force `a PENDING!`."""
    found = []
    for text in texts:
        who, wanted = text.split(" ")
        kind, _, name = wanted.rstrip("!").partition("/")
        found.append((who, {"type": kind, "name": name or None}, wanted.endswith("!")))
    return found


def cases() -> dict[str, Case]:
    """Every case by its name."""
    through = steps("a PENDING", "b PENDING", "a RUNNING", "b PENDING", "a COMPLETED", "b PENDING", "b RUNNING")
    found = {
        f"{strategy}, {limit} at once, {name} client": Case(limit, strategy, agent, through)
        for strategy in ("ENQUEUE", "CANCEL_NEW")
        for limit in (0, 1, 2)
        for name, agent in (("new", NEW), ("old", OLD), ("oldest", OLDEST), ("other", OTHER))
    }
    for end in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED", "SCHEDULED", "PAUSED", "SCHEDULED/AwaitingRetry"):
        for left in ("PENDING", "RUNNING", "CANCELLING"):
            way = steps(
                "a PENDING", *(["a RUNNING"] if left == "RUNNING" else []), f"a {left}!", f"a {end}", "b PENDING"
            )
            found[f"{left} -> {end}"] = Case(1, "ENQUEUE", NEW, way)
            forced = [*way[:-2], (*way[-2][:2], True), way[-1]]
            found[f"{left} -> {end} by force"] = Case(1, "ENQUEUE", NEW, forced)
    for name, way in {
        "taken by force": steps("a PENDING!", "b PENDING", "a RUNNING", "a COMPLETED", "b RUNNING"),
        "submitted by one after another": steps("a PENDING", "a PENDING/Submitting", "a RUNNING", "b PENDING"),
        "running at once": steps("a RUNNING", "b PENDING", "b RUNNING", "a COMPLETED"),
        "after an end": steps("a PENDING", "a RUNNING", "a FAILED", "a PENDING", "b PENDING", "a RUNNING"),
        "cancelled while pending": steps("a PENDING", "a CANCELLING", "b PENDING", "a CANCELLED", "b PENDING"),
    }.items():
        for client, agent in (("new", NEW), ("old", OLD)):
            found[f"{name}, {client} client"] = Case(1, "ENQUEUE", agent, way)
    return found


def told(status: int, result: Any, lease: str | None) -> list[Any]:
    """Return what an answer says, and whether the state names a lease: none, a new one, or the one before."""
    state, details = result["state"], result["details"]
    now = state["state_details"]["deployment_concurrency_lease_id"] if state else None
    said = None if now is None else "kept" if now == lease else "new"
    return [status, result["status"], state and [state["type"], state["name"]], details["type"], said]


class Recorder:
    """Plays cases on a server."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.flow_id = api("POST", "/flows/", {"name": f"deployments-{uuid4()}"})[1]["id"]

    def play(self, case: Case) -> list[Any]:
        self.api.agent = case.agent
        options = {"collision_strategy": case.strategy}
        body = {"name": str(uuid4()), "flow_id": self.flow_id, "concurrency_limit": 1}
        made = self.api("POST", "/deployments/", {**body, "concurrency_options": options})[1]
        self.api("PATCH", f"/v2/concurrency_limits/deployment:{made['id']}", {"limit": case.limit})
        runs = {who: self.run(made["id"]) for who in "ab"}
        answers, leases = [], dict.fromkeys(runs)
        for who, state, force in case.steps:
            status, result = self.api("POST", f"/flow_runs/{runs[who]}/set_state", {"state": state, "force": force})
            answers.append([*told(status, result, leases[who]), self.taken(made["id"])])
            state_now = self.api("GET", f"/flow_runs/{runs[who]}")[1]["state"]
            leases[who] = state_now["state_details"]["deployment_concurrency_lease_id"]
        return answers

    def run(self, deployment_id: str) -> str:
        body = {"flow_id": self.flow_id, "deployment_id": deployment_id, "state": {"type": "SCHEDULED"}}
        made: str = self.api("POST", "/flow_runs/", body)[1]["id"]
        return made

    def taken(self, deployment_id: str) -> int:
        limit = self.api("GET", f"/v2/concurrency_limits/deployment:{deployment_id}")[1]
        return int(limit["active_slots"])


def main() -> None:
    recorder = Recorder(Api(sys.argv[1]))
    lines = [f"{json.dumps(name)}: {json.dumps(recorder.play(case))}" for name, case in cases().items()]
    Path(sys.argv[2]).write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
