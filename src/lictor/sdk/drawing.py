"""Draws flows: their functions are called, while each task and each flow in them becomes a node in place of a run."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from contextvars import ContextVar, copy_context
from typing import Any
from uuid import UUID

from msgspec import Struct

from lictor.engine import states
from lictor.engine.context import FLOW, TASK
from lictor.engine.drive import carriers
from lictor.engine.errors import MappingError
from lictor.engine.futures import Future, FutureList
from lictor.engine.inputs import find
from lictor.engine.origins import Origins
from lictor.engine.specs import FlowSpec, TaskSpec
from lictor.engine.states import State
from lictor.kit.ids import uuid7
from lictor.sdk.mapping import mapped_calls

HINT = (
    "The flow was being drawn, and nothing of its tasks runs then: where it looks into what a task returns, say what "
    "to take in its place, such as @task(viz_return_value=[1, 2, 3])."
)


class Drawn:
    """Stands for the value of a task that has no `viz_return_value`; it can only be given on to other tasks."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"<what {self.name} returns>"


class Node(Struct):
    """A task or a flow in a drawing, and the nodes that its arguments come from."""

    name: str
    after: list[str]


class Drawing:
    """The nodes of a flow, in the order in which they were called."""

    def __init__(self) -> None:
        self.nodes: dict[UUID, Node] = {}
        self.origins = Origins()
        self.values: list[Any] = []  # held, so that each can be told from the next
        self.counts: dict[str, int] = {}

    def add(
        self,
        spec: TaskSpec | FlowSpec,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        wait_for: Any,
        parents: dict[str, list[UUID]] | None = None,
    ) -> tuple[UUID, Any]:
        """Add a node for a call; return its id, and what stands for its value."""
        runs = find(spec.bind(args, kwargs), self.origins, wait_for).runs
        sources = dict.fromkeys(run for each in [*(parents or {}).values(), *runs.values()] for run in each)
        number = self.counts[spec.name] = self.counts.get(spec.name, -1) + 1
        node = Node(f"{spec.name}-{number}", [self.nodes[run].name for run in sources if run in self.nodes])
        key = uuid7()
        self.nodes[key] = node
        given = spec.viz_return_value if isinstance(spec, TaskSpec) else None
        value = Drawn(node.name) if given is None else given
        self.values.append(value)
        self.origins.note(value, key)
        return key, value

    def call(
        self, spec: TaskSpec | FlowSpec, args: tuple[Any, ...], kwargs: dict[str, Any], wait_for: Any, as_state: bool
    ) -> Any:
        """Return what a call of a task or a flow gives in a drawing."""
        if spec.is_async and not spec.yields:
            return self.acall(spec, args, kwargs, wait_for, as_state)
        key, value = self.add(spec, args, kwargs, wait_for)
        if not spec.yields:
            return state_of(key, value) if as_state else value
        values = list(value) if isinstance(value, list | tuple) else [value]
        return later(values) if spec.is_async else iter(values)

    async def acall(
        self, spec: TaskSpec | FlowSpec, args: tuple[Any, ...], kwargs: dict[str, Any], wait_for: Any, as_state: bool
    ) -> Any:
        """Return what awaiting a call gives."""
        key, value = self.add(spec, args, kwargs, wait_for)
        return state_of(key, value) if as_state else value

    def submit(
        self,
        spec: TaskSpec,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        wait_for: Any,
        parents: dict[str, list[UUID]] | None = None,
    ) -> Future[Any]:
        """Return a future that is done."""
        key, value = self.add(spec, args, kwargs, wait_for, parents)
        future: Future[Any] = Future(key, self.nodes[key].name, states.Pending())
        future.finish(state_of(key, value))
        return future

    def map(self, spec: TaskSpec, args: tuple[Any, ...], kwargs: dict[str, Any], wait_for: Any) -> FutureList[Any]:
        """Return the futures of a mapped task: one where nobody can tell yet how many items there are."""
        try:
            calls = list(mapped_calls(spec, args, kwargs, self.origins))
        except MappingError:
            if not any(isinstance(value_of(each), Drawn) for each in [*args, *kwargs.values()]):
                raise
            calls = [(args, kwargs, {})]
        return FutureList([self.submit(spec, one, named, wait_for, parents) for one, named, parents in calls])

    def mermaid(self) -> str:
        """Return the drawing as a flowchart in Mermaid's language."""
        keys: dict[str, str] = {}
        for node in self.nodes.values():
            key = re.sub(r"\W", "_", node.name)
            keys[node.name] = f"{key}_{len(keys)}" if key in keys.values() else key
        lines = [f'    {keys[name]}["{name.replace(chr(34), "#quot;")}"]' for name in keys]
        lines += [f"    {keys[before]} --> {keys[node.name]}" for node in self.nodes.values() for before in node.after]
        return "\n".join(["flowchart TD", *lines])

    def dot(self) -> str:
        """Return the drawing in Graphviz's language."""
        lines = [f"\t{quoted(node.name)}" for node in self.nodes.values()]
        lines += [f"\t{quoted(before)} -> {quoted(node.name)}" for node in self.nodes.values() for before in node.after]
        return "\n".join(["digraph {", *lines, "}", ""])


DRAWING: ContextVar[Drawing | None] = ContextVar("lictor_drawing", default=None)
"""The drawing that is made here."""


def drawn(function: Callable[[], Any], is_async: bool) -> Drawing:
    """Return the drawing of a flow's function; an async one runs on an event loop of its own."""
    if not is_async:
        return copy_context().run(draw, function)
    import asyncio  # noqa: PLC0415  # threads do without

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(adrawn(function, True))
    return carriers().submit(asyncio.run, adrawn(function, True)).result()


async def adrawn(function: Callable[[], Any], is_async: bool) -> Drawing:
    """Return the drawing of a flow's function, made on this event loop."""
    if not is_async:
        return drawn(function, False)
    import asyncio  # noqa: PLC0415  # threads do without

    return await asyncio.create_task(adraw(function))


def draw(function: Callable[[], Any]) -> Drawing:
    """Call a function in a context that draws."""
    drawing = begin()
    try:
        made = function()
        if hasattr(made, "__next__"):
            for _ in made:
                pass
    except Exception as error:
        error.add_note(HINT)
        raise
    return drawing


async def adraw(function: Callable[[], Any]) -> Drawing:
    """Call an async function in a context that draws."""
    drawing = begin()
    try:
        made = function()
        if isinstance(made, Coroutine):
            await made
        else:
            async for _ in made:
                pass
    except Exception as error:
        error.add_note(HINT)
        raise
    return drawing


def begin() -> Drawing:
    """Draw in this context from now on; no run goes on in it."""
    drawing = Drawing()
    DRAWING.set(drawing)
    FLOW.set(None)
    TASK.set(None)
    return drawing


async def later(values: list[Any]) -> Any:
    """Yield what an async generator stands for."""
    for value in values:
        yield value


def state_of(key: UUID, value: Any) -> State:
    """Return the state of a node."""
    state = states.Completed(data=value)
    state.state_details.task_run_id = key
    return state


def value_of(given: Any) -> Any:
    """Return an argument, or the value of a future or state."""
    return given.result() if isinstance(given, Future | State) else given


def quoted(name: str) -> str:
    """Return a name as Graphviz quotes it."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
