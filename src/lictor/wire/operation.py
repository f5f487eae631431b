"""One row an endpoint: the route, the clients' call, the OpenAPI document and the permission come from it."""

from __future__ import annotations

from functools import cached_property
from types import NoneType
from typing import Any, Generic, Literal, TypeVar, cast, get_args
from urllib.parse import quote, urlencode

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import fields

from lictor.kit.json import encode
from lictor.wire.types.common import Query

B = TypeVar("B")
R = TypeVar("R")
S = TypeVar("S")

JSON = "application/json"

Need = Literal["open", "read", "run", "write", "secrets", "admin"]
"""What an operation asks of its caller; `open` needs no credentials, `secrets` is asked where they come in clear."""


class Operation(Generic[B, R]):
    """One row of the HTTP table.

    `path` is relative to the API mount, with `{name}` for its parameters. `body` is the type of the request body
    (NoneType: it takes none), `result` that of the answer (NoneType: empty), `query` a struct of the query parameters.
    `statuses` are the successful answers, the usual one first; `media` is the answers' media type. `additive`
    rows are Lictor's own: the contract does not have them.
    """

    def __init__(  # noqa: PLR0913  # a row of the table has that many columns
        self,
        method: str,
        path: str,
        body: type[B],
        result: type[R],
        need: Need,
        *,
        statuses: tuple[int, ...] = (200,),
        query: type[msgspec.Struct] | None = None,
        media: str = JSON,
        additive: bool = False,
    ) -> None:
        self.method, self.path, self.body, self.result, self.need = method, path, body, result, need
        self.statuses, self.query, self.media = statuses, query, media
        self.additive = additive
        self.takes_body = body is not NoneType

    def __repr__(self) -> str:
        return f"{self.method} {self.path}"

    def giving(self, result: type[S]) -> Operation[B, S]:
        """Return the same operation for a client that reads the answer in another type."""
        return Operation(
            self.method,
            self.path,
            self.body,
            result,
            self.need,
            statuses=self.statuses,
            query=self.query,
            media=self.media,
            additive=self.additive,
        )

    @cached_property
    def needs_body(self) -> bool:
        """Whether a request must have a body; one that may be null, or of which nothing has to be said, need not."""
        if self.may_be_null:
            return False
        if not (isinstance(self.body, type) and issubclass(self.body, Query)):
            return self.takes_body
        return any(field.required for field in fields(cast("type[Query]", self.body)))

    @cached_property
    def may_be_null(self) -> bool:
        """Whether null is a body."""
        return NoneType in get_args(self.body)

    def empty_body(self) -> B:
        """Return what a request without a body says."""
        return cast("B", None) if self.may_be_null else self.body()

    @cached_property
    def read_body(self) -> msgspec.json.Decoder[B]:
        """The decoder of the request body."""
        return msgspec.json.Decoder(self.body)

    @cached_property
    def read_result(self) -> msgspec.json.Decoder[R]:
        """The decoder of the answer."""
        return msgspec.json.Decoder(self.result, strict=False)

    def __call__(self, body: B | UnsetType = UNSET, query: msgspec.Struct | None = None, **path: Any) -> Call[R]:
        """Return one request of this operation, as a value."""
        url = (
            self.path.format(**{name: quote(str(value), safe="") for name, value in path.items()})
            if path
            else self.path
        )
        if query is not None:
            values = msgspec.to_builtins(query)
            url += "?" + urlencode({name: value for name, value in values.items() if value is not None})
        return Call(self, url, None if body is UNSET else encode(body))


class Call(Generic[R]):
    """One request, as data; any client can carry it. `url` is relative to the API mount."""

    __slots__ = ("content", "headers", "operation", "url")

    def __init__(
        self, operation: Operation[Any, R], url: str, content: bytes | None, headers: dict[str, str] | None = None
    ) -> None:
        self.operation, self.url, self.content, self.headers = operation, url, content, headers

    def __repr__(self) -> str:
        return f"{self.operation.method} {self.url}"

    def read(self, content: bytes) -> R:
        """Return the answer in its type; None for an empty one."""
        if not content and self.operation.media == JSON:
            return None  # type: ignore[return-value]  # an operation without a result has R = None
        if self.operation.media != JSON:
            return content.decode()  # type: ignore[return-value]  # an operation that answers text has R = str
        return self.operation.read_result.decode(content)
