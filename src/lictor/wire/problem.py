"""Reads what a request carries, and says everything that is wrong with it."""

from __future__ import annotations

from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec

from lictor.wire.operation import Operation

B = TypeVar("B")
Detail = dict[str, Any]


class InvalidRequest(Exception):
    """A request cannot be understood; `details` has every reason, each with `loc`, `msg` and `type`."""

    def __init__(self, details: list[Detail], request_body: Any) -> None:
        super().__init__(details)
        self.details, self.request_body = details, request_body

    def answer(self) -> dict[str, Any]:
        """Return the body of the 422 answer."""
        return {
            "exception_message": "Invalid request received.",
            "exception_detail": self.details,
            "request_body": self.request_body,
        }


def read_body(operation: Operation[B, Any], content: bytes, *, lenient: bool = False) -> B:
    """Return the body of a request in its type."""
    try:
        content.decode()
        return operation.read_body.decode(content)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise InvalidRequest([{"loc": ["body"], "msg": str(error), "type": "value_error"}], None) from None


def read_query(operation: Operation[Any, Any], query: bytes) -> Any:
    """Return the query parameters of a request in their type, None where it takes none."""
    if operation.query is None:
        return None
    values = dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True))
    try:
        return msgspec.convert(values, operation.query, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidRequest([{"loc": ["query"], "msg": str(error), "type": "value_error"}], None) from None
