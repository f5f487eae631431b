"""Inputs that are sent to a flow run while it goes on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel

import lictor.input
from lictor import flow, runtime, task
from lictor.client.errors import ObjectNotFound
from lictor.engine.errors import MissingContext
from lictor.input import (
    RunInput,
    adelete_flow_run_input,
    afilter_flow_run_input,
    asend_input,
    create_flow_run_input,
    create_flow_run_input_from_model,
    delete_flow_run_input,
    filter_flow_run_input,
    keyset_from_base_key,
    keyset_from_paused_state,
    read_flow_run_input,
    receive_input,
    send_input,
)
from lictor.states import Paused, Running
from tests.sdk.conftest import Api


class Number(RunInput):
    number: int


class Point(BaseModel):
    x: int
    y: int


@dataclass
class Plain:
    name: str


@flow
def other() -> UUID:
    return UUID(runtime.flow_run.id)


def test_a_flow_receives_what_another_sends_and_responds(api: Api) -> None:
    receiver = other()

    @flow
    def sender() -> UUID:
        Number(number=3).send_to(receiver)
        send_input(Number(number=4), receiver)
        return UUID(runtime.flow_run.id)

    @flow
    def receives() -> list[int]:
        found = []
        for given in Number.receive(flow_run_id=receiver, timeout=0):
            found.append(given.number)
            given.respond(Number(number=given.number**2))
        return found

    sent_by = sender()
    assert receives() == [3, 4]
    assert [each.number for each in Number.receive(flow_run_id=sent_by, timeout=0)] == [9, 16]


async def test_an_async_flow_awaits_all_of_it(api: Api) -> None:
    @flow
    async def talks() -> list[Any]:
        own = UUID(runtime.flow_run.id)
        await Number(number=1).send_to(own)
        await send_input("text", own)
        await asend_input("more", own)
        found: list[Any] = [given async for given in receive_input(str, timeout=0)]
        given = await Number.receive(timeout=60).next()
        await given.respond(Number(number=2), key_prefix="response")
        return [*found, given.number, (await Number.receive(key_prefix="response").anext()).number]

    assert await talks() == ["text", "more", 1, 2]


def test_a_task_waits_for_an_input(api: Api) -> None:
    @task
    def waits() -> int:
        given: int = receive_input(int, poll_interval=1, timeout=60).next()
        return given

    @flow
    def talks() -> int:
        waiting = waits.submit()
        send_input(5, UUID(runtime.flow_run.id))
        return waiting.result()

    assert talks() == 5


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (5, int),
        ("text", str),
        ([1, 2], list[int]),
        ({"a": 1.5}, dict[str, float]),
        (date(2026, 1, 2), date),
        (Plain("it"), Plain),
    ],
)
def test_any_value_comes_as_it_was_sent(api: Api, given: Any, kind: Any) -> None:
    run_id = other()
    send_input(given, run_id)
    assert list(receive_input(kind, flow_run_id=run_id, timeout=0)) == [given]


def test_a_model_comes_as_an_input_with_its_fields(api: Api) -> None:
    run_id = other()
    send_input(Point(x=1, y=2), run_id)
    (found,) = receive_input(Point, flow_run_id=run_id, timeout=0)
    assert isinstance(found, Point)
    assert (found.x, found.y, found.metadata.receiver, found.metadata.sender) == (1, 2, run_id, None)  # type: ignore[attr-defined]


def test_an_input_says_where_it_came_from(api: Api) -> None:
    run_id = other()

    @flow
    def sender() -> UUID:
        send_input(1, run_id)
        send_input(2, run_id, sender="somebody")
        return UUID(runtime.flow_run.id)

    sent_by = sender()
    first, second = receive_input(int, flow_run_id=run_id, timeout=0, with_metadata=True)
    assert (first.value, first.metadata.sender) == (1, f"prefect.flow-run.{sent_by}")  # type: ignore[attr-defined]
    assert first.metadata.key.startswith("intautomaticruninput-auto-")  # type: ignore[attr-defined]
    with pytest.raises(RuntimeError, match="no flow run sent this input, it is from somebody"):
        second.respond(3)  # type: ignore[attr-defined]


def test_keys_choose_what_is_received(api: Api) -> None:
    run_id = other()
    for value in (1, 2):
        send_input(value, run_id, key_prefix="mine")
    assert list(receive_input(int, flow_run_id=run_id, timeout=0)) == []
    handler = receive_input(int, flow_run_id=run_id, timeout=0, key_prefix="mine")
    assert list(handler) == [1, 2]
    first, second = filter_flow_run_input("mine", limit=5, flow_run_id=run_id)
    assert handler.exclude_keys == {first.key, second.key}
    rest = receive_input(int, flow_run_id=run_id, timeout=0, key_prefix="mine", exclude_keys={first.key})
    assert list(rest) == [2]


def test_waiting_ends_in_time(api: Api) -> None:
    run_id = other()
    assert list(receive_input(int, flow_run_id=run_id, timeout=0.3)) == []
    strict = receive_input(int, flow_run_id=run_id, timeout=0.3, raise_timeout_error=True)
    for wait in (strict.next, strict.__next__):
        with pytest.raises(TimeoutError, match=f"no input 'intautomaticruninput-auto' came to flow run {run_id}"):
            wait()


async def test_waiting_ends_in_time_on_the_loop_too(api: Api) -> None:
    run_id = uuid4()
    assert [each async for each in receive_input(int, flow_run_id=run_id, timeout=0.3)] == []
    with pytest.raises(TimeoutError):
        await Number.receive(flow_run_id=run_id, timeout=0.3, raise_timeout_error=True).__anext__()


def test_what_is_wrong_is_named(api: Api) -> None:
    class Under_score(RunInput):  # noqa: N801
        x: int

    with pytest.raises(MissingContext, match="give flow_run_id"):
        receive_input(int)
    with pytest.raises(ValueError, match="key_prefix: 'under_score-auto' has other characters"):
        Under_score(x=1).send_to(other())
    with pytest.raises(ValueError, match="key_prefix: 'Mine'"):
        receive_input(int, key_prefix="Mine", flow_run_id=uuid4())
    with pytest.raises(ObjectNotFound):
        send_input(1, uuid4())


def test_inputs_are_stored_by_hand(api: Api) -> None:
    @flow
    def stores() -> UUID:
        create_flow_run_input("one", {"a": [1]})
        create_flow_run_input_from_model("two", Point(x=1, y=2))
        return UUID(runtime.flow_run.id)

    run_id = stores()
    assert read_flow_run_input("one", flow_run_id=run_id) == {"a": [1]}
    assert read_flow_run_input("three", flow_run_id=run_id) is None
    found = filter_flow_run_input("", limit=5, flow_run_id=run_id)
    assert [(each.key, each.sender) for each in found] == [("one", None), ("two", f"prefect.flow-run.{run_id}")]
    assert found[1].decoded_value == {"x": 1, "y": 2}
    delete_flow_run_input("one", flow_run_id=run_id)
    with pytest.raises(ObjectNotFound):
        delete_flow_run_input("one", flow_run_id=run_id)


async def test_inputs_are_stored_by_hand_on_the_loop_too(api: Api) -> None:
    @flow
    async def stores() -> list[str]:
        await create_flow_run_input("one", 1)
        await lictor.input.acreate_flow_run_input("two", await read_flow_run_input("one"))
        await lictor.input.acreate_flow_run_input_from_model("three", Point(x=1, y=2))
        await adelete_flow_run_input("one")
        assert await lictor.input.aread_flow_run_input("two") == 1
        return [each.key for each in await afilter_flow_run_input("t", limit=5)]

    assert await stores() == ["two", "three"]


def test_what_is_asked_is_saved_and_its_response_loaded(api: Api) -> None:
    @flow
    def asks() -> int:
        keys = Number.keyset_from_type()
        Number.with_initial_data(description="Which?", number=1).save(keys)
        assert read_flow_run_input(keys["description"]) == "Which?"
        assert read_flow_run_input(keys["schema"])["properties"]["number"]["default"] == 1
        create_flow_run_input(keys["response"], {"number": 8})
        found: Number = Number.load(keys)
        assert found.metadata.key == "number-response"
        return found.number

    assert asks() == 8


def test_keys_are_made_of_a_state() -> None:
    state = Paused(pause_key="it")
    assert keyset_from_paused_state(state) == keyset_from_base_key("paused-it")
    with pytest.raises(RuntimeError, match="only a paused state"):
        keyset_from_paused_state(Running())
