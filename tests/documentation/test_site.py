"""The site of documentation is built without a warning, loads nothing from elsewhere, and has every public name."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib import import_module
from inspect import getdoc, isroutine
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

REFERENCE = ROOT / "docs" / "reference" / "sdk"
INNER = {"app", "cli", "client", "engine", "events", "kit", "orchestration", "rules", "sdk", "server", "store", "wire"}
"""What users do not import, though it is part of the package."""

LOADED = re.compile(
    r"<(?:script|img|iframe)[^>]*\bsrc=\"https?:|<link[^>]*\bhref=\"https?:(?!.*rel=\"canonical)|@import"
)


def public_modules() -> list[str]:
    """Return the modules that users import from."""
    folder = ROOT / "src" / "lictor"
    files = {path.stem for path in folder.glob("*.py")} | {path.parent.name for path in folder.glob("*/__init__.py")}
    names = sorted(f"lictor.{name}" for name in files - INNER - {"__init__", "ui"})
    return ["lictor", *names, *(f"lictor.runtime.{name}" for name in ("deployment", "flow_run", "task_run"))]


MODULES = public_modules()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site."""
    folder = tmp_path_factory.mktemp("site")
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": ""}
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(build, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_site_is_built_and_loads_nothing_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 30
    for page in [*pages, *site.rglob("*.css")]:
        assert not LOADED.search(page.read_text()), page
    assert 'id="lictor.flows.flow"' in (site / "reference" / "sdk" / "flows.html").read_text()


def test_nothing_that_is_built_lies_in_the_repository() -> None:
    ignored = subprocess.run(["git", "check-ignore", "build/site"], cwd=ROOT, capture_output=True, check=False)
    assert ignored.returncode == 0


@pytest.mark.parametrize("module", MODULES)
def test_every_public_name_is_explained_on_a_page(module: str) -> None:
    found = import_module(module)
    assert found.__doc__
    pages = "\n".join(page.read_text() for page in REFERENCE.glob("*.md"))
    explained = set(re.findall(r"^::: (\S+)$", pages, re.MULTILINE))
    for name in found.__all__:
        if module.startswith("lictor.runtime."):  # worked out when they are read: the module tells of them
            assert f"`{name}`" in found.__doc__, f"{module}.{name}"
            continue
        value = getattr(found, name)
        if name in ("__version__", "table"):
            continue
        assert any(place.endswith(f".{name}") for place in explained), f"{module}.{name} stands on no page"
        if isinstance(value, type) or isroutine(value) or hasattr(value, "__all__"):
            own = value.__doc__ if isinstance(value, type) else getdoc(value)
            assert own, f"{module}.{name} has no docstring"
            assert own.strip().endswith((".", ":")) or "\n" in own, f"{module}.{name}: {own}"


@pytest.mark.parametrize("page", sorted(REFERENCE.glob("*.md")), ids=lambda page: page.stem)
def test_every_page_names_what_there_is(page: Path) -> None:
    for place in re.findall(r"^::: (\S+)$", page.read_text(), re.MULTILINE):
        home, _, name = place.rpartition(".")
        assert hasattr(import_module(home), name) or import_module(place), place
