"""The API describes itself to those who may use it, and to a browser without loading anything from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from lictor.wire.operations import OPERATIONS
from tests.running import Server
from tests.security.asking import ask, basic


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(PREFECT_SERVER_API_AUTH_STRING="admin:pass") as running:
        yield running


def test_the_document_has_every_operation(server: Server) -> None:
    got = ask(server, "GET", "/api/openapi.json", **basic())
    assert got.status == 200
    described = {(method.upper(), path) for path, methods in got.json["paths"].items() for method in methods}
    assert described == {(row.method, row.path) for row in OPERATIONS}
    assert all(part["summary"] for methods in got.json["paths"].values() for part in methods.values())


def test_the_page_has_every_operation_and_loads_nothing(server: Server) -> None:
    got = ask(server, "GET", "/api/docs", **basic())
    page = got.content.decode()
    assert got.status == 200
    assert got.headers["content-type"].startswith("text/html")
    for row in OPERATIONS:
        assert f"<td><code>{row.method}</code><td><code>{row.path}</code>" in page
    assert not re.search(r"<script|<link|<img|@import|url\(|https?:", page)
    anchors, links = set(re.findall(r"<h3 id=(\w+)", page)), set(re.findall(r"href=#(\w+)", page))
    assert links
    assert links <= anchors


def test_the_page_may_use_its_own_style_and_no_script(server: Server) -> None:
    policy = ask(server, "GET", "/api/docs", **basic()).headers["content-security-policy"]
    assert "default-src 'none'; style-src 'sha256-" in policy
    assert "unsafe" not in policy
    assert "," not in policy, "one policy: two of them would forbid the style"
