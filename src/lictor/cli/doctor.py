"""Compares a server with the checklist of `docs/security.md`, and says how to mend each point."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Iterator
from email.message import Message
from http import HTTPStatus
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from lictor.client.lane import Kind
from lictor.client.spool import waiting
from lictor.kit.hashing import is_hashed
from lictor.kit.hosts import is_loopback
from lictor.settings import Settings, SettingsError, table
from lictor.settings.auth_strings import auth_strings
from lictor.store import block_document
from lictor.store.address import database_place
from lictor.store.keyring import FILE as KEY_FILE
from lictor.store.keyring import KeyProblem, Keyring
from lictor.store.opening import look
from lictor.store.transaction import StoreError

Verdict = Literal["ok", "advice", "mend"]
SHORTEST_PASSWORD = 12
PATIENCE = 10


class Finding(NamedTuple):
    """One point of the checklist: what was looked at, what was found, and the fix where there is one."""

    point: str
    verdict: Verdict
    found: str
    fix: str = ""


def configured(settings: Settings, host: str) -> Iterator[Finding]:
    """Look at a server's settings and files, for the address that it is to listen on."""
    beyond = not is_loopback(host)
    yield authentication(settings, beyond)
    yield password(settings)
    yield transport(settings, beyond)
    yield origins(settings, beyond)
    enabled = settings[table.SERVER_API_CSRF_PROTECTION_ENABLED]
    fix = "Set PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED=true; clients need nothing."
    yield Finding("CSRF tokens", "ok" if enabled else "advice", "on" if enabled else "off", "" if enabled else fix)
    yield from files(settings)
    yield encryption(settings)
    yield from undelivered(settings)


def encryption(settings: Settings) -> Finding:
    """Tell whether the keys are there that block documents are encrypted with."""
    point, keyring = "The encryption key", Keyring(settings)
    fix = f"Put the key back from a backup: into {keyring.place}, a line of its own."
    try:
        known, place = {key.name for key in keyring.known()}, database_place(settings)
        there = not isinstance(place, str) or Path(place).exists()
        used = asyncio.run(look(place, settings, block_document.keys)) if there else {}
    except KeyProblem as problem:
        return Finding(point, "mend", str(problem), "Mend that file or setting.")
    except (StoreError, OSError) as problem:
        return Finding(point, "advice", f"the database cannot be looked at: {problem}")
    lost = used.keys() - known
    if lost:
        return Finding(
            point, "mend", f"{sum(used[name] for name in lost)} block documents have a key that is gone", fix
        )
    return Finding(point, "ok", f"in {keyring.place}" if known else "made when the first block is saved")


def authentication(settings: Settings, beyond: bool) -> Finding:
    """Tell whether anybody needs to say who they are."""
    if settings[table.SERVER_API_AUTH_STRING] or settings[table.SERVER_API_AUTH_STRING_FILE]:
        return Finding("Credentials", "ok", "an auth string is set")
    found = "none: everybody who reaches the server may do everything"
    return Finding("Credentials", "mend" if beyond else "advice", found, "Set PREFECT_SERVER_API_AUTH_STRING.")


def password(settings: Settings) -> Finding:
    """Tell whether the auth string is kept and chosen well; it is never shown."""
    try:
        text = next(iter(auth_strings(settings)), None)
    except SettingsError as error:
        return Finding("The auth string", "mend", str(error), "Mend that setting; the server does not start with it.")
    if text is None:
        return Finding("The auth string", "advice", "there is none")
    if is_hashed(text):
        return Finding("The auth string", "ok", "kept as a hash")
    if len(text.partition(":")[2] or text) < SHORTEST_PASSWORD:
        return Finding("The auth string", "mend", "easy to guess", f"Use {SHORTEST_PASSWORD} characters or more.")
    return Finding("The auth string", "advice", "kept in clear", "Keep its hash: lictor server hash-auth.")


def transport(settings: Settings, beyond: bool) -> Finding:
    """Tell whether what goes over the network can be read on the way."""
    if settings[table.SERVER_TLS_CERT_FILE] and settings[table.SERVER_TLS_KEY_FILE]:
        return Finding("TLS", "ok", "by the server itself")
    if settings[table.SERVER_TRUSTED_PROXIES].strip():
        return Finding("TLS", "ok", "left to the proxies of server.trusted_proxies")
    if not beyond:
        return Finding("TLS", "ok", "not needed on this machine alone")
    fix = "Set PREFECT_SERVER_TLS_CERT_FILE and PREFECT_SERVER_TLS_KEY_FILE, or listen on 127.0.0.1 behind a proxy."
    return Finding("TLS", "mend", "credentials travel in clear", fix)


def origins(settings: Settings, beyond: bool) -> Finding:
    """Tell which pages may read the API."""
    listed = settings[table.SERVER_API_CORS_ALLOWED_ORIGINS]
    if "*" not in listed:
        return Finding("Pages of other origins", "ok", f"only {listed or 'none'}")
    fix = "List them in PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS; the server's own pages need no entry."
    return Finding("Pages of other origins", "mend" if beyond else "advice", "any may read what needs no login", fix)


SECRET_FILES = (
    table.SERVER_API_AUTH_STRING_FILE,
    table.SERVER_API_PREVIOUS_AUTH_STRING_FILE,
    table.SERVER_DATABASE_PASSWORD_FILE,
    table.SERVER_TLS_KEY_FILE,
    table.API_AUTH_STRING_FILE,
)


def files(settings: Settings) -> Iterator[Finding]:
    """Look at who may read the files that hold secrets or data."""
    home = Path(settings[table.HOME])
    places = [home / "lictor.db", home / KEY_FILE, home / "profiles.toml", Path(".env")]
    places += [Path(path) for path in (settings[each] for each in SECRET_FILES) if path]
    for place in places:
        try:
            mode = stat.S_IMODE(place.stat().st_mode)
        except OSError:
            continue
        if mode & (stat.S_IRWXO | stat.S_IWGRP):
            yield Finding(str(place), "mend", f"others may use it ({mode:o})", f"chmod 600 {place}")
        else:
            yield Finding(str(place), "ok", f"mode {mode:o}")


def undelivered(settings: Settings) -> Iterator[Finding]:
    """Tell what runs here have to tell a server that was away."""
    for each in waiting(Path(settings[table.HOME]) / "spool"):
        kinds = ((Kind.EVENT, "events"), (Kind.LOG, "log lines"), (Kind.STATE, "last states of runs"))
        counts = ", ".join(f"{each.counts[kind]} {name}" for kind, name in kinds if each.counts[kind])
        found = f"{counts or 'nothing'} for {each.address}"
        if each.alive:
            yield Finding(str(each.path), "ok", f"{found}: its process sends it when that server is back")
        else:
            fix = "Start that server; the next process that runs a flow with it sends the file."
            yield Finding(str(each.path), "advice", found, fix)


class Heard(NamedTuple):
    """What a running server answered."""

    status: int
    headers: Message


def ask(url: str, **headers: str) -> Heard:
    """Ask as a stranger; raise OSError where nobody answers."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise ValueError("the address must begin with http:// or https://")
    try:
        with urlopen(Request(url, headers=headers), timeout=PATIENCE) as answer:  # noqa: S310 - its scheme was checked
            return Heard(answer.status, answer.headers)
    except HTTPError as refused:
        return Heard(refused.code, refused.headers)


def running(url: str) -> Iterator[Finding]:
    """Ask a running server, as a stranger would."""
    origin = f"{urlsplit(url).scheme}://{urlsplit(url).netloc}"
    closed = ask(f"{url}/hello").status == HTTPStatus.UNAUTHORIZED
    found = "closed to strangers" if closed else "open to everybody"
    yield Finding("The API", "ok" if closed else "mend", found, "" if closed else "Set an auth string.")
    for path in ("/openapi.json", "/docs"):
        status = ask(origin + path).status
        shut = status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND)
        yield Finding(path, "ok" if shut else "mend", f"answers {status}", "" if shut else "Close it at the proxy.")
    shared = ask(f"{url}/health", Origin="http://stranger.example").headers["access-control-allow-origin"] == "*"
    fix = "List origins in PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS." if shared else ""
    yield Finding("Pages of other origins", "advice" if shared else "ok", "any" if shared else "listed ones", fix)
    tls = url.startswith("https://") or is_loopback(urlsplit(url).hostname)
    yield Finding(
        "TLS", "ok" if tls else "mend", "used, or not needed" if tls else "not used", "" if tls else "Use it."
    )
