"""Flows and tasks that yield, and marked arguments."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Generator, Iterator
from typing import Any

import pytest

from lictor import allow_failure, flow, quote, task, unmapped
from lictor.engine.context import FLOW
from lictor.engine.errors import TimedOut
from tests.sdk.conftest import Api, ended


@task
def numbers(most: int) -> Iterator[int]:
    yield from range(most)
    if most > 3:
        raise ValueError("too many")


@task
async def letters(text: str) -> AsyncIterator[str]:
    for letter in text:
        yield letter


def test_a_task_yields_and_its_run_ends_with_it(api: Api) -> None:
    @flow
    def yielding() -> list[int]:
        found = list(numbers(3))
        for number in numbers(100):
            if number == 1:
                break
        return found

    state = ended(yielding)
    assert state.result() == [0, 1, 2]
    assert [run.state_type for run in api.task_runs(state, 2)] == ["COMPLETED", "COMPLETED"]


def test_what_a_generator_raises_ends_its_run_and_reaches_its_caller(api: Api) -> None:
    @flow
    def failing() -> None:
        for _ in numbers(4):
            pass

    state = ended(failing)
    assert isinstance(state.problem(), ValueError)
    assert [run.state_type for run in api.task_runs(state, 1)] == ["FAILED"]


def test_a_flow_yields_and_is_not_there_between_two_steps(api: Api) -> None:
    @flow
    def outer() -> Iterator[str]:
        assert FLOW.get() is not None
        yield "one"
        assert FLOW.get() is not None
        yield "two"

    seen = []
    for value in outer():
        assert FLOW.get() is None
        seen.append(value)
    assert seen == ["one", "two"]


async def test_async_generators_do_the_same(api: Api) -> None:
    @flow
    async def outer(text: str) -> AsyncIterator[str]:
        async for letter in letters(text):
            yield letter.upper()

    assert [letter async for letter in outer("abc")] == ["A", "B", "C"]


def test_a_submitted_generator_gives_a_list(api: Api) -> None:
    @flow
    def submitting() -> Any:
        return numbers.submit(2).result(), letters.submit("ab").result()

    assert submitting() == ([0, 1], ["a", "b"])


@task
def maybe(number: int) -> int:
    if number == 2:
        raise ValueError("two")
    return number


@task
def shown(value: Any, more: Any = None) -> str:
    return f"{value!r} {more!r}"


def test_a_run_that_may_have_failed_is_given_what_it_raised(api: Api) -> None:
    @flow
    def allowing() -> Any:
        bad = maybe.submit(2)
        one = shown.submit(allow_failure(bad), more=[allow_failure(maybe.submit(1))])
        several = shown.map(allow_failure(maybe.map([1, 2])), more=unmapped("x"))
        after = shown.submit(3, wait_for=[allow_failure(bad)])
        return one.result(), several.result(), after.result(), shown.submit(bad).state

    bad_value = "ValueError('two')"
    one, several, after, refused = allowing()
    assert one == f"{bad_value} [1]"
    assert several == ["1 'x'", f"{bad_value} 'x'"]
    assert after == "3 None"
    assert refused.name in ("Pending", "NotReady")


def test_a_quoted_argument_is_not_looked_into(api: Api) -> None:
    @task
    def kinds(values: list[Any]) -> list[str]:
        return [type(value).__name__ for value in values]

    @flow
    def quoting() -> Any:
        future = maybe.submit(1)
        return kinds([future]), kinds(quote([future]))  # type: ignore[call-overload]

    assert quoting() == (["int"], ["Future"])


@pytest.mark.parametrize("kind", [flow, task])
def test_a_generator_ends_when_its_time_is_over(api: Api, kind: Any) -> None:
    closed = []

    @kind(timeout_seconds=0.2)  # type: ignore[untyped-decorator]
    def endless() -> Iterator[int]:
        try:
            yield 1
            for _ in range(600):
                time.sleep(0.1)
        finally:
            closed.append("a file")

    @kind(timeout_seconds=0.2)  # type: ignore[untyped-decorator]
    async def aendless() -> AsyncIterator[int]:
        try:
            yield 1
            await asyncio.sleep(60)
        finally:
            closed.append("a file")

    async def all_of(several: AsyncIterator[int]) -> list[int]:
        return [each async for each in several]

    for run in (lambda: list(endless()), lambda: asyncio.run(all_of(aendless()))):
        with pytest.raises(TimedOut):
            run()
    assert closed == ["a file", "a file"]


def test_a_generators_time_passes_while_its_caller_works_too(api: Api) -> None:
    closed = []

    @task(timeout_seconds=0.2)
    def brief() -> Iterator[int]:
        try:
            yield 1
            yield 2
        finally:
            closed.append("a file")

    @task(timeout_seconds=0.2)
    async def abrief() -> AsyncIterator[int]:
        try:
            yield 1
            yield 2
        finally:
            closed.append("a file")

    @flow
    async def slow() -> list[int]:
        found = []
        try:
            for each in brief():
                found.append(each)
                await asyncio.sleep(0.3)
        except TimedOut:
            found.append(0)
        try:
            async for each in abrief():
                found.append(each)
                await asyncio.sleep(0.3)
        except TimedOut:
            found.append(0)
        return found

    state = asyncio.run(slow(return_state=True))
    assert state.result() == [1, 0, 1, 0]
    assert closed == ["a file", "a file"]
    assert [run.state_name for run in api.task_runs(state, 2)] == ["TimedOut", "TimedOut"]


def test_a_generator_that_is_done_in_time_gives_all_it_has(api: Api) -> None:
    @task(timeout_seconds=60)
    def counting(most: int) -> Generator[Any, Any, str]:
        got = yield 0
        yield got
        try:
            yield from range(most)
        except ValueError as error:
            yield str(error)
        return "all"

    @flow
    def asking() -> list[Any]:
        steps = counting(2)
        found = [next(steps), steps.send("sent"), next(steps), steps.throw(ValueError("thrown"))]
        with pytest.raises(StopIteration) as end:
            next(steps)
        several: Any = letters.with_options(timeout_seconds=60).submit("ab").result()
        return [*found, end.value.value, *several]

    assert asking() == [0, "sent", 0, "thrown", "all", "a", "b"]
