"""Operations on artifacts."""

from __future__ import annotations

from types import NoneType

from lictor.wire.filters import (
    ArtifactCollectionFilter,
    ArtifactFilter,
    DeploymentFilter,
    FlowFilter,
    FlowRunFilter,
    TaskRunFilter,
)
from lictor.wire.operation import Operation
from lictor.wire.types.artifact import (
    Artifact,
    ArtifactCollection,
    ArtifactCollectionSort,
    ArtifactCreate,
    ArtifactSort,
    ArtifactUpdate,
)
from lictor.wire.types.common import NotNegative, Query


class CountArtifacts(Query, kw_only=True):
    """Which artifacts to count."""

    artifacts: ArtifactFilter | None = None
    flow_runs: FlowRunFilter | None = None
    task_runs: TaskRunFilter | None = None
    flows: FlowFilter | None = None
    deployments: DeploymentFilter | None = None


class ReadArtifacts(CountArtifacts, kw_only=True):
    """Which artifacts to list, in which order."""

    sort: ArtifactSort = ArtifactSort.ID_DESC
    offset: NotNegative = 0
    limit: int | None = None


class CountLatestArtifacts(Query, kw_only=True):
    """Of which keys to count the latest artifact."""

    artifacts: ArtifactCollectionFilter | None = None
    flow_runs: FlowRunFilter | None = None
    task_runs: TaskRunFilter | None = None
    flows: FlowFilter | None = None
    deployments: DeploymentFilter | None = None


class ReadLatestArtifacts(CountLatestArtifacts, kw_only=True):
    """Of which keys to list the latest artifact, in which order."""

    sort: ArtifactCollectionSort = ArtifactCollectionSort.ID_DESC
    offset: NotNegative = 0
    limit: int | None = None


PATH = "/artifacts"

CREATE = Operation("POST", PATH + "/", ArtifactCreate, Artifact, "run", statuses=(201, 200))
READ = Operation("GET", PATH + "/{id}", NoneType, Artifact, "read")
READ_LATEST = Operation("GET", PATH + "/{key}/latest", NoneType, Artifact, "read")
UPDATE = Operation("PATCH", PATH + "/{id}", ArtifactUpdate, NoneType, "run", statuses=(204,))
DELETE = Operation("DELETE", PATH + "/{id}", NoneType, NoneType, "write", statuses=(204,))
FILTER = Operation("POST", PATH + "/filter", ReadArtifacts, list[Artifact], "read")
COUNT = Operation("POST", PATH + "/count", CountArtifacts, int, "read")
FILTER_LATEST = Operation("POST", PATH + "/latest/filter", ReadLatestArtifacts, list[ArtifactCollection], "read")
COUNT_LATEST = Operation("POST", PATH + "/latest/count", CountLatestArtifacts, int, "read")
