"""Variables, as flows and tasks use them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from lictor import flow, get_client, task
from lictor.client.errors import HTTPStatusError
from lictor.client.schemas.actions import VariableCreate, VariableUpdate
from lictor.exceptions import ObjectAlreadyExists, ObjectNotFound
from lictor.variables import Variable
from tests.sdk.conftest import Api


def test_a_variable_is_set_read_and_removed(api: Api) -> None:
    @task
    def within() -> Any:
        return Variable.get("sync-one")

    @flow
    def using() -> list[Any]:
        made = Variable.set("sync-one", {"a": [1, None]}, tags=["x"])
        assert (made.name, made.value, made.tags) == ("sync-one", {"a": [1, None]}, ["x"])
        return [within(), Variable.get("no-such-one"), Variable.get("no-such-one", default=5)]

    assert using() == [{"a": [1, None]}, None, 5]
    with pytest.raises(ValueError, match="overwrite=True"):
        Variable.set("sync-one", 2)
    assert Variable.set("sync-one", None, overwrite=True).tags == []
    assert Variable.get("sync-one", default="not this") is None
    assert (Variable.unset("sync-one"), Variable.unset("sync-one")) == (True, False)


def test_async_code_awaits_the_same_names(api: Api) -> None:
    @flow
    async def using() -> list[Any]:
        await Variable.set("async-one", "a")
        first = await Variable[str].get("async-one")
        await Variable.aset("async-one", "b", overwrite=True)
        return [first, await Variable.aget("async-one"), await Variable.aget("none-such", 1)]

    @flow
    def plain() -> Any:
        return Variable.get("async-one")

    async def outside() -> list[Any]:
        return [await Variable.get("async-one"), plain(), await Variable.unset("async-one")]

    assert asyncio.run(using()) == ["a", "b", 1]
    assert asyncio.run(outside()) == ["b", "b", True]
    assert asyncio.run(Variable.aunset("async-one")) is False


def test_what_cannot_be_a_variable_is_refused(api: Api) -> None:
    with pytest.raises(TypeError, match="no JSON"):
        Variable.set("wrong", object())
    for name, value in (("Wrong", 1), ("wrong", "x" * 5000)):
        with pytest.raises(HTTPStatusError, match="422"):
            Variable.set(name, value)
    assert Variable.get("wrong") is None


def test_the_client_has_the_references_methods(api: Api) -> None:
    with get_client(sync_client=True) as client:
        made = client.create_variable(VariableCreate(name="by-client", value={"a": 1}, tags=["t"]))  # type: ignore[arg-type]
        assert (made.name, made.value, made.tags) == ("by-client", {"a": 1}, ["t"])
        with pytest.raises(ObjectAlreadyExists):
            client.create_variable(VariableCreate(name="by-client", value=1))  # type: ignore[arg-type]
        client.update_variable(VariableUpdate(name="by-client", value=[2]))  # type: ignore[arg-type]
        found = client.read_variable_by_name("by-client")
        assert found is not None
        assert (found.id, found.value, found.tags) == (made.id, [2], ["t"])
        assert "by-client" in [each.name for each in client.read_variables(limit=200)]
        client.delete_variable_by_name("by-client")
        assert client.read_variable_by_name("by-client") is None
        with pytest.raises(ObjectNotFound):
            client.delete_variable_by_name("by-client")
