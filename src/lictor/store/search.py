"""Reads what a search for text asks: terms of which one is enough, terms that must be there, terms that must not.

Terms are separated by spaces; quotes make a phrase of several words, and `\\"` is a quote itself. `-` or `!` before a
term excludes it, `+` requires it.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import NamedTuple

from lictor.kit.json import encode

EXCLUDES, REQUIRES = "-!", "+"


class Search(NamedTuple):
    """The terms of a search: it matches a text with all `required`, none `excluded`, and one of `any_` if there are."""

    any_: tuple[str, ...]
    required: tuple[str, ...]
    excluded: tuple[str, ...]

    def matches(self, text: str) -> bool:
        """Tell whether a text matches; capitals do not count."""
        found = text.lower()
        return (
            all(term.lower() in found for term in self.required)
            and not any(term.lower() in found for term in self.excluded)
            and (not self.any_ or any(term.lower() in found for term in self.any_))
        )


@lru_cache(maxsize=100)
def read_search(query: str) -> Search:
    """Return what a search asks."""
    terms: dict[str, list[str]] = {"": [], REQUIRES: [], EXCLUDES: []}
    for sign, term in signed_terms(query):
        terms[sign].append(term)
    return Search(*(tuple(dict.fromkeys(terms[sign])) for sign in ("", REQUIRES, EXCLUDES)))


def signed_terms(query: str) -> list[tuple[str, str]]:
    """Return the terms of a search, each with what its sign means."""
    found: list[tuple[str, str]] = []
    sign, term, quoted = "", "", False

    def end() -> None:
        nonlocal sign, term
        if term.strip():
            found.append((sign, term))
        sign, term = "", ""

    at = 0
    while at < len(query):
        letter = query[at]
        at += 1
        if letter == "\\" and query[at : at + 1] == '"':
            term += '"'
            at += 1
        elif letter == '"':
            if quoted or term:
                end()
            quoted = not quoted
        elif letter.isspace() and not quoted:
            end()
        elif letter in EXCLUDES + REQUIRES and not (quoted or term or sign):
            sign = REQUIRES if letter in REQUIRES else EXCLUDES
        else:
            term += letter
    end()
    return found


def words(term: str) -> list[str]:
    """Return the parts of a term that have no space and only plain letters: a text with the term has each of them."""
    return [word for word in term.split() if word.isascii() and word.isprintable() and not set('"\\') & set(word)]


def in_json(term: str) -> list[str]:
    """Return the ways in which a term may stand in a JSON text."""
    return list(dict.fromkeys([term, encode(term).decode()[1:-1], json.dumps(term)[1:-1]]))
