"""The clients that users ask for: a method for each operation of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, overload

from lictor import __version__
from lictor.client import home_server
from lictor.client.client import AsyncClient, Client
from lictor.client.exchange import Exchanges, credentials
from lictor.sdk.api import (
    artifact,
    block_document,
    block_schema,
    block_type,
    concurrency_limit,
    deployment,
    event,
    flow,
    flow_run,
    flow_run_input,
    flow_run_state,
    log,
    saved_search,
    server,
    task_run,
    task_run_state,
    task_worker,
    variable,
    work_pool,
    work_queue,
    worker,
)
from lictor.sdk.api.method import Method
from lictor.settings import current


class Methods:
    """The methods of both clients."""

    api_healthcheck = Method(server.api_healthcheck)
    api_readiness = Method(server.api_readiness)
    hello = Method(server.hello)
    api_version = Method(server.api_version)
    read_server_settings = Method(server.read_server_settings)
    read_server_default_result_storage = Method(server.read_server_default_result_storage)
    read_openapi = Method(server.read_openapi)

    create_flow = Method(flow.create_flow)
    create_flow_from_name = Method(flow.create_flow_from_name)
    read_flow = Method(flow.read_flow)
    read_flow_by_name = Method(flow.read_flow_by_name)
    update_flow = Method(flow.update_flow)
    delete_flow = Method(flow.delete_flow)
    read_flows = Method(flow.read_flows)
    count_flows = Method(flow.count_flows)
    paginate_flows = Method(flow.paginate_flows)
    delete_flows = Method(flow.delete_flows)

    create_flow_run = Method(flow_run.create_flow_run)
    read_flow_run = Method(flow_run.read_flow_run)
    update_flow_run = Method(flow_run.update_flow_run)
    set_flow_run_name = Method(flow_run.set_flow_run_name)
    update_flow_run_labels = Method(flow_run.update_flow_run_labels)
    delete_flow_run = Method(flow_run.delete_flow_run)
    read_flow_runs = Method(flow_run.read_flow_runs)
    count_flow_runs = Method(flow_run.count_flow_runs)
    paginate_flow_runs = Method(flow_run.paginate_flow_runs)
    read_flow_run_history = Method(flow_run.read_flow_run_history)
    read_flow_run_lateness = Method(flow_run.read_flow_run_lateness)
    read_flow_run_graph = Method(flow_run.read_flow_run_graph)
    read_flow_run_why = Method(flow_run.read_flow_run_why)
    read_flow_run_dependencies = Method(flow_run.read_flow_run_dependencies)
    set_flow_run_state = Method(flow_run.set_flow_run_state)
    set_flow_run_states = Method(flow_run.set_flow_run_states)
    delete_flow_runs = Method(flow_run.delete_flow_runs)
    resume_flow_run = Method(flow_run.resume_flow_run)

    create_flow_run_input = Method(flow_run_input.create_flow_run_input)
    filter_flow_run_input = Method(flow_run_input.filter_flow_run_input)
    read_flow_run_input = Method(flow_run_input.read_flow_run_input)
    delete_flow_run_input = Method(flow_run_input.delete_flow_run_input)

    read_flow_run_state = Method(flow_run_state.read_flow_run_state)
    read_flow_run_states = Method(flow_run_state.read_flow_run_states)

    create_task_run = Method(task_run.create_task_run)
    read_task_run = Method(task_run.read_task_run)
    set_task_run_name = Method(task_run.set_task_run_name)
    delete_task_run = Method(task_run.delete_task_run)
    read_task_runs = Method(task_run.read_task_runs)
    count_task_runs = Method(task_run.count_task_runs)
    paginate_task_runs = Method(task_run.paginate_task_runs)
    read_task_run_history = Method(task_run.read_task_run_history)
    set_task_run_state = Method(task_run.set_task_run_state)

    read_task_run_state = Method(task_run_state.read_task_run_state)
    read_task_run_states = Method(task_run_state.read_task_run_states)

    create_deployment = Method(deployment.create_deployment)
    read_deployment = Method(deployment.read_deployment)
    read_deployment_by_name = Method(deployment.read_deployment_by_name)
    read_deployments = Method(deployment.read_deployments)
    count_deployments = Method(deployment.count_deployments)
    paginate_deployments = Method(deployment.paginate_deployments)
    update_deployment = Method(deployment.update_deployment)
    delete_deployment = Method(deployment.delete_deployment)
    delete_deployments = Method(deployment.delete_deployments)
    pause_deployment = Method(deployment.pause_deployment)
    resume_deployment = Method(deployment.resume_deployment)
    set_deployment_paused_state = Method(deployment.set_deployment_paused_state)
    create_flow_run_from_deployment = Method(deployment.create_flow_run_from_deployment)
    create_flow_runs_from_deployment = Method(deployment.create_flow_runs_from_deployment)
    get_scheduled_flow_runs_for_deployments = Method(deployment.get_scheduled_flow_runs_for_deployments)
    schedule_deployment = Method(deployment.schedule_deployment)
    check_work_queues_for_deployment = Method(deployment.check_work_queues_for_deployment)
    read_deployment_schedules = Method(deployment.read_deployment_schedules)
    create_deployment_schedules = Method(deployment.create_deployment_schedules)
    update_deployment_schedule = Method(deployment.update_deployment_schedule)
    delete_deployment_schedule = Method(deployment.delete_deployment_schedule)
    read_deployment_catch_up = Method(deployment.read_deployment_catch_up)
    update_deployment_catch_up = Method(deployment.update_deployment_catch_up)

    create_logs = Method(log.create_logs)
    read_logs = Method(log.read_logs)
    download_flow_run_logs = Method(log.download_flow_run_logs)

    create_events = Method(event.create_events)
    read_events = Method(event.read_events)
    read_events_page = Method(event.read_events_page)
    count_events = Method(event.count_events)

    create_concurrency_limit = Method(concurrency_limit.create_concurrency_limit)
    read_concurrency_limit = Method(concurrency_limit.read_concurrency_limit)
    read_concurrency_limit_by_tag = Method(concurrency_limit.read_concurrency_limit_by_tag)
    read_concurrency_limits = Method(concurrency_limit.read_concurrency_limits)
    reset_concurrency_limit_by_tag = Method(concurrency_limit.reset_concurrency_limit_by_tag)
    delete_concurrency_limit = Method(concurrency_limit.delete_concurrency_limit)
    delete_concurrency_limit_by_tag = Method(concurrency_limit.delete_concurrency_limit_by_tag)
    increment_v1_concurrency_slots = Method(concurrency_limit.increment_v1_concurrency_slots)
    decrement_v1_concurrency_slots = Method(concurrency_limit.decrement_v1_concurrency_slots)
    increment_concurrency_slots = Method(concurrency_limit.increment_concurrency_slots)
    release_concurrency_slots = Method(concurrency_limit.release_concurrency_slots)
    increment_concurrency_slots_with_lease = Method(concurrency_limit.increment_concurrency_slots_with_lease)
    renew_concurrency_lease = Method(concurrency_limit.renew_concurrency_lease)
    release_concurrency_slots_with_lease = Method(concurrency_limit.release_concurrency_slots_with_lease)
    create_global_concurrency_limit = Method(concurrency_limit.create_global_concurrency_limit)
    update_global_concurrency_limit = Method(concurrency_limit.update_global_concurrency_limit)
    delete_global_concurrency_limit_by_name = Method(concurrency_limit.delete_global_concurrency_limit_by_name)
    read_global_concurrency_limit_by_name = Method(concurrency_limit.read_global_concurrency_limit_by_name)
    upsert_global_concurrency_limit_by_name = Method(concurrency_limit.upsert_global_concurrency_limit_by_name)
    read_global_concurrency_limits = Method(concurrency_limit.read_global_concurrency_limits)
    read_concurrency_limit_holders = Method(concurrency_limit.read_concurrency_limit_holders)

    create_variable = Method(variable.create_variable)
    read_variable_by_name = Method(variable.read_variable_by_name)
    read_variables = Method(variable.read_variables)
    update_variable = Method(variable.update_variable)
    delete_variable_by_name = Method(variable.delete_variable_by_name)
    read_variable = Method(variable.read_variable)
    update_variable_by_id = Method(variable.update_variable_by_id)
    delete_variable = Method(variable.delete_variable)
    count_variables = Method(variable.count_variables)
    create_saved_search = Method(saved_search.create_saved_search)
    read_saved_search = Method(saved_search.read_saved_search)
    read_saved_searches = Method(saved_search.read_saved_searches)
    delete_saved_search = Method(saved_search.delete_saved_search)
    read_task_workers = Method(task_worker.read_task_workers)

    create_artifact = Method(artifact.create_artifact)
    update_artifact = Method(artifact.update_artifact)
    delete_artifact = Method(artifact.delete_artifact)
    read_artifacts = Method(artifact.read_artifacts)
    read_latest_artifacts = Method(artifact.read_latest_artifacts)
    read_artifact = Method(artifact.read_artifact)
    read_latest_artifact = Method(artifact.read_latest_artifact)
    count_artifacts = Method(artifact.count_artifacts)
    count_latest_artifacts = Method(artifact.count_latest_artifacts)
    create_block_type = Method(block_type.create_block_type)
    read_block_type_by_slug = Method(block_type.read_block_type_by_slug)
    update_block_type = Method(block_type.update_block_type)
    delete_block_type = Method(block_type.delete_block_type)
    read_block_types = Method(block_type.read_block_types)
    read_block_document_by_name = Method(block_type.read_block_document_by_name)
    read_block_documents_by_type = Method(block_type.read_block_documents_by_type)
    read_block_type = Method(block_type.read_block_type)
    install_system_block_types = Method(block_type.install_system_block_types)

    create_block_schema = Method(block_schema.create_block_schema)
    read_block_schema_by_checksum = Method(block_schema.read_block_schema_by_checksum)
    read_block_schemas = Method(block_schema.read_block_schemas)
    get_most_recent_block_schema_for_block_type = Method(block_schema.get_most_recent_block_schema_for_block_type)
    read_block_schema = Method(block_schema.read_block_schema)
    delete_block_schema = Method(block_schema.delete_block_schema)
    read_block_capabilities = Method(block_schema.read_block_capabilities)

    create_block_document = Method(block_document.create_block_document)
    update_block_document = Method(block_document.update_block_document)
    delete_block_document = Method(block_document.delete_block_document)
    read_block_document = Method(block_document.read_block_document)
    read_block_documents = Method(block_document.read_block_documents)
    count_block_documents = Method(block_document.count_block_documents)
    rotate_encryption_key = Method(block_document.rotate_encryption_key)

    create_work_pool = Method(work_pool.create_work_pool)
    read_work_pool = Method(work_pool.read_work_pool)
    read_work_pools = Method(work_pool.read_work_pools)
    update_work_pool = Method(work_pool.update_work_pool)
    delete_work_pool = Method(work_pool.delete_work_pool)
    get_scheduled_flow_runs_for_work_pool = Method(work_pool.get_scheduled_flow_runs_for_work_pool)
    read_work_pool_concurrency_status = Method(work_pool.read_work_pool_concurrency_status)
    count_work_pools = Method(work_pool.count_work_pools)

    create_work_queue = Method(work_queue.create_work_queue)
    read_work_queue = Method(work_queue.read_work_queue)
    read_work_queue_by_name = Method(work_queue.read_work_queue_by_name)
    update_work_queue = Method(work_queue.update_work_queue)
    delete_work_queue_by_id = Method(work_queue.delete_work_queue_by_id)
    read_work_queues = Method(work_queue.read_work_queues)
    match_work_queues = Method(work_queue.match_work_queues)
    get_runs_in_work_queue = Method(work_queue.get_runs_in_work_queue)
    read_work_queue_status = Method(work_queue.read_work_queue_status)
    read_work_queue_concurrency_status = Method(work_queue.read_work_queue_concurrency_status)
    update_work_queue_by_name = Method(work_queue.update_work_queue_by_name)
    delete_work_queue_by_name = Method(work_queue.delete_work_queue_by_name)

    send_worker_heartbeat = Method(worker.send_worker_heartbeat)
    read_workers_for_work_pool = Method(worker.read_workers_for_work_pool)
    read_worker_metadata = Method(worker.read_worker_metadata)
    delete_worker = Method(worker.delete_worker)

    def client_version(self) -> str:
        """Return the version of this package."""
        return __version__


class LictorClient(Methods, AsyncClient):
    """The API's operations, to await; use it in an `async with` block, on one event loop.

    `api` is the API's address, the settings' unless given; `auth_string` or `api_key` are the credentials. Those of the
    settings go to the settings' address alone. `httpx_settings` are arguments for httpx's client.

    A method raises ObjectNotFound, ObjectAlreadyExists or another LictorHTTPStatusError if the server says no,
    ServerUnreachable if there is none. `client(operation(...))` carries any operation of `lictor.wire.operations`.
    """

    def __init__(
        self,
        api: str | None = None,
        *,
        auth_string: str | None = None,
        api_key: str | None = None,
        httpx_settings: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(address=api, httpx_settings=httpx_settings)
        show_credentials(self.exchanges, auth_string, api_key)

    @property
    def api_url(self) -> str:
        """The API's address; where the settings name none, that of the home folder's server, which this may start."""
        return self.address or home_server.find(self.settings).url


class SyncLictorClient(Methods, Client):
    """The API's operations; use it in a `with` block, threads may share it. Otherwise as LictorClient."""

    def __init__(
        self,
        api: str | None = None,
        *,
        auth_string: str | None = None,
        api_key: str | None = None,
        httpx_settings: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(address=api, httpx_settings=httpx_settings)
        show_credentials(self.exchanges, auth_string, api_key)

    @property
    def api_url(self) -> str:
        """The API's address; where the settings name none, that of the home folder's server, which this may start."""
        return self.address or home_server.find(self.settings).url


def show_credentials(exchanges: Exchanges, auth_string: str | None, api_key: str | None) -> None:
    """Show a server these credentials; the settings' go to the settings' server alone."""
    if exchanges.address != Exchanges(current()).address:
        exchanges.headers.pop("Authorization", None)
    exchanges.headers |= credentials(auth_string, api_key)


@overload
def get_client(
    httpx_settings: Mapping[str, Any] | None = None, sync_client: Literal[False] = False
) -> LictorClient: ...
@overload
def get_client(httpx_settings: Mapping[str, Any] | None = None, *, sync_client: Literal[True]) -> SyncLictorClient: ...
@overload
def get_client(httpx_settings: Mapping[str, Any] | None, sync_client: Literal[True]) -> SyncLictorClient: ...
def get_client(
    httpx_settings: Mapping[str, Any] | None = None, sync_client: bool = False
) -> LictorClient | SyncLictorClient:
    """Return a client of the API that the settings name, to use in an `async with` or, if it is sync, a `with` block.

    `httpx_settings` are arguments for httpx's client, such as `{"timeout": 60}`.
    """
    if sync_client:
        return SyncLictorClient(httpx_settings=httpx_settings)
    return LictorClient(httpx_settings=httpx_settings)
