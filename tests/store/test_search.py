"""What a search for text asks, and which texts have it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.store.search import Search, read_search, words

CASES: list[tuple[str, Search]] = [
    ("", Search((), (), ())),
    ("  - + ! ", Search((), (), ())),
    ("one two", Search(("one", "two"), (), ())),
    ("one -two !three +four", Search(("one",), ("four",), ("two", "three"))),
    ('"one two" three', Search(("one two", "three"), (), ())),
    ('-"one two" +"a b"', Search((), ("a b",), ("one two",))),
    ('x"one two"y', Search(("x", "one two", "y"), (), ())),
    ('"not closed', Search(("not closed",), (), ())),
    ('""', Search((), (), ())),
    ('-"" a', Search(("a",), (), ())),
    (r"\"quoted\"", Search(('"quoted"',), (), ())),
    (r'"a \"b\" c"', Search(('a "b" c',), (), ())),
    ("--a", Search((), (), ("-a",))),
    ("a-b c+d e!f", Search(("a-b", "c+d", "e!f"), (), ())),
    ('"-a"', Search(("-a",), (), ())),
    ("a\tb\nc", Search(("a", "b", "c"), (), ())),
    ("a a A", Search(("a", "A"), (), ())),
]


@pytest.mark.parametrize(("query", "expected"), CASES, ids=[query for query, _ in CASES])
def test_a_search_is_read(query: str, expected: Search) -> None:
    assert read_search(query) == expected


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", True),
        ("host", True),
        ("HOST nothing", True),
        ("nothing", False),
        ("+host +refused", True),
        ("+host nothing", False),
        ("-host", False),
        ('"refused by"', True),
        ('"by refused"', False),
        ("ost", True),
    ],
)
def test_a_text_has_it(query: str, found: bool) -> None:
    assert read_search(query).matches("Connection refused by host") is found


@given(st.text('ab "-+!\\\xfc\n', max_size=20), st.text("abAB \xfc\xdc", max_size=20))
def test_no_search_fails_and_what_is_sought_is_in_it(query: str, text: str) -> None:
    search = read_search(query)
    assert all(term.strip() and term in query.replace('\\"', '"') for terms in search for term in terms)
    if search.matches(text):
        assert all(word.lower() in text.lower() for term in search.required for word in words(term))
