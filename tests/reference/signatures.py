"""Functions of all kinds of parameters; as a program it prints the schemas that the reference makes of them."""

from __future__ import annotations

import datetime
import enum
import importlib
import json
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, SecretStr


class Colour(enum.Enum):
    red = "r"
    blue = "b"


class Point(BaseModel):
    """A place."""

    across: int = 1
    up: float
    colour: Colour = Colour.red


class Line(BaseModel):
    points: list[Point]


class Plain:
    pass


def nothing() -> None: ...
def untyped(first, second=2): ...  # type: ignore[no-untyped-def]
def typed(first: int, second: str = "text", *, third: float = 1.5) -> None: ...
def models(at: Point, to: Point | None = None, along: Line = None) -> None: ...  # type: ignore[assignment]
def times(
    at: datetime.datetime,
    for_: datetime.timedelta = datetime.timedelta(1),
    day: datetime.date = datetime.date(2020, 1, 1),
) -> None: ...
def plain(first: Plain, second: Plain = Plain(), third: Callable[[], None] = print) -> None: ...  # noqa: B008
def taken(schema: str = "s", validate: bool = False, model_x: int = 1, copy: int = 2) -> None: ...
def nested(points: dict[str, list[Point]], pair: tuple[int, str], some: set[int] = set()) -> None: ...  # noqa: B006
def unknown(first: Nowhere, second: int) -> None: ...  # type: ignore[name-defined]  # noqa: F821
async def awaited(first: int, /, second: str) -> None: ...
def fields(
    least: Annotated[int, Field(ge=1, description="told", title="Title")],
    most: int = Field(default=3, le=5),
) -> None: ...
def told(
    count: int = 3,
    several: list[int] = [1, 2],  # noqa: B006
    secret: SecretStr = SecretStr("hidden"),  # noqa: B008
    colour: Colour = Colour.blue,
    kind: Literal["a", "b"] = "a",
    either: int | str = 2,
) -> None:
    """Does something.

    More of it.

    Args:
        count: How many there are
            of them.
        several (list): Some numbers.
        secret: Not to be shown.

    Returns:
        Nothing.
    """


def told_otherwise(count: int, more: int = 1) -> None:
    """Does something.

    :param count: how many
    """


class Owner:
    def method(self, first: int) -> None: ...
    @classmethod
    def of_class(cls, first: int) -> None: ...
    @staticmethod
    def static(first: int) -> None: ...


FUNCTIONS: list[Callable[..., Any]] = [
    nothing,
    untyped,
    typed,
    models,
    times,
    plain,
    taken,
    nested,
    unknown,
    awaited,
    fields,
    told,
    told_otherwise,
    Owner.method,
    Owner.of_class,
    Owner.static,
]

if __name__ == "__main__":
    schema_of = importlib.import_module("prefect.utilities.callables").parameter_schema
    print(json.dumps({each.__qualname__: schema_of(each).model_dump_for_openapi() for each in FUNCTIONS}))
