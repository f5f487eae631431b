"""Filters of artifacts, and of the latest ones of their keys."""

from __future__ import annotations

from uuid import UUID

from lictor.wire.filters.filter import Filter, Operator


class ArtifactFilterId(Filter, kw_only=True):
    """Part of a filter: id."""

    any_: list[UUID] | None = None


class ArtifactFilterKey(Filter, kw_only=True):
    """Part of a filter: key."""

    any_: list[str] | None = None
    like_: str | None = None
    exists_: bool | None = None


class ArtifactFilterFlowRunId(Filter, kw_only=True):
    """Part of a filter: flow run id."""

    any_: list[UUID] | None = None


class ArtifactFilterTaskRunId(Filter, kw_only=True):
    """Part of a filter: task run id."""

    any_: list[UUID] | None = None


class ArtifactFilterType(Filter, kw_only=True):
    """Part of a filter: type."""

    any_: list[str] | None = None
    not_any_: list[str] | None = None


class ArtifactFilter(Filter, kw_only=True):
    """Which artifacts."""

    operator: Operator = "and_"
    id: ArtifactFilterId | None = None
    key: ArtifactFilterKey | None = None
    flow_run_id: ArtifactFilterFlowRunId | None = None
    task_run_id: ArtifactFilterTaskRunId | None = None
    type: ArtifactFilterType | None = None


class ArtifactCollectionFilterLatestId(Filter, kw_only=True):
    """Part of a filter: latest id."""

    any_: list[UUID] | None = None


class ArtifactCollectionFilterKey(Filter, kw_only=True):
    """Part of a filter: key."""

    any_: list[str] | None = None
    like_: str | None = None
    exists_: bool | None = None


class ArtifactCollectionFilterFlowRunId(Filter, kw_only=True):
    """Part of a filter: flow run id."""

    any_: list[UUID] | None = None


class ArtifactCollectionFilterTaskRunId(Filter, kw_only=True):
    """Part of a filter: task run id."""

    any_: list[UUID] | None = None


class ArtifactCollectionFilterType(Filter, kw_only=True):
    """Part of a filter: type."""

    any_: list[str] | None = None
    not_any_: list[str] | None = None


class ArtifactCollectionFilter(Filter, kw_only=True):
    """Which keys, by their latest artifacts."""

    operator: Operator = "and_"
    latest_id: ArtifactCollectionFilterLatestId | None = None
    key: ArtifactCollectionFilterKey | None = None
    flow_run_id: ArtifactCollectionFilterFlowRunId | None = None
    task_run_id: ArtifactCollectionFilterTaskRunId | None = None
    type: ArtifactCollectionFilterType | None = None
