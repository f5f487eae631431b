"""What flow runs are made of, as it is answered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.running import Server
from tests.server.conftest import Api

Inputs = dict[str, list[str]]
Edges = dict[str, tuple[list[str], list[str], list[str]]]


class Made:
    """A flow run with task runs that are told apart by their names."""

    def __init__(self, api: Api) -> None:
        self.api, self.run, self.ids = api, api.flow_run("RUNNING"), dict[str, str]()

    def task(self, name: str, inputs: Inputs | None = None, state: str = "COMPLETED") -> None:
        """Make a task run whose inputs came from others."""
        given = {
            argument.replace("enclosing", "__parents__"): [
                {"input_type": "task_run", "id": self.ids.get(each) or str(uuid4())} for each in names
            ]
            for argument, names in (inputs or {}).items()
        }
        given["constant"] = [{"input_type": "constant", "type": "int"}, {"input_type": "parameter", "name": "p"}]
        keys = {"task_key": "k", "dynamic_key": name}
        body = {"flow_run_id": self.run, "name": name, **keys, "state": {"type": state}, "task_inputs": given}
        self.ids[name] = self.api("POST", "/task_runs/", body)[1]["id"]

    def graph(self, **query: str) -> Any:
        """Return the graph's nodes in order, edges by name, and the roots."""
        status, graph = self.api("GET", f"/flow_runs/{self.run}/graph-v2", params=query)
        assert status == 200
        names = {node_id: node["label"] for node_id, node in graph["nodes"]}

        def named(edges: list[dict[str, str]]) -> list[str]:
            return [names.get(edge["id"], "left out") for edge in edges]

        nodes = {
            node["label"]: (named(node["parents"]), named(node["children"]), named(node["encapsulating"]))
            for _, node in graph["nodes"]
        }
        return nodes, [names[root] for root in graph["root_node_ids"]], graph


GRAPHS: dict[str, tuple[list[tuple[str, Inputs]], Edges, list[str]]] = {
    "nothing": ([], {}, []),
    "alone": ([("a", {})], {"a": ([], [], [])}, ["a"]),
    "a chain": (
        [("a", {}), ("b", {"x": ["a"]}), ("c", {"x": ["b"]})],
        {"a": ([], ["b"], []), "b": (["a"], ["c"], []), "c": (["b"], [], [])},
        ["a"],
    ),
    "the same twice": (
        [("a", {}), ("b", {"x": ["a", "a"], "y": ["a"]}), ("c", {"x": ["b"]})],
        {"a": ([], ["b"], []), "b": (["a"], ["c"], []), "c": (["b"], [], [])},
        ["a"],
    ),
    "mapped": (
        [("a", {}), *((f"m{at}", {"x": ["a"]}) for at in range(3)), ("z", {"x": ["m0", "m1", "m2"]})],
        {
            "a": ([], ["m0", "m1", "m2"], []),
            **{f"m{at}": (["a"], ["z"], []) for at in range(3)},
            "z": (["m0", "m1", "m2"], [], []),
        },
        ["a"],
    ),
    "enclosed": (
        [("a", {}), ("b", {"enclosing": ["a"]}), ("c", {"enclosing": ["a"], "x": ["b"]})],
        {"a": ([], [], []), "b": ([], ["c"], ["a"]), "c": (["b"], [], ["a"])},
        ["a", "b"],
    ),
    "from elsewhere": ([("a", {"x": ["of another run"]})], {"a": ([], [], [])}, ["a"]),
}


@pytest.mark.parametrize("case", GRAPHS)
def test_a_graph_has_each_edge_once_at_both_its_ends(api: Api, case: str) -> None:
    tasks, edges, roots = GRAPHS[case]
    made = Made(api)
    for name, inputs in tasks:
        made.task(name, inputs)
    nodes, found, graph = made.graph()
    assert (nodes, found) == (edges, roots)
    assert list(nodes) == [name for name, _ in tasks]
    assert all(node_id == node["id"] for node_id, node in graph["nodes"])


def test_a_subflow_stands_in_its_task_runs_place(api: Api) -> None:
    made = Made(api)
    made.task("before")
    made.task("tracking", {"x": ["before"]})
    child = api.flow_run("COMPLETED", parent_task_run_id=made.ids["tracking"], name="child")
    nodes, roots, graph = made.graph()
    assert nodes == {"before": ([], ["a flow / child"], []), "a flow / child": (["before"], [], [])}
    assert roots == ["before"]
    assert (graph["nodes"][1][0], graph["nodes"][1][1]["kind"]) == (child, "flow-run")


def test_a_graph_has_the_runs_states_and_times(api: Api) -> None:
    made = Made(api)
    made.task('odd "name"\\')
    api("POST", f"/flow_runs/{made.run}/set_state", {"state": {"type": "COMPLETED", "name": 'Do"ne'}})
    run = api("GET", f"/flow_runs/{made.run}")[1]
    nodes, _, graph = made.graph()
    history = api("GET", f"/flow_run_states/?flow_run_id={made.run}")[1]
    assert list(nodes) == ['odd "name"\\']
    assert (graph["start_time"], graph["end_time"]) == (run["start_time"], run["end_time"])
    assert graph["states"] == [{name: state[name] for name in ("id", "timestamp", "type", "name")} for state in history]
    assert graph["artifacts"] == []


def test_what_ended_before_can_be_left_out(api: Api) -> None:
    made = Made(api)
    made.task("ended")
    made.task("goes on", {"x": ["ended"]}, "RUNNING")
    whole = made.graph(since="2020-01-01T00:00:00Z")[0]
    later, roots, _ = made.graph(since="2100-01-01T00:00:00Z")
    assert list(whole) == ["ended", "goes on"]
    assert (later, roots) == ({"goes on": (["left out"], [], [])}, [])


@pytest.mark.parametrize("path", ["graph", "graph-v2"])
def test_the_graph_of_no_run(api: Api, path: str) -> None:
    nobody = uuid4()
    expected = {"exception_message": f"Flow run with id {nobody} not found"}
    assert api("GET", f"/flow_runs/{nobody}/{path}") == (404, expected)


def test_since_must_be_a_time(api: Api) -> None:
    status, content = api("GET", f"/flow_runs/{api.flow_run()}/graph-v2?since=x")
    assert (status, content["exception_detail"][0]["loc"]) == (422, ["query", "since"])


def test_dependencies_name_the_task_runs_that_inputs_came_from(api: Api) -> None:
    made = Made(api)
    made.task("a")
    made.task("b", {"x": ["a", "a"], "enclosing": ["a"]})
    status, found = api("GET", f"/flow_runs/{made.run}/graph")
    assert status == 200
    upstream = {each["name"]: [one["id"] for one in each["upstream_dependencies"]] for each in found}
    assert upstream == {"a": [], "b": [made.ids["a"]]}
    read = api("GET", f"/task_runs/{made.ids['b']}")[1]
    for name in ("state", "expected_start_time", "start_time", "end_time", "total_run_time"):
        assert found[1][name] == read[name]


@pytest.fixture
def small() -> Iterator[Api]:
    with Server(PREFECT_SERVER_FLOW_RUN_GRAPH_MAX_NODES="2") as server:
        yield Api(server)


def test_a_graph_that_is_too_large_is_refused(small: Api) -> None:
    made = Made(small)
    for name in ("a", "b"):
        made.task(name)
    assert list(made.graph()[0]) == ["a", "b"]
    made.task("c", state="RUNNING")
    for path in ("graph", "graph-v2"):
        expected = {"detail": f"The graph of flow run {made.run} has more than 2 nodes."}
        assert small("GET", f"/flow_runs/{made.run}/{path}") == (400, expected)
    assert list(made.graph(since="2100-01-01T00:00:00Z")[0]) == ["c"]
