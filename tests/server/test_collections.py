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


def test_a_view_that_is_none_is_not_found(api: Api) -> None:
    assert api("GET", "/collections/views/none")[0] == 404
