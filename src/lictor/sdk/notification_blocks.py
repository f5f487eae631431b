"""Blocks that notify people: each makes the requests of one service."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, PrivateAttr

from lictor.client.web import Outgoing, asend, send
from lictor.kit.errors import LictorException
from lictor.kit.masking import masked
from lictor.sdk.block import Block
from lictor.sdk.block_schema import SecretDict
from lictor.sdk.calling import is_async_here
from lictor.sdk.logging import get_logger
from lictor.sdk.parameters import hide_secrets
from lictor.sdk.web_blocks import Verb

if TYPE_CHECKING:
    from lictor.client.web import Response

Kind = Literal["info", "success", "warning", "failure"]
PLACEHOLDER = re.compile(r"\{\{\s*([\w.\-\[\]$]+)\s*\}\}")
SHOWN = 300
"""How much of a service's answer is told where it refuses."""


class NotificationError(LictorException):
    """A service did not take a notification.

    Attributes:
        log: What it said.
    """

    def __init__(self, log: str) -> None:
        super().__init__(log)
        self.log = log


class NotificationBlock(Block, ABC):
    """A block that notifies people.

    What a service does not take is told as a warning in the log; within `raise_on_failure()` it raises
    NotificationError.
    """

    _block_schema_capabilities: ClassVar[list[str] | None] = ["notify"]
    _raise_on_failure: bool = PrivateAttr(False)

    @abstractmethod
    def requests_of(self, body: str, subject: str | None) -> list[Outgoing]:
        """Return the requests that make a notification."""

    def notify(self, body: str, subject: str | None = None) -> Any:
        """Notify people; it is awaited in async flows and tasks.

        Args:
            body: What they are told.
            subject: What it is about, where a service shows that.
        """
        if is_async_here():
            return self.anotify(body, subject)
        hide_secrets(self)
        try:
            for request in self.requests_of(body, subject):
                refuse(send(request))
        except Exception as error:  # whatever a service or the way to it may do
            self._failed(error)
        return None

    async def anotify(self, body: str, subject: str | None = None) -> None:
        """Notify people; as `notify`."""
        hide_secrets(self)
        try:
            for request in self.requests_of(body, subject):
                refuse(await asend(request))
        except Exception as error:
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        """Tell that people were not notified."""
        said = masked(f"{type(self).__name__}: the notification was not taken: {error or type(error).__name__}")
        if self._raise_on_failure:
            raise NotificationError(said) from None
        get_logger("blocks").warning(said)

    @contextmanager
    def raise_on_failure(self) -> Iterator[None]:
        """Raise NotificationError within, where a service does not take a notification."""
        self._raise_on_failure = True
        try:
            yield
        finally:
            self._raise_on_failure = False


def refuse(answer: Response) -> None:
    """Raise where a service did not take a request."""
    if not answer.is_success:
        raise Refused(f"the service answered {answer.status_code}: {answer.text[:SHOWN]}")


class Refused(Exception):
    """A service did not take a request."""


class ServiceBlock(NotificationBlock, ABC):
    """A block that notifies people through a service that tells kinds of notifications apart."""

    notify_type: Kind = Field(default="info", description="What kind of notification it is.")


def titled(body: str, subject: str | None, mark: str = "**") -> str:
    """Return a text below its subject, which is set off by marks."""
    return f"{mark}{subject}{mark}\n{body}" if subject else body


class CustomWebhookNotificationBlock(NotificationBlock):
    """Notifies a web service with a request of your own form.

    In the address, the parameters, the data, the headers and the cookies `{{subject}}`, `{{body}}`, `{{name}}` and the
    names of `secrets` stand for their values.

    Attributes:
        name: What `{{name}}` stands for.
        url: The address of the service.
        method: How it is called, `POST` by default.
        params: What is put into the query.
        json_data: What is sent as JSON.
        form_data: What is sent as a form, or a text that is sent as it is.
        headers: What is sent as headers.
        cookies: What is sent as cookies.
        timeout: How many seconds an answer is waited for.
        allow_private_urls: Whether the address may be one of a private network.
        secrets: Values that the others name, and that are shown nowhere.
    """

    _block_type_name: ClassVar[str | None] = "Custom Webhook"
    _block_type_slug: ClassVar[str | None] = "custom-webhook"
    _description: ClassVar[str | None] = "Notifies a web service with a request of your own form."

    name: str = Field(title="Name")
    url: str = Field(title="Webhook URL", description="The address of the service.")
    method: Verb = Field(default="POST", description="How the service is called.")
    params: dict[str, str] | None = Field(default=None, title="Query Params")
    json_data: dict[str, Any] | None = Field(default=None, title="JSON Data")
    form_data: dict[str, str] | str | None = Field(default=None, title="Form Data")
    headers: dict[str, str] | None = Field(default=None)
    cookies: dict[str, str] | None = Field(default=None)
    timeout: float = Field(default=10, description="How many seconds an answer is waited for.")
    allow_private_urls: bool = Field(default=True, description="Whether the address may be one of a private network.")
    secrets: SecretDict = Field(default_factory=lambda: SecretDict({}), title="Custom Secret Values")

    def block_initialization(self) -> None:
        """Refuse what cannot be sent: two bodies, or names that stand for nothing."""
        if self.form_data is not None and self.json_data is not None:
            raise ValueError("form_data and json_data: give one of them, not both")
        known = {"subject", "body", "name", *self.secrets.get_secret_value()}
        for field in ("url", "params", "form_data", "json_data", "headers", "cookies"):
            for name in names_in(getattr(self, field)):
                if name not in known:
                    raise KeyError(f"{field}: {{{{{name}}}}} stands for nothing; put '{name}' into secrets")

    def requests_of(self, body: str, subject: str | None) -> list[Outgoing]:
        """Return the request with all that is named in it."""
        values = {
            **self.secrets.get_secret_value(),
            "subject": "null" if subject is None else subject,
            "body": body,
            "name": self.name,
        }
        form = "content" if isinstance(self.form_data, str) else "data"
        said = {
            "params": self.params,
            form: self.form_data,
            "json": self.json_data,
            "headers": self.headers,
            "cookies": self.cookies,
        }
        options = {name: filled(value, values) for name, value in said.items() if value is not None}
        url = filled(self.url, values)
        return [Outgoing(self.method, url, options, self.timeout, public_only=not self.allow_private_urls)]


def names_in(value: Any) -> Iterator[str]:
    """Yield what is named in the texts of a value."""
    if isinstance(value, str):
        yield from PLACEHOLDER.findall(value)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from names_in(key)
            yield from names_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from names_in(each)


def filled(value: Any, values: dict[str, Any]) -> Any:
    """Return a value with what is named in its texts; a text that is one name alone becomes the value itself."""
    if isinstance(value, str):
        whole = PLACEHOLDER.fullmatch(value)
        return values[whole[1]] if whole else PLACEHOLDER.sub(lambda found: str(values[found[1]]), value)
    if isinstance(value, dict):
        return {filled(key, values): filled(each, values) for key, each in value.items()}
    return [filled(each, values) for each in value] if isinstance(value, list) else value
