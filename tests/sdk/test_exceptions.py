"""What users catch: the exceptions have the names and the base classes of the reference's."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from lictor import exceptions, flow, task
from lictor.exceptions import (
    InvalidNameError,
    MappingLengthMismatch,
    MappingMissingIterable,
    PausedRun,
    PrefectException,
    ReservedArgumentError,
)
from lictor.states import Paused
from tests.sdk.test_client_reference import looked

LOOK = """
import inspect, json
from prefect import exceptions

print(json.dumps({
    name: [each.__name__ for each in kind.__mro__[1:-1]]
    for name, kind in vars(exceptions).items()
    if inspect.isclass(kind) and issubclass(kind, BaseException) and kind.__module__ == exceptions.__name__
}))
"""
NOT_HERE = {
    **dict.fromkeys(
        ("UnspecifiedFlowError", "InvalidRepositoryURLError"),
        "a flow that cannot be loaded is an EntrypointError, an address of no repository a ValueError",
    ),
    **dict.fromkeys(("HashError", "SerializationError", "ConfigurationError"), "results are not stored yet"),
    **dict.fromkeys(
        ("InfrastructureError", "InfrastructureNotAvailable", "InfrastructureNotFound"),
        "what workers find of that stands in the states of runs",
    ),
    "BlockMissingCapabilities": "the reference does not raise it",
    "EventTooLarge": "events are bounded by the server alone",
    "FlowRunWatchError": "the reference does not raise it",
    "MissingProfileError": "commands alone read profiles",
    "ProfileSettingsValidationError": "as before",
    "ObjectLimitReached": "only the paid service has limits of objects",
    "ObjectUnsupported": "as before",
    "PrefectImportError": "names of the version before are not there",
    "ProtectedBlockError": "any HTTP status without an exception of its own is a PrefectHTTPStatusError",
    "UpstreamTaskError": "no state is raised of runs whose inputs failed: they are NotReady",
}
"""Exceptions of the reference that are not here, and why."""

OTHER_BASES = {
    "Abort": "it can be caught like any error of a run",
    "PrefectHTTPStatusError": "httpx is not loaded with it",
}
"""Exceptions that have other bases, and why."""


def test_exceptions_are_caught_as_those_of_the_reference() -> None:
    theirs: dict[str, list[str]] = json.loads(looked(LOOK))
    assert {name for name in theirs if not hasattr(exceptions, name)} == set(NOT_HERE)
    strangers = set()
    for name in theirs.keys() - NOT_HERE.keys():
        kind = getattr(exceptions, name)
        bases = {getattr(exceptions, base, None) or getattr(__builtins__, base, None) or base for base in theirs[name]}
        names = {base.__name__ for base in kind.__mro__}
        if not all(base in kind.__mro__ or base in names for base in bases):
            strangers.add(name)
    assert strangers == set(OTHER_BASES)


def with_return_state(return_state: int) -> None: ...


def with_wait_for(*, wait_for: int) -> None: ...


@pytest.mark.parametrize("decorate", [flow, task])
@pytest.mark.parametrize("function", [with_return_state, with_wait_for])
def test_parameters_with_the_names_of_a_call_s_own_arguments_are_refused(
    decorate: Callable[..., Any], function: Callable[..., Any]
) -> None:
    with pytest.raises(ReservedArgumentError, match=r"'(return_state|wait_for)' cannot be a parameter of with_"):
        decorate(function)


def test_names_of_flows() -> None:
    with pytest.raises(InvalidNameError, match="a/b"):
        flow(name="a/b")(lambda: None)
    with pytest.raises(TypeError, match="3"):
        flow(name=3)(lambda: None)  # type: ignore[call-overload]  # the mistake under test
    assert flow(lambda: None).name == flow(name="")(lambda: None).name == "unknown-lambda"


def test_mistakes_of_mapping_have_exceptions_of_their_own() -> None:
    @task
    def add(x: int, y: int) -> int:
        return x + y

    with pytest.raises(MappingMissingIterable):
        add.map(1, 2)
    with pytest.raises(MappingLengthMismatch) as caught:
        add.map([1], [2, 3])
    assert isinstance(caught.value, PrefectException)


def test_the_result_of_a_paused_run_is_not_there_yet() -> None:
    with pytest.raises(PausedRun):
        Paused().result()
