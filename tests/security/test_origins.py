"""Pages of other sites change nothing here, with or without credentials."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from tests.running import Server
from tests.security.asking import ask

LISTED, FOREIGN = "http://listed.example", "http://foreign.example"
JSON, FORM = {"Content_Type": "application/json"}, {"Content_Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def usual() -> Iterator[Server]:
    with Server() as running:
        yield running


@pytest.fixture(scope="module")
def strict() -> Iterator[Server]:
    with Server(
        PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS=LISTED, PREFECT_UI_API_URL="https://outside.example/api"
    ) as running:
        yield running


def cases(own: str) -> list[tuple[dict[str, str], dict[str, str], bool, bool]]:
    """Return (what the browser says, the media type, refused by default, refused with a list)."""
    return [
        ({}, JSON, False, False),
        ({"Origin": own}, JSON, False, False),
        ({"Origin": own, "Sec_Fetch_Site": "same-origin"}, JSON, False, False),
        ({"Origin": FOREIGN, "Sec_Fetch_Site": "same-origin"}, JSON, False, False),
        ({"Origin": FOREIGN}, JSON, False, True),
        ({"Origin": FOREIGN, "Sec_Fetch_Site": "cross-site"}, JSON, False, True),
        ({"Origin": FOREIGN, "Sec_Fetch_Site": "cross-site"}, FORM, True, True),
        ({"Origin": "null"}, FORM, True, True),
        ({"Sec_Fetch_Site": "cross-site"}, {}, True, True),
        ({"Origin": LISTED, "Sec_Fetch_Site": "cross-site"}, JSON, False, False),
        ({"Origin": LISTED, "Sec_Fetch_Site": "cross-site"}, FORM, True, True),
    ]


def test_a_foreign_change_is_refused(usual: Server, strict: Server) -> None:
    for server, which in ((usual, 2), (strict, 3)):
        for case in cases(server.origin):
            got = ask(server, "POST", "/api/flows/", b'{"name":"f"}', **case[0], **case[1])
            assert (got.status == 403) == case[which], (case, got)
            assert b"Invalid CSRF token" not in got.content


def test_the_configured_address_is_this_servers_own(strict: Server) -> None:
    for origin, status in (("https://outside.example", 201), ("https://outside.example:444", 403)):
        got = ask(strict, "POST", "/api/flows/", {"name": "f " + origin[-3:]}, Origin=origin)
        assert got.status == status


def test_a_foreign_page_may_read_what_cors_lets_it(strict: Server) -> None:
    assert ask(strict, "GET", "/api/hello", Origin=FOREIGN, Sec_Fetch_Site="cross-site").status == 200


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", "application/octet-stream"])
def test_only_json_is_read(usual: Server, media: str) -> None:
    got = ask(usual, "POST", "/api/flows/", b'{"name":"f"}', Content_Type=media)
    assert got.status == 422
    assert "application/json" in got.json["exception_detail"][0]["msg"]


def test_no_media_type_is_json_for_those_who_are_no_browser(usual: Server) -> None:
    assert ask(usual, "POST", "/api/flows/", b'{"name":"f"}').status in (200, 201)
    assert ask(usual, "POST", "/api/flows/", b'{"name":"f"}', Origin=usual.origin).status == 422


@pytest.mark.parametrize(("origin", "opens"), [(None, True), (LISTED, True), ("", True), (FOREIGN, False)])
def test_a_socket_is_opened_for_pages_that_may(strict: Server, origin: str | None, opens: bool) -> None:
    said = strict.origin if origin == "" else origin
    address = f"ws://127.0.0.1:{strict.port}/api/events/out"
    header = None if said is None else Origin(said)
    if opens:
        with connect(address, origin=header, subprotocols=[Subprotocol("prefect")], proxy=None) as socket:
            socket.send('{"type":"auth","token":null}')
            assert socket.recv(timeout=60) == '{"type":"auth_success"}'
    else:
        with pytest.raises(InvalidStatus) as refused:
            connect(address, origin=header, subprotocols=[Subprotocol("prefect")], proxy=None)
        assert refused.value.response.status_code == 403
