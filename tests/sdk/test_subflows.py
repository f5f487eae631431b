"""A flow called in a flow is a run of its own, tracked by a task run of its parent."""

from __future__ import annotations

from typing import Any

from lictor import flow, tags, task
from lictor.kit.json import decode_any
from lictor.wire.types.flow_run import FlowRun
from tests.sdk.conftest import Api, ended


@task
def numbers() -> list[int]:
    return [1, 2, 3]


@flow(name="child flow")
def child(values: list[int] | int) -> Any:
    return values


def test_a_subflow_is_tracked_in_its_parent(api: Api) -> None:
    children: list[FlowRun] = []

    @task
    def calls_a_flow() -> Any:
        return child(1)

    @flow
    def parent() -> None:
        with tags("t"):
            children.append(api.flow_run(ended(child, numbers())))
        children.append(api.flow_run(ended(child, numbers.submit())))
        calls_a_flow()

    state = ended(parent)
    runs = {run.name: run for run in api.task_runs(state, 6)}
    first, second = runs["child flow-0"], runs["child flow-1"]
    assert [one.parent_task_run_id for one in children] == [first.id, second.id]
    assert [one.tags for one in children] == [["t"], []]
    assert decode_any(children[1].parameters) == {"values": [1, 2, 3]}
    for tracking, run in zip((first, second), children, strict=True):
        assert tracking.state is not None
        assert tracking.state.state_details.child_flow_run_id == run.id
        assert (tracking.state_name, run.state_name) == ("Completed", "Completed")
        assert len(tracking.task_inputs["values"]) == 1
    in_task = next(run for name, run in runs.items() if name.startswith("child flow-") and len(name) > 20)
    parents = [source.id for source in in_task.task_inputs["__parents__"]]  # type: ignore[union-attr]  # a run
    assert parents == [next(run.id for name, run in runs.items() if name.startswith("calls_a_flow"))]


def test_a_failed_subflow_fails_its_parent_unless_its_state_is_asked_for(api: Api) -> None:
    @flow
    def fails() -> None:
        raise ValueError("child")

    @flow
    def raises() -> None:
        fails()

    @flow
    def asks() -> bool:
        return ended(fails).is_failed()

    assert ended(raises).message == "Flow run raised ValueError: child"
    assert asks() is True


def test_the_parent_s_tasks_are_not_the_child_s(api: Api) -> None:
    seen: list[Any] = []

    @flow
    def parent() -> None:
        numbers()
        seen.append(ended(inner))
        numbers()

    @flow
    def inner() -> None:
        numbers()

    state = ended(parent)
    assert len(api.task_runs(state, 3)) == 3
    assert len(api.task_runs(seen[0], 1)) == 1
