"""Records what a server answers to every proposed state, from every state, for flow runs and task runs.

Run it against the reference to make `transitions.json` anew:
`python -m tests.rules.record http://127.0.0.1:4200/api tests/rules/transitions.json`.
"""

from __future__ import annotations

import http.client
import json
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

State = dict[str, Any]
STORED = {"type": "result", "storage_key": "x", "storage_block_id": None, "expiration": None}

TRIES = 30


def after(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def due(seconds: float) -> State:
    return {"state_details": {"scheduled_time": after(seconds)}}


def states() -> dict[str, State]:
    """Every state that is proposed, and left, by its name in the table."""
    pause = {"pause_timeout": after(300), "pause_key": "key"}
    return {
        "scheduled": {"type": "SCHEDULED"},
        "scheduled later": {"type": "SCHEDULED", **due(3600)},
        "scheduled before": {"type": "SCHEDULED", **due(-3600)},
        "late": {"type": "SCHEDULED", "name": "Late", **due(-3600)},
        "awaiting retry": {
            "type": "SCHEDULED",
            "name": "AwaitingRetry",
            "state_details": {"scheduled_time": after(-1)},
        },
        "pending": {"type": "PENDING"},
        "running": {"type": "RUNNING"},
        "running by name": {"type": "RUNNING", "name": "Retrying"},
        "completed": {"type": "COMPLETED"},
        "completed unpersisted": {"type": "COMPLETED", "data": {"type": "unpersisted"}},
        "completed stored": {"type": "COMPLETED", "data": STORED},
        "failed": {"type": "FAILED"},
        "failed not retriable": {"type": "FAILED", "state_details": {"retriable": False}},
        "cancelled": {"type": "CANCELLED"},
        "crashed": {"type": "CRASHED"},
        "cancelling": {"type": "CANCELLING"},
        "paused": {"type": "PAUSED", "name": "Paused", "state_details": pause},
        "suspended": {"type": "PAUSED", "name": "Suspended", "state_details": {**pause, "pause_reschedule": True}},
    }


class Api:
    """A server's API over one connection; what a busy SQLite refuses is tried again."""

    def __init__(self, url: str) -> None:
        self.address = urlsplit(url)
        self.connection = self.connect()
        self.agent = ""

    def connect(self) -> http.client.HTTPConnection:
        assert self.address.hostname
        return http.client.HTTPConnection(self.address.hostname, self.address.port)

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        for _ in range(TRIES):
            try:
                status, content = self.once(method, path, body)
            except (http.client.HTTPException, OSError):
                self.connection = self.connect()
                continue
            if status < 500:
                return status, json.loads(content) if content else None
            time.sleep(0.2)
        return 599, None

    def once(self, method: str, path: str, body: Any) -> tuple[int, bytes]:
        headers = {"content-type": "application/json", "x-prefect-api-version": "0.8.4"}
        if self.agent:
            headers["user-agent"] = self.agent
        content = None if body is None else json.dumps(body)
        self.connection.request(method, self.address.path + path, content, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read()


class Recorder:
    """Makes one run for each pair of states and notes what came of the proposal."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.flow_id = api("POST", "/flows/", {"name": f"transitions-{uuid4()}"})[1]["id"]
        self.running = self.make("flow_runs", "running", {"flow_id": self.flow_id})

    def make(self, kind: str, state: str | None, body: dict[str, Any]) -> str:
        """Make a run and put it into a state, by force."""
        run_id: str = self.api("POST", f"/{kind}/", body)[1]["id"]
        if state is not None:
            self.api("POST", f"/{kind}/{run_id}/set_state", {"state": states()[state], "force": True})
        return run_id

    def flow_run(self, first: str | None, retries: int = 0) -> str:
        policy = {"retries": retries, "retry_delay": 0}
        return self.make("flow_runs", first, {"flow_id": self.flow_id, "empirical_policy": policy})

    def task_run(self, first: str | None, retries: int = 0, parent: str | None = None) -> str:
        body = {"flow_run_id": parent, "task_key": "key", "dynamic_key": str(uuid4())}
        return self.make("task_runs", first, {**body, "empirical_policy": {"retries": retries, "retry_delay": 0}})

    def propose(self, kind: str, run_id: str, name: str) -> list[Any]:
        """Propose a state and return what was answered and what the run is then."""
        status, result = self.api("POST", f"/{kind}/{run_id}/set_state", {"state": states()[name]})
        run = self.api("GET", f"/{kind}/{run_id}")[1]
        details, state = result["details"], result["state"]
        answer = [status, result["status"], state and state["type"], state and state["name"]]
        return [*answer, details["type"], details.get("delay_seconds"), *self.seen(run)]

    def seen(self, run: dict[str, Any]) -> list[Any]:
        """Return what of a run does not depend on the time of day."""
        times = ("start_time", "end_time", "next_scheduled_start_time", "expected_start_time")
        policy = run["empirical_policy"]
        return [
            run["state_type"],
            run["state_name"],
            run["run_count"],
            *[run[name] is not None for name in times],
            run["total_run_time"] > 0,
            run["state"]["state_details"]["scheduled_time"] is not None,
            run["state"]["data"],
            [policy.get(name) for name in ("pause_keys", "resuming", "retry_type")],
        ]

    def record(self) -> dict[str, list[Any]]:
        """Return the whole table: what happened, by kind of run, retries, state before and state proposed."""
        table: dict[str, list[Any]] = {}
        for first in [None, *states()]:
            for second in states():
                table[f"flow run, {first} -> {second}"] = self.propose("flow_runs", self.flow_run(first), second)
                run_id = self.task_run(first, parent=self.running)
                table[f"task run, {first} -> {second}"] = self.propose("task_runs", run_id, second)
        for first in ("running", "pending", "awaiting retry"):
            for second in ("failed", "failed not retriable", "crashed", "completed"):
                run_id = self.flow_run(first, 1)
                table[f"flow run, 1 retry, {first} -> {second}"] = self.propose("flow_runs", run_id, second)
                run_id = self.task_run(first, 1, self.running)
                table[f"task run, 1 retry, {first} -> {second}"] = self.propose("task_runs", run_id, second)
        for parent in states():
            run_id = self.task_run("pending", parent=self.flow_run(parent))
            table[f"task run of a flow run {parent}, pending -> running"] = self.propose("task_runs", run_id, "running")
        table["task run alone, pending -> running"] = self.propose("task_runs", self.task_run("pending"), "running")
        return table


def main() -> None:
    table = Recorder(Api(sys.argv[1])).record()
    with open(sys.argv[2], "w") as file:
        file.write("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in table.items()) + "\n}\n")


if __name__ == "__main__":
    main()
