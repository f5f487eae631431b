"""Files are left out by the patterns that git's own ignore file has."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from lictor.kit.ignored import Ignored

FILES = [
    "a.py",
    "a.pyc",
    "b/a.pyc",
    "b/c/d.txt",
    "build/x",
    "b/build/y",
    "keep.log",
    "other.log",
    "b/x.log",
    "q1",
    "q2",
    "!odd",
]
PATTERNS = {
    "nothing": "",
    "a remark": "# *.py\n\n",
    "at any place": "*.pyc",
    "a folder": "build/",
    "at the top": "/build",
    "deep": "b/**/d.txt",
    "all below": "b/**",
    "before anything": "**/x.log",
    "an exception": "*.log\n!keep.log",
    "an exception in a folder that is left out": "b/\n!b/x.log",
    "one character": "q?",
    "some characters": "q[!2]",
    "a character as it is": "\\!odd",
    "with spaces at its end": "*.py   ",
    "with a slash": "b/a.pyc",
}


@pytest.mark.parametrize("case", PATTERNS)
def test_files_are_left_out_as_git_leaves_them_out(case: str, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / ".gitignore").write_text(PATTERNS[case])
    asked = ["git", "-C", str(tmp_path), "ls-files", "--others", "--exclude-standard", "-z"]
    left = set(subprocess.run(asked, check=True, capture_output=True, text=True).stdout.split("\0"))
    ignored = Ignored(PATTERNS[case].splitlines())
    assert {name for name in FILES if not ignored.leaves_out(name)} == left & set(FILES)
