"""What a client sends for a call, and what it makes of the answers: an exchange is a generator, so it needs no server."""

from __future__ import annotations

import base64
import logging
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest

from lictor.client.client import AsyncClient, Client
from lictor.client.errors import HTTPStatusError, ObjectAlreadyExists, ObjectNotFound, ServerUnreachable
from lictor.client.exchange import Answer, ConnectionLost, Exchanges, Find, Pause, Send
from lictor.kit.server_file import Running
from lictor.settings import Settings
from lictor.wire.operation import Call
from lictor.wire.operations import admin, flow, root
from lictor.wire.types.flow import FlowCreate
from tests.running import free_port

READ: Call[Any] = root.HELLO()
WRITE: Call[Any] = flow.CREATE(FlowCreate(name="f"))
HELLO = b'"hi"'
FLOW = b'{"id":"%s","created":null,"updated":null,"name":"f"}' % str(uuid4()).encode()
CSRF_OFF = Answer(422, {}, b'{"detail":"CSRF protection is disabled."}')
TOKEN = b'{"id":"%s","created":null,"updated":null,"token":"%s","client":"c","expiration":"2999-01-01T00:00:00Z"}'


def exchanges(**environment: str) -> Exchanges:
    given = {"PREFECT_API_URL": "http://there/api", "PREFECT_CLIENT_RETRY_JITTER_FACTOR": "0", **environment}
    return Exchanges(Settings(given))


def converse(
    one: Exchanges, call: Call[Any], answers: Sequence[Answer | ConnectionLost | Running], retries: int | None = None
) -> tuple[list[Send | Find | float], Any]:
    """Give the answers in turn; return what was sent, looked for and waited, and the result or the error."""
    steps = one.carry(call, retries)
    said: list[Send | Find | float] = []
    rest = list(answers)
    move, given = steps.send, None
    try:
        while True:
            step = move(given)
            move, given = steps.send, None
            if isinstance(step, Pause):
                said.append(step.seconds)
                continue
            said.append(step)
            answer = rest.pop(0)
            if isinstance(answer, ConnectionLost):
                move, given = steps.throw, answer
            else:
                given = answer  # type: ignore[assignment]  # see above
    except StopIteration as done:
        assert not rest
        return said, done.value
    except Exception as error:
        assert not rest
        return said, error


def pauses(said: list[Send | Find | float]) -> list[float]:
    return [one for one in said if isinstance(one, float | int)]


OK = Answer(200, {}, HELLO)
BUSY = Answer(503, {}, b"busy")
LOST = ConnectionLost("gone", refused=False)


@pytest.mark.parametrize(
    ("answers", "waited", "result"),
    [
        ([OK], [], "hi"),
        ([BUSY, OK], [1], "hi"),
        ([BUSY, BUSY, BUSY, OK], [1, 2, 4], "hi"),
        ([Answer(429, {"retry-after": "7"}, b""), OK], [7], "hi"),
        ([Answer(408, {}, b""), Answer(502, {}, b""), OK], [1, 2], "hi"),
        ([Answer(503, {"retry-after": "0.5"}, b""), BUSY, OK], [0.5, 2], "hi"),
        ([BUSY, LOST, OK], [1, 2], "hi"),
        ([BUSY] * 6, [1, 2, 4, 8, 16], HTTPStatusError),
        ([BUSY, *[LOST] * 5], [1, 2, 4, 8, 16], ServerUnreachable),
        ([LOST], [], ServerUnreachable),
        ([Answer(500, {}, b"oh")], [], HTTPStatusError),
        ([Answer(404, {}, b"no")], [], ObjectNotFound),
        ([Answer(409, {}, b"no")], [], ObjectAlreadyExists),
        ([Answer(200, {}, b"{")], [], HTTPStatusError),
    ],
)
def test_requests_are_repeated_when_that_can_help(answers: list[Any], waited: list[float], result: Any) -> None:
    said, found = converse(exchanges(), READ, answers)
    assert pauses(said) == waited
    if isinstance(result, str):
        assert found == result
    else:
        assert type(found) is result


def test_the_number_of_repeats_is_a_setting_and_can_be_given() -> None:
    one = exchanges(PREFECT_CLIENT_MAX_RETRIES="1", PREFECT_CLIENT_RETRY_EXTRA_CODES="500")
    said, found = converse(one, READ, [Answer(500, {}, b""), Answer(500, {}, b"")])
    assert (pauses(said), found.status) == ([1], 500)
    said, found = converse(one, READ, [BUSY], retries=0)
    assert (pauses(said), found.status) == ([], 503)


@pytest.mark.parametrize(
    ("environment", "header"),
    [
        ({}, None),
        ({"PREFECT_API_KEY": "key"}, "Bearer key"),
        ({"PREFECT_API_AUTH_STRING": "ü:p"}, "Basic " + base64.b64encode("ü:p".encode()).decode()),
        ({"PREFECT_API_AUTH_STRING": "a:b", "PREFECT_API_KEY": "key"}, "Basic " + base64.b64encode(b"a:b").decode()),
    ],
)
def test_credentials_go_with_every_request(environment: dict[str, str], header: str | None) -> None:
    said, _ = converse(exchanges(**environment), READ, [OK])
    (sent,) = said
    assert isinstance(sent, Send)
    assert sent.headers.get("Authorization") == header
    assert sent.headers["X-PREFECT-API-VERSION"] == "0.8.4"
    assert sent.headers["User-Agent"].startswith("lictor/")
    assert (sent.method, sent.url) == ("GET", "http://there/api/hello")


def test_own_headers_cannot_be_replaced(caplog: pytest.LogCaptureFixture) -> None:
    custom = '{"X-Team": "data", "user-AGENT": "x", "Prefect-Csrf-Token": "x", "Prefect-Csrf-Client": "x"}'
    with caplog.at_level(logging.WARNING):
        one = exchanges(PREFECT_CLIENT_CUSTOM_HEADERS=custom)
    assert one.headers["X-Team"] == "data"
    assert {name.lower() for name in one.headers} == {"x-team", "user-agent", "x-prefect-api-version"}
    assert one.headers["User-Agent"].startswith("lictor/")
    assert [record.args for record in caplog.records] == [
        ("user-AGENT",),
        ("Prefect-Csrf-Token",),
        ("Prefect-Csrf-Client",),
    ]


def test_a_change_asks_for_a_token_until_it_learns_that_there_are_none() -> None:
    one = exchanges()
    said, _ = converse(one, WRITE, [CSRF_OFF, Answer(201, {}, FLOW)])
    assert [sent.method for sent in said if isinstance(sent, Send)] == ["GET", "POST"]
    said, _ = converse(one, WRITE, [Answer(201, {}, FLOW)])
    assert [sent.method for sent in said if isinstance(sent, Send)] == ["POST"]
    said, _ = converse(exchanges(PREFECT_CLIENT_CSRF_SUPPORT_ENABLED="false"), WRITE, [Answer(201, {}, FLOW)])
    assert len(said) == 1


def test_a_change_carries_its_token_and_gets_a_new_one_when_it_is_refused() -> None:
    one = exchanges()
    first, second = (Answer(200, {}, TOKEN % (str(uuid4()).encode(), token)) for token in (b"first", b"second"))
    refused = Answer(403, {}, b'{"detail":"Invalid CSRF token or client identifier."}')
    said, found = converse(one, WRITE, [first, refused, second, Answer(201, {}, FLOW)])
    sent = [step for step in said if isinstance(step, Send)]
    assert [step.headers.get("Prefect-Csrf-Token") for step in sent] == [None, "first", None, "second"]
    assert {step.headers["Prefect-Csrf-Client"] for step in sent if step.method == "POST"} == {one.csrf_client}
    assert found.name == "f"


def test_a_missing_server_is_said_with_what_to_do() -> None:
    port = free_port()
    said = rf"127.0.0.1:{port}/api .*`lictor server start`.*PREFECT_API_URL"
    client = Client(Settings({"PREFECT_API_URL": f"http://127.0.0.1:{port}/api"}))
    with client, pytest.raises(ServerUnreachable, match=said):
        client(READ)


async def test_both_clients_carry_the_same_calls(server: str) -> None:
    settings = Settings({"PREFECT_API_URL": server})
    async with AsyncClient(settings) as asynchronous:
        made = await asynchronous(flow.CREATE(FlowCreate(name="of a client")))
        with pytest.raises(ObjectNotFound, match=r"GET http.* was answered with 404"):
            await asynchronous(flow.READ(id=uuid4()))
    with Client(settings) as client:
        assert client(flow.CREATE(FlowCreate(name="of a client"))).id == made.id
        assert client(flow.READ(id=made.id)).name == "of a client"
        assert client(admin.VERSION()).startswith("3.")


def test_trouble_with_the_token_is_the_change_s_own_trouble() -> None:
    denied = Answer(401, {}, b"who are you?")
    said, found = converse(exchanges(), WRITE, [BUSY, denied])
    assert pauses(said) == [1]
    assert found.status == 401
    assert "PREFECT_API_AUTH_STRING" in str(found)
    said, found = converse(exchanges(), WRITE, [CSRF_OFF, LOST, Answer(201, {}, FLOW)])
    assert found.name == "f"


FIRST, SECOND = Running(1, "http://127.0.0.1:1/api", True, "lictor:one"), Running(2, "http://127.0.0.1:2/api")
REFUSED = ConnectionLost("refused", refused=True)


def at_home() -> Exchanges:
    return Exchanges(Settings({"PREFECT_CLIENT_RETRY_JITTER_FACTOR": "0"}))


def test_without_an_address_the_server_of_the_home_folder_is_asked() -> None:
    one = at_home()
    said, answer = converse(one, READ, [FIRST, OK])
    assert (said[0], answer) == (Find(None), "hi")
    assert isinstance(said[1], Send)
    assert said[1].url == "http://127.0.0.1:1/api/hello"
    assert said[1].headers["Authorization"] == "Basic bGljdG9yOm9uZQ=="
    said, _ = converse(one, READ, [OK])
    assert len(said) == 1


def test_a_server_of_the_home_folder_that_is_gone_is_replaced_at_once() -> None:
    said, answer = converse(at_home(), READ, [FIRST, REFUSED, SECOND, OK], retries=0)
    assert said[2] == Find(FIRST)
    assert isinstance(said[3], Send)
    assert said[3].url == "http://127.0.0.1:2/api/hello"
    assert "Authorization" not in said[3].headers
    assert answer == "hi"


def test_a_server_of_the_home_folder_that_refuses_twice_is_unreachable() -> None:
    said, error = converse(at_home(), READ, [FIRST, REFUSED, FIRST, REFUSED], retries=0)
    assert len(said) == 4
    assert isinstance(error, ServerUnreachable)
    assert FIRST.url in str(error)


def test_an_answer_of_the_home_folders_server_that_is_lost_is_asked_for_again_there() -> None:
    one = at_home()
    converse(one, READ, [FIRST, OK])
    said, answer = converse(one, READ, [LOST, OK])
    assert (len(said), answer) == (3, "hi")
