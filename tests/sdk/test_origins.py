"""Values are traced to the runs that returned them, for as long as somebody else holds them."""

from __future__ import annotations

from uuid import UUID, uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from lictor.engine.origins import FEWEST, Origins


class Thing:
    """Something that can be watched."""


@settings(max_examples=50)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=200))
def test_what_is_held_is_found_and_what_is_not_is_forgotten(made: list[tuple[bool, bool]]) -> None:
    origins = Origins()
    kept: list[tuple[object, UUID]] = []
    for watchable, keep in made:
        value: object = Thing() if watchable else [Thing()]
        run_id = uuid4()
        origins.note(value, run_id)
        if keep:
            kept.append((value, run_id))
        del value
    for value, run_id in kept:
        assert origins.of(value) == run_id
    # Watched values go at once, held ones when the table has doubled.
    assert len(origins) <= 2 * max(FEWEST, 2 * len(kept)) + 2 * len(kept)


def test_a_long_run_keeps_no_results() -> None:
    origins = Origins()
    for _ in range(10_000):
        origins.note([1, 2, 3], uuid4())
    assert len(origins) <= FEWEST + 1


def test_items_of_a_collection_are_traced() -> None:
    origins, run_id = Origins(), uuid4()
    things = [Thing(), Thing()]
    origins.note({"a": things[0], "b": things[1]}, run_id)
    assert [origins.of(thing) for thing in things] == [run_id, run_id]
    assert origins.of(Thing()) is None


def test_values_that_are_the_same_everywhere_are_not_traced() -> None:
    origins = Origins()
    for value in (None, True, 5, ...):
        origins.note(value, uuid4())
        assert origins.of(value) is None
    assert len(origins) == 0


def test_the_last_run_that_returned_a_value_counts() -> None:
    origins, value, last = Origins(), Thing(), uuid4()
    origins.note(value, uuid4())
    origins.note(value, last)
    assert origins.of(value) == last
