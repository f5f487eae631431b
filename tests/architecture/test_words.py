"""The project speaks of the project alone: no path of a machine, no registry's host, in any of its files."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.architecture.source import ROOT, tracked

HOSTS = ("py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com", "deb" + "ian.org")
PATHS = ("/wo" + "rk/", "/ro" + "ot/", "../sha" + "red", "../.lib" + "rary", "/ho" + "me/")
TEXT = {".py", ".md", ".toml", ".sql", ".json", ".lock", ".txt", ".yml", ".yaml", "", ".cfg"}


@pytest.mark.parametrize("word", [*HOSTS, *PATHS])
def test_no_file_has_a_word_that_is_not_the_projects(word: str) -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if path.suffix in TEXT and word in path.read_text("utf-8", "replace")
    ]
    assert found == []


def test_every_dependency_has_an_upper_bound() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for wanted in project["dependencies"]:
        assert re.search(r"<\d", wanted), wanted


def test_the_lock_has_hashes_and_no_addresses() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    names = re.findall(r"^([\w.-]+)==", lock, re.M)
    assert lock.count("--hash=sha256:") >= len(names)
    for wanted in project["project"]["dependencies"]:
        assert re.split(r"[<>=;\[ ]", wanted)[0] in names
    assert len(set(names)) + 1 <= 45
