"""Paths find their operations."""

from __future__ import annotations

from types import NoneType
from typing import Any
from uuid import UUID

import pytest

from lictor.server.routes import Routes
from lictor.wire.operation import Operation

ID = "66de5ef5-809f-4399-958c-d8a58cfea1d3"


def row(method: str, path: str) -> Operation[Any, Any]:
    return Operation(method, path, NoneType, NoneType, "read")


ROWS = {
    "create": row("POST", "/flows/"),
    "read": row("GET", "/flows/{id}"),
    "update": row("PATCH", "/flows/{id}"),
    "by name": row("GET", "/flows/name/{name}"),
    "filter": row("POST", "/flows/filter"),
    "set state": row("POST", "/flow_runs/{id}/set_state"),
    "pool": row("GET", "/work_pools/{name}"),
    "queue": row("GET", "/work_pools/{work_pool_name}/queues/{name}"),
}
ROUTES = Routes(ROWS.values())

CASES: list[tuple[str, str, str | None, dict[str, Any]]] = [
    ("POST", "/flows/", "create", {}),
    ("GET", f"/flows/{ID}", "read", {"id": UUID(ID)}),
    ("GET", f"/flows/{ID.replace('-', '')}", "read", {"id": UUID(ID)}),
    ("PATCH", f"/flows/{ID}", "update", {"id": UUID(ID)}),
    ("GET", "/flows/name/etl daily", "by name", {"name": "etl daily"}),
    ("POST", "/flows/filter", "filter", {}),
    ("POST", f"/flow_runs/{ID}/set_state", "set state", {"id": UUID(ID)}),
    ("GET", "/work_pools/a", "pool", {"name": "a"}),
    ("GET", "/work_pools/a/queues/b", "queue", {"work_pool_name": "a", "name": "b"}),
    ("GET", "/flows/not-a-uuid", None, {}),
    ("GET", "/flows/name/", None, {}),
    ("GET", "/flows", None, {}),
    ("GET", "/", None, {}),
    ("GET", "", None, {}),
    ("GET", "/nowhere", None, {}),
    ("GET", f"/flows/{ID}/more", None, {}),
]


@pytest.mark.parametrize(("method", "path", "name", "parameters"), CASES)
def test_a_path_finds_its_operation(method: str, path: str, name: str | None, parameters: dict[str, Any]) -> None:
    found = ROUTES.find(path)
    if name is None:
        assert found is None
    else:
        assert found is not None
        assert found[0][method] is ROWS[name]
        assert found[1] == parameters
