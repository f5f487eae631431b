"""Slots of limits of names: either SDK on either server, and the reference's commands on Lictor's."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.rules.record import Api
from tests.running import Server

PATH = "/v2/concurrency_limits"
SEEN = {
    "results": list(range(6)),
    "most": 2,
    "held": 2,
    "full": [
        "AcquireConcurrencySlotTimeoutError",
        "ConcurrencySlotAcquisitionError",
        "ConcurrencySlotAcquisitionError",
    ],
    "awaited": [2, 0],
    "missing": ["taken", "ConcurrencySlotAcquisitionError"],
    "rate kept": True,
    "after": 0,
}


@pytest.mark.parametrize(("sdk", "server"), [("lictor", "lictor"), ("prefect", "lictor"), ("lictor", "reference")])
def test_slots_are_held_and_waited_for(
    sdk: str, server: str, request: pytest.FixtureRequest, run: Callable[..., Any]
) -> None:
    where: Server = request.getfixturevalue(f"{server}_server")
    api, name = Api(where.url), f"held-{uuid4()}"
    rate = f"rate-{name}"
    assert api("POST", f"{PATH}/", {"name": name, "limit": 2})[0] == 201
    assert api("POST", f"{PATH}/", {"name": rate, "limit": 1, "slot_decay_per_second": 5})[0] == 201
    done = run(sdk, where, "held.py", name, rate)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == SEEN


def test_the_commands_of_the_reference_work(lictor_server: Server, run: Callable[..., Any]) -> None:
    name = f"gcl-{uuid4()}"

    def said(*words: str) -> str:
        done = run("prefect", lictor_server, None, "gcl", *words)
        assert done.returncode == 0, done.stdout + done.stderr
        return str(done.stdout)

    said("create", name, "--limit", "5", "--slot-decay-per-second", "0.5")
    assert name in said("ls")
    said("update", name, "--limit", "6", "--active-slots", "2")
    said("disable", name)
    found = json.loads(said("inspect", name, "--output", "json"))
    assert (found["limit"], found["active"], found["slot_decay_per_second"]) == (6, False, 0.5)
    said("enable", name)
    said("delete", name)
    assert Api(lictor_server.url)("GET", f"{PATH}/{name}")[0] == 404
