"""Asks the server on behalf of a command; what goes wrong is one line that says what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

import click

from lictor.client.client import Client
from lictor.client.errors import ClientError, HTTPStatusError
from lictor.sdk.api.method import Steps, carry
from lictor.wire.operation import Call

R = TypeVar("R")
REFUSED = frozenset({400, 403, 409, 422})
"""Statuses with which the server says of a request that it does not fit what is there."""
UNAUTHORIZED, NOT_FOUND = 401, 404
FIELD = re.compile(r"[\w.\[\]]+: ")
NO_PATH = "Not Found"
"""What a server says of a path that it does not have, rather than of something that does not exist."""


def ask(call: Call[R], missing: str = "It does not exist", unknown: str = "") -> R:
    """Carry a call to the server that the settings name.

    `missing` says what is not there where it is not, `unknown` what the server does not know whose API lacks the path.
    """
    with plainly(missing, unknown), Client() as client:
        return client(call, retries=0)


def ask_steps(steps: Steps[R], missing: str = "It does not exist") -> R:
    """Carry several calls, one after the other, and return what they come to."""
    with plainly(missing), Client() as client:
        return carry(client, steps)


@contextmanager
def plainly(missing: str, unknown: str = "") -> Iterator[None]:
    """Say in a line what goes wrong between client and server."""
    try:
        yield
    except ClientError as error:
        message = (unknown if unknown and no_path(error) else refusal(error, missing)) or str(error)
        raise click.ClickException(as_sentence(message)) from None


def as_sentence(message: str) -> str:
    """Return what an error says as a sentence; a field's name that it begins with stays as it is."""
    end = "" if message.endswith((".", "!", "…")) else "."
    begins = message[:1] if FIELD.match(message) else message[:1].upper()
    return f"{begins}{message[1:]}{end}"


def ask_all(page: Callable[[int], Call[list[R]]], missing: str = "It does not exist") -> list[R]:
    """Return everything that a call lists, page by page; `page` makes the call that leaves so many out."""
    found: list[R] = []
    while more := ask(page(len(found)), missing):
        found += more
    return found


def refusal(error: ClientError, missing: str = "It does not exist") -> str:
    """Return a sentence that says why the server does not do what was asked, or nothing."""
    if not isinstance(error, HTTPStatusError):
        return ""
    said = detail(error)
    if no_path(error):
        return (
            f"Nothing is at {error.url}: PREFECT_API_URL must be the address of a server's API, such as "
            "http://127.0.0.1:4200/api"
        )
    if error.status == NOT_FOUND:
        return f"{missing} on this server"
    if error.status == UNAUTHORIZED:
        return (
            f"The server at {urlsplit(error.url).netloc} lets nobody in without the right credentials: set "
            "PREFECT_API_AUTH_STRING or PREFECT_API_KEY to what it asks for"
        )
    return said if error.status in REFUSED else ""


def no_path(error: ClientError) -> bool:
    """Tell whether the server's API has no such path."""
    if not isinstance(error, HTTPStatusError) or error.status != NOT_FOUND:
        return False
    return detail(error) == NO_PATH or not error.body.startswith("{")


def detail(error: HTTPStatusError) -> str:
    """Return what the server says of an error in words, or nothing."""
    with suppress(ValueError):
        said = error.response.json()
        if isinstance(said, dict) and isinstance(said.get("detail"), str):
            return str(said["detail"])
        if isinstance(said, dict) and isinstance(said.get("exception_detail"), list):
            return "; ".join(misfit(each) for each in said["exception_detail"])
    return ""


def misfit(said: Any) -> str:
    """Return what the server says of a part of a request that does not fit: the field, and why."""
    place = ".".join(str(each) for each in said.get("loc", ())[1:])
    return f"{place}: {said.get('msg')}" if place else str(said.get("msg"))


class UUIDText(click.ParamType[UUID]):
    """A UUID on the command line."""

    name = "id"

    def __init__(self, group: str = "flow-run") -> None:
        """`group` is the command group that lists such ids."""
        self.group = group

    def convert(self, value: str | UUID, param: click.Parameter | None, ctx: click.Context | None) -> UUID:
        """Return the UUID, or say what is wrong with the text."""
        try:
            return value if isinstance(value, UUID) else UUID(value)
        except ValueError:
            self.fail(f"'{value}' is no id; copy one from `lictor {self.group} ls`.", param, ctx)
