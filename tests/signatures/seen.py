"""What type checkers see of flows and tasks; nothing here runs.

Each line is right as it stands: `assert_type` says what is seen, and a line with `type: ignore` is wrong for a checker
that does its work, which would call the comment useless otherwise.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Coroutine, Generator
from typing import Any, Generic, TypeVar, assert_type

from lictor import Flow, State, Task, allow_failure, as_completed, flow, task, unmapped
from lictor.futures import Future, FutureList

T = TypeVar("T")


@task
def add(x: int, y: int = 1, *, label: str = "") -> float:
    return x + y


@task(name="fetch", retries=2, retry_delay_seconds=[1, 2], tags=["network"])
async def fetch(address: str) -> bytes:
    return address.encode()


@task
def numbers(most: int) -> Generator[int, None, None]:
    yield from range(most)


@task
async def letters(text: str) -> AsyncGenerator[str, None]:
    for each in text:
        yield each


@flow
def whole(x: int, *, name: str = "") -> str:
    return name * x


@flow(name="later", retries=1, log_prints=True)
async def later(x: int) -> list[int]:
    return [x]


@flow
def pages(most: int) -> Generator[str, None, int]:
    yield str(most)
    return most


@flow
def free(*values: int, **named: str) -> None: ...


def calls() -> None:
    assert_type(add(1), float)
    assert_type(add(1, 2, label="a"), float)
    assert_type(add(1, return_state=True), State[float])
    assert_type(add(1, return_state=True).result(), float)
    assert_type(add(1, wait_for=[add.submit(1)]), float)
    assert_type(whole(1, name="a"), str)
    assert_type(whole(1, return_state=True), State[str])
    assert_type(whole(1, return_state=True).result(raise_on_failure=False), str | BaseException)
    assert_type(whole(1, wait_for=[], return_state=True), State[str])
    assert_type(numbers(3), Generator[int, None, None])
    assert_type(pages(3), Generator[str, None, int])
    assert_type(free(1, 2, a=""), None)
    assert_type(add.fn(1), float)


async def awaited() -> None:
    assert_type(await fetch("a"), bytes)
    assert_type(await fetch("a", return_state=True), State[bytes])
    assert_type(await later(1), list[int])
    assert_type((await later(1, return_state=True)).result(), list[int])
    async for letter in letters("abc"):
        assert_type(letter, str)
    assert_type(await fetch.submit("a"), bytes)


def futures() -> None:
    one = add.submit(1, label="a")
    assert_type(one, Future[float])
    assert_type(one.result(), float)
    assert_type(one.result(timeout=1), float)
    assert_type(one.result(raise_on_failure=False), float | BaseException)
    assert_type(one.state, State[float])
    assert_type(add.submit(1, wait_for=[one]), Future[float])
    assert_type(add.submit(one, 1), Future[float])
    assert_type(add.submit(1, one), Future[float])
    assert_type(add.submit(allow_failure(one)), Future[float])
    assert_type(fetch.submit("a"), Future[bytes])
    assert_type(numbers.submit(3), Future[list[int]])
    assert_type(letters.submit("abc"), Future[list[str]])
    for done in as_completed([one]):
        assert_type(done, Future[float])


def mapped() -> None:
    assert_type(add.map([1, 2], unmapped(3)), FutureList[float])
    assert_type(add.map([1, 2]).result(), list[float])
    assert_type(add.map([1, 2]).result(raise_on_failure=False), list[float | BaseException])
    assert_type(fetch.map(["a", "b"]), FutureList[bytes])
    assert_type(numbers.map([1, 2]), FutureList[list[int]])


def other_options() -> None:
    assert_type(add.with_options(retries=3)(1), float)
    assert_type(whole.with_options(name="other", timeout_seconds=1)(1), str)


def handed_on(one: Flow[[int], str], other: Task[..., Coroutine[Any, Any, bytes]]) -> None:
    assert_type(one(1), str)
    assert_type(other.submit(), Future[bytes])


def any_state(state: State) -> None:
    assert_type(state.result(), Any)


class House:
    @flow
    def build(self, floors: int) -> str:
        return str(self) * floors

    @task
    async def paint(self, colour: str) -> bool:
        return bool(colour)

    @staticmethod
    @flow
    def price(floors: int) -> float:
        return floors

    @task
    @staticmethod
    def tax(price: float) -> float:
        return price

    @classmethod
    @flow
    def default(cls, floors: int) -> str:
        return cls.__name__ * floors

    @task
    @classmethod
    def kinds(cls, most: int) -> list[str]:
        return [cls.__name__] * most

    def inside(self) -> None:
        assert_type(self.build(1), str)
        assert_type(self.price(1), float)
        assert_type(self.kinds.submit(1), Future[list[str]])
        self.build("")  # type: ignore[call-overload]


class Villa(House): ...


class Box(Generic[T]):
    @task
    def keep(self, what: T) -> T:
        return what


async def methods() -> None:
    assert_type(House().build(1), str)
    assert_type(House().build(1, return_state=True), State[str])
    assert_type(House.build(House(), 1), str)
    assert_type(Villa().build(1), str)
    assert_type(await House().paint("red"), bool)
    assert_type(House().paint.submit("red"), Future[bool])
    assert_type(House().build.with_options(name="a")(1), str)
    assert_type(House.price(1), float)
    assert_type(House().price(1), float)
    assert_type(House.tax(1.5), float)
    assert_type(House().tax.submit(1.5), Future[float])
    assert_type(House.default(1), str)
    assert_type(House().default(1), str)
    assert_type(Villa.kinds(1), list[str])
    assert_type(Villa().kinds(1), list[str])
    assert_type(Box[int]().keep(1), int)


def wrong() -> None:
    add("1")  # type: ignore[call-overload]
    add(1, label=2)  # type: ignore[call-overload]
    add()  # type: ignore[call-overload]
    add(1, nothing=2)  # type: ignore[call-overload]
    whole(1, 2)  # type: ignore[call-overload]
    free("")  # type: ignore[call-overload]
    add.submit("1")  # type: ignore[arg-type]
    add.submit(1, 2, 3)  # type: ignore[call-overload]
    fetch.submit(1)  # type: ignore[call-overload]
    add.with_options(retires=3)  # type: ignore[call-arg]
    whole.with_options(tags=["a"])  # type: ignore[call-arg]
    flow(nmae="a")  # type: ignore[call-overload]
    task(retries="3")  # type: ignore[call-overload]
    House().build("")  # type: ignore[call-overload]
    House().tax("")  # type: ignore[call-overload]
    House.default("")  # type: ignore[call-overload]
    Box[int]().keep("")  # type: ignore[call-overload]
    number: int = whole(1)  # type: ignore[assignment]
    text: str = add.submit(1).result()  # type: ignore[assignment]
    print(number, text)
