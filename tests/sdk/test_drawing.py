"""Drawings of flows, which run nothing."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from lictor import flow, task
from lictor.exceptions import FlowVisualizationError, GraphvizExecutableNotFoundError
from lictor.futures import as_completed

REFERENCE = os.environ.get("LICTOR_TEST_REFERENCE_PYTHON")

COMMON = """
import asyncio, warnings
from SDK import flow, task

warnings.simplefilter("ignore")

@task
def extract(): raise AssertionError
@task(viz_return_value=[1, 2, 3])
def rows(x=None): raise AssertionError
@task(name="named task")
def load(x): raise AssertionError
@task
async def fetch(x=None): raise AssertionError
@flow
def part(x): raise AssertionError
@flow
async def apart(x): raise AssertionError

@flow
def plain():
    x = extract()
    y = rows(x)
    load(y)
    load(x)
    load(0)
    return part(y)

@flow
async def awaiting(most: int = 2):
    x = await fetch()
    y = await apart(x)
    await asyncio.gather(*(fetch(y) for _ in range(most)))

@flow
def waiting(x):
    for each in rows(x):
        if each > 2:
            load(rows())

print(plain.generate_mermaid_graph())
print(awaiting.generate_mermaid_graph(most=3))
print(waiting.generate_mermaid_graph("x"))

async def here():
    print(awaiting.generate_mermaid_graph())
    print(await plain.agenerate_mermaid_graph())

asyncio.run(here())
"""


def drawn_by(python: str, package: str, home: Path) -> str:
    """Return what a program that draws prints with an SDK."""
    program = COMMON.replace("SDK", package)
    done = subprocess.run(
        [python, "-c", program],
        env={"PREFECT_HOME": str(home), "PREFECT_API_URL": "http://127.0.0.1:9/api", "PYTHONPATH": ":".join(sys.path)}
        if package == "lictor"
        else {"PREFECT_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return done.stdout


@pytest.mark.skipif(REFERENCE is None, reason="there is no reference here")
def test_drawings_are_those_of_the_reference(tmp_path: Path) -> None:
    assert REFERENCE is not None
    ours = drawn_by(sys.executable, "lictor", tmp_path)
    assert ours.count("flowchart TD") == 5
    assert ours == drawn_by(REFERENCE, "prefect", tmp_path)


@task
def item(x: Any = None, y: Any = None) -> int:
    raise AssertionError


@task(viz_return_value=[10, 20])
def pages(x: Any = None) -> Iterator[int]:
    raise AssertionError
    yield 1


@task
async def letters() -> AsyncIterator[str]:
    raise AssertionError
    yield ""


def edges(text: str) -> list[str]:
    """Return the lines of a flowchart that are edges."""
    return [line.strip() for line in text.splitlines() if "-->" in line]


def test_collections_submits_maps_and_wait_for_are_drawn() -> None:
    @flow
    def fan() -> None:
        first = item.submit()
        several = item.map([1, first], y=first)
        item([several[0].result(), {"x": several[1]}])
        item(wait_for=several)
        item.map(item())
        for future in as_completed(several):
            future.result()
        item(item(return_state=True))

    assert edges(fan.generate_mermaid_graph()) == [
        "item_0 --> item_1",
        "item_0 --> item_2",
        "item_1 --> item_3",
        "item_2 --> item_3",
        "item_1 --> item_4",
        "item_2 --> item_4",
        "item_5 --> item_6",
        "item_7 --> item_8",
    ]


def test_generators_are_drawn() -> None:
    @flow
    def yielding() -> Iterator[Any]:
        for page in pages():
            yield item(page)
        yield item(pages())

    @flow
    async def later() -> AsyncIterator[Any]:
        async for letter in letters():
            yield item(letter)

    assert yielding.generate_mermaid_graph().count('["item-') == 3
    assert edges(asyncio.run(later.agenerate_mermaid_graph())) == ["letters_0 --> item_0"]


def test_a_flow_that_looks_into_results_is_told_of_viz_return_value() -> None:
    @flow
    def looking() -> int:
        return item() + 1

    with pytest.raises(TypeError) as caught:
        looking.generate_mermaid_graph()
    assert "viz_return_value" in caught.value.__notes__[0]
    assert item.with_options(viz_return_value=4).spec.viz_return_value == 4


def test_names_that_differ_in_signs_stay_apart() -> None:
    @flow
    def signs() -> None:
        item.with_options(name='a"b')()
        item.with_options(name="a b")()

    lines = signs.generate_mermaid_graph().splitlines()[1:]
    assert lines == ['    a_b_0["a#quot;b-0"]', '    a_b_0_1["a b-0"]']


@flow(name="with a picture")
def picture() -> None:
    item(item.with_options(name='a "b"')())


@flow(name="with a picture")
async def apicture() -> None:
    item(item())


def test_without_graphviz_the_error_names_the_way_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GraphvizExecutableNotFoundError, match="generate_mermaid_graph"):
        picture.visualize()


def test_what_graphviz_cannot_draw_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\necho no picture today >&2\nexit 3\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FlowVisualizationError, match="no picture today"):
        picture.visualize()


@pytest.mark.skipif(shutil.which("dot") is None and os.environ.get("CI") != "true", reason="Graphviz is not installed")
def test_graphviz_makes_a_picture(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "with a picture.png"
    picture.visualize()
    assert file.read_bytes().startswith(b"\x89PNG")
    file.unlink()

    async def here() -> None:
        await apicture.visualize()

    asyncio.run(here())
    assert file.read_bytes().startswith(b"\x89PNG")
