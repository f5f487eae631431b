"""What conditions of SQL are put together from: one column compared with what a filter says of it."""
# ruff: noqa: S608 - statements are put together from texts of this package; what a request says travels as a parameter

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from lictor.kit.clock import to_micros
from lictor.store.dialect import ids, texts, whole
from lictor.wire.types.state import StateType

if TYPE_CHECKING:
    from lictor.store.where import Where


def joined(parts: Iterable[str], word: str) -> str:
    """Join what is not empty, in brackets if it is several."""
    said = [part for part in parts if part]
    return said[0] if len(said) == 1 else f"({word.join(said)})" if said else ""


def joined_where(parts: Iterable[str]) -> str:
    """Return the `where` of conditions that must all hold."""
    condition = joined(parts, " and ")
    return f" where {condition}" if condition else ""


FEW = 9
"""So many values, as there are types of state, are named one by one."""

Rule = Callable[["Where", Any], str]


def any_id(column: str) -> Rule:
    """The column is one of some ids."""

    def rule(where: Where, value: Any) -> str:
        if len(value) == 1:
            return f"{column} = :{where.bind(value[0].bytes)}"
        return f"{column} {{any_id {where.bind(ids(value))}}}"

    return rule


def no_id(column: str) -> Rule:
    """The column is none of some ids."""
    return lambda where, value: f"{column} not {{any_id {where.bind(ids(value))}}}"


def any_text(column: str) -> Rule:
    """The column is one of some strings."""

    def rule(where: Where, value: Any) -> str:
        if len(value) == 1:
            return f"{column} = :{where.bind(str(value[0]))}"
        if 1 < len(value) <= FEW:  # a database that sees the values knows how common they are
            return f"{column} in ({', '.join([f':{where.bind(str(each))}' for each in value])})"
        return f"{column} {{one_of {where.bind(texts(value))}}}"

    return rule


def no_text(column: str) -> Rule:
    """The column is none of some strings."""
    return lambda where, value: f"{column} not {{any {where.bind(texts(value))}}}"


def like(column: str) -> Rule:
    """The column contains a string; `%` and `_` in it stand for anything, as in the reference."""
    return lambda where, value: f"{column} {{contains {where.bind(value)}}}"


def is_null(column: str) -> Rule:
    """The column is null, or is not."""
    return lambda where, value: f"{column} is {'null' if value else 'not null'}"


def until(column: str) -> Rule:
    """The time is not after a moment."""
    return lambda where, value: f"{column} <= :{where.bind(to_micros(value))}"


def since(column: str) -> Rule:
    """The time is not before a moment."""
    return lambda where, value: f"{column} >= :{where.bind(to_micros(value))}"


def at_most(column: str) -> Rule:
    """The number is not above another."""
    return lambda where, value: f"{column} <= :{where.bind(whole(value))}"


def at_least(column: str) -> Rule:
    """The number is not below another."""
    return lambda where, value: f"{column} >= :{where.bind(whole(value))}"


def no_tags(table: str) -> Rule:
    """The list of tags is empty, or is not."""
    return lambda where, value: f"{table}.tags {'=' if value else '<>'} '[]'"


def any_state(column: str) -> Rule:
    """The column is one of some types of state."""

    def rule(where: Where, value: Any) -> str:
        return any_text(f"{{free}}{column}" if column in where.common else column)(where, value)

    return rule


def any_state_name(table: str) -> Rule:
    """The run's state has one of some names; an index has the names that are not their type's own."""
    name, kind = f"{table}.state_name", f"{table}.state_type"

    def rule(where: Where, value: Any) -> str:
        named, types = any_text(name)(where, value), types_named(value)
        odd = f"{named} and lower({name}) <> lower({kind})"
        if not types:
            return f"({odd})"
        if name not in where.rare:
            return named
        of_type = f"{any_text(kind)(where, types)} and {named}"
        numbers = f"select number from {table} where"
        return f"{table}.number in ({numbers} {odd} union all {numbers} {of_type})"

    return rule


def types_named(names: Iterable[str]) -> list[StateType]:
    """Return the types of state whose own name is among some names."""
    kinds = dict.fromkeys(name.upper() for name in names)
    return [StateType(kind) for kind in kinds if kind in StateType.__members__]


def run_has_any_tag(table: str) -> Rule:
    """The run has one of some tags."""

    def rule(where: Where, value: Any) -> str:
        tags = any_text("tag")(where, value)
        if f"{table}_tag" in where.common:
            return f"exists (select 1 from {table}_tag where {tags} and run_id = {table}.id {{apart}})"
        return f"{table}.id in (select run_id from {table}_tag where {tags})"

    return rule


def run_has_all_tags(table: str) -> Rule:
    """The run has each of some tags."""

    def rule(where: Where, value: Any) -> str:
        has = run_has_any_tag(table)
        return joined([has(where, [tag]) for tag in dict.fromkeys(value)], " and ")

    return rule


def has_all(column: str) -> Rule:
    """The column, a list, has each of some strings."""
    return lambda where, value: joined(in_list(where, column, value), " and ")


def has_any(column: str) -> Rule:
    """The column, a list, has one of some strings; none has one of none."""
    return lambda where, value: joined(in_list(where, column, value), " or ") or "false"


def in_list(where: Where, column: str, value: Any) -> list[str]:
    """Say of each of some strings that a list has it."""
    return [f":{where.bind(text)} in {{texts_in {column}}}" for text in dict.fromkeys(value)]


def flow_has_no_deployment(where: Where, value: Any) -> str:
    """The flow has no deployment, or has one."""
    return f"{'not ' if value else ''}exists (select 1 from deployment where deployment.flow_id = flow.id)"


def flow_or_deployment_like(where: Where, value: Any) -> str:
    """The deployment's name or its flow's contains a string."""
    of_flow = f"deployment.flow_id in (select flow.id from flow where {like('flow.name')(where, value)})"
    return f"({like('deployment.name')(where, value)} or {of_flow})"


def nothing(where: Where, value: Any) -> str:
    """Say nothing: a field that has lost its meaning."""
    return ""


def of_flow_run(where: Where, value: Any) -> str:
    """The task run belongs to none, where that is asked for, or to one of some flow runs, or else to any."""
    if value.any_ is not None and not value.is_null_:
        return any_id("task_run.flow_run_id")(where, value.any_)
    return "" if value.is_null_ is None else is_null("task_run.flow_run_id")(where, value.is_null_)


def starts(column: str, name: str) -> str:
    """Say that a column starts with a string, in a way that an index of the column can answer."""
    return f"({column} >= :{name} and {column} < :{name} || {{last}})"


def starts_not(column: str, name: str) -> str:
    """Say that a column does not start with a string."""
    return f"not {starts(column, name)}"


def any_prefix(column: str) -> Rule:
    """The column starts with one of some strings; no strings say nothing."""
    return lambda where, value: joined([starts(column, where.bind(prefix)) for prefix in value], " or ")


def no_prefix(column: str) -> Rule:
    """The column starts with none of some strings."""
    return lambda where, value: joined([starts_not(column, where.bind(prefix)) for prefix in value], " and ")


def unless_empty(rule: Rule) -> Rule:
    """Follow a rule, save that an empty list says nothing."""
    return lambda where, value: rule(where, value) if value else ""


def any_of_list(rule: Rule) -> Rule:
    """Follow a rule for one filter, or for each of several that must all hold."""
    return lambda where, value: (
        joined([rule(where, one) for one in value], " and ") if isinstance(value, list) else rule(where, value)
    )
