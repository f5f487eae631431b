"""Finds what a call's arguments come from, and puts results where futures and states stand."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from lictor.engine.annotations import Annotation, allow_failure, quote, unwrapped
from lictor.engine.futures import Future, FutureList
from lictor.engine.origins import Origins
from lictor.engine.states import State

ATOMS = frozenset({int, float, bool, str, bytes, type(None), complex})
SEQUENCES: dict[type, type] = {list: list, tuple: tuple, set: set, frozenset: frozenset, FutureList: list}
"""Collections that are looked into, and what they are once their futures are results."""


class Inputs:
    """What was found in a call's arguments: the runs behind each parameter, futures and states."""

    __slots__ = ("failing", "futures", "marked", "runs", "states")

    def __init__(self) -> None:
        self.runs: dict[str, list[UUID]] = {}
        self.futures: list[Future[Any]] = []
        self.states: list[State] = []
        self.failing: list[Future[Any]] = []  # those that are waited for and may have failed
        self.marked = False

    @property
    def open(self) -> bool:
        """Whether something must be put in the place of a future, a state or a marked argument."""
        return bool(self.futures or self.states or self.failing or self.marked)


def find(arguments: dict[str, Any], origins: Origins | None, wait_for: Any = None) -> Inputs:
    """Return what a call's arguments come from."""
    inputs = Inputs()
    for name, value in arguments.items():
        inputs.runs[name] = runs_of(value, inputs, origins)
    if wait_for:
        inputs.runs["wait_for"] = runs_of(list(wait_for), inputs, origins)
    return inputs


def runs_of(value: Any, inputs: Inputs, origins: Origins | None) -> list[UUID]:
    """Return the runs that a value comes from, each once."""
    if type(value) in ATOMS and (origins is None or not len(origins)):
        return []
    runs: dict[UUID, None] = {}
    visit(value, runs, inputs, origins)
    return list(runs)


def visit(value: Any, runs: dict[UUID, None], inputs: Inputs, origins: Origins | None) -> None:
    """Add the runs, futures and states in a value and the collections in it."""
    if isinstance(value, Future):
        runs[value.task_run_id] = None
        inputs.futures.append(value)
        return
    if isinstance(value, State):
        details = value.state_details
        if details.task_run_id is not None:
            runs[details.task_run_id] = None
        inputs.states.append(value)
        return
    if origins is not None and (origin := origins.of(value)) is not None:
        runs[origin] = None
        return
    kind = type(value)
    if isinstance(value, Annotation):
        visit_marked(value, runs, inputs, origins)
    elif kind in SEQUENCES:
        for item in value:
            if type(item) not in ATOMS or origins is not None:
                visit(item, runs, inputs, origins)
    elif kind is dict:
        for item in value.values():
            visit(item, runs, inputs, origins)


def visit_marked(value: Annotation[Any], runs: dict[UUID, None], inputs: Inputs, origins: Origins | None) -> None:
    """Add the runs in a marked argument: none if it is quoted, and none that must have succeeded if it may fail."""
    inputs.marked = True
    if isinstance(value, quote):
        return
    if not isinstance(value, allow_failure):
        visit(value.value, runs, inputs, origins)
        return
    within = Inputs()
    visit(value.value, runs, within, origins)
    inputs.failing += [*within.futures, *within.failing]


def fill(value: Any, may_fail: bool = False) -> Any:
    """Return a value with results in place of futures and states; what has none of them is returned as it is."""
    if isinstance(value, Future | State):
        return value.result(raise_on_failure=not may_fail)
    if isinstance(value, Annotation):
        return unwrapped(value) if isinstance(value, quote) else fill(value.value, isinstance(value, allow_failure))
    kind = type(value)
    if kind in SEQUENCES:
        filled = [fill(item, may_fail) for item in value]
        return value if all(map(same, filled, value)) else SEQUENCES[kind](filled)
    if kind is dict:
        items = {key: fill(item, may_fail) for key, item in value.items()}
        return value if all(map(same, items.values(), value.values())) else items
    return value


def same(one: object, other: object) -> bool:
    """Whether two names mean one object."""
    return one is other
