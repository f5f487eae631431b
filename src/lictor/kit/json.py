"""JSON as Lictor reads and writes it."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Raw

encode = msgspec.json.Encoder().encode
decode_any = msgspec.json.Decoder().decode

NULL = Raw(b"null")
EMPTY_OBJECT = Raw(b"{}")


def null() -> Raw:
    """Return JSON's null, as the default of a field."""
    return NULL


def empty_object() -> Raw:
    """Return an empty JSON object, as the default of a field."""
    return EMPTY_OBJECT


JSONObject = dict[str, Raw]
"""A JSON object whose values are kept as the text they came in."""


def raw(value: Any) -> Raw:
    """Return a value as JSON text to be spliced into a larger one."""
    return Raw(encode(value))
