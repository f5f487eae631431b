"""The graph and the counts of a real flow are those that the reference's server gives."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from tests.reference.conftest import at_once
from tests.reference.reading import HEX_NAME, Reader
from tests.running import Server

Run = Callable[..., subprocess.CompletedProcess[str]]
Drawn = Callable[[Server], tuple[str, Reader]]


@pytest.fixture(scope="module")
def drawn(run: Run) -> Drawn:
    """Let the reference's SDK run the flow on a server, once each, and return the run's id and a reader."""
    known: dict[str, str] = {}

    def drawn(server: Server) -> tuple[str, Reader]:
        if server.url not in known:
            done = run("prefect", server, "graphs.py")
            assert done.returncode == 0, done.stderr
            known[server.url] = json.loads(done.stdout.splitlines()[-1])["run"]
        return known[server.url], Reader(server.url)

    return drawn


def graph(run: str, reader: Reader) -> dict[str, Any]:
    """Return a graph with names in the place of ids; edges are sets, since the reference repeats some."""
    found = reader.get(f"/flow_runs/{run}/graph-v2")
    names = {node_id: HEX_NAME.sub("", node["label"].partition(" / ")[0]) for node_id, node in found["nodes"]}

    def named(edges: list[dict[str, str]]) -> list[str]:
        return [names[edge] for edge in sorted({edge["id"] for edge in edges}, key=lambda edge: names[edge])]

    nodes = [
        (
            names[node_id],
            node["kind"],
            node["state_type"],
            [node["end_time"] is None, node["artifacts"]],
            *(named(node[edges]) for edges in ("parents", "children", "encapsulating")),
        )
        for node_id, node in found["nodes"]
    ]
    return {
        "nodes": sorted(nodes, key=str),
        "first": names[found["nodes"][0][0]],
        "roots": sorted(names[root] for root in found["root_node_ids"]),
        "states": [(state["type"], state["name"]) for state in found["states"]],
        "times": [found["start_time"] is None, found["end_time"] is None],
        "keys": sorted(found),
    }


def counts(run: str, reader: Reader) -> dict[str, Any]:
    """Return what is counted of a run."""
    ours = {"flow_runs": {"id": {"any_": [run]}}}
    day = {"history_start": "2000-01-01T00:00:00Z", "history_end": "2100-01-01T00:00:00Z"}
    history = reader.post("/task_runs/history", {**ours, **day, "history_interval_seconds": 10**10})
    window = {"start_time": {"after_": "2020-01-01T00:00:00Z"}}
    outcomes = reader.post("/ui/task_runs/dashboard/counts", {**ours, "task_runs": window})
    return {
        "history": [[(each["state_name"], each["count_runs"]) for each in one["states"]] for one in history],
        "by state": reader.post("/ui/task_runs/count", ours),
        "without subflows": list(reader.post("/ui/flow_runs/count-task-runs", {"flow_run_ids": [run]}).values()),
        "outcomes": [sum(each[name] for each in outcomes) for name in ("completed", "failed")],
        "dependencies": len(reader.get(f"/flow_runs/{run}/graph")),
    }


@pytest.mark.parametrize("read", [graph, counts])
def test_a_real_flow_is_drawn_and_counted_as_by_the_reference(
    drawn: Drawn, lictor_server: Server, reference_server: Server, read: Callable[[str, Reader], dict[str, Any]]
) -> None:
    ours, theirs = (read(*each) for each in at_once(drawn, lictor_server, reference_server))
    assert ours == theirs
    assert ours
