"""What all filters share."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from lictor.wire.types.model import Model

Operator = Literal["and_", "or_"]
SearchText = Annotated[str, Meta(max_length=200)]
ResourceSpecification = dict[str, str | list[str]]


class Filter(Model, kw_only=True, forbid_unknown_fields=True):
    """A filter or a part of one; what is null or not sent matches everything."""
