"""The clock that tests put forward."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lictor.kit import clock


@pytest.mark.parametrize(
    ("far", "least", "most"),
    [
        (timedelta(seconds=9), 1, 1),
        (timedelta(minutes=1), 6, 6),
        (timedelta(days=1000), clock.MOST_STEPS, clock.MOST_STEPS + 1),
    ],
)
def test_what_is_done_regularly_is_done_on_the_way_but_not_for_ever(far: timedelta, least: int, most: int) -> None:
    done: list[timedelta] = []
    with clock.turned(skipping=False):
        before = clock.now()
        end = clock.regularly(10, lambda: done.append(clock.now() - before))
        try:
            clock.put_forward(far)
        finally:
            end()
    assert least <= len(done) <= most
    assert done[-1] >= far
    assert done == sorted(done)
