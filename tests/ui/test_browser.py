"""The pages in a real Chromium, at the root and under a path behind nginx: sign-in, live states, a run, sign-out."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.running import Server
from tests.security.asking import SECRET, basic
from tests.security.proxy import Nginx
from tests.ui.chromium import CHROMIUM, QUIET

pytestmark = pytest.mark.skipif(
    os.environ.get("CI") != "true"
    and (CHROMIUM is None or not (shutil.which("nginx") or os.path.exists("/usr/sbin/nginx"))),
    reason="Chromium or nginx is not installed",
)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    settings = {"PREFECT_SERVER_API_AUTH_STRING": SECRET, "PREFECT_SERVER_TRUSTED_PROXIES": "127.0.0.1"}
    with Server(None, **settings, PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED="true") as running:
        yield running


@pytest.fixture(scope="module")
def nginx(server: Server) -> Iterator[Nginx]:
    with Nginx(server) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, as it is installed here."""
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield made
        made.close()


class Api:
    """Makes what the pages show, as a client with a CSRF token does."""

    def __init__(self, server: Server) -> None:
        self.http = httpx.Client(base_url=server.url, headers=basic())
        token = self.http.get("/csrf-token", params={"client": "test"}).json()["token"]
        self.http.headers.update({"Prefect-Csrf-Token": token, "Prefect-Csrf-Client": "test"})

    def post(self, path: str, body: Any) -> Any:
        got = self.http.post(path, json=body)
        assert got.status_code < 300, got.text
        return got.json() if got.content else None

    def run(self, name: str) -> str:
        flow = self.post("/flows/", {"name": "seen in the browser"})["id"]
        run_id: str = self.post("/flow_runs/", {"flow_id": flow, "name": name, "state": {"type": "PENDING"}})["id"]
        self.post(
            "/logs/",
            [
                {
                    "name": "prefect.flow_runs",
                    "level": 20,
                    "message": f"a line of {name}",
                    "timestamp": "2026-01-01T00:00:00Z",
                    "flow_run_id": run_id,
                }
            ],
        )
        return run_id

    def move(self, run_id: str, state: str) -> None:
        self.post(f"/flow_runs/{run_id}/set_state", {"state": {"type": state}})


@pytest.mark.parametrize("way", ["plain", "tls", "path"])
def test_a_person_signs_in_watches_a_run_and_signs_out(
    server: Server, nginx: Nginx, browser: Browser, way: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    api = Api(server)
    name = f"run-{way}"
    run_id = api.run(name)
    base = nginx.base(way)
    context = browser.new_context(ignore_https_errors=True)
    page = context.new_page()
    asked: list[str] = []
    faults: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))

    page.goto(f"{base}/runs/flow-run/{run_id}")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert not [url for url in asked if "/api" in url]
    sign_in(page, "admin:wrong")
    expect(page.get_by_text("These credentials are not the server's")).to_be_visible()
    assert all("401" in fault for fault in faults)
    faults.clear()
    sign_in(page, SECRET)
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.get_by_text(f"a line of {name}")).to_be_visible()
    assert page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length") == 0
    page.reload()
    expect(page.get_by_role("heading", name=name)).to_be_visible()

    page.goto(f"{base}/")
    row = page.get_by_role("row").filter(has_text=name)
    expect(row).to_contain_text("Pending")
    expect(page.get_by_text("live", exact=False).first).to_be_visible()
    api.move(run_id, "RUNNING")
    expect(row).to_contain_text("Running")
    api.move(run_id, "COMPLETED")
    expect(row).to_contain_text("Completed")
    folder = os.environ.get("LICTOR_TEST_SCREENSHOTS") or str(tmp_path_factory.mktemp("screens"))
    page.screenshot(path=f"{folder}/runs-{way}.png")

    cookies = {one["name"]: one for one in context.cookies()}
    assert cookies["lictor-session"]["httpOnly"]
    assert cookies["lictor-session"]["secure"] == (way == "tls")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    token = cookies["lictor-session"]["value"]
    assert httpx.get(f"{server.url}/hello", headers={"Cookie": f"lictor-session={token}"}).status_code == 401
    origin = base.removesuffix("/orchestrator")
    assert all(url.startswith((origin, origin.replace("http", "ws", 1))) for url in asked)
    assert faults == []
    context.close()


def sign_in(page: Page, credentials: str) -> None:
    page.get_by_label("Credentials", exact=True).fill(credentials)
    page.get_by_role("button", name="Sign in").click()
