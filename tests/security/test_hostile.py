"""Whatever a body holds, it is never the server's fault: no 500, and no line of a traceback in the log."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lictor.wire.operation import Operation
from lictor.wire.operations import OPERATIONS
from tests.running import Server
from tests.security.asking import ask, basic

WRITING = [row for row in OPERATIONS if row.takes_body]
HOSTILE = {
    "nothing": b"",
    "no json": b"{",
    "null": b"null",
    "a number": b"1",
    "a text": b'"x"',
    "not a number": b'{"name": NaN, "limit": Infinity}',
    "a huge integer": b'{"limit": ' + b"9" * 5000 + b"}",
    "a huge float": b'{"limit": 1e999, "offset": -1e999}',
    "nested lists": b"[" * 100_000,
    "nested objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "not UTF-8": b'{"name": "\xff\xfe"}',
    "a lone surrogate": b'{"name": "\\ud800"}',
    "a nul": b'{"name": "a\\u0000b"}',
    "the same key twice": b'{"name": "a", "name": 1}',
    "a gzip bomb": gzip.compress(b" " * 10_000_000),
    "another BOM": b"\xef\xbb\xbf{}",
    "UTF-16": '{"name": "a"}'.encode("utf-16"),
    "a long key": b'{"' + b"k" * 100_000 + b'": 1}',
    "many keys": json.dumps({str(number): number for number in range(20_000)}).encode(),
    "a list of nulls": b"[" + b"null," * 10_000 + b"null]",
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(PREFECT_SERVER_API_AUTH_STRING="admin:pass") as running:
        yield running
        assert "Traceback" not in running.log.read_text()


def path_of(row: Operation[Any, Any]) -> str:
    filled = row.path
    for name in ("{id}", "{name}", "{key}", "{lease_id}"):
        filled = filled.replace(name, str(uuid4()))
    return f"/api{filled}"


@pytest.mark.parametrize("row", WRITING, ids=str)
def test_hostile_bodies_are_refused_or_taken(server: Server, row: Operation[Any, Any]) -> None:
    for name, body in HOSTILE.items():
        got = ask(server, row.method, path_of(row), body, **basic(), Content_Type="application/json")
        assert got.status < 500, (name, got)
        assert b"Traceback" not in got.content
        assert ask(server, row.method, path_of(row), body, Content_Type="application/json").status == 401


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = sorted({name for row in WRITING for name in getattr(row.body, "__struct_fields__", ())})


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(row=st.sampled_from(WRITING), body=st.dictionaries(st.sampled_from(NAMES), json_values, max_size=5))
def test_random_values_of_known_fields_are_refused_or_taken(
    server: Server, row: Operation[Any, Any], body: Any
) -> None:
    got = ask(server, row.method, path_of(row), body, **basic())
    assert got.status < 500, got


@pytest.mark.parametrize(
    "path",
    ["/api/%00", "/api/flows/%2e%2e/admin", "/api/flow_runs/" + "a" * 5000, "/api/flows/name/%F0%9F%98%80", "/api//"],
)
def test_strange_paths_lie_nowhere(server: Server, path: str) -> None:
    assert ask(server, "GET", path, **basic()).status in (404, 422)
    assert ask(server, "GET", path).status == 401


LONG = "n" * 5000
NAMED = {
    "a flow": ("/api/flows/", {"name": LONG}, ["body", "name"]),
    "a flow run": ("/api/flow_runs/", {"name": LONG, "flow_id": str(uuid4())}, ["body", "name"]),
    "its state": (
        "/api/flow_runs/",
        {"flow_id": str(uuid4()), "state": {"type": "PENDING", "name": LONG}},
        ["body", "state", "name"],
    ),
    "a logger": (
        "/api/logs/",
        [{"name": LONG, "level": 1, "message": "", "timestamp": "2026-01-01T00:00:00Z"}],
        ["body", 0, "name"],
    ),
}


@pytest.mark.parametrize("case", NAMED)
def test_a_name_has_its_limit(server: Server, case: str) -> None:
    path, body, loc = NAMED[case]
    got = ask(server, "POST", path, body, **basic())
    assert got.status == 422
    assert [(each["loc"], each["type"]) for each in got.json["exception_detail"]] == [(loc, "string_too_long")]
    assert len(got.content) < 1000


def test_the_limit_of_names_is_a_setting() -> None:
    with Server(PREFECT_SERVER_API_AUTH_STRING="admin:pass", PREFECT_SERVER_LIMITS_NAME_LENGTH="10") as narrow:
        for length, status in ((10, 201), (11, 422)):
            assert ask(narrow, "POST", "/api/flows/", {"name": "n" * length}, **basic()).status == status


def test_little_of_what_was_sent_is_told_back(server: Server) -> None:
    body = {"name": "n" * 100_000, "tags": ["t" * 100_000], **{f"unknown {number}": 1 for number in range(500)}}
    got = ask(server, "POST", "/api/flows/", body, **basic())
    assert got.status == 422
    assert got.json["request_body"].startswith('{"name":"nnn')
    assert len(got.content) < 100_000
    assert len(got.json["exception_detail"]) <= 100
