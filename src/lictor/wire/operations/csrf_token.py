"""The operation that gives a client its CSRF token."""

from __future__ import annotations

from types import NoneType

from msgspec import Struct

from lictor.wire.operation import Operation
from lictor.wire.types.csrf_token import CsrfToken


class TokenFor(Struct, kw_only=True):
    """Which client asks."""

    client: str


READ = Operation("GET", "/csrf-token", NoneType, CsrfToken, "read", query=TokenFor)
