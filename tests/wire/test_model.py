"""The contract's types are dumped, validated and copied as pydantic models are, and are fields of such models."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from pydantic import BaseModel, ValidationError

from lictor import State
from lictor.client.schemas.actions import FlowRunCreate
from lictor.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from lictor.client.schemas.objects import FlowRun, Parameter, StateType, TaskRun, TaskRunResult
from lictor.states import Completed, Failed
from lictor.wire.types import flow_run as wire

SOME = FlowRun(
    id=uuid4(),
    created=datetime(2030, 1, 1, tzinfo=UTC),
    updated=None,
    flow_id=uuid4(),
    name="one",
    parameters={"x": [1, {"y": None}]},
    tags=["a"],
    total_run_time=timedelta(seconds=1.5),
    state_type=StateType.COMPLETED,
    state=State(type=StateType.COMPLETED, name="Completed", message="well"),
)


def test_a_dump_has_pythons_values_or_jsons() -> None:
    dumped = SOME.model_dump()
    assert (dumped["id"], dumped["created"], dumped["total_run_time"]) == (SOME.id, SOME.created, SOME.total_run_time)
    assert dumped["state"]["state_details"]["flow_run_id"] is None
    of_json = SOME.model_dump(mode="json")
    assert (of_json["id"], of_json["created"]) == (str(SOME.id), "2030-01-01T00:00:00Z")
    assert (of_json["total_run_time"], of_json["state"]["type"]) == (1.5, "COMPLETED")
    assert type(of_json["state"]["type"]) is str
    assert of_json["parameters"] == {"x": [1, {"y": None}]}


def test_a_dump_leaves_out_what_is_asked() -> None:
    assert SOME.model_dump(include={"name", "tags"}) == {"name": "one", "tags": ["a"]}
    assert "name" not in SOME.model_dump(exclude={"name"})
    without_none = SOME.model_dump(exclude_none=True)
    assert "updated" not in without_none
    assert "flow_run_id" not in without_none["state"]["state_details"]
    assert FlowRunFilter(id=FlowRunFilterId(any_=[SOME.id])).model_dump(exclude_unset=True) == {
        "id": {"any_": [SOME.id]}
    }
    assert set(SOME.model_dump(exclude_defaults=True)) >= {"id", "name", "tags", "state"}
    assert "labels" not in SOME.model_dump(exclude_defaults=True)


def test_json_makes_the_same_object_again() -> None:
    again = FlowRun.model_validate_json(SOME.model_dump_json())
    assert again == SOME
    assert FlowRun.model_validate(SOME.model_dump()) == SOME
    assert FlowRun.model_validate(SOME) is SOME
    assert FlowRun.model_validate_json(SOME.model_dump_json(indent=2)) == SOME


def test_kinds_of_inputs_are_told_apart_after_a_dump() -> None:
    run = TaskRun(
        id=uuid4(),
        created=None,
        updated=None,
        task_key="k",
        dynamic_key="0",
        task_inputs={"x": [TaskRunResult(id=uuid4()), Parameter(name="p")]},
    )
    assert run.model_dump(mode="json")["task_inputs"]["x"][1] == {"input_type": "parameter", "name": "p"}
    assert TaskRun.model_validate(run.model_dump()) == run


def test_text_that_is_kept_unread_is_dumped_read() -> None:
    kept = wire.FlowRun.model_validate_json(SOME.model_dump_json())
    assert kept.model_dump(mode="json")["parameters"] == SOME.parameters
    assert FlowRun.model_validate(kept) == SOME
    body = FlowRunCreate.model_validate({"flow_id": SOME.flow_id, "parameters": {"a": 1}})
    assert body.model_dump(include={"parameters"}) == {"parameters": {"a": 1}}


def test_what_does_not_fit_is_told() -> None:
    with pytest.raises(ValueError, match=r"not a FlowRun: .*missing required field `flow_id`"):
        FlowRun.model_validate({"id": SOME.id, "created": None, "updated": None})
    with pytest.raises(ValueError, match="a dictionary, not of int"):
        FlowRun.model_validate(3)


def test_a_copy_has_other_fields() -> None:
    copy = SOME.model_copy(update={"name": "two"})
    assert (copy.name, SOME.name, copy.id) == ("two", "one", SOME.id)
    deep = SOME.model_copy(deep=True)
    deep.parameters["x"].append(2)
    assert SOME.parameters["x"] == [1, {"y": None}]


def test_a_states_value_and_error_stay_in_the_process() -> None:
    dumped = Completed(data=object()).model_dump_json()
    assert "value" not in dumped
    failed = State.model_validate_json(Failed(data=ValueError("secret")).model_dump_json())
    assert failed.is_failed()
    assert "secret" not in failed.model_dump_json()
    assert State(type=StateType.COMPLETED).is_final()


class Report(BaseModel):
    """A user's model."""

    run: FlowRun
    states: list[State[Any]] = []


def test_they_are_fields_of_pydantic_models() -> None:
    report = Report(run=SOME, states=[Completed()])
    assert report.run is SOME
    again = Report.model_validate_json(report.model_dump_json())
    assert (again.run, again.states[0].id) == (SOME, report.states[0].id)
    assert report.model_dump()["run"]["created"] == SOME.created
    assert report.model_dump(mode="json", exclude_none=True)["run"]["id"] == str(SOME.id)
    assert "updated" not in report.model_dump(exclude_none=True)["run"]
    assert Report.model_json_schema()["properties"]["run"] == {"type": "object", "title": "FlowRun"}
    with pytest.raises(ValidationError, match="not a FlowRun"):
        Report.model_validate({"run": {"id": "x"}})


def test_the_types_load_no_pydantic() -> None:
    code = (
        "import sys, lictor.client.orchestration, lictor.client.schemas.objects, lictor.exceptions\n"
        "print([name for name in ('pydantic', 'pydantic_core', 'httpx', 'asyncio') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
