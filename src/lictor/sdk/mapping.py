"""Makes the calls of a mapped task."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from lictor.engine.annotations import Annotation, allow_failure, unmapped
from lictor.engine.errors import LengthMismatch, NothingToMap
from lictor.engine.futures import Future
from lictor.engine.inputs import Inputs, runs_of
from lictor.engine.origins import Origins
from lictor.engine.specs import TaskSpec
from lictor.engine.states import State

MappedCall = tuple[tuple[Any, ...], dict[str, Any], dict[str, list[UUID]]]
WHOLE = (str, bytes, bytearray, dict)
"""Iterables that are given to each call as they are."""


def mapped_calls(
    spec: TaskSpec, args: tuple[Any, ...], kwargs: dict[str, Any], origins: Origins | None
) -> Iterator[MappedCall]:
    """Return the arguments of each call, and the runs that the mapped collections came from."""
    items: dict[int | str, list[Any]] = {}
    parents: dict[str, list[UUID]] = {}
    names = list(spec.bind(args, kwargs)) if args else []
    given: dict[int | str, Any] = dict(enumerate(args))
    given.update(kwargs)
    for place, value in given.items():
        may_fail = isinstance(value, allow_failure)
        if may_fail:
            value = value.value  # noqa: PLW2901  # the mark goes on to each item
        name = place if isinstance(place, str) else names[min(place, len(names) - 1)]
        if isinstance(value, Future | State):
            parents[name] = runs_of(value, Inputs(), origins)
            value = value.result()  # noqa: PLW2901  # what is mapped over is its value
        if is_collection(value):
            found = parents.get(name) or runs_of_whole(value, origins)
            if found:
                parents[name] = found
            items[place] = [allow_failure(each) for each in value] if may_fail else list(value)
        else:
            given[place] = allow_failure(value) if may_fail else value
    lengths = {place: len(several) for place, several in items.items()}
    if not lengths:
        raise NothingToMap(f"'{spec.name}' cannot be mapped: no argument is a collection; give it a list")
    if len(set(lengths.values())) > 1:
        sizes = ", ".join(f"{place}: {length}" for place, length in lengths.items())
        raise LengthMismatch(f"'{spec.name}' cannot be mapped over collections of different lengths ({sizes})")
    return calls(given, items, parents, len(args))


def calls(
    given: dict[int | str, Any], items: dict[int | str, list[Any]], parents: dict[str, list[UUID]], positional: int
) -> Iterator[MappedCall]:
    """Yield the arguments of each call."""
    whole = {place: value.value if isinstance(value, unmapped) else value for place, value in given.items()}
    for index in range(len(next(iter(items.values())))):
        one = whole | {place: several[index] for place, several in items.items()}
        args = tuple([one[place] for place in range(positional)])
        yield args, {place: value for place, value in one.items() if isinstance(place, str)}, parents


def is_collection(value: Any) -> bool:
    """Whether a value is mapped over."""
    return isinstance(value, Iterable) and not isinstance(value, (*WHOLE, Annotation))


def runs_of_whole(value: Any, origins: Origins | None) -> list[UUID]:
    """Return the run that a collection as a whole came from."""
    origin = None if origins is None else origins.of(value)
    return [] if origin is None else [origin]
