"""How a database spells queries (`{fragments}` differ from one to another) and the values in its columns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from lictor.kit.clock import to_micros
from lictor.kit.json import encode

LARGEST = 2**63 - 1
FRAGMENT = re.compile(r"\{([a-z_]+)((?: [a-z0-9_.-]+)*)\}")

# A list of ids travels as one blob: text of JSON cannot carry bytes, and the number of ids must not change the text.
ANY_ID = (
    "in (with recursive slice (at) as (select 1 where length(:{0}) > 0 union all select at + 16 from slice "
    "where at + 16 < length(:{0})) select substr(:{0}, at, 16) from slice)"
)
# The closing part of a run's JSON, from its columns: what of it changes while nobody writes.
LIVE = """body || ',"estimated_run_time":' || ((total_run_time
    + case when state_type = 'RUNNING' and state_timestamp < :now then :now - state_timestamp else 0 end) / {million})
    || ',"estimated_start_time_delta":' || (case
        when start_time is not null and start_time > expected_start_time then start_time - expected_start_time
        when start_time is null and expected_start_time < :now
            and (state_type is null or state_type not in ('COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED'))
            then :now - expected_start_time
        else 0 end / {million}) || '}'"""

SQLITE: dict[str, str] = {
    # {any_id ids}: is one of a list of ids. {any texts}: is one of a list of strings.
    "any_id": ANY_ID,
    # {one_of texts} says the same where no `not` stands before it, so that an index is used on every database.
    "any": "in (select value from json_each(:{0}))",
    "one_of": "in (select value from json_each(:{0}))",
    # {contains part}: contains a string, A to Z taken for a to z; `%` and `_` in it stand for anything.
    "contains": "like '%' || :{0} || '%'",
    # {like pattern}: is like a pattern, A to Z taken for a to z; a backslash takes a wildcard's meaning away.
    "like": "like :{0} escape '\\'",
    # The rows, with a `key` and a `value`, of {labels}: an event's own resource, {fields column}: a JSON object.
    "labels": "json_each(event.body, '$.resource')",
    "fields": "json_each({0})",
    # {event_words}: what text is searched for in. {created_by key}: of what made a flow run. {retry_type}: how it is
    # tried again.
    "event_words": "(event.name || ' ' || json_extract(event.body, '$.resource') || ' ' || "
    "json_extract(event.body, '$.related') || ' ' || json_extract(event.body, '$.payload'))",
    "created_by": "json_extract(flow_run.body || '}', '$.created_by.{0}')",
    "retry_type": "json_extract(flow_run.body || '}', '$.empirical_policy.retry_type')",
    # {texts_in column}: the strings of a JSON list. {elements column key}: the rows, with a column `value`, of the
    # list that an object has under a key. {text_at column key}: the string that an object has under a key.
    "texts_in": "(select value from json_each({0}))",
    "elements": "json_each({0}, '$.{1}')",
    "text_at": "json_extract({0}, '$.\"{1}\"')",
    # {now table}: what is committed at this moment. {committed since until position}: what was committed since one such
    # moment and until another, behind a position (`store/cursor.py`).
    "now": "(select cast(coalesce(max(position), 0) as text) from {0})",
    "committed": "position > max(cast(:{0} as integer), :{2}) and position <= cast(:{1} as integer)",
    # {by_position}: rows are read in the order of the primary key, from where the reader stopped.
    "by_position": "not indexed",
    "free": "+",  # keeps an index of the column behind it out of the plan
    "apart": "",  # keeps the select before it from being joined with the one around it
    "last": "char(1114111)",  # sorts after every character of a text
    "live": LIVE.replace("{million}", "1e6"),
    # At the end of a select whose rows the transaction then changes, or only needs to stay.
    "lock": "",
    "relock": "",
    "keep": "",
    # {space}: whether the file gives free pages back when told, how many it has of them, and of all.
    "space": "select auto_vacuum = 2, freelist_count, page_count "
    "from pragma_auto_vacuum, pragma_freelist_count, pragma_page_count",
    # {give_back}: gives one back.
    "give_back": "pragma incremental_vacuum(1)",
    # What a database tells about itself, in bytes; SQLite tells of tables where it was built to.
    "tables": "select name from sqlite_master where type = 'table' and name not like 'sqlite%'",
    "knows_sizes": "select count(*) from pragma_module_list where name = 'dbstat'",
    "sizes": "select tbl_name, sum(pgsize) from dbstat join sqlite_master using (name) "
    "where aggregate = 1 group by tbl_name",
    "bytes": "select page_count * page_size, freelist_count * page_size "
    "from pragma_page_count, pragma_page_size, pragma_freelist_count",
}
"""How SQLite spells the fragments; a fragment's arguments stand in the places {0}, {1}."""

SNAPSHOT = "cast(coalesce(nullif(cast(:{0} as text), ''), '3:3:') as pg_snapshot)"
"""A moment as PostgreSQL knows it: in the one before all, no transaction is committed."""

OWN_TABLES = "from pg_class where relkind = 'r' and relnamespace = cast(current_schema() as regnamespace)"

POSTGRES: dict[str, str] = {
    "any_id": "in (select unnest(packed_ids(:{0})))",
    "any": "in (select json_array_elements_text(cast(cast(:{0} as text) as json)))",
    "one_of": "= any(array(select json_array_elements_text(cast(cast(:{0} as text) as json))))",
    "contains": "collate \"C\" ilike '%' || :{0} || '%' escape ''",
    "like": "collate \"C\" ilike :{0} escape '\\'",
    "labels": "json_each_text(cast(event.body as json) -> 'resource')",
    "fields": "json_each_text({0})",
    "event_words": "(event.name || ' ' || (cast(event.body as json) ->> 'resource') || ' ' || "
    "(cast(event.body as json) ->> 'related') || ' ' || (cast(event.body as json) ->> 'payload'))",
    "created_by": "(cast(flow_run.body || '}' as json) -> 'created_by' ->> '{0}')",
    "retry_type": "(cast(flow_run.body || '}' as json) -> 'empirical_policy' ->> 'retry_type')",
    "texts_in": "(select json_array_elements_text(cast({0} as json)))",
    "elements": "json_array_elements(cast({0} as json) -> '{1}')",
    "text_at": "(({0} ->> '{1}') collate \"C\")",
    "now": "cast(pg_current_snapshot() as text)",
    "committed": (
        f"xid >= pg_snapshot_xmin({SNAPSHOT}) and xid < pg_snapshot_xmax({SNAPSHOT.replace('{0}', '{1}')}) "
        f"and not pg_visible_in_snapshot(xid, {SNAPSHOT}) "
        f"and pg_visible_in_snapshot(xid, {SNAPSHOT.replace('{0}', '{1}')}) and position > :{{2}}"
    ),
    "by_position": "",
    "free": "",
    "apart": "offset 0",
    "last": "chr(1114111)",
    "live": LIVE.replace("{million}", "cast(1e6 as double precision)"),
    "lock": "",
    "relock": "",
    "keep": "",
    "space": "select false, 0, 0",  # it sees to its space by itself
    "give_back": "select",
    "tables": f"select relname {OWN_TABLES}",
    "knows_sizes": "select 1",
    "sizes": f"select relname, pg_total_relation_size(oid) {OWN_TABLES}",
    "bytes": f"select cast(coalesce(sum(pg_total_relation_size(oid)), 0) as bigint), 0 {OWN_TABLES}",
}
"""How PostgreSQL spells them in transactions that only read."""

WRITING = POSTGRES | {"lock": "for update", "keep": "for key share"}
DIALECTS = {"reading": POSTGRES, "writing": WRITING, "again": WRITING | {"relock": "for update"}}
"""PostgreSQL's ways by what a transaction does; `again` is one that lost a race and now locks before it decides."""


def spelled(text: str, fragments: dict[str, str] = SQLITE) -> str:
    """Return a query's text with its fragments as a database spells them."""

    def fragment(found: re.Match[str]) -> str:
        said = fragments[found[1]]
        for place, argument in enumerate(found[2].split()):
            said = said.replace(f"{{{place}}}", argument)
        return said

    return FRAGMENT.sub(fragment, text)


def in_order(order: str) -> str:
    """Return a column's order (`name` or `name desc`) with the places of nulls and of equals settled, as everywhere."""
    column, _, down = order.partition(" ")
    return f"{column} desc nulls last, number desc" if down else f"{column} nulls first, number"


def most(limit: int | None) -> int:
    """Return how many rows to read at the most; none given means all."""
    return LARGEST if limit is None else limit


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
