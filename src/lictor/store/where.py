"""Turns filters into SQL: one table of resource, field and operator, and what joins one resource to another."""
# ruff: noqa: S608 - statements are put together from texts of this package; what a request says travels as a parameter

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any

from msgspec import Struct

from lictor.store.conditions import (
    Rule,
    any_id,
    any_of_list,
    any_prefix,
    any_state,
    any_state_name,
    any_text,
    at_least,
    at_most,
    flow_has_no_deployment,
    flow_or_deployment_like,
    has_all,
    has_any,
    is_null,
    joined,
    joined_where,
    like,
    no_id,
    no_prefix,
    no_tags,
    no_text,
    nothing,
    of_flow_run,
    run_has_all_tags,
    run_has_any_tag,
    since,
    unless_empty,
    until,
)
from lictor.store.queries import query
from lictor.store.relations import RELATIONS
from lictor.store.search import in_json, read_search, words
from lictor.store.transaction import Ask


class Unbuilt(Exception):
    """A filter names a field that nothing answers: it is refused, and never answered with all rows."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path}: filtering by this is not supported yet; leave it out.")
        self.path = path


class Where:
    """The condition of one statement while it is put together: its text refers to the values it collects."""

    def __init__(self, common: Container[str] = (), rare: Container[str] = ()) -> None:
        self.values: dict[str, Any] = {}
        self.common = common  # columns whose index would find too many rows to be worth it
        self.rare = rare  # columns whose values few rows have

    def bind(self, value: Any) -> str:
        """Keep a value and return the name of its parameter."""
        name = f"v{len(self.values)}"
        self.values[name] = value
        return name

    def ask(self, name: str, text: str, **values: Any) -> Ask:
        """Return a statement that was put together, with the values collected for it and those given here."""
        return query(name, text)(**self.values, **values)

    def rows_of(self, table: str, body: Any) -> str:
        """Return the `where` of what a request's body matches among a table's rows, or nothing if that is all."""
        parts = []
        for name in body.__struct_fields__:
            sought = getattr(body, name)
            if not isinstance(sought, Struct):
                continue
            own, relation = RELATIONS[table, name]
            condition = self.condition(sought, name)
            if relation is None:
                parts.append(condition)
            elif condition or not own:
                parts.append(relation.replace("?", f" where {condition}" if condition else ""))
        return joined_where(parts)

    def matching(self, sought: Struct | None, resource: str) -> str:
        """Return the `where` of one filter alone."""
        return joined_where([self.condition(sought, resource)] if sought is not None else [])

    def condition(self, sought: Struct, path: str) -> str:
        """Return what a filter, or a part of one, says; nothing if it matches everything."""
        parts = [
            self.clause(value, f"{path}.{name}")
            for name in sought.__struct_fields__
            if name not in ("operator", "order") and (value := getattr(sought, name)) is not None
        ]
        return joined(parts, " or " if getattr(sought, "operator", "and_") == "or_" else " and ")

    def clause(self, value: Any, path: str) -> str:
        """Return what one field of a filter says."""
        rule = RULES.get(path)
        if rule is not None:
            return rule(self, value)
        if not isinstance(value, Struct):
            raise Unbuilt(path)
        return self.condition(value, path)


RELATED_ID = "{text_at related.value prefect.resource.id}"
RELATED_ROLE = "{text_at related.value prefect.resource.role}"
RELATED_LABELS, OWN_LABELS = "{fields related.value}", "{labels}"


def related_exists(condition: str) -> str:
    """Say that an event has a related resource of which a condition holds."""
    return f"exists (select 1 from {{elements event.body related}} as related where {condition})" if condition else ""


def pattern(text: str) -> str:
    """Return a text as what `{like name}` takes, in which only `%` of our own stands for anything."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def labelled(labels: dict[str, str | list[str]], source: str) -> Rule:
    """The rows of a source, which are the labels of a resource, have each of some labels.

    One of the values that are given for a label is enough; `!` before one means another value, and `*` in it anything.
    """

    def value(where: Where, said: str) -> str:
        name = where.bind(pattern(said.removeprefix("!")).replace("*", "%"))
        return f"{'not ' if said.startswith('!') else ''}label.value {{like {name}}}"

    def label(where: Where, name: str, values: str | list[str]) -> str:
        if not values and values != "":
            return "false"
        said = joined([value(where, one) for one in ([values] if isinstance(values, str) else values)], " or ")
        return f"exists (select 1 from {source} as label where label.key = :{where.bind(name)} and {said})"

    return lambda where, _: joined([label(where, name, values) for name, values in labels.items()], " and ")


def related(where: Where, sought: Any) -> str:
    """One related resource has all that is said."""
    pairs = [
        f"({RELATED_ID} = :{where.bind(name)} and {RELATED_ROLE} = :{where.bind(role)})"
        for name, role in sought.resources_in_roles or ()
    ]
    parts = [
        any_text(RELATED_ID)(where, sought.id) if sought.id else "",
        any_text(RELATED_ROLE)(where, sought.role) if sought.role else "",
        joined(pairs, " or "),
        labelled(sought.labels or {}, RELATED_LABELS)(where, None),
    ]
    return related_exists(joined(parts, " and "))


def any_resource(where: Where, sought: Any) -> str:
    """The event's own resource, or a related one, has all that is said."""

    def named(column: str, labels: str) -> str:
        parts = [
            any_text(column)(where, sought.id) if sought.id else "",
            any_prefix(column)(where, sought.id_prefix) if sought.id_prefix else "",
            labelled(sought.labels or {}, labels)(where, None),
        ]
        return joined(parts, " and ")

    return joined([named("event.resource_id", OWN_LABELS), related_exists(named(RELATED_ID, RELATED_LABELS))], " or ")


def own_labels(where: Where, value: Any) -> str:
    """The event's own resource has each of some labels."""
    return labelled(value, OWN_LABELS)(where, None)


def searched(has: Callable[[Where, str], str], query: str) -> Rule:
    """Text matches a search; `has` says that it has a term."""
    asked = read_search(query)

    def rule(where: Where, _: Any) -> str:
        parts = [has(where, term) for term in asked.required]
        parts += [f"not {has(where, term)}" for term in asked.excluded]
        parts.append(joined([has(where, term) for term in asked.any_], " or "))
        return joined(parts, " and ") or "true"

    return rule


def event_text(where: Where, value: Any) -> str:
    """The event's name, labels or payload match a search."""

    def has(where: Where, term: str) -> str:
        forms = [f"{{event_words}} {{like {where.bind(f'%{pattern(form)}%')}}}" for form in in_json(term)]
        return f"({' or '.join(forms)})"

    return searched(has, value.query)(where, None)


def log_text(where: Where, value: Any) -> str:
    """A line of the block may match a search: its lines are compared one by one later."""
    asked = read_search(value.query)

    def may_have(term: str) -> str:
        return joined([like("log.lines")(where, word) for word in words(term)], " and ") or "true"

    parts = [may_have(term) for term in asked.required]
    parts.append(joined([may_have(term) for term in asked.any_], " or "))
    return joined(parts, " and ") or "true"


def times(resource: str, table: str, *names: str) -> dict[str, Rule]:
    """Return the rules of columns that hold a time."""
    rules: dict[str, Rule] = {}
    for name in names:
        column = f"{table}.{name}"
        rules[f"{resource}.{name}.before_"] = until(column)
        rules[f"{resource}.{name}.after_"] = since(column)
        rules[f"{resource}.{name}.is_null_"] = is_null(column)
    return rules


PARENT = "flow_run.parent_task_run_id in (select parent.id from task_run as parent where {})"
SUBFLOW = "exists (select 1 from flow_run as child where child.parent_task_run_id = task_run.id)"

RULES: dict[str, Rule] = {
    "flows.id.any_": any_id("flow.id"),
    "flows.id.not_any_": no_id("flow.id"),
    "flows.name.any_": any_text("flow.name"),
    "flows.name.like_": like("flow.name"),
    "flows.tags.all_": has_all("flow.tags"),
    "flows.tags.is_null_": no_tags("flow"),
    "flows.deployment.is_null_": flow_has_no_deployment,
    "flow_runs.id.any_": any_id("flow_run.id"),
    "flow_runs.id.not_any_": no_id("flow_run.id"),
    "flow_runs.name.any_": any_text("flow_run.name"),
    "flow_runs.name.like_": like("flow_run.name"),
    "flow_runs.tags.all_": run_has_all_tags("flow_run"),
    "flow_runs.tags.any_": run_has_any_tag("flow_run"),
    "flow_runs.tags.is_null_": no_tags("flow_run"),
    "flow_runs.deployment_id.any_": any_id("flow_run.deployment_id"),
    "flow_runs.deployment_id.is_null_": is_null("flow_run.deployment_id"),
    "flow_runs.work_queue_name.any_": any_text("flow_run.work_queue_name"),
    "flow_runs.work_queue_name.is_null_": is_null("flow_run.work_queue_name"),
    "flow_runs.state.type.any_": any_state("flow_run.state_type"),
    "flow_runs.state.type.not_any_": no_text("flow_run.state_type"),
    "flow_runs.state.name.any_": any_state_name("flow_run"),
    "flow_runs.state.name.not_any_": no_text("flow_run.state_name"),
    "flow_runs.flow_version.any_": any_text("flow_run.flow_version"),
    **times("flow_runs", "flow_run", "start_time", "end_time", "expected_start_time", "next_scheduled_start_time"),
    "flow_runs.start_time.before_": until("flow_run.start_or_expected"),
    "flow_runs.start_time.after_": since("flow_run.start_or_expected"),
    "flow_runs.parent_flow_run_id.any_": lambda w, v: PARENT.format(any_id("parent.flow_run_id")(w, v)),
    "flow_runs.parent_task_run_id.any_": any_id("flow_run.parent_task_run_id"),
    "flow_runs.parent_task_run_id.is_null_": is_null("flow_run.parent_task_run_id"),
    "flow_runs.idempotency_key.any_": any_text("flow_run.idempotency_key"),
    "flow_runs.idempotency_key.not_any_": no_text("flow_run.idempotency_key"),
    "flow_runs.created_by.id_": any_text("{created_by id}"),
    "flow_runs.created_by.type_": any_text("{created_by type}"),
    "flow_runs.created_by.is_null_": is_null("{created_by type}"),
    "task_runs.id.any_": any_id("task_run.id"),
    "task_runs.name.any_": any_text("task_run.name"),
    "task_runs.name.like_": like("task_run.name"),
    "task_runs.tags.all_": run_has_all_tags("task_run"),
    "task_runs.tags.is_null_": no_tags("task_run"),
    "task_runs.state.type.any_": any_state("task_run.state_type"),
    "task_runs.state.name.any_": any_state_name("task_run"),
    **times("task_runs", "task_run", "start_time", "end_time", "expected_start_time"),
    "task_runs.subflow_runs.exists_": lambda w, v: SUBFLOW if v else f"not {SUBFLOW}",
    "task_runs.flow_run_id": of_flow_run,
    "deployments.id.any_": any_id("deployment.id"),
    "deployments.id.not_any_": no_id("deployment.id"),
    "deployments.name.any_": any_text("deployment.name"),
    "deployments.name.like_": like("deployment.name"),
    "deployments.flow_or_deployment_name.like_": flow_or_deployment_like,
    "deployments.paused.eq_": lambda where, value: f"deployment.paused = {int(value)}",
    "deployments.tags.all_": has_all("deployment.tags"),
    "deployments.tags.any_": has_any("deployment.tags"),
    "deployments.tags.is_null_": no_tags("deployment"),
    "deployments.work_queue_name.any_": any_text("deployment.work_queue_name"),
    "deployments.concurrency_limit": nothing,
    "work_pools.id.any_": any_id("work_pool.id"),
    "work_pools.name.any_": any_text("work_pool.name"),
    "work_pools.type.any_": any_text("work_pool.type"),
    "work_pool_queues.id.any_": any_id("work_queue.id"),
    "work_pool_queues.name.any_": any_text("work_queue.name"),
    "work_pool_queues.name.startswith_": unless_empty(any_prefix("work_queue.name")),
    "workers.status.any_": any_text("worker.status"),
    "workers.status.not_any_": no_text("worker.status"),
    "workers.last_heartbeat_time.before_": until("worker.last_heartbeat"),
    "workers.last_heartbeat_time.after_": since("worker.last_heartbeat"),
    # Of log lines: what bounds the blocks that may have some.
    "logs.level.ge_": at_least("log.highest"),
    "logs.level.le_": at_most("log.lowest"),
    "logs.timestamp.before_": until("log.first"),
    "logs.timestamp.after_": since("log.last"),
    "logs.flow_run_id.any_": any_id("log.flow_run_id"),
    "logs.task_run_id.any_": any_id("log.task_run_id"),
    "logs.task_run_id.is_null_": is_null("log.task_run_id"),
    "logs.text": log_text,
    "artifacts.id.any_": any_id("artifact.id"),
    "artifacts.latest_id.any_": any_id("artifact.id"),
    "artifacts.key.any_": any_text("artifact.key"),
    "artifacts.key.like_": like("artifact.key"),
    "artifacts.key.exists_": lambda where, value: is_null("artifact.key")(where, not value),
    "artifacts.flow_run_id.any_": any_id("artifact.flow_run_id"),
    "artifacts.task_run_id.any_": any_id("artifact.task_run_id"),
    "artifacts.type.any_": any_text("artifact.type"),
    "artifacts.type.not_any_": no_text("artifact.type"),
    "variables.id.any_": any_id("variable.id"),
    "variables.name.any_": any_text("variable.name"),
    "variables.name.like_": like("variable.name"),
    "variables.tags.all_": has_all("variable.tags"),
    "variables.tags.is_null_": no_tags("variable"),
    "block_types.name.like_": like("block_type.name"),
    "block_types.slug.any_": any_text("block_type.slug"),
    "block_schemas.block_type_id.any_": any_id("block_schema.block_type_id"),
    "block_schemas.block_capabilities.all_": has_all("block_schema.capabilities"),
    "block_schemas.id.any_": any_id("block_schema.id"),
    "block_schemas.version.any_": any_text("block_schema.version"),
    "block_documents.id.any_": any_id("block_document.id"),
    "block_documents.is_anonymous.eq_": lambda where, value: f"block_document.is_anonymous = {int(value)}",
    "block_documents.block_type_id.any_": any_id("block_document.block_type_id"),
    "block_documents.name.any_": any_text("block_document.name"),
    "block_documents.name.like_": like("block_document.name"),
    "events.occurred.since": since("event.occurred"),
    "events.occurred.until": until("event.occurred"),
    "events.event.prefix": any_prefix("event.name"),
    "events.event.exclude_prefix": no_prefix("event.name"),
    "events.event.name": unless_empty(any_text("event.name")),
    "events.event.exclude_name": unless_empty(no_text("event.name")),
    "events.resource.id": unless_empty(any_text("event.resource_id")),
    "events.resource.id_prefix": any_prefix("event.resource_id"),
    "events.resource.labels": own_labels,
    "events.resource.distinct": lambda where, value: "",  # which rows then count, the reading of pages decides
    "events.related": any_of_list(related),
    "events.any_resource": any_of_list(any_resource),
    "events.text": event_text,
    "events.id.id": unless_empty(any_id("event.id")),
}
