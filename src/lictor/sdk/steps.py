"""What users call in sync and in async code alike: the same steps, done at once or awaited."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, TypeVar

from lictor.client.client import Client
from lictor.client.connection import connection
from lictor.engine import states
from lictor.engine.context import FLOW
from lictor.engine.drive import adrive, drive
from lictor.engine.effects import Effect, Engine, Outcome
from lictor.sdk.calling import is_async_here

R = TypeVar("R")

Steps = Generator[Effect, Any, R]


def played(steps: Steps[Any]) -> Any:
    """Do steps and return what they return; in async code, return what is awaited for it."""
    return awaited(steps) if is_async_here() else done(steps)


def done(steps: Steps[R]) -> R:
    """Do steps in the calling thread."""
    value: R = drive(as_engine(steps), client_here()).state.value
    return value


async def awaited(steps: Steps[R]) -> R:
    """Do steps on the event loop."""
    value: R = (await adrive(as_engine(steps), client_here())).state.value
    return value


def client_here() -> Callable[[], Client]:
    """Return what gives the client of the flow run that goes on here, otherwise the process's."""
    flow = FLOW.get()
    here = connection() if flow is None else flow.connection
    return lambda: here.client


def as_engine(steps: Steps[Any]) -> Engine:
    """Return steps as an engine whose outcome is what they return."""
    return Outcome(states.Completed(data=(yield from steps)))
