"""Names of runs that were given none."""

from __future__ import annotations

import re

import pytest

from lictor.kit.names import ADJECTIVES, NOUNS, one_line, plain_lines, random_name


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


@pytest.mark.parametrize(
    ("name", "line", "lines"),
    [
        ("a name, ü, 名, 🦊", "a name, ü, 名, 🦊", "a name, ü, 名, 🦊"),
        ("a\nb", "a\\nb", "a\nb"),
        ("a\r\tb\x1b[2J\x07\x00", "a\\r\\tb\\x1b[2J\\x07\\x00", "a\\r\\tb\\x1b[2J\\x07\\x00"),
        ("\x9b2J\u2028", "\\x9b2J\\u2028", "\\x9b2J\\u2028"),
    ],
)
def test_names_of_others_make_no_lines_and_command_no_terminal(name: str, line: str, lines: str) -> None:
    assert (one_line(name), plain_lines(name)) == (line, lines)
