"""What the server costs: each row returns CPU milliseconds of the server's process tree."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from websockets.sync.client import connect
from websockets.typing import Subprotocol

from benchmarks.http import Connection
from benchmarks.measure import cost, cpu, settle
from benchmarks.servers import Subject, connection, patiently

SEEDED = 20_000
PAGE = 200
TASK_RUNS = 300
WAITING = 10_000


class Load:
    """One server under load, and what was made on it."""

    def __init__(self, server: Subject) -> None:
        self.server, self.pid = server, server.pid
        self.api: Connection = connection(server)
        self.flow_id: str = patiently(self.api, "POST", "/flows/", {"name": "benchmark"})["id"]

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        return patiently(self.api, method, path, body)

    def make_run(self) -> str:
        body = {"flow_id": self.flow_id, "state": {"type": "PENDING"}, "parameters": {"x": 1}}
        run_id: str = self.ask("POST", "/flow_runs/", body)["id"]
        return run_id

    def set_state(self, run_id: str, state: str) -> None:
        body = {"state": {"type": state, "state_details": {"transition_id": str(uuid.uuid4())}}, "force": False}
        self.ask("POST", f"/flow_runs/{run_id}/set_state", body)

    def life(self) -> str:
        run_id = self.make_run()
        for state in ("SCHEDULED", "RUNNING", "COMPLETED"):
            self.set_state(run_id, state)
        return run_id


def run_life(load: Load, times: int) -> float:
    """Create a run and set three states, one after the other on one connection."""
    return cost(load.pid, load.life, times)


def read_run(load: Load, times: int) -> float:
    """Read a run by its id."""
    run_id = load.life()
    return cost(load.pid, lambda: load.ask("GET", f"/flow_runs/{run_id}"), times * 4)


def lease_churn(load: Load, times: int) -> float:
    """Take slots of a limit by a lease, renew it, and give it back."""
    path, name = "/v2/concurrency_limits", f"limit-{uuid.uuid4()}"
    load.ask("POST", f"{path}/", {"name": name, "limit": 10})

    def churn() -> None:
        lease = load.ask("POST", f"{path}/increment-with-lease", {"names": [name], "slots": 1})["lease_id"]
        load.ask("POST", f"{path}/leases/{lease}/renew", {"lease_duration": 300})
        load.ask("POST", f"{path}/decrement-with-lease", {"lease_id": lease})

    return cost(load.pid, churn, times)


def filter_runs(load: Load, times: int) -> float:
    """List 200 runs out of 20,000 by state, newest first."""
    seed(load)
    body = {"flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}, "sort": "START_TIME_DESC", "limit": PAGE}

    def ask() -> None:
        assert len(load.ask("POST", "/flow_runs/filter", body)) == PAGE

    return cost(load.pid, ask, max(times // 4, 5))


def seed(load: Load) -> None:
    """Make runs until there are enough; those of the reference are made by COMPLETED at birth, for it is slow."""
    body = {"flow_id": load.flow_id, "state": {"type": "COMPLETED"}, "tags": ["seeded"]}
    while load.ask("POST", "/flow_runs/count", {}) < SEEDED:
        for _ in range(500):
            load.ask("POST", "/flow_runs/", body)


def task_run_events(flow_run_id: str) -> list[str]:
    """Return the three events of a task run, as the reference's client sends them."""
    run_id, begun = str(uuid.uuid4()), datetime.now(UTC)
    told, follows, initial = [], None, None
    for step, state in enumerate(("PENDING", "RUNNING", "COMPLETED")):
        moment = (begun + timedelta(milliseconds=step)).isoformat()
        event_id = str(uuid.uuid4())
        validated: dict[str, Any] = {
            "type": state,
            "name": state.title(),
            "message": "",
            "state_details": {},
            "data": None,
        }
        run = {
            "name": "noop-1",
            "task_key": "noop-1234",
            "dynamic_key": run_id,
            "empirical_policy": {"max_retries": 0, "retry_delay_seconds": 0.0, "retries": 0, "retry_delay": 0},
            "tags": [],
            "labels": {},
            "task_inputs": {},
            "run_count": min(step, 1),
            "flow_run_run_count": 1,
            "expected_start_time": begun.isoformat(),
            "total_run_time": 0.0,
        }
        resource = {
            "prefect.resource.id": f"prefect.task-run.{run_id}",
            "prefect.resource.name": "noop-1",
            "prefect.run-count": str(min(step, 1)),
            "prefect.state-message": "",
            "prefect.state-name": state.title(),
            "prefect.state-timestamp": moment,
            "prefect.state-type": state,
            "prefect.orchestration": "client",
        }
        related = [
            {"prefect.resource.id": f"prefect.flow-run.{flow_run_id}", "prefect.resource.role": "flow-run"},
            {"prefect.resource.id": f"prefect.flow.{run_id}", "prefect.resource.role": "flow"},
        ]
        payload = {"intended": {"from": None, "to": state}, "initial_state": initial, "validated_state": validated}
        event = {"id": event_id, "occurred": moment, "event": f"prefect.task-run.{state.title()}", "follows": follows}
        told.append(
            json.dumps({**event, "resource": resource, "related": related, "payload": {**payload, "task_run": run}})
        )
        follows, initial = event_id, validated
    return told


def events_in(load: Load, times: int) -> float:
    """Send the three events of a task run over a socket, until the task run can be read."""
    return send_task_runs(load, load.life(), times)


def send_task_runs(load: Load, flow_run_id: str, times: int) -> float:
    """Send the events of some task runs of a flow run over a socket, until the last can be read."""
    events = [task_run_events(flow_run_id) for _ in range(times)]
    done = {
        "task_runs": {"flow_run_id": {"any_": [flow_run_id]}, "state": {"type": {"any_": ["COMPLETED"]}}},
    }
    address = f"ws://127.0.0.1:{load.server.port}/api/events/in"
    with connect(address, subprotocols=[Subprotocol("prefect")], proxy=None) as socket:
        socket.send('{"type":"auth","token":null}')
        socket.recv(timeout=30)
        before = cpu(load.pid)
        for event in [each for three in events for each in three]:
            socket.send(event)
        while load.ask("POST", "/task_runs/count", done) < times:
            settle(load.pid)
        settle(load.pid)
        return (cpu(load.pid) - before) * 1000 / times


def log_lines(load: Load, times: int) -> float:
    """Send 100 log lines."""
    run_id = load.life()

    def line(number: int) -> dict[str, Any]:
        return {
            "name": "prefect.flow_runs",
            "level": 20,
            "message": f"line {number} of a hundred, as long as log lines usually are",
            "timestamp": datetime.now(UTC).isoformat(),
            "flow_run_id": run_id,
        }

    return cost(load.pid, lambda: load.ask("POST", "/logs/", [line(n) for n in range(100)]), max(times // 2, 10))


def graph(load: Load, times: int) -> float:
    """Read the graph of a flow run with 300 task runs."""
    run_id = load.life()
    send_task_runs(load, run_id, TASK_RUNS)

    def ask() -> None:
        assert len(load.ask("GET", f"/flow_runs/{run_id}/graph-v2")["nodes"]) == TASK_RUNS

    return cost(load.pid, ask, max(times // 20, 5))


def history(load: Load, times: int) -> float:
    """Read the history of a week in hours, of what there is by then."""
    end = datetime.now(UTC)
    body = {
        "history_start": (end - timedelta(days=7)).isoformat(),
        "history_end": end.isoformat(),
        "history_interval_seconds": 3600,
    }
    return cost(load.pid, lambda: load.ask("POST", "/flow_runs/history", body), max(times // 20, 5))


def filter_events(load: Load, times: int) -> float:
    """List the 50 newest events of flow runs, of what there is by then."""
    since = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    body = {"filter": {"event": {"prefix": ["prefect.flow-run."]}, "occurred": {"since": since}}, "limit": 50}
    for _ in range(50):
        load.life()

    def ask() -> None:
        assert len(load.ask("POST", "/events/filter", body)["events"]) == 50

    return cost(load.pid, ask, max(times // 8, 5))


def poll(load: Load, times: int) -> float:
    """Ask for the runs of a work pool in which 10,000 scheduled runs wait: 200 are handed out."""
    fill_pool(load)

    def ask() -> None:
        assert len(load.ask("POST", "/work_pools/benchmark/get_scheduled_flow_runs", {})) == PAGE

    return cost(load.pid, ask, max(times // 4, 5))


def fill_pool(load: Load) -> None:
    """Make a pool, and runs that wait in it until there are enough."""
    load.ask("POST", "/work_pools/", {"name": "benchmark", "type": "process", "concurrency_limit": 1000})
    there = {"work_pools": {"name": {"any_": ["benchmark"]}}}
    due = {"scheduled_time": (datetime.now(UTC) + timedelta(days=1)).isoformat()}  # so that none becomes late
    state = {"type": "SCHEDULED", "state_details": due}
    body = {"flow_id": load.flow_id, "work_pool_name": "benchmark", "state": state}
    while load.ask("POST", "/flow_runs/count", there) < WAITING:
        for _ in range(500):
            load.ask("POST", "/flow_runs/", body)
