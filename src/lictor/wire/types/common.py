"""Kinds of value that several resources share."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Raw, field

from lictor.wire.types.model import Model

Labels = dict[str, bool | int | float | str]
"""Key-value labels; values are scalars."""

JSONObject = dict[str, Raw]
"""A JSON object whose values are kept as the text they came in."""

DateTime = Annotated[datetime, Meta(extra_json_schema={"format": "date-time"})]
"""A moment; one without a zone counts as UTC."""

ObjectText = Annotated[Raw, Meta(extra_json_schema={"type": "object"})]
"""A JSON object kept as the text it came in, unread."""

NullableObjectText = Annotated[Raw, Meta(extra_json_schema={"type": ["object", "null"]})]
"""A JSON object or null, kept as the text it came in, unread."""

NotNegative = Annotated[int, Meta(ge=0)]
Page = Annotated[int, Meta(ge=1)]
BulkLimit = Annotated[int, Meta(ge=1, le=50)]
"""How many things one request may change or delete."""


class Body(Model, kw_only=True, forbid_unknown_fields=True):
    """A request body that refuses unknown fields, at every level below it too."""


class Query(Model, kw_only=True):
    """A request body whose unknown top-level keys are ignored (the bodies of filter, count and paginate)."""


class Answer(Model, kw_only=True):
    """What the server answers; a client ignores fields that it does not know."""


class Paged(Answer, kw_only=True):
    """What is said of a page beside its `results`: the count of all, the size and number of pages, and which it is."""

    count: int
    limit: int
    pages: int
    page: int


class Deleted(Answer, kw_only=True):
    """Ids of what was deleted."""

    deleted: list[UUID] = field(default_factory=list)
