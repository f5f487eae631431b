"""Values compared with JSON schemas."""

from __future__ import annotations

import subprocess
import sys
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.kit.json_schema import InvalidSchema, Problem, problems, tree
from lictor.kit.placeholders import MISSING, filled

MODEL = {"type": "object", "properties": {"y": {"type": "integer", "minimum": 3}}, "required": ["y"]}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "x": {"type": "integer"},
        "named": {"type": "string", "default": "a"},
        "free": {"type": "string"},
        "model": {"$ref": "#/definitions/M"},
        "list": {"type": "array", "items": {"type": "number"}},
        "pair": {"type": "array", "items": [{"type": "integer"}, {"type": "string"}]},
        "day": {"type": "string", "format": "date"},
        "nothing": {"type": "null"},
    },
    "required": ["x"],
    "definitions": {"M": MODEL, "B": {"title": "B", "block_type_slug": "b", **MODEL}},
}

# values -> where something is wrong
VALUES: dict[str, tuple[dict[str, Any], list[tuple[str | int, ...]]]] = {
    "nothing wrong": ({"x": 1, "model": {"y": 3}, "list": [1, 2.5], "pair": [1, "a"], "day": "2024-02-29"}, []),
    "a whole fraction": ({"x": 1.0}, []),
    "null for what is free": ({"x": 1, "free": None, "list": None, "nothing": None}, []),
    "null for what has a default": ({"x": 1, "named": None}, [("named",)]),
    "null for what is required": ({"x": None}, [("x",)]),
    "missing": ({}, [("x",)]),
    "missing further in": ({"x": 1, "model": {}}, [("model", "y")]),
    "true is no number": ({"x": True}, [("x",)]),
    "too small": ({"x": 1, "model": {"y": 2}}, [("model", "y")]),
    "items": ({"x": 1, "list": [1, "b", []]}, [("list", 1), ("list", 2)]),
    "a pair": ({"x": 1, "pair": ["a", 1]}, [("pair", 0), ("pair", 1)]),
    "no day": ({"x": 1, "day": "2023-02-29"}, [("day",)]),
    "several": ({"x": "a", "free": 1}, [("free",), ("x",)]),
}


@pytest.mark.parametrize("case", VALUES)
def test_values_are_compared(case: str) -> None:
    values, places = VALUES[case]
    before = deepcopy(SCHEMA)
    assert sorted(found.path for found in problems(SCHEMA, values)) == places
    assert before == SCHEMA


@pytest.mark.parametrize("value", [{"y": 3}, {"$ref": "01234567-89ab-cdef-0123-456789abcdef"}, {"$ref": {"id": "x"}}])
def test_a_block_may_be_named_by_its_id(value: Any) -> None:
    schema = {**SCHEMA, "properties": {"block": {"$ref": "#/definitions/B"}}, "required": []}
    assert problems(schema, {"block": value}) == []
    assert problems(schema, {"block": {"$ref": 3}})


WRONG: dict[str, dict[str, Any]] = {
    "an unknown type": {"type": "nope"},
    "a pattern": {"properties": {"a": {"pattern": "("}}},
    "a missing definition": {"$ref": "#/definitions/none"},
    "another machine": {"$ref": "http://127.0.0.1:9/x"},
    "a file": {"$ref": "file:///etc/hostname"},
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_schema_is_refused(case: str) -> None:
    with pytest.raises(InvalidSchema):
        problems(WRONG[case], {"a": 1})


def test_a_schema_that_refers_to_itself() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}, "at": {"type": "integer"}}}
    schema = {"$ref": "#/$defs/node", "$defs": {"node": node}}
    assert problems(schema, {"next": {"next": {"at": 1}}}) == []
    assert [found.path for found in problems(schema, {"next": {"next": {"at": "x"}}})] == [("next", "next", "at")]
    assert problems({"$ref": "#"}, {}) == []


def test_a_pattern_that_takes_long_is_given_up() -> None:
    schema = {"properties": {"a": {"pattern": r"(a|b|ab)*(?=c)\1"}}}
    assert [found.path for found in problems(schema, {"a": "ab" * 60})] == [("a",)]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
WORDS = st.sampled_from(["type", "properties", "items", "anyOf", "required", "$ref", "definitions", "enum", "pattern"])
SCHEMAS = st.dictionaries(
    WORDS,
    st.recursive(
        st.sampled_from(["string", "object", "integer", "#", "#/definitions", 0, None]),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=3),
        max_leaves=6,
    ),
)


@given(SCHEMAS, JSON)
def test_whatever_is_compared_is_compared_or_refused(schema: dict[str, Any], values: Any) -> None:
    try:
        found = problems(schema, values)
    except InvalidSchema:
        return
    assert all(each.reason for each in found)


@given(st.lists(st.tuples(st.lists(st.sampled_from(["a", "b", 0, 1]), max_size=4).map(tuple), st.text(max_size=3))))
def test_a_tree_has_every_problem_in_its_place(pairs: list[tuple[tuple[str | int, ...], str]]) -> None:
    def leaves(errors: list[Any], path: tuple[str | int, ...]) -> list[tuple[tuple[str | int, ...], str]]:
        found = []
        for error in errors:
            if isinstance(error, str):
                found.append((path, error))
            else:
                part = error["index"] if "index" in error else error["property"]
                found += leaves(error["errors"], (*path, part))
        return found

    found = tree([Problem(*pair) for pair in pairs])
    assert sorted(leaves(found, ()), key=str) == sorted(pairs, key=str)


def kind_of_variable(name: str) -> dict[str, str]:
    return {"__prefect_kind": "workspace_variable", "variable_name": name}


VARIABLES = {"v": {"b": 1}, "name": "v", "none": MISSING}


def test_what_is_not_known_is_wanted() -> None:
    made = filled({"a": kind_of_variable("other"), "b": [kind_of_variable("v")]}, VARIABLES, render=True)
    assert made == ({"a": None, "b": [{"b": 1}]}, [], set(), {"other"})


def test_templates_are_rendered() -> None:
    sent = {"a": {"__prefect_kind": "json", "value": {"__prefect_kind": "jinja", "template": "[{{ 1 + 1 }}]"}}}
    assert filled(sent, {}, render=True).values == {"a": [2]}


def test_templates_share_what_they_may_cost() -> None:
    template = {"__prefect_kind": "jinja", "template": "{% for x in range(100) %}{{ 'a' * 2500 }}{% endfor %}"}
    assert not filled({"a": template}, {}, render=True).problems
    assert [each.path for each in filled({"a": [template] * 3}, {}, render=True).problems] == [("a", 1), ("a", 2)]


# as it is sent -> plain, where it cannot be made, where templates are
FILLED: dict[str, tuple[Any, Any, list[tuple[str | int, ...]], list[tuple[str | int, ...]]]] = {
    "plain": ({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}, [], []),
    "as it is": ({"a": {"__prefect_kind": "none", "value": {"b": 1}}}, {"a": {"b": 1}}, [], []),
    "as it is, missing": ({"a": {"__prefect_kind": "none"}}, {"a": None}, [("a",)], []),
    "JSON": ({"a": {"__prefect_kind": "json", "value": '{"b": [1]}'}}, {"a": {"b": [1]}}, [], []),
    "JSON that is no text": ({"a": {"__prefect_kind": "json", "value": 3}}, {"a": 3}, [], []),
    "JSON in JSON": (
        {"a": {"__prefect_kind": "json", "value": {"__prefect_kind": "json", "value": '"3"'}}},
        {"a": 3},
        [],
        [],
    ),
    "malformed JSON": ({"a": [0, {"__prefect_kind": "json", "value": "{"}]}, {"a": [0, None]}, [("a", 1)], []),
    "deep JSON": ({"a": {"__prefect_kind": "json", "value": "[" * 100_000}}, {"a": None}, [("a",)], []),
    "left out": (
        {"a": {"__prefect_kind": "json"}, "b": [{"__prefect_kind": "workspace_variable"}, 1]},
        {"b": [1]},
        [],
        [],
    ),
    "all left out": ({"__prefect_kind": "json"}, {}, [], []),
    "a template": ({"a": {"__prefect_kind": "jinja", "template": "{{ x }}"}}, {"a": None}, [], [("a",)]),
    "a malformed template": ({"a": {"__prefect_kind": "jinja", "template": "{{"}}, {"a": None}, [("a",)], []),
    "a template that is no text": ({"a": {"__prefect_kind": "jinja", "template": 3}}, {"a": None}, [("a",)], []),
    "no template": ({"a": {"__prefect_kind": "jinja"}}, {"a": None}, [("a",)], []),
    "a template in JSON": (
        {"a": {"__prefect_kind": "json", "value": {"__prefect_kind": "jinja", "template": "{{ 1 }}"}}},
        {"a": None},
        [],
        [("a",)],
    ),
    "a variable": ({"a": {"__prefect_kind": "workspace_variable", "variable_name": "v"}}, {"a": {"b": 1}}, [], []),
    "a variable that is not there": (
        {"a": {"__prefect_kind": "workspace_variable", "variable_name": "none"}},
        {"a": None},
        [("a",)],
        [],
    ),
    "a variable of no name": (
        {"a": {"__prefect_kind": "workspace_variable", "variable_name": ["v"]}},
        {"a": None},
        [("a",)],
        [],
    ),
    "a variable in a variable": (
        {"a": {"__prefect_kind": "workspace_variable", "variable_name": kind_of_variable("name")}},
        {"a": {"b": 1}},
        [],
        [],
    ),
    "another kind": ({"a": {"__prefect_kind": "other", "value": 1}}, {"a": 1}, [], []),
    "no kind": ({"a": {"__prefect_kind": None}}, {"a": None}, [], []),
    "a kind that is a list": ({"a": {"__prefect_kind": [], "value": 1}}, {"a": 1}, [], []),
}


@pytest.mark.parametrize("case", FILLED)
def test_values_that_say_how_they_are_made_are_made(case: str) -> None:
    sent, plain, wrong, templates = FILLED[case]
    made = filled(sent, VARIABLES, render=False)
    assert made.values == plain
    assert [each.path for each in made.problems] == wrong
    assert sorted(made.templates) == templates


def test_only_comparing_and_rendering_load_the_libraries() -> None:
    code = "import sys, lictor.app; print({'jsonschema_rs', 'jinja2'} & {*sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == "set()"
