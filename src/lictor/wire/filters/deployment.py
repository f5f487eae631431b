"""Filters of deployments."""

from __future__ import annotations

from uuid import UUID

from lictor.wire.filters.filter import Filter, Operator


class DeploymentFilterId(Filter, kw_only=True):
    """Part of a filter: id."""

    any_: list[UUID] | None = None
    not_any_: list[UUID] | None = None


class DeploymentFilterName(Filter, kw_only=True):
    """Part of a filter: name."""

    any_: list[str] | None = None
    like_: str | None = None


class DeploymentOrFlowNameFilter(Filter, kw_only=True):
    """Part of a filter: deployment or flow name."""

    like_: str | None = None


class DeploymentFilterPaused(Filter, kw_only=True):
    """Part of a filter: paused."""

    eq_: bool | None = None


class DeploymentFilterTags(Filter, kw_only=True):
    """Part of a filter: tags."""

    operator: Operator = "and_"
    all_: list[str] | None = None
    any_: list[str] | None = None
    is_null_: bool | None = None


class DeploymentFilterWorkQueueName(Filter, kw_only=True):
    """Part of a filter: work queue name."""

    any_: list[str] | None = None


class DeploymentFilterConcurrencyLimit(Filter, kw_only=True):
    """Part of a filter: concurrency limit."""

    ge_: int | None = None
    le_: int | None = None
    is_null_: bool | None = None


class DeploymentFilter(Filter, kw_only=True):
    """Which deployments."""

    operator: Operator = "and_"
    id: DeploymentFilterId | None = None
    name: DeploymentFilterName | None = None
    flow_or_deployment_name: DeploymentOrFlowNameFilter | None = None
    paused: DeploymentFilterPaused | None = None
    tags: DeploymentFilterTags | None = None
    work_queue_name: DeploymentFilterWorkQueueName | None = None
    concurrency_limit: DeploymentFilterConcurrencyLimit | None = None
