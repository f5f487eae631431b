"""Which files a file like `.gitignore` leaves out: a pattern a line, `#` before remarks, `!` before exceptions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import NamedTuple

PART = re.compile(r"\*\*/|/\*\*$|\*|\?|\[!?\]?[^\]]*\]|\\.|.", re.DOTALL)
SPELLED = {"**/": "(?:.*/)?", "/**": "/.+", "*": "[^/]*", "?": "[^/]"}


class Pattern(NamedTuple):
    """What a line says: which paths it means, and whether it lets them in again."""

    meant: re.Pattern[str]
    exception: bool
    folders_alone: bool


class Ignored:
    """The patterns of a file; the last one that means a path decides."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.patterns = [pattern(line) for each in lines if (line := each.rstrip()) and not line.startswith("#")]

    def leaves_out(self, path: str) -> bool:
        """Tell whether a file is left out, by its path from the folder of the patterns; so is all in such a folder."""
        folders = [str(each) for each in PurePosixPath(path).parents][-2::-1]
        return any(self.means(each, True) for each in folders) or self.means(path, False)

    def means(self, path: str, folder: bool) -> bool:
        """Tell whether the patterns mean a file or folder itself."""
        meaning = [each for each in self.patterns if (folder or not each.folders_alone) and each.meant.fullmatch(path)]
        return bool(meaning) and not meaning[-1].exception


def pattern(line: str) -> Pattern:
    """Read a line; a pattern with a slash that is not at its end counts from the top, another at any place."""
    exception, text = line.startswith("!"), line.removeprefix("!")
    folders_alone, text = text.endswith("/"), text.rstrip("/")
    top = "/" in text
    spelled = "".join(spell(part[0]) for part in PART.finditer(text.removeprefix("/")))
    return Pattern(re.compile(spelled if top else f"(?:.*/)?{spelled}"), exception, folders_alone)


def spell(part: str) -> str:
    """Return a part of a pattern as a regular expression."""
    if part in SPELLED:
        return SPELLED[part]
    if part.startswith("[") and len(part) > 1:
        return "[" + ("^" if part[1] == "!" else re.escape(part[1])) + part[2:].replace("\\", "\\\\")
    return re.escape(part[1] if part.startswith("\\") and len(part) > 1 else part)
