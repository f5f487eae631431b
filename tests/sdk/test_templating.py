"""Placeholders in configuration: what is filled in, what stays, and what goes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.sdk.templating import MISSING, at, fill, names_in, placeholder

names = st.from_regex(r"[a-z$][a-z0-9_.\-]{0,6}", fullmatch=True)
plain = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(codec="ascii", exclude_characters="{}"), max_size=5)
)
parts = st.lists(plain.map(str) | names.map(placeholder), max_size=3).map("".join)
templates = st.recursive(
    plain | names.map(placeholder) | parts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(templates, plain)
def test_all_that_is_known_is_filled_in(template: Any, value: Any) -> None:
    filled = fill(template, lambda _: value)
    assert names_in(filled) == set()
    assert fill(filled, lambda _: pytest.fail("nothing is left")) == filled


@given(templates)
def test_what_stands_for_itself_stays(template: Any) -> None:
    assert names_in(fill(template, placeholder)) == names_in(template)


@given(templates)
def test_what_is_missing_goes(template: Any) -> None:
    filled = fill(template, lambda _: MISSING, "")
    assert filled is MISSING or names_in(filled) == set()


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("{{ number }}", 3),
        (" {{number}} ", 3),
        ("{{ number }}{{ number }}", "33"),
        ("{{ none }}", MISSING),
        ("a {{ none }}", "a {{ none }}"),
        (["{{ none }}", "{{ number }}"], [3]),
        ({"a": "{{ none }}", "b": {"c": "{{ none }}"}}, {"b": {}}),
        ("{{ two words }}", "{{ two words }}"),
        ("{ { number } }", "{ { number } }"),
    ],
)
def test_placeholders_are_filled_in(template: Any, filled: Any) -> None:
    assert fill(template, lambda name: {"number": 3}.get(name, MISSING)) == filled


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a.b[1].c", 2),
        ("a.b.1.c", 2),
        ("a.b[2]", MISSING),
        ("a.b[-1]", MISSING),
        ("a.b.c", MISSING),
        ("a.none", MISSING),
        ("n", None),
        ("n.x", MISSING),
        ("", MISSING),
    ],
)
def test_parts_of_outputs_are_found(path: str, found: Any) -> None:
    assert at({"a": {"b": [1, {"c": 2}]}, "n": None}, path) is found
