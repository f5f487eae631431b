"""When the pages are built, and what is said where they cannot be."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

HOOK = "import hatch_build as h; print(h.is_current(), h.PagesHook.dependencies(None) != [])"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the build reads, and of what it has built."""
    shutil.copy(ROOT / "hatch_build.py", tmp_path)
    shutil.copytree(ROOT / "ui", tmp_path / "ui", ignore=shutil.ignore_patterns("node_modules", "dist"))
    built = ROOT / "src" / "lictor" / "ui"
    if built.is_dir():
        shutil.copytree(built, tmp_path / "src" / "lictor" / "ui")
    return tmp_path


def run(checkout: Path, *command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "LICTOR_SKIP_UI"} | settings
    return subprocess.run(
        [sys.executable, *command], cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )


def state(checkout: Path, **settings: str) -> str:
    return run(checkout, "-c", HOOK, **settings).stdout.strip()


@pytest.mark.skipif(os.environ.get("LICTOR_SKIP_UI") == "1", reason="the pages are skipped")
def test_a_current_bundle_needs_no_node(checkout: Path) -> None:
    assert state(checkout) == "True False"
    done = run(checkout, "hatch_build.py", npm_config_registry="http://127.0.0.1:9", PATH="")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("change", ["ui/src/App.tsx", "ui/package-lock.json", "ui/index.html", "hatch_build.py"])
def test_a_changed_source_makes_the_bundle_old(checkout: Path, change: str) -> None:
    with (checkout / change).open("a") as file:
        file.write("\n")
    assert state(checkout) == "False True"
    assert state(checkout, LICTOR_SKIP_UI="1") == "False False"


def test_skipping_leaves_no_old_bundle(checkout: Path) -> None:
    (checkout / "ui" / "src" / "App.tsx").write_text("")
    done = run(checkout, "hatch_build.py", LICTOR_SKIP_UI="1")
    assert done.returncode == 0, done.stderr
    assert not (checkout / "src" / "lictor" / "ui" / "bundle").exists()


def test_a_build_that_fails_says_why_and_what_to_do_and_keeps_what_there_is(checkout: Path) -> None:
    (checkout / "ui" / "package-lock.json").write_text("{")
    kept = sorted((checkout / "src").rglob("*"))
    done = run(checkout, "hatch_build.py", npm_config_registry="http://127.0.0.1:9", npm_config_fetch_retries="0")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "npm ci" in done.stderr
    assert "Set LICTOR_SKIP_UI=1 to install Lictor without them" in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted((checkout / "src").rglob("*")) == kept
