"""Reads what a request carries, and says everything that is wrong with it.

The way of a good request is one call of msgspec. Only after its first error is the body walked field by field, so that
the answer names every wrong or missing field with `loc`, `msg` and `type`, as the reference's clients expect.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl

import msgspec

from lictor.kit.json import decode_any, encode
from lictor.wire.loosening import loosened
from lictor.wire.operation import Operation
from lictor.wire.types.common import Query
from lictor.wire.walk import Detail, problems, without_unknown

B = TypeVar("B")

DEEPEST = 200
"""How deep a body may be nested unless something else is said."""

ECHO, MOST_DETAILS = 4096, 100
"""How many bytes of what was sent, and how many reasons, an answer tells back."""

LONGEST_NAME = 4096
"""How many characters a name may have unless something else is said."""

USUAL = 24
"""How deep a body usually is at the most."""

NO_BRACKETS = bytes(set(range(256)) - set(b'[]{}"'))
TEXT = re.compile(rb'"[^"]*"')


def cut(value: Any, most: int) -> Any:
    """Return a value, or the beginning of its JSON where that is too long."""
    encoded = encode(value)
    return value if len(encoded) <= most else encoded[:most].decode("utf-8", "replace") + "…"


class InvalidRequest(Exception):
    """A request cannot be understood; `details` has every reason, each with `loc`, `msg` and `type`."""

    def __init__(self, details: list[Detail], request_body: Any) -> None:
        super().__init__(details)
        self.details, self.request_body = details, request_body

    def answer(self, most: int = ECHO) -> dict[str, Any]:
        """Return the body of the 422 answer; what was sent is told back, each value in `most` bytes at the most."""
        details = [
            {**detail, "input": cut(detail["input"], most)} if "input" in detail else detail for detail in self.details
        ]
        return {
            "exception_message": "Invalid request received.",
            "exception_detail": details[:MOST_DETAILS],
            "request_body": cut(self.request_body, most),
        }


class Limits(NamedTuple):
    """What a body may be: `deepest` levels of nesting, names of `longest_name` characters."""

    deepest: int = DEEPEST
    longest_name: int = LONGEST_NAME


USUAL_LIMITS = Limits()


def read_body(
    operation: Operation[B, Any], content: bytes, *, lenient: bool = False, limits: Limits = USUAL_LIMITS
) -> B:
    """Return the body of a request in its type; `lenient` drops fields that the type does not know.

    Raises InvalidRequest for anything else: malformed JSON, invalid UTF-8, wrong types, what is beyond the limits.
    """
    body = decoded(operation, content, lenient, limits.deepest)
    if len(content) > limits.longest_name:
        check_names(body, limits.longest_name)
    return body


def check_names(body: Any, most: int) -> None:
    """Raise InvalidRequest if a name in a body is too long."""
    message = f"At most {most} characters (server.limits.name_length)."
    long = [{"type": "string_too_long", "loc": loc, "msg": message} for loc in long_names(body, most, ["body"])]
    if long:
        raise InvalidRequest(long, None)


def long_names(body: Any, most: int, loc: list[str | int]) -> Iterator[list[str | int]]:
    """Yield the places of names that are too long: of what a body describes, and of its state."""
    if isinstance(body, list):
        for at, part in enumerate(body):
            yield from long_names(part, most, [*loc, at])
        return
    if len(getattr(body, "name", None) or "") > most:
        yield [*loc, "name"]
    state = getattr(body, "state", None)
    if state is not None:
        yield from long_names(state, most, [*loc, "state"])


def decoded(operation: Operation[B, Any], content: bytes, lenient: bool, deepest: int) -> B:
    """Return JSON in its type, or say what is wrong with it."""
    try:
        if content.count(b"[") + content.count(b"{") > deepest:
            check_depth(content, deepest)
        content.isascii() or content.decode()
        return operation.read_body.decode(content)
    except UnicodeDecodeError as error:
        raise malformed(content, f"the text is not UTF-8: {error.reason} at byte {error.start}") from None
    except RecursionError:
        raise malformed(content, f"nested deeper than {deepest} levels") from None
    except msgspec.ValidationError as error:
        return reread(operation, content, str(error), lenient)
    except msgspec.DecodeError as error:
        if not content.strip():
            if not operation.needs_body:
                return operation.empty_body()
            raise InvalidRequest([{"type": "missing", "loc": ["body"], "msg": "Field required"}], None) from None
        raise malformed(content, str(error)) from None


def reread(operation: Operation[B, Any], content: bytes, first: str, lenient: bool) -> B:
    """Read a body once more as its type and its client allow, or say all that is wrong with it."""
    try:
        asked = decode_any(content)
    except msgspec.DecodeError as error:
        raise malformed(content, str(error)) from None
    body = without_nulls(operation.body, asked)
    if lenient:
        body = without_unknown(operation.body, body)
    body = loosened(operation.body, body)
    try:
        return operation.read_body.decode(encode(body))
    except msgspec.ValidationError as error:
        first = str(error)
    details = problems(operation.body, body, ["body"])
    raise InvalidRequest(details or [{"type": "value_error", "loc": ["body"], "msg": first}], asked)


def without_nulls(kind: Any, body: Any) -> Any:
    """Return the body of a query without its nulls: at the top level of one, null stands for the default."""
    if isinstance(body, dict) and isinstance(kind, type) and issubclass(kind, Query):
        return {name: value for name, value in body.items() if value is not None}
    return body


def read_query(operation: Operation[Any, Any], query: bytes) -> Any:
    """Return the query parameters of a request in their type, None where it takes none; a repeated one counts last."""
    if operation.query is None:
        return None
    values = dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True, errors="replace"))
    try:
        return msgspec.convert(values, operation.query, strict=False)
    except msgspec.ValidationError as error:
        details = problems(operation.query, values, ["query"])
        raise InvalidRequest(details or [{"type": "value_error", "loc": ["query"], "msg": str(error)}], None) from None


def check_depth(content: bytes, deepest: int) -> None:
    """Raise RecursionError for JSON that is nested deeper than so many levels, also where its parts are kept as text.

    What is in texts goes first; then brackets are counted.
    """
    kept = content.replace(rb"\\", b"").replace(rb"\"", b"").translate(None, NO_BRACKETS).replace(b'""', b"")
    brackets = TEXT.sub(b"", kept)
    depths = accumulate(1 if each in b"[{" else -1 for each in brackets)
    if not shallow(brackets, deepest) and max(depths, default=0) > deepest:
        raise RecursionError


def shallow(brackets: bytes, deepest: int) -> bool:
    """Tell, fast, whether brackets are nested as little as they usually are."""
    for _ in range(min(USUAL, deepest) // 2):  # a pass takes one level away, or two
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
        if not brackets:
            return True
    return False


def malformed(content: bytes, why: str) -> InvalidRequest:
    """Say that a body is no JSON."""
    detail = {"type": "json_invalid", "loc": ["body", 0], "msg": f"JSON decode error: {why}", "input": {}}
    return InvalidRequest([detail], content[:1000].decode("utf-8", "replace"))
