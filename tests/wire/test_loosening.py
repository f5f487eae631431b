"""Values that are another form of their type are read as the contract takes them; all others are left alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from lictor.wire.loosening import loosened

ID = "0b5a6d5e-4a0f-4a70-8a9b-3f2f0f6f2a11"
CASES: list[tuple[Any, Any, Any]] = [
    (int, "20", 20),
    (int, " 20 ", 20),
    (int, "20.0", 20),
    (int, 20.0, 20),
    (int, True, 1),
    (int, "20.5", "20.5"),
    (int, "x", "x"),
    (int, None, None),
    (int | None, 2.0, 2),
    (int | None, "2", 2),
    (int | float, 2.0, 2.0),
    (float, "1e3", 1000.0),
    (float, False, 0.0),
    (bool, 1, True),
    (bool, 0.0, False),
    (bool, "Yes", True),
    (bool, "off", False),
    (bool, 2, 2),
    (str, 2, 2),
    (datetime, "2020-01-02", "2020-01-02T00:00:00Z"),
    (datetime, 0, "1970-01-01T00:00:00+00:00"),
    (datetime, "1e3", "1970-01-01T00:16:40+00:00"),
    (datetime, 1577836800000, "2020-01-01T00:00:00+00:00"),
    (datetime, 1e300, 1e300),
    (datetime, "soon", "soon"),
    (datetime, True, True),
    (UUID, f"{{{ID}}}", ID),
    (UUID, f"urn:uuid:{ID}", ID),
    (list[int], ["1", "x"], [1, "x"]),
    (dict[str, bool], {"a": "t"}, {"a": True}),
    (str | list[str], "1", "1"),
    (float | list[float] | None, ["1"], [1.0]),
]


@pytest.mark.parametrize(("kind", "value", "expected"), CASES, ids=[f"{kind} {value}" for kind, value, _ in CASES])
def test_a_value_is_read(kind: Any, value: Any, expected: Any) -> None:
    found = loosened(kind, value)
    assert (found, type(found)) == (expected, type(expected))


class Part(Struct):
    number: int = 0
    words: str | list[str] | None = None


class Whole(Struct):
    part: Part | None = None
    when: datetime | None = None
    flags: dict[str, bool] = {}


WORDS = st.sampled_from(["", "1", "t", "x", "2020-01-01", "2.5"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS
ANYTHING = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(WORDS, SCALARS, max_size=2)
NEARLY = st.fixed_dictionaries(
    {}, optional={"part": ANYTHING | st.fixed_dictionaries({"number": SCALARS}), "when": SCALARS, "flags": ANYTHING}
)


@given(NEARLY)
def test_what_can_be_read_as_it_stands_stays(value: Any) -> None:
    try:
        read = msgspec.convert(value, Whole)
    except msgspec.ValidationError:
        loosened(Whole, value)
    else:
        assert msgspec.convert(loosened(Whole, value), Whole) == read
