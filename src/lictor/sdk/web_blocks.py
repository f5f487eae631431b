"""A block that calls a web service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, SecretStr

from lictor.client.web import Outgoing, asend
from lictor.sdk.block import Block
from lictor.sdk.block_schema import SecretDict
from lictor.sdk.parameters import hide_secrets

if TYPE_CHECKING:
    from lictor.client.web import Response

Verb = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


class Webhook(Block):
    """A web service to call.

    Attributes:
        method: How it is called, `POST` by default.
        url: Its address.
        headers: What else is sent with every call.
        allow_private_urls: Whether the address may be one of a private network.
        verify: Whether the service's certificate is checked.
    """

    _block_type_name: ClassVar[str | None] = "Webhook"
    _description: ClassVar[str | None] = "A web service to call."

    method: Verb = Field(default="POST", description="How the service is called.")
    url: SecretStr = Field(title="Webhook URL", description="The address of the service.")
    headers: SecretDict = Field(
        default_factory=lambda: SecretDict({}), title="Webhook Headers", description="What is sent with every call."
    )
    allow_private_urls: bool = Field(default=True, description="Whether the address may be one of a private network.")
    verify: bool = Field(default=True, description="Whether the service's certificate is checked.")

    async def call(self, payload: dict[str, Any] | str | None = None) -> Response:
        """Call the service, and return its answer whatever the status; it is always awaited.

        Args:
            payload: What is sent: an object as JSON, a text as it is.

        Raises:
            ValueError: The address is none, or is private and may not be.
            httpx.HTTPError: There was no answer.
        """
        hide_secrets(self)
        content = {"content": payload} if isinstance(payload, str) else {"json": payload}
        return await asend(
            Outgoing(
                self.method,
                self.url.get_secret_value(),
                {"headers": self.headers.get_secret_value(), **content},
                public_only=not self.allow_private_urls,
                verify=self.verify,
            )
        )
