"""Operations on a browser's sign-in: additions of Lictor's own."""

from __future__ import annotations

from types import NoneType

from lictor.wire.operation import Operation
from lictor.wire.types.common import Answer


class SignedIn(Answer, kw_only=True):
    """Who is signed in, and whether changes need a CSRF token."""

    name: str
    csrf: bool


OPEN = Operation("POST", "/session", NoneType, NoneType, "read", statuses=(204,), additive=True)
READ = Operation("GET", "/session", NoneType, SignedIn, "read", additive=True)
CLOSE = Operation("DELETE", "/session", NoneType, NoneType, "read", statuses=(204,), additive=True)
