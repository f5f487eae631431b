"""Arguments are named, checked and coerced before a flow begins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor import flow, task
from lictor.engine.errors import ParameterBindError, ParameterTypeError
from lictor.engine.flow_creation import json_of
from lictor.kit.json import decode_any
from lictor.sdk.parameters import Parameters


class Point(pydantic.BaseModel):
    """A place."""

    x: int
    y: int = 0


class Plain:
    """A type that pydantic does not know."""


def coerced(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    parameters = Parameters(function)
    given_args, given_kwargs = parameters.validate(parameters.bind(args, kwargs))
    return function(*given_args, **given_kwargs)


def everything(a: int, /, b: float = 0.5, *rest: int, c: str = "c", **named: bool) -> Any:
    return a, b, rest, c, named


def point(at: Point, more: list[Point] | None = None) -> Any:
    return at, more


def bounded(n: Annotated[int, pydantic.Field(gt=0)]) -> Any:
    return n


def plain(thing: Plain, other: Nowhere = None) -> Any:  # type: ignore[name-defined]  # noqa: F821
    return thing


THING = Plain()


@pytest.mark.parametrize(
    ("function", "args", "kwargs", "expected"),
    [
        (everything, ("1",), {}, (1, 0.5, (), "c", {})),
        (everything, ("1", "2", "3", 4), {"c": "d", "e": "yes"}, (1, 2.0, (3, 4), "d", {"e": True})),
        (point, ({"x": "1"}, [{"x": 2, "y": 3}]), {}, (Point(x=1), [Point(x=2, y=3)])),
        (point, (Point(x=1),), {}, (Point(x=1), None)),
        (bounded, ("3",), {}, 3),
        (plain, (THING,), {}, THING),
        (lambda anything: anything, (THING,), {}, THING),
    ],
)
def test_values_are_coerced_to_the_declared_types(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], expected: Any
) -> None:
    assert coerced(function, *args, **kwargs) == expected


@pytest.mark.parametrize(
    ("function", "args", "kwargs", "named"),
    [
        (everything, ("x",), {"c": 3}, ["a: ", "c: "]),
        (everything, (1, 2, "x"), {"e": "perhaps"}, ["rest: ", "named: "]),
        (point, ({"y": "z"},), {}, ["at.x: ", "at.y: "]),
        (bounded, (0,), {}, ["n: "]),
    ],
)
def test_every_misfit_is_named(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], named: list[str]
) -> None:
    with pytest.raises(ParameterTypeError) as caught:
        coerced(function, *args, **kwargs)
    assert all(name in str(caught.value) for name in named)


def test_arguments_that_do_not_fit_are_said_with_the_signature() -> None:
    with pytest.raises(ParameterBindError, match=r"bounded\(n: .* got an unexpected keyword argument 'm'"):
        Parameters(bounded).bind((1,), {"m": 2})


@given(
    st.integers(),
    st.none() | st.floats(allow_nan=False),
    st.lists(st.integers(), max_size=3),
    st.none() | st.text(),
    st.dictionaries(st.sampled_from(["d", "e"]), st.booleans()),
)
def test_naming_and_spreading_arguments_calls_the_function_the_same(
    a: int, b: float | None, rest: list[int], c: str | None, named: dict[str, bool]
) -> None:
    args: list[Any] = [a]
    if b is not None:
        args += [b, *rest]
    kwargs: dict[str, Any] = dict(named) if c is None else {"c": c, **named}
    parameters = Parameters(everything)
    spread_args, spread_kwargs = parameters.spread(parameters.bind(tuple(args), kwargs))
    assert everything(*spread_args, **spread_kwargs) == everything(*args, **kwargs)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"a": [1, "b", None]}, {"a": [1, "b", None]}),
        (Point(x=1), {"x": 1, "y": 0}),
        ([Point(x=1), THING], [{"x": 1, "y": 0}, "<Plain>"]),
        (THING, "<Plain>"),
        (Plain, "<type>"),
        ({(1, 2): 3}, {"<tuple>": 3}),
        (float("nan"), None),
    ],
)
def test_parameters_are_shown_as_json_as_far_as_they_have_it(value: Any, shown: Any) -> None:
    assert decode_any(json_of(value)) == shown


@pytest.mark.parametrize("decorator", [flow, task])
def test_an_option_that_there_is_not_is_named(decorator: Any) -> None:
    with pytest.raises(TypeError, match=r"has no option 'retrys'; it has name, .*retries"):
        decorator(retrys=3)(point)


@pytest.mark.parametrize("name", ["a/b", "50%", "<f>", "a & b"])
def test_a_flow_s_name_that_the_server_refuses_is_refused_at_once(name: str) -> None:
    with pytest.raises(ValueError, match="must not contain"):
        flow(name=name)(point)
