"""Both SDKs make the same images of the same names, and the same deployments of flows that run in them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.reference.conftest import Run
from tests.running import Server


@pytest.fixture(scope="module", params=["", "example.org/ours"], ids=["", "namespace"])
def told(request: pytest.FixtureRequest, run: Run, lictor_server: Server) -> dict[str, Any]:
    """What both SDKs tell."""
    found = {}
    settings = {"PREFECT_DEPLOYMENTS_DEFAULT_DOCKER_BUILD_NAMESPACE": request.param} if request.param else {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lictor_server, "client_settings", settings)
        for sdk in ("lictor", "prefect"):
            done = run(sdk, lictor_server, "images.py")
            assert done.returncode == 0, done.stderr
            found[sdk] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_both_sdks_deploy_the_same(told: dict[str, Any]) -> None:
    ours, theirs = told["lictor"], told["prefect"]
    assert ours == theirs
    assert ours["deployed"]["job_variables"] == {"image": "example.org/me/flows:1"}
    assert {name for name, found in ours.items() if isinstance(found, str)} >= {"no image", "no pool", "two tags"}
