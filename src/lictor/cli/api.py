"""`lictor api`: sends any request to the server."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from types import NoneType
from urllib.parse import urlencode

import click
import msgspec

from lictor.client.client import Client
from lictor.client.errors import ClientError, HTTPStatusError, ServerUnreachable
from lictor.client.exchange import Answer, Send
from lictor.kit.json import decode_any
from lictor.wire.operation import Call, Operation

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
WITH_BODY = ("POST", "PUT", "PATCH")
SECRET_HEADERS = ("authorization", "prefect-csrf-token", "cookie", "set-cookie")
UNREACHABLE, NOT_ALLOWED, REFUSED, BROKEN = 7, 3, 4, 5
"""Exit codes, those of the reference."""


@click.command()
@click.argument("method", metavar="METHOD", type=click.Choice(METHODS, case_sensitive=False))
@click.argument("path")
@click.option("--data", help="The body: JSON text, @FILE, or - for standard input.")
@click.option(
    "--header", "--headers", "-H", multiple=True, metavar="'NAME: VALUE'", help="One more header (repeatable)."
)
@click.option("--query", "-q", multiple=True, metavar="NAME=VALUE", help="A query parameter (repeatable).")
@click.option("--verbose", "-v", is_flag=True, help="Print the headers of request and answer to standard error.")
@click.option("--root", is_flag=True, help="PATH counts from the server's address, not from its API.")
def api(  # one for each option
    method: str, path: str, data: str | None, header: tuple[str, ...], query: tuple[str, ...], verbose: bool, root: bool
) -> None:
    """Send a request to the API and print the answer; METHOD is GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS.

    Without --data, POST, PUT and PATCH take what is piped to them as the body. Exit codes: 0 success, 1 wrong options,
    3 not allowed (401, 403), 4 refused (other 4xx), 5 the server failed (5xx), 7 no server answers.

    Example: lictor api GET /admin/version

    Example: lictor api POST /flow_runs/filter --data '{"limit": 5}'
    """
    content = body_of(method, data)
    given = [pair(each, ":", "--header", "'Name: value'") for each in header]
    values = [pair(each, "=", "--query", "name=value") for each in query]
    url = "/" + path.lstrip("/")
    if values:
        url += ("&" if "?" in url else "?") + urlencode(values)
    operation = Operation(method, url, NoneType, str, "read", media="text/plain")
    try:
        with Telling(verbose, root, dict(given)) as client:
            answer = client(Call(operation, url, content), retries=0)
    except ClientError as error:
        message = str(error)
        click.echo(f"Error: {message[:1].upper()}{message[1:]}", err=True)
        sys.exit(code_of(error))
    if answer:
        click.echo(pretty(answer))


class Telling(Client):
    """A client that sends more headers, and tells on standard error what it sends and gets."""

    def __init__(self, verbose: bool, root: bool, headers: dict[str, str]) -> None:
        super().__init__()
        self.verbose, self.root = verbose, root
        self.exchanges.headers = self.exchanges.headers | headers
        if root:
            self.exchanges.csrf_wanted = False

    def send(self, step: Send) -> Answer:
        """Send one request."""
        if self.root and self.address is not None:
            step = step._replace(url=self.address.removesuffix("/api") + step.url.removeprefix(self.address))
        if self.verbose:
            tell(">", f"{step.method} {step.url}", step.headers)
        answer = super().send(step)
        if self.verbose:
            tell("<", str(answer.status), answer.headers)
        return answer


def tell(mark: str, first: str, headers: Mapping[str, str]) -> None:
    """Print the head of a request or an answer, secrets masked."""
    click.echo(f"{mark} {first}", err=True)
    for name, value in headers.items():
        click.echo(f"{mark} {name}: {'********' if name.lower() in SECRET_HEADERS else value}", err=True)


def body_of(method: str, data: str | None) -> bytes | None:
    """Return the body that is given by option or standard input."""
    if data is None:
        piped = method in WITH_BODY and not sys.stdin.isatty()
        content, place = (sys.stdin.buffer.read() if piped else b""), "Standard input"
    elif data == "-":
        content, place = sys.stdin.buffer.read(), "Standard input"
    elif data.startswith("@"):
        content, place = read_file(data[1:]), f"The file {data[1:]}"
    else:
        content, place = data.encode(), "What --data gives"
    if not content.strip():
        return None
    try:
        decode_any(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{place} is not JSON: {error}.") from None
    return content


def read_file(path: str) -> bytes:
    """Return what stands in a file."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise click.ClickException(f"The file {path} cannot be read: {error.strerror}.") from None


def pair(text: str, mark: str, option: str, form: str) -> tuple[str, str]:
    """Return name and value of an option."""
    name, found, value = text.partition(mark)
    if not found or not name.strip():
        raise click.ClickException(f"{option} '{text}' is not of the form {form}.")
    return name.strip(), value.strip()


def code_of(error: ClientError) -> int:
    """Return the exit code that tells what kind of failure it was."""
    if isinstance(error, HTTPStatusError):
        return NOT_ALLOWED if error.status in {401, 403} else REFUSED if error.status < 500 else BROKEN
    return UNREACHABLE if isinstance(error, ServerUnreachable) else 1


def pretty(text: str) -> str:
    """Return JSON indented, and any other text as it is."""
    try:
        decode_any(text)
    except msgspec.DecodeError:
        return text
    return msgspec.json.format(text, indent=2)
