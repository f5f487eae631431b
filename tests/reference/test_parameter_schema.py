"""Of the same functions both SDKs make the same schemas of parameters."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lictor.sdk.parameter_schema import parameter_schema
from tests.reference.conftest import Start
from tests.reference.signatures import FUNCTIONS
from tests.running import Server


@pytest.fixture(scope="module")
def theirs(start: Start, lictor_server: Server) -> dict[str, Any]:
    process = start("prefect", lictor_server, "signatures.py")
    said, wrong = process.communicate(timeout=240)
    assert process.returncode == 0, wrong
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    return found


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__qualname__)
def test_schemas_are_the_same(function: Any, theirs: dict[str, Any]) -> None:
    assert json.loads(json.dumps(parameter_schema(function))) == theirs[function.__qualname__]


def test_further_arguments_are_not_required() -> None:
    def function(first: int, *args: int, **kwargs: str) -> None: ...

    schema = parameter_schema(function)
    assert schema["required"] == ["first"]
    assert schema["properties"]["args"] == {
        "title": "args",
        "type": "array",
        "items": {"type": "integer"},
        "position": 1,
    }
    assert schema["properties"]["kwargs"]["additionalProperties"] == {"type": "string"}
