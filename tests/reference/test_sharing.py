"""Variables, artifacts and emitted events come to the same with either SDK on either server."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.running import Server


@pytest.mark.parametrize("place", ["lictor", "prefect"])
def test_both_sdks_share(place: str, run: Callable[..., Any], request: pytest.FixtureRequest) -> None:
    server: Server = request.getfixturevalue("lictor_server" if place == "lictor" else "reference_server")
    word, said = str(uuid4()), []
    for sdk in ("lictor", "prefect", "lictor"):
        done = run(sdk, server, "sharing.py", word)
        assert done.returncode == 0, done.stderr
        said.append(json.loads(done.stdout.splitlines()[-1]))
    assert [each.pop("value") for each in said] == [{"from": [*range(number)]} for number in (1, 2, 3)]
    assert said[0] == said[1] == said[2]
    assert said[0]["progress"] == ["progress", 60.0, None, True]
