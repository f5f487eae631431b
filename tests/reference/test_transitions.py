"""A Lictor server answers pairs of states and longer stories as the reference was recorded to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.reference.record_transitions import Teller, stories
from tests.rules.record import Api, Recorder
from tests.running import Server

HERE = Path(__file__).parent
STORIES: dict[str, list[Any]] = json.loads((HERE / "transitions.json").read_text())
PAIRS: dict[str, list[Any]] = json.loads((HERE.parent / "rules" / "transitions.json").read_text())

OTHERWISE = {
    "task has no delays in its list": "The reference answers 500 to a failure; Lictor retries at once.",
}
"""Stories that Lictor tells otherwise on purpose, and why."""


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    with Server() as server:
        yield Api(server.url)


@pytest.fixture(scope="module")
def teller(api: Api) -> Teller:
    return Teller(api)


def test_every_story_is_recorded() -> None:
    assert set(STORIES) == set(stories())


@pytest.mark.parametrize("name", STORIES)
def test_a_story_goes_as_recorded(name: str, teller: Teller) -> None:
    told = teller.tell(stories()[name])
    if name in OTHERWISE:
        assert told != STORIES[name]
        assert all(answer[0] < 500 for answer in told[1:])
    else:
        assert told == STORIES[name]


def test_pairs_go_as_recorded(api: Api) -> None:
    assert Recorder(api).record() == PAIRS
