"""A private nginx on loopback, with the configuration that `deploy/nginx.conf` gives users."""

from __future__ import annotations

import datetime
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.running import Server, free_port

CONF = Path(__file__).parent.parent.parent / "deploy" / "nginx.conf"
AS_IT_COMES = """
server {
    listen 127.0.0.1:%d;
    location / {
        proxy_pass http://lictor;
    }
}
"""
FOR_THOSE_WHO_SAY = """
server {
    listen 127.0.0.1:%d;
    location /orchestrator/ {
        if ($http_x_team != "data") {
            return 418;
        }
        proxy_pass http://lictor/;
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $lictor_connection;
        proxy_set_header X-Forwarded-Prefix /orchestrator;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_read_timeout 1h;
    }
}
"""
MAIN = """
daemon off;
pid nginx.pid;
error_log error.log;
worker_processes 1;
events {}
http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include lictor.conf;
}
"""


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for 127.0.0.1 that signs itself; return its file and its key's."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    crt, pem = folder / "lictor.crt", folder / "lictor.key"
    crt.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    kind = serialization.PrivateFormat.PKCS8
    pem.write_bytes(key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption()))
    return crt, pem


class Nginx:
    """nginx in front of one server or several: at the root, with TLS, under a path, and with nothing but `proxy_pass`."""

    def __init__(self, *servers: Server) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="lictor-nginx-"))
        self.ports = {name: free_port() for name in ("plain", "tls", "path", "bare", "team")}
        crt, key = certificate(self.folder)
        self.crt = crt
        text = CONF.read_text()
        for old, new in (
            ("listen 80;", f"listen 127.0.0.1:{self.ports['plain']};"),
            ("listen 443 ssl;", f"listen 127.0.0.1:{self.ports['tls']} ssl;"),
            ("listen 8080;", f"listen 127.0.0.1:{self.ports['path']};"),
            ("server 127.0.0.1:4200;", " ".join(f"server 127.0.0.1:{server.port};" for server in servers)),
            ("/etc/nginx/lictor.crt", str(crt)),
            ("/etc/nginx/lictor.key", str(key)),
        ):
            assert old in text
            text = text.replace(old, new)
        assert not re.search(r"listen \d+[; ]", text)
        (self.folder / "lictor.conf").write_text(
            text + AS_IT_COMES % self.ports["bare"] + FOR_THOSE_WHO_SAY % self.ports["team"]
        )
        who = "user root;\n" if os.geteuid() == 0 else ""  # its workers write into a folder that is its owner's alone
        (self.folder / "nginx.conf").write_text(who + MAIN)

    def base(self, name: str) -> str:
        """Return the address under which pages and API lie."""
        scheme = "https" if name == "tls" else "http"
        host = "localhost" if name == "tls" else "127.0.0.1"
        return f"{scheme}://{host}:{self.ports[name]}" + ("/orchestrator" if name in ("path", "team") else "")

    def __enter__(self) -> Self:
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        self.process = subprocess.Popen([nginx, "-p", str(self.folder), "-c", "nginx.conf", "-e", "error.log"])
        deadline = time.monotonic() + 20
        while True:
            try:
                with urllib.request.urlopen(f"{self.base('plain')}/api/health", timeout=5):
                    return self
            except OSError:
                assert self.process.poll() is None, self.told()
                assert time.monotonic() < deadline, self.told()
                time.sleep(0.02)

    def told(self) -> str:
        """Return nginx's log."""
        log = self.folder / "error.log"
        return log.read_text() if log.exists() else ""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
