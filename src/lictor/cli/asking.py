"""Asks the server on behalf of a command; what goes wrong is one line that says what to do."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar
from uuid import UUID

import click

from lictor.client.client import Client
from lictor.client.errors import ClientError, HTTPStatusError, ObjectNotFound
from lictor.wire.operation import Call

R = TypeVar("R")
REFUSED = frozenset({400, 403, 409, 422})
"""Statuses with which the server says of a request that it does not fit what is there."""


def ask(call: Call[R], missing: str = "It does not exist") -> R:
    """Carry a call to the server that the settings name."""
    try:
        with Client() as client:
            return client(call, retries=0)
    except ObjectNotFound:
        raise click.ClickException(f"{missing} on this server.") from None
    except ClientError as error:
        message = refusal(error) or str(error)
        raise click.ClickException(message[:1].upper() + message[1:]) from None


def ask_all(page: Callable[[int], Call[list[R]]], missing: str = "It does not exist") -> list[R]:
    """Return everything that a call lists, page by page; `page` makes the call that leaves so many out."""
    found: list[R] = []
    while more := ask(page(len(found)), missing):
        found += more
    return found


def refusal(error: ClientError) -> str:
    """Return the sentence with which the server says why it does not do what was asked, or nothing."""
    if not isinstance(error, HTTPStatusError) or error.status not in REFUSED:
        return ""
    with suppress(ValueError):
        said = error.response.json()
        if isinstance(said, dict) and isinstance(said.get("detail"), str):
            return str(said["detail"])
    return ""


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
