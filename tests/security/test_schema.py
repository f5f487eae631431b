"""Requests made at random of the server's own OpenAPI document, right ones and wrong ones: no answer is a 500."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode

from lictor.kit.ids import is_id
from lictor.wire.operation import Operation
from lictor.wire.operations import OPERATIONS
from tests.running import Server
from tests.security.asking import basic

NAMES = re.compile(r"{(\w+)}")
NOT_DESCRIBED = {"/openapi.json"}  # what answers the description is left out of it by the tool
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
CASES = [
    pytest.param(row, mode, id=f"{row}-{mode.value}")
    for row in OPERATIONS
    for mode in MODES
    if row.path not in NOT_DESCRIBED
    if mode == GenerationMode.POSITIVE or row.takes_body or row.query or any(map(is_id, NAMES.findall(row.path)))
]
CHECKS = list(HealthCheck)


@pytest.fixture(scope="module")
def schema() -> Iterator[Any]:
    with Server(PREFECT_SERVER_API_AUTH_STRING="admin:pass") as server:
        address = f"http://127.0.0.1:{server.port}/api"
        found = schemathesis.openapi.from_url(f"{address}/openapi.json", headers=basic())
        found.config.update(base_url=address)
        yield found
        assert "Traceback" not in server.log.read_text()


@pytest.mark.parametrize(("row", "mode"), CASES)
def test_no_request_is_the_servers_fault(schema: Any, row: Operation[Any, Any], mode: GenerationMode) -> None:
    @seed(20261126)
    @settings(max_examples=8, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=CHECKS)
    @given(case=schema[row.path][row.method].as_strategy(generation_mode=mode))
    def every_case(case: Any) -> None:
        answer = case.call(headers=basic(), timeout=60)
        assert answer.status_code < 500, (case.body, answer.text)

    every_case()
