"""The same requests, sent to the reference's server and to Lictor's, are answered the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.reference import telling
from tests.reference.asks import STORIES
from tests.reference.differences import ALLOWED, Allowed
from tests.running import Server

Told = Callable[[str], list[str]]
MOST = 40


@pytest.fixture(scope="session")
def used() -> set[Allowed]:
    """What was allowed so far."""
    return set()


@pytest.fixture(scope="session")
def told(lictor_server: Server, reference_server: Server, used: set[Allowed]) -> Told:
    """Tell a story to both servers, once, and return what differs and is not allowed to."""
    ours, theirs = telling.Server(lictor_server.url), telling.Server(reference_server.url)
    known: dict[str, list[str]] = {}

    def told(name: str) -> list[str]:
        if name not in known:
            known[name] = list(compared(name, *telling.both_told(ours, theirs, STORIES[name]), used))
        return known[name]

    return told


def compared(name: str, ours: list[telling.Answer], theirs: list[telling.Answer], used: set[Allowed]) -> list[str]:
    """Return a line for each difference that is not allowed; those that are allow themselves as used."""
    lines = []
    for step, one, other in zip(STORIES[name], ours, theirs, strict=True):
        if step.only_refusals and one[0] == other[0] < 400:
            continue
        for place, mine, yours in telling.differences(one, other):
            reason = next((row for row in ALLOWED if row.allows(step, place, mine, yours)), None)
            if reason is None:
                lines.append(f"{step}\n    {place}: {mine!r}, the reference: {yours!r}")
            else:
                used.add(reason)
    return lines


@pytest.mark.parametrize("name", STORIES)
def test_a_story_is_answered_the_same(told: Told, name: str) -> None:
    lines = told(name)
    assert not lines, "\n".join(lines[:MOST])


def test_every_difference_that_is_allowed_is_there(told: Told, used: set[Allowed]) -> None:
    for name in STORIES:
        told(name)
    assert [row for row in ALLOWED if row not in used] == []
