"""The lock file of the web pages: which packages, from no address in particular."""

from __future__ import annotations

import json
from typing import Any

from tests.architecture.source import ROOT

UI = ROOT / "ui"
RUNTIME = {"@tanstack/react-query", "@tanstack/react-virtual", "preact", "wouter"}
PLATFORMS = ("linux-x64-gnu", "linux-x64-musl", "linux-arm64-gnu", "darwin-arm64", "darwin-x64", "win32-x64-msvc")


def packages() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((UI / "package-lock.json").read_text())["packages"]
    return found


def test_the_lock_names_no_address() -> None:
    text = (UI / "package-lock.json").read_text()
    assert '"resolved"' not in text
    assert "://" not in "".join(line for line in text.splitlines() if '"url"' not in line)


def test_every_package_has_its_hash() -> None:
    without = [name for name, package in packages().items() if name and "integrity" not in package]
    assert without == []


def test_the_lock_fits_the_wanted_packages() -> None:
    wanted = json.loads((UI / "package.json").read_text())
    locked = packages()[""]
    assert locked["dependencies"] == wanted["dependencies"]
    assert locked["devDependencies"] == wanted["devDependencies"]
    assert set(wanted["dependencies"]) == RUNTIME


def test_the_lock_has_the_bundler_of_every_platform() -> None:
    missing = [name for name in PLATFORMS if f"node_modules/@rolldown/binding-{name}" not in packages()]
    assert missing == []


def test_no_foreign_script_runs_at_install() -> None:
    assert "ignore-scripts=true" in (UI / ".npmrc").read_text().splitlines()
