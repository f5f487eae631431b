"""The operation that gives a client its CSRF token."""

from __future__ import annotations

from types import NoneType
from typing import Annotated

from msgspec import Meta, Struct

from lictor.wire.operation import Operation
from lictor.wire.types.csrf_token import CsrfToken

ClientName = Annotated[str, Meta(min_length=1, max_length=256, pattern=r"^[^\x00-\x1f\x7f]*$")]


class TokenFor(Struct, kw_only=True):
    """Which client asks."""

    client: ClientName


READ = Operation("GET", "/csrf-token", NoneType, CsrfToken, "read", query=TokenFor)
