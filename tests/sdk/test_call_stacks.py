"""Tracebacks show the user's code, and few of Lictor's frames stand between its calls."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from lictor import flow, task
from lictor.engine.call_stacks import OURS
from lictor.engine.errors import ParameterBindError, ParameterTypeError
from lictor.settings import table, temporary_settings
from tests.running import clean_environment
from tests.sdk.conftest import Api, ended

HERE = __file__


@task
def stumbles() -> None:
    raise LookupError("lost")


@task
async def stumbles_async() -> None:
    await asyncio.sleep(0)
    raise LookupError("lost")


@task
def stumbles_yielding() -> Iterator[int]:
    yield 1
    raise LookupError("lost")


@task(retries=1)
def stumbles_twice() -> None:
    try:
        {}["key"]  # type: ignore[index]
    except KeyError as missing:
        raise LookupError("lost") from missing


@task
def stumbles_over(each: int) -> None:
    raise LookupError("lost")


@flow
def calls() -> None:
    stumbles()


@flow
def calls_flow() -> None:
    calls()


@flow
def calls_with_time() -> None:
    stumbles.with_options(timeout_seconds=60)()


@flow
def submits() -> None:
    stumbles.submit().result()


@flow
def submits_async() -> None:
    stumbles_async.submit().result()


@flow
def maps() -> None:
    stumbles_over.map([1, 2]).result()


@flow
def takes_all() -> None:
    list(stumbles_yielding())


@flow
def yields() -> Iterator[int]:
    yield 1
    stumbles_twice()


@flow
async def awaits() -> None:
    await stumbles_async()


@flow
async def awaits_future() -> None:
    await stumbles_async.submit()


@flow
async def yields_async() -> AsyncIterator[int]:
    yield 1
    await stumbles_async()


def consume() -> None:
    for _ in yields():
        pass


async def consume_async() -> None:
    async for _ in yields_async():
        pass


def files_of(error: BaseException | None) -> set[str]:
    found = set()
    while error is not None:
        found |= {frame.filename for frame in traceback.extract_tb(error.__traceback__)}
        error = error.__cause__ or error.__context__
    return found


@pytest.mark.parametrize(
    "call",
    [
        calls,
        calls_flow,
        calls_with_time,
        submits,
        submits_async,
        maps,
        takes_all,
        consume,
        stumbles,
        stumbles_twice,
        lambda: ended(calls_flow).result(),
        lambda: asyncio.run(awaits()),
        lambda: asyncio.run(awaits_future()),
        lambda: asyncio.run(consume_async()),
    ],
)
def test_a_traceback_shows_the_user_s_code_alone(api: Api, call: Callable[[], Any]) -> None:
    with pytest.raises(LookupError, match="lost") as raised:
        call()
    files = files_of(raised.value)
    assert HERE in files
    assert not [file for file in files if file.startswith(OURS)]
    last = traceback.extract_tb(raised.value.__traceback__)[-1]
    assert (last.filename, 'raise LookupError("lost")' in (last.line or "")) == (HERE, True)


def test_a_traceback_is_the_same_however_often_it_is_raised(api: Api) -> None:
    state = ended(calls)

    def once() -> list[str]:
        with pytest.raises(LookupError) as raised:
            state.result()
        return traceback.format_tb(raised.value.__traceback__)

    first = once()
    assert len(first) == 3  # here, the flow, the task
    assert once() == once() == first


def test_errors_of_lictor_s_own_end_at_the_call_that_they_are_about(api: Api) -> None:
    @flow
    def takes(number: int) -> None: ...

    wrong: Any = takes
    for kind, arguments in ((ParameterBindError, ()), (ParameterTypeError, ("x",))):
        with pytest.raises(kind) as raised:
            wrong(*arguments)
        assert not [file for file in files_of(raised.value) if file.startswith(OURS)]


def test_debug_mode_shows_everything(api: Api) -> None:
    @flow
    def fails() -> None:
        raise LookupError("lost")

    with temporary_settings({table.DEBUG_MODE: True}), pytest.raises(LookupError) as raised:
        fails()
    assert [file for file in files_of(raised.value) if file.startswith(OURS)]


PROGRAM = """
from lictor import flow, task

@task
def divide(by):
    {pause}
    return 1 / by

@flow
def dividing(by):
    return divide(by)

dividing({by})
"""


def run(program: str, server: str, folder: Path, given: str = "") -> subprocess.CompletedProcess[str]:
    file = folder / "program.py"
    file.write_text(program)
    environment = {**clean_environment(), "PREFECT_API_URL": server, "PREFECT_HOME": str(folder)}
    return subprocess.run(
        [sys.executable, str(file)],
        env=environment,
        input=given,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_python_shows_an_error_that_nobody_catches_without_our_frames(server: str, tmp_path: Path) -> None:
    done = run(PROGRAM.format(pause="", by=0), server, tmp_path)
    assert done.returncode == 1
    frames = [line.split(",")[0].strip() for line in done.stderr.splitlines() if line.startswith('  File "')]
    assert set(frames) == {f'File "{tmp_path / "program.py"}"'}
    shown = done.stderr.rpartition("Traceback")[2]
    assert [line for line in shown.splitlines() if "in " in line and "File" in line] == [
        f'  File "{tmp_path / "program.py"}", line {line}, in {name}'
        for line, name in ((13, "<module>"), (11, "dividing"), (7, "divide"))
    ]
    assert shown.endswith("ZeroDivisionError: division by zero\n")


def test_a_debugger_stands_in_the_user_s_code(server: str, tmp_path: Path) -> None:
    done = run(PROGRAM.format(pause="breakpoint()", by=4), server, tmp_path, "p 'by is', by\np 'sum', by + 1\nc\n")
    assert done.returncode == 0, done.stderr
    assert "('by is', 4)" in done.stdout
    assert "('sum', 5)" in done.stdout


def stack() -> list[FrameType]:
    found, frame = [], sys._getframe(1)
    while frame is not None:
        found.append(frame)
        frame = frame.f_back  # type: ignore[assignment]
    return found


def test_two_frames_stand_between_a_call_and_the_function(api: Api) -> None:
    frames: list[str] = []

    @task
    def looks() -> None:
        frames.extend(frame.f_code.co_filename for frame in stack())

    @flow
    def outer() -> None:
        looks()

    outer()
    ours = frames.index(HERE, 3)  # `looks` and what reads the stack, Lictor's, `outer`
    assert sum(name.startswith(OURS) for name in frames) == 4
    assert ours <= 4


def test_subflows_may_go_deep(api: Api) -> None:
    @flow
    def down(levels: int) -> int:
        return 0 if levels == 0 else 1 + down(levels - 1)

    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(stack()) + 40 * 3 + 100)  # three frames for a level, and what the last one needs
    try:
        assert down(40) == 40
    finally:
        sys.setrecursionlimit(limit)
