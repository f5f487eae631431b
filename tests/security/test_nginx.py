"""Behind a real nginx: at the root, with TLS, under a path, and configured with nothing at all."""

from __future__ import annotations

import json
import os
import re
import shutil
import ssl
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from tests.running import Server
from tests.security.asking import SECRET, ask, basic
from tests.security.proxy import Nginx

pytestmark = pytest.mark.skipif(
    os.environ.get("CI") != "true" and not (shutil.which("nginx") or os.path.exists("/usr/sbin/nginx")),
    reason="nginx is not installed",
)
WAYS = ("plain", "tls", "path", "bare")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    settings = {"PREFECT_SERVER_API_AUTH_STRING": SECRET, "PREFECT_SERVER_TRUSTED_PROXIES": "127.0.0.1"}
    with Server(None, **settings) as running:
        yield running


@pytest.fixture(scope="module")
def nginx(server: Server) -> Iterator[Nginx]:
    with Nginx(server) as running:
        yield running


@pytest.fixture
def client(nginx: Nginx) -> Iterator[httpx.Client]:
    with httpx.Client(verify=ssl.create_default_context(cafile=str(nginx.crt)), headers=basic()) as made:
        yield made


@pytest.mark.parametrize("way", WAYS)
def test_pages_and_api_work_with_no_setting(nginx: Nginx, client: httpx.Client, way: str) -> None:
    base = nginx.base(way)
    page = client.get(f"{base}/runs/flow-run/x", headers={"Accept": "text/html", "Authorization": ""})
    found = re.search(r'id="lictor-config">(.*?)</script>', page.text)
    assert found is not None
    told = json.loads(found[1])
    prefix = "/orchestrator" if way == "path" else ""
    assert (told["api_url"], told["base"]) == (f"{prefix}/api", prefix)
    origin = base.removesuffix(prefix)
    for asset in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert client.get(origin + asset).status_code == 200
    assert client.post(f"{base}/api/flows/filter", json={}).status_code == 200
    assert client.get(f"{base}/api/hello", headers={"Authorization": ""}).status_code == 401
    assert ("strict-transport-security" in page.headers) == (way == "tls")


@pytest.mark.parametrize("way", WAYS)
def test_redirects_and_next_pages_lead_back_the_way_one_came(nginx: Nginx, client: httpx.Client, way: str) -> None:
    base = nginx.base(way)
    got = client.post(f"{base}/api/flows", json={"name": "f"}, follow_redirects=True)
    assert got.status_code in (200, 201)
    assert str(got.url) == f"{base}/api/flows/"
    for number in range(2):
        client.post(f"{base}/api/flows/", json={"name": f"{way} {number}"})
    page = client.post(f"{base}/api/events/filter", json={"limit": 1}).json()
    if way != "bare":  # nginx as it comes says its own upstream's name, which is a single label
        assert page["next_page"].startswith(f"{base}/api/events/filter/next?")
        assert len(client.get(page["next_page"]).json()["events"]) == 1


@pytest.mark.parametrize("way", ["plain", "tls", "path"])
def test_a_page_signs_in_and_its_socket_opens(nginx: Nginx, client: httpx.Client, way: str) -> None:
    base = nginx.base(way)
    prefix = "/orchestrator" if way == "path" else ""
    origin = base.removesuffix(prefix)
    got = client.post(f"{base}/api/session", headers={"Origin": origin})
    cookie, *flags = got.headers["set-cookie"].split("; ")
    assert f"Path={prefix or '/'}" in flags
    assert ("Secure" in flags) == (way == "tls")
    address = base.replace("http", "ws", 1) + "/api/events/out"
    trust: Any = ssl.create_default_context(cafile=str(nginx.crt)) if way == "tls" else None
    with connect(
        address,
        ssl=trust,
        origin=Origin(origin),
        additional_headers={"Cookie": cookie},
        subprotocols=[Subprotocol("prefect")],
        proxy=None,
    ) as socket:
        socket.send('{"type":"auth","token":null}')
        assert socket.recv(timeout=60) == '{"type":"auth_success"}'


def test_a_plain_intranet_page_writes_behind_nginx_as_it_comes(nginx: Nginx, client: httpx.Client) -> None:
    base = nginx.base("bare")
    origin = {"Origin": base}  # browsers send no Sec-Fetch-Site over plain http, and the Host here is nginx's upstream
    got = client.get(f"{base}/api/csrf-token?client=page", headers=origin)
    assert got.status_code == 422
    assert client.post(f"{base}/api/flows/", json={"name": "intranet"}, headers=origin).status_code == 201


def test_forwarded_headers_of_strangers_are_not_believed() -> None:
    with Server() as server:
        forged = {
            "X_Forwarded_Host": "evil.example",
            "X_Forwarded_Proto": "https",
            "X_Forwarded_Prefix": "/evil",
            "X_Forwarded_For": "1.2.3.4",
        }
        for number in range(2):
            ask(server, "POST", "/api/flows/", {"name": f"f{number}"})
        got = ask(server, "POST", "/api/events/filter", {"limit": 1}, **forged)
        assert got.json["next_page"].startswith(server.url)
        astray = ask(server, "POST", "/api/events/filter", {"limit": 1}, Host="evil.example")
        assert astray.json["next_page"].startswith(server.url)
        assert b"evil" not in ask(server, "GET", "/", Accept="text/html", **forged).content
