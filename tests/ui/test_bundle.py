"""The built pages: what the server counts on in them, and how much a browser has to load."""

from __future__ import annotations

import gzip
import os
import re
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGE

BUNDLE = PACKAGE / "ui" / "bundle"
BUDGETS = {".js": 90_000, ".css": 15_000}
"""Bytes that the first page may load, compressed."""

pytestmark = pytest.mark.skipif(os.environ.get("LICTOR_SKIP_UI") == "1", reason="the pages are skipped")


@pytest.fixture(scope="module")
def index() -> str:
    return (BUNDLE / "index.html").read_text()


def test_the_index_has_the_place_for_the_settings_before_its_script(index: str) -> None:
    head = index.partition("</head>")[0]
    assert index.count("<!--lictor-config-->") == 1
    assert head.index("<!--lictor-config-->") < head.index("<script")


def test_the_index_has_nothing_inline_that_the_content_policy_would_refuse(index: str) -> None:
    assert all('src="./assets/' in tag for tag in re.findall(r"<script[^>]*>", index))
    assert re.findall(r"<style|\sstyle=|\son\w+=", index) == []


def test_the_index_names_only_assets_that_are_there(index: str) -> None:
    named = re.findall(r'(?:src|href)="([^"]*)"', index)
    assert {Path(name).suffix for name in named} == {".js", ".css", ".svg"}
    for name in named:
        assert re.fullmatch(r"\./assets/[\w-]+-[\w-]{8}\.\w+", name), name
        assert (BUNDLE / name).is_file(), name


def test_every_asset_has_its_compressed_twin() -> None:
    assets = [path for path in (BUNDLE / "assets").iterdir() if path.suffix != ".gz"]
    assert assets
    for path in assets:
        assert gzip.decompress(path.with_name(f"{path.name}.gz").read_bytes()) == path.read_bytes()


@pytest.mark.parametrize("suffix", sorted(BUDGETS))
def test_the_first_page_is_within_its_budget(suffix: str, index: str) -> None:
    names = re.findall(rf'"\./(assets/[^"]*\{suffix})"', index)
    sizes = {name: (BUNDLE / f"{name}.gz").stat().st_size for name in names}
    assert 0 < sum(sizes.values()) <= BUDGETS[suffix], sizes


def test_no_asset_names_another_host() -> None:
    known = {"www.w3.org"}
    """Names of XML vocabularies; nothing is loaded from there."""
    for path in (BUNDLE / "assets").glob("*.[jc]s*"):
        if path.suffix != ".gz":
            assert set(re.findall(r"https?://([\w.-]+\.[a-z]+)", path.read_text())) <= known, path.name
