"""The catalogue of worker types: pools can be made of what it says."""

from __future__ import annotations

from uuid import uuid4

import pytest

from lictor.orchestration.worker_types import WORKER_TYPES
from tests.server.conftest import Api

TYPES = [(package, kind) for package, types in WORKER_TYPES.items() for kind in types]


@pytest.mark.parametrize(("package", "kind"), TYPES)
def test_a_pool_is_made_of_a_worker_type(api: Api, package: str, kind: str) -> None:
    status, catalogue = api("GET", "/collections/views/aggregate-worker-metadata")
    assert status == 200
    said = catalogue[package][kind]
    assert said["type"] == kind
    template = said["default_base_job_configuration"]
    body = {"name": f"pool-{uuid4()}", "type": kind, "base_job_template": template}
    status, pool = api("POST", "/work_pools/", body)
    assert (status, pool["base_job_template"]) == (201, template)


@pytest.mark.parametrize("kind", ["process", "docker", "kubernetes"])
def test_a_variable_of_the_environment_may_be_left_out(api: Api, kind: str) -> None:
    pool, flow = f"pool-{uuid4()}", api("POST", "/flows/", {"name": f"flow-{uuid4()}"})[1]["id"]
    api("POST", "/work_pools/", {"name": pool, "type": kind})
    body = {"name": "d", "flow_id": flow, "work_pool_name": pool, "job_variables": {"env": {"A": None, "B": "b"}}}
    status, deployment = api("POST", "/deployments/", body)
    assert (status, deployment.get("job_variables")) == (201, body["job_variables"])


def test_a_view_that_is_none_is_not_found(api: Api) -> None:
    assert api("GET", "/collections/views/none")[0] == 404
