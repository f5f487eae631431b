"""A method of the clients, written once: the sync client returns its result, the async one what is awaited for it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Generator
from functools import wraps
from typing import Any, Generic, ParamSpec, Self, TypeVar, overload

from lictor.client.client import AsyncClient, Client
from lictor.wire.operation import Call

P = ParamSpec("P")
R = TypeVar("R")

Steps = Generator[Call[Any], Any, R]
"""Yields calls and is sent their results, or has thrown in what went wrong."""


class Method(Generic[P, R]):
    """Makes a function that returns a call, or yields calls and returns a result, a method of both clients."""

    def __init__(self, ask: Callable[P, Call[R] | Steps[R]]) -> None:
        self.ask = ask
        self.__doc__ = ask.__doc__

    @overload
    def __get__(self, client: None, owner: type) -> Self: ...
    @overload
    def __get__(self, client: Client, owner: type) -> Callable[P, R]: ...
    @overload
    def __get__(self, client: AsyncClient, owner: type) -> Callable[P, Coroutine[Any, Any, R]]: ...
    def __get__(self, client: Client | AsyncClient | None, owner: type) -> Any:
        if client is None:
            return self
        if isinstance(client, AsyncClient):
            return wraps(self.ask)(lambda *args, **kwargs: carry_async(client, self.ask(*args, **kwargs)))
        return wraps(self.ask)(lambda *args, **kwargs: carry(client, self.ask(*args, **kwargs)))

    @property
    def __signature__(self) -> inspect.Signature:
        """How the method is called on a client."""
        return inspect.signature(self.ask)

    def __call__(self, client: Any, *args: P.args, **kwargs: P.kwargs) -> Any:
        """Call the method of a client."""
        return self.__get__(client, type(client))(*args, **kwargs)


def carry(client: Client, asked: Call[R] | Steps[R]) -> R:
    """Carry calls in the calling thread."""
    if isinstance(asked, Call):
        return client(asked)
    move: Callable[[Any], Call[Any]] = asked.send
    given: Any = None
    try:
        while True:
            call = move(given)
            try:
                move, given = asked.send, client(call)
            except Exception as error:  # it is the method's to handle
                move, given = asked.throw, error
    except StopIteration as done:
        result: R = done.value
        return result


async def carry_async(client: AsyncClient, asked: Call[R] | Steps[R]) -> R:
    """Carry calls on the event loop."""
    if isinstance(asked, Call):
        return await client(asked)
    move: Callable[[Any], Call[Any]] = asked.send
    given: Any = None
    try:
        while True:
            call = move(given)
            try:
                move, given = asked.send, await client(call)
            except Exception as error:  # it is the method's to handle
                move, given = asked.throw, error
    except StopIteration as done:
        result: R = done.value
        return result
