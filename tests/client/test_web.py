"""Requests to other services: to public addresses alone where that is asked for, and to those that were looked at."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import httpx
import pytest

from lictor.client import web
from lictor.client.web import Outgoing, asend, is_public, send
from tests.client.listening import Heard, listening
from tests.security.proxy import certificate

PUBLIC = ["8.8.8.8", "2001:4860:4860::8888", "64:ff9b::808:808"]
PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1%eth0",
    "fd00::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "2002:7f00:1::",
    "64:ff9b::a00:1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses(address: str) -> None:
    assert not is_public(address)


WRONG = ["", "x", "ftp://localhost/", "file:///etc/hostname", "http://", "http://[", "https://localhost:99999/"]


@pytest.mark.parametrize("url", WRONG)
@pytest.mark.parametrize("public_only", [True, False])
def test_what_is_no_address_is_refused(url: str, public_only: bool) -> None:
    with pytest.raises(ValueError, match="URL"):
        send(Outgoing("GET", url, {}, public_only=public_only))


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "[::1]", "0x7f000001", "2130706433", "127.1", "u@localhost"]
)
async def test_private_addresses_are_not_called(host: str) -> None:
    with listening() as (port, heard):
        request = Outgoing("GET", f"http://{host}:{port}/", {}, public_only=True)
        with pytest.raises(ValueError, match=r"private|looked up"):
            send(request)
        with pytest.raises(ValueError, match=r"private|looked up"):
            await asend(request)
        assert heard == []


def test_a_name_of_which_one_address_is_private_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[Any] = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, 80)) for host in ("8.8.8.8", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(ValueError, match=r"127\.0\.0\.1"):
        send(Outgoing("GET", "http://both.example/", {}, public_only=True))


async def test_a_name_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "is_public", lambda address: True)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    looked_up = []
    real = socket.getaddrinfo

    def rebinding(host: Any, *args: Any, **kwargs: Any) -> Any:
        looked_up.append(host)
        assert looked_up.count("service.example") == 1, "a second answer could be another"
        return real("127.0.0.1" if host == "service.example" else host, *args, **kwargs)

    with listening() as (port, heard):
        for ask in (send, asend):
            looked_up.clear()
            monkeypatch.setattr(socket, "getaddrinfo", rebinding)
            request = Outgoing(
                "POST",
                f"http://service.example:{port}/x?y=1",
                {"json": {"a": 1}, "headers": {"X-One": "1"}, "cookies": {"c": "d"}},
                public_only=True,
            )
            answer = ask(request)
            answer = answer if isinstance(answer, httpx.Response) else await answer
            assert answer.status_code == 200
            monkeypatch.setattr(socket, "getaddrinfo", real)
    for one in heard:
        assert (one.method, one.path, one.body) == ("POST", "/x?y=1", b'{"a":1}')
        assert one.headers["Host"] == f"service.example:{port}"
        assert (one.headers["X-One"], one.headers["Cookie"]) == ("1", "c=d")
    assert len(heard) == 2


@pytest.mark.parametrize("trusted", [True, False])
async def test_the_certificate_is_that_of_the_name(
    trusted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "is_public", lambda address: True)
    crt, key = certificate(tmp_path)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(crt))
    with listening(tls=(crt, key)) as (port, heard):
        request = Outgoing("GET", f"https://localhost:{port}/", {}, public_only=True)
        if trusted:
            assert (await asend(request)).status_code == send(request).status_code == 200
            with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                send(request._replace(url=f"https://127.0.0.1:{port}/"))  # the certificate names localhost alone
        else:
            with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                send(request)
            assert send(request._replace(verify=False)).status_code == 200
        assert {one.headers["Host"] for one in heard} == {f"localhost:{port}"}


def test_redirections_are_not_followed() -> None:
    def elsewhere(one: Heard) -> tuple[int, dict[str, str]]:
        return 302, {"Location": "/elsewhere"}

    with listening(elsewhere) as (port, heard):
        assert send(Outgoing("GET", f"http://127.0.0.1:{port}/", {})).status_code == 302
        assert [one.path for one in heard] == ["/"]
