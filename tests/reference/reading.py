"""Reads what a server keeps of flows, as plain data without ids and times, so that two servers can be compared."""

from __future__ import annotations

import re
from typing import Any

from tests.rules.record import Api

HEX_NAME = re.compile(r"-[0-9a-f]{3}\b")
RANDOM_NAME = re.compile(r"'[a-z]+-[a-z]+'")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
KEY_TAIL = re.compile(r"-[0-9a-f]{8}$")


class Reader:
    """Reads one server."""

    def __init__(self, url: str) -> None:
        self.api = Api(url)

    def get(self, path: str) -> Any:
        return self.api("GET", path)[1]

    def post(self, path: str, body: Any) -> Any:
        return self.api("POST", path, body)[1]

    def flow(self, name: str) -> list[dict[str, Any]]:
        """Return all that is kept of a flow's runs, in the order they began."""
        runs = self.post("/flow_runs/filter", {"flows": {"name": {"any_": [name]}}, "sort": "EXPECTED_START_TIME_ASC"})
        return [self.flow_run(run) for run in runs]

    def flow_run(self, run: dict[str, Any]) -> dict[str, Any]:
        """Return all that is kept of a flow run."""
        ours = {"flow_runs": {"id": {"any_": [run["id"]]}}}
        tasks = self.post("/task_runs/filter", {**ours, "sort": "EXPECTED_START_TIME_ASC"})
        names = {task["id"]: plain_name(task["name"]) for task in tasks}
        return {
            "state": [run["state_type"], run["state_name"], run["state"]["message"]],
            "run": [run["run_count"], sorted(run["tags"]), run["parameters"], run["parent_task_run_id"] is not None],
            "times": [run[name] is not None for name in ("start_time", "end_time", "next_scheduled_start_time")],
            "states": [state_of(each) for each in self.get(f"/flow_run_states/?flow_run_id={run['id']}")],
            "events": self.events(f"prefect.flow-run.{run['id']}"),
            "logs": sorted(self.logs(run["id"])),
            "tasks": sorted((self.task_run(task, names) for task in tasks), key=str),
        }

    def task_run(self, run: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
        """Return all that is kept of a task run."""
        inputs = {
            name: sorted(f"{each['input_type']} {names.get(each.get('id'), '')}".strip() for each in found)
            for name, found in run["task_inputs"].items()
        }
        key = KEY_TAIL.sub("", run["task_key"])
        if inputs.get("__parents__") == [f"task_run {key}"]:
            del inputs["__parents__"]  # no task here calls itself: threads of the reference mix runs up now and then
        return {
            "name": plain_name(run["name"]),
            "key": key,
            "state": [run["state_type"], run["state_name"]],
            "run": [run["run_count"], run["flow_run_run_count"], sorted(run["tags"])],
            "retries": run["empirical_policy"]["retries"],
            "inputs": inputs,
            "child": run["state"]["state_details"]["child_flow_run_id"] is not None,
            "states": [state_of(each) for each in self.get(f"/task_run_states/?task_run_id={run['id']}")],
            "events": self.events(f"prefect.task-run.{run['id']}"),
        }

    def events(self, resource: str) -> list[str]:
        """Return the names of a resource's events, oldest first."""
        wanted = {"resource": {"id": [resource]}, "order": "ASC"}
        found = self.post("/events/filter", {"filter": wanted, "limit": 50})["events"]
        return [each["event"] for each in found if not each["event"].endswith(".heartbeat")]

    def logs(self, flow_run_id: str) -> list[str]:
        """Return a flow run's log, those of its task runs included."""
        wanted = {"flow_run_id": {"any_": [flow_run_id]}}
        return [f"{each['level']} {each['name']}" for each in self.post("/logs/filter", {"logs": wanted})]


def plain_name(name: str) -> str:
    """Return a task run's name without its random end."""
    return HEX_NAME.sub("", name)


def state_of(state: dict[str, Any]) -> list[str]:
    """Return a state in brief."""
    return [state["type"], state["name"]]
