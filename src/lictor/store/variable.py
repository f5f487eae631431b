"""Variables in the store."""
# ruff: noqa: S608 - statements are put together from texts of this package; what a request says travels as a parameter

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from lictor.kit.json import decode_any, encode
from lictor.store.dialect import in_order, micros, most, text_list, whole
from lictor.store.queries import queries
from lictor.store.transaction import Ask, Transaction, many, maybe, one
from lictor.store.where import Where
from lictor.wire.types.variable import Variable, VariableSort

if TYPE_CHECKING:
    from lictor.wire.operations.variable import CountVariables, ReadVariables

SQL = queries("variable")
ORDERS = {
    VariableSort.CREATED_DESC: "created desc",
    VariableSort.UPDATED_DESC: "updated desc",
    VariableSort.NAME_ASC: "name",
    VariableSort.NAME_DESC: "name desc",
}
decode = msgspec.json.Decoder(Variable).decode


def insert(variable: Variable, by: str) -> Transaction[bool]:
    """Add a variable; return whether its name was free."""
    return bool((yield SQL["insert"](created=micros(variable.created), **columns(variable, by))))


def text(variable_id: UUID) -> Transaction[str]:
    """Return a variable's JSON."""
    return (yield from one(str, SQL["read_text"](id=variable_id.bytes)))


def text_by_name(name: str) -> Transaction[str]:
    """Return the JSON of the variable with this name."""
    return (yield from one(str, SQL["read_text_by_name"](name=name)))


def value_of(name: str) -> Transaction[Any]:
    """Return the value of the variable with this name; raise NotFound if there is none."""
    return decode_any((yield from one(decode, SQL["read_text_by_name"](name=name))).value)


def values_of(names: list[str]) -> Transaction[dict[str, Any]]:
    """Return the values of those variables with one of these names that there are."""
    found = yield from many(decode, SQL["read_texts_by_name"](names=text_list(names)))
    return {each.name: decode_any(each.value) for each in found}


def load_to_change(key: UUID | str) -> Transaction[Variable]:
    """Return a variable, by its id or its name, that is then saved or deleted."""
    return (yield from one(decode, named(key)))


def named(key: UUID | str) -> Ask:
    """Return what reads a variable by its id or its name, to change it."""
    if isinstance(key, UUID):
        return SQL["read_to_change"](id=key.bytes)
    return SQL["read_to_change_by_name"](name=key)


def is_taken(name: str, by_other_than: UUID) -> Transaction[bool]:
    """Tell whether another variable has a name."""
    return (yield from maybe(bytes, SQL["holder"](name=name))) not in (None, by_other_than.bytes)


def save(variable: Variable, by: str) -> Transaction[None]:
    """Keep what was changed of a variable."""
    yield from one(bytes, SQL["update"](**columns(variable, by)))


def delete(variable_id: UUID) -> Transaction[None]:
    """Remove a variable."""
    yield from one(bytes, SQL["delete"](id=variable_id.bytes))


def texts(body: ReadVariables) -> Transaction[list[str]]:
    """Return the JSON of the variables that a request matches, in its order."""
    where = Where()
    rows, order = where.rows_of("variable", body), in_order(ORDERS[body.sort])
    statement = f"select body || '}}' from variable{rows} order by {order} limit :limit offset :offset"
    ask = where.ask("variable.texts", statement, limit=most(body.limit), offset=whole(body.offset))
    return (yield from many(str, ask))


def count(body: CountVariables) -> Transaction[int]:
    """Return how many variables a request matches."""
    where = Where()
    statement = f"select count(*) from variable{where.rows_of('variable', body)}"
    return (yield from one(int, where.ask("variable.count", statement)))


def columns(variable: Variable, by: str) -> dict[str, Any]:
    """Return what changes in a variable's row."""
    return {
        "id": variable.id.bytes,
        "name": variable.name,
        "tags": text_list(variable.tags),
        "updated": micros(variable.updated),
        "body": encode(variable)[:-1].decode(),
        "by": by,
    }
