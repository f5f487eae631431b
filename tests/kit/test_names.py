"""Names of runs that were given none."""

from __future__ import annotations

import re

import pytest

from lictor.kit.names import ADJECTIVES, NOUNS, random_name


@pytest.mark.parametrize("words", [ADJECTIVES, NOUNS])
def test_there_are_many_words_each_once(words: list[str]) -> None:
    assert len(words) >= 120
    assert len(set(words)) == len(words)
    assert all(re.fullmatch("[a-z]+", word) for word in words)


def test_a_name_is_an_adjective_and_a_noun() -> None:
    names = {random_name() for _ in range(200)}
    assert len(names) > 100
    for name in names:
        adjective, noun = name.split("-")
        assert adjective in ADJECTIVES
        assert noun in NOUNS
