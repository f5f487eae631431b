"""Secrets that this process has given away to a user's code: log lines and messages of states show a mask for them.

What is shorter than `LEAST` characters is not masked: it stands in too many words.
"""

from __future__ import annotations

import json
import re

MASK = "**********"
LEAST = 4

_known: set[str] = set()
_pattern: re.Pattern[str] | None = None


def hide(text: str) -> None:
    """Mask a text from now on, also as it stands in JSON, in a representation, in an address, and line by line."""
    global _pattern  # noqa: PLW0603  # what a process prints is the process's
    forms = {text, repr(text)[1:-1], json.dumps(text)[1:-1], *(line.strip() for line in text.splitlines())}
    if not text.isalnum():
        from urllib.parse import quote  # noqa: PLC0415  # loaded when needed

        forms.add(quote(text, safe=""))
    found = {form for form in forms if len(form) >= LEAST} - _known
    if found:
        _known.update(found)
        _pattern = re.compile("|".join(map(re.escape, sorted(_known, key=len, reverse=True))))


def masked(text: str) -> str:
    """Return a text with a mask in place of each secret."""
    return text if _pattern is None else _pattern.sub(MASK, text)


def forget() -> None:
    """Mask nothing of what was hidden before: for tests."""
    global _pattern  # noqa: PLW0603  # see above
    _known.clear()
    _pattern = None
