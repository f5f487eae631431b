"""How a database spells queries (`{fragments}` differ from one to another) and the values in its columns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from lictor.kit.clock import to_micros
from lictor.kit.json import encode

LARGEST = 2**63 - 1
FRAGMENT = re.compile(r"\{([a-z_]+)(?: ([a-z0-9_]+))?\}")

# A list of ids travels as one blob: text of JSON cannot carry bytes, and the number of ids must not change the text.
ANY_ID = (
    "in (with recursive slice (at) as (select 1 where length(:{0}) > 0 union all select at + 16 from slice "
    "where at + 16 < length(:{0})) select substr(:{0}, at, 16) from slice)"
)
ANY = "in (select value from json_each(:{0}))"
# The closing part of a run's JSON, from its columns: what of it changes while nobody writes.
LIVE = """body || ',"estimated_run_time":' || ((total_run_time
    + case when state_type = 'RUNNING' and state_timestamp < :now then :now - state_timestamp else 0 end) / 1e6)
    || ',"estimated_start_time_delta":' || (case
        when start_time is not null and start_time > expected_start_time then start_time - expected_start_time
        when start_time is null and expected_start_time < :now
            and (state_type is null or state_type not in ('COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED'))
            then :now - expected_start_time
        else 0 end / 1e6) || '}'"""

BY_POSITION = "not indexed"  # rows are read in the order of the primary key, from where the reader stopped
FREE = "+"  # keeps an index of the column behind it out of the plan
LAST = "char(1114111)"  # sorts after every character of a text

SQLITE: dict[str, str] = {
    "any_id": ANY_ID,
    "any": ANY,
    "by_position": BY_POSITION,
    "free": FREE,
    "last": LAST,
    "live": LIVE,
}


def spelled(text: str, fragments: dict[str, str] = SQLITE) -> str:
    """Return a query's text with its fragments as a database spells them."""
    return FRAGMENT.sub(lambda found: fragments[found[1]].replace("{0}", found[2] or ""), text)


def packed(values: Iterable[bytes]) -> bytes:
    """Return ids of 16 bytes as the value that `{any_id name}` takes."""
    return b"".join(values)


def ids(values: Iterable[UUID]) -> bytes:
    """Return ids as the value that `{any_id name}` takes."""
    return packed([value.bytes for value in values])


def texts(values: Iterable[str]) -> str:
    """Return strings as the value that `{any name}` takes."""
    return encode(list(values)).decode()


def micros(moment: datetime | None) -> int | None:
    """Return a time as microseconds since 1970."""
    return None if moment is None else to_micros(moment)


def key(identifier: UUID | None) -> bytes | None:
    """Return an id as 16 bytes."""
    return None if identifier is None else identifier.bytes


def whole(number: float) -> int:
    """Return a number as an integer that a column can hold; what is too large becomes the largest."""
    return int(number) if -LARGEST < number < LARGEST else LARGEST if number > 0 else -LARGEST


def duration(seconds: float) -> int:
    """Return seconds as microseconds."""
    return whole(seconds * 1_000_000)


def text_list(values: list[str]) -> str:
    """Return strings as JSON text."""
    return encode(values).decode() if values else "[]"
