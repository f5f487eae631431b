"""Operations on deployments."""

from __future__ import annotations

from types import NoneType
from uuid import UUID

from lictor.wire.filters import (
    DeploymentFilter,
    FlowFilter,
    FlowRunFilter,
    TaskRunFilter,
    WorkPoolFilter,
    WorkQueueFilter,
)
from lictor.wire.operation import Operation
from lictor.wire.types.common import BulkLimit, DateTime, Deleted, NotNegative, Page, Query
from lictor.wire.types.deployment import (
    Deployment,
    DeploymentCreate,
    DeploymentFlowRunCreate,
    DeploymentPage,
    DeploymentSchedule,
    DeploymentScheduleCreate,
    DeploymentScheduleUpdate,
    DeploymentSort,
    DeploymentUpdate,
    FlowRunBulkCreateResponse,
)
from lictor.wire.types.flow_run import FlowRun
from lictor.wire.types.history import Seconds
from lictor.wire.types.work_queue import CheckedWorkQueue


class CountDeployments(Query, kw_only=True):
    """Which deployments to count."""

    flows: FlowFilter | None = None
    flow_runs: FlowRunFilter | None = None
    task_runs: TaskRunFilter | None = None
    deployments: DeploymentFilter | None = None
    work_pools: WorkPoolFilter | None = None
    work_pool_queues: WorkQueueFilter | None = None


class ReadDeployments(CountDeployments, kw_only=True):
    """Which deployments to list, in which order."""

    sort: DeploymentSort = DeploymentSort.NAME_ASC
    offset: NotNegative = 0
    limit: int | None = None


class PageDeployments(CountDeployments, kw_only=True):
    """Which deployments to list, in which order, and which page of them."""

    sort: DeploymentSort = DeploymentSort.NAME_ASC
    page: Page = 1
    limit: int | None = None


class DeleteDeployments(Query, kw_only=True):
    """Which deployments to delete, and how many at most."""

    deployments: DeploymentFilter | None = None
    limit: BulkLimit = 50


class ScheduledRuns(Query, kw_only=True):
    """Of which deployments to list the scheduled runs, and until when they are due."""

    deployment_ids: list[UUID]
    scheduled_before: DateTime | None = None
    limit: int | None = None


class PlanRuns(Query, kw_only=True):
    """Which runs a deployment's schedules are to make now; the server's settings say what is left out.

    Each schedule makes runs from `start_time` on, until there are `min_runs` and one `min_time` seconds after that; it
    makes no more than `max_runs`, and none after `end_time`.
    """

    start_time: DateTime | None = None
    end_time: DateTime | None = None
    min_time: Seconds | None = None
    min_runs: int | None = None
    max_runs: int | None = None


CREATE = Operation("POST", "/deployments/", DeploymentCreate, Deployment, "write", statuses=(201, 200))
READ = Operation("GET", "/deployments/{id}", NoneType, Deployment, "read")
READ_BY_NAME = Operation("GET", "/deployments/name/{flow_name}/{deployment_name}", NoneType, Deployment, "read")
UPDATE = Operation("PATCH", "/deployments/{id}", DeploymentUpdate, NoneType, "write", statuses=(204,))
DELETE = Operation("DELETE", "/deployments/{id}", NoneType, NoneType, "write", statuses=(204,))
FILTER = Operation("POST", "/deployments/filter", ReadDeployments, list[Deployment], "read")
PAGINATE = Operation("POST", "/deployments/paginate", PageDeployments, DeploymentPage, "read")
COUNT = Operation("POST", "/deployments/count", CountDeployments, int, "read")
BULK_DELETE = Operation("POST", "/deployments/bulk_delete", DeleteDeployments, Deleted, "write")
PAUSE = Operation("POST", "/deployments/{id}/pause_deployment", NoneType, NoneType, "write")
RESUME = Operation("POST", "/deployments/{id}/resume_deployment", NoneType, NoneType, "write")
CREATE_FLOW_RUN = Operation(
    "POST", "/deployments/{id}/create_flow_run", DeploymentFlowRunCreate, FlowRun, "run", statuses=(201, 200)
)
CREATE_FLOW_RUNS = Operation(
    "POST",
    "/deployments/{id}/create_flow_run/bulk",
    list[DeploymentFlowRunCreate],
    FlowRunBulkCreateResponse,
    "run",
)
SCHEDULED_RUNS = Operation("POST", "/deployments/get_scheduled_flow_runs", ScheduledRuns, list[FlowRun], "run")
WORK_QUEUE_CHECK = Operation("GET", "/deployments/{id}/work_queue_check", NoneType, list[CheckedWorkQueue], "read")
SCHEDULE = Operation("POST", "/deployments/{id}/schedule", PlanRuns, NoneType, "write")
READ_SCHEDULES = Operation("GET", "/deployments/{id}/schedules", NoneType, list[DeploymentSchedule], "read")
CREATE_SCHEDULES = Operation(
    "POST",
    "/deployments/{id}/schedules",
    list[DeploymentScheduleCreate],
    list[DeploymentSchedule],
    "write",
    statuses=(201,),
)
UPDATE_SCHEDULE = Operation(
    "PATCH", "/deployments/{id}/schedules/{schedule_id}", DeploymentScheduleUpdate, NoneType, "write", statuses=(204,)
)
DELETE_SCHEDULE = Operation(
    "DELETE", "/deployments/{id}/schedules/{schedule_id}", NoneType, NoneType, "write", statuses=(204,)
)
