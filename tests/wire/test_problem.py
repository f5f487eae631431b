"""Bodies are read, or everything that is wrong with them is said."""

from __future__ import annotations

import json
import random
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.wire import problem
from lictor.wire.operation import Operation
from lictor.wire.operations import OPERATIONS, csrf_token, event, flow, flow_run, flow_run_state, log, task_run
from lictor.wire.problem import DEEPEST, InvalidRequest, read_body, read_query

ID = str(uuid4())

# The place and the type of each mistake: the reference's, save for a time, a list and a number beyond 64 bits, which it
# calls value_error, is_instance_of and less_than_equal.
TABLE: list[tuple[Operation[Any, Any], Any, list[tuple[list[str | int], str]]]] = [
    (flow.CREATE, {"nam": "x"}, [(["body", "name"], "missing"), (["body", "nam"], "extra_forbidden")]),
    (flow.CREATE, {"name": "a/b"}, [(["body", "name"], "string_pattern_mismatch")]),
    (flow.CREATE, {"name": 7}, [(["body", "name"], "string_type")]),
    (flow.CREATE, {"name": "x", "tags": [1, "a", None]}, [(["body", "tags", 0], "string_type"), (["body", "tags", 2], "string_type")]),
    (flow.CREATE, [], [(["body"], "model_attributes_type")]),
    (flow.CREATE, "x", [(["body"], "model_attributes_type")]),
    (flow_run.CREATE, {}, [(["body", "flow_id"], "missing")]),
    (flow_run.CREATE, {"flow_id": "x"}, [(["body", "flow_id"], "uuid_parsing")]),
    (flow_run.CREATE, {"flow_id": ID, "parameters": []}, [(["body", "parameters"], "dict_type")]),
    (flow_run.CREATE, {"flow_id": ID, "state": {"type": "ASLEEP"}}, [(["body", "state", "type"], "enum")]),
    (flow_run.CREATE, {"flow_id": ID, "state": {}}, [(["body", "state", "type"], "missing")]),
    (flow_run.SET_STATE, {}, [(["body", "state"], "missing")]),
    (flow_run.SET_STATE, {"state": {"type": "RUNNING", "id": ID}}, [(["body", "state", "id"], "extra_forbidden")]),
    (flow_run.FILTER, {"offset": -1}, [(["body", "offset"], "greater_than_equal")]),
    (flow_run.FILTER, {"limit": "many"}, [(["body", "limit"], "int_parsing")]),
    (flow_run.FILTER, {"sort": "ANY"}, [(["body", "sort"], "enum")]),
    (flow_run.FILTER, {"flow_runs": {"state": {"type": {"some_": []}}}}, [(["body", "flow_runs", "state", "type", "some_"], "extra_forbidden")]),
    (task_run.CREATE, {"dynamic_key": "0"}, [(["body", "task_key"], "missing")]),
    (log.CREATE, [{"name": "n", "level": "high", "message": "m", "timestamp": "yesterday"}], [(["body", 0, "level"], "int_parsing"), (["body", 0, "timestamp"], "value_error")]),
    (task_run.CREATE, {"task_key": "t", "dynamic_key": "0", "task_inputs": {"x": [{"input_type": [], "id": ID}]}}, [(["body", "task_inputs", "x", 0, "input_type"], "literal_error")]),
    (log.CREATE, {}, [(["body"], "list_type")]),
    (event.FILTER, {"limit": 51}, [(["body", "limit"], "less_than_equal")]),
    (event.FILTER, {"limit": 2**70}, [(["body", "limit"], "int_parsing_size")]),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "body", "expected"), TABLE)
def test_every_mistake_is_named(operation: Operation[Any, Any], body: Any, expected: list[Any]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_body(operation, json.dumps(body).encode())
    assert [(detail["loc"], detail["type"]) for detail in refused.value.details] == expected
    assert all(detail["msg"] for detail in refused.value.details)
    json.dumps(refused.value.answer())


NULLS = {
    "flows": (flow.FILTER, {"sort": None, "offset": None, "limit": None, "flows": None}),
    "flow runs": (flow_run.FILTER, {"sort": None, "offset": None}),
    "task runs": (task_run.FILTER, {"sort": None, "offset": None}),
    "log lines": (log.FILTER, {"sort": None, "offset": None}),
    "events": (event.FILTER, {"limit": None}),
}


@pytest.mark.parametrize(("operation", "body"), NULLS.values(), ids=NULLS)
def test_null_in_a_query_is_the_default(operation: Operation[Any, Any], body: Any) -> None:
    assert read_body(operation, json.dumps(body).encode()) == read_body(operation, b"{}")


NULL_MISTAKES: list[tuple[Operation[Any, Any], Any, list[str]]] = [
    (flow.CREATE, {"name": None}, ["name"]),
    (flow_run.FILTER, {"sort": None, "flow_runs": {"operator": None}}, ["flow_runs", "operator"]),
]


@pytest.mark.parametrize(("operation", "body", "at"), NULL_MISTAKES)
def test_null_elsewhere_is_a_mistake(operation: Operation[Any, Any], body: Any, at: list[str]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_body(operation, json.dumps(body).encode())
    assert [detail["loc"] for detail in refused.value.details] == [["body", *at]]
    assert refused.value.request_body == body


NO_JSON = {
    "nothing": (b"", "missing"),
    "blank": (b"  ", "missing"),
    "cut": (b'{"name": "x', "json_invalid"),
    "two": (b"{}{}", "json_invalid"),
    "not a number": (b'{"name": NaN}', "json_invalid"),
    "latin-1": (b'{"name": "\xfc"}', "json_invalid"),
    "latin-1 within a kept text": (b'{"flow_id": "%b", "parameters": {"x": "\xfc"}}' % ID.encode(), "json_invalid"),
    "half a surrogate": (b'{"name": "\\ud800"}', "json_invalid"),
    "deep": (b'{"name": ' + b"[" * 100_000, "json_invalid"),
    "deep within a kept text": (b'{"flow_id": "%b", "parameters": {"x": %b}}' % (ID.encode(), b"[" * 300 + b"]" * 300), "json_invalid"),
}  # fmt: skip


@pytest.mark.parametrize("case", NO_JSON)
def test_what_is_no_json_is_said_to_be_none(case: str) -> None:
    content, code = NO_JSON[case]
    operation: Operation[Any, Any] = flow_run.CREATE if b"flow_id" in content else flow.CREATE
    with pytest.raises(InvalidRequest) as refused:
        read_body(operation, content)
    assert refused.value.details[0]["type"] == code
    json.dumps(refused.value.answer())


def test_brackets_in_texts_are_no_nesting() -> None:
    body = read_body(flow.CREATE, json.dumps({"name": '[{"' * DEEPEST}).encode())
    assert body.name == '[{"' * DEEPEST


def test_null_characters_are_kept() -> None:
    assert read_body(flow.CREATE, b'{"name": "a\\u0000b"}').name == "a\0b"


def test_a_newer_clients_fields_are_dropped_at_every_level() -> None:
    body = {
        "flow_id": ID,
        "new": 1,
        "state": {"type": "PENDING", "new": 2, "state_details": {"new": 3}},
        "parameters": {"new": 4},
    }
    read = read_body(flow_run.CREATE, json.dumps(body).encode(), lenient=True)
    assert read.state is not None
    assert (read.state.type, list(read.parameters)) == ("PENDING", ["new"])
    with pytest.raises(InvalidRequest):
        read_body(flow_run.CREATE, json.dumps({**body, "flow_id": 1}).encode(), lenient=True)


def test_a_query_is_read_or_refused() -> None:
    assert read_query(csrf_token.READ, b"client=a&client=b%20c").client == "b c"
    assert str(read_query(flow_run_state.LIST, b"flow_run_id=" + ID.encode()).flow_run_id) == ID
    for query, code in ((b"", "missing"), (b"flow_run_id=x", "uuid_parsing")):
        with pytest.raises(InvalidRequest) as refused:
            read_query(flow_run_state.LIST, query)
        assert (refused.value.details[0]["loc"], refused.value.details[0]["type"]) == (["query", "flow_run_id"], code)


GOOD: dict[Operation[Any, Any], Any] = {
    flow.CREATE: {"name": "x", "tags": ["a"], "labels": {"a": 1, "b": "c"}},
    flow_run.CREATE: {"flow_id": ID, "state": {"type": "SCHEDULED", "state_details": {"scheduled_time": "2026-11-25T22:40:47Z"}}, "tags": [], "parameters": {"x": [1]}},
    flow_run.SET_STATE: {"state": {"type": "FAILED", "data": {"a": 1}, "message": None}, "force": False},
    flow_run.FILTER: {"flow_runs": {"state": {"type": {"any_": ["RUNNING"]}}, "tags": {"all_": ["x"]}}, "limit": 3, "sort": "ID_DESC"},
    task_run.CREATE: {"task_key": "k", "dynamic_key": "0", "task_inputs": {"x": [{"input_type": "task_run", "id": ID}]}, "empirical_policy": {"retry_delay": [1, 2.5]}},
    log.CREATE: [{"name": "n", "level": 20, "message": "m", "timestamp": "2026-11-25T22:40:47+01:00"}],
    event.CREATE: [{"id": ID, "occurred": "2026-11-25T22:40:47Z", "event": "e", "resource": {"prefect.resource.id": "x"}, "payload": {"a": 1}}],
    event.FILTER: {"filter": {"occurred": {"since": "2026-11-25T22:40:47Z"}, "related": [{"id": ["x"]}]}, "limit": 5},
}  # fmt: skip
JUNK: list[Any] = [None, 0, -1, 1.5, 2**80, True, "", "x", [], [[]], {}, {"a": 1}, "2026", "RUNNING"]


def mutated(value: Any, chance: random.Random) -> Any:
    """Return a value with one part, somewhere in it, replaced, removed or added."""
    if isinstance(value, dict) and value and chance.random() < 0.8:
        name = chance.choice(sorted(value))
        match chance.randrange(4):
            case 0:
                return {key: item for key, item in value.items() if key != name}
            case 1:
                return value | {"unknown": chance.choice(JUNK)}
            case _:
                return value | {name: mutated(value[name], chance)}
    if isinstance(value, list) and value and chance.random() < 0.8:
        return [mutated(value[0], chance), *value[1:]]
    return chance.choice(JUNK)


@pytest.mark.parametrize("operation", GOOD, ids=str)
def test_a_good_body_is_read(operation: Operation[Any, Any]) -> None:
    read_body(operation, json.dumps(GOOD[operation]).encode())


@given(st.sampled_from(list(GOOD)), st.integers(0, 2**32), st.integers(1, 3), st.booleans())
def test_any_body_is_read_or_refused_with_a_reason(
    operation: Operation[Any, Any], seed: int, times: int, lenient: bool
) -> None:
    chance, body = random.Random(seed), GOOD[operation]
    for _ in range(times):
        body = mutated(body, chance)
    try:
        read_body(operation, json.dumps(body).encode(), lenient=lenient)
    except InvalidRequest as refused:
        assert refused.details
        for detail in refused.details:
            assert detail["loc"][0] == "body"
            assert (detail["type"], detail["loc"]) != ("value_error", ["body"]), (
                f"{detail} of {body} was not found by the walk"
            )


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    for operation in OPERATIONS:
        if operation.takes_body:
            try:
                read_body(operation, content)
            except InvalidRequest as refused:
                assert refused.details


def deepest(value: Any) -> int:
    """Return how deep a value is nested."""
    if isinstance(value, dict):
        return 1 + max(map(deepest, value.values()), default=0)
    return 1 + max(map(deepest, value), default=0) if isinstance(value, list) else 0


JSON_VALUES = st.recursive(
    st.none() | st.integers() | st.text('"\\[]{}a\n') | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('"\\[]{}a'), inner, max_size=3),
    max_leaves=12,
)


@given(JSON_VALUES, st.integers(0, 6))
def test_depth_is_counted_outside_of_texts(value: Any, allowed: int) -> None:
    content = json.dumps(value).encode()
    try:
        problem.check_depth(content, allowed)
    except RecursionError:
        assert deepest(value) > allowed
    else:
        assert deepest(value) <= allowed
