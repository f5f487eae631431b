"""What a function returns or raises decides the state that its run ends in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from lictor import Cancelled, Completed, Crashed, Failed, State, flow, task, wait
from lictor.engine.errors import (
    CancelledRun,
    CrashedRun,
    FailedRun,
    ParameterBindError,
    ParameterTypeError,
    UnfinishedRun,
)
from lictor.states import (
    Running,
    Scheduled,
    aget_state_exception,
    araise_state_exception,
    get_state_exception,
    get_state_result,
)
from tests.sdk.conftest import Api, ended


@task
def one(x: int = 1) -> int:
    return x


@task
def bad() -> None:
    raise ValueError("bad")


def stops() -> None:
    raise StopIteration("not mine")


def raises() -> None:
    raise LookupError("lost")


Function = Callable[[], Any]

ENDINGS: list[tuple[str, Function, str, str, str | None]] = [
    ("value", lambda: 5, "COMPLETED", "Completed", None),
    ("nothing", lambda: None, "COMPLETED", "Completed", None),
    ("a failed state as part of a value", lambda: {"one": Failed()}, "COMPLETED", "Completed", None),
    ("error", raises, "FAILED", "Failed", "Flow run raised LookupError: lost"),
    ("StopIteration", stops, "FAILED", "Failed", "Flow run raised StopIteration: not mine"),
    ("completed", lambda: Completed(message="so"), "COMPLETED", "Completed", "so"),
    ("named", lambda: Completed(name="Skipped", message="so"), "COMPLETED", "Skipped", "so"),
    ("failed", lambda: Failed(message="so"), "FAILED", "Failed", "so"),
    ("crashed", lambda: Crashed(message="so"), "CRASHED", "Crashed", "so"),
    ("cancelled", lambda: Cancelled(message="so"), "CANCELLED", "Cancelled", "so"),
    ("future", one.submit, "COMPLETED", "Completed", "All 1 runs completed."),
    ("failed future", bad.submit, "FAILED", "Failed", "1 of 1 runs failed."),
    ("futures", lambda: [one.submit(), bad.submit()], "FAILED", "Failed", "1 of 2 runs failed."),
    ("states", lambda: [ended(one), ended(one)], "COMPLETED", "Completed", "All 2 runs completed."),
    (
        "cancelled state",
        lambda: [ended(one), Cancelled(), Failed()],
        "CANCELLED",
        "Cancelled",
        "1 of 3 runs cancelled.",
    ),
    ("failed task, error raised", bad, "FAILED", "Failed", "Flow run raised ValueError: bad"),
    ("failed task, state ignored", lambda: ended(bad) and 3, "COMPLETED", "Completed", None),
    ("failed task, future ignored", lambda: bad.submit() and None, "COMPLETED", "Completed", None),
]


@pytest.mark.parametrize(
    ("name", "function", "kind", "state_name", "message"), ENDINGS, ids=[row[0] for row in ENDINGS]
)
def test_a_flow_ends_in_the_state_that_its_function_decides(
    api: Api, name: str, function: Function, kind: str, state_name: str, message: str | None
) -> None:
    state = ended(flow(name=f"ends by {name}")(function))
    assert (state.type, state.name, state.message) == (kind, state_name, message)
    run = api.flow_run(state)
    assert run.state is not None
    assert (run.state.id, run.state.type, run.state.name) == (state.id, kind, state_name)
    assert (run.state.message or None) == message
    assert run.run_count == 1
    assert run.start_time is not None
    assert run.end_time is not None


TASK_ENDINGS: list[tuple[str, Function, str, str, str | None]] = [
    ("value", lambda: 5, "COMPLETED", "Completed", None),
    ("error", raises, "FAILED", "Failed", "Task run raised LookupError: lost"),
    ("StopIteration", stops, "FAILED", "Failed", "Task run raised StopIteration: not mine"),
    ("named", lambda: Completed(name="Skipped", message="so"), "COMPLETED", "Skipped", "so"),
    ("failed", lambda: Failed(message='so "so" \\ ü'), "FAILED", "Failed", 'so "so" \\ ü'),
    ("cancelled", lambda: Cancelled(message="so"), "CANCELLED", "Cancelled", "so"),
]


def test_a_task_ends_in_the_state_that_its_function_decides(api: Api) -> None:
    states = []

    @flow
    def all_endings() -> None:
        for name, function, *_ in TASK_ENDINGS:
            states.append(ended(task(name=name)(function)))

    state = ended(all_endings)
    runs = api.task_runs(state, len(TASK_ENDINGS))
    for run, local, (name, _, kind, state_name, message) in zip(runs, states, TASK_ENDINGS, strict=True):
        assert run.name.startswith(name + "-")
        assert run.state is not None
        assert (run.state.type, run.state.name, run.state.message or None) == (kind, state_name, message)
        assert (local.type, local.name, local.message, local.id) == (kind, state_name, message, run.state_id)


def test_a_call_returns_the_value_or_raises_what_the_flow_raised(api: Api) -> None:
    error = LookupError("lost")

    @flow
    def same(value: object) -> object:
        if isinstance(value, Exception):
            raise value
        return value

    thing = object()
    assert same(thing) is thing
    with pytest.raises(LookupError) as caught:
        same(error)
    assert caught.value is error


@pytest.mark.parametrize(
    ("state", "error"),
    [
        (Failed(message="so"), FailedRun),
        (Crashed(message="so"), CrashedRun),
        (Cancelled(message="so"), CancelledRun),
        (Failed(data=KeyError("k")), KeyError),
    ],
)
def test_a_state_without_value_raises_when_the_value_is_asked_for(api: Api, state: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        flow(name="returns a state")(lambda: state)()


def test_arguments_that_do_not_fit_end_in_no_run_or_a_failed_run(api: Api) -> None:
    @flow
    def strict(number: int) -> int:
        return number

    assert strict("3") == 3  # type: ignore[call-overload]  # texts are coerced
    with pytest.raises(ParameterBindError, match="missing a required argument: 'number'"):
        strict()  # type: ignore[call-overload]  # the mistake under test
    state = ended(strict, "three")
    assert isinstance(state.result(raise_on_failure=False), ParameterTypeError)
    assert api.flow_run_states(state) == ["Pending", "Failed"]
    assert "number" in (api.flow_run(state).state.message or "")  # type: ignore[union-attr]  # it has a state


def test_a_flow_is_retried_by_the_server_s_decision(api: Api) -> None:
    calls: list[int] = []

    @flow(retries=2, retry_delay_seconds=0)
    def flaky() -> int:
        calls.append(1)
        if len(calls) < 3:
            raise ValueError("not yet")
        return len(calls)

    state = ended(flaky)
    assert state.result() == 3
    run = api.flow_run(state)
    assert run.run_count == 3
    names = api.flow_run_states(state)
    assert (names[0], names[-1], names.count("AwaitingRetry")) == ("Pending", "Completed", 2)


def test_a_flow_fails_when_no_retry_is_left(api: Api) -> None:
    @flow(retries=1)
    def never() -> None:
        raise ValueError("never")

    state = ended(never)
    assert state.is_failed()
    assert api.flow_run(state).run_count == 2


def test_an_exit_of_the_user_s_code_is_a_crash_and_goes_on(api: Api) -> None:
    seen = []

    @flow
    def leaves() -> None:
        from lictor.engine.context import FLOW

        context = FLOW.get()
        assert context is not None
        seen.append(context.run.id)
        raise SystemExit(3)

    with pytest.raises(SystemExit) as caught:
        leaves()
    assert caught.value.code == 3
    assert api.flow_run(seen[0]).state_name == "Crashed"


@pytest.mark.parametrize(
    ("made", "kind", "message"),
    [
        (Running(), "FAILED", "The flow returned a state that is RUNNING, though it is over."),
        (Scheduled(), "SCHEDULED", None),
    ],
)
def test_a_returned_state_that_is_not_the_end_does_not_run_the_flow_again(
    api: Api, made: State, kind: str, message: str | None
) -> None:
    calls = []

    @flow
    def returns() -> Any:
        calls.append(1)
        return made

    state = ended(returns)
    assert (state.type, state.message, len(calls)) == (kind, message, 1)
    with pytest.raises(UnfinishedRun):
        state.result()


def test_a_returned_generator_is_a_list_and_belongs_to_the_run(api: Api) -> None:
    @task
    def counts(up_to: int) -> Any:
        return (10 // (up_to - number) for number in range(3))

    @flow
    def several() -> Any:
        assert counts.submit(3).result() == [3, 5, 10]
        assert isinstance(ended(counts, 2).result(raise_on_failure=False), ZeroDivisionError)
        return (number for number in (1, 2))

    assert several() == [1, 2]


def test_states_are_awaited_compared_and_made_anew() -> None:
    failed = Failed(data="a text", name="Broken")
    assert asyncio.run(failed.aresult(raise_on_failure=False)) == "a text"
    assert isinstance(asyncio.run(aget_state_exception(failed)), FailedRun)
    with pytest.raises(FailedRun, match="a text"):
        asyncio.run(araise_state_exception(failed))
    with pytest.raises(ValueError, match="neither failed"):
        get_state_exception(Completed())
    copy = failed.fresh_copy(message="again")
    assert (copy.name, copy.message, copy.result(raise_on_failure=False)) == ("Broken", "again", "a text")
    assert len({failed, copy, failed}) == 2
    assert asyncio.run(get_state_result(Completed(data=3))) == 3


def test_callbacks_get_the_future_and_wait_names_what_is_done(api: Api) -> None:
    seen: list[object] = []

    @flow
    def waits() -> None:
        futures = one.map([1, 2])
        futures[0].add_done_callback(seen.append)
        found = wait(futures)
        assert (found.done, found.not_done) == (set(futures), set())
        assert found == (found.done, found.not_done)
        assert seen == [futures[0]]

    waits()
