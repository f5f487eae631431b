"""TLS without a proxy."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.running import Server, clean_environment
from tests.security.asking import SECRET, basic
from tests.security.proxy import certificate


class Tls(Server):
    """A server with a certificate of its own."""

    crt = ""

    @property
    def origin(self) -> str:
        return f"https://localhost:{self.port}"

    def healthy(self) -> bool:
        try:
            return (
                httpx.get(f"{self.url}/health", verify=ssl.create_default_context(cafile=self.crt)).status_code == 200
            )
        except httpx.HTTPError:
            return False


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tls]:
    folder = tmp_path_factory.mktemp("tls")
    crt, key = certificate(folder)
    settings = {
        "PREFECT_SERVER_TLS_CERT_FILE": str(crt),
        "PREFECT_SERVER_TLS_KEY_FILE": str(key),
        "PREFECT_SERVER_API_AUTH_STRING": SECRET,
    }
    made = Tls(folder / "home", **settings)
    made.home.mkdir()
    made.crt = str(crt)
    with made as running:
        yield running


def test_answers_over_tls_insist_on_it(server: Tls) -> None:
    trust = ssl.create_default_context(cafile=server.crt)
    got = httpx.get(f"{server.url}/hello", headers=basic(), verify=trust)
    assert got.status_code == 200
    assert got.headers["strict-transport-security"].startswith("max-age=")
    cookie = httpx.post(f"{server.url}/session", headers=basic(), verify=trust).headers["set-cookie"]
    assert "; Secure" in cookie


def test_old_versions_of_tls_are_not_spoken(server: Tls) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = ssl.TLSVersion.TLSv1
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as plain, pytest.raises(ssl.SSLError):
        old.wrap_socket(plain)


@pytest.mark.parametrize(
    ("trust", "works"),
    [("PREFECT_API_SSL_CERT_FILE", True), ("PREFECT_API_TLS_INSECURE_SKIP_VERIFY", True), (None, False)],
)
def test_a_client_trusts_what_it_is_told_to(server: Tls, tmp_path: Path, trust: str | None, works: bool) -> None:
    value = {"PREFECT_API_SSL_CERT_FILE": server.crt}.get(trust or "", "true")
    environment = {
        **clean_environment(),
        "PREFECT_HOME": str(tmp_path),
        "PREFECT_API_URL": server.url,
        "PREFECT_API_AUTH_STRING": SECRET,
        "PREFECT_CLIENT_MAX_RETRIES": "0",
        **({trust: value} if trust else {}),
    }
    command = [sys.executable, "-m", "lictor.cli.main", "flow-run", "ls", "--output", "json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode == 0) == works, done.stderr
    assert "Traceback" not in done.stderr
    if works:
        assert done.stdout.strip() == "[]"
