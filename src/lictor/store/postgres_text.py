"""Text that PostgreSQL does not take as it is: the character U+0000, in clear or as JSON's `\\u0000`.

U+0000 is kept as U+0001 U+0001, and U+0001 as U+0001 U+0002; in JSON their escapes likewise. So any text comes back
as it went in, texts keep their order and their beginnings, and JSON read by the database means the kept text.
"""

from __future__ import annotations

import re

NULL, MARK = "\x00", "\x01"
KEPT = {0: MARK + MARK, 1: MARK + "\x02"}
PAIR = re.compile("\x01([\x01\x02])")
ESCAPED = re.compile(r"(?<!\\)((?:\\\\)*)\\u000([01])")
ESCAPED_PAIR = re.compile(r"(?<!\\)((?:\\\\)*)\\u0001\\u000([12])")


def kept(text: str) -> str:
    """Return a text as the database keeps it."""
    if NULL in text or MARK in text:
        text = text.translate(KEPT)
    if "\\u000" in text and text[0] in "[{":
        text = ESCAPED.sub(lambda found: rf"{found[1]}\u0001\u000{int(found[2]) + 1}", text)
    return text


def read(text: str) -> str:
    """Return a text as it was before it was kept."""
    if MARK in text:
        text = PAIR.sub(lambda found: chr(ord(found[1]) - 1), text)
    if "\\u0001" in text and text[0] in "[{":
        text = ESCAPED_PAIR.sub(lambda found: rf"{found[1]}\u000{int(found[2]) - 1}", text)
    return text
